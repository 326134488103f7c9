//! A bandit that takes the arm whose reward in a context may be highest.

use fincoach_core::{ParamError, json_artifact};
use serde::{Deserialize, Serialize};

use super::linear_arms::{LinearArms, LinearRepr, linear_bandit};
use super::{ArmSet, Bandit, ensure_allowed, on_best};
use crate::Error;

/// `LinUCB` with disjoint arms: the arm with the highest `θᵢ·x + c·sqrt(xᵀVᵢ⁻¹x)`.
///
/// After Li, Chu, Langford and Schapire (2010): each arm has a ridge regression of its rewards on the contexts in which it was
/// chosen, `Vᵢ = λI + Σ xxᵀ` and `θᵢ = Vᵢ⁻¹ Σ r·x`. The lowest of equals wins. With `forgetting` below 1 feedback is
/// discounted, whichever arm it was for, and the width is `sqrt(xᵀV⁻¹ṼV⁻¹x)`, where `Ṽ` has squared weights: the `D-LinUCB` of
/// Russac, Vernade and Cappé (2019).
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `exploration` | 1 | `≥ 0` | `c`: about the deviation of rewards around their mean in a context, times 1 to 2 |
/// | `ridge` | 1 | `[10⁻¹², 10¹²]` | `λ`: penalty on the squared length of `θ` |
/// | `forgetting` | 1 | `(0, 1]` | weight of each feedback when the next one comes |
///
/// It draws nothing: its propensities are 1 and 0. A log from which others are to be judged needs
/// [`Online::with_min_propensity`](crate::Online::with_min_propensity). A choice costs `O(n_arms · d²)`, a feedback `O(d³)`,
/// or that for every arm where the bandit forgets, with contexts of `d` numbers.
///
/// # Examples
/// ```
/// use fincoach_recommend::{Bandit, LinUcb};
/// let mut bandit = LinUcb::new(2, 1)?;
/// bandit.learn(&[1.0], 1, 3.0)?;
/// // V = 1 + 1, θ = 3/2, and a width of sqrt(1/2).
/// let scores = bandit.scores(&[1.0])?;
/// assert_eq!(scores[0], 1.0);
/// assert!((scores[1] - (1.5 + 0.5_f64.sqrt())).abs() < 1e-12);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct LinUcb {
    exploration: f64,
    arms: LinearArms,
}

impl LinUcb {
    /// A bandit that knows nothing yet.
    ///
    /// # Errors
    /// [`ParamError`] when there is no arm or a context has no number.
    pub fn new(n_arms: usize, context_len: usize) -> Result<Self, Error> {
        Ok(Self { exploration: 1.0, arms: LinearArms::new(n_arms, context_len)? })
    }

    /// Sets how many widths the bounds lie above the means.
    ///
    /// # Errors
    /// [`ParamError`] unless it is finite and at least 0.
    pub fn with_exploration(mut self, exploration: f64) -> Result<Self, Error> {
        let ok = exploration >= 0.0 && exploration.is_finite();
        ParamError::ensure(ok, "exploration", "finite and at least 0", exploration)?;
        self.exploration = exploration;
        Ok(self)
    }

    /// How many widths the bounds lie above the means.
    #[must_use]
    pub const fn exploration(&self) -> f64 {
        self.exploration
    }

    /// The upper confidence bound of each arm in a context.
    ///
    /// # Errors
    /// As [`Bandit::probabilities`].
    pub fn scores(&self, context: &[f64]) -> Result<Vec<f64>, Error> {
        let promises = self.arms.promises(context)?;
        Ok(promises.iter().map(|promise| promise.mean + self.exploration * promise.width).collect())
    }
}

impl Bandit for LinUcb {
    fn n_arms(&self) -> usize {
        self.arms.n_arms()
    }

    fn context_len(&self) -> Option<usize> {
        Some(self.arms.context_len())
    }

    fn probabilities(&self, context: &[f64], allowed: &ArmSet) -> Result<Vec<f64>, Error> {
        ensure_allowed(allowed, self.n_arms())?;
        Ok(on_best(&self.scores(context)?, allowed))
    }

    fn learn(&mut self, context: &[f64], arm: usize, reward: f64) -> Result<(), Error> {
        self.arms.learn(context, arm, reward)
    }
}

json_artifact!(LinUcb, "lin_ucb", 1);

linear_bandit!(LinUcb, exploration, with_exploration);
