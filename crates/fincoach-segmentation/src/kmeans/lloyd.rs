//! Lloyd's iterations: every row to its nearest centre, every centre to the mean of its rows.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::points::{BLOCK, Points, add, compare, nearest_with, squared_distance, squared_with};

/// A partition in the making.
#[derive(Clone, Debug)]
pub(crate) struct Partition {
    pub(crate) centres: Points,
    pub(crate) labels: Vec<usize>,
    pub(crate) sizes: Vec<usize>,
}

impl Partition {
    /// Sends each row to its nearest centre; returns whether a label changed.
    ///
    /// A cluster left without rows takes the row farthest from its centre among the clusters that have
    /// more than one; with as many distinct rows as clusters there is always one.
    pub(crate) fn reassign(&mut self, points: &Points) -> bool {
        let (width, centres) = (points.width(), &self.centres);
        let mut distances = vec![0.0; points.len()];
        let blocks = points.blocks(BLOCK).zip(self.labels.par_chunks_mut(BLOCK));
        let changed: Vec<bool> = blocks
            .zip(distances.par_chunks_mut(BLOCK))
            .map(|((rows, labels), distances)| {
                let rows = rows.chunks_exact(width);
                Arch::new().dispatch(Nearest { rows, centres, labels, distances })
            })
            .collect();
        let mut changed = changed.contains(&true);
        self.sizes.fill(0);
        self.labels.iter().for_each(|label| self.sizes[*label] += 1);
        for empty in 0..self.sizes.len() {
            if self.sizes[empty] == 0 {
                self.refill(points, empty, &mut distances);
                changed = true;
            }
        }
        changed
    }

    fn refill(&mut self, points: &Points, empty: usize, distances: &mut [f64]) {
        let mut farthest: Option<usize> = None;
        for (row, label) in self.labels.iter().enumerate() {
            if self.sizes[*label] > 1 && farthest.is_none_or(|best| distances[row] > distances[best]) {
                farthest = Some(row);
            }
        }
        if let Some(row) = farthest {
            self.sizes[self.labels[row]] -= 1;
            self.sizes[empty] = 1;
            self.labels[row] = empty;
            self.centres.row_mut(empty).copy_from_slice(points.row(row));
            distances[row] = 0.0;
        }
    }

    /// Puts each centre at the mean of its rows; returns the sum of the squared ways they went.
    pub(crate) fn recentre(&mut self, points: &Points) -> f64 {
        let means = self.means(&self.sums(points));
        let way = means.rows().zip(self.centres.rows()).map(|(new, old)| squared_distance(new, old)).sum();
        self.centres = means;
        way
    }

    /// The sum of the rows of each cluster: of blocks side by side, then of blocks in order.
    pub(crate) fn sums(&self, points: &Points) -> Points {
        let width = points.width();
        let zeros = || Points::new(vec![0.0; self.sizes.len() * width], width);
        let sums_of = |(rows, labels): (&[f64], &[usize])| {
            let mut sums = zeros();
            rows.chunks_exact(width).zip(labels).for_each(|(row, label)| add(sums.row_mut(*label), row, 1.0));
            sums
        };
        let blocks: Vec<Points> =
            points.blocks(BLOCK).zip(self.labels.par_chunks(BLOCK)).map(sums_of).collect();
        let mut sums = zeros();
        for block in &blocks {
            (0..self.sizes.len()).for_each(|cluster| add(sums.row_mut(cluster), block.row(cluster), 1.0));
        }
        sums
    }

    /// The means that belong to the sums of the clusters.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub(crate) fn means(&self, sums: &Points) -> Points {
        let mut means = sums.clone();
        for (cluster, size) in self.sizes.iter().enumerate() {
            means.row_mut(cluster).iter_mut().for_each(|sum| *sum /= (*size).max(1) as f64);
        }
        means
    }

    /// Numbers the clusters by descending size, equal sizes by their centres in lexicographic order.
    pub(crate) fn renumber(&mut self) {
        let order = by_size(&self.sizes, &self.centres);
        let mut new_label = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, old)| new_label[*old] = new);
        self.centres = self.centres.reordered(&order);
        self.sizes = order.iter().map(|old| self.sizes[*old]).collect();
        self.labels.iter_mut().for_each(|label| *label = new_label[*label]);
    }

    /// The sum of squared distances from the rows to their centres.
    pub(crate) fn inertia(&self, points: &Points) -> f64 {
        let width = points.width();
        let sum = |(rows, labels): (&[f64], &[usize])| -> f64 {
            let rows = rows.chunks_exact(width);
            Arch::new().dispatch(Inertia { rows, centres: &self.centres, labels })
        };
        let blocks: Vec<f64> = points.blocks(BLOCK).zip(self.labels.par_chunks(BLOCK)).map(sum).collect();
        blocks.iter().sum()
    }

    /// [`Partition::inertia`] where every centre is the mean of its rows, without a look at the rows:
    /// the `scatter` of all rows about `origin`, their mean, less that of the centres.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub(crate) fn inertia_within(&self, (origin, scatter): (&[f64], f64)) -> f64 {
        let between = |(centre, size): (&[f64], &usize)| *size as f64 * squared_distance(centre, origin);
        (scatter - self.centres.rows().zip(&self.sizes).map(between).sum::<f64>()).max(0.0)
    }
}

/// Clusters by descending size, equal sizes by their centres in lexicographic order.
pub(crate) fn by_size(sizes: &[usize], centres: &Points) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by(|&a, &b| sizes[b].cmp(&sizes[a]).then_with(|| compare(centres.row(a), centres.row(b))));
    order
}

/// Sends the rows of a block to their nearest centres; says whether a label changed.
struct Nearest<'a> {
    rows: std::slice::ChunksExact<'a, f64>,
    centres: &'a Points,
    labels: &'a mut [usize],
    distances: &'a mut [f64],
}

impl WithSimd for Nearest<'_> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> bool {
        let mut changed = false;
        for ((row, label), distance) in self.rows.zip(self.labels).zip(self.distances) {
            let found = nearest_with(simd, row, self.centres);
            changed |= *label != found.0;
            (*label, *distance) = found;
        }
        changed
    }
}

/// The inertia of a block.
struct Inertia<'a> {
    rows: std::slice::ChunksExact<'a, f64>,
    centres: &'a Points,
    labels: &'a [usize],
}

impl WithSimd for Inertia<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let mut sum = 0.0;
        for (row, label) in self.rows.zip(self.labels) {
            sum += squared_with(simd, row, self.centres.row(*label));
        }
        sum
    }
}
