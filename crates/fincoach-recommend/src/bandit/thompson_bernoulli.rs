//! Thompson sampling for rewards between 0 and 1.

use fincoach_core::{DataError, ParamError, json_artifact};
use serde::{Deserialize, Serialize};

use super::best_arm::best_probabilities;
use super::posterior::Posterior;
use super::{
    ArmSet, Bandit, MAX_WEIGHT, contradiction, ensure_allowed, ensure_arms, ensure_forgetting, ensure_known,
};
use crate::Error;

/// Thompson sampling with a beta posterior for the chance of success of each arm.
///
/// An arm is chosen with the probability that it is the best one (Thompson, 1933). These probabilities are computed,
/// `∫ fᵢ Πⱼ Fⱼ` to 10⁻⁸, and the choice is drawn from them, so that its propensity is known. The posterior
/// of an arm is `Beta(a + successes, b + failures)`; a reward between 0 and 1 counts as that share of a success.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `prior` | 1, 1 | each in `[0.01, 10⁶]` | `a` and `b`: successes and failures imagined beforehand |
/// | `forgetting` | 1 | `(0, 1]` | weight of each feedback when the next one comes (Raj and Kalyani, 2017) |
///
/// # Examples
/// ```
/// use fincoach_recommend::{ArmSet, Bandit, ThompsonBernoulli};
/// let mut bandit = ThompsonBernoulli::new(2)?;
/// bandit.learn(&[], 0, 1.0)?;
/// assert_eq!(bandit.posteriors(), [[2.0, 1.0], [1.0, 1.0]]);
/// // P(X > Y) with X ~ Beta(2, 1), Y uniform: the mean of X.
/// let chance = bandit.probabilities(&[], &ArmSet::all(2))?[0];
/// assert!((chance - 2.0 / 3.0).abs() < 1e-8);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct ThompsonBernoulli {
    prior: [f64; 2],
    forgetting: f64,
    successes: Vec<f64>,
    failures: Vec<f64>,
}

impl ThompsonBernoulli {
    /// A bandit that knows nothing yet.
    ///
    /// # Errors
    /// [`ParamError`] when there is no arm.
    pub fn new(n_arms: usize) -> Result<Self, Error> {
        ensure_arms(n_arms)?;
        let zeros = vec![0.0; n_arms];
        Ok(Self { prior: [1.0; 2], forgetting: 1.0, successes: zeros.clone(), failures: zeros })
    }

    /// Sets the successes and failures imagined beforehand.
    ///
    /// # Errors
    /// [`ParamError`] unless both are in `[0.01, 10⁶]`.
    pub fn with_prior(mut self, prior: [f64; 2]) -> Result<Self, Error> {
        for value in prior {
            ParamError::ensure((0.01..=1e6).contains(&value), "prior", "in [0.01, 1000000]", value)?;
        }
        self.prior = prior;
        Ok(self)
    }

    /// Sets how much a feedback weighs when the next one comes.
    ///
    /// # Errors
    /// [`ParamError`] outside `(0, 1]` or after the first feedback.
    pub fn with_forgetting(mut self, forgetting: f64) -> Result<Self, Error> {
        let has_learnt = self.successes.iter().chain(&self.failures).any(|weight| *weight > 0.0);
        ensure_forgetting(forgetting, has_learnt)?;
        self.forgetting = forgetting;
        Ok(self)
    }

    /// The successes and failures imagined beforehand.
    #[must_use]
    pub const fn prior(&self) -> [f64; 2] {
        self.prior
    }

    /// How much a feedback weighs when the next one comes.
    #[must_use]
    pub const fn forgetting(&self) -> f64 {
        self.forgetting
    }

    /// Both parameters of the beta posterior of each arm.
    #[must_use]
    pub fn posteriors(&self) -> Vec<[f64; 2]> {
        let [a, b] = self.prior;
        self.successes.iter().zip(&self.failures).map(|(won, lost)| [a + won, b + lost]).collect()
    }

    /// The posterior mean of each arm.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        self.posteriors().iter().map(|[a, b]| a / (a + b)).collect()
    }
}

impl Bandit for ThompsonBernoulli {
    fn n_arms(&self) -> usize {
        self.successes.len()
    }

    fn probabilities(&self, _context: &[f64], allowed: &ArmSet) -> Result<Vec<f64>, Error> {
        ensure_allowed(allowed, self.n_arms())?;
        let posteriors: Vec<_> = self.posteriors().iter().map(|[a, b]| Posterior::beta(*a, *b)).collect();
        Ok(best_probabilities(&posteriors, allowed))
    }

    fn learn(&mut self, _context: &[f64], arm: usize, reward: f64) -> Result<(), Error> {
        ensure_known(arm, self.n_arms())?;
        if !(0.0..=1.0).contains(&reward) {
            let (what, allowed) = ("reward", "in [0, 1]");
            return Err(DataError::OutOfRange { row: arm, what, allowed, value: reward }.into());
        }
        if self.forgetting < 1.0 {
            for weight in self.successes.iter_mut().chain(&mut self.failures) {
                *weight *= self.forgetting;
            }
        }
        self.successes[arm] += reward;
        self.failures[arm] += 1.0 - reward;
        Ok(())
    }
}

json_artifact!(ThompsonBernoulli, "thompson_bernoulli", 1);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    prior: [f64; 2],
    forgetting: f64,
    successes: Vec<f64>,
    failures: Vec<f64>,
}

impl From<ThompsonBernoulli> for Repr {
    fn from(bandit: ThompsonBernoulli) -> Self {
        let ThompsonBernoulli { prior, forgetting, successes, failures } = bandit;
        Self { prior, forgetting, successes, failures }
    }
}

impl TryFrom<Repr> for ThompsonBernoulli {
    type Error = Error;

    fn try_from(repr: Repr) -> Result<Self, Error> {
        let mut bandit =
            Self::new(repr.successes.len())?.with_prior(repr.prior)?.with_forgetting(repr.forgetting)?;
        DataError::ensure_len("failures of the bandit", bandit.n_arms(), repr.failures.len())?;
        let counted = |weight: &f64| (0.0..=MAX_WEIGHT).contains(weight);
        if !repr.successes.iter().chain(&repr.failures).all(counted) {
            return Err(contradiction("successes and failures are counts"));
        }
        (bandit.successes, bandit.failures) = (repr.successes, repr.failures);
        Ok(bandit)
    }
}
