//! The best split of one column in one node, for any number of classes.

use super::super::ranks::RankedColumn;

/// A row of a tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draw {
    pub(super) row: u32,
    pub(super) times: u32,
    pub(super) class: u32,
}

/// A split of a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Split {
    /// Sum over both sides of `Σ w² / Σ w`: the greater, the purer.
    pub(super) score: f64,
    pub(super) column: usize,
    /// Greatest rank of the left side and least of the right.
    pub(super) ranks: (u32, u32),
}

impl Split {
    /// Whether this split is taken rather than `other`; of equals the lowest column, then threshold.
    pub(super) fn beats(&self, other: &Self) -> bool {
        self.score > other.score
            || (self.score == other.score && (self.column, self.ranks) < (other.column, other.ranks))
    }
}

/// What every split of a tree must keep.
#[derive(Debug)]
pub(super) struct Rules {
    /// Of each class.
    pub(super) weights: Vec<f64>,
    pub(super) min_leaf: u32,
}

impl Rules {
    /// What a side of a split adds to its score.
    pub(super) fn purity(&self, counts: &[u32]) -> f64 {
        let (mut squares, mut sum) = (0.0, 0.0);
        for (count, weight) in counts.iter().zip(&self.weights) {
            let weighted = f64::from(*count) * weight;
            squares += weighted * weighted;
            sum += weighted;
        }
        squares / sum
    }

    /// The share of each class.
    pub(super) fn shares(&self, counts: &[u32]) -> Vec<f64> {
        let weighted: Vec<f64> =
            counts.iter().zip(&self.weights).map(|(count, weight)| f64::from(*count) * weight).collect();
        let mut sum = 0.0;
        weighted.iter().for_each(|value| sum += value);
        weighted.iter().map(|value| value / sum).collect()
    }
}

/// The draws of each class.
pub(super) fn count(draws: &[Draw], n_classes: usize) -> Vec<u32> {
    let mut counts = vec![0; n_classes];
    draws.iter().for_each(|draw| counts[draw.class as usize] += draw.times);
    counts
}

/// Room that is used again for every column and node.
#[derive(Debug, Default)]
pub(super) struct Room {
    tallies: Vec<u32>,
    keys: Vec<(u32, Draw)>,
    /// The draws of each class at one rank.
    counts: Vec<u32>,
    /// Those of both sides of a split.
    left: Vec<u32>,
    right: Vec<u32>,
}

/// Columns with at most this many ranks per row of the node are counted, not sorted.
const RANKS_PER_ROW: usize = 4;

/// Looks at one column of a node: `None` where it is constant, else the best split that leaves enough on both sides.
pub(super) fn look(
    (draws, totals): (&[Draw], &[u32]),
    rules: &Rules,
    (index, column): (usize, &RankedColumn),
    room: &mut Room,
) -> Option<Option<Split>> {
    let k = totals.len();
    let Room { tallies, keys, counts, left, right } = room;
    for side in [&mut *left, &mut *right] {
        side.clear();
        side.resize(k, 0);
    }
    let mut sweep =
        Sweep { totals, rules, column: index, left, right, last: None, varies: false, best: None };
    let rank_of = |draw: &Draw| column.rank(draw.row as usize);
    if column.len() <= RANKS_PER_ROW * draws.len() {
        tallies.clear();
        tallies.resize(column.len() * k, 0);
        for draw in draws {
            tallies[rank_of(draw) as usize * k + draw.class as usize] += draw.times;
        }
        for (rank, counts) in tallies.chunks_exact(k).enumerate() {
            if counts.iter().any(|count| *count > 0) {
                sweep.next(rank as u32, counts);
            }
        }
    } else {
        keys.clear();
        keys.extend(draws.iter().map(|draw| (rank_of(draw), *draw)));
        keys.sort_unstable_by_key(|(rank, _)| *rank);
        for tied in keys.chunk_by(|a, b| a.0 == b.0) {
            counts.clear();
            counts.resize(k, 0);
            tied.iter().for_each(|(_, draw)| counts[draw.class as usize] += draw.times);
            sweep.next(tied[0].0, counts);
        }
    }
    sweep.varies.then_some(sweep.best)
}

/// Walks the ranks of a column upwards and keeps the best place to split.
struct Sweep<'a> {
    totals: &'a [u32],
    rules: &'a Rules,
    column: usize,
    left: &'a mut [u32],
    right: &'a mut [u32],
    last: Option<u32>,
    varies: bool,
    best: Option<Split>,
}

impl Sweep<'_> {
    /// The next greater rank and its draws.
    fn next(&mut self, rank: u32, counts: &[u32]) {
        if let Some(last) = self.last {
            self.varies = true;
            self.consider((last, rank));
        }
        self.last = Some(rank);
        self.left.iter_mut().zip(counts).for_each(|(left, count)| *left += count);
    }

    fn consider(&mut self, ranks: (u32, u32)) {
        let sides = self.right.iter_mut().zip(self.totals.iter().zip(self.left.iter()));
        sides.for_each(|(right, (total, left))| *right = total - left);
        let sum = |counts: &[u32]| counts.iter().sum::<u32>();
        if sum(self.left) < self.rules.min_leaf || sum(self.right) < self.rules.min_leaf {
            return;
        }
        let score = self.rules.purity(self.left) + self.rules.purity(self.right);
        if self.best.is_none_or(|best| score > best.score) {
            self.best = Some(Split { score, column: self.column, ranks });
        }
    }
}
