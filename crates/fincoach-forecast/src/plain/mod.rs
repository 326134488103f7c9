//! Plain models: one column at a time, never failing.

mod ets;
mod habit;
mod intermittent;
mod nelder_mead;
mod past;
mod theta;

use fincoach_core::ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Error, FittedModel, Frequency, Outlook, Panel, PanelModel, Rule, Series};
use ets::{Ets, Form};
pub use intermittent::Demand;
pub(crate) use past::Past;

/// A model of one column that needs nothing but its past, and never fails.
///
/// A *season* is a week of days or a year of weeks. Where the past is too short (or has nothing to go by) the
/// next simpler model stands in, and the outlook names it.
///
/// | model | forecast | stands in under |
/// | --- | --- | --- |
/// | `Zero` | nothing | – |
/// | `Naive` | the last value | `Zero`, no value |
/// | `Drift` | the last value and the mean step so far | `Naive`, 2 values |
/// | `Mean { last }` | mean of the last values, 0 for all | `Zero`, no value |
/// | `SeasonalNaive` | the value a season before | `Mean`, one season |
/// | `SeasonMean { seasons }` | mean of that weekday over the last seasons, 0 for all | `Mean`, one season |
/// | `SeasonMedian { seasons }` | their median | `Mean`, one season |
/// | `MonthdayMean { months }` | mean of that day of the month | `Mean`, 31 days, or weeks |
/// | `Habit { days }` | level, weekday and due date, from the last days, 0 for all | `SeasonMean`, 56 days, or weeks |
/// | `Ses` | simple exponential smoothing, α of least squares | `Mean`, 3 values |
/// | `Holt` | with a damped trend | `Ses`, 6 values |
/// | `Ets` | additive errors; trend none or damped, season none, additive or multiplicative, by `AICc` | `Ses`, two seasons and 4 |
/// | `Theta` | θ = 2 on the series without its season | `Ses`, two seasons and 3 |
/// | `Croston`, `Sba`, `Tsb` | smoothed size and interval (probability) of values above zero | `Zero`, none above zero |
/// | `ByDemand` | `Tsb` for a series in which values are seldom ([`Demand`]), else `Ets` | as that model |
///
/// # Examples
/// ```
/// use fincoach_core::{chrono::NaiveDate, ndarray::Array2};
/// use fincoach_forecast::{FittedModel, Panel, PanelModel, Plain, Series};
/// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let spent = Array2::from_shape_fn((21, 1), |(day, _)| if day % 7 == 5 { 30.0 } else { 1.0 });
/// let anna = Series::new("anna", monday, spent)?;
/// let ben = Series::new("ben", monday, Array2::from_elem((3, 1), 2.0))?;
/// let panel = Panel::new(vec!["groceries".into()], vec![anna, ben])?;
/// let next = Plain::Ets.fit(&panel)?.forecast(&panel, 7)?;
/// assert!((next[0].points()[[5, 0]] - 30.0).abs() < 0.1);
/// // Three days tell no week: the forecast says who stood in.
/// assert_eq!((next[1].points()[[5, 0]], next[1].served_by()[0].as_str()), (2.0, "ses"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Plain {
    /// Nothing.
    Zero,
    /// The last value.
    Naive,
    /// The last value and the mean step so far for every step ahead.
    Drift,
    /// The mean of the last values.
    Mean {
        /// How many; 0 for all.
        last: usize,
    },
    /// The value a season before.
    SeasonalNaive,
    /// The mean at that place of the season.
    SeasonMean {
        /// Over how many seasons; 0 for all.
        seasons: usize,
    },
    /// The median at that place of the season.
    SeasonMedian {
        /// Over how many seasons; 0 for all.
        seasons: usize,
    },
    /// The mean on that day of the month.
    MonthdayMean {
        /// Over how many months; 0 for all.
        months: usize,
    },
    /// The level with the habits of weekdays and due dates.
    Habit {
        /// Over how many days; 0 for all.
        days: usize,
    },
    /// Simple exponential smoothing.
    Ses,
    /// A damped trend.
    Holt,
    /// The exponential smoothing of least `AICc`.
    Ets,
    /// The Theta method.
    Theta,
    /// Croston's method.
    Croston,
    /// Croston's method without its bias.
    Sba,
    /// Size times probability.
    Tsb,
    /// [`Plain::Tsb`] or [`Plain::Ets`], by the kind of the series.
    ByDemand,
}

