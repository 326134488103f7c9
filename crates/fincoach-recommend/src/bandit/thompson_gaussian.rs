//! Thompson sampling for rewards on the whole line.

use fincoach_core::{DataError, ParamError, json_artifact};
use serde::{Deserialize, Serialize};

use super::best_arm::best_probabilities;
use super::posterior::Posterior;
use super::{
    ArmSet, Bandit, FORGOTTEN, MAX_WEIGHT, bad_reward, contradiction, ensure_allowed, ensure_arms,
    ensure_forgetting, ensure_known,
};
use crate::Error;

/// What is believed of the rewards of an arm before the first: normal, their mean around `mean`.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `mean` | 0 | finite | mean reward expected |
/// | `weight` | 1 | `> 0` | how many rewards that expectation is worth |
/// | `shape` | 1 | `≥ 0.5` | half the number of rewards that `scale` is worth; not read where the variance is known |
/// | `scale` | 1 | `> 0` | `shape` times the variance expected of rewards; likewise |
/// | `variance` | none | `> 0` | the variance of rewards, where it is known |
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GaussianPrior {
    /// Mean reward expected.
    pub mean: f64,
    /// How many rewards that expectation is worth.
    pub weight: f64,
    /// Half the number of rewards that `scale` is worth.
    pub shape: f64,
    /// `shape` times the variance expected.
    pub scale: f64,
    /// The variance of rewards, where it is known.
    pub variance: Option<f64>,
}

impl Default for GaussianPrior {
    fn default() -> Self {
        Self { mean: 0.0, weight: 1.0, shape: 1.0, scale: 1.0, variance: None }
    }
}

impl GaussianPrior {
    fn ensure(&self) -> Result<(), ParamError> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        ParamError::ensure(self.mean.is_finite(), "mean", "finite", self.mean)?;
        for (name, value) in [("weight", self.weight), ("scale", self.scale)] {
            ParamError::ensure(positive(value), name, "positive and finite", value)?;
        }
        // Below one degree of freedom tails are too long to be integrated.
        let ok = self.shape >= 0.5 && self.shape.is_finite();
        ParamError::ensure(ok, "shape", "finite and at least 0.5", self.shape)?;
        let variance = self.variance.unwrap_or(1.0);
        ParamError::ensure(positive(variance), "variance", "positive and finite", variance)
    }
}

/// Thompson sampling with a normal–inverse-gamma posterior for the rewards of each arm, or a normal one where
/// the variance of rewards is known.
///
/// An arm is chosen with the probability that its mean is the largest; these probabilities are computed to 10⁻⁸ and
/// the choice drawn from them. With `n` rewards of mean `m` and sum of squares `s` around it, `κ = κ₀ + n`:
///
/// ```text
/// mean ~ t(2α) around (κ₀μ₀ + n·m)/κ with scale sqrt(β/(ακ))     α = α₀ + n/2,  β = β₀ + s/2 + κ₀n(m - μ₀)²/(2κ)
/// mean ~ N((κ₀μ₀ + n·m)/κ, σ²/κ)                                 where σ² is known
/// ```
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `prior` | [`GaussianPrior::default`] | | what is believed before the first reward |
/// | `forgetting` | 1 | `(0, 1]` | weight of each feedback when the next one comes |
///
/// # Examples
/// ```
/// use fincoach_recommend::{Bandit, ThompsonGaussian};
/// let mut bandit = ThompsonGaussian::new(2)?;
/// bandit.learn(&[], 1, 3.0)?;
/// assert_eq!(bandit.values(), [0.0, 1.5]);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct ThompsonGaussian {
    prior: GaussianPrior,
    forgetting: f64,
    weights: Vec<f64>,
    means: Vec<f64>,
    squares: Vec<f64>,
}

impl ThompsonGaussian {
    /// A bandit that knows nothing yet.
    ///
    /// # Errors
    /// [`ParamError`] when there is no arm.
    pub fn new(n_arms: usize) -> Result<Self, Error> {
        ensure_arms(n_arms)?;
        let (prior, zeros) = (GaussianPrior::default(), vec![0.0; n_arms]);
        Ok(Self { prior, forgetting: 1.0, weights: zeros.clone(), means: zeros.clone(), squares: zeros })
    }

    /// Sets what is believed before the first reward.
    ///
    /// # Errors
    /// [`ParamError`] for a value out of range.
    pub fn with_prior(mut self, prior: GaussianPrior) -> Result<Self, Error> {
        prior.ensure()?;
        self.prior = prior;
        Ok(self)
    }

    /// Sets how much a feedback weighs when the next one comes.
    ///
    /// # Errors
    /// [`ParamError`] outside `(0, 1]` or after the first feedback.
    pub fn with_forgetting(mut self, forgetting: f64) -> Result<Self, Error> {
        ensure_forgetting(forgetting, self.weights.iter().any(|weight| *weight > 0.0))?;
        self.forgetting = forgetting;
        Ok(self)
    }

    /// What is believed before the first reward.
    #[must_use]
    pub const fn prior(&self) -> GaussianPrior {
        self.prior
    }

