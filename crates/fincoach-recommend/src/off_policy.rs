//! What another policy would have earned, from a log with known propensities.

use fincoach_core::DataError;
use serde::{Deserialize, Serialize};

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

/// An estimated mean reward a decision, and how much data stands behind it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// Estimated mean reward of a decision.
    pub value: f64,
    /// How many decisions of the judged policy itself the log is worth: `(Σw)²/Σw²` (Kish).
    pub effective_sample_size: f64,
    /// Decisions in the log.
    pub n_decisions: usize,
}

/// The inverse propensity estimate `(1/n)·Σ wᵢrᵢ` with `wᵢ = targetᵢ/propensityᵢ` (Horvitz and Thompson, 1952).
///
/// Unbiased when the log's policy may take whatever the judged one does; noisy where propensities are small.
///
/// # Errors
/// [`DataError::Empty`] without decisions, [`DataError::OutOfRange`] for a probability out of range,
/// [`DataError::NotFinite`] for a reward, [`DataError::Undefined`] when the log never does what the policy does.
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
    let sums = Sums::of(log)?;
    Ok(sums.estimate(sums.weighted / sums.n))
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
    let sums = Sums::of(log)?;
    Ok(sums.estimate(sums.weighted / sums.weights))
}

struct Sums {
    n: f64,
    weights: f64,
    squares: f64,
    weighted: f64,
}

impl Sums {
    fn of(log: &[LoggedReward]) -> Result<Self, DataError> {
        if log.is_empty() {
            return Err(DataError::Empty { what: "logged decisions" });
        }
        let mut sums = Self { n: log.len() as f64, weights: 0.0, squares: 0.0, weighted: 0.0 };
        for (row, logged) in log.iter().enumerate() {
            let weight = weight(row, logged)?;
            sums.weights += weight;
            sums.squares += weight * weight;
            sums.weighted += weight * logged.reward;
        }
        if sums.weights > 0.0 {
            return Ok(sums);
        }
        Err(DataError::Undefined {
            figure: "the policy's value",
            reason: "the log never does what the policy does",
        })
    }

    fn estimate(&self, value: f64) -> Estimate {
        let effective_sample_size = self.weights * self.weights / self.squares;
        Estimate { value, effective_sample_size, n_decisions: self.n as usize }
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
        assert!(matches!(snips(&[LoggedReward { target: 0.0, ..fine }]), Err(DataError::Undefined { .. })));
    }
}
