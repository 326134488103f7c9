//! Fitted clusters by density.

use fincoach_core::ndarray::{Array2, ArrayView2};
use fincoach_core::{DataError, json_artifact};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clusters::predicts_places;
use crate::kmeans::{BLOCK, Points, matrix_of, squared_distance};
use crate::{Clusters, Error, Place};

/// Core rows and the clusters they form. Made by [`DbscanParams`](crate::DbscanParams).
///
/// A row belongs to the cluster of its nearest core row, the lowest number of equals, if that is within
/// [`Dbscan::eps`]; its [`Place`] tells the distance to it. The second best is the cluster with the next nearest core row,
/// however far. Clusters are numbered by descending size, equal sizes by their first rows in lexicographic order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct Dbscan {
    core: Points,
    labels: Vec<usize>,
    sizes: Vec<usize>,
    n_noise: usize,
    eps: f64,
    min_points: usize,
}

impl Dbscan {
    /// `None` without a core row. `core` tells the cluster of each row that is one.
    pub(super) fn new(
        points: &Points,
        core: &[Option<usize>],
        (eps, min_points): (f64, usize),
    ) -> Option<Self> {
        let rows: Vec<usize> = (0..core.len()).filter(|row| core[*row].is_some()).collect();
        let labels: Vec<usize> = core.iter().copied().flatten().collect();
        let n_clusters = labels.iter().max()? + 1;
        let mut model = Self {
            core: points.reordered(&rows),
            labels,
            sizes: vec![0; n_clusters],
            n_noise: 0,
            eps,
            min_points,
        };
        for place in model.places(points) {
            match place.cluster {
                Some(cluster) => model.sizes[cluster] += 1,
                None => model.n_noise += 1,
            }
        }
        model.renumber();
        Some(model)
    }

    /// Linfa numbers clusters in the order of their first rows: sorting by size keeps that among equals.
    fn renumber(&mut self) {
        let mut order: Vec<usize> = (0..self.sizes.len()).collect();
        order.sort_by(|&a, &b| self.sizes[b].cmp(&self.sizes[a]));
        let mut new_label = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, old)| new_label[*old] = new);
        self.sizes = order.iter().map(|old| self.sizes[*old]).collect();
        self.labels.iter_mut().for_each(|label| *label = new_label[*label]);
    }

    /// The core rows, `(n_core, n_columns)`.
    #[must_use]
    pub fn core(&self) -> Array2<f64> {
        self.core.to_array()
    }

    /// The cluster of each core row.
    #[must_use]
    pub fn core_labels(&self) -> &[usize] {
        &self.labels
    }

    /// The number of training rows in each cluster, descending.
    #[must_use]
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// The number of training rows in no cluster.
    #[must_use]
    pub const fn n_noise(&self) -> usize {
        self.n_noise
    }

    /// The distance of neighbours, given or found, and one part in 10⁹ more: rounding takes no row at that distance away.
    #[must_use]
    pub const fn eps(&self) -> f64 {
        self.eps
    }

    /// How many rows make a place dense.
    #[must_use]
    pub const fn min_points(&self) -> usize {
        self.min_points
    }

    fn places(&self, points: &Points) -> Vec<Place> {
        let width = points.width();
        let of_block = |rows: &[f64]| -> Vec<Place> {
            rows.chunks_exact(width).map(|row| self.place_row(row)).collect()
        };
        points.blocks(BLOCK).map(of_block).collect::<Vec<_>>().concat()
    }

    fn place_row(&self, row: &[f64]) -> Place {
        let mut nearest = vec![f64::INFINITY; self.sizes.len()];
        for (core, label) in self.core.rows().zip(&self.labels) {
            nearest[*label] = nearest[*label].min(squared_distance(row, core));
        }
        let (mut first, mut second): (usize, Option<usize>) = (0, None);
        for (cluster, squared) in nearest.iter().enumerate().skip(1) {
            if *squared < nearest[first] {
                (first, second) = (cluster, Some(first));
            } else if second.is_none_or(|known| *squared < nearest[known]) {
                second = Some(cluster);
            }
        }
        let distance = nearest[first].sqrt();
        let cluster = (distance <= self.eps).then_some(first);
        Place { cluster, unlike_any: cluster.is_none(), ..Place::new(first, distance, second) }
    }
}

impl Clusters for Dbscan {
    const GROUPING: &'static str = "dbscan_grouping";

    fn n_clusters(&self) -> usize {
        self.sizes.len()
    }

    fn n_columns(&self) -> usize {
        self.core.width()
    }

    fn place(&self, rows: ArrayView2<'_, f64>) -> Result<Vec<Place>, Error> {
        DataError::ensure_len("columns", self.core.width(), rows.ncols())?;
        if rows.nrows() == 0 { Ok(Vec::new()) } else { Ok(self.places(&Points::checked(&rows)?)) }
    }

    fn own_reach(&self) -> Option<f64> {
        Some(self.eps)
    }
}

predicts_places! {
    /// Cost `O(n_rows · n_core · n_columns)`.
    Dbscan
}

json_artifact!(Dbscan, "dbscan", 1);

/// The form on disk.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    core: Vec<Vec<f64>>,
    labels: Vec<usize>,
    sizes: Vec<usize>,
    n_noise: usize,
    eps: f64,
    min_points: usize,
}

impl From<Dbscan> for Repr {
    fn from(model: Dbscan) -> Self {
        let Dbscan { core, labels, sizes, n_noise, eps, min_points } = model;
        let core = core.rows().map(<[f64]>::to_vec).collect();
        Self { core, labels, sizes, n_noise, eps, min_points }
    }
}

impl TryFrom<Repr> for Dbscan {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        let inconsistent = |reason: String| DataError::Inconsistent { what: "dbscan", reason };
        let core =
            Points::checked(&matrix_of(&repr.core)?).map_err(|error| inconsistent(error.to_string()))?;
        DataError::ensure_len("labels", core.len(), repr.labels.len())?;
        let Repr { labels, sizes, n_noise, eps, min_points, .. } = repr;
        let mut n_core = vec![0; sizes.len()];
        for label in &labels {
            let known = n_core.get_mut(*label);
            *known.ok_or_else(|| inconsistent(format!("label {label} with {} clusters", sizes.len())))? += 1;
        }
        if n_core.iter().zip(&sizes).any(|(n_core, size)| *n_core == 0 || n_core > size) {
            return Err(inconsistent("a cluster has no core row, or more of them than rows".to_owned()));
        }
        if !(eps > 0.0 && eps.is_finite() && min_points >= 2) {
            return Err(inconsistent(format!("eps is {eps}, min_points {min_points}")));
        }
        Ok(Self { core, labels, sizes, n_noise, eps, min_points })
    }
}
