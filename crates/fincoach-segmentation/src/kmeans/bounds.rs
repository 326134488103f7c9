//! Lloyd's iterations and transfers that measure only the distances that can matter (Hamerly 2010).
//!
//! Each row keeps an upper bound on the distance to its own centre and a lower bound on the distance to every
//! other one. When centres move, the bounds move by as much; a row whose bounds still tell the two apart
//! needs no distance at all. Late iterations then cost next to nothing.

use rayon::prelude::*;

use super::lloyd::Partition;
use super::points::{BLOCK, Points, add, nearest_two, squared_distance};

/// What rounding may have taken from a bound.
pub(super) const SLACK: f64 = 1e-12;

/// A partition with bounds for each row, and the sums from which its centres come.
pub(super) struct Bounded<'a> {
    points: &'a Points,
    partition: Partition,
    sums: Points,
    /// No less than the distance to the own centre.
    upper: Vec<f64>,
    /// No more than the distance to any other centre.
    lower: Vec<f64>,
}

/// What a block changes.
#[derive(Default)]
struct Delta {
    /// From which cluster to which.
    moves: Vec<(usize, usize)>,
    sums: Option<Points>,
}

/// What every row is held against.
struct Scene<'a> {
    centres: &'a Points,
    /// Half the distance from each centre to its nearest neighbour.
    half_gap: Vec<f64>,
}

impl<'a> Bounded<'a> {
    /// Takes over a partition whose centres are the means of their rows.
    pub(super) fn new(points: &'a Points, partition: Partition) -> Self {
        let (upper, lower) = (vec![f64::INFINITY; points.len()], vec![0.0; points.len()]);
        let sums = partition.sums(points);
        Self { points, partition, sums, upper, lower }
    }

    pub(super) fn partition(&self) -> &Partition {
        &self.partition
    }

    pub(super) fn into_partition(self) -> Partition {
        self.partition
    }

    /// Sends each row to its nearest centre, then each centre to the mean of its rows; returns whether a
    /// label changed and the sum of the squared ways of the centres.
    pub(super) fn iterate(&mut self) -> (bool, f64) {
        let scene = Scene { centres: &self.partition.centres, half_gap: half_gaps(&self.partition.centres) };
        let deltas = self.partition.labels.par_chunks_mut(BLOCK).zip(self.upper.par_chunks_mut(BLOCK));
        let deltas: Vec<Delta> = deltas
            .zip(self.lower.par_chunks_mut(BLOCK))
            .enumerate()
            .map(|(block, ((labels, upper), lower))| {
                scene.reassign(self.points, block * BLOCK, (labels, upper, lower))
            })
            .collect();
        let changed = deltas.iter().any(|delta| !delta.moves.is_empty());
        if changed {
            deltas.iter().for_each(|delta| self.apply(delta));
            if self.partition.sizes.contains(&0) {
                return (true, self.refill());
            }
        }
        let before = self.partition.centres.clone();
        (changed, self.recentre(&before))
    }

    /// Moves rows one by one wherever that lowers the inertia (Hartigan and Wong 1979); returns the number of
    /// moves. With none, no single move of a row would help.
    pub(super) fn transfer(&mut self) -> usize {
        let found = self.movable();
        let before = self.partition.centres.clone();
        let n_moved = found.into_iter().flatten().filter(|row| self.transfer_row(*row)).count();
        if n_moved > 0 {
            self.recentre(&before);
        }
        n_moved
    }

    /// Rows that would lower the inertia by moving while all others stay.
    fn movable(&mut self) -> Vec<Vec<usize>> {
        let (partition, points) = (&self.partition, self.points);
        let least_size = partition.sizes.iter().copied().min().unwrap_or(1);
        let blocks = self.upper.par_chunks_mut(BLOCK).zip(self.lower.par_chunks_mut(BLOCK));
        let movable = |(block, (upper, lower)): (usize, (&mut [f64], &mut [f64]))| {
            let rows = (block * BLOCK..).zip(upper.iter_mut().zip(lower));
            let found = rows.filter_map(|(row, bounds)| {
                let (point, from) = (points.row(row), partition.labels[row]);
                if partition.holds((from, least_size), (*bounds.0, *bounds.1)) {
                    return None;
                }
                (*bounds.0, *bounds.1) = partition.bounds_of(point, from);
                partition.better_cluster(point, from).map(|_| row)
            });
            found.collect()
        };
        blocks.enumerate().map(movable).collect()
    }

