//! How often intervals held what came.

use fincoach_core::DataError;
use serde::{Deserialize, Serialize};

use super::{Conformal, core};
use crate::Backtest;

/// How often values lay within.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Coverage {
    /// The category or `total`.
    pub target: String,
    /// The share that should.
    pub level: f64,
    /// The share that did.
    pub covered: f64,
    /// The share of values that are 0.
    pub zeros: f64,
    /// What intervals of zero alone cover above the level, as a share of all values: they cannot be narrowed.
    pub ties: f64,
    /// Mean width.
    pub width: f64,
    /// Mean interval score, `width + 2/(1 - level)·(distance outside)` (Gneiting and Raftery 2007).
    pub score: f64,
    /// Values looked at.
    pub n: usize,
}

impl Coverage {
    /// How far the share that lay within is off what it should be, above 0 for too many: ties are allowed for.
    ///
    /// Zeros are ties. Where more than the level of what comes is 0, the narrowest closed interval, zero alone, holds
    /// all of them; no closed interval could hold some. So a share of up to `zeros`, or of `ties` above the level, is not too
    /// much.
    #[must_use]
    pub fn off(&self) -> f64 {
        self.covered - self.covered.clamp(self.level, self.zeros.max(self.level + self.ties).max(self.level))
    }
}

impl Conformal {
    /// How often these intervals held what came in another back-test of the same model, per level and target.
    ///
    /// # Errors
    /// [`DataError::UnknownName`] for an unknown model, [`DataError::Length`] for other targets,
    /// [`DataError::Empty`] without forecasts.
    pub fn coverage(&self, backtest: &Backtest, model: &str) -> Result<Vec<Coverage>, DataError> {
        let model = backtest.model(model)?;
        DataError::ensure_len("targets of a back-test", self.targets.len(), backtest.targets.len())?;
        let tallies = self.tallies(backtest, model);
        tallies.iter().enumerate().map(|(at, tally)| self.coverage_of(at, tally)).collect()
    }

    /// The tally of a level and target as it is told.
    pub(super) fn coverage_of(&self, at: usize, tally: &Tally) -> Result<Coverage, DataError> {
        let n_targets = self.targets.len();
        tally.coverage(&self.targets[at % n_targets], self.levels[at / n_targets])
    }

    /// Every value of a back-test in the tally of its level and target.
    pub(super) fn tallies(&self, backtest: &Backtest, model: usize) -> Vec<Tally> {
        let tally = |at: usize| {
            let (at_level, place) = (at / self.targets.len(), at % self.targets.len());
            let level = self.levels[at_level];
            let mut tally = Tally::default();
            for block in &backtest.blocks {
                for ahead in (0..block.actual.nrows()).filter(|ahead| block.observed[[*ahead, place]]) {
                    let (low, high) = core(&block.said[model], (ahead, place), level);
                    let step = ahead.min(self.horizon - 1);
                    let margin = self.margin(at_level, (step, place), Some(block.series));
                    let ends = margin.ends(low, high, block.spread[place]);
                    tally.add(block.actual[[ahead, place]], ends, level);
                }
            }
            tally
        };
        (0..self.levels.len() * self.targets.len()).map(tally).collect()
    }
}

/// Running sums of a coverage.
#[derive(Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) n: usize,
    covered: usize,
    zeros: usize,
    /// Intervals of zero alone, and those of them that held what came.
    alone: usize,
    alone_covered: usize,
    width: f64,
    score: f64,
}

impl Tally {
    fn add(&mut self, actual: f64, (low, high): (f64, f64), level: f64) {
        let outside = (low - actual).max(actual - high).max(0.0);
        self.n += 1;
        self.covered += usize::from(outside == 0.0);
        self.zeros += usize::from(actual == 0.0);
        self.alone += usize::from(high == 0.0);
        self.alone_covered += usize::from(high == 0.0 && outside == 0.0);
        self.width += high - low;
        self.score += high - low + 2.0 / (1.0 - level) * outside;
    }

    pub(super) fn add_all(&mut self, more: &Self) {
        self.n += more.n;
        self.covered += more.covered;
        self.zeros += more.zeros;
        self.alone += more.alone;
        self.alone_covered += more.alone_covered;
        self.width += more.width;
        self.score += more.score;
    }

    /// By how much less than the level lay within; 0 where too much did and most intervals are zero alone, so
    /// that they cannot be narrowed.
    #[expect(clippy::cast_precision_loss, reason = "numbers of forecasts")]
    pub(super) fn missing(&self, level: f64) -> f64 {
        if self.n == 0 {
            return 0.0;
        }
        let missing = level - self.covered as f64 / self.n as f64;
        if 2 * self.alone > self.n { missing.max(0.0) } else { missing }
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of forecasts")]
    fn coverage(&self, target: &str, level: f64) -> Result<Coverage, DataError> {
        if self.n == 0 {
            return Err(DataError::Empty { what: "forecasts" });
        }
        let n = self.n as f64;
        let (covered, zeros) = (self.covered as f64 / n, self.zeros as f64 / n);
        let ties = (self.alone_covered as f64 - level * self.alone as f64).max(0.0) / n;
        let (target, width, score) = (target.to_owned(), self.width / n, self.score / n);
        Ok(Coverage { target, level, covered, zeros, ties, width, score, n: self.n })
    }
}
