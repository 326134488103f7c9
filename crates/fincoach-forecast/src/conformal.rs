//! Intervals from errors of the past.

mod follow;
mod saved;
mod tally;

use fincoach_core::ndarray::Array2;
use fincoach_core::{DataError, ParamError};
use serde::{Deserialize, Serialize};

use crate::backtest::{Block, Said};
use crate::scale::Scales;
use crate::{Backtest, Error, Outlook, Panel};

pub use follow::Followed;
pub use tally::Coverage;

/// Halvings of the search for the share that is cut off each tail.
const HALVINGS: usize = 30;

/// Whether an interval reaches as far below the forecast as above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sides {
    /// As far below as above.
    Symmetric,
    /// Each side as far as the errors of that side.
    #[default]
    Asymmetric,
}

/// How intervals are calibrated.
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `levels` | 0.8, 0.95 | in (0, 1) | shares of values that should lie within |
/// | `sides` | asymmetric | – | see [`Sides`] |
/// | `least` | 60 | at least 1 | errors a group needs for a calibration of its own; else it joins a wider one |
/// | `per_series` | no | – | a series with enough errors of its own is calibrated by them |
/// | `window` | 52 | at least 1 | latest origins that [`ConformalParams::follow`] calibrates by |
/// | `rate` | 0.1 | [0, 1) | how far one origin moves the level that it aims at; 0: not at all |
///
/// # Examples
/// ```
/// use fincoach_core::{chrono::NaiveDate, ndarray::Array2, rng::stream};
/// use fincoach_forecast::{BacktestParams, ConformalParams, FittedModel, Panel, PanelModel, Plain, Series};
/// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let mut rng = stream(1, 0);
/// let spent = Array2::from_shape_fn((400, 1), |_| 100.0 + 10.0 * rng.normal());
/// let panel = Panel::new(vec!["all".into()], vec![Series::new("anna", monday, spent)?])?;
/// let model = Plain::Mean { last: 0 };
/// let backtest = BacktestParams::default().with_horizon(7).with_step(7).with_n_origins(40).run(&panel, &[&model])?;
/// let conformal = ConformalParams::default().calibrate(&backtest, "mean")?;
/// let outlook = model.fit(&panel)?.forecast(&panel, 7)?;
/// let bands = conformal.bands(&panel, &outlook)?;
/// // 80 % of normal errors lie within 1.28 standard deviations.
/// let half = (bands[0][0].high[[0, 0]] - bands[0][0].low[[0, 0]]) / 2.0;
/// assert!((half - 12.8).abs() < 2.5, "{half}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConformalParams {
    levels: Vec<f64>,
    sides: Sides,
    least: usize,
    per_series: bool,
    window: usize,
    rate: f64,
}

impl Default for ConformalParams {
    fn default() -> Self {
        let levels = vec![0.8, 0.95];
        Self { levels, sides: Sides::Asymmetric, least: 60, per_series: false, window: 52, rate: 0.1 }
    }
}

impl ConformalParams {
    /// Sets `levels`.
    #[must_use]
    pub fn with_levels(mut self, levels: Vec<f64>) -> Self {
        self.levels = levels;
        self
    }

    /// Sets `sides`.
    #[must_use]
    pub const fn with_sides(mut self, sides: Sides) -> Self {
        self.sides = sides;
        self
    }

    /// Sets `least`.
    #[must_use]
    pub const fn with_least(mut self, least: usize) -> Self {
        self.least = least;
        self
    }

    /// Calibrates every series with enough errors by itself.
    #[must_use]
    pub const fn per_series(mut self) -> Self {
        self.per_series = true;
        self
    }

    /// Sets `window`.
    #[must_use]
    pub const fn with_window(mut self, window: usize) -> Self {
        self.window = window;
        self
    }

    /// Sets `rate`.
    #[must_use]
    pub const fn with_rate(mut self, rate: f64) -> Self {
        self.rate = rate;
        self
    }

    fn check(&self) -> Result<(), ParamError> {
        for level in &self.levels {
            ParamError::ensure(*level > 0.0 && *level < 1.0, "levels", "in (0, 1)", *level)?;
        }
        ParamError::ensure(self.least >= 1, "least", "at least 1", self.least)?;
        ParamError::ensure(self.window >= 1, "window", "at least 1", self.window)?;
        ParamError::ensure((0.0..1.0).contains(&self.rate), "rate", "in [0, 1)", self.rate)
    }

