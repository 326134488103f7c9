//! Greedy k-means++ (Arthur and Vassilvitskii 2007, section 5): each new centre is the best of a few rows
//! drawn with probability proportional to the squared distance from the centres so far.

use fincoach_core::rng::Rng;
use pulp::{Arch, Simd, WithSimd};

use super::points::{Points, squared_with};

/// `n_clusters` rows to start from.
pub(crate) fn seed_centres(points: &Points, n_clusters: usize, rng: &mut Rng) -> Points {
    let first = rng.below(points.len());
    let mut chosen = vec![first];
    let mut distances = distances_to(points, first);
    let n_trials = n_trials(n_clusters);
    while chosen.len() < n_clusters {
        let (row, remaining) = best_candidate(points, &distances, n_trials, rng);
        chosen.push(row);
        distances = remaining;
    }
    points.reordered(&chosen)
}

/// 2 + ln k, as scikit-learn has it.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small"
)]
fn n_trials(n_clusters: usize) -> usize {
    2 + (n_clusters as f64).ln() as usize
}

fn distances_to(points: &Points, row: usize) -> Vec<f64> {
    let none = vec![f64::INFINITY; points.len()];
    Arch::new().dispatch(Remaining { points, row, before: &none })
}

/// The squared distances to the nearest of the rows chosen so far and one more.
struct Remaining<'a> {
    points: &'a Points,
    row: usize,
    before: &'a [f64],
}

impl WithSimd for Remaining<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<f64> {
        let chosen = self.points.row(self.row);
        let mut remaining = Vec::with_capacity(self.before.len());
        for (point, before) in self.points.rows().zip(self.before) {
            remaining.push(squared_with(simd, point, chosen).min(*before));
        }
        remaining
    }
}

/// The candidate that leaves the least squared distance, with what it leaves; the first drawn wins a tie.
fn best_candidate(points: &Points, distances: &[f64], n_trials: usize, rng: &mut Rng) -> (usize, Vec<f64>) {
    let mut best = (0, Vec::new(), f64::INFINITY);
    for _ in 0..n_trials {
        let row = rng.weighted(distances);
        let remaining = Arch::new().dispatch(Remaining { points, row, before: distances });
        let left: f64 = remaining.iter().sum();
        if left < best.2 {
            best = (row, remaining, left);
        }
    }
    (best.0, best.1)
}
