//! Values in order, with ranks.

use std::cmp::Ordering;

/// A collection of whole numbers, equal ones allowed, that knows the value of every rank.
///
/// A treap: a search tree by value and at once a heap by priority, each node knowing how many values hang from it.
/// A node's priority is a hash of its value, so the shape of the tree depends on the values alone, not on their order
/// of arrival, and its depth is `O(log w)` of `w` distinct values on average. See Seidel and Aragon, "Randomized
/// search trees", Algorithmica 16 (1996). Adding, removing and asking are `O(log w)`; nodes are reused, so a window
/// that slides along allocates nothing once it has been as full as it gets.
#[derive(Clone, Debug)]
pub(crate) struct OrderStatistic {
    /// Node 0 is the empty tree, its size always 0.
    nodes: Vec<Node>,
    root: u32,
    /// Unused nodes.
    free: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    value: i64,
    priority: u32,
    /// How often the value is there.
    n_copies: u32,
    /// Values in this node and below.
    n_values: u32,
    left: u32,
    right: u32,
}

const EMPTY: u32 = 0;

impl Default for OrderStatistic {
    fn default() -> Self {
        Self { nodes: vec![Node::default()], root: EMPTY, free: Vec::new() }
    }
}

impl OrderStatistic {
    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.node(self.root).n_values as usize
    }

    /// Adds a value.
    pub(crate) fn add(&mut self, value: i64) {
        self.root = self.added(self.root, value);
    }

    /// Takes away one copy of a value; a value that is not there changes nothing.
    pub(crate) fn remove(&mut self, value: i64) {
        self.root = self.removed(self.root, value);
    }

    /// The value of a rank, 0 being the smallest.
    pub(crate) fn nth(&self, rank: usize) -> Option<i64> {
        let (mut at, mut rank) = (self.root, rank);
        while at != EMPTY {
            let node = self.node(at);
            let n_left = self.node(node.left).n_values as usize;
            let n_up_to = n_left + node.n_copies as usize;
            if rank < n_left {
                at = node.left;
            } else if rank < n_up_to {
                return Some(node.value);
            } else {
                (at, rank) = (node.right, rank - n_up_to);
            }
        }
        None
    }

    /// How many values are larger than this one.
    pub(crate) fn n_above(&self, value: i64) -> usize {
        let (mut at, mut n_above) = (self.root, 0);
        while at != EMPTY {
            let node = self.node(at);
            if node.value > value {
                n_above += node.n_values as usize - self.node(node.left).n_values as usize;
                at = node.left;
            } else {
                at = node.right;
            }
        }
        n_above
    }

    fn added(&mut self, at: u32, value: i64) -> u32 {
        if at == EMPTY {
            return self.leaf(value);
        }
        self.node_mut(at).n_values += 1;
        let Node { value: here, priority, left, right, .. } = *self.node(at);
        match value.cmp(&here) {
            Ordering::Equal => self.node_mut(at).n_copies += 1,
            Ordering::Less => {
                let child = self.added(left, value);
                self.node_mut(at).left = child;
                if self.node(child).priority > priority {
                    return self.left_child_up(at);
                }
            }
            Ordering::Greater => {
                let child = self.added(right, value);
                self.node_mut(at).right = child;
                if self.node(child).priority > priority {
                    return self.right_child_up(at);
                }
            }
        }
        at
    }

    fn removed(&mut self, at: u32, value: i64) -> u32 {
        if at == EMPTY {
            return EMPTY;
        }
        let Node { value: here, n_copies, left, right, .. } = *self.node(at);
        match value.cmp(&here) {
            Ordering::Equal if n_copies > 1 => self.node_mut(at).n_copies -= 1,
            Ordering::Equal => {
                self.free.push(at);
                return self.merged(left, right);
            }
            Ordering::Less => {
                let child = self.removed(left, value);
                self.node_mut(at).left = child;
            }
            Ordering::Greater => {
                let child = self.removed(right, value);
                self.node_mut(at).right = child;
            }
        }
        self.recount(at);
        at
    }

    /// One tree of two, all values of `left` being smaller than those of `right`.
    fn merged(&mut self, left: u32, right: u32) -> u32 {
        if left == EMPTY || right == EMPTY {
            return left.max(right);
        }
        let top = if self.node(left).priority >= self.node(right).priority {
            let below = self.merged(self.node(left).right, right);
            self.node_mut(left).right = below;
            left
        } else {
            let below = self.merged(left, self.node(right).left);
            self.node_mut(right).left = below;
            right
        };
        self.recount(top);
        top
    }

    fn left_child_up(&mut self, at: u32) -> u32 {
        let child = self.node(at).left;
        self.node_mut(at).left = self.node(child).right;
        self.node_mut(child).right = at;
        self.recount(at);
        self.recount(child);
        child
    }

    fn right_child_up(&mut self, at: u32) -> u32 {
        let child = self.node(at).right;
        self.node_mut(at).right = self.node(child).left;
        self.node_mut(child).left = at;
        self.recount(at);
        self.recount(child);
        child
    }

    fn recount(&mut self, at: u32) {
        let Node { n_copies, left, right, .. } = *self.node(at);
        self.node_mut(at).n_values = n_copies + self.node(left).n_values + self.node(right).n_values;
    }

    fn leaf(&mut self, value: i64) -> u32 {
        let node =
            Node { value, priority: priority(value), n_copies: 1, n_values: 1, left: EMPTY, right: EMPTY };
        if let Some(at) = self.free.pop() {
            *self.node_mut(at) = node;
            return at;
        }
        self.nodes.push(node);
        u32::try_from(self.nodes.len() - 1).unwrap_or(EMPTY)
    }

    fn node(&self, at: u32) -> &Node {
        &self.nodes[at as usize]
    }

    fn node_mut(&mut self, at: u32) -> &mut Node {
        &mut self.nodes[at as usize]
    }
}

