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
    /// No restart of a mixture came to an end.
    #[error("no mixture of {n_components} components: {reason}")]
    NoMixture {
        /// Components asked for.
        n_components: usize,
        /// What the first restart said.
        reason: String,
    },
    /// Nowhere do rows lie close enough for a cluster.
    #[error("no row has {min_points} rows within {eps}, itself included")]
    NothingDense {
        /// Rows that a dense place has.
        min_points: usize,
        /// The distance within which they have to lie.
        eps: f64,
    },
}
