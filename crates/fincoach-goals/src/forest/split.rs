//! The best split of one column in one node.

use super::options::Monotone;
use super::ranks::{RankedColumn, Ranks};

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

/// The share of reached goals.
pub(super) fn share(counts: Counts, weights: [f64; 2]) -> f64 {
    let [missed, reached] = weighted(counts, weights);
    reached / (missed + reached)
}

/// A row of a tree: its number, how often it was drawn, and its outcome, in one word that is read in one go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draw(u64);

impl Draw {
    pub(super) fn new(row: u32, times: u32, reached: bool) -> Self {
        Self(u64::from(times) << 33 | u64::from(reached) << 32 | u64::from(row))
    }

    pub(super) const fn row(self) -> usize {
        self.0 as u32 as usize
    }

    /// 31 bits of times drawn, and the outcome.
    const fn low_key(self) -> u64 {
        self.0 >> 32
    }

    /// Its draws in the half word of its outcome.
    const fn tally(self) -> u64 {
        (self.0 >> 33) << (self.0 >> 27 & 32)
    }
}

/// The draws of a tally by outcome.
pub(super) const fn counts_of(tally: u64) -> Counts {
    [tally as u32, (tally >> 32) as u32]
}

/// The draws of these rows by outcome.
pub(super) fn count(draws: &[Draw]) -> Counts {
    counts_of(draws.iter().map(|draw| draw.tally()).sum())
}

/// A node as a split sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'a> {
    pub(super) draws: &'a [Draw],
    pub(super) counts: Counts,
    pub(super) bounds: Bounds,
}

/// Between which numbers the share of a node must lie because of splits of monotone columns above it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Bounds {
    pub(super) const NONE: Self = Self { least: 0.0, most: 1.0 };

    pub(super) const fn clamp(self, share: f64) -> f64 {
        share.max(self.least).min(self.most)
    }

    fn contain(self, share: f64) -> bool {
        self.least <= share && share <= self.most
    }

    /// The bounds of both children of a split, left one first.
    pub(super) fn parted(self, direction: Option<Monotone>, middle: f64) -> [Self; 2] {
        let (below, above) = (Self { most: middle, ..self }, Self { least: middle, ..self });
        match direction {
            None => [self; 2],
            Some(Monotone::Rising) => [below, above],
            Some(Monotone::Falling) => [above, below],
        }
    }
}

/// What every split of a tree must keep.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) weights: [f64; 2],
    pub(super) min_leaf: u32,
}

/// Room that is used again for every column and node.
#[derive(Debug, Default)]
pub(super) struct Room {
    tallies: Vec<u64>,
    keys: Vec<u64>,
}

/// A column to look at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'a> {
    pub(super) index: usize,
    pub(super) column: &'a RankedColumn,
    pub(super) direction: Option<Monotone>,
}

/// What a look at one column found.
#[derive(Debug, PartialEq)]
pub(super) enum Found {
    /// One value only.
    Constant,
    /// More values, and the best split that leaves enough on both sides, if there is one.
    Varies(Option<Split>),
}

/// Columns with at most this many ranks per row of the node are counted, not sorted.
const RANKS_PER_ROW: usize = 4;

/// Looks at one column of a node. `O(n)` if its ranks are counted, `O(n log n)` if they are sorted.
pub(super) fn look(node: Node<'_>, rules: &Rules, candidate: Candidate<'_>, room: &mut Room) -> Found {
    let mut sweep = Sweep::new(node, rules, candidate);
    let n_ranks = candidate.column.len();
    if n_ranks <= RANKS_PER_ROW * node.draws.len() {
        room.tallies.resize(n_ranks.max(room.tallies.len()), 0);
        let tallies = &mut room.tallies[..n_ranks];
        match candidate.column.ranks() {
            Ranks::Bytes(ranks) => add_up(node.draws, ranks, tallies),
            Ranks::Words(ranks) => add_up(node.draws, ranks, tallies),
        }
        for (rank, tally) in tallies.iter_mut().enumerate() {
            if *tally != 0 {
                sweep.next(rank as u32, counts_of(std::mem::take(tally)));
            }
        }
    } else {
        match candidate.column.ranks() {
            Ranks::Bytes(ranks) => sort(node.draws, ranks, &mut room.keys),
            Ranks::Words(ranks) => sort(node.draws, ranks, &mut room.keys),
        }
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

/// Adds up the draws at each rank. The tallies are 0 before, and the sweep empties them again.
fn add_up<R: Copy + Into<u32>>(draws: &[Draw], ranks: &[R], tallies: &mut [u64]) {
    for draw in draws {
        let rank: u32 = ranks[draw.row()].into();
        tallies[rank as usize] += draw.tally();
    }
}

/// Sorts keys of 31 bits of rank, 32 bits of draws and the outcome.
fn sort<R: Copy + Into<u32>>(draws: &[Draw], ranks: &[R], keys: &mut Vec<u64>) {
    keys.clear();
    keys.extend(draws.iter().map(|draw| {
        let rank: u32 = ranks[draw.row()].into();
        u64::from(rank) << 33 | draw.low_key()
    }));
    keys.sort_unstable();
}

/// Walks the ranks of a column upwards and keeps the best place to split.
struct Sweep<'a> {
    node: Node<'a>,
    rules: &'a Rules,
    candidate: Candidate<'a>,
    left: Counts,
    last: Option<u32>,
    varies: bool,
    best: Option<Split>,
}

impl<'a> Sweep<'a> {
    const fn new(node: Node<'a>, rules: &'a Rules, candidate: Candidate<'a>) -> Self {
        Self { node, rules, candidate, left: [0; 2], last: None, varies: false, best: None }
    }

    /// The next greater rank and its draws.
    fn next(&mut self, rank: u32, counts: Counts) {
        if let Some(last) = self.last {
            self.varies = true;
            self.consider((last, rank));
        }
        self.last = Some(rank);
        self.left = [self.left[0] + counts[0], self.left[1] + counts[1]];
    }

    fn consider(&mut self, ranks: (u32, u32)) {
        let (left, total) = (self.left, self.node.counts);
        let right = [total[0] - left[0], total[1] - left[1]];
        if left[0] + left[1] < self.rules.min_leaf || right[0] + right[1] < self.rules.min_leaf {
            return;
        }
        let weights = self.rules.weights;
        let score = purity(left, weights) + purity(right, weights);
        let better = self.best.is_none_or(|best| score > best.score);
        if better && self.in_order(left, right) {
            self.best = Some(Split { score, column: self.candidate.index, ranks, left });
        }
    }

    /// Whether the shares of both sides lie as a monotone column wants them.
    fn in_order(&self, left: Counts, right: Counts) -> bool {
        let Some(direction) = self.candidate.direction else { return true };
        let [left, right] = [left, right].map(|counts| share(counts, self.rules.weights));
        let ordered = match direction {
            Monotone::Rising => left <= right,
            Monotone::Falling => left >= right,
        };
        ordered && self.node.bounds.contain(left) && self.node.bounds.contain(right)
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
        let ranks = RankedColumns::new(Array1::from(values.to_vec()).insert_axis(Axis(1)).view(), usize::MAX);
        let draws: Vec<Draw> = (0..20).map(|row| Draw::new(row as u32, times[row], labels[row])).collect();
        let node = Node { draws: &draws, counts: count(&draws), bounds: Bounds::NONE };
        let rules = Rules { weights: [1.0, 1.5], min_leaf: 2 };
        let candidate = Candidate { index: 0, column: ranks.column(0), direction: None };
        let Found::Varies(Some(split)) = look(node, &rules, candidate, &mut Room::default()) else {
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