    /// Intervals around the forecasts of a model, from its errors in a back-test.
    ///
    /// Split conformal prediction: an error (of what came, cut to what was usual as in [`Backtest::tamed`]) is divided by the
    /// spread of its series' past; of the errors of a
    /// group those ends are taken between which the share `⌈(n + 1)·level⌉/n` of what came lies, **after**
    /// amounts below zero were made zero. Where zeros are as many as would be missed below, the lower end is zero for
    /// all and all misses are left to the upper side. For a model with quantiles the nearest pair of them takes the place of the forecast, and is
    /// widened or narrowed (conformalised quantile regression, Romano and others 2019). A group is a
    /// target and a step ahead; with fewer errors than `least` the week ahead, then all steps of the target.
    ///
    /// # Errors
    /// [`Error::Param`]; [`Error::Data`] for an unknown model or a back-test without forecasts.
    pub fn calibrate(&self, backtest: &Backtest, model: &str) -> Result<Conformal, Error> {
        self.check()?;
        self.calibrate_to(backtest, backtest.model(model)?, &self.aims(backtest.targets.len()))
    }

    /// The level itself for each level and target.
    fn aims(&self, n_targets: usize) -> Vec<f64> {
        self.levels.iter().flat_map(|level| vec![*level; n_targets]).collect()
    }

    /// The same with a level to aim at for each level and target.
    fn calibrate_to(&self, backtest: &Backtest, model: usize, aims: &[f64]) -> Result<Conformal, Error> {
        let Some(first) = backtest.blocks.first() else {
            return Err(DataError::Empty { what: "forecasts" }.into());
        };
        let horizon = first.actual.nrows();
        let n_targets = backtest.targets.len();
        let mut margins = Vec::with_capacity(self.levels.len() * n_targets * horizon);
        let mut own = Vec::new();
        for (level, aims) in self.levels.iter().zip(aims.chunks(n_targets)) {
            for (place, aim) in aims.iter().enumerate() {
                margins.extend(self.margins(backtest, (model, place), [*level, *aim]));
            }
            own.extend(self.own_margins(backtest, model, (*level, aims)));
        }
        let (levels, targets) = (self.levels.clone(), backtest.targets.clone());
        Ok(Conformal { levels, targets, horizon, margins, own, users: backtest.users.clone() })
    }

    /// The margins of one target at every step ahead: from the errors at that step, or of as many steps as it
    /// takes to have enough.
    fn margins(&self, backtest: &Backtest, model: (usize, usize), [level, aim]: [f64; 2]) -> Vec<Margin> {
        let (blocks, overlap) = (&backtest.blocks[..], backtest.overlap());
        let horizon = blocks.first().map_or(0, |block| block.actual.nrows());
        let seen = |ahead: usize| blocks.iter().filter(|block| block.observed[[ahead, model.1]]).count();
        let seen: Vec<usize> = (0..horizon).map(seen).collect();
        let mut of_steps: Vec<(std::ops::Range<usize>, Margin)> = Vec::new();
        let margin = |ahead: usize| {
            let steps = self.steps(&seen, ahead);
            if let Some((_, found)) = of_steps.iter().find(|(range, _)| *range == steps) {
                return *found;
            }
            let points: Vec<Point> =
                blocks.iter().flat_map(|block| Point::of(block, model, steps.clone(), level)).collect();
            let (aim, factor) = follow::within_reach(level, aim);
            let margin = self.margin(&points, (aim, overlap)).stretched(factor);
            of_steps.push((steps, margin));
            margin
        };
        (0..horizon).map(margin).collect()
    }

    /// One step ahead, the week around it or all steps: the first with enough of the values seen at each step.
    fn steps(&self, seen: &[usize], ahead: usize) -> std::ops::Range<usize> {
        let week = ahead / 7 * 7;
        let near = [ahead..ahead + 1, week..(week + 7).min(seen.len())];
        let has_enough =
            |steps: &std::ops::Range<usize>| seen[steps.clone()].iter().sum::<usize>() >= self.least;
        near.into_iter().find(has_enough).unwrap_or(0..seen.len())
    }

