//! Thompson sampling with a linear model of the reward of each arm.

use fincoach_core::{ParamError, json_artifact};
use serde::{Deserialize, Serialize};

use super::best_arm::best_probabilities;
use super::linear_arms::{LinearArms, LinearRepr, linear_bandit};
use super::posterior::Posterior;
use super::{ArmSet, Bandit, ensure_allowed};
use crate::Error;

/// Linear Thompson sampling with disjoint arms: an arm is chosen with the probability that it is best in the context.
///
/// After Agrawal and Goyal (2013): the weights of each arm have the posterior `N(θᵢ, σ²Vᵢ⁻¹)` of a Bayesian linear
/// regression with the prior `N(0, σ²/λ · I)`. The scores of the arms in a context are then independent and normal, the
/// probability that each is the largest is computed to 10⁻⁸, and the choice is drawn from these probabilities.
/// With `forgetting` below 1 the posterior is `N(θᵢ, σ²V⁻¹ṼV⁻¹)`, as in [`LinUcb`](crate::LinUcb) (Kim and Tewari, 2020).
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `noise` | 1 | `> 0` | `σ`: standard deviation of rewards around their mean in a context |
/// | `ridge` | 1 | `[10⁻¹², 10¹²]` | `λ`: how closely weights are believed to lie around 0 beforehand |
/// | `forgetting` | 1 | `(0, 1]` | weight of each feedback when the next one comes |
///
/// Costs as [`LinUcb`](crate::LinUcb), and the integral of each choice.
///
/// # Examples
/// ```
/// use fincoach_recommend::{ArmSet, Bandit, LinThompson};
/// let bandit = LinThompson::new(4, 2)?;
/// let even = bandit.probabilities(&[1.0, -0.5], &ArmSet::all(4))?;
/// assert!(even.iter().all(|chance| (chance - 0.25).abs() < 1e-8));
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct LinThompson {
    noise: f64,
    arms: LinearArms,
}

impl LinThompson {
    /// A bandit that knows nothing yet.
    ///
    /// # Errors
    /// [`ParamError`] when there is no arm or a context has no number.
    pub fn new(n_arms: usize, context_len: usize) -> Result<Self, Error> {
        Ok(Self { noise: 1.0, arms: LinearArms::new(n_arms, context_len)? })
    }

    /// Sets the standard deviation of rewards around their mean in a context.
    ///
    /// # Errors
    /// [`ParamError`] unless it is finite and positive.
    pub fn with_noise(mut self, noise: f64) -> Result<Self, Error> {
        let ok = noise > 0.0 && noise.is_finite();
        ParamError::ensure(ok, "noise", "finite and positive", noise)?;
        self.noise = noise;
        Ok(self)
    }

    /// The standard deviation of rewards around their mean in a context.
    #[must_use]
    pub const fn noise(&self) -> f64 {
        self.noise
    }

    /// Mean and standard deviation of the posterior of each arm's score in a context.
    ///
    /// # Errors
    /// As [`Bandit::probabilities`].
    pub fn scores(&self, context: &[f64]) -> Result<Vec<[f64; 2]>, Error> {
        let promises = self.arms.promises(context)?;
        Ok(promises.iter().map(|promise| [promise.mean, self.noise * promise.width]).collect())
    }
}

impl Bandit for LinThompson {
    fn n_arms(&self) -> usize {
        self.arms.n_arms()
    }

    fn context_len(&self) -> Option<usize> {
        Some(self.arms.context_len())
    }

    fn probabilities(&self, context: &[f64], allowed: &ArmSet) -> Result<Vec<f64>, Error> {
        ensure_allowed(allowed, self.n_arms())?;
        let normal = |[mean, deviation]: &[f64; 2]| Posterior::normal(*mean, *deviation);
        let posteriors: Vec<_> = self.scores(context)?.iter().map(normal).collect();
        Ok(best_probabilities(&posteriors, allowed))
    }

    fn learn(&mut self, context: &[f64], arm: usize, reward: f64) -> Result<(), Error> {
        self.arms.learn(context, arm, reward)
    }
}

json_artifact!(LinThompson, "lin_thompson", 1);

linear_bandit!(LinThompson, noise, with_noise);
