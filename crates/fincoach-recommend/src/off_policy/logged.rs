//! The value of single decisions from the least that a log must tell.

use fincoach_core::DataError;
use serde::{Deserialize, Serialize};

use super::bounds::normal;
use super::estimate::Estimate;
use super::importance::Kish;
use super::one_step::ensure_some;
use super::overlap::Overlap;
use super::ratios::Ratios;

/// One logged decision as seen by the policy that is to be judged.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedReward {
    /// What the logged action brought.
    pub reward: f64,
    /// Probability with which the log's policy took that action; in `(0, 1]`.
    pub propensity: f64,
    /// Probability with which the judged policy takes it: 1 or 0 for one that does not draw; in `[0, 1]`.
    pub target: f64,
}

/// The inverse propensity estimate `(1/n)·Σ wᵢrᵢ` with `wᵢ = targetᵢ/propensityᵢ` (Horvitz and Thompson, 1952).
///
/// Unbiased when the log's policy may take whatever the judged one does; noisy where propensities are small. Each decision
/// is taken as one of its own, and the interval is the normal one of 95 %; where decisions of a user hang together use
/// [`Decisions`](crate::Decisions).
///
/// # Errors
/// [`DataError::Empty`] without decisions, [`DataError::OutOfRange`] for a probability out of range,
/// [`DataError::NotFinite`] for a reward, [`DataError::Undefined`] when the log never does what the policy does, and for a
/// single decision, which has no standard error.
///
/// # Examples
/// ```
/// use fincoach_recommend::{LoggedReward, ips};
/// // A fair coin chose; the judged policy always takes the first action.
/// let first = LoggedReward { reward: 3.0, propensity: 0.5, target: 1.0 };
/// let second = LoggedReward { reward: 9.0, propensity: 0.5, target: 0.0 };
/// assert_eq!(ips(&[first, second])?.value, 3.0);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
pub fn ips(log: &[LoggedReward]) -> Result<Estimate, DataError> {
    estimate(log, |_| 1.0)
}

/// The self-normalised estimate `Σ wᵢrᵢ / Σ wᵢ`: slightly biased, never outside the rewards seen, less noisy.
///
/// # Errors
/// As [`ips`].
///
/// # Examples
/// ```
/// use fincoach_recommend::{LoggedReward, snips};
/// let logged = |reward, propensity| LoggedReward { reward, propensity, target: 1.0 };
/// let estimate = snips(&[logged(1.0, 0.5), logged(4.0, 0.25)])?;
/// assert_eq!(estimate.value, (2.0 * 1.0 + 4.0 * 4.0) / 6.0);
/// assert_eq!(estimate.effective_sample_size, 36.0 / 20.0);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
pub fn snips(log: &[LoggedReward]) -> Result<Estimate, DataError> {
    estimate(log, |weight| weight)
}

fn estimate(log: &[LoggedReward], below: impl Fn(f64) -> f64) -> Result<Estimate, DataError> {
    if log.is_empty() {
        return Err(DataError::Empty { what: "logged decisions" });
    }
    let weights =
        log.iter().enumerate().map(|(row, logged)| weight(row, logged)).collect::<Result<Vec<_>, _>>()?;
    ensure_some(&weights)?;
    let n = log.len();
    if n < 2 {
        let (figure, reason) = ("the standard error", "it needs at least two decisions");
        return Err(DataError::Undefined { figure, reason });
    }
    let rows: Vec<usize> = (0..n).collect();
    let ratios = Ratios::of_rows(&rows, n, |row| (weights[row] * log[row].reward, below(weights[row])));
    let (value, standard_error) = ratios.evaluate();
    let kish = Kish::of(&weights);
    Ok(Estimate {
        value,
        standard_error,
        interval: normal(value, standard_error, (0.95, kish.size())),
        effective_sample_size: kish.size(),
        n_decisions: n,
        n_users: n,
        overlap: overlap(log, &weights, &kish),
    })
}

fn overlap(log: &[LoggedReward], weights: &[f64], kish: &Kish) -> Overlap {
    let rows: Vec<usize> = (0..log.len()).collect();
    let (mean, error) = Ratios::of_rows(&rows, rows.len(), |row| (weights[row], 1.0)).evaluate();
    Overlap {
        smallest_propensity: log.iter().map(|logged| logged.propensity).min_by(f64::total_cmp),
        mean_weight: Some(mean),
        mean_weight_error: Some(error),
        largest_share: Some(kish.largest_share()),
        ..Overlap::default()
    }
}

fn weight(row: usize, logged: &LoggedReward) -> Result<f64, DataError> {
    let LoggedReward { reward, propensity, target } = *logged;
    if !(propensity > 0.0 && propensity <= 1.0) {
        return Err(DataError::OutOfRange {
            row,
            what: "propensity",
            allowed: "in (0, 1]",
            value: propensity,
        });
    }
    if !(0.0..=1.0).contains(&target) {
        return Err(DataError::OutOfRange {
            row,
            what: "target probability",
            allowed: "in [0, 1]",
            value: target,
        });
    }
    if !reward.is_finite() {
        return Err(DataError::NotFinite { row, column: "reward".to_owned(), value: reward });
    }
    Ok(target / propensity)
}

#[cfg(test)]
mod tests {
    use fincoach_core::rng::stream;

    use super::*;

    #[test]
    fn both_find_the_value_of_a_policy_that_did_not_write_the_log() {
        // Two actions pay 1 with probability 0.3 and 0.7; the log takes the second one time in five.
        let mut rng = stream(5, 0);
        let mut draw = || {
            let second = rng.bernoulli(0.2);
            let reward = f64::from(u8::from(rng.bernoulli(if second { 0.7 } else { 0.3 })));
            let (propensity, target) = if second { (0.2, 1.0) } else { (0.8, 0.0) };
            LoggedReward { reward, propensity, target }
        };
        let log: Vec<_> = (0..20_000).map(|_| draw()).collect();
        // Standard deviation of the plain estimate: sqrt((0.7·5 - 0.49)/20000) = 0.0123; four of them.
        assert!((ips(&log).unwrap().value - 0.7).abs() < 0.05);
        assert!((snips(&log).unwrap().value - 0.7).abs() < 0.03);
        let worth = ips(&log).unwrap().effective_sample_size;
        assert!((worth - 4000.0).abs() < 250.0, "{worth}");
    }

    #[test]
    fn impossible_logs_are_refused() {
        let fine = LoggedReward { reward: 1.0, propensity: 0.5, target: 1.0 };
        assert!(ips(&[]).is_err());
        for wrong in [
            LoggedReward { propensity: 0.0, ..fine },
            LoggedReward { propensity: f64::NAN, ..fine },
            LoggedReward { target: 1.1, ..fine },
            LoggedReward { target: f64::NAN, ..fine },
            LoggedReward { reward: f64::NAN, ..fine },
        ] {
            assert!(snips(&[fine, wrong]).unwrap_err().to_string().starts_with("row 1"));
        }
        let never = LoggedReward { target: 0.0, ..fine };
        assert!(matches!(snips(&[never, never]), Err(DataError::Undefined { .. })));
        assert!(matches!(snips(&[fine]), Err(DataError::Undefined { .. })));
    }
}
