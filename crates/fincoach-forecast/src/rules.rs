//! Plain rules: the forecasts any model has to beat.

use fincoach_core::ndarray::{Array1, Array2, Axis, Slice};
use serde::{Deserialize, Serialize};

use crate::slicing::rows;
use crate::{DayForecasts, Error, Forecaster, History, Method};

/// Days of a week.
pub(crate) const WEEK: usize = 7;

/// A forecast that needs no training.
///
/// | rule | forecast of the day `h` days ahead | falls back to |
/// | --- | --- | --- |
/// | [`Rule::Zero`] | nothing is spent | – |
/// | [`Rule::Mean`] | the mean of all days so far | – |
/// | [`Rule::LastWeek`] | the mean of the last 7 days | the mean of the days there are |
/// | [`Rule::SeasonalNaive`] | the latest known day that was the same weekday | [`Rule::Mean`] under 7 days |
/// | [`Rule::WeekdayMean`] | the mean of all days of that weekday so far | [`Rule::Mean`] under 7 days |
///
/// "So far" runs to the day before the forecast, across the training part and what followed it: a rule
/// never knows less than a model.
///
/// # Examples
/// ```
/// use fincoach_core::{chrono::NaiveDate, ndarray::Array2};
/// use fincoach_forecast::{Forecaster, Rule, Series};
/// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let spent = Array2::from_shape_fn((14, 1), |(day, _)| day as f64);
/// let anna = Series::new("anna", monday, spent)?;
/// let next = |rule: Rule| rule.forecast(&anna.history(14), 1).map(|days| days.amounts()[[0, 0]]);
/// assert_eq!(next(Rule::Mean)?, 6.5);
/// assert_eq!(next(Rule::LastWeek)?, 10.0);
/// assert_eq!(next(Rule::SeasonalNaive)?, 7.0);
/// assert_eq!(next(Rule::WeekdayMean)?, 3.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rule {
    /// Nothing is spent.
    Zero,
    /// The mean of all days so far.
    Mean,
    /// The mean of the last seven days.
    LastWeek,
    /// The same weekday a week before.
    SeasonalNaive,
    /// The mean of that weekday so far.
    WeekdayMean,
}

impl Rule {
    /// Every rule; the simplest first, so that it wins a tie.
    pub const ALL: [Self; 5] =
        [Self::Zero, Self::Mean, Self::LastWeek, Self::SeasonalNaive, Self::WeekdayMean];

    /// The rule that is followed when the history has `n_days` days.
    const fn possible(self, n_days: usize) -> Self {
        match self {
            _ if n_days == 0 => Self::Zero,
            Self::SeasonalNaive | Self::WeekdayMean if n_days < WEEK => Self::Mean,
            rule => rule,
        }
    }

    fn day(self, history: &History<'_>, ahead: usize) -> Array1<f64> {
        let (values, n_days) = (history.values(), history.n_days());
        // The oldest known day of the weekday that lies `ahead + 1` days after the last one.
        let weekday = (n_days + ahead) % WEEK;
        match self {
            Self::Zero => None,
            Self::Mean => values.mean_axis(Axis(0)),
            Self::LastWeek => rows(values, n_days.saturating_sub(WEEK)..n_days).mean_axis(Axis(0)),
            Self::SeasonalNaive => Some(values.row(n_days - WEEK + ahead % WEEK).to_owned()),
            Self::WeekdayMean => values
                .slice_axis(Axis(0), Slice::new(weekday as isize, None, WEEK as isize))
                .mean_axis(Axis(0)),
        }
        .unwrap_or_else(|| Array1::zeros(values.ncols()))
    }
}

impl Forecaster for Rule {
    fn method(&self) -> Method {
        match self {
            Self::Zero => Method::Zero,
            Self::Mean => Method::Mean,
            Self::LastWeek => Method::LastWeek,
            Self::SeasonalNaive => Method::SeasonalNaive,
            Self::WeekdayMean => Method::WeekdayMean,
        }
    }

    fn forecast(&self, history: &History<'_>, horizon: usize) -> Result<DayForecasts, Error> {
        let rule = self.possible(history.n_days());
        let mut amounts = Array2::zeros((horizon, history.n_categories()));
        for (ahead, mut row) in amounts.rows_mut().into_iter().enumerate() {
            row.assign(&rule.day(history, ahead));
        }
        Ok(DayForecasts::new(amounts, vec![rule.method(); history.n_categories()]))
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::chrono::NaiveDate;

    use super::*;
    use crate::Series;

    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn counting(n_days: usize) -> Series {
        let values = Array2::from_shape_fn((n_days, 2), |(day, column)| (day + 100 * column) as f64);
        Series::new("a", NaiveDate::from_ymd_opt(2024, 1, 1).unwrap(), values).unwrap()
    }

    fn first_column(rule: Rule, n_days: usize, horizon: usize) -> Vec<f64> {
        rule.forecast(&counting(n_days).history(n_days), horizon).unwrap().amounts().column(0).to_vec()
    }

    #[test]
    fn seasonal_rules_follow_the_weekday_over_any_horizon() {
        let naive: Vec<f64> = [9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 9.0].to_vec();
        assert_eq!(first_column(Rule::SeasonalNaive, 16, 8), naive);
        // Days 2 and 9; 3 and 10; …; 6 and 13; 0, 7 and 14.
        assert_eq!(first_column(Rule::WeekdayMean, 16, 6), [5.5, 6.5, 7.5, 8.5, 9.5, 7.0]);
    }

    #[test]
    fn a_short_history_falls_back_by_name() {
        for rule in [Rule::SeasonalNaive, Rule::WeekdayMean] {
            let days = rule.forecast(&counting(6).history(6), 2).unwrap();
            assert_eq!(days.methods(), [Method::Mean; 2]);
            assert_eq!(days.amounts().row(1).to_vec(), [2.5, 102.5]);
            assert_eq!(rule.forecast(&counting(6).history(0), 1).unwrap().methods(), [Method::Zero; 2]);
        }
        assert_eq!(first_column(Rule::LastWeek, 3, 1), [1.0]);
    }

    #[test]
    fn zero_is_zero() {
        assert_eq!(first_column(Rule::Zero, 9, 3), [0.0; 3]);
    }
}
