//! Errors of numbers.

use super::{count, ensure_finite, ensure_pairs, finite};
use crate::DataError;

/// The mean absolute error, `mean |a − p|`, in the unit of the values.
///
/// # Errors
/// [`DataError::Length`], [`DataError::Empty`] or [`DataError::NotFinite`]; [`DataError::Undefined`] where
/// the sum overflows.
///
/// # Examples
/// ```
/// use fincoach_core::metrics::mae;
/// assert_eq!(mae(&[10.0, 20.0], &[12.0, 16.0])?, 3.0);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
pub fn mae(actual: &[f64], predicted: &[f64]) -> Result<f64, DataError> {
    mean("mean absolute error", actual, predicted, |a, p| (a - p).abs())
}

/// The root of the mean squared error, `√ mean (a − p)²`, in the unit of the values.
///
/// # Errors
/// As [`mae`].
///
/// # Examples
/// ```
/// use fincoach_core::metrics::rmse;
/// assert_eq!(rmse(&[0.0, 0.0], &[1.0, 7.0])?, 5.0);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
pub fn rmse(actual: &[f64], predicted: &[f64]) -> Result<f64, DataError> {
    mean("root mean squared error", actual, predicted, |a, p| (a - p) * (a - p)).map(f64::sqrt)
}

/// The symmetric mean absolute percentage error, `mean 200·|a − p| / (|a| + |p|)`, in per cent, 0 to 200.
///
/// A pair of zeros counts 0: nothing was there and nothing was said. This is the form of the NN5 and M3
/// competitions.
///
/// # Errors
/// As [`mae`].
///
/// # Examples
/// ```
/// use fincoach_core::metrics::smape;
/// assert_eq!(smape(&[3.0, 0.0], &[1.0, 0.0])?, 50.0);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
pub fn smape(actual: &[f64], predicted: &[f64]) -> Result<f64, DataError> {
    mean("symmetric percentage error", actual, predicted, |a, p| {
        let size = a.abs() + p.abs();
        if size == 0.0 { 0.0 } else { 200.0 * ((a - p).abs() / size) }
    })
}

/// The mean absolute scaled error, `mae / naive_mae`: below 1 beats the naive forecast.
///
/// `naive_mae` is the mean absolute error that a naive forecast (the last value, or the value a season ago)
/// makes **on the training data**, after Hyndman and Koehler 2006.
///
/// # Errors
/// As [`mae`]; [`DataError::Undefined`] unless `naive_mae` is positive and finite.
///
/// # Examples
/// ```
/// use fincoach_core::metrics::mase;
/// assert_eq!(mase(&[10.0, 20.0], &[12.0, 16.0], 6.0)?, 0.5);
/// assert!(mase(&[1.0], &[1.0], 0.0).is_err());
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
pub fn mase(actual: &[f64], predicted: &[f64], naive_mae: f64) -> Result<f64, DataError> {
    let figure = "mean absolute scaled error";
    let error = mae(actual, predicted)?;
    if naive_mae > 0.0 && naive_mae.is_finite() {
        finite(figure, error / naive_mae)
    } else {
        Err(DataError::Undefined { figure, reason: "the naive error must be positive and finite" })
    }
}

/// The pinball loss of a forecast quantile, `mean max(q·(a − p), (q − 1)·(a − p))`, in the unit of the
/// values.
///
/// It is least when a share `q` of what happens lies below the forecast; at `q = 0.5` it is half the mean
/// absolute error.
///
/// # Errors
/// As [`mae`]; [`DataError::Undefined`] unless `quantile` is in `[0, 1]`.
///
/// # Examples
/// ```
/// use fincoach_core::metrics::pinball;
/// // Too low costs nine times what too high costs.
/// assert_eq!(pinball(&[10.0], &[0.0], 0.9)?, 9.0);
/// assert!((pinball(&[0.0], &[10.0], 0.9)? - 1.0).abs() < 1e-12);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
pub fn pinball(actual: &[f64], predicted: &[f64], quantile: f64) -> Result<f64, DataError> {
    let figure = "pinball loss";
    if !(0.0..=1.0).contains(&quantile) {
        return Err(DataError::Undefined { figure, reason: "the quantile must be in [0, 1]" });
    }
    mean(figure, actual, predicted, |a, p| (quantile * (a - p)).max((quantile - 1.0) * (a - p)))
}

fn mean(
    figure: &'static str,
    actual: &[f64],
    predicted: &[f64],
    loss: impl Fn(f64, f64) -> f64,
) -> Result<f64, DataError> {
    ensure_pairs(actual.len(), predicted.len())?;
    ensure_finite("actual", actual)?;
    ensure_finite("predicted", predicted)?;
    let total: f64 = actual.iter().zip(predicted).map(|(a, p)| loss(*a, *p)).sum();
    finite(figure, total / count(actual.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_zeros_count_nothing_in_smape() {
        assert_eq!(smape(&[0.0], &[0.0]), Ok(0.0));
        assert_eq!(smape(&[0.0], &[-3.0]), Ok(200.0));
    }

    #[test]
    fn a_quantile_must_be_a_share() {
        for quantile in [f64::NAN, -0.1, 1.1, f64::INFINITY] {
            assert!(
                matches!(pinball(&[1.0], &[1.0], quantile), Err(DataError::Undefined { .. })),
                "{quantile}"
            );
        }
        assert_eq!(pinball(&[3.0], &[1.0], 0.0), Ok(0.0));
    }

    #[test]
    fn a_naive_error_must_be_positive() {
        for naive in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(mase(&[1.0], &[2.0], naive), Err(DataError::Undefined { .. })), "{naive}");
        }
    }

    #[test]
    fn an_overflow_is_said_and_not_returned() {
        assert!(matches!(rmse(&[1e200], &[-1e200]), Err(DataError::Undefined { .. })));
        assert!(matches!(mae(&[f64::MAX], &[f64::MIN]), Err(DataError::Undefined { .. })));
    }
}