/// The upper half of the first step of `SplitMix64` from this value.
#[expect(clippy::cast_sign_loss, reason = "bits are mixed, not counted")]
const fn priority(value: i64) -> u32 {
    let mut bits = (value as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits >> 32) as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn depth(tree: &OrderStatistic, at: u32) -> usize {
        if at == EMPTY {
            return 0;
        }
        1 + depth(tree, tree.node(at).left).max(depth(tree, tree.node(at).right))
    }

    #[test]
    fn rising_values_do_not_make_a_list() {
        let mut tree = OrderStatistic::default();
        (0..10_000).for_each(|value| tree.add(value));
        assert!(depth(&tree, tree.root) < 45, "{}", depth(&tree, tree.root));
        (0..9_990).for_each(|value| tree.remove(value));
        assert_eq!(
            (tree.len(), tree.nth(0), tree.nth(9), tree.nth(10)),
            (10, Some(9_990), Some(9_999), None)
        );
        (0..9_990).for_each(|value| tree.add(value));
        assert_eq!(tree.nodes.len(), 10_001, "nodes are reused");
    }

    proptest! {
        #[test]
        fn ranks_are_those_of_the_sorted_values(steps in prop::collection::vec((any::<bool>(), -9_i64..9), 0..200)) {
            let (mut tree, mut sorted) = (OrderStatistic::default(), Vec::new());
            for (adds, value) in steps {
                let place = sorted.partition_point(|other| *other < value);
                if adds {
                    tree.add(value);
                    sorted.insert(place, value);
                } else {
                    tree.remove(value);
                    if sorted.get(place) == Some(&value) {
                        sorted.remove(place);
                    }
                }
                prop_assert_eq!(tree.len(), sorted.len());
                for rank in 0..=sorted.len() {
                    prop_assert_eq!(tree.nth(rank), sorted.get(rank).copied());
                }
                prop_assert_eq!(tree.n_above(value), sorted.iter().filter(|other| **other > value).count());
            }
        }
    }
}
