//! Pairs among the rows of one user and one amount.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::evidence::Evidence;

const DAY: i64 = 86_400;

/// What was found for one user.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Row that leaves, row that arrives, days between, hints.
    pub(super) pairs: Vec<(usize, usize, u32, u32)>,
    pub(super) ambiguous: Vec<Vec<usize>>,
    /// Rows in one of the two.
    settled: BTreeSet<usize>,
}

/// Days between, then hints: the smaller, the better.
type Rank = (u32, Reverse<u32>);

/// A row that leaves and one that arrives.
type Pair = (usize, usize);

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
            components(&pairs).iter().for_each(|group| settle(group, rank, evidence, found));
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

/// The pairs in groups that share no row.
fn components(pairs: &[Pair]) -> Vec<Vec<Pair>> {
    let mut groups: Vec<(BTreeSet<usize>, Vec<Pair>)> = Vec::new();
    for pair in pairs {
        let touches =
            |group: &(BTreeSet<usize>, Vec<Pair>)| group.0.contains(&pair.0) || group.0.contains(&pair.1);
        let (joined, apart): (Vec<_>, Vec<_>) = groups.into_iter().partition(touches);
        let mut whole = (BTreeSet::from([pair.0, pair.1]), vec![*pair]);
        for (rows, pairs) in joined {
            whole.0.extend(rows);
            whole.1.extend(pairs);
        }
        groups = apart;
        groups.push(whole);
    }
    let mut groups: Vec<Vec<Pair>> = groups.into_iter().map(|(_, pairs)| pairs).collect();
    groups.iter_mut().for_each(|pairs| pairs.sort_unstable());
    groups.sort_unstable();
    groups
}

/// Pairs the rows of a group, or lists it where rows of different accounts contend for too few others.
fn settle(group: &[Pair], (days, Reverse(hints)): Rank, evidence: &Evidence<'_>, found: &mut Found) {
    let outs: BTreeSet<usize> = group.iter().map(|pair| pair.0).collect();
    let ins: BTreeSet<usize> = group.iter().map(|pair| pair.1).collect();
    let pairs = most_pairs(group, &outs);
    let accounts = evidence.all.accounts();
    let contended = |rows: &BTreeSet<usize>| {
        let of = |row: &usize| accounts[*row];
        rows.len() > pairs.len() && rows.iter().any(|row| Some(of(row)) != rows.first().map(of))
    };
    if contended(&outs) || contended(&ins) {
        let rows: BTreeSet<usize> = outs.union(&ins).copied().collect();
        found.settled.extend(&rows);
        found.ambiguous.push(rows.into_iter().collect());
        return;
    }
    for (arrives, leaves) in pairs {
        found.settled.extend([leaves, arrives]);
        found.pairs.push((leaves, arrives, days, hints));
    }
}

/// As many pairs as can be made, as row that arrives → row that leaves: rows that leave in order, each taking the
/// first that is free, or one whose taker finds another (Kuhn's augmenting paths).
fn most_pairs(group: &[Pair], outs: &BTreeSet<usize>) -> BTreeMap<usize, usize> {
    fn augment(
        out: usize,
        group: &[Pair],
        seen: &mut BTreeSet<usize>,
        taken: &mut BTreeMap<usize, usize>,
    ) -> bool {
        let from = group.partition_point(|pair| pair.0 < out);
        for (_, arrives) in group[from..].iter().take_while(|pair| pair.0 == out) {
            if !seen.insert(*arrives) {
                continue;
            }
            let holder = taken.get(arrives).copied();
            if holder.is_none_or(|holder| augment(holder, group, seen, taken)) {
                taken.insert(*arrives, out);
                return true;
            }
        }
        false
    }
    let mut taken = BTreeMap::new();
    for out in outs {
        augment(*out, group, &mut BTreeSet::new(), &mut taken);
    }
    taken
}