    /// How much a feedback weighs when the next one comes.
    #[must_use]
    pub const fn forgetting(&self) -> f64 {
        self.forgetting
    }

    /// The posterior mean of each arm.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        (0..self.n_arms()).map(|arm| self.centre(arm)).collect()
    }

    /// The scale of the posterior of each arm's mean: a standard deviation where the variance is known.
    #[must_use]
    pub fn widths(&self) -> Vec<f64> {
        (0..self.n_arms()).map(|arm| self.width(arm)).collect()
    }

    /// The degrees of freedom of the posterior of each arm's mean; infinite where the variance is known.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> Vec<f64> {
        let known = self.prior.variance.is_some();
        self.weights.iter().map(|n| if known { f64::INFINITY } else { 2.0 * self.prior.shape + n }).collect()
    }

    fn centre(&self, arm: usize) -> f64 {
        let GaussianPrior { mean, weight, .. } = self.prior;
        let n = self.weights[arm];
        (weight * mean + n * self.means[arm]) / (weight + n)
    }

    fn width(&self, arm: usize) -> f64 {
        let GaussianPrior { mean, weight, shape, scale, variance } = self.prior;
        let n = self.weights[arm];
        let kappa = weight + n;
        let away = self.means[arm] - mean;
        let beta = scale + 0.5 * self.squares[arm] + 0.5 * weight * n / kappa * away * away;
        (variance.unwrap_or_else(|| beta / (shape + 0.5 * n)) / kappa).sqrt()
    }

    fn fade(&mut self) {
        for arm in 0..self.weights.len() {
            self.weights[arm] *= self.forgetting;
            self.squares[arm] *= self.forgetting;
            if self.weights[arm] < FORGOTTEN {
                (self.weights[arm], self.means[arm], self.squares[arm]) = (0.0, 0.0, 0.0);
            }
        }
    }

    fn posterior(&self, arm: usize) -> Posterior {
        let (centre, width) = (self.centre(arm), self.width(arm));
        match self.prior.variance {
            Some(_) => Posterior::normal(centre, width),
            None => Posterior::student(centre, width, 2.0 * self.prior.shape + self.weights[arm]),
        }
    }
}

impl Bandit for ThompsonGaussian {
    fn n_arms(&self) -> usize {
        self.weights.len()
    }

    fn probabilities(&self, _context: &[f64], allowed: &ArmSet) -> Result<Vec<f64>, Error> {
        ensure_allowed(allowed, self.n_arms())?;
        let posteriors: Vec<_> = (0..self.n_arms()).map(|arm| self.posterior(arm)).collect();
        Ok(best_probabilities(&posteriors, allowed))
    }

    fn learn(&mut self, _context: &[f64], arm: usize, reward: f64) -> Result<(), Error> {
        ensure_known(arm, self.n_arms())?;
        // Welford's update: sums of squares of the rewards themselves would cancel.
        let n = self.weights[arm] * self.forgetting + 1.0;
        let away = reward - self.means[arm];
        let mean = self.means[arm] + away / n;
        let square = self.squares[arm] * self.forgetting + away * (reward - mean);
        if !(mean.is_finite() && square.is_finite() && reward.abs() <= MAX_REWARD) {
            return Err(bad_reward(arm, reward));
        }
        if self.forgetting < 1.0 {
            self.fade();
        }
        (self.weights[arm], self.means[arm], self.squares[arm]) = (n, mean, square);
        Ok(())
    }
}

/// Beyond this the square of a reward may overflow.
const MAX_REWARD: f64 = 1e100;

json_artifact!(ThompsonGaussian, "thompson_gaussian", 1);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    prior: GaussianPrior,
    forgetting: f64,
    weights: Vec<f64>,
    means: Vec<f64>,
    squares: Vec<f64>,
}

impl From<ThompsonGaussian> for Repr {
    fn from(bandit: ThompsonGaussian) -> Self {
        let ThompsonGaussian { prior, forgetting, weights, means, squares } = bandit;
        Self { prior, forgetting, weights, means, squares }
    }
}

impl TryFrom<Repr> for ThompsonGaussian {
    type Error = Error;

    fn try_from(repr: Repr) -> Result<Self, Error> {
        let mut bandit =
            Self::new(repr.weights.len())?.with_prior(repr.prior)?.with_forgetting(repr.forgetting)?;
        DataError::ensure_len("means of the bandit", bandit.n_arms(), repr.means.len())?;
        DataError::ensure_len("squares of the bandit", bandit.n_arms(), repr.squares.len())?;
        for (arm, ((n, mean), square)) in repr.weights.iter().zip(&repr.means).zip(&repr.squares).enumerate()
        {
            let untried = *n == 0.0 && (*mean != 0.0 || *square != 0.0);
            let in_range = *n >= 0.0 && *n <= MAX_WEIGHT && mean.abs() <= MAX_REWARD && *square >= 0.0;
            if !in_range || untried || !square.is_finite() {
                return Err(contradiction(format!(
                    "arm {arm}: weight, mean and squares contradict each other"
                )));
            }
        }
        (bandit.weights, bandit.means, bandit.squares) = (repr.weights, repr.means, repr.squares);
        Ok(bandit)
    }
}
