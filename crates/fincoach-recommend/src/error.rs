//! What can go wrong here.

use fincoach_core::chrono::NaiveDateTime;
use fincoach_core::{ArtifactError, DataError, ParamError};

use crate::{Masked, TransitionReport};

/// Every error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter outside its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// Data of the wrong form.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A file that cannot be written or read.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The loss grew beyond what a number holds: the learning rate or the rewards are too large.
    #[error("the loss is {loss} in epoch {epoch}; lower the learning rate or scale the rewards")]
    Diverged {
        /// Epoch, counted from 0.
        epoch: usize,
        /// The loss found.
        loss: f64,
    },
    /// Fewer users than folds to put them in.
    #[error("{n_users} users cannot form {n_folds} folds")]
    TooFewUsers {
        /// Users in the data.
        n_users: usize,
        /// Folds asked for.
        n_folds: usize,
    },
    /// A decision whose probability the log does not tell.
    #[error("row {row}: no propensity, which this estimator needs")]
    NoPropensity {
        /// Row, counted from 0.
        row: usize,
    },
    /// Fitted Q evaluation moves away from its solution: its values grow with every iteration.
    #[error(
        "fitted Q evaluation diverges: coefficients change by {change:e} in iteration {iteration}; judge a number of steps, lower gamma or raise the ridge"
    )]
    FqeDiverged {
        /// Iteration, counted from 0.
        iteration: usize,
        /// Largest change of a coefficient.
        change: f64,
    },
    /// An arm that a bandit does not have.
    #[error("no arm {arm}: the bandit has {n_arms}")]
    UnknownArm {
        /// Arm asked for.
        arm: usize,
        /// Arms there are, numbered from 0.
        n_arms: usize,
    },
    /// A field of a log that is not what it should be.
    #[error("line {line}, column `{column}`: `{value}` must be {expected}")]
    LogField {
        /// Line of the file, the header being line 1.
        line: u64,
        /// Name of the column.
        column: &'static str,
        /// What stands there, at most 60 characters of it.
        value: String,
        /// What would have been right.
        expected: &'static str,
    },
    /// A log that cannot be read or written as CSV.
    #[error("the log's file: {0}")]
    LogFile(std::io::Error),
    /// The log did what the rules forbid.
    #[error("{user}, {time:?}: the log did what the rules forbid: {masked}")]
    BrokenMask {
        /// The user.
        user: String,
        /// The time of the entry.
        time: NaiveDateTime,
        /// The action and why it was forbidden.
        masked: Masked,
    },
    /// No entry of a log could become a transition.
    #[error("{0}")]
    NoTransitions(Box<TransitionReport>),
    /// Feedback for a decision that does not wait for any.
    #[error("decision {id} waits for no feedback: of {n_decisions} made it is none, answered or given up")]
    UnknownDecision {
        /// The decision asked for.
        id: u64,
        /// Decisions there were, numbered from 0.
        n_decisions: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_travel_between_threads() {
        fn travels<T: Send + Sync + 'static>() {}
        travels::<Error>();
    }
}
