//! What was spent at each of several places.

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use super::rows::LARGEST_SQUARED;

/// Sums by key, each of which can be taken back. The keys themselves are never given out, so their order, which depends
/// on what was taken back, cannot be seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter {
    tallies: IndexMap<u32, Tally, FixedState>,
    total: i128,
    /// The sum of the squares of the sums.
    squares: u128,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    n: u32,
    sum: i128,
}

impl Counter {
    /// Adds an amount, 0 or more. `O(1)`.
    pub(crate) fn add(&mut self, key: u32, amount: i64) {
        let amount = i128::from(amount.min(LARGEST_SQUARED));
        let tally = self.tallies.entry(key).or_default();
        let before = tally.sum;
        tally.n = tally.n.saturating_add(1);
        tally.sum += amount;
        self.total += amount;
        self.squares = self.squares.wrapping_add(square(tally.sum)).wrapping_sub(square(before));
    }

    /// Takes back an amount that was added. `O(1)`.
    pub(crate) fn remove(&mut self, key: u32, amount: i64) {
        let amount = i128::from(amount.min(LARGEST_SQUARED));
        let Some(tally) = self.tallies.get_mut(&key) else { return };
        let before = tally.sum;
        tally.n = tally.n.saturating_sub(1);
        tally.sum -= amount;
        self.total -= amount;
        self.squares = self.squares.wrapping_add(square(tally.sum)).wrapping_sub(square(before));
        if tally.n == 0 {
            self.tallies.swap_remove(&key);
        }
    }

    pub(crate) fn n_keys(&self) -> usize {
        self.tallies.len()
    }

    pub(crate) const fn total(&self) -> i128 {
        self.total
    }

    pub(crate) const fn squares(&self) -> u128 {
        self.squares
    }

    /// The largest sum. `O(keys)`.
    pub(crate) fn largest(&self) -> i128 {
        self.tallies.values().map(|tally| tally.sum).max().unwrap_or(0)
    }
}

const fn square(value: i128) -> u128 {
    value.unsigned_abs().wrapping_mul(value.unsigned_abs())
}
