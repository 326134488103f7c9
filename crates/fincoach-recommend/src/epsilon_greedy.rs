//! A bandit that mostly takes the best arm so far.

use fincoach_core::artifact::{from_json, to_json};
use fincoach_core::rng::Rng;
use fincoach_core::{Artifact, ArtifactError, DataError, ParamError};
use serde::{Deserialize, Serialize};

use crate::Error;

/// An arm that was chosen, and how likely that was.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The arm, counted from 0.
    pub arm: usize,
    /// Probability with which this arm was chosen at that moment: what off-policy estimators need.
    pub propensity: f64,
}

/// An ε-greedy bandit: with probability ε any arm at random, else the one with the best mean reward.
///
/// The value of an arm is the mean of its rewards, 0 before the first. Of equal values the lowest arm wins.
///
/// # Examples
/// ```
/// use fincoach_core::rng::stream;
/// use fincoach_recommend::EpsilonGreedy;
/// let mut bandit = EpsilonGreedy::new(3, 0.1)?;
/// bandit.feedback(2, 1.0)?;
/// bandit.feedback(2, 0.5)?;
/// assert_eq!(bandit.values(), [0.0, 0.0, 0.75]);
/// assert_eq!(bandit.best(), 2);
/// let decision = bandit.choose(&mut stream(1, 0));
/// assert_eq!(decision.propensity, bandit.propensity(decision.arm));
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct EpsilonGreedy {
    epsilon: f64,
    counts: Vec<u64>,
    rewards: Vec<f64>,
}

impl EpsilonGreedy {
    /// A bandit that knows nothing yet.
    ///
    /// # Errors
    /// [`ParamError`] when there is no arm or `epsilon` is not in `[0, 1]`.
    pub fn new(n_arms: usize, epsilon: f64) -> Result<Self, Error> {
        ParamError::ensure(n_arms >= 1, "n_arms", "at least 1", n_arms)?;
        ParamError::ensure((0.0..=1.0).contains(&epsilon), "epsilon", "in [0, 1]", epsilon)?;
        Ok(Self { epsilon, counts: vec![0; n_arms], rewards: vec![0.0; n_arms] })
    }

    /// The number of arms.
    #[must_use]
    pub const fn n_arms(&self) -> usize {
        self.counts.len()
    }

    /// The share of choices left to chance.
    #[must_use]
    pub const fn epsilon(&self) -> f64 {
        self.epsilon
    }

    /// How often each arm got feedback.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The sum of the rewards of each arm.
    #[must_use]
    pub fn rewards(&self) -> &[f64] {
        &self.rewards
    }

    /// The mean reward of each arm, 0 where there was none.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        self.counts.iter().zip(&self.rewards).map(|(count, sum)| sum / (*count).max(1) as f64).collect()
    }

    /// The arm with the best value; the lowest of equals.
    #[must_use]
    pub fn best(&self) -> usize {
        crate::greedy::argmax(&self.values())
    }

    /// Chooses an arm.
    pub fn choose(&self, rng: &mut Rng) -> Decision {
        // Both numbers are drawn every time, so that one choice uses up the same part of the stream.
        let (explore, any) = (rng.bernoulli(self.epsilon), rng.below(self.n_arms()));
        let arm = if explore { any } else { self.best() };
        Decision { arm, propensity: self.propensity(arm) }
    }

    /// The probability with which [`EpsilonGreedy::choose`] would take an arm now.
    #[must_use]
    pub fn propensity(&self, arm: usize) -> f64 {
        let explored = if arm < self.n_arms() { self.epsilon / self.n_arms() as f64 } else { 0.0 };
        if arm == self.best() { explored + (1.0 - self.epsilon) } else { explored }
    }

    /// Learns what an arm brought.
    ///
    /// # Errors
    /// [`Error::UnknownArm`], and [`DataError::NotFinite`] when the reward is NaN or infinite or makes the
    /// sum so; nothing is learnt then.
    pub fn feedback(&mut self, arm: usize, reward: f64) -> Result<(), Error> {
        let n_arms = self.n_arms();
        let sum = self.rewards.get_mut(arm).ok_or(Error::UnknownArm { arm, n_arms })?;
        if !(*sum + reward).is_finite() {
            let column = "reward".to_owned();
            return Err(DataError::NotFinite { row: arm, column, value: reward }.into());
        }
        *sum += reward;
        self.counts[arm] += 1;
        Ok(())
    }
}

impl Artifact for EpsilonGreedy {
    const KIND: &'static str = "bandit_state";
    const FORMAT: u32 = 1;

    fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        to_json::<Self, _>(self)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        from_json::<Self, Self>(bytes)
    }
}

/// The form on disk; the values are there for readers and have to agree with the sums.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    epsilon: f64,
    counts: Vec<u64>,
    rewards: Vec<f64>,
    values: Vec<f64>,
}

impl From<EpsilonGreedy> for Repr {
    fn from(bandit: EpsilonGreedy) -> Self {
        let values = bandit.values();
        Self { epsilon: bandit.epsilon, counts: bandit.counts, rewards: bandit.rewards, values }
    }
}

impl TryFrom<Repr> for EpsilonGreedy {
    type Error = Error;

    fn try_from(repr: Repr) -> Result<Self, Error> {
        let mut bandit = Self::new(repr.counts.len(), repr.epsilon)?;
        DataError::ensure_len("rewards of the bandit", repr.counts.len(), repr.rewards.len())?;
        (bandit.counts, bandit.rewards) = (repr.counts, repr.rewards);
        let unused = |arm: usize| bandit.counts[arm] == 0 && bandit.rewards[arm] != 0.0;
        let contradiction = (0..bandit.n_arms())
            .find(|arm| unused(*arm) || repr.values.get(*arm) != bandit.values().get(*arm))
            .or_else(|| (repr.values.len() != bandit.n_arms()).then_some(bandit.n_arms()));
        match contradiction {
            None => Ok(bandit),
            Some(arm) => Err(Error::Data(DataError::Inconsistent {
                what: "bandit state",
                reason: format!("arm {arm}: value, count and rewards contradict each other"),
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::rng::stream;

    use super::*;

    #[test]
    fn the_best_arm_wins_on_a_bernoulli_problem() {
        let chances = [0.3, 0.5, 0.4, 0.7, 0.2];
        for seed in 0..5 {
            let mut rng = stream(seed, 0);
            let mut bandit = EpsilonGreedy::new(5, 0.1).unwrap();
            for _ in 0..5000 {
                let arm = bandit.choose(&mut rng).arm;
                bandit.feedback(arm, f64::from(u8::from(rng.bernoulli(chances[arm])))).unwrap();
            }
            assert_eq!(bandit.best(), 3, "seed {seed}: {bandit:?}");
            assert!(bandit.counts()[3] > 3500, "seed {seed}: {:?}", bandit.counts());
            let total: f64 = bandit.rewards().iter().sum();
            assert!(total > 0.6 * 5000.0, "seed {seed}: {total}");
        }
    }

    #[test]
    fn propensities_are_the_frequencies_of_choices() {
        let mut bandit = EpsilonGreedy::new(4, 0.2).unwrap();
        bandit.feedback(1, 1.0).unwrap();
        let total: f64 = (0..4).map(|arm| bandit.propensity(arm)).sum();
        assert!((total - 1.0).abs() < 1e-15);
        assert_eq!(bandit.propensity(4), 0.0);
        let mut counts = [0_u32; 4];
        let mut rng = stream(9, 0);
        for _ in 0..40_000 {
            counts[bandit.choose(&mut rng).arm] += 1;
        }
        for (arm, count) in counts.iter().enumerate() {
            let share = f64::from(*count) / 40_000.0;
            // Five standard deviations of the best arm's share: 5·sqrt(0.85·0.15/40000).
            assert!((share - bandit.propensity(arm)).abs() < 0.009, "arm {arm}: {share}");
        }
    }

    #[test]
    fn ties_go_to_the_lowest_arm() {
        let mut bandit = EpsilonGreedy::new(3, 0.0).unwrap();
        assert_eq!(bandit.best(), 0);
        bandit.feedback(2, 1.0).unwrap();
        bandit.feedback(1, 1.0).unwrap();
        assert_eq!(bandit.best(), 1);
        assert_eq!(bandit.choose(&mut stream(1, 1)), Decision { arm: 1, propensity: 1.0 });
    }

    #[test]
    fn wrong_feedback_teaches_nothing() {
        let mut bandit = EpsilonGreedy::new(2, 0.1).unwrap();
        let before = bandit.clone();
        assert!(matches!(bandit.feedback(2, 1.0), Err(Error::UnknownArm { arm: 2, n_arms: 2 })));
        assert!(bandit.feedback(0, f64::NAN).is_err());
        assert!(bandit.feedback(0, f64::INFINITY).is_err());
        assert_eq!(bandit, before);
        assert!(EpsilonGreedy::new(0, 0.1).is_err());
        assert!(EpsilonGreedy::new(2, f64::NAN).is_err());
    }
}
