//! Distances to the nearest rows, measured one by one.

use rayon::prelude::*;

use crate::kmeans::{Points, squared_distance};

/// The number of rows within `eps` of each, itself among them.
pub(super) fn n_within(points: &Points, eps: f64) -> Vec<usize> {
    let count = |row: usize| {
        let row = points.row(row);
        points.rows().filter(|other| squared_distance(row, other) <= eps * eps).count()
    };
    (0..points.len()).into_par_iter().map(count).collect()
}

/// The distance at which the curve of distances to the `min_points`-th nearest row, itself counted as the first, bends
/// most: with both axes scaled to [0, 1], where it lies farthest below its chord (Satopää et al. 2011). The
/// largest of the distances where it nowhere does.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(super) fn knee(points: &Points, min_points: usize) -> f64 {
    let place = min_points.min(points.len()).saturating_sub(1);
    let distance = |row: usize| {
        let row = points.row(row);
        let mut squares: Vec<f64> = points.rows().map(|other| squared_distance(row, other)).collect();
        squares.select_nth_unstable_by(place, f64::total_cmp).1.sqrt()
    };
    let mut curve: Vec<f64> = (0..points.len()).into_par_iter().map(distance).collect();
    curve.sort_by(f64::total_cmp);
    let (first, last) = (curve.first().copied().unwrap_or(0.0), curve.last().copied().unwrap_or(0.0));
    let steps = curve.len().saturating_sub(1).max(1) as f64;
    // Above 0 by more than rounding, so that a straight line has no knee.
    let mut best = (last, 1e-12);
    for (index, value) in curve.iter().enumerate() {
        let below = index as f64 / steps - (value - first) / (last - first).max(f64::MIN_POSITIVE);
        if below > best.1 {
            best = (*value, below);
        }
    }
    best.0
}
