//! A tree in one array.

use fincoach_core::DataError;
use serde::{Deserialize, Serialize};

/// A binary tree in preorder: the left child of a node is the next one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub(super) struct Tree {
    /// What a prediction walks along, apart from the rest: four nodes a cache line.
    nodes: Vec<TreeNode>,
    /// Share of reached goals among what arrived at each node in training, 0 to 1.
    shares: Vec<f64>,
    /// Draws that arrived at each node in training.
    n_draws: Vec<u32>,
    depth: usize,
}

/// A node; in a leaf the right child is the node itself and no value is below the threshold, so that a walk that
/// goes on stays there.
#[derive(Clone, Copy, Debug, PartialEq)]
struct TreeNode {
    threshold: f64,
    column: u32,
    right: u32,
}

impl TreeNode {
    const fn leaf(index: usize) -> Self {
        Self { threshold: f64::NEG_INFINITY, column: 0, right: index as u32 }
    }

    const fn is_leaf(self, index: usize) -> bool {
        self.right as usize == index
    }

    /// Where a finite value goes from node `index`; by a mask, since a branch would be guessed wrong half the time.
    fn next(self, index: usize, value: f64) -> usize {
        let (left, right) = (index + 1, self.right as usize);
        let goes_left = usize::from(value <= self.threshold).wrapping_neg();
        right ^ ((left ^ right) & goes_left)
    }
}

/// A node while its tree grows or is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct GrownNode {
    /// Column and threshold; `None` for a leaf.
    pub(super) split: Option<(usize, f64)>,
    pub(super) right: usize,
    share: f64,
    n_draws: u32,
}

impl GrownNode {
    pub(super) const fn leaf(share: f64, n_draws: u32) -> Self {
        Self { split: None, right: 0, share, n_draws }
    }
}

/// A split: its column, its threshold and the numbers of both children.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TreeSplit {
    pub(super) column: usize,
    pub(super) threshold: f64,
    pub(super) left: usize,
    pub(super) right: usize,
}

/// Rows that are walked down a tree side by side: while one waits for memory, the others go on.
pub(super) const LANES: usize = 8;

impl Tree {
    /// A tree of nodes in preorder, as they were grown.
    pub(super) fn grown(grown: Vec<GrownNode>) -> Self {
        let node = |(index, node): (usize, &GrownNode)| match node.split {
            None => TreeNode::leaf(index),
            Some((column, threshold)) => {
                TreeNode { threshold, column: column as u32, right: node.right as u32 }
            }
        };
        let mut tree = Self {
            nodes: grown.iter().enumerate().map(node).collect(),
            shares: grown.iter().map(|node| node.share).collect(),
            n_draws: grown.iter().map(|node| node.n_draws).collect(),
            depth: 0,
        };
        tree.depth = tree.deepest();
        tree
    }

    /// The leaf of a row of finite values.
    pub(super) fn leaf_of(&self, row: &[f64]) -> usize {
        let mut index = 0;
        loop {
            let node = self.nodes[index];
            if node.is_leaf(index) {
                return index;
            }
            index = node.next(index, row[node.column as usize]);
        }
    }

    /// The share of reached goals in the leaf of a row.
    pub(super) fn share(&self, row: &[f64]) -> f64 {
        self.shares[self.leaf_of(row)]
    }

    /// The same for several rows of `width` values, one after the other.
    pub(super) fn shares_of(&self, rows: &[f64], width: usize) -> [f64; LANES] {
        let mut places = [0_u32; LANES];
        for _ in 0..self.depth {
            for (lane, place) in places.iter_mut().enumerate() {
                let node = self.nodes[*place as usize];
                let value = rows[lane * width + node.column as usize];
                *place = node.next(*place as usize, value) as u32;
            }
        }
        places.map(|place| self.shares[place as usize])
    }

    pub(super) const fn n_nodes(&self) -> usize {
        self.nodes.len()
    }

    /// The split of a node, `None` for a leaf.
    pub(super) fn split(&self, index: usize) -> Option<TreeSplit> {
        let TreeNode { threshold, column, right } = self.nodes[index];
        let split = TreeSplit { column: column as usize, threshold, left: index + 1, right: right as usize };
        (!self.nodes[index].is_leaf(index)).then_some(split)
    }

    pub(super) fn share_at(&self, index: usize) -> f64 {
        self.shares[index]
    }

    pub(super) fn draws_at(&self, index: usize) -> u32 {
        self.n_draws[index]
    }

    pub(super) fn n_leaves(&self) -> usize {
        self.nodes.len().div_ceil(2)
    }

    /// Edges from the root to the deepest leaf.
    pub(super) const fn depth(&self) -> usize {
        self.depth
    }

    fn deepest(&self) -> usize {
        let mut depths = vec![0; self.nodes.len()];
        for split in (0..self.nodes.len()).filter_map(|index| self.split(index)) {
            // The left child is the next node.
            let below = depths[split.left - 1] + 1;
            (depths[split.left], depths[split.right]) = (below, below);
        }
        depths.into_iter().max().unwrap_or(0)
    }

    /// Checks what a tree by itself cannot know: how many columns there are.
    pub(super) fn ensure_columns(&self, n_columns: usize) -> Result<(), DataError> {
        let mut splits = (0..self.nodes.len()).filter_map(|index| self.split(index));
        match splits.find(|split| split.column >= n_columns) {
            None => Ok(()),
            Some(split) => Err(damaged(format!("a split on column {} of {n_columns}", split.column))),
        }
    }
}

