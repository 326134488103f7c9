//! How a tree grows.

use fincoach_core::rng::Rng;

use super::params::{Plan, Sampling};
use super::split::{Counts, Draws, Found, Node, Room, Split, better, look, purity, weighted};
use super::tree::{Tree, TreeNode};

/// A tree, and how much each column lowered the impurity in it.
pub(super) struct Grown {
    pub(super) tree: Tree,
    /// Per column the fall of the Gini impurity, weighted by node size, as a share of the whole fall.
    pub(super) importances: Vec<f64>,
}

/// Grows the tree that draws from `rng`.
pub(super) fn grow(plan: &Plan<'_>, mut rng: Rng) -> Grown {
    let n_rows = plan.labels.len();
    let mut times = vec![1_u32; n_rows];
    if plan.params.sampling() == Sampling::Bootstrap {
        times.fill(0);
        (0..n_rows).for_each(|_| times[rng.below(n_rows)] += 1);
    }
    let rows: Vec<u32> = (0..n_rows as u32).filter(|row| times[*row as usize] > 0).collect();
    let min_leaf = u32::try_from(plan.params.min_samples_leaf()).unwrap_or(u32::MAX);
    let draws = Draws { labels: plan.labels, times, weights: plan.weights, min_leaf };
    let n_columns = plan.ranks.len();
    let mut grower = Grower {
        plan,
        draws,
        rng,
        rows,
        columns: (0..n_columns).collect(),
        room: Room::default(),
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
    draws: Draws<'a>,
    rng: Rng,
    /// Rows of the tree; those of a node are contiguous.
    rows: Vec<u32>,
    /// A permutation of the columns, shuffled a little further by each node.
    columns: Vec<usize>,
    room: Room,
    nodes: Vec<TreeNode>,
    falls: Vec<f64>,
}

/// A node that still has to be made.
struct Pending {
    start: usize,
    end: usize,
    counts: Counts,
    depth: usize,
    /// The node of which this is the right child.
    right_of: Option<usize>,
}

impl Grower<'_> {
    /// Makes nodes in preorder; a stack and not recursion, since depth may be without limit.
    fn run(&mut self) {
        let mut counts = [0; 2];
        for row in &self.rows {
            counts[usize::from(self.draws.labels[*row as usize])] += self.draws.times[*row as usize];
        }
        let root = Pending { start: 0, end: self.rows.len(), counts, depth: 0, right_of: None };
        let mut stack = vec![root];
        while let Some(pending) = stack.pop() {
            let index = self.nodes.len();
            if let Some(parent) = pending.right_of {
                self.nodes[parent].set_right(index);
            }
            let [missed, reached] = weighted(pending.counts, self.draws.weights);
            let share = reached / (missed + reached);
            self.nodes.push(TreeNode::leaf(share, pending.counts[0] + pending.counts[1]));
            if let Some(split) = self.best_split(&pending) {
                stack.extend(self.apply(split, &pending, index));
            }
        }
    }

    fn best_split(&mut self, pending: &Pending) -> Option<Split> {
        let params = self.plan.params;
        let [missed, reached] = pending.counts;
        let deep = params.max_depth().is_some_and(|depth| pending.depth >= depth);
        if deep || missed == 0 || reached == 0 || ((missed + reached) as usize) < params.min_samples_split() {
            return None;
        }
        let node = Node { rows: &self.rows[pending.start..pending.end], counts: pending.counts };
        let (mut best, mut varied) = (None, false);
        for place in 0..self.columns.len() {
            // Constant columns tell nothing: go on until one varies.
            if place >= self.plan.columns_per_node && varied {
                break;
            }
            let chosen = place + self.rng.below(self.columns.len() - place);
            self.columns.swap(place, chosen);
            let index = self.columns[place];
            let column = (index, self.plan.ranks.column(index));
            if let Found::Varies(split) = look(node, &self.draws, column, &mut self.room) {
                varied = true;
                best = better(best, split);
            }
        }
        best
    }

    /// Splits the node; gives its children, the left one last so that it is made next.
    fn apply(&mut self, split: Split, pending: &Pending, index: usize) -> [Pending; 2] {
        let column = self.plan.ranks.column(split.column);
        self.nodes[index].split(split.column, column.threshold(split.ranks.0, split.ranks.1));
        // Rounding may push a split that lowers nothing a little below 0.
        self.falls[split.column] += (split.score - purity(pending.counts, self.draws.weights)).max(0.0);
        let rows = &mut self.rows[pending.start..pending.end];
        let n_left = partition(rows, |row| column.ranks[row as usize] <= split.ranks.0);
        let middle = pending.start + n_left;
        let depth = pending.depth + 1;
        let right = [pending.counts[0] - split.left[0], pending.counts[1] - split.left[1]];
        let start = pending.start;
        [
            Pending { start: middle, end: pending.end, counts: right, depth, right_of: Some(index) },
            Pending { start, end: middle, counts: split.left, depth, right_of: None },
        ]
    }
}

/// Moves the rows that go left to the front and returns how many they are.
fn partition(rows: &mut [u32], goes_left: impl Fn(u32) -> bool) -> usize {
    let mut n_left = 0;
    for place in 0..rows.len() {
        if goes_left(rows[place]) {
            rows.swap(n_left, place);
            n_left += 1;
        }
    }
    n_left
}
