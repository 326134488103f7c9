//! Lloyd's iterations: every row to its nearest centre, every centre to the mean of its rows.

use super::points::{Points, add, compare, nearest, squared_distance};

/// A partition in the making.
#[derive(Clone, Debug)]
pub(crate) struct Partition {
    pub(crate) centres: Points,
    pub(crate) labels: Vec<usize>,
    pub(crate) sizes: Vec<usize>,
}

impl Partition {
    /// Every row with its nearest centre, then every centre at the mean of its rows.
    pub(crate) fn new(points: &Points, centres: Points) -> Self {
        let sizes = vec![0; centres.len()];
        let mut partition = Self { centres, labels: vec![0; points.len()], sizes };
        partition.reassign(points);
        partition.recentre(points);
        partition
    }

    /// Sends each row to its nearest centre; returns whether a label changed.
    ///
    /// A cluster left without rows takes the row farthest from its centre among the clusters that have
    /// more than one; with as many distinct rows as clusters there is always one.
    pub(crate) fn reassign(&mut self, points: &Points) -> bool {
        let mut changed = false;
        let mut distances = Vec::with_capacity(points.len());
        self.sizes.fill(0);
        for (row, label) in points.rows().zip(&mut self.labels) {
            let (cluster, distance) = nearest(row, &self.centres);
            changed |= *label != cluster;
            *label = cluster;
            self.sizes[cluster] += 1;
            distances.push(distance);
        }
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
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub(crate) fn recentre(&mut self, points: &Points) -> f64 {
        let width = points.width();
        let mut means = Points::new(vec![0.0; self.sizes.len() * width], width);
        for (row, label) in points.rows().zip(&self.labels) {
            add(means.row_mut(*label), row, 1.0);
        }
        for (cluster, size) in self.sizes.iter().enumerate() {
            means.row_mut(cluster).iter_mut().for_each(|sum| *sum /= (*size).max(1) as f64);
        }
        let way = means.rows().zip(self.centres.rows()).map(|(new, old)| squared_distance(new, old)).sum();
        self.centres = means;
        way
    }

    /// Numbers the clusters by descending size, equal sizes by their centres in lexicographic order.
    pub(crate) fn renumber(&mut self) {
        let mut order: Vec<usize> = (0..self.sizes.len()).collect();
        order.sort_by(|&a, &b| {
            let by_size = self.sizes[b].cmp(&self.sizes[a]);
            by_size.then_with(|| compare(self.centres.row(a), self.centres.row(b)))
        });
        let mut new_label = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, old)| new_label[*old] = new);
        self.centres = self.centres.reordered(&order);
        self.sizes = order.iter().map(|old| self.sizes[*old]).collect();
        self.labels.iter_mut().for_each(|label| *label = new_label[*label]);
    }

    /// The sum of squared distances from the rows to their centres.
    pub(crate) fn inertia(&self, points: &Points) -> f64 {
        points
            .rows()
            .zip(&self.labels)
            .map(|(row, label)| squared_distance(row, self.centres.row(*label)))
            .sum()
    }
}
