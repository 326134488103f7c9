//! What becomes of one column.

use fincoach_core::DataError;
use fincoach_core::ndarray::{Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::params::{Amounts, Scaling};
use crate::profile::{median, quantile};

/// A column, or one divided by the size of another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) column: usize,
    pub(crate) over: Option<usize>,
}

impl Source {
    pub(super) fn name(self, columns: &[String]) -> String {
        match self.over {
            None => columns[self.column].clone(),
            Some(over) => format!("{} / {}", columns[self.column], columns[over]),
        }
    }

    pub(super) fn values(self, table: ArrayView2<'_, f64>) -> Vec<f64> {
        table.rows().into_iter().map(|row| self.value(row)).collect()
    }

    pub(super) fn value(self, row: ArrayView1<'_, f64>) -> f64 {
        let part = row[self.column];
        match self.over.map(|over| row[over]) {
            None => part,
            Some(whole) if whole.abs() > 0.0 => part / whole.abs(),
            Some(_) => 0.0,
        }
    }
}

/// How the values of one column are prepared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) source: Source,
    /// The unit of the signed logarithm, where there is one.
    unit: Option<f64>,
    low: f64,
    high: f64,
    centre: f64,
    scale: f64,
}

impl Rule {
    /// The rule for a column of these values, at least one.
    pub(super) fn fit(
        name: String,
        source: Source,
        values: &[f64],
        (amounts, winsor, scaling): (Amounts, f64, Scaling),
    ) -> Self {
        let unit = (amounts == Amounts::SignedLog).then(|| usual_size(values));
        let mut rule = Self { name, source, unit, low: f64::MIN, high: f64::MAX, centre: 0.0, scale: 1.0 };
        let mut changed: Vec<f64> = values.iter().map(|value| rule.apply(*value)).collect();
        changed.sort_by(f64::total_cmp);
        (rule.low, rule.high) = (quantile(&changed, winsor), quantile(&changed, 1.0 - winsor));
        if rule.low >= rule.high {
            // So few rows vary that cutting would level them.
            (rule.low, rule.high) = (changed[0], changed[changed.len() - 1]);
        }
        changed.iter_mut().for_each(|value| *value = value.clamp(rule.low, rule.high));
        (rule.centre, rule.scale) = centre_and_scale(&changed, scaling);
        rule
    }

    pub(super) fn apply(&self, value: f64) -> f64 {
        let value = self.unit.map_or(value, |unit| (value / unit).asinh());
        (value.clamp(self.low, self.high) - self.centre) / self.scale
    }

    pub(super) fn check(&self, n_columns: usize) -> Result<(), DataError> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let sound = self.source.column < n_columns
            && self.source.over.is_none_or(|over| over < n_columns)
            && self.unit.is_none_or(positive)
            && positive(self.scale)
            && self.centre.is_finite()
            && self.low <= self.high
            && self.low.is_finite()
            && self.high.is_finite();
        if sound {
            return Ok(());
        }
        let reason = format!("the rule for `{}` has an impossible figure", self.name);
        Err(DataError::Inconsistent { what: "preparation", reason })
    }
}

/// Every column by the default rule, `(n_rows, n_columns)`: what names are chosen by.
pub(crate) fn leanings(table: ArrayView2<'_, f64>) -> Array2<f64> {
    let mut prepared = table.to_owned();
    for mut column in prepared.columns_mut() {
        let source = Source { column: 0, over: None };
        let how = (Amounts::default(), 0.02, Scaling::default());
        let rule = Rule::fit(String::new(), source, &column.to_vec(), how);
        column.mapv_inplace(|value| rule.apply(value));
    }
    prepared
}

/// The median size of the values other than 0; 1 where there are none.
fn usual_size(values: &[f64]) -> f64 {
    let sizes: Vec<f64> = values.iter().map(|value| value.abs()).filter(|size| *size > 0.0).collect();
    if sizes.is_empty() { 1.0 } else { median(&sizes).max(f64::MIN_POSITIVE) }
}

/// Of sorted values, at least one of which differs.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn centre_and_scale(sorted: &[f64], scaling: Scaling) -> (f64, f64) {
    let n = sorted.len().max(1) as f64;
    let mean = sorted.iter().sum::<f64>() / n;
    let deviation = (sorted.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n).sqrt();
    let deviation = if deviation > 0.0 { deviation } else { 1.0 };
    let range = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 1.349;
    match scaling {
        Scaling::Standard => (mean, deviation),
        Scaling::Robust => (quantile(sorted, 0.5), if range > 0.0 { range } else { deviation }),
    }
}
