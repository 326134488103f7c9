//! Rows that contend for one another.

use super::matching::Pair;

/// Rows that leave and rows that arrive, with the pairs they may form; no other row may form a pair with any of them.
#[derive(Debug)]
pub(super) struct Group {
    outs: Vec<usize>,
    ins: Vec<usize>,
    /// For each row that leaves, as many words as [`words`] tells of [`Group::ins`]: a bit is a pair.
    fits: Vec<u64>,
}

/// The pairs in groups that share no row, the group of the lowest row that leaves first. `O(p log p)` for `p` pairs.
pub(super) fn groups(pairs: &[Pair]) -> Vec<Group> {
    let (outs, ins) = (distinct(pairs, |pair| pair.0), distinct(pairs, |pair| pair.1));
    let place = |rows: &[usize], row: usize| rows.partition_point(|other| *other < row);
    let at = |pair: &Pair| (place(&outs, pair.0), place(&ins, pair.1));
    let mut sets = Sets((0..outs.len() + ins.len()).collect());
    for pair in pairs {
        let (out, into) = at(pair);
        sets.join(out, outs.len() + into);
    }
    // The lowest of a set is the row that leaves first, so groups come in the order of these.
    let lowest: Vec<usize> = (0..sets.0.len()).map(|row| sets.lowest(row)).collect();
    let mut number = vec![usize::MAX; outs.len()];
    let mut groups: Vec<Group> = Vec::new();
    for (row, set) in outs.iter().zip(&lowest) {
        if number[*set] == usize::MAX {
            number[*set] = groups.len();
            groups.push(Group { outs: Vec::new(), ins: Vec::new(), fits: Vec::new() });
        }
        groups[number[*set]].outs.push(*row);
    }
    for (row, set) in ins.iter().zip(&lowest[outs.len()..]) {
        groups[number[*set]].ins.push(*row);
    }
    groups.iter_mut().for_each(|group| group.fits = vec![0; group.outs.len() * words(group.ins.len())]);
    for pair in pairs {
        groups[number[lowest[at(pair).0]]].add(*pair);
    }
    groups
}

fn distinct(pairs: &[Pair], side: impl Fn(&Pair) -> usize) -> Vec<usize> {
    let mut rows: Vec<usize> = pairs.iter().map(side).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// Words of 64 bits that hold `n`.
const fn words(n: usize) -> usize {
    n.div_ceil(64)
}

/// For each member one of its set that is not higher, itself for the lowest.
struct Sets(Vec<usize>);

impl Sets {
    fn lowest(&mut self, mut member: usize) -> usize {
        while self.0[member] != member {
            self.0[member] = self.0[self.0[member]];
            member = self.0[member];
        }
        member
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.lowest(one), self.lowest(other));
        self.0[one.max(other)] = one.min(other);
    }
}

impl Group {
    pub(super) fn outs(&self) -> &[usize] {
        &self.outs
    }

    pub(super) fn ins(&self) -> &[usize] {
        &self.ins
    }

    fn add(&mut self, (leaves, arrives): Pair) {
        let out = self.outs.partition_point(|row| *row < leaves);
        let into = self.ins.partition_point(|row| *row < arrives);
        self.fits[out * words(self.ins.len()) + into / 64] |= 1 << (into % 64);
    }

    /// As many pairs as can be made, in the order of the rows that arrive: rows that leave in order, each taking the
    /// first that is free, or one whose taker finds another (Kuhn's augmenting paths).
    pub(super) fn most_pairs(&self) -> Vec<Pair> {
        let mut takers: Vec<Option<usize>> = vec![None; self.ins.len()];
        for out in 0..self.outs.len() {
            self.find_one(out, &mut takers);
        }
        let pair = |(taker, arrives): (&Option<usize>, &usize)| Some((self.outs[(*taker)?], *arrives));
        takers.iter().zip(&self.ins).filter_map(pair).collect()
    }

