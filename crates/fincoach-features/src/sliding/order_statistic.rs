//! Values in order, with ranks.

use std::cmp::Ordering;

/// A collection of whole numbers, equal ones allowed, that knows the value of every rank.
///
/// An AVL tree whose nodes know how many values hang from them: the heights of the two sides of a node differ by at
/// most 1, so that `w` distinct values lie at most `1.45 log₂ w` deep whatever they are and however they come; nothing
/// recurses. See Adelson-Velsky and Landis, "An algorithm for the organization of information", Soviet Mathematics
/// Doklady 3 (1962). Adding, removing and asking are `O(log w)`; nodes are reused, so a window that slides along
/// allocates nothing once it has been as full as it gets.
#[derive(Clone, Debug)]
pub(crate) struct OrderStatistic {
    /// Node 0 is the empty tree, its size and height always 0.
    nodes: Vec<Node>,
    root: u32,
    /// Unused nodes.
    free: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    value: i64,
    /// How often the value is there.
    n_copies: u32,
    /// Values in this node and below.
    n_values: u32,
    left: u32,
    right: u32,
    height: u8,
}

const EMPTY: u32 = 0;

/// More nodes than lie above each other: of 2³² nodes, the most that `u32` can tell apart, at most 46 do.
const DEEPEST: usize = 48;

/// The nodes from the root to one of its descendants.
struct Path {
    nodes: [u32; DEEPEST],
    len: usize,
}

impl Path {
    const fn new() -> Self {
        Self { nodes: [EMPTY; DEEPEST], len: 0 }
    }

    const fn push(&mut self, at: u32) {
        self.nodes[self.len] = at;
        self.len += 1;
    }

