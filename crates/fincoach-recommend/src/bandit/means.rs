//! Mean rewards of arms, with or without forgetting.

use fincoach_core::DataError;

use super::{FORGOTTEN, bad_reward, contradiction, ensure_known};
use crate::Error;

/// Counts, discounted counts and discounted sums of the rewards of each arm.
///
/// A feedback of `k` feedbacks ago weighs `forgetting^k`, whichever arms they were for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Means {
    pub(super) forgetting: f64,
    pub(super) counts: Vec<u64>,
    pub(super) weights: Vec<f64>,
    pub(super) sums: Vec<f64>,
}

impl Means {
    pub(super) fn new(n_arms: usize) -> Self {
        let zeros = vec![0.0; n_arms];
        Self { forgetting: 1.0, counts: vec![0; n_arms], weights: zeros.clone(), sums: zeros }
    }

    /// The state in a file, checked; without weights they are the counts.
    pub(super) fn from_parts(
        forgetting: f64,
        (counts, weights, sums): (Vec<u64>, Option<Vec<f64>>, Vec<f64>),
    ) -> Result<Self, Error> {
        DataError::ensure_len("rewards of the bandit", counts.len(), sums.len())?;
        if weights.is_some() == (forgetting >= 1.0) {
            return Err(contradiction("weights stand beside counts if and only if the bandit forgets"));
        }
        let weights = weights.unwrap_or_else(|| counts.iter().map(|count| *count as f64).collect());
        DataError::ensure_len("weights of the bandit", counts.len(), weights.len())?;
        for (arm, ((count, weight), sum)) in counts.iter().zip(&weights).zip(&sums).enumerate() {
            let in_range = *weight >= 0.0 && *weight <= *count as f64;
            if !in_range || !sum.is_finite() || (*weight == 0.0 && *sum != 0.0) {
                return Err(contradiction(format!(
                    "arm {arm}: count, weight and rewards contradict each other"
                )));
            }
        }
        Ok(Self { forgetting, counts, weights, sums })
    }

    /// What a file has to hold beside the counts.
    pub(super) fn stored_weights(&self) -> Option<Vec<f64>> {
        (self.forgetting < 1.0).then(|| self.weights.clone())
    }

    pub(super) fn has_learnt(&self) -> bool {
        self.counts.iter().any(|count| *count > 0)
    }

    /// The mean reward of each arm, 0 where nothing is known.
    pub(super) fn values(&self) -> Vec<f64> {
        let value = |(sum, weight): (&f64, &f64)| if *weight > 0.0 { sum / weight } else { 0.0 };
        self.sums.iter().zip(&self.weights).map(value).collect()
    }

    /// The discounted number of feedbacks.
    pub(super) fn total_weight(&self) -> f64 {
        self.weights.iter().sum()
    }

    pub(super) fn learn(&mut self, arm: usize, reward: f64) -> Result<(), Error> {
        ensure_known(arm, self.counts.len())?;
        if !(self.sums[arm] + reward).is_finite() {
            return Err(bad_reward(arm, reward));
        }
        if self.forgetting < 1.0 {
            self.fade();
        }
        self.sums[arm] += reward;
        self.weights[arm] += 1.0;
        self.counts[arm] += 1;
        Ok(())
    }

    fn fade(&mut self) {
        for (weight, sum) in self.weights.iter_mut().zip(&mut self.sums) {
            *weight *= self.forgetting;
            *sum *= self.forgetting;
            // Below this the mean of what is left has lost its digits.
            if *weight < FORGOTTEN {
                (*weight, *sum) = (0.0, 0.0);
            }
        }
    }
}
