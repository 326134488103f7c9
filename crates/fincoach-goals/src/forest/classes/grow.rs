//! How a tree of many classes grows: as one of two, step by step.

use fincoach_core::rng::Rng;

use super::super::grow::{shares, times_drawn};
use super::super::params::ForestParams;
use super::super::ranks::RankedColumns;
use super::super::tree::{GrownNode, Tree};
use super::split::{Draw, Room, Rules, Split, count, look};

/// What all trees of a fit share.
pub(super) struct Plan<'a> {
    pub(super) params: &'a ForestParams,
    pub(super) labels: &'a [usize],
    pub(super) ranks: &'a RankedColumns,
    pub(super) rules: Rules,
    pub(super) columns_per_node: usize,
}

/// A tree, once for each class, and how much each column lowered the impurity in it.
pub(super) struct Grown {
    pub(super) trees: Vec<Tree>,
    pub(super) importances: Vec<f64>,
}

/// Grows the tree that draws from `rng`.
pub(super) fn grow(plan: &Plan<'_>, mut rng: Rng) -> Grown {
    let times = times_drawn(plan.params, plan.labels.len(), &mut rng);
    let drawn = times.iter().zip(plan.labels).enumerate().filter(|(_, (times, _))| **times > 0);
    let draw = |(row, (times, class)): (usize, (&u32, &usize))| Draw {
        row: row as u32,
        times: *times,
        class: *class as u32,
    };
    let n_columns = plan.ranks.len();
    let mut grower = Grower {
        plan,
        rng,
        draws: drawn.map(draw).collect(),
        columns: (0..n_columns).collect(),
        room: Room::default(),
        nodes: Vec::new(),
        shares: Vec::new(),
        falls: vec![0.0; n_columns],
    };
    grower.run();
    let of_class = |class: usize| {
        let nodes = grower.nodes.iter().zip(&grower.shares);
        let node = |(node, shares): (&Node, &Vec<f64>)| {
            let mut grown = GrownNode::leaf(shares[class], node.n_draws);
            (grown.split, grown.right) = (node.split, node.right);
            grown
        };
        Tree::grown(nodes.map(node).collect())
    };
    let trees = (0..plan.rules.weights.len()).map(of_class).collect();
    Grown { trees, importances: shares(grower.falls) }
}

struct Node {
    split: Option<(usize, f64)>,
    right: usize,
    n_draws: u32,
}

struct Grower<'a> {
    plan: &'a Plan<'a>,
    rng: Rng,
    /// Rows of the tree; those of a node are contiguous.
    draws: Vec<Draw>,
    /// A permutation of the columns, shuffled a little further by each node.
    columns: Vec<usize>,
    room: Room,
    nodes: Vec<Node>,
    /// Of each node the share of each class.
    shares: Vec<Vec<f64>>,
    falls: Vec<f64>,
}

/// A node that still has to be made.
struct Pending {
    start: usize,
    end: usize,
    depth: usize,
    /// The node of which this is the right child.
    right_of: Option<usize>,
}

impl Grower<'_> {
    /// Makes nodes in preorder; a stack and not recursion, since depth may be without limit.
    fn run(&mut self) {
        let n_classes = self.plan.rules.weights.len();
        let mut stack = vec![Pending { start: 0, end: self.draws.len(), depth: 0, right_of: None }];
        while let Some(pending) = stack.pop() {
            let index = self.nodes.len();
            if let Some(parent) = pending.right_of {
                self.nodes[parent].right = index;
            }
            let counts = count(&self.draws[pending.start..pending.end], n_classes);
            self.nodes.push(Node { split: None, right: 0, n_draws: counts.iter().sum() });
            self.shares.push(self.plan.rules.shares(&counts));
            if let Some(split) = self.best_split(&pending, &counts) {
                self.falls[split.column] += (split.score - self.plan.rules.purity(&counts)).max(0.0);
                stack.extend(self.apply(split, &pending, index));
            }
        }
    }

    fn best_split(&mut self, pending: &Pending, counts: &[u32]) -> Option<Split> {
        let params = self.plan.params;
        let deep = params.max_depth().is_some_and(|most| pending.depth >= most);
        let pure = counts.iter().filter(|count| **count > 0).count() < 2;
        if deep || pure || (counts.iter().sum::<u32>() as usize) < params.min_samples_split() {
            return None;
        }
        let draws = &self.draws[pending.start..pending.end];
        let (mut best, mut varied): (Option<Split>, bool) = (None, false);
        for place in 0..self.columns.len() {
            // Constant columns tell nothing: go on until one varies.
            if place >= self.plan.columns_per_node && varied {
                break;
            }
            let chosen = place + self.rng.below(self.columns.len() - place);
            self.columns.swap(place, chosen);
            let index = self.columns[place];
            let column = (index, self.plan.ranks.column(index));
            let Some(found) = look((draws, counts), &self.plan.rules, column, &mut self.room) else {
                continue;
            };
            varied = true;
            best = match (best, found) {
                (Some(best), Some(found)) => Some(if found.beats(&best) { found } else { best }),
                (best, found) => best.or(found),
            };
        }
        best
    }

    /// Splits the node; gives its children, the left one last so that it is made next.
    fn apply(&mut self, split: Split, pending: &Pending, index: usize) -> [Pending; 2] {
        let column = self.plan.ranks.column(split.column);
        self.nodes[index].split = Some((split.column, column.threshold(split.ranks.0, split.ranks.1)));
        let goes_left = |draw: &Draw| column.rank(draw.row as usize) <= split.ranks.0;
        let Pending { start, end, depth, .. } = *pending;
        let (left, right): (Vec<Draw>, Vec<Draw>) =
            self.draws[start..end].iter().partition(|draw| goes_left(draw));
        let middle = start + left.len();
        self.draws[start..middle].copy_from_slice(&left);
        self.draws[middle..end].copy_from_slice(&right);
        [
            Pending { start: middle, end, depth: depth + 1, right_of: Some(index) },
            Pending { start, end: middle, depth: depth + 1, right_of: None },
        ]
    }
}
