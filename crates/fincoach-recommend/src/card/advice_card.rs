//! One recommendation, laid open.

use std::fmt;

use fincoach_core::Action;
use fincoach_core::chrono::NaiveDateTime;
use serde::Serialize;

use crate::{PolicyCard, Strategy};

/// What one user is told and why: made by [`Recommender::card`](crate::Recommender::card).
///
/// Printed, it is the policy's card and one line a strategy.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AdviceCard {
    /// The strategy that chose the action.
    pub strategy: Strategy,
    /// The moment of the decision, on which masks depend.
    pub time: NaiveDateTime,
    /// The strategies in order.
    pub strategies: Vec<StrategyChance>,
    /// The action, the value of every action with its uncertainty, what moved the values, what was masked and why.
    pub policy: PolicyCard,
}

/// A strategy on an [`AdviceCard`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StrategyChance {
    /// The strategy.
    pub strategy: Strategy,
    /// What it says to this user.
    pub action: Action,
    /// The probability that the bandit would choose it for this user now.
    pub chance: f64,
    /// The reward that the bandit expects of it for this user.
    pub expected: f64,
}

impl AdviceCard {
    /// The probability of the action now, by whatever strategy.
    #[must_use]
    pub fn action_chance(&self) -> f64 {
        let same = self.strategies.iter().filter(|other| other.action == self.policy.action);
        same.map(|strategy| strategy.chance).sum::<f64>().min(1.0)
    }
}

impl fmt::Display for AdviceCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  by strategy {}", self.policy, self.strategy)?;
        self.strategies.iter().try_for_each(|strategy| write!(f, "\n    {strategy}"))
    }
}

impl fmt::Display for StrategyChance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { strategy, action, chance, expected } = self;
        let percent = chance * 100.0;
        write!(f, "{strategy:<13} {action:<25} chance {percent:>3.0} %, expected reward {expected:.3}")
    }
}
