//! The five things a coach can do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::DataError;

/// What the coach does; the numbers are those of the Q-network's outputs and of stored logs.
///
/// # Examples
/// ```
/// use fincoach_core::Action;
/// assert_eq!(Action::SpendingAlert.index(), 1);
/// assert_eq!(Action::from_index(3), Some(Action::SavingsNudge));
/// assert_eq!("budget_suggestion".parse::<Action>()?, Action::BudgetSuggestion);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Action {
    /// Say nothing new.
    ContinueCurrentBehavior,
    /// Warn of spending.
    SpendingAlert,
    /// Propose a budget.
    BudgetSuggestion,
    /// Propose to put money aside.
    SavingsNudge,
    /// Praise.
    PositiveReinforcement,
}

impl Action {
    /// Every action, in order.
    pub const ALL: [Self; 5] = [
        Self::ContinueCurrentBehavior,
        Self::SpendingAlert,
        Self::BudgetSuggestion,
        Self::SavingsNudge,
        Self::PositiveReinforcement,
    ];

    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ContinueCurrentBehavior => "continue_current_behavior",
            Self::SpendingAlert => "spending_alert",
            Self::BudgetSuggestion => "budget_suggestion",
            Self::SavingsNudge => "savings_nudge",
            Self::PositiveReinforcement => "positive_reinforcement",
        }
    }

    /// The position in [`Action::ALL`], 0 to 4.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The action at a position, if there is one.
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Action {
    type Err = DataError;

    fn from_str(name: &str) -> Result<Self, DataError> {
        Self::ALL
            .into_iter()
            .find(|action| action.name() == name)
            .ok_or_else(|| DataError::unknown("action", name, Self::ALL.map(Self::name)))
    }
}
