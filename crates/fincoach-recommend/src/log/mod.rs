//! From a log of interventions and snapshots to transitions.

mod behaviour;
mod behaviour_params;
mod booking_rewards;
mod design;
mod history;
mod intervention_log;
mod lbfgs;
mod log_csv;
mod log_entry;
mod mask_rules;
mod outcome;
mod propensities;
mod snapshots;
mod state_rewards;
mod transition_params;
mod transition_report;
mod transitions;
mod usual_income;

pub use behaviour::Behaviour;
pub use behaviour_params::BehaviourParams;
pub use booking_rewards::{CoachingReward, WeeklySaving};
pub use history::{History, HistoryParams};
pub use intervention_log::{InterventionLog, UserLog};
pub use log_csv::{LogFile, read_departures_csv, read_log_csv, write_log_csv};
pub use log_entry::LogEntry;
pub(crate) use mask_rules::left_allowed;
pub use mask_rules::{MaskReason, MaskRule, MaskRules, Masked};
pub use outcome::{Outcome, Reward};
pub use propensities::{FilledPropensities, PropensityReport, SmallPropensity};
pub use state_rewards::{NotebookReward, SpendingDrop};
pub use transition_params::{BrokenMask, LogSources, TransitionParams};
pub use transition_report::{Skipped, SkippedEntry, TransitionReport};
pub use transitions::Transitions;
