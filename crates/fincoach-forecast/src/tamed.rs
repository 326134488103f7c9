//! Models that do not expect a day like no other again.

use fincoach_core::ndarray::Array2;
use rayon::prelude::*;

use crate::{Error, FittedModel, Outlook, Panel, PanelModel, Plain, Series};

/// Rows by which it is told what is usual: a year of days.
const RECENT: usize = 365;

/// The share of values above zero that are larger than what is usual.
const RARE: f64 = 0.05;

/// How many times what is usual a value may teach.
const TIMES: f64 = 3.0;

/// A plain model that learns from no value more than three times what one in twenty of the last year's values above zero
/// exceeds: after the purchase of a car it does not expect a part of one every day for weeks.
///
/// Of a handful of values none is cut.
///
/// # Examples
/// ```
/// use fincoach_core::{chrono::NaiveDate, ndarray::Array2};
/// use fincoach_forecast::{FittedModel, Panel, PanelModel, Plain, Series, Tamed};
/// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let spent = Array2::from_shape_fn((300, 1), |(day, _)| if day == 299 { 9000.0 } else { 10.0 });
/// let panel = Panel::new(vec!["other".into()], vec![Series::new("anna", monday, spent)?])?;
/// let next = Tamed::new(Plain::Mean { last: 28 }).fit(&panel)?.forecast(&panel, 1)?;
/// assert_eq!(next[0].points()[[0, 0]], (27.0 * 10.0 + 30.0) / 28.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tamed {
    inner: Plain,
}

impl Tamed {
    /// The tamed version of a plain model.
    #[must_use]
    pub const fn new(inner: Plain) -> Self {
        Self { inner }
    }
}

impl PanelModel for Tamed {
    fn name(&self) -> String {
        format!("{}_tamed", self.inner.name())
    }

    fn fit(&self, _: &Panel) -> Result<Box<dyn FittedModel>, Error> {
        Ok(Box::new(*self))
    }

    fn is_local(&self) -> bool {
        true
    }
}

impl FittedModel for Tamed {
    fn forecast(&self, past: &Panel, horizon: usize) -> Result<Vec<Outlook>, Error> {
        let (name, n_targets) = (self.name(), past.n_targets());
        let outlook = |series: &Series| {
            let tamed = series.with_values(tamed(series));
            self.inner.outlook(&tamed, n_targets, horizon).renamed(&name)
        };
        Ok(past.series().par_iter().map(outlook).collect())
    }
}

/// The values of a series, none above what may teach.
fn tamed(series: &Series) -> Array2<f64> {
    let mut values = series.values().to_owned();
    for mut column in values.columns_mut() {
        let recent = column.iter().rev().take(RECENT).copied();
        let most = most(recent.filter(|value| *value > 0.0).collect());
        column.mapv_inplace(|value| value.min(most));
    }
    values
}

/// The most that a value may teach.
fn most(mut above_zero: Vec<f64>) -> f64 {
    above_zero.sort_unstable_by(f64::total_cmp);
    crate::backtest::quantile(&above_zero, 1.0 - RARE).map_or(f64::INFINITY, |usual| TIMES * usual)
}
