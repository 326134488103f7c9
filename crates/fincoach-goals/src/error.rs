//! What can go wrong with goals.

use fincoach_core::{ArtifactError, DataError, ParamError};

/// What can go wrong when goals are learnt, judged or predicted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter outside its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// Data of another form than is needed.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A saved model that cannot be written or read.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// Every example has the same outcome, where both are needed.
    #[error("all {rows} goals were {}, both outcomes are needed", if *reached { "reached" } else { "missed" })]
    OneClass {
        /// The number of examples.
        rows: usize,
        /// The outcome that all of them have.
        reached: bool,
    },
    /// An outcome that too few users have to be in every fold.
    #[error(
        "{users} users {} a goal, {n_folds} folds need at least {n_folds}",
        if *reached { "reached" } else { "missed" }
    )]
    TooFewUsers {
        /// The outcome.
        reached: bool,
        /// Users who have at least one goal of this outcome.
        users: usize,
        /// The number of folds asked for.
        n_folds: usize,
    },
}
