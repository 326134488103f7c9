//! An even sample of rows whose number is not known before the last.

use fincoach_core::rng::{self, Rng};

use crate::kmeans::Points;

/// Rows kept so far, every row met with the same probability (Vitter 1985, algorithm R).
pub(super) struct Reservoir {
    values: Vec<f64>,
    size: usize,
    n_met: usize,
    rng: Rng,
}

impl Reservoir {
    pub(super) fn new(size: usize, seed: u64) -> Self {
        Self { values: Vec::new(), size, n_met: 0, rng: rng::stream(seed, 0) }
    }

    pub(super) fn meet(&mut self, points: &Points) {
        for row in points.rows() {
            self.n_met += 1;
            if self.n_met <= self.size {
                self.values.extend_from_slice(row);
                continue;
            }
            let place = self.rng.below(self.n_met);
            if place < self.size {
                self.values[place * row.len()..(place + 1) * row.len()].copy_from_slice(row);
            }
        }
    }

    /// Rows met.
    pub(super) const fn n_met(&self) -> usize {
        self.n_met
    }

    pub(super) fn into_points(self, width: usize) -> Points {
        Points::new(self.values, width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_kept_as_often_as_any_other() {
        let rows = Points::new((0..10).map(f64::from).collect(), 1);
        let mut kept = [0; 10];
        for seed in 0..2000 {
            let mut reservoir = Reservoir::new(3, seed);
            reservoir.meet(&rows);
            assert_eq!(reservoir.n_met(), 10);
            let sample = reservoir.into_points(1);
            (0..10_u32).zip(&mut kept).for_each(|(row, n)| {
                *n += usize::from(sample.rows().any(|known| known[0] == f64::from(row)));
            });
        }
        // 600 expected, deviation 20.
        assert!(kept.iter().all(|n| (500..700).contains(n)), "{kept:?}");
    }
}