    /// Finds a row for `out`, for which others may have to take another.
    fn find_one(&self, out: usize, takers: &mut [Option<usize>]) {
        let mut unseen = vec![u64::MAX; words(self.ins.len())];
        // Each row on the way that leaves, and the row that it would take.
        let (mut outs, mut ins) = (vec![out], Vec::new());
        while let Some(out) = outs.last() {
            let Some(into) = self.first_fitting(*out, &unseen) else {
                outs.pop();
                ins.pop();
                continue;
            };
            unseen[into / 64] &= !(1 << (into % 64));
            ins.push(into);
            let Some(taker) = takers[into] else {
                outs.iter().zip(&ins).for_each(|(out, into)| takers[*into] = Some(*out));
                return;
            };
            outs.push(taker);
        }
    }

    fn first_fitting(&self, out: usize, unseen: &[u64]) -> Option<usize> {
        let fits = &self.fits[out * unseen.len()..][..unseen.len()];
        let both = fits.iter().zip(unseen).map(|(fits, unseen)| fits & unseen);
        let (word, bits) = both.enumerate().find(|(_, bits)| *bits != 0)?;
        Some(word * 64 + bits.trailing_zeros() as usize)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    /// The same by the definition: groups by joining whatever touches, augmenting paths by recursion.
    fn plain_groups(pairs: &[Pair]) -> Vec<Vec<Pair>> {
        let mut groups: Vec<Vec<Pair>> = Vec::new();
        for pair in pairs {
            let touches =
                |group: &Vec<Pair>| group.iter().any(|other| other.0 == pair.0 || other.1 == pair.1);
            let (joined, apart): (Vec<_>, Vec<_>) = groups.into_iter().partition(touches);
            groups = apart;
            groups.push(joined.into_iter().flatten().chain([*pair]).collect());
        }
        groups.iter_mut().for_each(|pairs| pairs.sort_unstable());
        groups.sort_unstable();
        groups
    }

    fn augment(
        out: usize,
        pairs: &[Pair],
        seen: &mut BTreeSet<usize>,
        taken: &mut BTreeMap<usize, usize>,
    ) -> bool {
        for (_, arrives) in pairs.iter().filter(|pair| pair.0 == out) {
            if !seen.insert(*arrives) {
                continue;
            }
            let holder = taken.get(arrives).copied();
            if holder.is_none_or(|holder| augment(holder, pairs, seen, taken)) {
                taken.insert(*arrives, out);
                return true;
            }
        }
        false
    }

    fn plain_pairs(pairs: &[Pair]) -> Vec<Pair> {
        let mut taken = BTreeMap::new();
        for out in pairs.iter().map(|pair| pair.0).collect::<BTreeSet<_>>() {
            augment(out, pairs, &mut BTreeSet::new(), &mut taken);
        }
        taken.into_iter().map(|(arrives, leaves)| (leaves, arrives)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn groups_and_pairs_are_those_of_the_definition(
            pairs in prop::collection::btree_set((0_usize..9, 10_usize..19), 0..24)
                .prop_map(|pairs| pairs.into_iter().collect::<Vec<_>>())
                .prop_shuffle()
        ) {
            let (found, plain) = (groups(&pairs), plain_groups(&pairs));
            prop_assert_eq!(found.len(), plain.len());
            for (group, plain) in found.iter().zip(&plain) {
                let outs: BTreeSet<usize> = plain.iter().map(|pair| pair.0).collect();
                let ins: BTreeSet<usize> = plain.iter().map(|pair| pair.1).collect();
                prop_assert!(group.outs().iter().eq(&outs) && group.ins().iter().eq(&ins));
                prop_assert_eq!(group.most_pairs(), plain_pairs(plain));
            }
        }
    }

    #[test]
    fn more_rows_than_a_word_holds_find_their_pairs() {
        let pairs: Vec<Pair> =
            (0..150).flat_map(|out| (out..150).map(move |into| (out, 1000 + into))).collect();
        let found = groups(&pairs);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].most_pairs(), (0..150).map(|row| (row, 1000 + row)).collect::<Vec<_>>());
    }
}
