//! Errors of one forecaster.

use fincoach_core::ndarray::Axis;
use fincoach_core::{DataError, metrics};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{EvaluationParams, Measure};
use crate::rules::WEEK;
use crate::slicing::rows;
use crate::split::Parts;
use crate::{Error, Forecaster, Method, Panel, Part, Series};

/// Errors over all users and days of a part.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Scores {
    /// Mean absolute error, in pounds.
    pub mae: f64,
    /// Root of the mean squared error, in pounds.
    pub rmse: f64,
    /// `mae` over that of the seasonal naive rule within the training days (mean over users of
    /// `mean |y_t - y_(t-7)|`); `None` where that is 0 or no user has 8 training days.
    pub mase: Option<f64>,
}

impl Scores {
    /// The error by which methods are compared.
    #[must_use]
    pub const fn error(&self, measure: Measure) -> f64 {
        match measure {
            Measure::Mae => self.mae,
            Measure::Rmse => self.rmse,
        }
    }
}

/// Errors per category and of the day's total (the sum over the categories).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PartScores {
    /// In the order of the panel's categories.
    pub categories: Vec<Scores>,
    /// Of the sum of all categories.
    pub total: Scores,
    /// Forecasts scored: one per user, day of origin and day ahead.
    pub n_forecasts: usize,
    /// How many of them came from a rule that stood in for the method.
    pub n_fallback: usize,
}

impl PartScores {
    /// Categories in order, then the total.
    pub(super) fn all(&self) -> impl Iterator<Item = &Scores> {
        self.categories.iter().chain([&self.total])
    }
}

/// Errors of one method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MethodScores {
    /// The method.
    pub method: Method,
    /// Seed of a trained one.
    pub seed: Option<u64>,
    /// On the validation days, where there are any: what is served is chosen by these.
    pub validation: Option<PartScores>,
    /// On the test days.
    pub test: PartScores,
}

impl MethodScores {
    pub(super) fn of(
        params: &EvaluationParams,
        panel: &Panel,
        forecaster: &dyn Forecaster,
        seed: Option<u64>,
    ) -> Result<Self, Error> {
        let parts = params.split().parts(panel);
        let scales = naive_errors(parts, panel);
        let contest = Contest { forecaster, parts, horizon: params.horizon() };
        let part = |part| Pairs::collect(&contest, panel, part)?.scores(&scales);
        let test = part(Part::Test)?.ok_or(DataError::Empty { what: "test days" })?;
        Ok(Self { method: forecaster.method(), seed, validation: part(Part::Validation)?, test })
    }
}

/// Who forecasts what.
struct Contest<'a> {
    forecaster: &'a dyn Forecaster,
    parts: Parts,
    horizon: usize,
}

/// What happened and what was said, per category and for the total.
struct Pairs {
    actual: Vec<Vec<f64>>,
    predicted: Vec<Vec<f64>>,
    n_fallback: usize,
}

impl Pairs {
    fn empty(n_categories: usize) -> Self {
        let columns = || vec![Vec::new(); n_categories + 1];
        Self { actual: columns(), predicted: columns(), n_fallback: 0 }
    }

    fn collect(contest: &Contest<'_>, panel: &Panel, part: Part) -> Result<Self, Error> {
        let series = panel.series().par_iter();
        let users: Vec<_> = series.map(|series| Self::of_user(contest, series, part)).collect();
        let mut all = Self::empty(panel.categories().len());
        for user in users {
            let user = user?;
            all.n_fallback += user.n_fallback;
            for (into, from) in all.actual.iter_mut().zip(user.actual) {
                into.extend(from);
            }
            for (into, from) in all.predicted.iter_mut().zip(user.predicted) {
                into.extend(from);
            }
        }
        Ok(all)
    }

    fn of_user(contest: &Contest<'_>, series: &Series, part: Part) -> Result<Self, Error> {
        let Contest { forecaster, parts, horizon } = *contest;
        let n_categories = series.values().ncols();
        let mut pairs = Self::empty(n_categories);
        for target in parts.targets(series, part, (1, horizon)) {
            let said = forecaster.forecast(&series.history(target), horizon)?;
            // A selection has a method per category, so none of them is its own.
            let stands_in = |method: &Method| *method != forecaster.method();
            if forecaster.method() != Method::Selected && said.methods().iter().any(stands_in) {
                pairs.n_fallback += horizon;
            }
            let happened = rows(series.values(), target..target + horizon);
            for (into, from) in [(&mut pairs.actual, happened), (&mut pairs.predicted, said.amounts())] {
                for day in from.rows() {
                    into.iter_mut().zip(day).for_each(|(column, amount)| column.push(*amount));
                    into[n_categories].push(day.sum());
                }
            }
        }
        Ok(pairs)
    }

    fn scores(&self, scales: &[Option<f64>]) -> Result<Option<PartScores>, Error> {
        let n_forecasts = self.actual[0].len();
        if n_forecasts == 0 {
            return Ok(None);
        }
        let mut categories = Vec::with_capacity(self.actual.len());
        for ((actual, predicted), scale) in self.actual.iter().zip(&self.predicted).zip(scales) {
            let mae = metrics::mae(actual, predicted)?;
            let rmse = metrics::rmse(actual, predicted)?;
            categories.push(Scores { mae, rmse, mase: scale.map(|scale| mae / scale) });
        }
        let total = categories.pop().ok_or(DataError::Empty { what: "categories" })?;
        Ok(Some(PartScores { categories, total, n_forecasts, n_fallback: self.n_fallback }))
    }
}

/// The error of the seasonal naive rule within the training days: the mean over users, per category and for
/// the total.
#[expect(clippy::cast_precision_loss, reason = "numbers of users")]
fn naive_errors(parts: Parts, panel: &Panel) -> Vec<Option<f64>> {
    let n_categories = panel.categories().len();
    let mut sums = vec![0.0; n_categories + 1];
    let mut n_users = 0.0;
    for series in panel.series() {
        let train = rows(series.values(), parts.days(series, Part::Train));
        if train.nrows() <= WEEK {
            continue;
        }
        let n = (train.nrows() - WEEK) as f64;
        n_users += 1.0;
        for (sum, column) in sums.iter_mut().zip(train.columns()) {
            *sum += column.iter().zip(column.iter().skip(WEEK)).map(|(a, b)| (a - b).abs()).sum::<f64>() / n;
        }
        let total = train.sum_axis(Axis(1));
        sums[n_categories] +=
            total.iter().zip(total.iter().skip(WEEK)).map(|(a, b)| (a - b).abs()).sum::<f64>() / n;
    }
    sums.into_iter().map(|sum| Some(sum / n_users).filter(|scale| *scale > 0.0)).collect()
}
