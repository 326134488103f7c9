//! Pairs among the rows of one user and one amount.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use foldhash::fast::FixedState;
use indexmap::IndexSet;

use super::evidence::Evidence;
use super::group::{Group, groups};

const DAY: i64 = 86_400;

/// What was found for one user.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Row that leaves, row that arrives, days between, hints.
    pub(super) pairs: Vec<(usize, usize, u32, u32)>,
    pub(super) ambiguous: Vec<Vec<usize>>,
    /// Rows in one of the two.
    settled: IndexSet<usize, FixedState>,
}

/// Days between, then hints: the smaller, the better.
type Rank = (u32, Reverse<u32>);

/// A row that leaves and one that arrives.
pub(super) type Pair = (usize, usize);

/// Goes through rows of one amount in the order of time. At each instant the new rows are paired with each other and
/// with those before that are free; nothing decided is changed, so later rows cannot matter.
pub(super) fn match_amount(rows: &[usize], evidence: &mut Evidence<'_>, found: &mut Found) {
    let times = evidence.all.times();
    let mut free: Vec<usize> = Vec::new();
    for batch in rows.chunk_by(|a, b| times[*a] == times[*b]) {
        let today = times[batch[0]].div_euclid(DAY);
        let in_reach = |row: &usize| today - times[*row].div_euclid(DAY) <= evidence.max_days;
        free.retain(|row| in_reach(row) && !found.settled.contains(row));
        for (rank, mut pairs) in ranked(batch, &free, evidence) {
            pairs.retain(|(a, b)| !found.settled.contains(a) && !found.settled.contains(b));
            groups(&pairs).iter().for_each(|group| settle(group, rank, evidence, found));
        }
        free.extend_from_slice(batch);
    }
}

/// All pairs of which at least one row is new, by rank.
fn ranked(batch: &[usize], free: &[usize], evidence: &mut Evidence<'_>) -> BTreeMap<Rank, Vec<Pair>> {
    let (times, amounts, accounts) = (evidence.all.times(), evidence.all.amounts(), evidence.all.accounts());
    let mut levels: BTreeMap<Rank, Vec<Pair>> = BTreeMap::new();
    for (at, new) in batch.iter().copied().enumerate() {
        for other in free.iter().chain(&batch[..at]).copied() {
            if amounts[new] == amounts[other] || accounts[new] == accounts[other] {
                continue;
            }
            let Some(hints) = evidence.hints(new, other) else { continue };
            let days = times[new].div_euclid(DAY).abs_diff(times[other].div_euclid(DAY));
            let rank = (u32::try_from(days).unwrap_or(u32::MAX), Reverse(hints));
            let pair = if amounts[new].is_negative() { (new, other) } else { (other, new) };
            levels.entry(rank).or_default().push(pair);
        }
    }
    levels
}

/// Pairs the rows of a group, or lists it where rows of different accounts contend for too few others.
fn settle(group: &Group, (days, Reverse(hints)): Rank, evidence: &Evidence<'_>, found: &mut Found) {
    let pairs = group.most_pairs();
    let accounts = evidence.all.accounts();
    let contended = |rows: &[usize]| {
        rows.len() > pairs.len() && rows.iter().any(|row| accounts[*row] != accounts[rows[0]])
    };
    if contended(group.outs()) || contended(group.ins()) {
        let mut rows = [group.outs(), group.ins()].concat();
        rows.sort_unstable();
        found.settled.extend(&rows);
        found.ambiguous.push(rows);
        return;
    }
    for (leaves, arrives) in pairs {
        found.settled.extend([leaves, arrives]);
        found.pairs.push((leaves, arrives, days, hints));
    }
}
