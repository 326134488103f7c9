//! Columns brought to mean 0 and deviation 1.

use ndarray::{Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::DataError;

/// The mean and the standard deviation of each column, to bring every column to mean 0 and deviation 1.
///
/// As scikit-learn's `StandardScaler`: the deviation is that of the population (divided by `n`), and a
/// column that does not vary keeps its scale, so that it becomes 0 and nothing is divided by 0.
///
/// # Examples
/// ```
/// use fincoach_core::{StandardScaler, ndarray::array};
/// let values = array![[1.0, 5.0], [3.0, 5.0]];
/// let scaler = StandardScaler::fit(values.view())?;
/// assert_eq!(scaler.means(), [2.0, 5.0]);
/// assert_eq!(scaler.scales(), [1.0, 1.0]);
/// let scaled = scaler.transform(values.view())?;
/// assert_eq!(scaled, array![[-1.0, 0.0], [1.0, 0.0]]);
/// assert_eq!(scaler.inverse(scaled.view())?, values);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct StandardScaler {
    means: Vec<f64>,
    scales: Vec<f64>,
}

impl StandardScaler {
    /// The means and deviations of `values`, `(n_rows, n_columns)`. `O(n_rows · n_columns)`.
    ///
    /// # Errors
    /// [`DataError::Empty`] without rows, [`DataError::NotFinite`] with the position of the column for
    /// its name, [`DataError::Undefined`] where a sum overflows.
    pub fn fit(values: ArrayView2<'_, f64>) -> Result<Self, DataError> {
        if values.nrows() == 0 {
            return Err(DataError::Empty { what: "rows" });
        }
        ensure_finite(&values)?;
        let (means, scales): (Vec<f64>, Vec<f64>) = values.columns().into_iter().map(mean_and_scale).unzip();
        if means.iter().chain(&scales).all(|value| value.is_finite()) {
            Ok(Self { means, scales })
        } else {
            Err(DataError::Undefined { figure: "standard deviation", reason: "a sum overflows" })
        }
    }

    /// A scaler of known means and scales, one of each per column.
    ///
    /// # Errors
    /// [`DataError::Length`]; [`DataError::OutOfRange`], with the position of the column for its row,
    /// unless every mean is finite and every scale positive and finite.
    pub fn from_parts(means: Vec<f64>, scales: Vec<f64>) -> Result<Self, DataError> {
        DataError::ensure_len("scales", means.len(), scales.len())?;
        if let Some(row) = means.iter().position(|mean| !mean.is_finite()) {
            let value = means[row];
            return Err(DataError::OutOfRange { row, what: "mean", allowed: "finite", value });
        }
        if let Some(row) = scales.iter().position(|scale| !(*scale > 0.0 && scale.is_finite())) {
            let value = scales[row];
            return Err(DataError::OutOfRange { row, what: "scale", allowed: "positive and finite", value });
        }
        Ok(Self { means, scales })
    }

    /// The number of columns.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.means.len()
    }

    /// The mean of each column, in its own unit.
    #[must_use]
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// What each column is divided by, in its own unit: its deviation, or 1 where it does not vary.
    #[must_use]
    pub fn scales(&self) -> &[f64] {
        &self.scales
    }

    /// `(value − mean) / scale` of each value, `(n_rows, n_columns)` as given.
    ///
    /// # Errors
    /// [`DataError::Length`] for another number of columns; [`DataError::NotFinite`] when a value is not
    /// finite or leaves the range of `f64`, with the value it would have become.
    pub fn transform(&self, values: ArrayView2<'_, f64>) -> Result<Array2<f64>, DataError> {
        self.each(values, |value, mean, scale| (value - mean) / scale)
    }

    /// `value · scale + mean` of each value: undoes [`StandardScaler::transform`], up to rounding.
    ///
    /// # Errors
    /// As [`StandardScaler::transform`].
    pub fn inverse(&self, values: ArrayView2<'_, f64>) -> Result<Array2<f64>, DataError> {
        self.each(values, |value, mean, scale| value * scale + mean)
    }

    fn each(
        &self,
        values: ArrayView2<'_, f64>,
        change: impl Fn(f64, f64, f64) -> f64,
    ) -> Result<Array2<f64>, DataError> {
        DataError::ensure_len("columns", self.n_columns(), values.ncols())?;
        let mut changed = values.as_standard_layout().into_owned();
        for mut row in changed.rows_mut() {
            for ((value, mean), scale) in row.iter_mut().zip(&self.means).zip(&self.scales) {
                *value = change(*value, *mean, *scale);
            }
        }
        ensure_finite(&changed.view())?;
        Ok(changed)
    }
}