    /// Per series and target, the margin of its own errors over all steps, where there are enough.
    fn own_margins(
        &self,
        backtest: &Backtest,
        model: usize,
        (level, aims): (f64, &[f64]),
    ) -> Vec<Option<Margin>> {
        let n_targets = backtest.targets.len();
        let mut points: Vec<Vec<Point>> = vec![Vec::new(); backtest.users.len() * n_targets];
        if self.per_series {
            for block in &backtest.blocks {
                for place in 0..n_targets {
                    let steps = 0..block.actual.nrows();
                    points[block.series * n_targets + place].extend(Point::of(
                        block,
                        (model, place),
                        steps,
                        level,
                    ));
                }
            }
        }
        let margin = |(at, points): (usize, &Vec<Point>)| {
            let (aim, factor) = follow::within_reach(level, aims[at % n_targets]);
            (points.len() >= self.least).then(|| self.margin(points, (aim, 1.0)).stretched(factor))
        };
        points.iter().enumerate().map(margin).collect()
    }

    fn margin(&self, points: &[Point], (level, overlap): (f64, f64)) -> Margin {
        let mut above: Vec<f64> =
            points.iter().map(|point| (point.actual - point.high) / point.spread).collect();
        let mut below: Vec<f64> =
            points.iter().map(|point| (point.low - point.actual) / point.spread).collect();
        above.sort_unstable_by(f64::total_cmp);
        below.sort_unstable_by(f64::total_cmp);
        let needed = needed(points.len(), level, overlap);
        let zeros = points.iter().filter(|point| point.actual == 0.0).count();
        // One of the lower ends that are left outside would be a zero: none is.
        let to_zero = zeros > 0 && 2 * zeros >= points.len() - needed;
        let at = |tail: f64| match self.sides {
            Sides::Symmetric => {
                let both = (0..points.len()).map(|place| points[place].distance());
                let mut both: Vec<f64> = both.collect();
                both.sort_unstable_by(f64::total_cmp);
                let margin = upper(&both, 2.0 * tail);
                Margin { below: Some(margin), above: margin }
            }
            // Some are missed above alone, so the share above may be twice that of a side.
            Sides::Asymmetric if to_zero => Margin { below: None, above: upper(&above, 2.0 * tail) },
            Sides::Asymmetric => Margin { below: Some(upper(&below, tail)), above: upper(&above, tail) },
        };
        let is_wide_enough =
            |margin: &Margin| points.iter().filter(|point| point.is_within(margin)).count() >= needed;
        let (mut wide, mut narrow) = (0.0, 0.5);
        for _ in 0..HALVINGS {
            let tail = f64::midpoint(wide, narrow);
            if is_wide_enough(&at(tail)) { wide = tail } else { narrow = tail }
        }
        at(wide)
    }
}

/// How many of `n` values have to lie within: `⌈(n + overlap)·level⌉`, at most all.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count"
)]
fn needed(n: usize, level: f64, overlap: f64) -> usize {
    (((n as f64 + overlap) * level).ceil() as usize).min(n)
}

/// The value that a share of sorted values exceeds.
fn upper(sorted: &[f64], share: f64) -> f64 {
    crate::backtest::quantile(sorted, 1.0 - share).unwrap_or(0.0)
}

/// How far an interval reaches beyond the forecast (or the pair of quantiles), in spreads of the series.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Margin {
    /// `None` reaches down to zero.
    below: Option<f64>,
    above: f64,
}

impl Margin {
    /// What reaches outwards reaches further.
    fn stretched(self, factor: f64) -> Self {
        let outwards = |margin: f64| if margin > 0.0 { factor * margin } else { margin };
        Self { below: self.below.map(outwards), above: outwards(self.above) }
    }

    fn ends(&self, low: f64, high: f64, spread: f64) -> (f64, f64) {
        let low = self.below.map_or(0.0, |below| low - below * spread);
        let high = high + self.above * spread;
        // Quantiles narrowed too far would cross.
        let middle = f64::midpoint(low, high);
        (low.min(middle).max(0.0), high.max(middle).max(0.0))
    }
}

/// What came, beside what an interval starts from.
#[derive(Clone, Copy, Debug)]
struct Point {
    actual: f64,
    low: f64,
    high: f64,
    spread: f64,
}

impl Point {
    fn of(
        block: &Block,
        (model, place): (usize, usize),
        steps: std::ops::Range<usize>,
        level: f64,
    ) -> Vec<Self> {
        let seen = steps.filter(|ahead| block.observed[[*ahead, place]]);
        seen.map(|ahead| {
            let (low, high) = core(&block.said[model], (ahead, place), level);
            let spread = block.spread[place];
            // How large a value was that comes once in years says nothing of those to come.
            let actual = block.usual[[ahead, place]];
            Self { actual, low, high, spread }
        })
        .collect()
    }

