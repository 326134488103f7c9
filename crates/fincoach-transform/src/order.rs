//! The true order of an account's rows.

use std::cmp::Ordering;

use fincoach_core::Money;
use serde::{Deserialize, Serialize};

/// The order in which a file lists its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FileOrder {
    /// The first row is the latest.
    NewestFirst,
    /// The first row is the earliest.
    OldestFirst,
    /// Neither dates nor balances tell; rows of one day stay in the order of the file.
    Unknown,
    /// Accounts of one file differ.
    Mixed,
}

impl FileOrder {
    /// The order of two accounts together; one that does not tell says nothing against the other.
    pub(crate) fn with(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::Unknown, known) | (known, Self::Unknown) => known,
            _ => Self::Mixed,
        }
    }
}

/// Follows `balance[i] = balance[i-1] + amount[i]` from row to row.
#[derive(Debug, Default)]
pub(crate) struct Chain(Option<Money>);

impl Chain {
    /// The balance that was expected, where the row breaks the chain. A row without a balance only carries
    /// its amount on; after a break the chain begins anew.
    #[inline]
    pub(crate) fn step(&mut self, amount: Money, balance: Option<Money>) -> Option<Money> {
        let expected = self.0.map(|before| before + amount);
        self.0 = balance.or(expected);
        expected.filter(|expected| balance.is_some_and(|balance| balance != *expected))
    }
}

/// The rows of one account in the order of the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bookings<'a> {
    pub(crate) times: &'a [i64],
    pub(crate) amounts: &'a [Money],
    pub(crate) balances: &'a [Option<Money>],
}

/// How the rows of a file are to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// First to last.
    Downwards,
    /// Last to first.
    Upwards,
    /// These rows, one after the other.
    Sorted(Vec<u32>),
}

/// The true order of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrueOrder {
    pub(crate) reading: Reading,
    pub(crate) order: FileOrder,
    /// Breaks of the balance chain that are left.
    pub(crate) n_breaks: u64,
}

impl Bookings<'_> {
    /// The true order of the rows.
    ///
    /// Both readings of the file are sorted stably by time; the one with fewer breaks of the balance chain is
    /// true, and where both have as many (there may be no balance) the dates decide. So a file whose days run
    /// one way and whose rows within a day the other is read rightly too. `O(n)` for a file in order.
    pub(crate) fn true_order(&self) -> TrueOrder {
        let (up, down) = self.steps();
        let by_dates = match up.cmp(&down) {
            Ordering::Less => FileOrder::NewestFirst,
            Ordering::Greater => FileOrder::OldestFirst,
            Ordering::Equal => FileOrder::Unknown,
        };
        let forward = || self.forward(down == 0);
        let backward = || self.backward(up == 0);
        let (likely, other): (TrueOrder, &dyn Fn() -> TrueOrder) = match by_dates {
            FileOrder::NewestFirst => (backward(), &forward),
            _ => (forward(), &backward),
        };
        // An unbroken chain in the reading the dates speak for cannot be beaten.
        if likely.n_breaks == 0 && by_dates != FileOrder::Unknown {
            return likely;
        }
        let other = other();
        match other.n_breaks.cmp(&likely.n_breaks) {
            Ordering::Less => other,
            Ordering::Equal => TrueOrder { order: by_dates, ..likely },
            Ordering::Greater => likely,
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "rows are numbered in 32 bits")]
    fn n_rows(&self) -> u32 {
        self.times.len() as u32
    }

    fn forward(&self, in_order: bool) -> TrueOrder {
        let reading = if in_order { Reading::Downwards } else { self.sorted(0..self.n_rows()) };
        TrueOrder { n_breaks: self.n_breaks(&reading), reading, order: FileOrder::OldestFirst }
    }

    fn backward(&self, in_order: bool) -> TrueOrder {
        let reading = if in_order { Reading::Upwards } else { self.sorted((0..self.n_rows()).rev()) };
        TrueOrder { n_breaks: self.n_breaks(&reading), reading, order: FileOrder::NewestFirst }
    }

    fn sorted(&self, rows: impl Iterator<Item = u32>) -> Reading {
        let mut rows: Vec<u32> = rows.collect();
        rows.sort_by_key(|row| self.times[*row as usize]);
        Reading::Sorted(rows)
    }

    /// How many steps from row to row go up in time, and how many down.
    fn steps(&self) -> (usize, usize) {
        let steps = self.times.iter().zip(self.times.iter().skip(1));
        steps.fold((0, 0), |(up, down), (a, b)| (up + usize::from(a < b), down + usize::from(a > b)))
    }

    fn n_breaks(&self, reading: &Reading) -> u64 {
        let rows = self.amounts.iter().zip(self.balances);
        match reading {
            Reading::Downwards => count_breaks(rows),
            Reading::Upwards => count_breaks(rows.rev()),
            Reading::Sorted(order) => {
                let row = |row: &u32| (&self.amounts[*row as usize], &self.balances[*row as usize]);
                count_breaks(order.iter().map(row))
            }
        }
    }
}

fn count_breaks<'a>(rows: impl Iterator<Item = (&'a Money, &'a Option<Money>)>) -> u64 {
    let mut chain = Chain::default();
    rows.map(|(amount, balance)| u64::from(chain.step(*amount, *balance).is_some())).sum()
}

