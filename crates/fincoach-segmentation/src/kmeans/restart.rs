//! One run from one start to a partition that nothing improves.

use fincoach_core::rng::Rng;

use super::KMeansParams;
use super::bounds::Bounded;
use super::lloyd::Partition;
use super::points::Points;
use super::seeding::seed_centres;

/// Rows to partition, with what is known of them before the first start.
pub(super) struct Task {
    pub(super) points: Points,
    /// The mean row, and the sum of squared distances from it.
    scatter: (Vec<f64>, f64),
    /// The squared way of all centres at which Lloyd's iterations make room for the transfers.
    tolerance: f64,
}

impl Task {
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub(super) fn new(points: Points, tol: f64) -> Self {
        let scatter = points.scatter();
        let tolerance = tol * scatter.1 / points.len().max(1) as f64 / points.width() as f64;
        Self { points, scatter, tolerance }
    }
}

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
    /// Seeds, iterates, polishes.
    pub(super) fn run(task: &Task, params: &KMeansParams, rng: &mut Rng) -> Self {
        let centres = seed_centres(&task.points, params.n_clusters(), rng);
        Self::from_centres(task, params, centres)
    }

    /// Iterates and polishes from these centres on.
    pub(super) fn from_centres(task: &Task, params: &KMeansParams, centres: Points) -> Self {
        let mut descent = Descent {
            task,
            max_iter: params.max_iter(),
            state: Bounded::new(&task.points, centres),
            curve: Vec::new(),
            converged: false,
        };
        descent.note();
        descent.iterate();
        descent.polish();
        descent.finish()
    }
}

/// A run under way.
struct Descent<'a> {
    task: &'a Task,
    max_iter: usize,
    state: Bounded<'a>,
    curve: Vec<f64>,
    converged: bool,
}

impl Descent<'_> {
    /// Lloyd's iterations until labels stay or centres hardly move.
    fn iterate(&mut self) {
        while self.curve.len() < self.max_iter {
            let (changed, way) = self.state.iterate();
            self.note();
            if !changed || way <= self.task.tolerance {
                return;
            }
        }
    }

    /// Transfers until none gains.
    fn polish(&mut self) {
        while self.curve.len() < self.max_iter && !self.converged {
            self.converged = self.state.transfer() == 0;
            self.note();
        }
    }

    fn finish(self) -> Restart {
        let (points, mut partition) = (&self.task.points, self.state.into_partition());
        // Sums changed row by row gather rounding; the mean of the rows has none of it.
        partition.recentre(points);
        partition.renumber();
        // Out of steps, rows still go to the nearest of the centres that the model keeps; else nothing moves.
        partition.reassign(points);
        let inertia = partition.inertia(points);
        Restart { partition, inertia, curve: self.curve, converged: self.converged }
    }

    fn note(&mut self) {
        let (origin, scatter) = &self.task.scatter;
        self.curve.push(self.state.partition().inertia_within((origin, *scatter)));
    }
}
