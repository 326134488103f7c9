//! Agreement with pandas; the script that made the numbers is `reference/pandas_features.py`.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops at the first surprise")]

use fincoach_core::chrono::NaiveDateTime;
use fincoach_core::{Ledger, Money, TimePrecision, Transaction};
use fincoach_features::V1Params;
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    rows: Vec<Row>,
    expected: Vec<Expected>,
    left_out: Vec<String>,
}

#[derive(Deserialize)]
struct Row {
    user: String,
    time: String,
    pence: i64,
    balance: i64,
    category: String,
    description: Option<String>,
    city: Option<String>,
}

#[derive(Deserialize)]
struct Expected {
    user: String,
    as_of: String,
    values: Vec<f64>,
}

fn time(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap()
}

fn ledger(rows: &[Row]) -> Ledger {
    let mut builder = Ledger::builder();
    for row in rows {
        let mut transaction = Transaction::new(&row.user, time(&row.time), Money::from_minor(row.pence));
        transaction.precision = TimePrecision::Second;
        transaction.balance = Some(Money::from_minor(row.balance));
        transaction.category = row.category.parse().unwrap();
        transaction.description = row.description.as_deref().unwrap_or("");
        transaction.city = row.city.as_deref();
        builder.push(&transaction).unwrap();
    }
    builder.finish()
}

#[test]
fn every_cell_agrees_with_pandas() {
    let reference: Reference = serde_json::from_str(include_str!("reference/features.json")).unwrap();
    let features = V1Params::default().compute(&ledger(&reference.rows)).unwrap();
    let table = features.table();
    assert_eq!(table.n_rows(), reference.expected.len());
    for (row, expected) in reference.expected.iter().enumerate() {
        let key = &table.keys()[row];
        assert_eq!((&key.user, key.as_of), (&expected.user, time(&expected.as_of)));
        for ((name, got), expected) in table.columns().iter().zip(table.row(row)).zip(&expected.values) {
            // The absolute part is for net flows that cancel: pandas adds floats, here it is pence.
            let tolerance = 1e-10 * expected.abs() + 1e-12;
            assert!(
                (got - expected).abs() <= tolerance,
                "user {}, {name}: {got}, pandas {expected}",
                key.user
            );
        }
    }
    let left_out: Vec<_> = features.left_out().iter().map(|row| row.user.as_str()).collect();
    assert_eq!(left_out, reference.left_out);
}
