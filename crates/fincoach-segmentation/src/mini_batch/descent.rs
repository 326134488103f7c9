//! Steps from batch to batch (Sculley 2010).

use rayon::prelude::*;

use crate::kmeans::{BLOCK, Points, add, nearest};

/// Centres on their way, each with the number of rows it has taken a step for.
pub(super) struct Descent {
    pub(super) centres: Points,
    n_steps: Vec<usize>,
}

/// What a batch is to the centres it was held against.
pub(super) struct Tally {
    pub(super) sums: Points,
    pub(super) sizes: Vec<usize>,
    pub(super) inertia: f64,
}

impl Tally {
    pub(super) fn new(n_clusters: usize, width: usize) -> Self {
        Self {
            sums: Points::new(vec![0.0; n_clusters * width], width),
            sizes: vec![0; n_clusters],
            inertia: 0.0,
        }
    }

    /// The rows of a batch by their nearest centres: of blocks side by side, then of blocks in order.
    pub(super) fn of(points: &Points, centres: &Points) -> Self {
        let width = points.width();
        let of_block = |rows: &[f64]| {
            let mut tally = Self::new(centres.len(), width);
            for row in rows.chunks_exact(width) {
                let (cluster, squared) = nearest(row, centres);
                add(tally.sums.row_mut(cluster), row, 1.0);
                tally.sizes[cluster] += 1;
                tally.inertia += squared;
            }
            tally
        };
        let blocks: Vec<Self> = points.blocks(BLOCK).map(of_block).collect();
        let mut whole = Self::new(centres.len(), width);
        blocks.iter().for_each(|block| whole.join(block));
        whole
    }

    pub(super) fn join(&mut self, other: &Self) {
        for (cluster, size) in other.sizes.iter().enumerate() {
            add(self.sums.row_mut(cluster), other.sums.row(cluster), 1.0);
            self.sizes[cluster] += size;
        }
        self.inertia += other.inertia;
    }
}

impl Descent {
    /// From these centres, before the first pass.
    pub(super) fn new(centres: Points) -> Self {
        let n_steps = vec![0; centres.len()];
        Self { centres, n_steps }
    }

    /// A pass begins: the rows of the one before have had their say.
    pub(super) fn begin_pass(&mut self) {
        self.n_steps.fill(0);
    }

    /// Takes a step of rate 1 / (rows so far) for each row of the batch; returns the batch's inertia before.
    ///
    /// All rows are held against the centres as they were, so the steps of one centre sum up to one.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub(super) fn step(&mut self, batch: &Points) -> f64 {
        let tally = Tally::of(batch, &self.centres);
        for (cluster, size) in tally.sizes.iter().enumerate().filter(|(_, size)| **size > 0) {
            self.n_steps[cluster] += size;
            let rate = 1.0 / self.n_steps[cluster] as f64;
            let centre = self.centres.row_mut(cluster);
            for (value, sum) in centre.iter_mut().zip(tally.sums.row(cluster)) {
                *value += rate * (sum - *size as f64 * *value);
            }
        }
        tally.inertia
    }
}