impl Plain {
    /// The rules anybody could follow with pencil and paper, the simplest first: what a model has to beat.
    pub const RULES: [Self; 8] = [
        Self::Zero,
        Self::Naive,
        Self::Mean { last: 0 },
        Self::Mean { last: 28 },
        Self::SeasonalNaive,
        Self::SeasonMean { seasons: 0 },
        Self::SeasonMean { seasons: 8 },
        Self::MonthdayMean { months: 0 },
    ];

    /// The rules that no single day decides: fit to be served. `Naive` and `SeasonalNaive`, which repeat single days,
    /// may do well for years, until a car is bought and they expect one every day: to be scored, not to be served.
    pub const STEADY: [Self; 6] = [
        Self::Zero,
        Self::Mean { last: 0 },
        Self::Mean { last: 28 },
        Self::SeasonMean { seasons: 0 },
        Self::SeasonMean { seasons: 8 },
        Self::MonthdayMean { months: 0 },
    ];

    /// The classical methods beside the rules.
    pub const CLASSICAL: [Self; 6] =
        [Self::SeasonMedian { seasons: 8 }, Self::Ses, Self::Ets, Self::Theta, Self::Sba, Self::Tsb];

    /// The name in tables and files.
    #[must_use]
    pub fn name(&self) -> String {
        let counted = |name: &str, n: usize| match n {
            0 => name.to_owned(),
            n => format!("{name}_{n}"),
        };
        match *self {
            Self::Mean { last } => counted("mean", last),
            Self::SeasonMean { seasons } => counted("season_mean", seasons),
            Self::SeasonMedian { seasons } => counted("season_median", seasons),
            Self::MonthdayMean { months } => counted("monthday_mean", months),
            Self::Habit { days } => counted("habit", days),
            Self::Zero => "zero".to_owned(),
            Self::Naive => "naive".to_owned(),
            Self::Drift => "drift".to_owned(),
            Self::SeasonalNaive => "seasonal_naive".to_owned(),
            Self::Ses => "ses".to_owned(),
            Self::Holt => "holt".to_owned(),
            Self::Ets => "ets".to_owned(),
            Self::Theta => "theta".to_owned(),
            Self::Croston => "croston".to_owned(),
            Self::Sba => "sba".to_owned(),
            Self::Tsb => "tsb".to_owned(),
            Self::ByDemand => "by_demand".to_owned(),
        }
    }

    /// The forecast of one column, and the model that gave it.
    pub(crate) fn path(self, past: &Past<'_>, horizon: usize) -> (Vec<f64>, Self) {
        match self.attempt(past, horizon) {
            Some(path) if path.iter().all(|value| value.is_finite()) => (path, self),
            _ => self.simpler().path(past, horizon),
        }
    }

    /// The model that stands in.
    const fn simpler(self) -> Self {
        match self {
            Self::Drift => Self::Naive,
            Self::Habit { .. } => Self::SeasonMean { seasons: 0 },
            Self::Ets | Self::Theta | Self::Holt | Self::ByDemand => Self::Ses,
            Self::SeasonalNaive
            | Self::SeasonMean { .. }
            | Self::SeasonMedian { .. }
            | Self::MonthdayMean { .. }
            | Self::Ses => Self::Mean { last: 0 },
            _ => Self::Zero,
        }
    }

