//! How often keys occur.

use foldhash::fast::FixedState;
use indexmap::IndexMap;
use indexmap::map::Entry;

/// Rows per key, where keys are the numbers of texts and 0 stands for a missing text, which is never counted.
///
/// Knows at any time how many distinct keys there are and how many rows the most frequent one has. Adding and taking
/// away are `O(1)`: one step changes a count by one, so the largest count moves by at most one, and how many keys
/// have each count tells when it must.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter<T> {
    tally: T,
    /// How many keys have the count of the index; index 0 is not used.
    n_keys: Vec<u32>,
    n_most: usize,
    n_distinct: usize,
}

impl<T: Tally> Counter<T> {
    /// A counter that keeps its counts in `tally`, which must be empty.
    pub(crate) const fn new(tally: T) -> Self {
        Self { tally, n_keys: Vec::new(), n_most: 0, n_distinct: 0 }
    }

    /// Adds a row of a key; 0 changes nothing.
    pub(crate) fn add(&mut self, key: u32) {
        if key == 0 {
            return;
        }
        let count = self.tally.raise(key) as usize;
        if count >= self.n_keys.len() {
            self.n_keys.resize(count + 1, 0);
        }
        self.n_keys[count] += 1;
        self.n_most = self.n_most.max(count);
        if count == 1 {
            self.n_distinct += 1;
        } else {
            self.n_keys[count - 1] -= 1;
        }
    }

    /// Takes away a row of a key that was added before; 0 changes nothing.
    pub(crate) fn remove(&mut self, key: u32) {
        if key == 0 {
            return;
        }
        let left = self.tally.lower(key) as usize;
        self.n_keys[left + 1] -= 1;
        if self.n_most == left + 1 && self.n_keys[left + 1] == 0 {
            self.n_most = left;
        }
        if left == 0 {
            self.n_distinct -= 1;
        } else {
            self.n_keys[left] += 1;
        }
    }

    /// Rows of the most frequent key, 0 where there is none.
    pub(crate) const fn n_most(&self) -> usize {
        self.n_most
    }

    /// Distinct keys.
    pub(crate) const fn n_distinct(&self) -> usize {
        self.n_distinct
    }
}

/// Where the count of each key is kept.
pub(crate) trait Tally {
    /// Raises the count of a key by one and gives the new one.
    fn raise(&mut self, key: u32) -> u32;
    /// Lowers the count of a key, which must be at least 1, by one and gives the new one.
    fn lower(&mut self, key: u32) -> u32;
}

/// A count for every possible key: fastest, for keys of one ledger, and shared by all users a thread works on.
#[derive(Clone, Debug, Default)]
pub(crate) struct DenseTally(Vec<u32>);

impl DenseTally {
    /// Counts of keys up to and including `largest`, all 0.
    pub(crate) fn new(largest: usize) -> Self {
        Self(vec![0; largest + 1])
    }
}

impl Tally for DenseTally {
    fn raise(&mut self, key: u32) -> u32 {
        let count = &mut self.0[key as usize];
        *count += 1;
        *count
    }

    fn lower(&mut self, key: u32) -> u32 {
        let count = &mut self.0[key as usize];
        *count -= 1;
        *count
    }
}

/// Counts of the keys that occur: memory for those in the window only, where each user has a counter of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct SparseTally(IndexMap<u32, u32, FixedState>);

impl Tally for SparseTally {
    fn raise(&mut self, key: u32) -> u32 {
        let count = self.0.entry(key).or_insert(0);
        *count += 1;
        *count
    }

    fn lower(&mut self, key: u32) -> u32 {
        // Nothing is read in the order of the map, so the order may change.
        match self.0.entry(key) {
            Entry::Occupied(entry) if *entry.get() <= 1 => {
                entry.swap_remove();
                0
            }
            Entry::Occupied(mut entry) => {
                *entry.get_mut() -= 1;
                *entry.get()
            }
            Entry::Vacant(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counts_are_those_of_the_keys_in_the_window(
            keys in prop::collection::vec(0_u32..6, 1..80), width in 1_usize..20,
        ) {
            let (mut dense, mut sparse) = (Counter::new(DenseTally::new(5)), Counter::new(SparseTally::default()));
            for (at, key) in keys.iter().enumerate() {
                dense.add(*key);
                sparse.add(*key);
                if at >= width {
                    dense.remove(keys[at - width]);
                    sparse.remove(keys[at - width]);
                }
                let mut counts = BTreeMap::new();
                for key in keys[(at + 1).saturating_sub(width)..=at].iter().filter(|key| **key > 0) {
                    *counts.entry(*key).or_insert(0_usize) += 1;
                }
                let expected = (counts.len(), counts.values().copied().max().unwrap_or(0));
                prop_assert_eq!((dense.n_distinct(), dense.n_most()), expected);
                prop_assert_eq!((sparse.n_distinct(), sparse.n_most()), expected);
                prop_assert_eq!(sparse.tally.0.len(), counts.len(), "no memory for keys that are gone");
            }
        }
    }
}
