//! What every way of forming clusters has in common.

use fincoach_core::Artifact;
use fincoach_core::ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Where a row belongs among clusters, whatever method formed them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Place {
    /// The cluster; `None` for noise, which only methods of density know.
    pub cluster: Option<usize>,
    /// How far out the row lies, 0 or more, in the measure of the method: see the model.
    pub distance: f64,
    /// The next best cluster; `None` where there is but one.
    pub second_best: Option<usize>,
    /// The natural logarithm of the density of all rows at this one; only mixtures have it.
    pub log_density: Option<f64>,
    /// Whether the row is unlike any that the clusters were formed of: noise, or farther out than the reach of its
    /// cluster, which a [`Grouping`](crate::Grouping) knows.
    pub unlike_any: bool,
}

impl Place {
    /// In a cluster, by distance alone.
    pub(crate) const fn new(cluster: usize, distance: f64, second_best: Option<usize>) -> Self {
        Self { cluster: Some(cluster), distance, second_best, log_density: None, unlike_any: false }
    }
}

/// Clusters that say of any row where it belongs.
///
/// Written for [`GroupingParams`](crate::GroupingParams), which prepares users and hands the rows to any of
/// them:
///
/// | model | a cluster is | `distance` | noise |
/// | --- | --- | --- | --- |
/// | [`KMeans`](crate::KMeans), [`MiniBatchKMeans`](crate::MiniBatchKMeans) | what lies nearest one centre | Euclidean, to the centre | no |
/// | `GaussianMixture` | a cloud of its own size, shape and slant | Mahalanobis', to its mean | no |
/// | `Dbscan` | a dense region of any shape | Euclidean, to the nearest core row | yes |
///
/// The last two need the feature `linfa`, which is on by default.
pub trait Clusters: Artifact {
    /// The kind of the file that holds these clusters with the preparation of their rows.
    const GROUPING: &'static str;

    /// The number of clusters; they are numbered from 0, by descending size.
    fn n_clusters(&self) -> usize;

    /// The number of columns a row must have.
    fn n_columns(&self) -> usize;

    /// The place of each row, `(n_rows, n_columns)`; rows do not influence one another.
    ///
    /// # Errors
    /// [`Error::Data`] for another number of columns and for values that are not finite or beyond 1e100.
    fn place(&self, rows: ArrayView2<'_, f64>) -> Result<Vec<Place>, Error>;

    /// The distance up to which the method itself counts a row among a cluster; `None` where it draws no line.
    fn own_reach(&self) -> Option<f64> {
        None
    }
}

/// Makes clusters predict the places of the rows of a matrix; the words say what that costs.
macro_rules! predicts_places {
    ($(#[$doc:meta])+ $model:ty) => {
        $(#[$doc])+
        impl<S: fincoach_core::ndarray::Data<Elem = f64>>
            fincoach_core::Predict<fincoach_core::ndarray::ArrayBase<S, fincoach_core::ndarray::Ix2>> for $model
        {
            type Output = Vec<$crate::Place>;
            type Error = $crate::Error;

            /// # Errors
            /// As [`Clusters::place`](crate::Clusters::place).
            fn predict(
                &self,
                data: &fincoach_core::ndarray::ArrayBase<S, fincoach_core::ndarray::Ix2>,
            ) -> Result<Vec<$crate::Place>, $crate::Error> {
                $crate::Clusters::place(self, data.view())
            }
        }
    };
}

pub(crate) use predicts_places;
