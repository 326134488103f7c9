//! The manners of coaching between which the bandit chooses.

use std::fmt;
use std::str::FromStr;

use fincoach_core::{Action, ActionSet, DataError};
use serde::{Deserialize, Serialize};

use crate::RuleInput;
use crate::greedy::argmax;

/// What is known of one user when an action is chosen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation {
    pub(crate) rule: RuleInput,
    /// Of the allowed actions; 0 for others.
    pub(crate) probabilities: [f64; 5],
    pub(crate) allowed: ActionSet,
}

impl Situation {
    /// The probability of an action, by whatever strategy, where each strategy has its chance.
    pub(crate) fn chance(&self, action: Action, chances: &[f64]) -> f64 {
        let same = Strategy::ALL.into_iter().filter(|strategy| strategy.action(self) == action);
        same.map(|strategy| chances[strategy.index()]).sum::<f64>().min(1.0)
    }
}

/// A manner of coaching: how the action for a user follows from the learnt values and the state.
///
/// | strategy | the action it gives |
/// | --- | --- |
/// | `learned` | the action of the highest Q-value |
/// | `rules` | that of [`RuleInput::action`] |
/// | `cautious` | the learned action where its probability is at least 0.6, else nothing new |
/// | `save_first` | an alert where the balance is below 100, else a savings nudge |
/// | `praise_first` | praise where anything was saved (savings rate above 0), else the learned action |
///
/// Where actions are masked, the learned action and its probability are those among the allowed ones, and every other
/// action that may not be taken becomes to continue. For one user some strategies may agree; over users no two are the
/// same policy.
///
/// # Examples
/// ```
/// use fincoach_recommend::Strategy;
/// assert_eq!(Strategy::ALL.len(), 5);
/// assert_eq!("save_first".parse::<Strategy>()?.index(), 3);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// The action of the highest Q-value.
    Learned,
    /// The notebook's rule.
    Rules,
    /// The learned action only where it is sure.
    Cautious,
    /// Saving before everything else.
    SaveFirst,
    /// Praise wherever there is something to praise.
    PraiseFirst,
}

/// Below this probability the cautious strategy says nothing new.
const SURE: f64 = 0.6;

impl Strategy {
    /// Every strategy, in the order of the bandit's arms.
    pub const ALL: [Self; 5] =
        [Self::Learned, Self::Rules, Self::Cautious, Self::SaveFirst, Self::PraiseFirst];

    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Learned => "learned",
            Self::Rules => "rules",
            Self::Cautious => "cautious",
            Self::SaveFirst => "save_first",
            Self::PraiseFirst => "praise_first",
        }
    }

    /// The bandit's arm, 0 to 4.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The strategy of an arm, if there is one.
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    pub(crate) fn action(self, situation: &Situation) -> Action {
        let Situation { rule, probabilities, allowed } = situation;
        // The order of probabilities is that of the Q-values.
        let best = argmax(probabilities);
        let learned = Action::ALL[best];
        let action = match self {
            Self::Learned => learned,
            Self::Rules => rule.action(),
            Self::Cautious if probabilities[best] >= SURE => learned,
            Self::Cautious => Action::ContinueCurrentBehavior,
            Self::SaveFirst if rule.current_balance < 100.0 => Action::SpendingAlert,
            Self::SaveFirst => Action::SavingsNudge,
            Self::PraiseFirst if rule.savings_rate > 0.0 => Action::PositiveReinforcement,
            Self::PraiseFirst => learned,
        };
        if allowed.contains(action) { action } else { Action::ContinueCurrentBehavior }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Strategy {
    type Err = DataError;

    fn from_str(name: &str) -> Result<Self, DataError> {
        Self::ALL
            .into_iter()
            .find(|strategy| strategy.name() == name)
            .ok_or_else(|| DataError::unknown("strategy", name, Self::ALL.map(Self::name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn situation(current_balance: f64, savings_rate: f64, probabilities: [f64; 5]) -> Situation {
        Situation {
            rule: RuleInput { current_balance, savings_rate, spending_volatility: 20.0 },
            probabilities,
            allowed: ActionSet::ALL,
        }
    }

    #[test]
    fn no_strategy_gives_what_is_not_allowed() {
        use Action::{ContinueCurrentBehavior, PositiveReinforcement, SavingsNudge};
        let quiet = ActionSet::from_iter([ContinueCurrentBehavior, PositiveReinforcement]);
        let masked = |probabilities| Situation { allowed: quiet, ..situation(50.0, 0.1, probabilities) };
        let given = |situation: &Situation| Strategy::ALL.map(|strategy| strategy.action(situation));
        assert_eq!(
            given(&masked([0.3, 0.0, 0.0, 0.0, 0.7])),
            [
                PositiveReinforcement,
                ContinueCurrentBehavior,
                PositiveReinforcement,
                ContinueCurrentBehavior,
                PositiveReinforcement
            ]
        );
        let one = Situation {
            allowed: ActionSet::from_iter([SavingsNudge, ContinueCurrentBehavior]),
            ..masked([0.2, 0.0, 0.0, 0.8, 0.0])
        };
        assert_eq!(one.allowed.len(), 2);
        assert_eq!(given(&one)[4], ContinueCurrentBehavior);
    }

    #[test]
    fn each_strategy_gives_its_action() {
        use Action::{
            BudgetSuggestion, ContinueCurrentBehavior, PositiveReinforcement, SavingsNudge, SpendingAlert,
        };
        let given = |situation: Situation| Strategy::ALL.map(|strategy| strategy.action(&situation));
        assert_eq!(
            given(situation(500.0, 0.1, [0.1, 0.1, 0.5, 0.2, 0.1])),
            [BudgetSuggestion, SpendingAlert, ContinueCurrentBehavior, SavingsNudge, PositiveReinforcement]
        );
        assert_eq!(
            given(situation(50.0, -0.1, [0.0, 0.0, 0.9, 0.0, 0.1])),
            [BudgetSuggestion, SpendingAlert, BudgetSuggestion, SpendingAlert, BudgetSuggestion]
        );
    }

    #[test]
    fn names_and_arms_lead_back() {
        for strategy in Strategy::ALL {
            assert_eq!(strategy.name().parse::<Strategy>().unwrap(), strategy);
            assert_eq!(Strategy::from_index(strategy.index()), Some(strategy));
        }
        assert_eq!(Strategy::from_index(5), None);
        assert!(
            "save_frist".parse::<Strategy>().unwrap_err().to_string().contains("did you mean `save_first`")
        );
    }
}
