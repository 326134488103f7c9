//! How a tree grows.

use fincoach_core::rng::{Rng, stream};
use fincoach_core::{Control, FitReport, Outcome, Progress, Step};
use rayon::prelude::*;

use super::options::Sampling;
use super::params::{ForestParams, Plan};
use super::ranks::Ranks;
use super::split::{
    Bounds, Candidate, Counts, Draw, Found, Node, Room, Rules, Split, better, count, look, purity, share,
};
use super::tree::{GrownNode, Tree};

/// A tree, and how much each column lowered the impurity in it.
pub(super) struct Grown {
    pub(super) tree: Tree,
    /// Per column the fall of the Gini impurity, weighted by node size, as a share of the whole fall.
    pub(super) importances: Vec<f64>,
}

/// Trees between two reports of progress: fixed, so that stopping does not depend on the number of threads.
const BATCH: usize = 16;

/// Grows the trees of a forest, tree `i` out of stream `i` of the seed, until all are grown or it is stopped.
pub(super) fn grow_all<G: Send>(
    params: &ForestParams,
    grow: impl Fn(Rng) -> G + Sync,
    progress: &mut dyn Progress,
) -> Vec<G> {
    let (n_trees, seed) = (params.n_trees(), params.seed());
    let mut grown = Vec::new();
    for start in (0..n_trees).step_by(BATCH) {
        let end = n_trees.min(start + BATCH);
        let batch: Vec<G> =
            (start..end).into_par_iter().map(|tree| grow(stream(seed, tree as u64))).collect();
        for tree in batch {
            grown.push(tree);
            let step = Step::new("forest", grown.len() as u64, n_trees as u64);
            if progress.step(&step) == Control::Stop {
                return grown;
            }
        }
    }
    grown
}

/// How a fit that grew so many trees ended: with fewer than asked for it was stopped.
pub(super) fn report_of(params: &ForestParams, n_trees: usize) -> FitReport {
    FitReport::new(if n_trees < params.n_trees() { Outcome::Stopped } else { Outcome::Converged })
}

/// The importances of a forest out of those of its trees, one at least.
pub(super) fn mean_shares<'a>(trees: impl Iterator<Item = &'a Vec<f64>>, n_columns: usize) -> Vec<f64> {
    let mut sums = vec![0.0; n_columns];
    trees.for_each(|importances| sums.iter_mut().zip(importances).for_each(|(sum, share)| *sum += share));
    shares(sums)
}

/// How often a tree draws each row: the first thing it does with its stream.
pub(super) fn times_drawn(params: &ForestParams, n_rows: usize, rng: &mut Rng) -> Vec<u32> {
    if params.sampling() == Sampling::AllRows {
        return vec![1; n_rows];
    }
    let mut times = vec![0; n_rows];
    (0..params.n_draws(n_rows)).for_each(|_| times[rng.below(n_rows)] += 1);
    times
}

/// Grows the tree that draws from `rng`.
pub(super) fn grow(plan: &Plan<'_>, mut rng: Rng) -> Grown {
    let times = times_drawn(plan.params, plan.labels.len(), &mut rng);
    let drawn = times.iter().zip(plan.labels).enumerate().filter(|(_, (times, _))| **times > 0);
    let draws = drawn.map(|(row, (times, label))| Draw::new(row as u32, *times, *label)).collect();
    let min_leaf = u32::try_from(plan.params.min_samples_leaf()).unwrap_or(u32::MAX);
    let n_columns = plan.ranks.len();
    let mut grower = Grower {
        plan,
        rules: Rules { weights: plan.weights, min_leaf },
        rng,
        draws,
        columns: (0..n_columns).collect(),
        room: Room::default(),
        aside: Vec::new(),
        nodes: Vec::new(),
        falls: vec![0.0; n_columns],
    };
    grower.run();
    Grown { tree: Tree::grown(grower.nodes), importances: shares(grower.falls) }
}

/// Each value as a share of their sum; zeros where the sum is 0.
pub(super) fn shares(mut values: Vec<f64>) -> Vec<f64> {
    let sum: f64 = values.iter().sum();
    if sum > 0.0 {
        values.iter_mut().for_each(|value| *value /= sum);
    } else {
        values.fill(0.0);
    }
    values
}

struct Grower<'a> {
    plan: &'a Plan<'a>,
    rules: Rules,
    rng: Rng,
    /// Rows of the tree; those of a node are contiguous.
    draws: Vec<Draw>,
    /// A permutation of the columns, shuffled a little further by each node.
    columns: Vec<usize>,
    room: Room,
    /// Room for the rows that go right.
    aside: Vec<Draw>,
    nodes: Vec<GrownNode>,
    falls: Vec<f64>,
}

/// A node that still has to be made.
struct Pending {
    start: usize,
    end: usize,
    counts: Counts,
    depth: usize,
    bounds: Bounds,
    /// The node of which this is the right child.
    right_of: Option<usize>,
}

