//! Columns as a linear model sees them: standardised, and by quantile bins.

use fincoach_core::ndarray::Array2;
use fincoach_core::{DataError, FeatureTable, StandardScaler};
use serde::{Deserialize, Serialize};

/// How columns become what weights are given to: each standardised, and one indicator a bin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Design {
    columns: Vec<String>,
    scaler: StandardScaler,
    /// The rising borders between the bins of each column; none where it has but one bin.
    cuts: Vec<Vec<f64>>,
}

/// Rows of a table in that form.
pub(crate) struct Designed {
    /// `(n_rows, n_columns)`.
    pub(crate) scaled: Array2<f64>,
    /// The position among all bins of each value's bin, `(n_rows, n_columns)`.
    pub(crate) bins: Array2<usize>,
}

impl Design {
    /// Learns scales and cuts; at most `n_bins` bins a column, none with 0 or 1.
    pub(crate) fn fit(table: &FeatureTable, n_bins: usize) -> Result<Self, DataError> {
        let scaler = StandardScaler::fit(table.values())?;
        let values = table.values();
        let cuts = values.columns().into_iter().map(|column| cuts(column.to_vec(), n_bins));
        Ok(Self { columns: table.columns().to_vec(), scaler, cuts: cuts.collect() })
    }

    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// What weights are given to: one constant, the columns, the bins.
    pub(crate) fn n_features(&self) -> usize {
        1 + self.columns.len() + self.cuts.iter().map(|cuts| cuts.len() + 1).sum::<usize>()
    }

    /// The table's rows in this form, columns found by name.
    pub(crate) fn of(&self, table: &FeatureTable) -> Result<Designed, DataError> {
        let chosen = table.select(&self.columns)?;
        let mut bins = Array2::zeros((chosen.n_rows(), self.columns.len()));
        let mut first = 0;
        for (column, cuts) in self.cuts.iter().enumerate() {
            for (row, value) in chosen.values().column(column).iter().enumerate() {
                bins[(row, column)] = first + cuts.partition_point(|cut| cut <= value);
            }
            first += cuts.len() + 1;
        }
        Ok(Designed { scaled: self.scaler.transform(chosen.values())?, bins })
    }

    /// Checks what a file says.
    pub(crate) fn check(&self) -> Result<(), DataError> {
        DataError::ensure_len("scales", self.columns.len(), self.scaler.n_columns())?;
        DataError::ensure_len("columns of cuts", self.columns.len(), self.cuts.len())?;
        let rising = |cuts: &Vec<f64>| cuts.windows(2).all(|pair| pair[0] < pair[1]);
        let finite = |cuts: &Vec<f64>| cuts.iter().all(|cut| cut.is_finite());
        if self.cuts.iter().all(|cuts| rising(cuts) && finite(cuts)) {
            return Ok(());
        }
        Err(DataError::Inconsistent { what: "cuts", reason: "they must rise and be finite".to_owned() })
    }
}

/// The borders of bins of equal counts: each is a value of the column, and belongs to the bin above it.
fn cuts(mut values: Vec<f64>, n_bins: usize) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let mut cuts: Vec<f64> = (1..n_bins).map(|bin| values[bin * values.len() / n_bins]).collect();
    cuts.dedup();
    // A border at the lowest value has nothing below it.
    cuts.retain(|cut| *cut > values[0]);
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_hold_as_many_rows_each_and_equal_values_stay_together() {
        assert_eq!(cuts(vec![4.0, 1.0, 3.0, 2.0], 2), [3.0]);
        assert_eq!(cuts(vec![0.0, 0.0, 0.0, 0.0, 5.0, 6.0], 3), [5.0]);
        assert!(cuts(vec![7.0; 5], 4).is_empty() && cuts(vec![1.0, 2.0], 0).is_empty());
    }
}