    fn attempt(self, past: &Past<'_>, horizon: usize) -> Option<Vec<f64>> {
        let (n, season) = (past.n(), past.frequency.season());
        let each = |value: &dyn Fn(usize) -> f64| (0..horizon).map(value).collect();
        let flat = |value: f64| vec![value; horizon];
        let last = past.values.last().copied();
        match self {
            Self::Zero => Some(flat(0.0)),
            Self::Naive => last.map(flat),
            Self::Drift => {
                let step =
                    (last? - past.values.first()?) / real(n.checked_sub(1).filter(|steps| *steps > 0)?);
                last.map(|last| each(&|ahead| last + step * real(ahead + 1)))
            }
            Self::Mean { last } => (n > 0).then(|| flat(past.mean(last))),
            Self::SeasonalNaive => (n >= season).then(|| each(&|ahead| past.season_mean(ahead, 1))),
            Self::SeasonMean { seasons } => {
                (n >= season).then(|| each(&|ahead| past.season_mean(ahead, seasons)))
            }
            Self::SeasonMedian { seasons } => {
                (n >= season).then(|| each(&|ahead| past.season_median(ahead, seasons)))
            }
            Self::MonthdayMean { months } => {
                let possible = n >= 31 && past.frequency == Frequency::Daily;
                possible.then(|| each(&|ahead| past.monthday_mean(ahead, months)))
            }
            Self::Habit { days } => habit::habit(past, days, horizon),
            Self::Ses => (n >= 3).then(|| Ets::fit(past.values, 1, Form::LEVEL).forecast(horizon)),
            Self::Holt => (n >= 6).then(|| Ets::fit(past.values, 1, Form::DAMPED).forecast(horizon)),
            Self::Ets => Ets::best(past.values, season).map(|ets| ets.forecast(horizon)),
            Self::Theta => theta::theta(past.values, season, horizon),
            Self::Croston => intermittent::croston(past.values).map(flat),
            Self::Sba => intermittent::sba(past.values).map(flat),
            Self::Tsb => intermittent::tsb(past.values).map(flat),
            Self::ByDemand if Demand::of(past.values).is_intermittent() => Self::Tsb.attempt(past, horizon),
            Self::ByDemand => Self::Ets.attempt(past, horizon),
        }
    }

    /// The forecast of a series, column by column, and of its total.
    pub(crate) fn outlook(self, series: &Series, n_targets: usize, horizon: usize) -> Outlook {
        let mut points = Array2::zeros((horizon, n_targets));
        let mut used = Vec::with_capacity(n_targets);
        for (place, mut column) in points.columns_mut().into_iter().enumerate() {
            let values = series.target(place);
            let past = Past { start: series.start(), frequency: series.frequency(), values: &values };
            let (path, by) = self.path(&past, horizon);
            for (cell, value) in column.iter_mut().zip(path) {
                *cell = value;
            }
            used.push(by);
        }
        let mut outlook = Outlook::new(series, points, &self.name());
        for (place, by) in used.into_iter().enumerate().filter(|(_, by)| *by != self) {
            outlook = outlook.with_stand_in(place, &by.name());
        }
        outlook
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of values")]
const fn real(n: usize) -> f64 {
    n as f64
}

impl PanelModel for Plain {
    fn name(&self) -> String {
        Self::name(self)
    }

    fn fit(&self, _: &Panel) -> Result<Box<dyn FittedModel>, Error> {
        Ok(Box::new(*self))
    }

    fn is_local(&self) -> bool {
        true
    }
}

impl FittedModel for Plain {
    fn forecast(&self, past: &Panel, horizon: usize) -> Result<Vec<Outlook>, Error> {
        let n_targets = past.n_targets();
        Ok(past.series().par_iter().map(|series| self.outlook(series, n_targets, horizon)).collect())
    }
}

impl From<Rule> for Plain {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::Zero => Self::Zero,
            Rule::Mean => Self::Mean { last: 0 },
            Rule::LastWeek => Self::Mean { last: 7 },
            Rule::SeasonalNaive => Self::SeasonalNaive,
            Rule::WeekdayMean => Self::SeasonMean { seasons: 0 },
        }
    }
}

#[cfg(test)]
mod tests;
