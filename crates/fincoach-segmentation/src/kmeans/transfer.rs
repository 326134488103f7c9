//! Single-point transfers (Hartigan and Wong 1979): a row changes its cluster whenever that lowers the sum
//! of squares, with the way both centres move taken into account.
//!
//! A partition that no transfer improves is also one that Lloyd's iterations leave alone; the reverse does
//! not hold, which is why far fewer restarts are needed.

use pulp::Simd;

use super::bounds::SLACK;
use super::lloyd::Partition;
use super::points::{add, squared_with};

/// Gains below this share of the loss are rounding.
const LEAST_GAIN: f64 = 1e-10;

impl Partition {
    /// Whether bounds on the distance to the own centre and to every other one are enough to say that a row
    /// of cluster `from` gains nowhere.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    #[inline(always)]
    pub(super) fn holds(&self, (from, least_size): (usize, usize), (upper, lower): (f64, f64)) -> bool {
        let (n, m) = (self.sizes[from] as f64, least_size as f64);
        // The smallest cluster asks least: m/(m + 1) grows with m.
        self.sizes[from] < 2 || upper * upper * n / (n - 1.0) <= lower * lower * m / (m + 1.0)
    }

    /// The distances to the own centre and to the nearest other one, as bounds; and the cluster in which `row` costs
    /// least, if that is less than it costs in `from`.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    #[inline(always)]
    pub(super) fn weigh<S: Simd>(&self, simd: S, row: &[f64], from: usize) -> ((f64, f64), Option<usize>) {
        let own = squared_with(simd, row, self.centres.row(from));
        let n = self.sizes[from] as f64;
        // The last row of a cluster stays: nothing costs less than minus infinity.
        let saved = if self.sizes[from] < 2 { f64::NEG_INFINITY } else { own * n / (n - 1.0) };
        let (mut nearest, mut best) = (f64::INFINITY, (None, saved * (1.0 - LEAST_GAIN)));
        for (cluster, centre) in self.centres.rows().enumerate().filter(|(cluster, _)| *cluster != from) {
            let square = squared_with(simd, row, centre);
            nearest = nearest.min(square);
            let m = self.sizes[cluster] as f64;
            let cost = square * m / (m + 1.0);
            if cost < best.1 {
                best = (Some(cluster), cost);
            }
        }
        ((own.sqrt() * (1.0 + SLACK), nearest.sqrt() * (1.0 - SLACK)), best.0)
    }

    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub(super) fn move_row(&mut self, row: &[f64], from: usize, to: usize) {
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
