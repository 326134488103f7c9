//! The bandits that may choose between strategies.

use fincoach_core::json_artifact;
use serde::{Deserialize, Serialize};

use super::{ArmSet, Bandit, EpsilonGreedy, LinThompson, LinUcb, ThompsonGaussian};
use crate::Error;

/// One of the bandits that may choose between strategies; they take rewards of any range.
///
/// # Examples
/// ```
/// use fincoach_recommend::{Bandit, LinUcb, StrategyBandit};
/// let mut bandit = StrategyBandit::from(LinUcb::new(5, 1)?);
/// bandit.learn(&[1.0], 2, 3.0)?;
/// assert!((bandit.expected(&[1.0])?[2] - 1.5).abs() < 1e-12);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StrategyBandit {
    /// The best mean, or chance; reads no context.
    EpsilonGreedy(EpsilonGreedy),
    /// Thompson sampling of means; reads no context.
    ThompsonGaussian(ThompsonGaussian),
    /// The highest bound of a linear model.
    LinUcb(LinUcb),
    /// Thompson sampling of linear models.
    LinThompson(LinThompson),
}

impl StrategyBandit {
    /// The reward that each arm is expected to bring in a context.
    ///
    /// # Errors
    /// As [`Bandit::probabilities`].
    pub fn expected(&self, context: &[f64]) -> Result<Vec<f64>, Error> {
        match self {
            Self::EpsilonGreedy(bandit) => Ok(bandit.values()),
            Self::ThompsonGaussian(bandit) => Ok(bandit.values()),
            Self::LinUcb(bandit) => bandit.expected(context),
            Self::LinThompson(bandit) => bandit.expected(context),
        }
    }

    fn bandit(&self) -> &dyn Bandit {
        match self {
            Self::EpsilonGreedy(bandit) => bandit,
            Self::ThompsonGaussian(bandit) => bandit,
            Self::LinUcb(bandit) => bandit,
            Self::LinThompson(bandit) => bandit,
        }
    }
}

impl Bandit for StrategyBandit {
    fn n_arms(&self) -> usize {
        self.bandit().n_arms()
    }

    fn context_len(&self) -> Option<usize> {
        self.bandit().context_len()
    }

    fn probabilities(&self, context: &[f64], allowed: &ArmSet) -> Result<Vec<f64>, Error> {
        self.bandit().probabilities(context, allowed)
    }

    fn learn(&mut self, context: &[f64], arm: usize, reward: f64) -> Result<(), Error> {
        match self {
            Self::EpsilonGreedy(bandit) => bandit.learn(context, arm, reward),
            Self::ThompsonGaussian(bandit) => bandit.learn(context, arm, reward),
            Self::LinUcb(bandit) => bandit.learn(context, arm, reward),
            Self::LinThompson(bandit) => bandit.learn(context, arm, reward),
        }
    }
}

impl From<EpsilonGreedy> for StrategyBandit {
    fn from(bandit: EpsilonGreedy) -> Self {
        Self::EpsilonGreedy(bandit)
    }
}

impl From<ThompsonGaussian> for StrategyBandit {
    fn from(bandit: ThompsonGaussian) -> Self {
        Self::ThompsonGaussian(bandit)
    }
}

impl From<LinUcb> for StrategyBandit {
    fn from(bandit: LinUcb) -> Self {
        Self::LinUcb(bandit)
    }
}

impl From<LinThompson> for StrategyBandit {
    fn from(bandit: LinThompson) -> Self {
        Self::LinThompson(bandit)
    }
}

json_artifact!(StrategyBandit, "strategy_bandit", 1);
