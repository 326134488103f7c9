//! Small data for the tests of this crate.

use fincoach_core::chrono::{Days, NaiveDate};
use fincoach_core::ndarray::Array2;
use fincoach_core::{Category, FeatureTable, Ledger, Money, RowKey, Transaction, rng};

use crate::{Goal, GoalExamples, GoalKind};

/// A table of these rows, each of its own user, columns named `x0`, `x1`, ….
pub(crate) fn table(rows: Vec<Vec<f64>>) -> FeatureTable {
    table_of(rows, 1)
}

/// The same with `per_user` rows of each user, a day apart.
pub(crate) fn table_of(rows: Vec<Vec<f64>>, per_user: usize) -> FeatureTable {
    let first = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap();
    let key = |row: usize| RowKey {
        user: format!("{:05}", row / per_user),
        as_of: (first + Days::new((row % per_user) as u64)).into(),
    };
    let shape = (rows.len(), rows.first().map_or(1, Vec::len));
    let keys = (0..rows.len()).map(key).collect();
    let values = Array2::from_shape_vec(shape, rows.into_iter().flatten().collect()).unwrap();
    FeatureTable::new(keys, (0..shape.1).map(|column| format!("x{column}")), values).unwrap()
}

/// Goals whose log-odds are twice the first column minus the second; every other column is noise.
pub(crate) fn noisy(n_rows: usize, n_columns: usize, seed: u64) -> GoalExamples {
    noisy_of(n_rows, n_columns, seed, 1)
}

/// The same with `per_user` rows of each user.
pub(crate) fn noisy_of(n_rows: usize, n_columns: usize, seed: u64, per_user: usize) -> GoalExamples {
    let mut rng = rng::stream(seed, 0);
    let rows: Vec<Vec<f64>> = (0..n_rows).map(|_| (0..n_columns).map(|_| rng.normal()).collect()).collect();
    let labels = rows.iter().map(|row| rng.bernoulli(1.0 / (1.0 + (row[1] - 2.0 * row[0]).exp()))).collect();
    GoalExamples::new(table_of(rows, per_user), labels).unwrap()
}

/// The day of this number, 2024-01-01 being 0.
pub(crate) fn day(number: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + fincoach_core::chrono::TimeDelta::days(number)
}

/// A booking: day, minor units, category and balance.
pub(crate) type Booking = (i64, i64, Category, Option<i64>);

/// A ledger of one user, `anna`.
pub(crate) fn account(bookings: &[Booking]) -> Ledger {
    let mut builder = Ledger::builder();
    for (number, minor, category, balance) in bookings {
        let mut row = Transaction::new("anna", day(*number).into(), Money::from_minor(*minor));
        (row.category, row.balance) = (*category, balance.map(Money::from_minor));
        builder.push(&row).unwrap();
    }
    builder.finish()
}

/// Two years of an account: weekly pay, groceries and saving of random amounts, some of it drawn back.
pub(crate) fn random_account(seed: u64, n_days: i64) -> Vec<Booking> {
    let mut rng = rng::stream(seed, 0);
    let (mut balance, mut bookings) = (100_000, Vec::new());
    for number in 0..n_days {
        let drawn = [
            (number % 7 == 4, 50_000, Category::Income),
            (rng.bernoulli(0.4), -(rng.below(12_000) as i64), Category::Groceries),
            (number % 7 == 5, -(rng.below(9_000) as i64), Category::Savings),
            (rng.bernoulli(0.02), rng.below(8_000) as i64, Category::Savings),
        ];
        for (_, minor, category) in drawn.into_iter().filter(|booking| booking.0) {
            balance += minor;
            bookings.push((number, minor, category, Some(balance)));
        }
    }
    bookings
}

/// A goal of `anna`.
pub(crate) fn goal(kind: GoalKind, start: i64, date: i64) -> Goal {
    Goal::new("anna", kind, day(start), day(date)).unwrap()
}
