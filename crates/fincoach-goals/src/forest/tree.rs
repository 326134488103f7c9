//! A tree in one array.

use fincoach_core::DataError;
use fincoach_core::ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

/// Marks a node without children.
const LEAF: u32 = u32::MAX;

/// A binary tree in preorder: the left child of a node is the next one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub(super) struct Tree {
    nodes: Vec<TreeNode>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TreeNode {
    column: u32,
    right: u32,
    threshold: f64,
    /// Share of reached goals among what arrived here in training, 0 to 1.
    share: f64,
    /// Draws that arrived here in training.
    n_draws: u32,
}

impl TreeNode {
    pub(super) const fn leaf(share: f64, n_draws: u32) -> Self {
        Self { column: LEAF, right: 0, threshold: 0.0, share, n_draws }
    }

    pub(super) const fn split(&mut self, column: usize, threshold: f64) {
        self.column = column as u32;
        self.threshold = threshold;
    }

    pub(super) const fn set_right(&mut self, right: usize) {
        self.right = right as u32;
    }
}

impl Tree {
    /// A tree of nodes in preorder, as they were grown.
    pub(super) const fn grown(nodes: Vec<TreeNode>) -> Self {
        Self { nodes }
    }

    /// The share of reached goals in the leaf of this row.
    pub(super) fn share(&self, row: ArrayView1<'_, f64>) -> f64 {
        let mut index = 0;
        loop {
            let node = &self.nodes[index];
            if node.column == LEAF {
                return node.share;
            }
            let left = row[node.column as usize] <= node.threshold;
            index = if left { index + 1 } else { node.right as usize };
        }
    }

    pub(super) fn n_leaves(&self) -> usize {
        self.nodes.len().div_ceil(2)
    }

    /// Edges from the root to the deepest leaf.
    pub(super) fn depth(&self) -> usize {
        let mut depths = vec![0; self.nodes.len()];
        for (index, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.column != LEAF) {
            depths[index + 1] = depths[index] + 1;
            depths[node.right as usize] = depths[index] + 1;
        }
        depths.into_iter().max().unwrap_or(0)
    }

    /// Checks what a tree by itself cannot know: how many columns there are.
    pub(super) fn ensure_columns(&self, n_columns: usize) -> Result<(), DataError> {
        let splits = self.nodes.iter().filter(|node| node.column != LEAF);
        match splits.map(|node| node.column as usize).find(|column| *column >= n_columns) {
            None => Ok(()),
            Some(column) => Err(damaged(format!("a split on column {column} of {n_columns}"))),
        }
    }
}

/// The form on disk. Which nodes are leaves says, in preorder, where every child is: no index can be wrong.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    /// Column of each node's split, `null` for a leaf.
    column: Vec<Option<u32>>,
    /// Threshold of each split, without the leaves.
    threshold: Vec<f64>,
    share: Vec<f64>,
    draws: Vec<u32>,
}

impl From<Tree> for Repr {
    fn from(tree: Tree) -> Self {
        let splits = tree.nodes.iter().filter(|node| node.column != LEAF);
        Self {
            threshold: splits.map(|node| node.threshold).collect(),
            column: tree
                .nodes
                .iter()
                .map(|node| Some(node.column).filter(|column| *column != LEAF))
                .collect(),
            share: tree.nodes.iter().map(|node| node.share).collect(),
            draws: tree.nodes.iter().map(|node| node.n_draws).collect(),
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
            let mut node = TreeNode::leaf(ensure_share(index, repr.share[index])?, repr.draws[index]);
            if let (Some(column), Some(threshold)) = (column, column.and_then(|_| thresholds.next())) {
                if *column == LEAF || !threshold.is_finite() {
                    return Err(damaged(format!("node {index} has no valid split")));
                }
                node.split(*column as usize, *threshold);
            }
            nodes.push(node);
        }
        link(&mut nodes)?;
        ensure_draws(&nodes)?;
        Ok(Self { nodes })
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
fn link(nodes: &mut [TreeNode]) -> Result<(), DataError> {
    let mut waiting = Vec::new();
    for index in 0..nodes.len() {
        let after_leaf = index > 0 && nodes[index - 1].column == LEAF;
        if after_leaf {
            let parent: usize =
                waiting.pop().ok_or_else(|| damaged(format!("node {index} has no parent")))?;
            nodes[parent].set_right(index);
        }
        if nodes[index].column != LEAF {
            waiting.push(index);
        }
    }
    let whole = waiting.is_empty() && nodes.last().is_some_and(|node| node.column == LEAF);
    if whole { Ok(()) } else { Err(damaged("a child is missing".to_owned())) }
}

/// Every node has draws, and those of a split go to its children.
fn ensure_draws(nodes: &[TreeNode]) -> Result<(), DataError> {
    for (index, node) in nodes.iter().enumerate() {
        let split = node.column != LEAF;
        let below = || u64::from(nodes[index + 1].n_draws) + u64::from(nodes[node.right as usize].n_draws);
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
        let shares = [1.5, 1.6].map(|x| tree.share(fincoach_core::ndarray::array![x].view()));
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