impl Grower<'_> {
    /// Makes nodes in preorder; a stack and not recursion, since depth may be without limit.
    fn run(&mut self) {
        let counts = count(&self.draws);
        let (end, bounds) = (self.draws.len(), Bounds::NONE);
        let mut stack = vec![Pending { start: 0, end, counts, depth: 0, bounds, right_of: None }];
        while let Some(pending) = stack.pop() {
            let index = self.nodes.len();
            if let Some(parent) = pending.right_of {
                self.nodes[parent].right = index;
            }
            let share = pending.bounds.clamp(share(pending.counts, self.rules.weights));
            self.nodes.push(GrownNode::leaf(share, pending.counts[0] + pending.counts[1]));
            if let Some(split) = self.best_split(&pending) {
                stack.extend(self.apply(split, &pending, index));
            }
        }
    }

    /// Whether a node of these draws at this depth is to be split, if it can be.
    fn is_open(&self, [missed, reached]: Counts, depth: usize) -> bool {
        let params = self.plan.params;
        let deep = params.max_depth().is_some_and(|most| depth >= most);
        !deep && missed > 0 && reached > 0 && (missed + reached) as usize >= params.min_samples_split()
    }

    fn best_split(&mut self, pending: &Pending) -> Option<Split> {
        if !self.is_open(pending.counts, pending.depth) {
            return None;
        }
        let draws = &self.draws[pending.start..pending.end];
        let node = Node { draws, counts: pending.counts, bounds: pending.bounds };
        let (mut best, mut varied) = (None, false);
        for place in 0..self.columns.len() {
            // Constant columns tell nothing: go on until one varies.
            if place >= self.plan.columns_per_node && varied {
                break;
            }
            let chosen = place + self.rng.below(self.columns.len() - place);
            self.columns.swap(place, chosen);
            let index = self.columns[place];
            let (column, direction) = (self.plan.ranks.column(index), self.plan.directions[index]);
            let candidate = Candidate { index, column, direction };
            if let Found::Varies(split) = look(node, &self.rules, candidate, &mut self.room) {
                varied = true;
                best = better(best, split);
            }
        }
        best
    }

    /// Splits the node; gives its children, the left one last so that it is made next.
    fn apply(&mut self, split: Split, pending: &Pending, index: usize) -> [Pending; 2] {
        let column = self.plan.ranks.column(split.column);
        self.nodes[index].split = Some((split.column, column.threshold(split.ranks.0, split.ranks.1)));
        // Rounding may push a split that lowers nothing a little below 0.
        self.falls[split.column] += (split.score - purity(pending.counts, self.rules.weights)).max(0.0);
        let left = split.left;
        let right = [pending.counts[0] - left[0], pending.counts[1] - left[1]];
        let depth = pending.depth + 1;
        let middle = pending.start + self.part(split, pending, [left, right]);
        let [a, b] = [left, right].map(|counts| share(counts, self.rules.weights));
        let direction = self.plan.directions[split.column];
        let bounds = pending.bounds.parted(direction, f64::midpoint(a, b));
        let Pending { start, end, .. } = *pending;
        [
            Pending { start: middle, end, counts: right, depth, bounds: bounds[1], right_of: Some(index) },
            Pending { start, end: middle, counts: left, depth, bounds: bounds[0], right_of: None },
        ]
    }

    /// Moves the rows that go left to the front and returns how many they are; leaves do not need it.
    fn part(&mut self, split: Split, pending: &Pending, children: [Counts; 2]) -> usize {
        if !children.iter().any(|counts| self.is_open(*counts, pending.depth + 1)) {
            return 0;
        }
        let draws = &mut self.draws[pending.start..pending.end];
        match self.plan.ranks.column(split.column).ranks() {
            Ranks::Bytes(ranks) => part(draws, &mut self.aside, |row| u32::from(ranks[row]) <= split.ranks.0),
            Ranks::Words(ranks) => part(draws, &mut self.aside, |row| ranks[row] <= split.ranks.0),
        }
    }
}

/// Moves the rows that go left to the front, both sides in order, and returns how many go left.
///
/// Every row is written to both sides and only one of the places moves on: no branch to be guessed.
fn part(draws: &mut [Draw], aside: &mut Vec<Draw>, goes_left: impl Fn(usize) -> bool) -> usize {
    if aside.len() < draws.len() {
        aside.resize(draws.len(), Draw::new(0, 0, false));
    }
    let mut n_left = 0;
    for place in 0..draws.len() {
        let draw = draws[place];
        draws[n_left] = draw;
        aside[place - n_left] = draw;
        n_left += usize::from(goes_left(draw.row()));
    }
    let n_right = draws.len() - n_left;
    draws[n_left..].copy_from_slice(&aside[..n_right]);
    n_left
}
