//! How a log becomes transitions.

use fincoach_core::{FeatureTable, Ledger, ParamError};
use serde::{Deserialize, Serialize};

use super::{HistoryParams, InterventionLog, MaskRules};

/// What transitions are built from.
#[derive(Clone, Copy, Debug)]
pub struct LogSources<'a> {
    pub(crate) snapshots: &'a FeatureTable,
    pub(crate) log: &'a InterventionLog,
    pub(crate) ledger: Option<&'a Ledger>,
}

impl<'a> LogSources<'a> {
    /// Snapshots, each knowing everything up to and including its `as_of`, and what was done.
    #[must_use]
    pub const fn new(snapshots: &'a FeatureTable, log: &'a InterventionLog) -> Self {
        Self { snapshots, log, ledger: None }
    }

    /// The same with the bookings, for rewards that look at them.
    #[must_use]
    pub const fn with_ledger(self, ledger: &'a Ledger) -> Self {
        Self { ledger: Some(ledger), ..self }
    }
}

/// What happens when the log did what the rules forbid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrokenMask {
    /// The action counts as allowed in that state, and the report counts the entry.
    #[default]
    Admit,
    /// It is an error.
    Refuse,
}

/// How entries of a log become transitions.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `step_days` | 7 | `[0.01, 3650]` | the length of a step, in which elapsed time is counted |
/// | `max_age_days` | 7 | `[0, 3650]` | how old the snapshot of a state may be |
/// | `columns` | none | names | the snapshots' columns that make the state; all when none are named |
/// | `history` | none | [`HistoryParams`] | columns of what was done before, behind those of the snapshot |
/// | `masks` | no rules | [`MaskRules`] | which actions were allowed |
/// | `broken_mask` | admit | admit, refuse | what to do with entries that the rules forbid |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransitionParams {
    step_days: f64,
    max_age_days: f64,
    columns: Option<Vec<String>>,
    history: Option<HistoryParams>,
    masks: MaskRules,
    broken_mask: BrokenMask,
}

impl Default for TransitionParams {
    fn default() -> Self {
        Self {
            step_days: 7.0,
            max_age_days: 7.0,
            columns: None,
            history: None,
            masks: MaskRules::default(),
            broken_mask: BrokenMask::Admit,
        }
    }
}

impl TransitionParams {
    /// Sets the length of a step in days.
    #[must_use]
    pub fn with_step_days(self, step_days: f64) -> Self {
        Self { step_days, ..self }
    }

    /// Sets how old the snapshot of a state may be, in days.
    #[must_use]
    pub fn with_max_age_days(self, max_age_days: f64) -> Self {
        Self { max_age_days, ..self }
    }

    /// Sets the snapshots' columns that make the state; a reward may look at the others too.
    #[must_use]
    pub fn with_columns<S: Into<String>>(self, columns: impl IntoIterator<Item = S>) -> Self {
        Self { columns: Some(columns.into_iter().map(Into::into).collect()), ..self }
    }

    /// Adds columns of what was done before.
    #[must_use]
    pub fn with_history(self, history: HistoryParams) -> Self {
        Self { history: Some(history), ..self }
    }

    /// Sets the rules on what may be said.
    #[must_use]
    pub fn with_masks(self, masks: MaskRules) -> Self {
        Self { masks, ..self }
    }

    /// Sets what happens when the log did what the rules forbid.
    #[must_use]
    pub fn with_broken_mask(self, broken_mask: BrokenMask) -> Self {
        Self { broken_mask, ..self }
    }

    /// The length of a step in days.
    #[must_use]
    pub const fn step_days(&self) -> f64 {
        self.step_days
    }

    /// How old the snapshot of a state may be, in days.
    #[must_use]
    pub const fn max_age_days(&self) -> f64 {
        self.max_age_days
    }

    /// The snapshots' columns that make the state; `None` for all.
    #[must_use]
    pub fn columns(&self) -> Option<&[String]> {
        self.columns.as_deref()
    }

    /// The columns of what was done before.
    #[must_use]
    pub const fn history(&self) -> Option<&HistoryParams> {
        self.history.as_ref()
    }

    /// The rules on what may be said.
    #[must_use]
    pub const fn masks(&self) -> &MaskRules {
        &self.masks
    }

    /// What happens when the log did what the rules forbid.
    #[must_use]
    pub const fn broken_mask(&self) -> BrokenMask {
        self.broken_mask
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        let Self { step_days, max_age_days, .. } = *self;
        let step_ok = (0.01..=3650.0).contains(&step_days);
        ParamError::ensure(step_ok, "step_days", "in [0.01, 3650]", step_days)?;
        let age_ok = (0.0..=3650.0).contains(&max_age_days);
        ParamError::ensure(age_ok, "max_age_days", "in [0, 3650]", max_age_days)?;
        self.history.as_ref().map_or(Ok(()), HistoryParams::check)
    }
}
