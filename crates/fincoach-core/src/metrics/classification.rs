//! Figures of classes, probabilities and scores.

use super::{count, ensure_finite, ensure_pairs, finite};
use crate::DataError;

/// The share of answers that are right, 0 to 1.
///
/// # Errors
/// [`DataError::Length`] or [`DataError::Empty`].
///
/// # Examples
/// ```
/// use fincoach_core::metrics::accuracy;
/// assert_eq!(accuracy(&["a", "b", "a", "b"], &["a", "b", "b", "b"])?, 0.75);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
pub fn accuracy<T: PartialEq>(actual: &[T], predicted: &[T]) -> Result<f64, DataError> {
    ensure_pairs(actual.len(), predicted.len())?;
    let right = actual.iter().zip(predicted).filter(|(a, p)| a == p).count();
    Ok(count(right) / count(actual.len()))
}

/// The mean of `−ln(probability given to what happened)`, in nats.
///
/// Probabilities are kept 2⁻⁵² away from 0 and 1, as scikit-learn does for `f64`: a single certain error
/// costs 36.04 and not infinity.
///
/// # Errors
/// [`DataError::Length`], [`DataError::Empty`], or [`DataError::OutOfRange`] for a probability outside
/// `[0, 1]`, NaN included.
///
/// # Examples
/// ```
/// use fincoach_core::metrics::log_loss;
/// let coin = log_loss(&[true, false], &[0.5, 0.5])?;
/// assert!((coin - 2.0_f64.ln()).abs() < 1e-15);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
pub fn log_loss(actual: &[bool], probability: &[f64]) -> Result<f64, DataError> {
    mean_score(actual, probability, |happened, p| {
        let p = p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
        if happened { -p.ln() } else { -(1.0 - p).ln() }
    })
}

/// The mean squared distance of the probability from what happened, 0 to 1; always saying ½ gives ¼.
///
/// # Errors
/// As [`log_loss`].
///
/// # Examples
/// ```
/// use fincoach_core::metrics::brier;
/// assert_eq!(brier(&[true, false], &[0.5, 0.5])?, 0.25);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
pub fn brier(actual: &[bool], probability: &[f64]) -> Result<f64, DataError> {
    mean_score(actual, probability, |happened, p| (p - f64::from(happened)).powi(2))
}

fn mean_score(
    actual: &[bool],
    probability: &[f64],
    loss: impl Fn(bool, f64) -> f64,
) -> Result<f64, DataError> {
    ensure_pairs(actual.len(), probability.len())?;
    if let Some(row) = probability.iter().position(|p| !(0.0..=1.0).contains(p)) {
        let value = probability[row];
        return Err(DataError::OutOfRange { row, what: "probability", allowed: "in [0, 1]", value });
    }
    let total: f64 = actual.iter().zip(probability).map(|(a, p)| loss(*a, *p)).sum();
    finite("mean score", total / count(actual.len()))
}

/// The chance that something that happened was scored above something that did not, ties counting half.
///
/// Scores may be of any scale. Computed from ranks: `(R − m(m+1)/2) / (m·n)`, where `R` is the sum of the
/// mid-ranks of the `m` that happened and `n` is the number that did not. `O(n log n)`.
///
/// # Errors
/// [`DataError::Length`], [`DataError::Empty`] or [`DataError::NotFinite`]; [`DataError::Undefined`] when
/// all happened or none did.
///
/// # Examples
/// ```
/// use fincoach_core::metrics::roc_auc;
/// assert_eq!(roc_auc(&[false, true, false, true], &[0.1, 0.9, 0.5, 0.5])?, 0.875);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
pub fn roc_auc(actual: &[bool], score: &[f64]) -> Result<f64, DataError> {
    ensure_pairs(actual.len(), score.len())?;
    ensure_finite("score", score)?;
    let happened = actual.iter().filter(|a| **a).count();
    let not = actual.len() - happened;
    if happened == 0 || not == 0 {
        let reason = "it needs both what happened and what did not";
        return Err(DataError::Undefined { figure: "area under the ROC curve", reason });
    }
    let (m, n) = (happened as u128, not as u128);
    // Ranks are doubled, so that the mid-rank of a tie is a whole number and the sum exact.
    let doubled = doubled_rank_sum(actual, score) - m * (m + 1);
    Ok(ratio(doubled, 2 * m * n))
}

/// Twice the sum of the mid-ranks of what happened, ranks counted from 1.
fn doubled_rank_sum(actual: &[bool], score: &[f64]) -> u128 {
    let mut order: Vec<usize> = (0..score.len()).collect();
    order.sort_unstable_by(|a, b| score[*a].partial_cmp(&score[*b]).unwrap_or(std::cmp::Ordering::Equal));
    let mut sum = 0;
    let mut before = 0_u128;
    for tied in order.chunk_by(|a, b| score[*a] == score[*b]) {
        let happened = tied.iter().filter(|row| actual[**row]).count() as u128;
        let size = tied.len() as u128;
        sum += happened * (2 * before + size + 1);
        before += size;
    }
    sum
}

#[expect(clippy::cast_precision_loss, reason = "correctly rounded is all that is asked")]
fn ratio(part: u128, whole: u128) -> f64 {
    part as f64 / whole as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_of_both_signs_are_tied() {
        assert_eq!(roc_auc(&[true, false], &[-0.0, 0.0]), Ok(0.5));
        assert_eq!(roc_auc(&[true, false, true, false], &[0.0, -0.0, -0.0, 0.0]), Ok(0.5));
    }

    #[test]
    fn one_class_alone_has_no_curve() {
        assert!(matches!(roc_auc(&[true, true], &[0.1, 0.2]), Err(DataError::Undefined { .. })));
    }

    #[test]
    fn a_certain_error_costs_much_but_not_infinity() {
        let loss = log_loss(&[true], &[0.0]).unwrap();
        assert!((loss - 36.04).abs() < 0.01, "{loss}");
        assert!(log_loss(&[true], &[1.0]).unwrap() < 1e-15);
    }

    #[test]
    fn a_probability_outside_its_range_is_named() {
        let error = brier(&[true, true], &[0.5, 1.5]).unwrap_err();
        assert_eq!(error.to_string(), "row 1: probability is 1.5, must be in [0, 1]");
        assert!(log_loss(&[true], &[f64::NAN]).is_err());
    }
}
