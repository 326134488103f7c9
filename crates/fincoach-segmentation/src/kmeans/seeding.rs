//! Greedy k-means++ (Arthur and Vassilvitskii 2007, section 5): each new centre is the best of a few rows
//! drawn with probability proportional to the squared distance from the centres so far.

use fincoach_core::rng::Rng;

use super::points::{Points, squared_distance};

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
    points.rows().map(|point| squared_distance(point, points.row(row))).collect()
}

/// The candidate that leaves the least squared distance, with what it leaves; the first drawn wins a tie.
fn best_candidate(points: &Points, distances: &[f64], n_trials: usize, rng: &mut Rng) -> (usize, Vec<f64>) {
    let mut best = (0, distances.to_vec(), f64::INFINITY);
    for _ in 0..n_trials {
        let row = rng.weighted(distances);
        let mut remaining = distances_to(points, row);
        remaining.iter_mut().zip(distances).for_each(|(new, old)| *new = new.min(*old));
        let left: f64 = remaining.iter().sum();
        if left < best.2 {
            best = (row, remaining, left);
        }
    }
    (best.0, best.1)
}
