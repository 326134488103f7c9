//! Fitted mini-batch K-means.

use fincoach_core::ndarray::{Array2, ArrayView2};
use fincoach_core::{DataError, FitReport, Outcome, json_artifact};
use serde::{Deserialize, Serialize};

use super::descent::Tally;
use crate::clusters::predicts_places;
use crate::kmeans::{Points, by_size, matrix_of, places_by_centre, rows_of};
use crate::{Clusters, Error, Place};

/// Centres of clusters with what all rows were to them. Made by [`MiniBatchParams`](crate::MiniBatchParams).
///
/// Clusters are numbered by descending size, equal sizes by their centres. A centre left without rows
/// is dropped. Centres are means of the rows as they were placed on the last pass, not as they are placed now: close to
/// the best, not at it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct MiniBatchKMeans {
    centres: Array2<f64>,
    sizes: Vec<usize>,
    inertia: f64,
    report: FitReport,
}

impl MiniBatchKMeans {
    pub(super) fn new(centres: &Points, tally: Tally, (curve, outcome): (Vec<f64>, Outcome)) -> Self {
        let mut order = by_size(&tally.sizes, centres);
        order.retain(|cluster| tally.sizes[*cluster] > 0);
        Self {
            centres: centres.reordered(&order).to_array(),
            sizes: order.iter().map(|cluster| tally.sizes[*cluster]).collect(),
            inertia: tally.inertia,
            report: FitReport::new(outcome).with_curve("inertia", curve),
        }
    }

    /// Centres, `(n_clusters, n_columns)`.
    #[must_use]
    pub fn centres(&self) -> ArrayView2<'_, f64> {
        self.centres.view()
    }

    /// The number of training rows nearest to each centre, descending.
    #[must_use]
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// The number of training rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.sizes.iter().sum()
    }

    /// The sum of squared Euclidean distances from the training rows to their nearest centres.
    #[must_use]
    pub const fn inertia(&self) -> f64 {
        self.inertia
    }

    /// How the fit went: the curve `inertia` has a value for each pass, of every batch before its step.
    #[must_use]
    pub const fn report(&self) -> &FitReport {
        &self.report
    }
}

impl Clusters for MiniBatchKMeans {
    const GROUPING: &'static str = "mini_batch_kmeans_grouping";

    fn n_clusters(&self) -> usize {
        self.centres.nrows()
    }

    fn n_columns(&self) -> usize {
        self.centres.ncols()
    }

    fn place(&self, rows: ArrayView2<'_, f64>) -> Result<Vec<Place>, Error> {
        places_by_centre(&self.centres, rows)
    }
}

predicts_places! {
    /// Cost `O(n_rows · n_clusters · n_columns)`.
    MiniBatchKMeans
}

json_artifact!(MiniBatchKMeans, "mini_batch_kmeans", 1);

/// The form on disk.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    centres: Vec<Vec<f64>>,
    sizes: Vec<usize>,
    inertia: f64,
    report: FitReport,
}

impl From<MiniBatchKMeans> for Repr {
    fn from(model: MiniBatchKMeans) -> Self {
        let MiniBatchKMeans { centres, sizes, inertia, report } = model;
        Self { centres: rows_of(&centres), sizes, inertia, report }
    }
}

impl TryFrom<Repr> for MiniBatchKMeans {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        let inconsistent = |reason: String| DataError::Inconsistent { what: "mini_batch_kmeans", reason };
        let centres = matrix_of(&repr.centres)?;
        Points::checked(&centres).map_err(|error| inconsistent(error.to_string()))?;
        DataError::ensure_len("sizes", centres.nrows(), repr.sizes.len())?;
        let n_rows = repr.sizes.iter().try_fold(0_usize, |sum, size| sum.checked_add(*size));
        let sound =
            n_rows.is_some_and(|n_rows| n_rows > 0) && repr.inertia >= 0.0 && repr.inertia.is_finite();
        if !sound {
            return Err(inconsistent(format!("inertia is {}", repr.inertia)));
        }
        Ok(Self { centres, sizes: repr.sizes, inertia: repr.inertia, report: repr.report })
    }
}
