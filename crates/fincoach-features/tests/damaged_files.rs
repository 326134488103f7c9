//! What a damaged feature file is answered with.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops at the first surprise")]

use fincoach_core::DataError;
use fincoach_features::{Error, Snapshots, V1Params, read_csv};

fn refused(text: impl AsRef<[u8]>) -> Error {
    read_csv(text.as_ref()).unwrap_err()
}

#[test]
fn the_first_two_columns_are_fixed() {
    assert_eq!(refused("user,x\na,1\n").to_string(), "column 1 is `x`, expected `as_of`");
    assert!(matches!(refused(""), Error::Header { position: 0, .. }));
}

#[test]
fn a_cell_is_named_by_line_and_column() {
    let error = refused("user,as_of,x\na,2024-01-31 23:59:59,1\nb,2024-01-31 23:59:59,1.2.3\n");
    assert_eq!(error.to_string(), "line 3, column `x`: `1.2.3` is not a number");
    let error = refused("user,as_of,x\na,31/01/2024,1\n");
    assert_eq!(
        error.to_string(),
        "line 2, column `as_of`: `31/01/2024` is not a time like 2024-01-31 23:59:59"
    );
    assert!(matches!(refused("user,as_of,x\n,2024-01-31 23:59:59,1\n"), Error::Cell { line: 2, .. }));
}

#[test]
fn rows_of_another_length_nan_and_doubles_are_refused() {
    let error = refused("user,as_of,x\na,2024-01-31 23:59:59\n");
    assert_eq!(error.to_string(), "line 2: 2 cells, expected 3");
    assert!(matches!(
        refused("user,as_of,x\na,2024-01-31 23:59:59,nan\n"),
        Error::Data(DataError::NotFinite { row: 0, .. })
    ));
    let double = "user,as_of,x\na,2024-01-31 23:59:59,1\na,2024-01-31 23:59:59,2\n";
    assert!(matches!(refused(double), Error::Data(DataError::Duplicate { .. })));
    assert!(matches!(refused("user,as_of,x,x\n"), Error::Data(DataError::Duplicate { .. })));
    assert!(matches!(refused(b"user,as_of,x\n\xff,2024-01-31 23:59:59,1\n"), Error::Line { line: 2, .. }));
}

#[test]
fn dates_to_look_at_are_checked() {
    let ledger = fincoach_core::Ledger::builder().finish();
    let refused = |snapshots| V1Params::default().compute_snapshots(&ledger, &snapshots).unwrap_err();
    assert_eq!(
        refused(Snapshots::every_days(0)).to_string(),
        "parameter `every_days` is 0, must be at least 1"
    );
    assert!(matches!(refused(Snapshots::at(Vec::new())), Error::Data(DataError::Empty { .. })));
}
