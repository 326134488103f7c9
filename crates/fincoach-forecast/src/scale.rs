//! How large the values of a series are, told from its past alone.

use crate::{Panel, Series};

/// Rows a scale looks back on: a quarter of a year.
const RECENT: usize = 91;

/// Rows that the scale of everybody counts for beside a series' own.
const PRIOR: f64 = 14.0;

/// The spread of a target that never varied in any series: nothing is known of it.
const UNIT: f64 = 1.0;

/// Scales of every series of a panel, per target.
#[derive(Clone, Debug)]
pub(crate) struct Scales {
    naive: Vec<Vec<Option<f64>>>,
    spread: Vec<Vec<f64>>,
}

impl Scales {
    pub(crate) fn of(past: &Panel) -> Self {
        let n_targets = past.n_targets();
        let season = past.frequency().season();
        let columns = |series: &Series| (0..n_targets).map(|place| series.target(place)).collect::<Vec<_>>();
        let all: Vec<Vec<Vec<f64>>> = past.series().iter().map(columns).collect();
        let naive = |columns: &Vec<Vec<f64>>| columns.iter().map(|values| naive(values, season)).collect();
        let long = |place: usize| pooled(all.iter().map(|columns| deviations(&columns[place])));
        let long: Vec<f64> = (0..n_targets).map(long).collect();
        let draw = |columns: &Vec<Vec<f64>>| {
            let pull = |(values, long): (&Vec<f64>, &f64)| {
                let (sum, n) = deviations(&values[values.len().saturating_sub(RECENT)..]);
                let spread = (sum + PRIOR * long) / (n + PRIOR);
                if spread > 0.0 { spread } else { UNIT }
            };
            columns.iter().zip(&long).map(pull).collect()
        };
        Self { naive: all.iter().map(naive).collect(), spread: all.iter().map(draw).collect() }
    }

    /// Mean absolute difference to the value a season before: what MASE divides by; `None` where it is 0 or
    /// the series has no more than a season.
    pub(crate) fn naive(&self, series: usize) -> &[Option<f64>] {
        &self.naive[series]
    }

    /// Mean absolute deviation from the mean over the last quarter, drawn towards that of all series over
    /// their whole past: what residuals are divided by before they are put together. Never 0.
    pub(crate) fn spread(&self, series: usize) -> &[f64] {
        &self.spread[series]
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of values")]
fn naive(values: &[f64], season: usize) -> Option<f64> {
    let n = values.len().checked_sub(season).filter(|n| *n > 0)?;
    let sum: f64 = values.iter().zip(&values[season..]).map(|(before, value)| (value - before).abs()).sum();
    Some(sum / n as f64).filter(|scale| *scale > 0.0)
}

/// Sum of absolute deviations from the mean, and their number.
#[expect(clippy::cast_precision_loss, reason = "numbers of values")]
fn deviations(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n.max(1.0);
    (values.iter().map(|value| (value - mean).abs()).sum(), n)
}

fn pooled(all: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (sum, n) = all.fold((0.0, 0.0), |total, one| (total.0 + one.0, total.1 + one.1));
    if n > 0.0 { sum / n } else { 0.0 }
}
