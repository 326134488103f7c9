//! Intervals that are calibrated anew as time goes on, and learn from how often they held.

use std::ops::Range;

use fincoach_core::DataError;

use super::tally::Tally;
use super::{Conformal, ConformalParams, Coverage};
use crate::{Backtest, Error};

/// How far from a level may be aimed, as a share of what it leaves outside: 80 % may aim at 60 to 99 %.
const WIDEST: f64 = 0.05;
const NARROWEST: f64 = 2.0;

/// An aim above that widens the intervals beyond all errors seen, one below narrows them, by `exp` of this times what is
/// above or below; at most so far.
const STRETCH: f64 = 5.0;
const FARTHEST: f64 = 0.4;

/// Values from which intervals are first calibrated.
const FEWEST: usize = 20;

/// What comes of following a back-test through time.
#[derive(Clone, Debug, PartialEq)]
pub struct Followed {
    conformal: Conformal,
    aims: Vec<f64>,
    coverage: Vec<Coverage>,
}

impl Followed {
    /// The intervals of the days after the back-test.
    #[must_use]
    pub const fn conformal(&self) -> &Conformal {
        &self.conformal
    }

    /// Per level and target, the level that the intervals aim at in order to hold what they should.
    #[must_use]
    pub fn aims(&self) -> &[f64] {
        &self.aims
    }

    /// How often the intervals held what came, over the origins that were judged.
    #[must_use]
    pub fn coverage(&self) -> &[Coverage] {
        &self.coverage
    }

    pub(crate) fn into_conformal(self) -> Conformal {
        self.conformal
    }
}

impl ConformalParams {
    /// Intervals as somebody sees them who follows the forecasts through time.
    ///
    /// At every origin they are calibrated from the latest `window` origins whose last step had come by then. Where
    /// they held too little of an origin's days, those after aim higher, where they held more, lower: the aim of
    /// a level and target moves by `rate·(level − share held)` once an origin's days have come (adaptive
    /// conformal inference, Gibbs and Candès 2021). With it the share held tends to the level in the long run,
    /// whatever the habits do. Of past errors no less than a twentieth of what the level leaves outside is left outside, no more than
    /// twice that; an aim above widens intervals beyond all errors seen, one below narrows them further. It is not lowered while most intervals are
    /// zero alone.
    ///
    /// Judged are the origins in `judged`, counted as in [`Backtest::origins`], from the first that has 20 values of a
    /// target before it; what no judged origin has is left out of the coverage.
    ///
    /// # Errors
    /// As [`ConformalParams::calibrate`].
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{chrono::NaiveDate, ndarray::Array2, rng::stream};
    /// use fincoach_forecast::{BacktestParams, ConformalParams, Panel, Plain, Series};
    /// let monday = NaiveDate::from_ymd_opt(2022, 1, 3).unwrap();
    /// let mut rng = stream(1, 0);
    /// // Days vary more and more: what was calibrated once is soon too narrow.
    /// let spent = Array2::from_shape_fn((900, 1), |(day, _)| 500.0 + (5.0 + day as f64 / 9.0) * rng.normal());
    /// let panel = Panel::new(vec!["all".into()], vec![Series::new("anna", monday, spent)?])?;
    /// let params = BacktestParams::default().with_horizon(7).with_step(7).with_n_origins(110);
    /// let backtest = params.run(&panel, &[&Plain::Mean { last: 28 }])?;
    /// let followed = ConformalParams::default().follow(&backtest, "mean_28", 30..110)?;
    /// assert!(followed.coverage()[0].off().abs() < 0.03);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn follow(&self, backtest: &Backtest, model: &str, judged: Range<usize>) -> Result<Followed, Error> {
        let backtest = backtest.only(model)?;
        self.follow_changing(&backtest, |_, past| Ok(backtest.from_origins(past)), judged)
    }

    /// The same of a model that changes: `of` gives the errors in some past origins of the model that forecasts at an origin
    /// (after the last origin: that of the days to come). `backtest` and these have one model.
    pub(crate) fn follow_changing(
        &self,
        backtest: &Backtest,
        of: impl Fn(usize, Range<usize>) -> Result<Backtest, Error>,
        judged: Range<usize>,
    ) -> Result<Followed, Error> {
        self.check()?;
        let wait = backtest.wait();
        let mut aims = Aims::new(self, backtest.targets.len());
        let n = backtest.origins.len();
        let mut held: Vec<Vec<Tally>> = Vec::with_capacity(n);
        let mut sums = vec![Tally::default(); aims.now.len()];
        for origin in 0..n {
            let known = (origin + 1).saturating_sub(wait);
            if let Some(last) = known.checked_sub(1) {
                aims.learn(self, &held[last]);
            }
            let today = backtest.from_origins(origin..origin + 1);
            let mut tallies = Vec::new();
            if !today.blocks.is_empty() {
                let past = of(origin, known.saturating_sub(self.window)..known)?;
                if past.n_values() >= FEWEST {
                    tallies = self.calibrate_to(&past, 0, &aims.now)?.tallies(&today, 0);
                }
            }
            if judged.contains(&origin) {
                sums.iter_mut().zip(&tallies).for_each(|(sum, more)| sum.add_all(more));
            }
            held.push(tallies);
        }
        held.iter().skip(n.saturating_sub(wait)).for_each(|last| aims.learn(self, last));
        let conformal = self.calibrate_to(&of(n, n.saturating_sub(self.window)..n)?, 0, &aims.now)?;
        let judged = sums.iter().enumerate().filter(|(_, tally)| tally.n > 0);
        let coverage = judged.map(|(at, tally)| conformal.coverage_of(at, tally));
        let coverage = coverage.collect::<Result<_, _>>()?;
        Ok(Followed { conformal, aims: aims.now, coverage })
    }

    /// [`ConformalParams::follow`] without learning from how often intervals held: calibrated anew at every origin
    /// from exactly `window` origins; those before the first with as many are not judged.
    ///
    /// # Errors
    /// As there; [`DataError::Empty`] where nothing is judged.
    pub fn rolling_coverage(
        &self,
        backtest: &Backtest,
        model: &str,
        window: usize,
    ) -> Result<Vec<Coverage>, Error> {
        let first = (window + backtest.wait()).saturating_sub(1);
        let params = self.clone().with_window(window).with_rate(0.0);
        let coverage = params.follow(backtest, model, first..backtest.origins.len())?.coverage;
        if coverage.is_empty() {
            return Err(DataError::Empty { what: "forecasts" }.into());
        }
        Ok(coverage)
    }
}

