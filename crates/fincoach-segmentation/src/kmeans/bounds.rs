//! Lloyd's iterations and transfers that measure only the distances that can matter (Hamerly 2010).
//!
//! Each row keeps an upper bound on the distance to its own centre and a lower bound on the distance to every
//! other one. When centres move, the bounds move by as much; a row whose bounds still tell the two apart
//! needs no distance at all. Late iterations then cost next to nothing.

use pulp::{Arch, Scalar, Simd, WithSimd};
use rayon::prelude::*;

use super::lloyd::Partition;
use super::points::{BLOCK, Points, add, nearest_two_with, squared_distance, squared_with};

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

/// The first look at a block: all distances are needed.
struct First<'a> {
    rows: std::slice::ChunksExact<'a, f64>,
    centres: &'a Points,
    bounds: (&'a mut [usize], &'a mut [f64], &'a mut [f64]),
}

impl WithSimd for First<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (labels, upper, lower) = self.bounds;
        for (row, (label, (upper, lower))) in
            self.rows.zip(labels.iter_mut().zip(upper.iter_mut().zip(lower)))
        {
            (*label, *upper, *lower) = placed(simd, row, self.centres);
        }
    }
}

/// The nearest centre, with bounds on the distances to it and to the next.
#[inline(always)]
fn placed<S: Simd>(simd: S, row: &[f64], centres: &Points) -> (usize, f64, f64) {
    let (nearest, second) = nearest_two_with(simd, row, centres);
    let upper = nearest.1.sqrt() * (1.0 + SLACK);
    (nearest.0, upper, second.map_or(f64::INFINITY, |(_, square)| square.sqrt() * (1.0 - SLACK)))
}

/// What every row is held against.
struct Scene<'a> {
    centres: &'a Points,
    /// Half the distance from each centre to its nearest neighbour.
    half_gap: Vec<f64>,
}

impl<'a> Bounded<'a> {
    /// Every row with its nearest centre, then every centre at the mean of its rows.
    pub(super) fn new(points: &'a Points, centres: Points) -> Self {
        let (n, k) = (points.len(), centres.len());
        let mut partition = Partition { centres, labels: vec![0; n], sizes: vec![0; k] };
        let (mut upper, mut lower) = (vec![0.0; n], vec![0.0; n]);
        let blocks = points.blocks(BLOCK).zip(partition.labels.par_chunks_mut(BLOCK));
        let blocks = blocks.zip(upper.par_chunks_mut(BLOCK).zip(lower.par_chunks_mut(BLOCK)));
        let (width, centres) = (points.width(), &partition.centres);
        blocks.for_each(|((rows, labels), (upper, lower))| {
            let bounds = (labels, upper, lower);
            Arch::new().dispatch(First { rows: rows.chunks_exact(width), centres, bounds });
        });
        partition.labels.iter().for_each(|label| partition.sizes[*label] += 1);
        let sums = Points::new(vec![0.0; k * width], width);
        let mut bounded = Self { points, partition, sums, upper, lower };
        if bounded.partition.sizes.contains(&0) {
            bounded.refill();
        } else {
            bounded.sums = bounded.partition.sums(points);
            let before = bounded.partition.centres.clone();
            bounded.recentre(&before);
        }
        bounded
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
                let (points, first) = (self.points, block * BLOCK);
                Arch::new().dispatch(Reassign {
                    scene: &scene,
                    points,
                    first,
                    bounds: (labels, upper, lower),
                })
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
            let first = block * BLOCK;
            Arch::new().dispatch(Movable { partition, points, least_size, first, bounds: (upper, lower) })
        };
        blocks.enumerate().map(movable).collect()
    }

    fn transfer_row(&mut self, row: usize) -> bool {
        let point = self.points.row(row);
        let from = self.partition.labels[row];
        let Some(to) = self.partition.weigh(Scalar::new(), point, from).1 else { return false };
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

/// Brings the labels and bounds of a block up to date.
struct Reassign<'a> {
    scene: &'a Scene<'a>,
    points: &'a Points,
    first: usize,
    bounds: (&'a mut [usize], &'a mut [f64], &'a mut [f64]),
}

impl WithSimd for Reassign<'_> {
    type Output = Delta;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Delta {
        let Self { scene, points, first, bounds: (labels, upper, lower) } = self;
        let mut delta = Delta::default();
        for (place, ((label, upper), lower)) in labels.iter_mut().zip(upper).zip(lower).enumerate() {
            let settled = scene.half_gap[*label].max(*lower);
            if *upper < settled {
                continue;
            }
            let point = points.row(first + place);
            *upper = squared_with(simd, point, scene.centres.row(*label)).sqrt() * (1.0 + SLACK);
            if *upper < settled {
                continue;
            }
            let found = placed(simd, point, scene.centres);
            (*upper, *lower) = (found.1, found.2);
            if found.0 != *label {
                delta.note(point, (*label, found.0), scene.centres.len());
                *label = found.0;
            }
        }
        delta
    }
}

/// Looks for rows of a block that a transfer would move.
struct Movable<'a> {
    partition: &'a Partition,
    points: &'a Points,
    least_size: usize,
    first: usize,
    bounds: (&'a mut [f64], &'a mut [f64]),
}

impl WithSimd for Movable<'_> {
    type Output = Vec<usize>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<usize> {
        let Self { partition, points, least_size, first, bounds: (upper, lower) } = self;
        let mut found = Vec::new();
        for (row, (upper, lower)) in (first..).zip(upper.iter_mut().zip(lower)) {
            let (point, from) = (points.row(row), partition.labels[row]);
            if partition.holds((from, least_size), (*upper, *lower)) {
                continue;
            }
            let (bounds, better) = partition.weigh(simd, point, from);
            (*upper, *lower) = bounds;
            if better.is_some() {
                found.push(row);
            }
        }
        found
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
