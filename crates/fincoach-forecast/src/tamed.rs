//! Models that do not expect a day like no other again.

use fincoach_core::ndarray::Array2;
use rayon::prelude::*;

use crate::{Error, FittedModel, Outlook, Panel, PanelModel, Plain, Series};

/// Rows by which it is told what is usual: a year of days.
const RECENT: usize = 365;

/// What happens as often in them is usual.
const OFTEN: usize = 4;

/// How many times what is usual a value may teach.
const TIMES: f64 = 3.0;

/// A plain model that learns from no value more than three times the fourth largest of the last year: after the purchase of a
/// car it does not expect a part of one every day for weeks. What comes once a month or a quarter is left as it is.
///
/// Of a shorter past it is the third, second or largest value; of less than 46 days nothing is cut.
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
        let recent: Vec<f64> = column.iter().rev().take(RECENT).copied().collect();
        let most = most(&recent);
        column.mapv_inplace(|value| value.min(most));
    }
    values
}

/// Values, each cut by what was usual in the year before it: what could be learnt from it on its day.
pub(crate) fn usual(values: &[f64]) -> Vec<f64> {
    let cut = |(day, value): (usize, &f64)| value.min(most(&values[day.saturating_sub(RECENT)..day]));
    values.iter().enumerate().map(cut).collect()
}

/// The most that a value may teach after a year like this.
fn most(recent: &[f64]) -> f64 {
    let rank = (recent.len() * OFTEN + RECENT / 2) / RECENT;
    let mut largest = [0.0; OFTEN];
    for value in recent {
        let place = largest.partition_point(|one| one >= value);
        if place < OFTEN {
            largest[place..].rotate_right(1);
            largest[place] = *value;
        }
    }
    let usual = rank.checked_sub(1).map(|place| largest[place]).filter(|usual| *usual > 0.0);
    usual.map_or(f64::INFINITY, |usual| TIMES * usual)
}
