//! What to do for one user.

use fincoach_core::Action;
use fincoach_core::chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::{LogEntry, Masked, Strategy};

/// What to do for one user, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Recommendation {
    /// The user.
    pub user: String,
    /// The moment of the decision.
    pub time: NaiveDateTime,
    /// What to do.
    pub action: Action,
    /// Its name in files.
    pub action_name: String,
    /// The strategy that chose it.
    pub strategy: Strategy,
    /// The learnt value of each action, in the order of [`Action::ALL`].
    pub q_values: [f64; 5],
    /// Probability of the action under the softmax of the values at [`CqlPolicy::temperature`](crate::CqlPolicy::temperature),
    /// among what is allowed.
    pub confidence: f64,
    /// Probability with which the bandit chose the strategy; 1 where it was given.
    pub propensity: f64,
    /// Probability of the action itself: that of all strategies together that give it here; 1 where the strategy was given.
    pub action_propensity: f64,
    /// Actions that may not be taken, with every rule that forbids each.
    pub masked: Vec<Masked>,
    /// The number under which feedback is reported, where the bandit chose.
    pub decision: Option<u64>,
}

impl Recommendation {
    /// The entry of the log that this becomes once it is given: action and the action's own probability, from which other
    /// policies can be judged.
    #[must_use]
    pub const fn log_entry(&self) -> LogEntry {
        LogEntry::new(self.time, self.action).with_propensity(self.action_propensity)
    }
}