#[expect(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
fn mean_and_scale(column: ArrayView1<'_, f64>) -> (f64, f64) {
    let n = column.len() as f64;
    let mean = column.sum() / n;
    // The second sum would be 0 without rounding; taking it out makes the variance nearly exact
    // (Chan, Golub and LeVeque 1983, equation 1.7).
    let squares: f64 = column.iter().map(|value| (value - mean) * (value - mean)).sum();
    let rounding: f64 = column.iter().map(|value| value - mean).sum();
    let variance = (squares - rounding * rounding / n) / n;
    // What is left of a constant column is rounding too: scikit-learn's bound on it.
    let bound = n * f64::EPSILON * variance + (n * mean * f64::EPSILON).powi(2);
    let constant = variance.is_finite() && variance <= bound;
    (mean, if constant { 1.0 } else { variance.sqrt() })
}

fn ensure_finite(values: &ArrayView2<'_, f64>) -> Result<(), DataError> {
    match values.indexed_iter().find(|(_, value)| !value.is_finite()) {
        None => Ok(()),
        Some(((row, column), value)) => {
            Err(DataError::NotFinite { row, column: column.to_string(), value: *value })
        }
    }
}

/// The form on disk; reading it goes through [`StandardScaler::from_parts`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    means: Vec<f64>,
    scales: Vec<f64>,
}

impl TryFrom<Repr> for StandardScaler {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        Self::from_parts(repr.means, repr.scales)
    }
}

impl From<StandardScaler> for Repr {
    fn from(scaler: StandardScaler) -> Self {
        Self { means: scaler.means, scales: scaler.scales }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_constant_column_is_not_blown_up_by_rounding() {
        // The sum of ten times 0.1 is not 1: the mean differs from the values in the last bit.
        let values = Array2::from_elem((10, 1), 0.1);
        let scaler = StandardScaler::fit(values.view()).unwrap();
        assert_eq!(scaler.scales(), [1.0]);
        assert!(scaler.transform(values.view()).unwrap().iter().all(|value| value.abs() < 1e-15));
    }

    #[test]
    fn what_cannot_be_scaled_is_refused() {
        assert!(matches!(StandardScaler::fit(Array2::zeros((0, 2)).view()), Err(DataError::Empty { .. })));
        let error = StandardScaler::fit(array![[1.0, 2.0], [3.0, f64::NAN]].view()).unwrap_err();
        assert_eq!(error.to_string(), "row 1, column `1`: NaN is not a finite number");
        let overflow = StandardScaler::fit(array![[1e300], [-1e300]].view());
        assert!(matches!(overflow, Err(DataError::Undefined { .. })));
        let scaler = StandardScaler::fit(array![[1.0, 2.0]].view()).unwrap();
        assert!(matches!(scaler.transform(array![[1.0]].view()), Err(DataError::Length { .. })));
        assert!(matches!(
            scaler.transform(array![[1.0, f64::INFINITY]].view()),
            Err(DataError::NotFinite { .. })
        ));
    }

    #[test]
    fn parts_and_files_are_checked() {
        for scale in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(StandardScaler::from_parts(vec![0.0], vec![scale]).is_err(), "{scale}");
        }
        assert!(StandardScaler::from_parts(vec![f64::NAN], vec![1.0]).is_err());
        assert!(StandardScaler::from_parts(vec![0.0], vec![]).is_err());
        let read = serde_json::from_str::<StandardScaler>;
        assert!(read(r#"{"means":[0.0],"scales":[0.0]}"#).is_err());
        assert!(read(r#"{"means":[0.0],"scales":[1.0],"n":1}"#).is_err());
        assert!(read(r#"{"means":[0.0],"scales":[2.0]}"#).is_ok());
    }

    proptest! {
        #[test]
        fn scaled_columns_have_mean_0_and_deviation_1(
            rows in prop::collection::vec((-1e6..1e6_f64, -1.0..1.0_f64), 2..40)
        ) {
            let values = Array2::from_shape_fn((rows.len(), 2), |(i, j)| if j == 0 { rows[i].0 } else { rows[i].1 });
            let scaler = StandardScaler::fit(values.view()).unwrap();
            let scaled = scaler.transform(values.view()).unwrap();
            for column in scaled.columns() {
                prop_assert!(column.sum().abs() < 1e-9);
            }
            let back = scaler.inverse(scaled.view()).unwrap();
            for (a, b) in back.iter().zip(&values) {
                prop_assert!((a - b).abs() <= 1e-9 * (1.0 + b.abs()));
            }
            let text = serde_json::to_string(&scaler).unwrap();
            prop_assert_eq!(serde_json::from_str::<StandardScaler>(&text).unwrap(), scaler);
        }
    }
}
