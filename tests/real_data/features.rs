//! Schema v1 on the real account, against the numbers pandas gives.

use fincoach::core::FeatureTable;
use fincoach::features::{AsOf, Features, Snapshots, V1Params, read_csv, write_csv};

use super::data;

pub(crate) const TESTS: super::Tests = &[
    ("the timeline equals pandas", the_timeline_equals_pandas),
    ("the notebook's timeline equals pandas", the_notebooks_timeline_equals_pandas),
    ("weekly snapshots end with the whole and survive a file", weekly_snapshots_end_with_the_whole),
];

/// Header and rows, the first cell of a row being the user.
fn golden(file: &str) -> (Vec<String>, Vec<(String, Vec<f64>)>) {
    let mut reader = csv::Reader::from_path(data::golden(file)).expect("the golden file is there");
    let header = reader.headers().expect("a header").iter().skip(1).map(str::to_owned).collect();
    let row = |record: csv::StringRecord| {
        let cells = record.iter().skip(1).map(|cell| cell.parse().expect("a number")).collect();
        (record[0].to_owned(), cells)
    };
    (header, reader.records().map(|record| row(record.expect("a row"))).collect())
}

fn assert_equal(features: &Features, file: &str) {
    let (header, rows) = golden(file);
    let table = features.table();
    assert_eq!(table.columns(), header);
    let users: Vec<_> = table.keys().iter().map(|key| &key.user).collect();
    assert_eq!(users, rows.iter().map(|(user, _)| user).collect::<Vec<_>>());
    for (row, (user, expected)) in rows.iter().enumerate() {
        for ((name, got), expected) in header.iter().zip(table.row(row)).zip(expected) {
            let close = (got - expected).abs() <= 1e-9 * expected.abs();
            assert!(close, "user {user}, {name}: {got}, pandas {expected}");
        }
    }
    assert!(features.left_out().is_empty());
    assert_file_equals(table, &header, &rows);
}

/// The file as it is written holds the same numbers.
fn assert_file_equals(table: &FeatureTable, header: &[String], rows: &[(String, Vec<f64>)]) {
    let mut file = Vec::new();
    write_csv(table, AsOf::Omit, &mut file).expect("a file");
    let mut reader = csv::Reader::from_reader(file.as_slice());
    let names: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    assert_eq!(names[0], "user");
    assert_eq!(names[1..], *header);
    let written: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!(written.len(), rows.len());
    for (written, (user, expected)) in written.iter().zip(rows) {
        assert_eq!(&written[0], user);
        for (cell, expected) in written.iter().skip(1).zip(expected) {
            let got: f64 = cell.parse().expect("a number");
            assert!(
                (got - expected).abs() <= 1e-9 * expected.abs(),
                "user {user}: {cell}, pandas {expected}"
            );
        }
    }
}

fn the_timeline_equals_pandas() {
    let ledger = data::notebook_ledger("timeline:50");
    assert_eq!(ledger.len(), 6567);
    let features = V1Params::default().compute(&ledger).expect("features");
    assert_equal(&features, "moneydata_features_v1_timeline.csv");
}

fn the_notebooks_timeline_equals_pandas() {
    let ledger = data::notebook_ledger("timeline-notebook:50");
    let features = V1Params::default().compute(&ledger).expect("features");
    assert_equal(&features, "moneydata_features_v1_timeline-notebook.csv");
}

fn weekly_snapshots_end_with_the_whole() {
    let ledger = data::notebook_ledger("one");
    let weekly =
        V1Params::default().compute_snapshots(&ledger, &Snapshots::every_days(7)).expect("snapshots");
    // 2015-07-27 to 2022-07-25 are 2,555 days: 366 week ends, the last on the last day.
    let table = weekly.table();
    assert_eq!(table.n_rows() + weekly.left_out().len(), 366);
    let whole = V1Params::default().compute(&ledger).expect("features");
    assert_eq!(table.row(table.n_rows() - 1), whole.table().row(0));
    let mut file = Vec::new();
    write_csv(table, AsOf::Include, &mut file).expect("a file");
    assert_eq!(&read_csv(file.as_slice()).expect("the table back"), table);
}
