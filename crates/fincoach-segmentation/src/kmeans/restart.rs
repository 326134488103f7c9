//! One run from one start to a partition that nothing improves.

use fincoach_core::rng::Rng;

use super::KMeansParams;
use super::lloyd::Partition;
use super::points::Points;
use super::seeding::seed_centres;

/// What one run reached.
#[derive(Clone, Debug)]
pub(crate) struct Restart {
    pub(crate) partition: Partition,
    pub(crate) inertia: f64,
    /// Inertia after each step.
    pub(crate) curve: Vec<f64>,
    pub(crate) converged: bool,
}

impl Restart {
    /// Seeds, iterates, polishes. `tolerance` is the squared way of all centres at which Lloyd's iterations
    /// make room for the transfers.
    pub(crate) fn run(points: &Points, params: &KMeansParams, tolerance: f64, rng: &mut Rng) -> Self {
        let centres = seed_centres(points, params.n_clusters(), rng);
        let partition = Partition::new(points, centres);
        let mut run = Self { partition, inertia: 0.0, curve: Vec::new(), converged: false };
        run.note(points);
        run.iterate(points, params.max_iter(), tolerance);
        run.polish(points, params.max_iter());
        // Out of steps, rows still go to the nearest of the centres that the model keeps; else nothing moves.
        run.partition.renumber();
        run.partition.reassign(points);
        run.inertia = run.partition.inertia(points);
        run
    }

    /// Lloyd's iterations until labels stay or centres hardly move.
    fn iterate(&mut self, points: &Points, max_iter: usize, tolerance: f64) {
        while self.curve.len() < max_iter {
            let changed = self.partition.reassign(points);
            let way = self.partition.recentre(points);
            self.note(points);
            if !changed || way <= tolerance {
                return;
            }
        }
    }

    /// Transfers until none gains.
    fn polish(&mut self, points: &Points, max_iter: usize) {
        while self.curve.len() < max_iter && !self.converged {
            self.converged = self.partition.transfer(points) == 0;
            // Centres moved step by step gather rounding; the mean of the rows has none of it.
            self.partition.recentre(points);
            self.note(points);
        }
    }

    fn note(&mut self, points: &Points) {
        self.curve.push(self.partition.inertia(points));
    }
}
