//! What came of a trial.

use fincoach_recommend::Estimate;
use fincoach_simulate::{Estimate as TrueValue, Rollout};
use serde::Serialize;

use crate::Error;

/// The true value of one policy on households that the log does not know.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TrialRow {
    /// `logging`, `rule`, `reference`, `always_…`, `cql` or `cloning`.
    pub policy: String,
    /// Mean reward of a week, in usual weekly incomes.
    pub weekly: TrueValue,
    /// How much more it is worth in all than the logging policy, household by household.
    pub gain: TrueValue,
    /// The share of the gap between logging and reference that it closes.
    pub share_of_gap: f64,
    /// How often each action was taken.
    pub actions: [u64; 5],
}

/// What a log says of the learnt policy, and what is true.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TrialEstimate {
    /// The estimator.
    pub estimator: String,
    /// Its estimate, from the log alone.
    pub estimate: Estimate,
    /// The value found by letting the log's households live under the policy.
    pub truth: TrueValue,
}

/// Values of all policies, estimates of the learnt one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TrialReport {
    /// A row for each policy.
    pub rows: Vec<TrialRow>,
    /// An entry for each estimator.
    pub estimates: Vec<TrialEstimate>,
    /// Largest difference of a reward from bookings and log and the simulator's own.
    pub reward_difference: f64,
}

impl TrialReport {
    pub(super) fn new(
        rollouts: &[(String, Rollout)],
        estimates: Vec<TrialEstimate>,
        reward_difference: f64,
    ) -> Result<Self, Error> {
        let named =
            |wanted: &str| rollouts.iter().find(|(name, _)| name == wanted).map(|(_, rollout)| rollout);
        let (Some(logging), Some(reference)) = (named("logging"), named("reference")) else {
            return Ok(Self { rows: Vec::new(), estimates, reward_difference });
        };
        let gap = reference.minus(logging)?.mean;
        let row = |(policy, rollout): &(String, Rollout)| {
            let gain = rollout.minus(logging)?;
            Ok(TrialRow {
                policy: policy.clone(),
                weekly: rollout.weekly(),
                gain,
                share_of_gap: gain.mean / gap,
                actions: *rollout.actions(),
            })
        };
        let rows = rollouts.iter().map(row).collect::<Result<_, Error>>()?;
        Ok(Self { rows, estimates, reward_difference })
    }

    /// The row of a policy.
    #[must_use]
    pub fn row(&self, policy: &str) -> Option<&TrialRow> {
        self.rows.iter().find(|row| row.policy == policy)
    }
}
