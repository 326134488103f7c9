//! Fitted K-means.

use fincoach_core::ndarray::{Array2, ArrayBase, ArrayView2, Data, Ix2};
use fincoach_core::{DataError, FitReport, Outcome, Predict, json_artifact};
use serde::{Deserialize, Serialize};

use super::points::{Points, nearest, nearest_two};
use super::restart::Restart;
use crate::{Clusters, Error, Place};

/// Centres of clusters, and the clusters of the rows they were fitted on.
///
/// Clusters are numbered by descending size; equal sizes by their centres in lexicographic order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct KMeans {
    centres: Array2<f64>,
    labels: Vec<usize>,
    inertia: f64,
    report: FitReport,
}

impl KMeans {
    /// Undoes the sorting of the rows.
    pub(crate) fn from_restart(restart: Restart, order: &[usize], outcome: Outcome) -> Self {
        let mut labels = vec![0; order.len()];
        order.iter().zip(&restart.partition.labels).for_each(|(row, label)| labels[*row] = *label);
        Self {
            centres: restart.partition.centres.to_array(),
            labels,
            inertia: restart.inertia,
            report: FitReport::new(outcome).with_curve("inertia", restart.curve),
        }
    }

    /// The number of clusters.
    #[must_use]
    pub fn n_clusters(&self) -> usize {
        self.centres.nrows()
    }

    /// Centres, `(n_clusters, n_columns)`.
    #[must_use]
    pub fn centres(&self) -> ArrayView2<'_, f64> {
        self.centres.view()
    }

    /// The cluster of each row of the training data, in its order.
    #[must_use]
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// The sum of squared Euclidean distances from the training rows to their centres.
    #[must_use]
    pub const fn inertia(&self) -> f64 {
        self.inertia
    }

    /// How the best restart went: the curve `inertia` has a value for each of its steps and never rises.
    #[must_use]
    pub const fn report(&self) -> &FitReport {
        &self.report
    }
}

/// The nearest centre of each row; the lowest index wins a tie. Cost `O(n_rows · n_clusters · n_columns)`.
impl<S: Data<Elem = f64>> Predict<ArrayBase<S, Ix2>> for KMeans {
    type Output = Vec<usize>;
    type Error = Error;

    /// # Errors
    /// [`DataError::Length`] for another number of columns, [`DataError::NotFinite`] for NaN and infinity.
    fn predict(&self, data: &ArrayBase<S, Ix2>) -> Result<Vec<usize>, Error> {
        DataError::ensure_len("columns", self.centres.ncols(), data.ncols())?;
        if data.nrows() == 0 {
            return Ok(Vec::new());
        }
        let (points, centres) = (Points::checked(data)?, Points::checked(&self.centres)?);
        Ok(points.rows().map(|row| nearest(row, &centres).0).collect())
    }
}

impl Clusters for KMeans {
    const GROUPING: &'static str = "kmeans_grouping";

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

/// The nearest and the next centre of each row.
pub(crate) fn places_by_centre(
    centres: &Array2<f64>,
    rows: ArrayView2<'_, f64>,
) -> Result<Vec<Place>, Error> {
    by_centre(centres, rows, Place::new)
}

/// What is made of the nearest centre of each row, the distance to it and the next centre.
pub(crate) fn by_centre<T>(
    centres: &Array2<f64>,
    rows: ArrayView2<'_, f64>,
    make: impl Fn(usize, f64, Option<usize>) -> T,
) -> Result<Vec<T>, Error> {
    DataError::ensure_len("columns", centres.ncols(), rows.ncols())?;
    if rows.nrows() == 0 {
        return Ok(Vec::new());
    }
    let (points, centres) = (Points::checked(&rows)?, Points::checked(centres)?);
    let place = |row: &[f64]| {
        let ((cluster, squared), second) = nearest_two(row, &centres);
        make(cluster, squared.sqrt(), second.map(|(other, _)| other))
    };
    Ok(points.rows().map(place).collect())
}

json_artifact!(KMeans, "kmeans", 1);

/// The form on disk.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    centres: Vec<Vec<f64>>,
    labels: Vec<usize>,
    inertia: f64,
    report: FitReport,
}

impl From<KMeans> for Repr {
    fn from(model: KMeans) -> Self {
        let KMeans { centres, labels, inertia, report } = model;
        Self { centres: rows_of(&centres), labels, inertia, report }
    }
}

impl TryFrom<Repr> for KMeans {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        let inconsistent = |reason: String| DataError::Inconsistent { what: "kmeans", reason };
        let centres = matrix_of(&repr.centres)?;
        Points::checked(&centres).map_err(|error| inconsistent(error.to_string()))?;
        if let Some(label) = repr.labels.iter().find(|label| **label >= centres.nrows()) {
            return Err(inconsistent(format!("label {label} with {} centres", centres.nrows())));
        }
        if !(repr.inertia >= 0.0 && repr.inertia.is_finite()) {
            return Err(inconsistent(format!("inertia is {}", repr.inertia)));
        }
        Ok(Self { centres, labels: repr.labels, inertia: repr.inertia, report: repr.report })
    }
}

/// The matrix of rows that must be of equal length.
pub(crate) fn matrix_of(rows: &[Vec<f64>]) -> Result<Array2<f64>, DataError> {
    let width = rows.first().map_or(0, Vec::len);
    for row in rows {
        DataError::ensure_len("values of a row", width, row.len())?;
    }
    Ok(Array2::from_shape_fn((rows.len(), width), |(row, column)| rows[row][column]))
}

/// The rows of a matrix, as they are written to a file.
pub(crate) fn rows_of(matrix: &Array2<f64>) -> Vec<Vec<f64>> {
    matrix.rows().into_iter().map(|row| row.to_vec()).collect()
}
