//! Odd statement files, each with what has to come of it.
#![cfg(all(feature = "ofx", feature = "qif", feature = "mt940", feature = "camt"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::path::Path;

use fincoach_transform::{DateOrder, StatementReader};

#[test]
fn odd_statements_are_read_or_refused_as_before() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oddities");
    let expected = std::fs::read_to_string(folder.join("outcomes.txt")).unwrap();
    let reader = StatementReader::new().with_date_order(DateOrder::DayMonthYear);
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| [".ofx", ".qif", ".sta", ".xml"].iter().any(|kind| name.ends_with(kind)))
        .collect();
    names.sort();
    assert!(names.len() > 5);
    let outcome = |name: &String| {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let read = match reader.read_from(bytes.as_slice(), "it") {
            Ok(import) => format!("{} rows", import.ledger.len()),
            Err(error) => error.to_string().escape_debug().to_string(),
        };
        format!("{name} as a statement: {read}")
    };
    let found = names.iter().map(outcome).filter(|line| !expected.lines().any(|known| known == line));
    let wrong: Vec<String> = found.collect();
    assert!(wrong.is_empty(), "not as in outcomes.txt:\n{}", wrong.join("\n"));
}
