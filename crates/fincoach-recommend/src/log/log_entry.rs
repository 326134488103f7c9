//! One thing that was done, as it was logged.

use fincoach_core::Action;
use fincoach_core::chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

/// One thing that was done for a user: when, what, how likely it was and what was heard of it.
///
/// # Examples
/// ```
/// use fincoach_core::{Action, chrono::NaiveDate};
/// use fincoach_recommend::LogEntry;
/// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().into();
/// let entry = LogEntry::new(monday, Action::SpendingAlert).with_propensity(0.25).with_feedback(-1.0);
/// assert!(entry.is_nudge() && entry.annoyed() && !entry.accepted());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEntry {
    /// When it was done, in whole seconds.
    pub time: NaiveDateTime,
    /// What was done.
    pub action: Action,
    /// The probability that the log's policy had of it, in `(0, 1]`, where it is known.
    #[serde(default)]
    pub propensity: Option<f64>,
    /// What was heard of it, where something was: above 0 accepted, 0 ignored, below 0 annoyed.
    #[serde(default)]
    pub feedback: Option<f64>,
}

impl LogEntry {
    /// An entry without propensity and feedback.
    #[must_use]
    pub const fn new(time: NaiveDateTime, action: Action) -> Self {
        Self { time, action, propensity: None, feedback: None }
    }

    /// The same entry with the probability that the log's policy had of its action.
    #[must_use]
    pub const fn with_propensity(self, propensity: f64) -> Self {
        Self { propensity: Some(propensity), ..self }
    }

    /// The same entry with what was heard of it.
    #[must_use]
    pub const fn with_feedback(self, feedback: f64) -> Self {
        Self { feedback: Some(feedback), ..self }
    }

    /// Whether something was said: every action but to continue.
    #[must_use]
    pub fn is_nudge(&self) -> bool {
        self.action != Action::ContinueCurrentBehavior
    }

    /// Whether the feedback is above 0.
    #[must_use]
    pub fn accepted(&self) -> bool {
        self.feedback.is_some_and(|feedback| feedback > 0.0)
    }

    /// Whether the feedback is below 0.
    #[must_use]
    pub fn annoyed(&self) -> bool {
        self.feedback.is_some_and(|feedback| feedback < 0.0)
    }
}
