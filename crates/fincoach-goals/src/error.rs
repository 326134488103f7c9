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
    /// A field of a goal file that is not what it must be.
    #[error("line {line}, column `{column}`: `{value}` must be {expected}")]
    GoalField {
        /// The line, the header being 1.
        line: u64,
        /// The column.
        column: &'static str,
        /// What stands there, at most 60 characters.
        value: String,
        /// What would have been right.
        expected: &'static str,
    },
    /// A goal file that cannot be read or written.
    #[error("the goal file cannot be read or written: {0}")]
    GoalFile(std::io::Error),
    /// A goal of which too little is known at its start.
    #[error("the goal of `{user}` from {start}: {refusal}")]
    Refused {
        /// Whose goal.
        user: String,
        /// Its start.
        start: fincoach_core::chrono::NaiveDate,
        /// Why.
        refusal: crate::Refusal,
    },
}
