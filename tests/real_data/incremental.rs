//! The real account, one transaction at a time.

use fincoach::core::{Ledger, Transaction};
use fincoach::features::{Snapshots, V1Params, V1State};

use super::data;

pub(crate) const TESTS: super::Tests = &[
    ("one transaction at a time gives what the ledger gives", one_at_a_time),
    ("a state gives each month what the snapshots give", each_month),
];

/// All rows in the order of time, users mixed.
fn by_time(ledger: &Ledger) -> Vec<Transaction<'_>> {
    let mut rows: Vec<Transaction<'_>> = ledger.all().iter().collect();
    rows.sort_by_key(|row| row.time);
    rows
}

fn one_at_a_time() {
    let ledger = data::notebook_ledger("timeline:50");
    let mut state = V1State::new(V1Params::default()).expect("parameters");
    for row in by_time(&ledger) {
        state.push(&row).expect("rows in order");
    }
    assert_eq!(state.features().expect("features"), V1Params::default().compute(&ledger).expect("features"));
}

fn each_month() {
    let ledger = data::notebook_ledger("one");
    let months = V1Params::default().compute_snapshots(&ledger, &Snapshots::months()).expect("snapshots");
    // July 2015 to June 2022; the last month is not over.
    assert_eq!(months.table().n_rows() + months.left_out().len(), 84);
    let mut state = V1State::new(V1Params::default()).expect("parameters");
    let mut rows = by_time(&ledger).into_iter().peekable();
    for (number, key) in months.table().keys().iter().enumerate() {
        while let Some(row) = rows.next_if(|row| row.time <= key.as_of) {
            state.push(&row).expect("rows in order");
        }
        let then = state.features_at(key.as_of).expect("features");
        assert_eq!(then.table().row(0), months.table().row(number), "{}", key.as_of);
    }
}
