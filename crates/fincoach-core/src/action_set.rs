//! Which actions may be taken.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Action;

/// A set of actions: what may be done at one moment for one user.
///
/// # Examples
/// ```
/// use fincoach_core::{Action, ActionSet};
/// let quiet = ActionSet::ALL.without(Action::SpendingAlert);
/// assert!(!quiet.contains(Action::SpendingAlert));
/// assert_eq!(quiet.len(), 4);
/// assert_eq!(ActionSet::from_iter([Action::SavingsNudge]).iter().next(), Some(Action::SavingsNudge));
/// assert_eq!(quiet.mask(), [true, false, true, true, true]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionSet(u8);

impl ActionSet {
    /// Every action.
    pub const ALL: Self = Self((1 << Action::ALL.len()) - 1);

    /// No action.
    pub const NONE: Self = Self(0);

    /// The same set with this action.
    #[must_use]
    pub const fn with(self, action: Action) -> Self {
        Self(self.0 | (1 << action.index()))
    }

    /// The same set without this action.
    #[must_use]
    pub const fn without(self, action: Action) -> Self {
        Self(self.0 & !(1 << action.index()))
    }

    /// Whether the action is in the set.
    #[must_use]
    pub const fn contains(self, action: Action) -> bool {
        self.0 & (1 << action.index()) != 0
    }

    /// The actions that are in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The number of actions.
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there is no action.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The actions in the order of [`Action::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Action> {
        Action::ALL.into_iter().filter(move |action| self.contains(*action))
    }

    /// For each action of [`Action::ALL`] whether it is in the set.
    #[must_use]
    pub fn mask(self) -> [bool; Action::ALL.len()] {
        Action::ALL.map(|action| self.contains(action))
    }
}

impl FromIterator<Action> for ActionSet {
    fn from_iter<I: IntoIterator<Item = Action>>(actions: I) -> Self {
        actions.into_iter().fold(Self::NONE, Self::with)
    }
}

impl Default for ActionSet {
    /// Every action.
    fn default() -> Self {
        Self::ALL
    }
}

impl fmt::Display for ActionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Action::name).collect();
        f.pad(&names.join(", "))
    }
}

impl Serialize for ActionSet {
    /// As the list of its actions.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for ActionSet {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Action>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_what_was_put_in() {
        let set = ActionSet::from_iter([Action::BudgetSuggestion, Action::SpendingAlert]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Action::SpendingAlert, Action::BudgetSuggestion]);
        assert_eq!(set.with(Action::SpendingAlert), set);
        assert_eq!(set.intersection(ActionSet::ALL.without(Action::SpendingAlert)).len(), 1);
        assert!(ActionSet::NONE.is_empty() && ActionSet::ALL.len() == 5);
    }

    #[test]
    fn a_set_is_read_as_it_was_written() {
        let set = ActionSet::ALL.without(Action::SavingsNudge);
        let text = serde_json::to_string(&set).unwrap();
        assert!(text.starts_with(r#"["continue_current_behavior","#), "{text}");
        assert_eq!(serde_json::from_str::<ActionSet>(&text).unwrap(), set);
    }
}
