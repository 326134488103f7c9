//! Made-up problems whose best arm is known.

use fincoach_core::rng::{Rng, stream};
use fincoach_core::{DataError, ParamError};

use super::ensure_arms;
use crate::Error;

/// One moment of a problem: what a bandit sees, and what it does not.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    /// The context.
    pub context: Vec<f64>,
    /// The expected reward of each arm.
    pub means: Vec<f64>,
}

/// A problem on which the regret of bandits is measured.
pub trait BanditProblem {
    /// The number of arms.
    fn n_arms(&self) -> usize;

    /// How many numbers a context has.
    fn context_len(&self) -> usize;

    /// The moment of decision `step`, counted from 0.
    fn round(&self, step: u64, rng: &mut Rng) -> Round;

    /// A reward with this mean.
    fn reward(&self, mean: f64, rng: &mut Rng) -> f64;
}

/// Arms that pay 1 with chances of their own, else 0; the chances may change once.
///
/// # Examples
/// ```
/// use fincoach_recommend::BernoulliProblem;
/// let problem = BernoulliProblem::new(&[0.2, 0.4])?.with_change(1000, &[0.4, 0.2])?;
/// assert_eq!((problem.chances(999), problem.chances(1000)), (&[0.2, 0.4][..], &[0.4, 0.2][..]));
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BernoulliProblem {
    chances: Vec<f64>,
    change: Option<(u64, Vec<f64>)>,
}

impl BernoulliProblem {
    /// A problem of arms with these chances.
    ///
    /// # Errors
    /// [`ParamError`] without arms or for a chance outside `[0, 1]`.
    pub fn new(chances: &[f64]) -> Result<Self, Error> {
        ensure_arms(chances.len())?;
        ensure_chances(chances)?;
        Ok(Self { chances: chances.to_vec(), change: None })
    }

    /// Gives the arms other chances from one decision on.
    ///
    /// # Errors
    /// [`ParamError`] for a chance outside `[0, 1]`, [`DataError::Length`] for another number of arms.
    pub fn with_change(mut self, from: u64, chances: &[f64]) -> Result<Self, Error> {
        DataError::ensure_len("chances", self.chances.len(), chances.len())?;
        ensure_chances(chances)?;
        self.change = Some((from, chances.to_vec()));
        Ok(self)
    }

    /// The chances at one decision.
    #[must_use]
    pub fn chances(&self, step: u64) -> &[f64] {
        self.change.as_ref().filter(|(from, _)| step >= *from).map_or(&self.chances, |(_, chances)| chances)
    }
}

fn ensure_chances(chances: &[f64]) -> Result<(), ParamError> {
    let mut chances = chances.iter();
    chances.try_for_each(|chance| {
        ParamError::ensure((0.0..=1.0).contains(chance), "chances", "in [0, 1]", chance)
    })
}

impl BanditProblem for BernoulliProblem {
    fn n_arms(&self) -> usize {
        self.chances.len()
    }

    fn context_len(&self) -> usize {
        0
    }

    fn round(&self, step: u64, _rng: &mut Rng) -> Round {
        Round { context: Vec::new(), means: self.chances(step).to_vec() }
    }

    fn reward(&self, mean: f64, rng: &mut Rng) -> f64 {
        f64::from(u8::from(rng.bernoulli(mean)))
    }
}

/// Arms whose expected reward is a linear function of the context, with normal noise; the arms may trade places once.
///
/// A context is 1 followed by independent normal numbers of variance `1/n_features`; the weights of each arm, an
/// intercept among them, are normal with variance 1, drawn once from the seed.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearProblem {
    n_features: usize,
    noise: f64,
    thetas: Vec<Vec<f64>>,
    change: Option<u64>,
}

impl LinearProblem {
    /// A problem of `n_arms` arms and contexts of `1 + n_features` numbers; noise with deviation 0.5.
    ///
    /// # Errors
    /// [`ParamError`] without arms or features.
    pub fn new(n_arms: usize, n_features: usize, seed: u64) -> Result<Self, Error> {
        ensure_arms(n_arms)?;
        ParamError::ensure(n_features >= 1, "n_features", "at least 1", n_features)?;
        let mut rng = stream(seed, 0);
        let mut theta = || (0..=n_features).map(|_| rng.normal()).collect();
        let thetas = (0..n_arms).map(|_| theta()).collect();
        Ok(Self { n_features, noise: 0.5, thetas, change: None })
    }

    /// Sets the standard deviation of rewards.
    ///
    /// # Errors
    /// [`ParamError`] unless it is finite and not negative.
    pub fn with_noise(mut self, noise: f64) -> Result<Self, Error> {
        ParamError::ensure(noise >= 0.0 && noise.is_finite(), "noise", "finite and at least 0", noise)?;
        self.noise = noise;
        Ok(self)
    }

    /// Gives each arm the weights of the next one, and the last those of the first, from one decision on.
    #[must_use]
    pub const fn with_change(mut self, from: u64) -> Self {
        self.change = Some(from);
        self
    }

    /// The weights of an arm before the change, if there is such an arm.
    #[must_use]
    pub fn theta(&self, arm: usize) -> Option<&[f64]> {
        self.thetas.get(arm).map(Vec::as_slice)
    }
}

impl BanditProblem for LinearProblem {
    fn n_arms(&self) -> usize {
        self.thetas.len()
    }

    fn context_len(&self) -> usize {
        1 + self.n_features
    }

    fn round(&self, step: u64, rng: &mut Rng) -> Round {
        let deviation = (1.0 / self.n_features as f64).sqrt();
        let features = (0..self.n_features).map(|_| deviation * rng.normal());
        let context: Vec<f64> = std::iter::once(1.0).chain(features).collect();
        let mean = |theta: &Vec<f64>| theta.iter().zip(&context).map(|(a, b)| a * b).sum();
        let mut means: Vec<f64> = self.thetas.iter().map(mean).collect();
        if self.change.is_some_and(|from| step >= from) {
            means.rotate_left(1);
        }
        Round { context, means }
    }

    fn reward(&self, mean: f64, rng: &mut Rng) -> f64 {
        mean + self.noise * rng.normal()
    }
}
