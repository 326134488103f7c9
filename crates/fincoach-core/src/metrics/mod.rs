//! Figures that say how good an answer is, as scikit-learn defines them.
//!
//! Every function takes what happened first and what was said second, checks both, and never returns NaN
//! or infinity: where a figure has no value, it says why.
//!
//! | figure | of | range | best |
//! | --- | --- | --- | --- |
//! | [`mae`], [`rmse`], [`pinball`] | numbers | 0 to ∞, in the unit of the values | 0 |
//! | [`mase`] | numbers | 0 to ∞, 1 = as good as the naive forecast | 0 |
//! | [`smape`] | numbers | 0 to 200 % | 0 |
//! | [`accuracy`] | classes | 0 to 1 | 1 |
//! | [`log_loss`] | probabilities | 0 to 36.04 nats | 0 |
//! | [`brier`] | probabilities | 0 to 1 | 0 |
//! | [`roc_auc`] | scores | 0 to 1, 0.5 = no order | 1 |
//! | [`silhouette`] | a clustering | −1 to 1 | 1 |
//! | [`adjusted_rand`] | two clusterings | −0.5 to 1, 0 = as by chance | 1 |
//!
//! ```
//! use fincoach_core::metrics;
//! assert_eq!(metrics::mae(&[1.0, 2.0], &[2.0, 4.0])?, 1.5);
//! assert_eq!(metrics::roc_auc(&[false, true, true], &[0.1, 0.4, 0.3])?, 1.0);
//! assert_eq!(metrics::mae(&[1.0], &[f64::NAN]).unwrap_err().to_string(), "row 0, column `predicted`: NaN is not a finite number");
//! # Ok::<(), fincoach_core::DataError>(())
//! ```

mod classification;
mod clustering;
mod regression;

pub use classification::{accuracy, brier, log_loss, roc_auc};
pub use clustering::{adjusted_rand, silhouette, silhouette_samples};
pub use regression::{mae, mase, pinball, rmse, smape};

use crate::DataError;

/// Checks that there are as many answers as things that happened, and at least one.
fn ensure_pairs(actual: usize, predicted: usize) -> Result<(), DataError> {
    DataError::ensure_len("predictions", actual, predicted)?;
    if actual == 0 { Err(DataError::Empty { what: "values to compare" }) } else { Ok(()) }
}

fn ensure_finite(column: &str, values: &[f64]) -> Result<(), DataError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(row) => Err(DataError::NotFinite { row, column: column.to_owned(), value: values[row] }),
    }
}

/// The figure, unless a sum left the range of `f64` on the way.
fn finite(figure: &'static str, value: f64) -> Result<f64, DataError> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(DataError::Undefined { figure, reason: "a sum overflows" })
    }
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
const fn count(n: usize) -> f64 {
    n as f64
}
