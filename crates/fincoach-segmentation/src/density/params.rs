//! Parameters of DBSCAN and its fit.

use fincoach_core::ndarray::{ArrayBase, Data, Ix2};
use fincoach_core::{Fit, ParamError, Progress, Step};
use linfa::ParamGuard;
use linfa::traits::Transformer;
use serde::{Deserialize, Serialize};

use super::model::Dbscan;
use super::neighbours::{knee, n_within};
use crate::Error;
use crate::kmeans::Points;

/// What rounding may do to a distance: rows at exactly `eps` count as within it, however they are summed up.
const SLACK: f64 = 1e-9;

/// Parameters of clusters by density (Ester et al. 1996).
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `min_points` | 5 | ≥ 2 | a row with so many rows within `eps`, itself included, is a core row |
/// | `eps` | none | > 0, finite | distance of neighbours; none takes the knee of the distances to the `min_points`-th nearest row |
///
/// Core rows within `eps` of one another share a cluster; any other row belongs to its nearest core row, if that is
/// within `eps`, and is noise otherwise. The number of clusters follows from the data. Nothing is drawn.
///
/// # Examples
/// ```
/// use fincoach_core::{Fit, Predict, ndarray::array};
/// use fincoach_segmentation::DbscanParams;
/// let points = array![[0.0], [0.5], [1.0], [1.5], [9.0], [9.5], [10.0], [30.0]];
/// let model = DbscanParams::default().with_min_points(3).with_eps(0.6).fit(&points)?;
/// let clusters: Vec<_> = model.predict(&points)?.iter().map(|place| place.cluster).collect();
/// assert_eq!(clusters[..4], [Some(0); 4]);
/// assert_eq!(clusters[4..], [Some(1), Some(1), Some(1), None]);
/// # Ok::<(), fincoach_segmentation::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DbscanParams {
    min_points: usize,
    eps: Option<f64>,
}

impl Default for DbscanParams {
    fn default() -> Self {
        Self { min_points: 5, eps: None }
    }
}

impl DbscanParams {
    /// Sets how many rows make a place dense.
    #[must_use]
    pub const fn with_min_points(self, min_points: usize) -> Self {
        Self { min_points, ..self }
    }

    /// Sets the distance of neighbours; `None` has it found.
    #[must_use]
    pub fn with_eps(self, eps: impl Into<Option<f64>>) -> Self {
        Self { eps: eps.into(), ..self }
    }

    /// How many rows make a place dense.
    #[must_use]
    pub const fn min_points(&self) -> usize {
        self.min_points
    }

    /// The distance of neighbours, where it is given.
    #[must_use]
    pub const fn eps(&self) -> Option<f64> {
        self.eps
    }

    fn check(&self) -> Result<(), ParamError> {
        ParamError::ensure(self.min_points >= 2, "min_points", "at least 2", self.min_points)?;
        let eps = self.eps.unwrap_or(1.0);
        ParamError::ensure(eps > 0.0 && eps.is_finite(), "eps", "above 0 and finite", eps)
    }

    /// The cluster of each core row, as linfa finds it; `None` for every other row.
    fn core(&self, points: &Points, eps: f64) -> Result<Vec<Option<usize>>, Error> {
        let params = linfa_clustering::Dbscan::params::<f64>(self.min_points).tolerance(eps);
        let allowed = "what linfa takes";
        let params = params.check().map_err(|error| ParamError {
            name: "eps",
            allowed,
            value: format!("{eps}: {error}"),
        })?;
        let found = params.transform(&points.to_array());
        let dense = n_within(points, eps).into_iter().map(|n| n >= self.min_points);
        Ok(found.into_iter().zip(dense).map(|(cluster, dense)| cluster.filter(|_| dense)).collect())
    }
}

/// Rows of a matrix, `(n_rows, n_columns)`.
///
/// Cost: `O(n_rows² · n_columns)`. Rows are put into lexicographic order first, so that their order decides nothing.
impl<S: Data<Elem = f64>> Fit<ArrayBase<S, Ix2>> for DbscanParams {
    type Model = Dbscan;
    type Error = Error;

    /// # Errors
    /// [`Error::Param`]; [`Error::Data`] for no rows, no columns, values that are not finite or beyond 1e100;
    /// [`Error::NothingDense`].
    fn fit_with(&self, data: &ArrayBase<S, Ix2>, progress: &mut dyn Progress) -> Result<Dbscan, Error> {
        self.check()?;
        let points = Points::checked(data)?;
        let points = points.reordered(&points.sorted_order());
        let eps = self.eps.unwrap_or_else(|| knee(&points, self.min_points)) * (1.0 + SLACK);
        let nothing = Error::NothingDense { min_points: self.min_points, eps };
        // Found at 0 where most rows have equals: nothing is then within a distance that linfa takes.
        if eps <= 0.0 {
            return Err(nothing);
        }
        let core = self.core(&points, eps)?;
        // There is but one step, at whose end nothing is left to stop.
        progress.step(&Step::new("density", 1, 1));
        Dbscan::new(&points, &core, (eps, self.min_points)).ok_or(nothing)
    }
}
