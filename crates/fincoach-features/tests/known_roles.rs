//! Snapshots of people with several accounts: a transfer is one from the day its other side is there.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test ends where something fails")]

use fincoach_core::chrono::{Days, NaiveDate, NaiveDateTime};
use fincoach_core::{Ledger, Money, Transaction};
use fincoach_features::{Snapshots, V2Params};
use fincoach_transform::{TransferParams, match_transfers};
use proptest::prelude::*;

/// Day, account, amount in pounds: few of each, so that many rows fit together.
type Row = (u64, bool, i64);

fn moment(day: u64) -> NaiveDateTime {
    (NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + Days::new(day)).into()
}

/// The rows up to a day, of which the first is 0.
fn ledger(rows: &[Row], last: u64) -> Ledger {
    let mut builder = Ledger::builder();
    for (day, savings, pounds) in rows.iter().filter(|row| row.0 <= last) {
        let mut row = Transaction::new("anna", moment(*day), Money::from_minor(100 * pounds));
        row.account = Some(if *savings { "savings" } else { "current" });
        row.description = if *pounds % 2 == 0 { "TRANSFER" } else { "SHOP" };
        builder.push(&row).unwrap();
    }
    builder.finish()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn each_date_sees_the_roles_of_its_day(
        mut rows in prop::collection::vec((0_u64..25, any::<bool>(), -4_i64..5), 1..40),
        step in 1_u64..5,
    ) {
        rows.sort_by_key(|row| row.0);
        let dates: Vec<u64> = (0..30).step_by(usize::try_from(step).unwrap()).collect();
        let params = V2Params::default().with_min_transactions(1);
        let matched = match_transfers(ledger(&rows, 30), &TransferParams::default()).unwrap();
        let snapshots = Snapshots::at(dates.iter().map(|day| moment(*day)).collect());
        let known = matched.known_from();
        let features = params.compute_snapshots_known(&matched.ledger, &snapshots, known).unwrap();
        let mut seen = 0;
        for day in dates.into_iter().filter(|day| rows[0].0 <= *day) {
            let cut = match_transfers(ledger(&rows, day), &TransferParams::default()).unwrap().ledger;
            let alone = params.compute_snapshots(&cut, &Snapshots::at(vec![moment(day)])).unwrap();
            prop_assert_eq!(features.table().row(seen), alone.table().row(0), "day {}", day);
            seen += 1;
        }
        prop_assert_eq!(features.table().n_rows(), seen);
    }
}

#[test]
fn a_moment_for_each_row_is_asked_for() {
    let ledger = ledger(&[(0, true, -3), (1, false, 3)], 9);
    let dates = Snapshots::every_days(1);
    assert!(V2Params::default().compute_snapshots_known(&ledger, &dates, &[0]).is_err());
}