    fn nodes(&self) -> &[u32] {
        &self.nodes[..self.len]
    }
}

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
        let (mut path, mut at) = (Path::new(), self.root);
        while at != EMPTY {
            let node = self.node_mut(at);
            node.n_values += 1;
            let next = match value.cmp(&node.value) {
                Ordering::Less => node.left,
                Ordering::Equal => {
                    node.n_copies += 1;
                    return;
                }
                Ordering::Greater => node.right,
            };
            path.push(at);
            at = next;
        }
        let leaf = self.leaf(value);
        match path.nodes().last() {
            None => self.root = leaf,
            Some(&parent) if value < self.node(parent).value => self.node_mut(parent).left = leaf,
            Some(&parent) => self.node_mut(parent).right = leaf,
        }
        self.rebalance(&path);
    }

    /// Takes away one copy of a value; a value that is not there changes nothing.
    pub(crate) fn remove(&mut self, value: i64) {
        let (mut path, mut at) = (Path::new(), self.root);
        while at != EMPTY {
            let node = self.node(at);
            let next = match value.cmp(&node.value) {
                Ordering::Less => node.left,
                Ordering::Equal => break,
                Ordering::Greater => node.right,
            };
            path.push(at);
            at = next;
        }
        if at == EMPTY {
            return;
        }
        for above in path.nodes() {
            self.node_mut(*above).n_values -= 1;
        }
        if self.node(at).n_copies > 1 {
            self.node_mut(at).n_copies -= 1;
            self.node_mut(at).n_values -= 1;
        } else {
            self.take_out(at, path);
        }
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

    /// Takes out a node with one copy that hangs from the end of `path`, whose sizes are counted without it.
    fn take_out(&mut self, at: u32, mut path: Path) {
        let Node { left, right, .. } = *self.node(at);
        let unused = if left == EMPTY || right == EMPTY {
            // One of the two is empty, and that is 0.
            self.hang(path.nodes(), at, left.max(right));
            at
        } else {
            path.push(at);
            self.take_next_into(at, &mut path)
        };
        self.free.push(unused);
        self.rebalance(&path);
    }

    /// Gives a node, the end of `path`, the next larger value in place of its own, and the node where that was, which
    /// then hangs nowhere; the path goes on to where it hung.
    fn take_next_into(&mut self, at: u32, path: &mut Path) -> u32 {
        let (first_below, mut next) = (path.len, self.node(at).right);
        while self.node(next).left != EMPTY {
            path.push(next);
            next = self.node(next).left;
        }
        let Node { value, n_copies, right, .. } = *self.node(next);
        for below in &path.nodes()[first_below..] {
            self.node_mut(*below).n_values -= n_copies;
        }
        self.hang(path.nodes(), next, right);
        let node = self.node_mut(at);
        (node.value, node.n_copies) = (value, n_copies);
        node.n_values -= 1;
        next
    }

    /// Hangs `new` where `old` hung, from the end of a path; that of an empty one is the root.
    fn hang(&mut self, path: &[u32], old: u32, new: u32) {
        match path.last() {
            None => self.root = new,
            Some(&parent) if self.node(parent).left == old => self.node_mut(parent).left = new,
            Some(&parent) => self.node_mut(parent).right = new,
        }
    }

    /// Makes heights right and even again from the end of a path up to where they did not change.
    fn rebalance(&mut self, path: &Path) {
        let mut path = path.nodes();
        while let Some((&at, above)) = path.split_last() {
            let before = self.node(at).height;
            let top = self.balanced(at);
            if top != at {
                self.hang(above, at, top);
            }
            if self.node(top).height == before {
                return;
            }
            path = above;
        }
    }

    /// The top of the tree at a node after its sides, which differ in height by at most 2, are made even.
    fn balanced(&mut self, at: u32) -> u32 {
        let Node { left, right, .. } = *self.node(at);
        let (height_left, height_right) = (self.node(left).height, self.node(right).height);
        if height_left > height_right + 1 {
            let Node { left: outer, right: inner, .. } = *self.node(left);
            if self.node(inner).height > self.node(outer).height {
                self.node_mut(at).left = self.right_child_up(left);
            }
            return self.left_child_up(at);
        }
        if height_right > height_left + 1 {
            let Node { left: inner, right: outer, .. } = *self.node(right);
            if self.node(inner).height > self.node(outer).height {
                self.node_mut(at).right = self.left_child_up(right);
            }
            return self.right_child_up(at);
        }
        self.node_mut(at).height = 1 + height_left.max(height_right);
        at
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
        let (left, right) = (*self.node(left), *self.node(right));
        let node = self.node_mut(at);
        node.n_values = n_copies + left.n_values + right.n_values;
        node.height = 1 + left.height.max(right.height);
    }

    fn leaf(&mut self, value: i64) -> u32 {
        let node = Node { value, n_copies: 1, n_values: 1, left: EMPTY, right: EMPTY, height: 1 };
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MANY: i64 = 1_000_000;

    /// The height of a tree whose nodes have the heights and sizes they say, and are in order and even.
    fn checked_height(tree: &OrderStatistic, at: u32) -> u8 {
        if at == EMPTY {
            return 0;
        }
        let Node { value, n_copies, n_values, left, right, height } = *tree.node(at);
        let (below, above) = (tree.node(left), tree.node(right));
        assert_eq!(n_values, n_copies + below.n_values + above.n_values);
        assert!((left == EMPTY || below.value < value) && (right == EMPTY || value < above.value));
        let sides = (checked_height(tree, left), checked_height(tree, right));
        assert!(sides.0.abs_diff(sides.1) <= 1, "{sides:?}");
        assert_eq!(height, 1 + sides.0.max(sides.1));
        height
    }

    /// What has `SplitMix64`'s first step end in `mixed`: with small ones, values whose hashes have equal upper halves.
    fn unmixed(mixed: i64) -> i64 {
        let mut bits = mixed.cast_unsigned();
        bits = (bits ^ (bits >> 31) ^ (bits >> 62)).wrapping_mul(0x3196_42b2_d24d_8ec3);
        bits = (bits ^ (bits >> 27) ^ (bits >> 54)).wrapping_mul(0x96de_1b17_3f11_9089);
        bits = bits ^ (bits >> 30) ^ (bits >> 60);
        bits.wrapping_sub(0x9e37_79b9_7f4a_7c15).cast_signed()
    }

    /// Adds the values and takes them away in the same order.
    fn come_and_go(values: impl Iterator<Item = i64> + Clone) {
        let mut tree = OrderStatistic::default();
        values.clone().for_each(|value| tree.add(value));
        // 1.44 log₂ 1,000,000 is 28.8.
        assert!(checked_height(&tree, tree.root) <= 28);
        assert_eq!(tree.len(), usize::try_from(MANY).unwrap());
        assert_eq!((tree.nth(0), tree.n_above(i64::MIN)), (values.clone().min(), tree.len()));
        values.for_each(|value| tree.remove(value));
        assert_eq!((tree.len(), tree.root, tree.free.len()), (0, EMPTY, tree.nodes.len() - 1));
    }

    #[test]
    fn no_million_of_values_needs_a_deep_stack() {
        let on_a_small_stack = std::thread::Builder::new().stack_size(64 * 1024).spawn(|| {
            come_and_go(0..MANY);
            come_and_go((0..MANY).rev());
            come_and_go((0..MANY).map(|_| 7));
            let mut colliding: Vec<i64> = (0..MANY).map(unmixed).collect();
            colliding.sort_unstable();
            come_and_go(colliding.iter().copied());
        });
        on_a_small_stack.unwrap().join().unwrap();
    }

    #[test]
    fn nodes_are_reused() {
        let mut tree = OrderStatistic::default();
        (0..10_000).for_each(|value| tree.add(value));
        (0..9_990).for_each(|value| tree.remove(value));
        assert_eq!(
            (tree.len(), tree.nth(0), tree.nth(9), tree.nth(10)),
            (10, Some(9_990), Some(9_999), None)
        );
        (0..9_990).for_each(|value| tree.add(value));
        assert_eq!(tree.nodes.len(), 10_001);
    }

    proptest! {
        #[test]
        fn ranks_are_those_of_the_sorted_values(steps in prop::collection::vec((any::<bool>(), -19_i64..19), 0..200)) {
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
                checked_height(&tree, tree.root);
                prop_assert_eq!(tree.len(), sorted.len());
                for rank in 0..=sorted.len() {
                    prop_assert_eq!(tree.nth(rank), sorted.get(rank).copied());
                }
                prop_assert_eq!(tree.n_above(value), sorted.iter().filter(|other| **other > value).count());
            }
        }
    }
}
