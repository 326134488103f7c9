//! What became of the entries of a log.

use std::fmt;

use fincoach_core::chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

/// Why an entry did not become a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Skipped {
    /// The user has no snapshot at all.
    UnknownUser,
    /// The user's first snapshot is not before the entry.
    NoSnapshotBefore,
    /// The user's latest snapshot before the entry is older than `max_age_days`.
    StaleSnapshot,
    /// There is no snapshot for a next state.
    NoNextState,
    /// A ledger was given, and the user is not in it.
    NotInLedger,
}

impl Skipped {
    /// Every reason.
    pub const ALL: [Self; 5] = [
        Self::UnknownUser,
        Self::NoSnapshotBefore,
        Self::StaleSnapshot,
        Self::NoNextState,
        Self::NotInLedger,
    ];
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::UnknownUser => "of users without snapshots",
            Self::NoSnapshotBefore => "before the first snapshot",
            Self::StaleSnapshot => "whose snapshot is too old",
            Self::NoNextState => "without a next state",
            Self::NotInLedger => "of users who are not in the ledger",
        })
    }
}

/// An entry that did not become a transition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkippedEntry {
    /// The user.
    pub user: String,
    /// The time of the entry.
    pub time: NaiveDateTime,
    /// Why.
    pub reason: Skipped,
}

/// What became of the entries of a log: each is a transition or stands among the skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TransitionReport {
    /// Entries in the log.
    pub n_entries: usize,
    /// Entries that became transitions.
    pub n_transitions: usize,
    /// Transitions after which the user left.
    pub n_terminal: usize,
    /// Transitions after which no row follows although the story goes on.
    pub n_truncated: usize,
    /// Transitions whose action the rules forbid.
    pub n_masked_actions: usize,
    /// Entries that did not become transitions, in the order of the log.
    pub skipped: Vec<SkippedEntry>,
}

impl TransitionReport {
    /// The number of entries skipped for a reason.
    #[must_use]
    pub fn n_skipped(&self, reason: Skipped) -> usize {
        self.skipped.iter().filter(|entry| entry.reason == reason).count()
    }
}

impl fmt::Display for TransitionReport {
    /// One line for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} entries became transitions", self.n_transitions, self.n_entries)?;
        for reason in Skipped::ALL {
            let n = self.n_skipped(reason);
            if n > 0 {
                write!(f, "; {n} {reason}")?;
            }
        }
        Ok(())
    }
}
