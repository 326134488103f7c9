//! The rows that the benches of both schemas count.

use fincoach_core::chrono::{NaiveDate, TimeDelta};
use fincoach_core::{Category, Ledger, LedgerBuilder, Money, Transaction, rng};

/// Users of 100 rows each, two days apart on average, with a salary and a rent every month.
pub(crate) fn ledger(n_rows: usize) -> Ledger {
    let mut builder = Ledger::builder();
    for user in 0..n_rows / 100 {
        add_user(&mut builder, user, 100);
    }
    builder.finish()
}

/// One of these users, of any number of rows.
pub(crate) fn add_user(builder: &mut LedgerBuilder, user: usize, n_rows: usize) {
    let mut rng = rng::stream(1, user as u64);
    let name = format!("user-{user}");
    let mut time = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().and_hms_opt(9, 0, 0).unwrap();
    let mut balance = Money::from_minor(500_000);
    for row in 0..n_rows {
        time += TimeDelta::minutes(i64::try_from(rng.below(5760)).unwrap());
        let (amount, shop) = match row % 15 {
            0 => (250_000, "EMPLOYER".to_owned()),
            1 => (-90_000, "LANDLORD".to_owned()),
            _ => (-i64::try_from(rng.below(9_000)).unwrap(), format!("shop {}", rng.below(40))),
        };
        let city = format!("city {}", rng.below(5));
        let mut row = Transaction::new(&name, time, Money::from_minor(amount));
        balance += row.amount;
        row.balance = Some(balance);
        row.category = Category::ALL[rng.below(11)];
        row.description = &shop;
        row.city = Some(&city);
        builder.push(&row).unwrap();
    }
}

/// The rows of all users mixed, in the order of time: as they would come.
pub(crate) fn as_they_come(ledger: &Ledger) -> Vec<Transaction<'_>> {
    let mut rows: Vec<Transaction<'_>> = ledger.all().iter().collect();
    rows.sort_by_key(|row| row.time);
    rows
}
