//! Rows turned and stretched at random, so that each restart begins at other K-means clusters.

use fincoach_core::ndarray::{Array1, Array2, ArrayView2};
use fincoach_core::rng::Rng;

/// The map x → D Q x with an orthogonal Q and a diagonal D.
///
/// The likelihood of a mixture is the same however rows are turned and stretched, but K-means, which linfa starts
/// from, is not: where clouds are long, it cuts them across, and every restart from it ends at the same poor place.
pub(super) struct Stretch {
    turn: Array2<f64>,
    scales: Array1<f64>,
}

impl Stretch {
    pub(super) fn none(width: usize) -> Self {
        Self { turn: Array2::eye(width), scales: Array1::ones(width) }
    }

    /// Directions even over the sphere, factors of e to the power of a standard normal.
    pub(super) fn random(width: usize, rng: &mut Rng) -> Self {
        let mut turn = Array2::from_shape_simple_fn((width, width), || rng.normal());
        for index in 0..width {
            let mut row = turn.row(index).to_owned();
            for known in 0..index {
                let part = row.dot(&turn.row(known));
                row.scaled_add(-part, &turn.row(known));
            }
            row /= row.dot(&row).sqrt().max(f64::MIN_POSITIVE);
            turn.row_mut(index).assign(&row);
        }
        Self { turn, scales: Array1::from_shape_simple_fn(width, || rng.normal().exp()) }
    }

    pub(super) fn apply(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
        rows.dot(&self.turn.t()) * &self.scales
    }

    /// Rows as they were.
    pub(super) fn undo(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
        (&rows / &self.scales).dot(&self.turn)
    }

    /// The covariance of the rows as they were.
    pub(super) fn undo_covariance(&self, covariance: ArrayView2<'_, f64>) -> Array2<f64> {
        self.undo(self.undo(covariance).t())
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::ndarray::array;
    use fincoach_core::rng;

    use super::*;

    #[test]
    fn what_is_done_is_undone() {
        let stretch = Stretch::random(3, &mut rng::stream(1, 0));
        let rows = array![[1.0, 2.0, 3.0], [-4.0, 0.5, 0.0]];
        let there = stretch.apply(rows.view());
        assert!((&there - &rows).iter().any(|gap| gap.abs() > 0.1));
        assert!((stretch.undo(there.view()) - &rows).iter().all(|gap| gap.abs() < 1e-12));
        // Σ → A Σ Aᵀ is rows twice.
        let covariance = array![[2.0, 0.3, 0.1], [0.3, 1.0, 0.0], [0.1, 0.0, 3.0]];
        let mapped = stretch.apply(stretch.apply(covariance.view()).t());
        let back = stretch.undo_covariance(mapped.view());
        assert!((back - covariance).iter().all(|gap| gap.abs() < 1e-12));
    }
}
