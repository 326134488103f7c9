//! An estimate with what is known about its error.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::overlap::{Overlap, OverlapLimits, OverlapWarning};

/// A range that holds the true value in `level` of repeated logs, if the assumptions of the estimator hold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Nominal coverage, in `(0, 1)`.
    pub level: f64,
}

impl Interval {
    /// Whether the value lies in the range, ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// An estimated value of a policy, how sure it is, and how much data stands behind it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// Estimated value: the mean reward of a decision, or of a trajectory its discounted sum.
    pub value: f64,
    /// Standard error over users: rows of one user may depend on one another, users must not.
    pub standard_error: f64,
    /// Interval around the value.
    pub interval: Interval,
    /// How many decisions (or trajectories) of the judged policy itself the log is worth: `(Σw)²/Σw²` (Kish, 1965);
    /// for trajectories that of the worst step. Methods that weigh nothing count everything once.
    pub effective_sample_size: f64,
    /// Decisions in the log.
    pub n_decisions: usize,
    /// Users in the log.
    pub n_users: usize,
    /// How well the log covers what the policy does.
    pub overlap: Overlap,
}

impl Estimate {
    /// What speaks against the estimate, by the default limits.
    ///
    /// # Examples
    /// ```
    /// use fincoach_recommend::{LoggedReward, OverlapWarning, ips};
    /// let rare = LoggedReward { reward: 1.0, propensity: 0.004, target: 1.0 };
    /// let common = LoggedReward { reward: 1.0, propensity: 0.996, target: 0.0 };
    /// let warnings = ips(&[rare, common, common])?.warnings();
    /// assert!(warnings.contains(&OverlapWarning::SmallPropensity { smallest: 0.004, limit: 0.01 }));
    /// assert_eq!(warnings[0].to_string(), "the log is worth 1.0 decisions or trajectories, fewer than 50");
    /// # Ok::<(), fincoach_core::DataError>(())
    /// ```
    #[must_use]
    pub fn warnings(&self) -> Vec<OverlapWarning> {
        self.warnings_with(&OverlapLimits::default())
    }

    /// What speaks against the estimate, by limits of one's own.
    #[must_use]
    pub fn warnings_with(&self, limits: &OverlapLimits) -> Vec<OverlapWarning> {
        self.overlap.warnings(self.effective_sample_size, limits)
    }

    /// The estimate in another unit: value, error and interval times a positive number.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        let Interval { low, high, level } = self.interval;
        Self {
            value: self.value * factor,
            standard_error: self.standard_error * factor,
            interval: Interval { low: low * factor, high: high * factor, level },
            ..self
        }
    }
}

impl fmt::Display for Estimate {
    /// One line for the value, one for each warning.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Interval { low, high, level } = self.interval;
        write!(f, "{:.4} ({:.0} %: {low:.4} to {high:.4}), ", self.value, 100.0 * level)?;
        write!(f, "worth {:.1} of {} decisions", self.effective_sample_size, self.n_decisions)?;
        write!(f, ", {} users", self.n_users)?;
        self.warnings().iter().try_for_each(|warning| write!(f, "\n  warning: {warning}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_says_what_speaks_against_it() {
        let estimate = Estimate {
            value: 2.0,
            standard_error: 0.5,
            interval: Interval { low: 1.0, high: 3.0, level: 0.95 },
            effective_sample_size: 12.0,
            n_decisions: 400,
            n_users: 40,
            overlap: Overlap { unsupported: Some(0.25), ..Overlap::default() },
        };
        let text = "2.0000 (95 %: 1.0000 to 3.0000), worth 12.0 of 400 decisions, 40 users\n  \
                    warning: the log is worth 12.0 decisions or trajectories, fewer than 50\n  \
                    warning: 25.0 % of what the policy does was never logged";
        assert_eq!(estimate.to_string(), text);
        assert!(estimate.interval.contains(3.0) && !estimate.interval.contains(f64::NAN));
        assert_eq!(estimate.scaled(2.0).interval.high, 6.0);
        let saved = serde_json::to_string(&estimate).unwrap();
        assert_eq!(serde_json::from_str::<Estimate>(&saved).unwrap(), estimate);
    }
}
