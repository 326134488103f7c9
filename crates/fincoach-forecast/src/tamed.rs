//! Models that do not expect a day like no other again.

use fincoach_core::ndarray::Array2;
use rayon::prelude::*;

use crate::{Error, FittedModel, Frequency, Outlook, Panel, PanelModel, Plain, Series};

/// Days by which it is told what is usual: a year.
const YEAR: usize = 365;

/// What happens as often in it is usual.
const OFTEN: usize = 4;

/// How many times what is usual a value may teach.
const TIMES: f64 = 3.0;

/// A plain model that learns from no value more than three times the fourth largest of the last year: after the purchase of a
/// car it does not expect a part of one every day for weeks. What comes once a month or a quarter is left as it is.
///
/// Of a shorter past it is the third, second or largest value; of less than an eighth of a year, and where that value is 0,
/// nothing is cut.
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
    let year = year(series.frequency());
    for mut column in values.columns_mut() {
        let most = most(column.iter().rev().take(year).copied(), year);
        column.mapv_inplace(|value| value.min(most));
    }
    values
}

/// Values, each cut by what was usual in the year before it: what could be learnt from it on its day. Of what is not observed
/// nothing is known, since its gap may have been filled from later values.
pub(crate) fn usual(values: &[f64], is_observed: impl Fn(usize) -> bool, frequency: Frequency) -> Vec<f64> {
    let year = year(frequency);
    let seen: Vec<f64> =
        values.iter().enumerate().map(|(row, value)| if is_observed(row) { *value } else { 0.0 }).collect();
    let cut = |(row, value): (usize, &f64)| {
        value.min(most(seen[row.saturating_sub(year)..row].iter().copied(), year))
    };
    values.iter().enumerate().map(cut).collect()
}

/// Rows of a year.
fn year(frequency: Frequency) -> usize {
    YEAR / frequency.days()
}

/// The most that a value may teach after these rows, a year of them or less.
fn most(recent: impl ExactSizeIterator<Item = f64>, year: usize) -> f64 {
    let rank = (recent.len() * OFTEN + year / 2) / year;
    let mut largest = [0.0; OFTEN];
    for value in recent {
        let place = largest.partition_point(|one| *one >= value);
        if place < OFTEN {
            largest[place..].rotate_right(1);
            largest[place] = value;
        }
    }
    let usual = rank.checked_sub(1).map(|place| largest[place]).filter(|usual| *usual > 0.0);
    usual.map_or(f64::INFINITY, |usual| TIMES * usual)
}
