//! The best split of one column in one node.

use super::ranks::RankedColumn;

/// Draws by outcome: missed, reached.
pub(super) type Counts = [u32; 2];

/// A split of a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Split {
    /// Sum over both sides of `(w₀² + w₁²) / (w₀ + w₁)`: the greater, the purer.
    pub(super) score: f64,
    pub(super) column: usize,
    /// Greatest rank of the left side and least of the right.
    pub(super) ranks: (u32, u32),
    pub(super) left: Counts,
}

impl Split {
    /// Whether this split is taken rather than `other`; of equals the lowest column, then threshold.
    fn beats(&self, other: &Self) -> bool {
        self.score > other.score
            || (self.score == other.score && (self.column, self.ranks) < (other.column, other.ranks))
    }
}

/// The better of two splits.
pub(super) fn better(a: Option<Split>, b: Option<Split>) -> Option<Split> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.beats(&a) { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// What both sides of a split add to its score.
pub(super) fn purity(counts: Counts, weights: [f64; 2]) -> f64 {
    let [missed, reached] = weighted(counts, weights);
    (missed * missed + reached * reached) / (missed + reached)
}

/// Draws times the weight of their outcome.
pub(super) fn weighted(counts: Counts, weights: [f64; 2]) -> [f64; 2] {
    [f64::from(counts[0]) * weights[0], f64::from(counts[1]) * weights[1]]
}

/// A node as a split sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'a> {
    pub(super) rows: &'a [u32],
    pub(super) counts: Counts,
}

/// Draws of each row, and what is the same for every split of a tree.
#[derive(Debug)]
pub(super) struct Draws<'a> {
    pub(super) labels: &'a [bool],
    /// How often each row was drawn.
    pub(super) times: Vec<u32>,
    pub(super) weights: [f64; 2],
    pub(super) min_leaf: u32,
}

/// Room that is used again for every column and node.
#[derive(Debug, Default)]
pub(super) struct Room {
    bins: Vec<Counts>,
    keys: Vec<u64>,
}

/// What a look at one column found.
#[derive(Debug, PartialEq)]
pub(super) enum Found {
    /// One value only.
    Constant,
    /// More values, and the best split that leaves enough on both sides, if there is one.
    Varies(Option<Split>),
}

/// Columns with at most this many distinct values per row of the node are counted, not sorted.
const BINS_PER_ROW: usize = 4;

/// Looks at one column of a node. `O(n)` if its values are counted, `O(n log n)` if they are sorted.
pub(super) fn look(
    node: Node<'_>,
    draws: &Draws<'_>,
    (index, column): (usize, &RankedColumn),
    room: &mut Room,
) -> Found {
    let mut sweep = Sweep::new(draws, node.counts, index);
    if column.distinct.len() <= BINS_PER_ROW * node.rows.len() {
        count(node, draws, column, &mut room.bins);
        for (rank, counts) in room.bins.iter_mut().enumerate() {
            if *counts != [0, 0] {
                sweep.next(rank as u32, std::mem::take(counts));
            }
        }
    } else {
        sort(node, draws, column, &mut room.keys);
        for tied in room.keys.chunk_by(|a, b| a >> 33 == b >> 33) {
            let mut counts = [0; 2];
            for key in tied {
                counts[(key & 1) as usize] += (*key as u32) >> 1;
            }
            sweep.next((tied[0] >> 33) as u32, counts);
        }
    }
    sweep.found()
}

/// Adds up the draws at each rank. The bins are empty before, and the sweep empties them again.
fn count(node: Node<'_>, draws: &Draws<'_>, column: &RankedColumn, bins: &mut Vec<Counts>) {
    bins.resize(column.distinct.len(), [0; 2]);
    for row in node.rows {
        let row = *row as usize;
        bins[column.ranks[row] as usize][usize::from(draws.labels[row])] += draws.times[row];
    }
}

/// Sorts keys of 31 bits of rank, 32 bits of draws and the outcome.
fn sort(node: Node<'_>, draws: &Draws<'_>, column: &RankedColumn, keys: &mut Vec<u64>) {
    keys.clear();
    keys.extend(node.rows.iter().map(|row| {
        let row = *row as usize;
        u64::from(column.ranks[row]) << 33 | u64::from(draws.times[row]) << 1 | u64::from(draws.labels[row])
    }));
    keys.sort_unstable();
}

/// Walks the values of a column upwards and keeps the best place to split.
struct Sweep<'a> {
    draws: &'a Draws<'a>,
    total: Counts,
    left: Counts,
    column: usize,
    last: Option<u32>,
    varies: bool,
    best: Option<Split>,
}

impl<'a> Sweep<'a> {
    const fn new(draws: &'a Draws<'a>, total: Counts, column: usize) -> Self {
        Self { draws, total, left: [0; 2], column, last: None, varies: false, best: None }
    }

    /// The next greater value and its draws.
    fn next(&mut self, rank: u32, counts: Counts) {
        if let Some(last) = self.last {
            self.varies = true;
            self.consider((last, rank));
        }
        self.last = Some(rank);
        self.left = [self.left[0] + counts[0], self.left[1] + counts[1]];
    }

    fn consider(&mut self, ranks: (u32, u32)) {
        let left = self.left;
        let right = [self.total[0] - left[0], self.total[1] - left[1]];
        if left[0] + left[1] < self.draws.min_leaf || right[0] + right[1] < self.draws.min_leaf {
            return;
        }
        let weights = self.draws.weights;
        let score = purity(left, weights) + purity(right, weights);
        if self.best.is_none_or(|best| score > best.score) {
            self.best = Some(Split { score, column: self.column, ranks, left });
        }
    }

    fn found(self) -> Found {
        if self.varies { Found::Varies(self.best) } else { Found::Constant }
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::ndarray::{Array1, Axis};
    use fincoach_core::rng;

    use super::super::ranks::RankedColumns;
    use super::*;

    /// The threshold, score and left side of the best split of these values.
    fn best(values: &[f64], labels: &[bool], times: &[u32]) -> (f64, f64, Counts) {
        let ranks = RankedColumns::new(Array1::from(values.to_vec()).insert_axis(Axis(1)).view());
        let rows: Vec<u32> = (0..20).collect();
        let mut counts = [0; 2];
        rows.iter().for_each(|row| counts[usize::from(labels[*row as usize])] += times[*row as usize]);
        let draws = Draws { labels, times: times.to_vec(), weights: [1.0, 1.5], min_leaf: 2 };
        let node = Node { rows: &rows, counts };
        let Found::Varies(Some(split)) = look(node, &draws, (0, ranks.column(0)), &mut Room::default())
        else {
            panic!("no split")
        };
        (ranks.column(0).threshold(split.ranks.0, split.ranks.1), split.score, split.left)
    }

    #[test]
    fn counting_and_sorting_find_the_same_split() {
        for seed in 0..50 {
            let mut rng = rng::stream(seed, 0);
            // Whole numbers, so that there are ties; the other rows make the column too wide to be counted.
            let mut values: Vec<f64> = (0..20).map(|_| (rng.normal() * 5.0).round()).collect();
            let labels: Vec<bool> = (0..320).map(|_| rng.bernoulli(0.4)).collect();
            let times: Vec<u32> = (0..320).map(|_| 1 + rng.below(3) as u32).collect();
            let counted = best(&values, &labels[..20], &times[..20]);
            values.extend((0..300).map(|row| 100.0 + f64::from(row)));
            assert_eq!(best(&values, &labels, &times), counted);
        }
    }
}
