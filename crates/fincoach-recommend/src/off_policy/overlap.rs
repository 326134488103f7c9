//! How well a log covers what a policy does.

use serde::{Deserialize, Serialize};

/// Facts about the overlap of the log's policy and the judged one; `None` where the log does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Overlap {
    /// Share of the judged policy's probability on actions that the log never took in any state.
    pub unsupported: Option<f64>,
    /// Smallest propensity of an action taken.
    pub smallest_propensity: Option<f64>,
    /// Mean of the weights `target/propensity` of single decisions, before clipping: 1 where propensities are right
    /// and every action of the policy can occur.
    pub mean_weight: Option<f64>,
    /// Standard error of that mean, over users.
    pub mean_weight_error: Option<f64>,
    /// Largest weight of a decision (of a trajectory up to its worst step) as a share of the sum of all.
    pub largest_share: Option<f64>,
    /// Share of trajectories that the log cuts off before their end or the horizon, where the estimator needs them whole.
    pub cut_short: Option<f64>,
}

/// From where on overlap is called bad.
///
/// | field | default | a warning when |
/// | --- | --- | --- |
/// | `effective_sample_size` | 50 | fewer |
/// | `propensity` | 0.01 | an action taken had less |
/// | `largest_share` | 0.1 | one decision or trajectory has more of the weight |
/// | `unsupported` | 0.001 | a larger share of the policy was never logged |
/// | `mean_weight_errors` | 4 | the mean weight is more standard errors away from 1 |
/// | `cut_short` | 0.01 | a larger share of trajectories is cut off |
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OverlapLimits {
    /// Smallest effective sample size.
    pub effective_sample_size: f64,
    /// Smallest propensity.
    pub propensity: f64,
    /// Largest share of one weight.
    pub largest_share: f64,
    /// Largest share of the policy without support.
    pub unsupported: f64,
    /// Largest distance of the mean weight from 1, in standard errors.
    pub mean_weight_errors: f64,
    /// Largest share of trajectories cut off.
    pub cut_short: f64,
}

impl Default for OverlapLimits {
    fn default() -> Self {
        Self {
            effective_sample_size: 50.0,
            propensity: 0.01,
            largest_share: 0.1,
            unsupported: 0.001,
            mean_weight_errors: 4.0,
            cut_short: 0.01,
        }
    }
}

/// A reason to distrust an estimate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OverlapWarning {
    /// Few decisions carry the estimate.
    #[error("the log is worth {size:.1} decisions or trajectories, fewer than {limit}")]
    LowEffectiveSampleSize {
        /// Effective sample size.
        size: f64,
        /// What is asked for.
        limit: f64,
    },
    /// One decision or trajectory carries much of the estimate.
    #[error("one weight is {:.1} % of all, more than {:.1} %", 100.0 * share, 100.0 * limit)]
    LargeWeight {
        /// Its share of the weights.
        share: f64,
        /// What is allowed.
        limit: f64,
    },
    /// The policy does what was never tried: no estimator can know what that brings.
    #[error("{:.1} % of what the policy does was never logged", 100.0 * share)]
    Unsupported {
        /// Share of the policy's probability.
        share: f64,
    },
    /// An action was taken that had hardly any probability.
    #[error("the smallest propensity is {smallest}, below {limit}")]
    SmallPropensity {
        /// Smallest propensity.
        smallest: f64,
        /// What is asked for.
        limit: f64,
    },
    /// Weights that should be 1 on average are not: propensities are wrong, or the log cannot take some actions.
    #[error("weights are {mean:.3} on average, {errors:.1} standard errors from 1")]
    MeanWeight {
        /// Mean weight.
        mean: f64,
        /// Its distance from 1 in standard errors.
        errors: f64,
    },
    /// The estimator lacks what came after the log's end.
    #[error("{:.1} % of trajectories are cut off by the log, and what came after is missing", 100.0 * share)]
    CutShort {
        /// Share of trajectories.
        share: f64,
    },
}

impl Overlap {
    pub(crate) fn warnings(&self, size: f64, limits: &OverlapLimits) -> Vec<OverlapWarning> {
        let few = (size < limits.effective_sample_size)
            .then_some(OverlapWarning::LowEffectiveSampleSize { size, limit: limits.effective_sample_size });
        let large = self
            .largest_share
            .filter(|share| *share > limits.largest_share)
            .map(|share| OverlapWarning::LargeWeight { share, limit: limits.largest_share });
        let unsupported = self
            .unsupported
            .filter(|share| *share > limits.unsupported)
            .map(|share| OverlapWarning::Unsupported { share });
        let small = self
            .smallest_propensity
            .filter(|smallest| *smallest < limits.propensity)
            .map(|smallest| OverlapWarning::SmallPropensity { smallest, limit: limits.propensity });
        let cut = self
            .cut_short
            .filter(|share| *share > limits.cut_short)
            .map(|share| OverlapWarning::CutShort { share });
        [few, large, unsupported, small, self.unbalanced(limits), cut].into_iter().flatten().collect()
    }

    fn unbalanced(&self, limits: &OverlapLimits) -> Option<OverlapWarning> {
        let (mean, error) = (self.mean_weight?, self.mean_weight_error?);
        let errors = (mean - 1.0).abs() / error.max(1e-12);
        (errors > limits.mean_weight_errors).then_some(OverlapWarning::MeanWeight { mean, errors })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_overlap_is_silent_and_each_fault_is_told() {
        let good = Overlap {
            unsupported: Some(0.0),
            smallest_propensity: Some(0.1),
            mean_weight: Some(1.02),
            mean_weight_error: Some(0.02),
            largest_share: Some(0.01),
            cut_short: Some(0.0),
        };
        let told = |overlap: Overlap| overlap.warnings(200.0, &OverlapLimits::default());
        assert!(told(good).is_empty() && told(Overlap::default()).is_empty());
        let faults = [
            Overlap { unsupported: Some(0.2), ..good },
            Overlap { smallest_propensity: Some(0.001), ..good },
            Overlap { mean_weight: Some(0.8), ..good },
            Overlap { largest_share: Some(0.5), ..good },
            Overlap { cut_short: Some(0.5), ..good },
        ];
        let texts: Vec<String> = faults.iter().map(|overlap| told(*overlap)[0].to_string()).collect();
        assert_eq!(
            texts,
            [
                "20.0 % of what the policy does was never logged",
                "the smallest propensity is 0.001, below 0.01",
                "weights are 0.800 on average, 10.0 standard errors from 1",
                "one weight is 50.0 % of all, more than 10.0 %",
                "50.0 % of trajectories are cut off by the log, and what came after is missing",
            ]
        );
    }
}
