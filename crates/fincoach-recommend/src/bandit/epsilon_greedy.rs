//! A bandit that mostly takes the best arm so far.

use fincoach_core::rng::Rng;
use fincoach_core::{ParamError, json_artifact};
use serde::{Deserialize, Serialize};

use super::means::Means;
use super::{
    ArmSet, Bandit, Decision, best_allowed, contradiction, ensure_allowed, ensure_arms, ensure_forgetting,
};
use crate::Error;

/// An ε-greedy bandit: with probability ε any arm at random, else the one with the best mean reward.
///
/// The value of an arm is the mean of its rewards, 0 before the first. Of equal values the lowest arm wins.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `epsilon` | | `[0, 1]` | the share of choices left to chance |
/// | `decay` | none | `> 0` | τ: after `n` feedbacks the share is `ε·τ/(τ + n)`; the εₙ-greedy of Auer et al. (2002) has ε 1 and τ = `c·K/d²` |
/// | `forgetting` | 1 | `(0, 1]` | weight of each feedback when the next one comes; `n` above is discounted too, so that a bandit that forgets goes on exploring |
///
/// [`EpsilonGreedy::choose`] draws two numbers whatever happens, [`Bandit::decide`] one: their choices have the same
/// probabilities and are not the same.
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
    decay: Option<f64>,
    means: Means,
}

impl EpsilonGreedy {
    /// A bandit that knows nothing yet.
    ///
    /// # Errors
    /// [`ParamError`] when there is no arm or `epsilon` is not in `[0, 1]`.
    pub fn new(n_arms: usize, epsilon: f64) -> Result<Self, Error> {
        ensure_arms(n_arms)?;
        ParamError::ensure((0.0..=1.0).contains(&epsilon), "epsilon", "in [0, 1]", epsilon)?;
        Ok(Self { epsilon, decay: None, means: Means::new(n_arms) })
    }

    /// Lets the share left to chance fall with the number of feedbacks, to a half after the first `decay`.
    ///
    /// # Errors
    /// [`ParamError`] unless `decay` is positive and finite.
    pub fn with_decay(mut self, decay: f64) -> Result<Self, Error> {
        ParamError::ensure(decay > 0.0 && decay.is_finite(), "decay", "positive and finite", decay)?;
        self.decay = Some(decay);
        Ok(self)
    }

    /// Sets how much a feedback weighs when the next one comes.
    ///
    /// # Errors
    /// [`ParamError`] outside `(0, 1]` or after the first feedback.
    pub fn with_forgetting(mut self, forgetting: f64) -> Result<Self, Error> {
        ensure_forgetting(forgetting, self.means.has_learnt())?;
        self.means.forgetting = forgetting;
        Ok(self)
    }

    /// The number of arms.
    #[must_use]
    pub const fn n_arms(&self) -> usize {
        self.means.counts.len()
    }

    /// The share of choices left to chance, before it decays.
    #[must_use]
    pub const fn epsilon(&self) -> f64 {
        self.epsilon
    }

    /// After how many feedbacks the share left to chance has halved, if it decays.
    #[must_use]
    pub const fn decay(&self) -> Option<f64> {
        self.decay
    }

    /// How much a feedback weighs when the next one comes.
    #[must_use]
    pub const fn forgetting(&self) -> f64 {
        self.means.forgetting
    }

    /// The share of choices left to chance now.
    #[must_use]
    pub fn epsilon_now(&self) -> f64 {
        self.decay.map_or(self.epsilon, |decay| self.epsilon * decay / (decay + self.means.total_weight()))
    }

    /// How often each arm got feedback.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.means.counts
    }

    /// The sum of the rewards of each arm, discounted where the bandit forgets.
    #[must_use]
    pub fn rewards(&self) -> &[f64] {
        &self.means.sums
    }

    /// The mean reward of each arm, 0 where there was none.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        self.means.values()
    }

    /// The arm with the best value; the lowest of equals.
    #[must_use]
    pub fn best(&self) -> usize {
        crate::greedy::argmax(&self.values())
    }

    /// Chooses an arm.
    pub fn choose(&self, rng: &mut Rng) -> Decision {
        // Both numbers are drawn every time, so that one choice uses up the same part of the stream.
        let (explore, any) = (rng.bernoulli(self.epsilon_now()), rng.below(self.n_arms()));
        let arm = if explore { any } else { self.best() };
        Decision { arm, propensity: self.propensity(arm) }
    }

    /// The probability with which [`EpsilonGreedy::choose`] would take an arm now.
    #[must_use]
    pub fn propensity(&self, arm: usize) -> f64 {
        let epsilon = self.epsilon_now();
        let explored = if arm < self.n_arms() { epsilon / self.n_arms() as f64 } else { 0.0 };
        if arm == self.best() { explored + (1.0 - epsilon) } else { explored }
    }

    /// Learns what an arm brought.
    ///
    /// # Errors
    /// [`Error::UnknownArm`], and [`Error::Data`] when the reward is NaN or infinite or makes the
    /// sum so; nothing is learnt then.
    pub fn feedback(&mut self, arm: usize, reward: f64) -> Result<(), Error> {
        self.means.learn(arm, reward)
    }
}

impl Bandit for EpsilonGreedy {
    fn n_arms(&self) -> usize {
        self.n_arms()
    }

    fn probabilities(&self, _context: &[f64], allowed: &ArmSet) -> Result<Vec<f64>, Error> {
        ensure_allowed(allowed, self.n_arms())?;
        let epsilon = self.epsilon_now();
        let explored = epsilon / allowed.n_allowed() as f64;
        let mut probabilities = vec![0.0; self.n_arms()];
        for arm in allowed.iter() {
            probabilities[arm] = explored;
        }
        probabilities[best_allowed(&self.values(), allowed)] += 1.0 - epsilon;
        Ok(probabilities)
    }

    fn learn(&mut self, _context: &[f64], arm: usize, reward: f64) -> Result<(), Error> {
        self.feedback(arm, reward)
    }
}

json_artifact!(EpsilonGreedy, "bandit_state", 1);

/// The form on disk; the values are there for readers and have to agree with the sums.
///
/// What only some bandits have is left out for the others: their files are those of the first release.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    epsilon: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decay: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forgetting: Option<f64>,
    counts: Vec<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    weights: Option<Vec<f64>>,
    rewards: Vec<f64>,
    values: Vec<f64>,
}

impl From<EpsilonGreedy> for Repr {
    fn from(bandit: EpsilonGreedy) -> Self {
        let EpsilonGreedy { epsilon, decay, means } = bandit;
        let (values, weights) = (means.values(), means.stored_weights());
        let forgetting = (means.forgetting < 1.0).then_some(means.forgetting);
        Self { epsilon, decay, forgetting, counts: means.counts, weights, rewards: means.sums, values }
    }
}

impl TryFrom<Repr> for EpsilonGreedy {
    type Error = Error;

    fn try_from(repr: Repr) -> Result<Self, Error> {
        let mut bandit = Self::new(repr.counts.len(), repr.epsilon)?;
        if let Some(decay) = repr.decay {
            bandit = bandit.with_decay(decay)?;
        }
        let forgetting = repr.forgetting.unwrap_or(1.0);
        bandit = bandit.with_forgetting(forgetting)?;
        bandit.means = Means::from_parts(forgetting, (repr.counts, repr.weights, repr.rewards))?;
        if bandit.values() == repr.values {
            return Ok(bandit);
        }
        Err(contradiction("values and rewards contradict each other"))
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