    fn transfer_row(&mut self, row: usize) -> bool {
        let point = self.points.row(row);
        let from = self.partition.labels[row];
        let Some(to) = self.partition.better_cluster(point, from) else { return false };
        self.partition.labels[row] = to;
        self.partition.move_row(point, from, to);
        add(self.sums.row_mut(from), point, -1.0);
        add(self.sums.row_mut(to), point, 1.0);
        (self.upper[row], self.lower[row]) = (f64::INFINITY, 0.0);
        true
    }

    fn apply(&mut self, delta: &Delta) {
        for &(from, to) in &delta.moves {
            self.partition.sizes[from] -= 1;
            self.partition.sizes[to] += 1;
        }
        if let Some(sums) = &delta.sums {
            for cluster in 0..self.sums.len() {
                add(self.sums.row_mut(cluster), sums.row(cluster), 1.0);
            }
        }
    }

    /// A cluster has lost all its rows: fills it again and takes every bound and sum anew.
    fn refill(&mut self) -> f64 {
        self.partition.reassign(self.points);
        let way = self.partition.recentre(self.points);
        self.sums = self.partition.sums(self.points);
        self.upper.fill(f64::INFINITY);
        self.lower.fill(0.0);
        way
    }

    /// Puts the centres at the means of their rows and moves the bounds by as much as the centres went from
    /// where they were `before`; returns the sum of the squared ways.
    fn recentre(&mut self, before: &Points) -> f64 {
        self.partition.centres = self.partition.means(&self.sums);
        let pairs = self.partition.centres.rows().zip(before.rows());
        let squares: Vec<f64> = pairs.map(|(new, old)| squared_distance(new, old)).collect();
        let ways: Vec<f64> = squares.iter().map(|square| square.sqrt()).collect();
        let farthest: Vec<f64> = (0..ways.len()).map(|cluster| farthest_of_others(&ways, cluster)).collect();
        let labels = self.partition.labels.par_chunks(BLOCK);
        self.upper.par_chunks_mut(BLOCK).zip(self.lower.par_chunks_mut(BLOCK)).zip(labels).for_each(
            |((upper, lower), labels)| {
                for ((upper, lower), label) in upper.iter_mut().zip(lower).zip(labels) {
                    *upper = (*upper + ways[*label]) * (1.0 + SLACK);
                    *lower = ((*lower - farthest[*label]) * (1.0 - SLACK)).max(0.0);
                }
            },
        );
        squares.iter().sum()
    }
}

impl Scene<'_> {
    /// Brings the labels and bounds of a block up to date.
    fn reassign(
        &self,
        points: &Points,
        first: usize,
        (labels, upper, lower): (&mut [usize], &mut [f64], &mut [f64]),
    ) -> Delta {
        let mut delta = Delta::default();
        for (place, ((label, upper), lower)) in labels.iter_mut().zip(upper).zip(lower).enumerate() {
            let settled = self.half_gap[*label].max(*lower);
            if *upper < settled {
                continue;
            }
            let point = points.row(first + place);
            // A bound without a value yet needs every distance anyway.
            if upper.is_finite() {
                *upper = squared_distance(point, self.centres.row(*label)).sqrt() * (1.0 + SLACK);
                if *upper < settled {
                    continue;
                }
            }
            let (nearest, second) = nearest_two(point, self.centres);
            *upper = nearest.1.sqrt() * (1.0 + SLACK);
            *lower = second.map_or(f64::INFINITY, |(_, square)| square.sqrt() * (1.0 - SLACK));
            if nearest.0 != *label {
                delta.note(point, (*label, nearest.0), self.centres.len());
                *label = nearest.0;
            }
        }
        delta
    }
}

impl Delta {
    fn note(&mut self, point: &[f64], (from, to): (usize, usize), n_clusters: usize) {
        self.moves.push((from, to));
        let zeros = || Points::new(vec![0.0; n_clusters * point.len()], point.len());
        let sums = self.sums.get_or_insert_with(zeros);
        add(sums.row_mut(from), point, -1.0);
        add(sums.row_mut(to), point, 1.0);
    }
}

fn half_gaps(centres: &Points) -> Vec<f64> {
    let gap = |cluster: usize| {
        let others = centres.rows().enumerate().filter(|(other, _)| *other != cluster);
        others
            .map(|(_, other)| squared_distance(centres.row(cluster), other))
            .fold(f64::INFINITY, f64::min)
            .sqrt()
    };
    (0..centres.len()).map(|cluster| gap(cluster) / 2.0 * (1.0 - SLACK)).collect()
}

fn farthest_of_others(ways: &[f64], cluster: usize) -> f64 {
    let others = ways.iter().enumerate().filter(|(other, _)| *other != cluster);
    others.map(|(_, way)| *way).fold(0.0, f64::max)
}
