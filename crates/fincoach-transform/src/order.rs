//! The true order of an account's rows.

use std::cmp::Ordering;

use fincoach_core::Money;
use serde::{Deserialize, Serialize};

use crate::rows::Row;

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
    pub(crate) fn step(&mut self, row: &Row) -> Option<Money> {
        let expected = self.0.map(|before| before + row.amount);
        self.0 = row.balance.or(expected);
        expected.filter(|expected| row.balance.is_some_and(|balance| balance != *expected))
    }
}

/// The rows of one account, given by number in the order of the file, in their true order.
///
/// Both readings of the file are sorted stably by time; the one with fewer breaks of the balance chain is
/// true, and where both have as many (there may be no balance) the dates decide. So a file whose days run
/// one way and whose rows within a day the other is read rightly too. `O(n)` for a file in order.
pub(crate) fn true_order(rows: &[Row], account: Vec<usize>) -> (Vec<usize>, FileOrder) {
    let by_dates = date_order(rows, &account);
    let mut backward: Vec<usize> = account.iter().rev().copied().collect();
    let mut forward = account;
    forward.sort_by_key(|row| rows[*row].time);
    backward.sort_by_key(|row| rows[*row].time);
    let order = match n_breaks(rows, &forward).cmp(&n_breaks(rows, &backward)) {
        Ordering::Less => FileOrder::OldestFirst,
        Ordering::Greater => FileOrder::NewestFirst,
        Ordering::Equal => by_dates,
    };
    (if order == FileOrder::NewestFirst { backward } else { forward }, order)
}

/// What the dates alone say: whether more steps go down or up.
fn date_order(rows: &[Row], account: &[usize]) -> FileOrder {
    let (mut up, mut down) = (0_usize, 0_usize);
    for pair in account.windows(2) {
        match rows[pair[0]].time.cmp(&rows[pair[1]].time) {
            Ordering::Less => up += 1,
            Ordering::Greater => down += 1,
            Ordering::Equal => {}
        }
    }
    match up.cmp(&down) {
        Ordering::Less => FileOrder::NewestFirst,
        Ordering::Greater => FileOrder::OldestFirst,
        Ordering::Equal => FileOrder::Unknown,
    }
}

fn n_breaks(rows: &[Row], order: &[usize]) -> usize {
    let mut chain = Chain::default();
    order.iter().filter(|row| chain.step(&rows[**row]).is_some()).count()
}

#[cfg(test)]
mod tests {
    use fincoach_core::TimePrecision;
    use fincoach_core::chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;

    /// Rows of (day, amount, balance) in the order of a file.
    fn rows(file: &[(u32, i64, Option<i64>)]) -> Vec<Row> {
        let row = |(day, amount, balance): &(u32, i64, Option<i64>)| Row {
            time: NaiveDate::from_ymd_opt(2024, 1, *day).unwrap().into(),
            precision: TimePrecision::Day,
            amount: Money::from_minor(*amount),
            balance: balance.map(Money::from_minor),
            type_code: 0,
            category: 0,
            description: 0,
            city: 0,
            country: 0,
            account: 0,
            reference: 0,
            user: 0,
            number: 0,
            line: 0,
        };
        file.iter().map(row).collect()
    }

    fn order_of(file: &[(u32, i64, Option<i64>)]) -> (Vec<usize>, FileOrder) {
        true_order(&rows(file), (0..file.len()).collect())
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
        let file =
            rows(&[(1, 5, Some(5)), (1, 2, None), (1, 1, Some(8)), (1, 1, Some(100)), (1, 1, Some(101))]);
        let mut chain = Chain::default();
        let breaks: Vec<Option<i64>> = file.iter().map(|row| chain.step(row).map(Money::minor)).collect();
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
            prop_assert_eq!(n_breaks(&rows(&file), &order), 0);
            let mut sorted = order;
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..file.len()).collect::<Vec<_>>());
        }
    }
}
