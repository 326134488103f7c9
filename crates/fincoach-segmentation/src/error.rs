//! What can go wrong in this crate.

use fincoach_core::{DataError, ParamError};

/// Why a segmentation could not be made or asked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter out of its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// Data of the wrong form.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Fewer rows than clusters.
    #[error("{rows} rows cannot form {n_clusters} clusters")]
    TooFewRows {
        /// Rows there are.
        rows: usize,
        /// Clusters asked for.
        n_clusters: usize,
    },
    /// Enough rows, but too many of them are equal.
    #[error("{distinct} distinct rows cannot form {n_clusters} clusters")]
    TooFewDistinct {
        /// Distinct rows there are.
        distinct: usize,
        /// Clusters asked for.
        n_clusters: usize,
    },
    /// The eigenvalues of a covariance matrix could not be found.
    #[error("no principal components: {reason}")]
    Decomposition {
        /// What the decomposition said.
        reason: String,
    },
}