impl Backtest {
    /// Values of one series and target that share days with one another: above 1 for sums from origins nearer than the
    /// horizon.
    #[expect(clippy::cast_precision_loss, reason = "numbers of days")]
    pub(super) fn overlap(&self) -> f64 {
        let n_rows = self.blocks.first().map_or(1, |block| block.actual.nrows());
        let alone = n_rows * self.params.step();
        (self.params.horizon() as f64 / alone.max(1) as f64).max(1.0)
    }

    /// Values of one target.
    fn n_values(&self) -> usize {
        self.blocks.iter().map(|block| block.actual.nrows()).sum()
    }
}

/// The lowest level that errors of the past are asked for.
fn bottom(level: f64) -> f64 {
    1.0 - NARROWEST * (1.0 - level)
}

/// The highest level that errors of the past are asked for.
fn top(level: f64) -> f64 {
    1.0 - WIDEST * (1.0 - level)
}

/// What of an aim errors of the past can give, and by how much the rest widens or narrows.
pub(super) fn within_reach(level: f64, aim: f64) -> (f64, f64) {
    let within = aim.clamp(bottom(level), top(level));
    (within, (STRETCH * (aim - within)).exp())
}

/// What is aimed at, per level and target.
struct Aims {
    levels: Vec<f64>,
    now: Vec<f64>,
}

impl Aims {
    fn new(params: &ConformalParams, n_targets: usize) -> Self {
        let levels = params.aims(n_targets);
        Self { now: levels.clone(), levels }
    }

    fn learn(&mut self, params: &ConformalParams, held: &[Tally]) {
        for ((now, level), tally) in self.now.iter_mut().zip(&self.levels).zip(held) {
            let aim = *now + params.rate * tally.missing(*level);
            *now = aim.clamp(bottom(*level) - FARTHEST, top(*level) + FARTHEST);
        }
    }
}
