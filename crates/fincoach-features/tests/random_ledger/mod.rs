//! Ledgers of any rows, for properties.
#![allow(dead_code, reason = "each test file uses its part")]

use fincoach_core::chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use fincoach_core::{Category, Ledger, Money, Transaction};
use fincoach_features::{Error, Features};
use proptest::prelude::*;

pub(crate) const DAY: i64 = 86_400;

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) user: u8,
    /// Since 2023-11-01 00:00.
    pub(crate) seconds: i64,
    pub(crate) pence: i64,
    pub(crate) balance: Option<i64>,
    pub(crate) category: usize,
    pub(crate) shop: u8,
    pub(crate) city: u8,
}

impl Row {
    pub(crate) fn time(&self) -> NaiveDateTime {
        moment(self.seconds)
    }

    /// Gives the transaction to `take`.
    pub(crate) fn with<T>(&self, take: impl FnOnce(&Transaction<'_>) -> T) -> T {
        let user = self.user.to_string();
        let (shop, city) = (format!("shop {}", self.shop), format!("city {}", self.city));
        let mut row = Transaction::new(&user, self.time(), Money::from_minor(self.pence));
        row.balance = self.balance.map(Money::from_minor);
        row.category = Category::ALL[self.category];
        row.description = if self.shop == 0 { "" } else { &shop };
        row.city = (self.city > 0).then_some(&city);
        take(&row)
    }
}

/// Over four months, for the last of three users with a pause of a hundred days; some at the same instants, at
/// midnight, and a second around whole tens of days, where a look-back ends.
pub(crate) fn row() -> impl Strategy<Value = Row> {
    let seconds = prop_oneof![
        3 => 0_i64..120 * DAY,
        1 => (0_i64..8).prop_map(|day| day * DAY),
        1 => (1_i64..12, -1_i64..=1).prop_map(|(tens, second)| tens * 10 * DAY + second),
        1 => (0_i64..60, 0_i64..3).prop_map(|(day, hours)| day * DAY + hours * 3600 - i64::from(hours == 2)),
    ];
    let shape = (0_u8..3, seconds, -50_000_i64..20_000, -30_000_i64..300_000, 0_usize..11, 0_u8..5, 0_u8..4);
    shape.prop_map(|(user, seconds, pence, balance, category, shop, city)| {
        let pause = if user == 2 && seconds > 60 * DAY { 100 * DAY } else { 0 };
        Row { user, seconds: seconds + pause, pence, balance: Some(balance), category, shop, city }
    })
}

pub(crate) fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec(row(), 1..120)
}

pub(crate) fn moment(seconds: i64) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2023, 11, 1).unwrap().and_time(Default::default()) + TimeDelta::seconds(seconds)
}

pub(crate) fn ledger(rows: &[Row]) -> Ledger {
    let mut builder = Ledger::builder();
    for row in rows {
        row.with(|row| builder.push(row)).unwrap();
    }
    builder.finish()
}

/// A row to the bit, with its key.
pub(crate) type Bits = (String, NaiveDateTime, Vec<u64>);

/// The bits of each row, with its key; nothing where nobody has enough rows.
pub(crate) fn bits(features: Result<Features, Error>) -> Vec<Bits> {
    match features {
        Err(Error::NoUsers { .. }) => Vec::new(),
        other => {
            let table = other.unwrap().into_table();
            let row_bits = |row: usize| table.row(row).iter().map(|value| value.to_bits()).collect();
            let keys = table.keys().iter().enumerate();
            keys.map(|(row, key)| (key.user.clone(), key.as_of, row_bits(row))).collect()
        }
    }
}
