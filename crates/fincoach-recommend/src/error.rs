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
}

/// An error of the tensor library: a bug of ours or an exhausted machine.
pub(crate) fn tensor(error: &candle_core::Error) -> Error {
    Error::Artifact(fincoach_core::nn::tensor_error(error))
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