impl Reading {
    /// Brings values in the order of the file into the order of the reading.
    pub(crate) fn apply<T: Copy>(&self, values: &mut [T]) {
        match self {
            Self::Downwards => {}
            Self::Upwards => values.reverse(),
            Self::Sorted(order) => {
                let before = values.to_vec();
                values.iter_mut().zip(order).for_each(|(value, row)| *value = before[*row as usize]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A file of (day, amount, balance).
    type File = [(u32, i64, Option<i64>)];

    fn columns(file: &File) -> (Vec<i64>, Vec<Money>, Vec<Option<Money>>) {
        let times = file.iter().map(|(day, ..)| i64::from(*day)).collect();
        let amounts = file.iter().map(|(_, amount, _)| Money::from_minor(*amount)).collect();
        (times, amounts, file.iter().map(|(.., balance)| balance.map(Money::from_minor)).collect())
    }

    fn true_order(file: &File) -> TrueOrder {
        let (times, amounts, balances) = columns(file);
        Bookings { times: &times, amounts: &amounts, balances: &balances }.true_order()
    }

    fn order_of(file: &File) -> (Vec<usize>, FileOrder) {
        let mut rows: Vec<usize> = (0..file.len()).collect();
        let found = true_order(file);
        found.reading.apply(&mut rows);
        (rows, found.order)
    }

    #[test]
    fn a_single_day_is_ordered_by_its_balances() {
        let file = [(1, 5, Some(15)), (1, -20, Some(10)), (1, 7, Some(30))];
        assert_eq!(order_of(&file), (vec![2, 1, 0], FileOrder::NewestFirst));
        let file = [(1, 7, Some(30)), (1, -20, Some(10)), (1, 5, Some(15))];
        assert_eq!(order_of(&file), (vec![0, 1, 2], FileOrder::OldestFirst));
    }

    #[test]
    fn mixed_dates_are_ordered_by_their_balances() {
        // Two days out of step; within day 2 the chain runs upwards in the file.
        let file = [(2, 5, Some(35)), (2, -5, Some(30)), (3, 1, Some(36)), (1, 35, Some(35))];
        assert_eq!(order_of(&file), (vec![3, 1, 0, 2], FileOrder::NewestFirst));
    }

    #[test]
    fn days_and_rows_within_a_day_may_run_opposite_ways() {
        let file = [(2, 1, Some(11)), (2, 2, Some(13)), (1, 4, Some(4)), (1, 6, Some(10))];
        assert_eq!(order_of(&file), (vec![2, 3, 0, 1], FileOrder::OldestFirst));
    }

    #[test]
    fn without_balances_the_dates_decide() {
        assert_eq!(
            order_of(&[(3, 1, None), (3, 2, None), (1, 3, None)]),
            (vec![2, 1, 0], FileOrder::NewestFirst)
        );
        assert_eq!(
            order_of(&[(1, 1, None), (3, 2, None), (3, 3, None)]),
            (vec![0, 1, 2], FileOrder::OldestFirst)
        );
        assert_eq!(order_of(&[(1, 1, None), (1, 2, None)]), (vec![0, 1], FileOrder::Unknown));
        assert_eq!(order_of(&[(1, 1, Some(1))]), (vec![0], FileOrder::Unknown));
    }

    #[test]
    fn a_missing_balance_is_carried_over_and_a_break_is_one_break() {
        let file = [(5, Some(5)), (2, None), (1, Some(8)), (1, Some(100)), (1, Some(101))];
        let mut chain = Chain::default();
        let mut step = |amount, balance: Option<i64>| {
            chain.step(Money::from_minor(amount), balance.map(Money::from_minor)).map(Money::minor)
        };
        let breaks: Vec<Option<i64>> = file.iter().map(|(amount, balance)| step(*amount, *balance)).collect();
        assert_eq!(breaks, [None, None, None, Some(9), None]);
    }

    #[test]
    fn accounts_that_differ_are_mixed() {
        use FileOrder::{Mixed, NewestFirst, OldestFirst, Unknown};
        assert_eq!(NewestFirst.with(Unknown), NewestFirst);
        assert_eq!(Unknown.with(OldestFirst), OldestFirst);
        assert_eq!(NewestFirst.with(OldestFirst), Mixed);
        assert_eq!(Mixed.with(OldestFirst).with(Unknown), Mixed);
    }

    proptest! {
        /// Whatever the order of the file, an unbroken account comes out unbroken.
        #[test]
        fn an_unbroken_account_is_found_in_both_directions(
            steps in prop::collection::vec((0_u32..3, -50_i64..50), 2..27),
            reversed in any::<bool>(),
        ) {
            let (mut day, mut balance) = (1, 1000);
            let mut file: Vec<(u32, i64, Option<i64>)> = steps
                .into_iter()
                .map(|(gap, amount)| {
                    day = (day + gap).min(31);
                    balance += amount;
                    (day, amount, Some(balance))
                })
                .collect();
            if reversed {
                file.reverse();
            }
            let (order, _) = order_of(&file);
            prop_assert_eq!(true_order(&file).n_breaks, 0);
            let mut sorted = order;
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..file.len()).collect::<Vec<_>>());
        }
    }
}
