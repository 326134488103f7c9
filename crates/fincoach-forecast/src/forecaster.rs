//! What every way of forecasting has in common.

use std::fmt;

use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::panel::day_after;
use crate::{Error, Panel};

/// A way of forecasting, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Method {
    /// [`Rule::Zero`](crate::Rule::Zero).
    Zero,
    /// [`Rule::Mean`](crate::Rule::Mean).
    Mean,
    /// [`Rule::LastWeek`](crate::Rule::LastWeek).
    LastWeek,
    /// [`Rule::SeasonalNaive`](crate::Rule::SeasonalNaive).
    SeasonalNaive,
    /// [`Rule::WeekdayMean`](crate::Rule::WeekdayMean).
    WeekdayMean,
    /// [`LstmForecaster`](crate::LstmForecaster).
    Lstm,
    /// [`Selected`](crate::Selected): each category from its own method.
    Selected,
}

impl Method {
    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::Mean => "mean",
            Self::LastWeek => "last_week",
            Self::SeasonalNaive => "seasonal_naive",
            Self::WeekdayMean => "weekday_mean",
            Self::Lstm => "lstm",
            Self::Selected => "selected",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What is known of one user on the evening a forecast is made.
#[derive(Clone, Copy, Debug)]
pub struct History<'a> {
    user: &'a str,
    start: NaiveDate,
    values: ArrayView2<'a, f64>,
}

impl<'a> History<'a> {
    pub(crate) const fn new(user: &'a str, start: NaiveDate, values: ArrayView2<'a, f64>) -> Self {
        Self { user, start, values }
    }

    /// Whose spending.
    #[must_use]
    pub const fn user(&self) -> &'a str {
        self.user
    }

    /// Pounds spent, `(n_days, n_categories)`, oldest day first.
    #[must_use]
    pub const fn values(&self) -> ArrayView2<'a, f64> {
        self.values
    }

    /// The number of days.
    #[must_use]
    pub fn n_days(&self) -> usize {
        self.values.nrows()
    }

    /// The number of categories.
    #[must_use]
    pub fn n_categories(&self) -> usize {
        self.values.ncols()
    }

    /// The day `ahead` days after the last one; 1 is the first day to forecast.
    #[must_use]
    pub fn date_ahead(&self, ahead: usize) -> NaiveDate {
        day_after(self.start, (self.n_days() + ahead).saturating_sub(1))
    }
}

/// The forecast of the coming days of one user.
#[derive(Clone, Debug, PartialEq)]
pub struct DayForecasts {
    amounts: Array2<f64>,
    methods: Vec<Method>,
}

impl DayForecasts {
    /// Amounts below zero become zero: spending is never negative.
    pub(crate) fn new(mut amounts: Array2<f64>, methods: Vec<Method>) -> Self {
        amounts.mapv_inplace(|amount| amount.max(0.0));
        Self { amounts, methods }
    }

    /// Pounds, `(horizon, n_categories)`, none below 0.
    #[must_use]
    pub fn amounts(&self) -> ArrayView2<'_, f64> {
        self.amounts.view()
    }

    /// Which method gave each category: the forecaster's own, or the rule that stood in for it.
    #[must_use]
    pub fn methods(&self) -> &[Method] {
        &self.methods
    }
}

/// A way of forecasting: from the days so far to the days to come.
///
/// A history too short for the method is served by a named rule, never refused.
pub trait Forecaster: Sync {
    /// The method this is, where no fallback took over.
    fn method(&self) -> Method;

    /// The forecast of the `horizon` days after the history.
    ///
    /// # Errors
    /// [`Error::Horizon`] when the model gives fewer days, [`Error::Data`] for a history over another number
    /// of categories.
    fn forecast(&self, history: &History<'_>, horizon: usize) -> Result<DayForecasts, Error>;
}

/// One forecast amount.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Forecast {
    /// Whose spending.
    pub user: String,
    /// The day it is for.
    pub date: NaiveDate,
    /// The category it is for.
    pub category: String,
    /// Pounds, at least 0.
    pub amount: f64,
    /// The method that gave it.
    pub model: Method,
}

/// The forecast of each user for the `horizon` days after the user's last one: users in order, then days,
/// then categories.
///
/// # Errors
/// As [`Forecaster::forecast`].
///
/// # Examples
/// ```
/// use fincoach_core::{chrono::NaiveDate, ndarray::array};
/// use fincoach_forecast::{Panel, Rule, Series, forecast};
/// let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let anna = Series::new("anna", start, array![[4.0], [2.0]])?;
/// let next = forecast(&Panel::new(vec!["groceries".into()], vec![anna])?, &Rule::Mean, 1)?;
/// assert_eq!((next[0].amount, next[0].date.to_string()), (3.0, "2024-01-03".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn forecast(panel: &Panel, forecaster: &dyn Forecaster, horizon: usize) -> Result<Vec<Forecast>, Error> {
    let mut all = Vec::with_capacity(panel.n_users() * panel.categories().len() * horizon);
    for series in panel.series() {
        let history = series.history(series.n_days());
        let days = forecaster.forecast(&history, horizon)?;
        for ((day, place), &amount) in days.amounts().indexed_iter() {
            all.push(Forecast {
                user: series.user().to_owned(),
                date: history.date_ahead(day + 1),
                category: panel.categories()[place].clone(),
                amount,
                model: days.methods()[place],
            });
        }
    }
    Ok(all)
}
