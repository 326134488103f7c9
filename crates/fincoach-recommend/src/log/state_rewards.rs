//! Rewards from the snapshots before and after.

use std::collections::BTreeMap;

use fincoach_core::{Action, ActionSet, DataError};

use super::{Outcome, Reward};
use crate::RuleInput;

/// How much a column fell after an alert: `(before − after) / max(|before|, least)`, within ± `cap`; 0 for actions
/// that are not judged.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `column` | given | a column of the snapshots | what should fall, for example spending of the last week |
/// | `actions` | alerts | a set | actions that are judged |
/// | `least` | 1 | above 0, finite | the least it is divided by, in the column's unit |
/// | `cap` | 1 | above 0, finite | the most an outcome counts |
#[derive(Clone, Debug, PartialEq)]
pub struct SpendingDrop {
    column: String,
    actions: ActionSet,
    least: f64,
    cap: f64,
}

impl SpendingDrop {
    /// The fall of this column after an alert.
    #[must_use]
    pub fn new(column: impl Into<String>) -> Self {
        let actions = ActionSet::NONE.with(Action::SpendingAlert);
        Self { column: column.into(), actions, least: 1.0, cap: 1.0 }
    }

    /// Sets the actions that are judged.
    #[must_use]
    pub fn with_actions(self, actions: ActionSet) -> Self {
        Self { actions, ..self }
    }

    /// Sets the least it is divided by.
    #[must_use]
    pub fn with_least(self, least: f64) -> Self {
        Self { least, ..self }
    }

    /// Sets the most an outcome counts.
    #[must_use]
    pub fn with_cap(self, cap: f64) -> Self {
        Self { cap, ..self }
    }
}

impl Reward for SpendingDrop {
    fn reward(&self, outcome: &Outcome<'_>) -> Result<f64, DataError> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        if !positive(self.least) || !positive(self.cap) {
            let reason = format!("least {} and cap {} must be above 0 and finite", self.least, self.cap);
            return Err(DataError::Inconsistent { what: "reward", reason });
        }
        let (before, after) = (outcome.before(&self.column)?, outcome.after(&self.column)?);
        if !self.actions.contains(outcome.entry().action) {
            return Ok(0.0);
        }
        Ok(((before - after) / before.abs().max(self.least)).clamp(-self.cap, self.cap))
    }
}

/// The notebook's table ([`RuleInput::reward`]) for the state before the entry; what followed has no part in it.
///
/// Users without a segment have the factor 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NotebookReward {
    segments: BTreeMap<String, usize>,
}

impl NotebookReward {
    /// Sets the segment of each user.
    #[must_use]
    pub fn with_segments<S: Into<String>>(segments: impl IntoIterator<Item = (S, usize)>) -> Self {
        Self { segments: segments.into_iter().map(|(user, segment)| (user.into(), segment)).collect() }
    }
}

impl Reward for NotebookReward {
    fn reward(&self, outcome: &Outcome<'_>) -> Result<f64, DataError> {
        let [balance, rate, volatility] = RuleInput::COLUMNS.map(|column| outcome.before(column));
        let state =
            RuleInput { current_balance: balance?, savings_rate: rate?, spending_volatility: volatility? };
        let segment = self.segments.get(outcome.user()).copied().unwrap_or(usize::MAX);
        Ok(state.reward(outcome.entry().action, segment))
    }
}
