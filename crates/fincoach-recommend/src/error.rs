//! What can go wrong here.

use fincoach_core::{ArtifactError, DataError, ParamError};

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
    /// Feedback for a decision that does not wait for any.
    #[error("decision {id} waits for no feedback: of {n_decisions} made it is none, answered or given up")]
    UnknownDecision {
        /// The decision asked for.
        id: u64,
        /// Decisions there were, numbered from 0.
        n_decisions: u64,
    },
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
