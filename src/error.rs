//! What can go wrong from ledger to bundle.

use fincoach_core::{ArtifactError, DataError, ParamError};

/// An error of the pipeline, a bundle or the coach; it is that of the crate it comes from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter out of range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// Data without the needed form.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A bundle that cannot be written or read.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// An export that cannot be read.
    #[error(transparent)]
    Transform(#[from] fincoach_transform::Error),
    /// Features that cannot be computed.
    #[error(transparent)]
    Features(#[from] fincoach_features::Error),
    /// Segments that cannot be found.
    #[error(transparent)]
    Segmentation(#[from] fincoach_segmentation::Error),
    /// A policy that cannot be learned.
    #[error(transparent)]
    Recommend(#[from] fincoach_recommend::Error),
    /// A forecast that cannot be made.
    #[error(transparent)]
    Forecast(#[from] fincoach_forecast::Error),
    /// A goal model that cannot be fitted.
    #[error(transparent)]
    Goals(#[from] fincoach_goals::Error),
    /// Households that cannot be simulated.
    #[error(transparent)]
    Simulate(#[from] fincoach_simulate::Error),
    /// A picture that cannot be drawn.
    #[error(transparent)]
    Report(#[from] fincoach_report::Error),
    /// Users among whom there is nothing to tell apart.
    #[error("all {n_users} users have the same features: there are no segments to find")]
    AllAlike {
        /// Users with features.
        n_users: usize,
    },
    /// Fewer users than the pipeline can judge models on.
    #[error(
        "{n_users} users with enough transactions, the pipeline needs at least {needed}; {left_out} have too few"
    )]
    TooFewUsers {
        /// Users with features.
        n_users: usize,
        /// Users needed.
        needed: usize,
        /// Users with too few transactions for features.
        left_out: usize,
    },
}
