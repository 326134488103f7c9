//! Policies that learn from the rewards of their own choices.

mod arm_set;
mod best_arm;
mod context;
mod epsilon_greedy;
mod lin_thompson;
mod lin_ucb;
mod linear_arms;
mod means;
mod online;
mod panels;
mod posterior;
mod problem;
mod regret;
mod strategy_bandit;
mod thompson_bernoulli;
mod thompson_gaussian;
mod ucb1;

use fincoach_core::rng::Rng;
use fincoach_core::{DataError, ParamError};
use serde::{Deserialize, Serialize};

pub use arm_set::ArmSet;
pub use context::BanditContext;
pub use epsilon_greedy::EpsilonGreedy;
pub use lin_thompson::LinThompson;
pub use lin_ucb::LinUcb;
pub use online::{ArmChoice, LoggedDecision, Online, logged_rewards};
pub use problem::{BanditProblem, BernoulliProblem, LinearProblem, Round};
pub use regret::{RegretCurve, RegretPlan};
pub use strategy_bandit::StrategyBandit;
pub use thompson_bernoulli::ThompsonBernoulli;
pub use thompson_gaussian::{GaussianPrior, ThompsonGaussian};
pub use ucb1::Ucb1;

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

/// A policy over arms that learns what they bring.
///
/// The state of a bandit is what it has learnt, and nothing else: choosing leaves it as it is. So feedback
/// may come late, in any order, in batches or never; [`Online`] keeps what has to be remembered until then.
/// A choice is drawn from [`Bandit::probabilities`], so the propensity that is logged is the probability of
/// the draw itself.
///
/// # Examples
/// ```
/// use fincoach_core::rng::stream;
/// use fincoach_recommend::{ArmSet, Bandit, Ucb1};
/// let mut bandit = Ucb1::new(3)?;
/// for (arm, reward) in [(0, 0.0), (1, 1.0), (2, 0.0)] {
///     bandit.learn(&[], arm, reward)?;
/// }
/// let allowed = ArmSet::all(3);
/// assert_eq!(bandit.decide(&[], &allowed, &mut stream(1, 0))?.arm, 1);
/// assert_eq!(bandit.probabilities(&[], &allowed.without(1)?)?, [1.0, 0.0, 0.0]);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
pub trait Bandit {
    /// The number of arms.
    fn n_arms(&self) -> usize;

    /// How many numbers a context has; `None` for a bandit that reads none and takes any.
    fn context_len(&self) -> Option<usize> {
        None
    }

    /// The probability with which each arm is chosen in a context; 0 for arms that are not allowed, in all 1.
    ///
    /// # Errors
    /// [`Error::Data`] for a context or a set of arms of the wrong length, and for a context that is not finite.
    fn probabilities(&self, context: &[f64], allowed: &ArmSet) -> Result<Vec<f64>, Error>;

    /// Learns what an arm brought in a context; nothing is learnt where there is an error.
    ///
    /// # Errors
    /// [`Error::UnknownArm`], and [`Error::Data`] for a context as above or a reward the bandit cannot learn from.
    fn learn(&mut self, context: &[f64], arm: usize, reward: f64) -> Result<(), Error>;

    /// Chooses an arm; draws one number.
    ///
    /// # Errors
    /// As [`Bandit::probabilities`].
    fn decide(&self, context: &[f64], allowed: &ArmSet, rng: &mut Rng) -> Result<Decision, Error> {
        Ok(draw(&self.probabilities(context, allowed)?, rng))
    }
}

/// An arm drawn with these probabilities.
fn draw(probabilities: &[f64], rng: &mut Rng) -> Decision {
    let drawn = rng.weighted(probabilities);
    // Rounding can carry a draw past the last arm that is possible.
    let possible = |arm: &usize| probabilities[*arm] > 0.0;
    let arm = Some(drawn).filter(possible).or_else(|| (0..probabilities.len()).rev().find(possible));
    let arm = arm.unwrap_or(drawn);
    Decision { arm, propensity: probabilities[arm] }
}

/// All probability on the allowed arm with the highest score; the lowest of equals.
fn on_best(scores: &[f64], allowed: &ArmSet) -> Vec<f64> {
    let best = best_allowed(scores, allowed);
    (0..scores.len()).map(|arm| f64::from(u8::from(arm == best))).collect()
}

/// The allowed arm with the highest score; the lowest of equals.
fn best_allowed(scores: &[f64], allowed: &ArmSet) -> usize {
    let better = |best: usize, arm: usize| if scores[arm] > scores[best] { arm } else { best };
    allowed.iter().reduce(better).unwrap_or(0)
}

fn ensure_arms(n_arms: usize) -> Result<(), ParamError> {
    ParamError::ensure(n_arms >= 1, "n_arms", "at least 1", n_arms)
}

/// Checks a forgetting factor that is to be set on a bandit which has learnt nothing yet.
fn ensure_forgetting(forgetting: f64, has_learnt: bool) -> Result<(), ParamError> {
    ParamError::ensure(forgetting > 0.0 && forgetting <= 1.0, "forgetting", "in (0, 1]", forgetting)?;
    ParamError::ensure(!has_learnt, "forgetting", "set before the first feedback", forgetting)
}

fn ensure_known(arm: usize, n_arms: usize) -> Result<(), Error> {
    if arm < n_arms { Ok(()) } else { Err(Error::UnknownArm { arm, n_arms }) }
}

fn ensure_context(context: &[f64], length: usize) -> Result<(), DataError> {
    DataError::ensure_len("numbers of the context", length, context.len())?;
    match context.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(row) => Err(DataError::NotFinite { row, column: "context".to_owned(), value: context[row] }),
    }
}

fn ensure_allowed(allowed: &ArmSet, n_arms: usize) -> Result<(), DataError> {
    DataError::ensure_len("arms of the set", n_arms, allowed.n_arms())
}

/// A reward that is no number, or too large to be learnt from.
fn bad_reward(arm: usize, value: f64) -> Error {
    DataError::NotFinite { row: arm, column: "reward".to_owned(), value }.into()
}

/// The error of a file whose parts contradict each other.
fn contradiction(reason: impl Into<String>) -> Error {
    DataError::Inconsistent { what: "bandit state", reason: reason.into() }.into()
}

/// A discounted number of feedbacks below this counts as none: the mean of what is left has lost its digits.
const FORGOTTEN: f64 = 1e-200;

/// More feedbacks than this no bandit has seen: 2⁵³, up to which an `f64` counts by ones.
const MAX_WEIGHT: f64 = 9_007_199_254_740_992.0;
