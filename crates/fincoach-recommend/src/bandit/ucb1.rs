//! A bandit that takes the arm that may be best.

use fincoach_core::{ParamError, json_artifact};
use serde::{Deserialize, Serialize};

use super::means::Means;
use super::{ArmSet, Bandit, ensure_allowed, ensure_arms, ensure_forgetting, on_best};
use crate::Error;

/// UCB1: the arm with the highest upper confidence bound `mean + c·sqrt(2·ln n / nᵢ)`.
///
/// After Auer, Cesa-Bianchi and Fischer (2002), for rewards in `[0, c]`; arms never tried come first, the
/// lowest of equals wins. With `forgetting` below 1 means and counts are discounted, which is the D-UCB of
/// Garivier and Moulines (2008) with ξ = 1/2: it follows arms that change.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `exploration` | 1 | `≥ 0` | `c`: the range of the rewards |
/// | `forgetting` | 1 | `(0, 1]` | weight of each feedback when the next one comes; about `1/(1 - forgetting)` are remembered |
///
/// It draws nothing: its propensities are 1 and 0. A log from which others are to be judged needs the
/// [`Online::with_min_propensity`](crate::Online::with_min_propensity). While feedback is outstanding it repeats itself.
///
/// # Examples
/// ```
/// use fincoach_recommend::{Bandit, Ucb1};
/// let mut bandit = Ucb1::new(2)?;
/// bandit.learn(&[], 0, 1.0)?;
/// assert_eq!(bandit.indices(), [1.0, f64::INFINITY]);
/// bandit.learn(&[], 1, 0.5)?;
/// assert_eq!(bandit.indices()[1], 0.5 + (2.0 * 2.0_f64.ln()).sqrt());
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct Ucb1 {
    exploration: f64,
    means: Means,
}

impl Ucb1 {
    /// A bandit that knows nothing yet.
    ///
    /// # Errors
    /// [`ParamError`] when there is no arm.
    pub fn new(n_arms: usize) -> Result<Self, Error> {
        ensure_arms(n_arms)?;
        Ok(Self { exploration: 1.0, means: Means::new(n_arms) })
    }

    /// Sets the width of the bounds.
    ///
    /// # Errors
    /// [`ParamError`] unless it is finite and not negative.
    pub fn with_exploration(mut self, exploration: f64) -> Result<Self, Error> {
        let ok = exploration >= 0.0 && exploration.is_finite();
        ParamError::ensure(ok, "exploration", "finite and at least 0", exploration)?;
        self.exploration = exploration;
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

    /// The width of the bounds.
    #[must_use]
    pub const fn exploration(&self) -> f64 {
        self.exploration
    }

    /// How much a feedback weighs when the next one comes.
    #[must_use]
    pub const fn forgetting(&self) -> f64 {
        self.means.forgetting
    }

    /// How often each arm got feedback.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.means.counts
    }

    /// The mean reward of each arm, 0 where nothing is known.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        self.means.values()
    }

    /// The upper confidence bound of each arm; infinite for arms of which nothing is known.
    #[must_use]
    pub fn indices(&self) -> Vec<f64> {
        // The total is at least 1 from the first feedback on; before it every bound is infinite.
        let width = 2.0 * self.means.total_weight().max(1.0).ln();
        let bound = |(value, weight): (f64, &f64)| {
            if *weight > 0.0 { value + self.exploration * (width / weight).sqrt() } else { f64::INFINITY }
        };
        self.values().into_iter().zip(&self.means.weights).map(bound).collect()
    }
}

impl Bandit for Ucb1 {
    fn n_arms(&self) -> usize {
        self.means.counts.len()
    }

    fn probabilities(&self, _context: &[f64], allowed: &ArmSet) -> Result<Vec<f64>, Error> {
        ensure_allowed(allowed, self.n_arms())?;
        Ok(on_best(&self.indices(), allowed))
    }

    fn learn(&mut self, _context: &[f64], arm: usize, reward: f64) -> Result<(), Error> {
        self.means.learn(arm, reward)
    }
}

json_artifact!(Ucb1, "ucb1", 1);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    exploration: f64,
    forgetting: f64,
    counts: Vec<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    weights: Option<Vec<f64>>,
    rewards: Vec<f64>,
}

impl From<Ucb1> for Repr {
    fn from(bandit: Ucb1) -> Self {
        let Ucb1 { exploration, means } = bandit;
        let (forgetting, weights) = (means.forgetting, means.stored_weights());
        Self { exploration, forgetting, counts: means.counts, weights, rewards: means.sums }
    }
}

impl TryFrom<Repr> for Ucb1 {
    type Error = Error;

    fn try_from(repr: Repr) -> Result<Self, Error> {
        let mut bandit = Self::new(repr.counts.len())?
            .with_exploration(repr.exploration)?
            .with_forgetting(repr.forgetting)?;
        bandit.means = Means::from_parts(repr.forgetting, (repr.counts, repr.weights, repr.rewards))?;
        Ok(bandit)
    }
}