/// The form on disk. Which nodes are leaves says, in preorder, where every child is: no index can be wrong.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Repr {
    /// Column of each node's split, `null` for a leaf.
    pub(super) column: Vec<Option<u32>>,
    /// Threshold of each split, without the leaves.
    pub(super) threshold: Vec<f64>,
    pub(super) share: Vec<f64>,
    pub(super) draws: Vec<u32>,
}

impl From<Tree> for Repr {
    fn from(tree: Tree) -> Self {
        let splits: Vec<Option<TreeSplit>> = (0..tree.nodes.len()).map(|index| tree.split(index)).collect();
        Self {
            threshold: splits.iter().flatten().map(|split| split.threshold).collect(),
            column: splits.iter().map(|split| split.map(|split| split.column as u32)).collect(),
            share: tree.shares,
            draws: tree.n_draws,
        }
    }
}

impl TryFrom<Repr> for Tree {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        let n_splits = repr.column.iter().flatten().count();
        DataError::ensure_len("thresholds of a tree", n_splits, repr.threshold.len())?;
        DataError::ensure_len("shares of a tree", repr.column.len(), repr.share.len())?;
        DataError::ensure_len("draws of a tree", repr.column.len(), repr.draws.len())?;
        let mut thresholds = repr.threshold.iter();
        let mut nodes = Vec::with_capacity(repr.column.len());
        for (index, column) in repr.column.iter().enumerate() {
            let mut node = GrownNode::leaf(ensure_share(index, repr.share[index])?, repr.draws[index]);
            if let (Some(column), Some(threshold)) = (column, column.and_then(|_| thresholds.next())) {
                if *column == u32::MAX || !threshold.is_finite() {
                    return Err(damaged(format!("node {index} has no valid split")));
                }
                node.split = Some((*column as usize, *threshold));
            }
            nodes.push(node);
        }
        link(&mut nodes)?;
        ensure_draws(&nodes)?;
        Ok(Self::grown(nodes))
    }
}

fn damaged(reason: String) -> DataError {
    DataError::Inconsistent { what: "tree", reason }
}

fn ensure_share(row: usize, value: f64) -> Result<f64, DataError> {
    if (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    Err(DataError::OutOfRange { row, what: "share of a leaf", allowed: "in [0, 1]", value })
}

/// Finds the right children; an error unless the nodes are exactly one tree.
fn link(nodes: &mut [GrownNode]) -> Result<(), DataError> {
    let mut waiting = Vec::new();
    for index in 0..nodes.len() {
        let after_leaf = index > 0 && nodes[index - 1].split.is_none();
        if after_leaf {
            let parent: usize =
                waiting.pop().ok_or_else(|| damaged(format!("node {index} has no parent")))?;
            nodes[parent].right = index;
        }
        if nodes[index].split.is_some() {
            waiting.push(index);
        }
    }
    let whole = waiting.is_empty() && nodes.last().is_some_and(|node| node.split.is_none());
    if whole { Ok(()) } else { Err(damaged("a child is missing".to_owned())) }
}

/// Every node has draws, and those of a split go to its children.
fn ensure_draws(nodes: &[GrownNode]) -> Result<(), DataError> {
    for (index, node) in nodes.iter().enumerate() {
        let split = node.split.is_some();
        let below = || u64::from(nodes[index + 1].n_draws) + u64::from(nodes[node.right].n_draws);
        if node.n_draws == 0 || (split && below() != u64::from(node.n_draws)) {
            return Err(damaged(format!("node {index} has {} draws, not those below it", node.n_draws)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Tree, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    const STUMP: &str = r#"{"column":[0,null,null],"threshold":[1.5],"share":[0.5,0.0,1.0],"draws":[4,2,2]}"#;

    #[test]
    fn a_stump_is_read_and_written() {
        let tree = read(STUMP).unwrap();
        assert_eq!((tree.n_leaves(), tree.depth()), (2, 1));
        let shares = [1.5, 1.6].map(|x| tree.share(&[x]));
        assert_eq!(shares, [0.0, 1.0]);
        assert_eq!(serde_json::to_string(&tree).unwrap(), STUMP);
    }

    #[test]
    fn a_damaged_tree_is_refused() {
        for (from, to) in [
            ("[0,null,null]", "[null,null,null]"),
            ("[0,null,null]", "[0,null]"),
            ("[0,null,null]", "[0,0,null]"),
            ("[0,null,null]", "[4294967295,null,null]"),
            ("[1.5]", "[]"),
            ("[1.5]", "[1.5,2.5]"),
            ("[0.5,0.0,1.0]", "[0.5,0.0,1.1]"),
            ("[0.5,0.0,1.0]", "[0.5,0.0]"),
            ("[4,2,2]", "[4,2,3]"),
            ("[4,2,2]", "[4,4,0]"),
            ("\"share\"", "\"shares\""),
        ] {
            assert!(read(&STUMP.replace(from, to)).is_err(), "{from} {to}");
        }
        assert!(read(r#"{"column":[],"threshold":[],"share":[],"draws":[]}"#).is_err());
    }
}
