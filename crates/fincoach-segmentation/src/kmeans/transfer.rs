//! Single-point transfers (Hartigan and Wong 1979): a row changes its cluster whenever that lowers the sum
//! of squares, with the way both centres move taken into account.
//!
//! A partition that no transfer improves is also one that Lloyd's iterations leave alone; the reverse does
//! not hold, which is why far fewer restarts are needed.

use super::lloyd::Partition;
use super::points::{Points, add, squared_distance};

/// Gains below this share of the loss are rounding.
const LEAST_GAIN: f64 = 1e-10;

impl Partition {
    /// Goes once over all rows and returns the number of transfers; each strictly lowers the inertia.
    pub(crate) fn transfer(&mut self, points: &Points) -> usize {
        let mut n_moved = 0;
        for (index, row) in points.rows().enumerate() {
            let from = self.labels[index];
            if let Some(to) = self.better_cluster(row, from) {
                self.move_row(row, from, to);
                self.labels[index] = to;
                n_moved += 1;
            }
        }
        n_moved
    }

    /// The cluster in which `row` costs least, if that is less than it costs in `from`.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    fn better_cluster(&self, row: &[f64], from: usize) -> Option<usize> {
        if self.sizes[from] < 2 {
            return None;
        }
        let n = self.sizes[from] as f64;
        let saved = squared_distance(row, self.centres.row(from)) * n / (n - 1.0);
        let mut best = (None, saved * (1.0 - LEAST_GAIN));
        for (cluster, centre) in self.centres.rows().enumerate().filter(|(cluster, _)| *cluster != from) {
            let m = self.sizes[cluster] as f64;
            let cost = squared_distance(row, centre) * m / (m + 1.0);
            if cost < best.1 {
                best = (Some(cluster), cost);
            }
        }
        best.0
    }

    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    fn move_row(&mut self, row: &[f64], from: usize, to: usize) {
        self.sizes[from] -= 1;
        self.sizes[to] += 1;
        let (left, joined) = (self.sizes[from] as f64, self.sizes[to] as f64);
        let step = difference(self.centres.row(from), row);
        add(self.centres.row_mut(from), &step, 1.0 / left);
        let step = difference(row, self.centres.row(to));
        add(self.centres.row_mut(to), &step, 1.0 / joined);
    }
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(x, y)| x - y).collect()
}