    fn distance(&self) -> f64 {
        (self.actual - self.high).max(self.low - self.actual) / self.spread
    }

    fn is_within(&self, margin: &Margin) -> bool {
        let (low, high) = margin.ends(self.low, self.high, self.spread);
        (low..=high).contains(&self.actual)
    }
}

/// What an interval starts from: the point, or the pair of quantiles of the nearest level.
fn core(said: &Said, at: (usize, usize), level: f64) -> (f64, f64) {
    core_of(&said.points, &said.quantiles, at, level)
}

fn core_of(
    points: &Array2<f64>,
    quantiles: &[(f64, Array2<f64>)],
    at: (usize, usize),
    level: f64,
) -> (f64, f64) {
    let near = |tail: f64| {
        quantiles.iter().min_by(|a, b| (a.0 - tail).abs().total_cmp(&(b.0 - tail).abs())).map(|one| one.1[at])
    };
    let tail = (1.0 - level) / 2.0;
    match (near(tail), near(1.0 - tail)) {
        (Some(low), Some(high)) if low <= high => (low, high),
        _ => (points[at], points[at]),
    }
}

/// Calibrated intervals of one model, from [`ConformalParams::calibrate`] or [`ConformalParams::follow`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "saved::Repr", into = "saved::Repr")]
pub struct Conformal {
    levels: Vec<f64>,
    targets: Vec<String>,
    users: Vec<String>,
    horizon: usize,
    /// By level, target and step.
    margins: Vec<Margin>,
    /// By level, user and target.
    own: Vec<Option<Margin>>,
}

/// Lower and upper ends of one level, each `(horizon, n_targets)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Band {
    /// The share of values that should lie within.
    pub level: f64,
    /// Lower ends, at least 0.
    pub low: Array2<f64>,
    /// Upper ends.
    pub high: Array2<f64>,
}

impl Conformal {
    /// The levels, in the order of the bands.
    #[must_use]
    pub fn levels(&self) -> &[f64] {
        &self.levels
    }

    /// The targets, in the order of the columns of the bands.
    #[must_use]
    pub fn targets(&self) -> &[String] {
        &self.targets
    }

    /// The intervals of outlooks made from `past`: per outlook one band per level.
    ///
    /// # Errors
    /// [`Error::Horizon`] for outlooks over more steps than were calibrated; [`Error::Data`] for other
    /// targets or outlooks of another panel.
    pub fn bands(&self, past: &Panel, outlooks: &[Outlook]) -> Result<Vec<Vec<Band>>, Error> {
        DataError::ensure_len("outlooks of a panel", past.n_users(), outlooks.len())?;
        let scales = Scales::of(past);
        let bands = |(place, outlook): (usize, &Outlook)| {
            let points = outlook.points().to_owned();
            DataError::ensure_len("targets of an outlook", self.targets.len(), points.ncols())?;
            if points.nrows() > self.horizon {
                return Err(Error::Horizon { asked: points.nrows(), fitted: self.horizon });
            }
            let user = self.users.iter().position(|user| user == outlook.user());
            let ends = |level: usize, at: (usize, usize)| {
                let (low, high) = core_of(&points, outlook.quantiles(), at, self.levels[level]);
                self.margin(level, at, user).ends(low, high, scales.spread(place)[at.1])
            };
            let band = |level: usize| Band {
                level: self.levels[level],
                low: Array2::from_shape_fn(points.dim(), |at| ends(level, at).0),
                high: Array2::from_shape_fn(points.dim(), |at| ends(level, at).1),
            };
            Ok((0..self.levels.len()).map(band).collect())
        };
        outlooks.iter().enumerate().map(bands).collect()
    }

    /// Steps that were calibrated.
    pub(crate) const fn horizon(&self) -> usize {
        self.horizon
    }

    fn margin(&self, level: usize, (ahead, place): (usize, usize), user: Option<usize>) -> Margin {
        let own =
            user.and_then(|user| self.own[(level * self.users.len() + user) * self.targets.len() + place]);
        own.unwrap_or(self.margins[(level * self.targets.len() + place) * self.horizon + ahead])
    }
}
