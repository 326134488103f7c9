//! Odd files, each with what has to come of it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fincoach_transform::{CsvReader, Error, Import, Layout, RowPolicy, detect_from};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oddities")
}

/// The odd files of one kind, by name.
fn files(kind: &str) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.extension().is_some_and(|extension| extension == kind));
    let mut files: Vec<(String, Vec<u8>)> = files
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// Lines of `outcomes.txt` by what stands before the first colon and space.
fn expected() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(folder().join("outcomes.txt")).unwrap();
    let pair =
        |line: &str| line.split_once(": ").map(|(name, outcome)| (name.to_owned(), outcome.to_owned()));
    text.lines().filter_map(pair).collect()
}

fn compare(found: &[(String, String)]) {
    let expected = expected();
    let differs = |(name, outcome): &&(String, String)| expected.get(name) != Some(outcome);
    let wrong: Vec<String> =
        found.iter().filter(differs).map(|(name, outcome)| format!("{name}: {outcome}")).collect();
    assert!(wrong.is_empty(), "not as in outcomes.txt:\n{}", wrong.join("\n"));
}

fn shown(read: Result<Import, Error>) -> String {
    match read {
        Ok(import) => {
            let quality = &import.quality;
            assert_eq!(quality.rows_in_ledger as usize, import.ledger.len());
            assert_eq!(
                quality.rows_read,
                quality.rows_in_ledger + quality.rows_refused + quality.rows_not_booked
            );
            format!("{} rows, {} refused", quality.rows_in_ledger, quality.rows_refused)
        }
        Err(error) => error.to_string().escape_debug().to_string(),
    }
}

fn read(layout: &Layout, bytes: &[u8]) -> String {
    shown(CsvReader::new(layout.clone()).with_policy(RowPolicy::Collect).read_from(bytes, "it"))
}

/// What the detector makes of a file, and what the layout it proposes reads.
fn detected(bytes: &[u8]) -> String {
    let detection = match detect_from(bytes, "it") {
        Ok(detection) => detection,
        Err(error) => return error.to_string().escape_debug().to_string(),
    };
    let layout = match detection.layout() {
        Ok(layout) => layout,
        Err(error) => return error.to_string().escape_debug().to_string(),
    };
    let name = detection.preset().unwrap_or("no shipped layout");
    format!("{name}, {} doubts, {}", detection.doubts().len(), read(layout, bytes))
}

#[test]
fn odd_exports_are_read_or_refused_as_before() {
    let lloyds = Layout::lloyds();
    let files = files("csv");
    assert!(files.len() > 20);
    let outcomes = files.iter().flat_map(|(name, bytes)| {
        [(format!("{name} detected"), detected(bytes)), (format!("{name} as lloyds"), read(&lloyds, bytes))]
    });
    compare(&outcomes.collect::<Vec<_>>());
}

#[test]
fn odd_layouts_are_refused_as_before() {
    let outcome = |bytes: &[u8]| match Layout::from_toml(&String::from_utf8_lossy(bytes)) {
        Ok(_) => "a layout".to_owned(),
        Err(error) => error.to_string().escape_debug().to_string(),
    };
    let outcomes = files("toml").into_iter().map(|(name, bytes)| (name, outcome(&bytes)));
    compare(&outcomes.collect::<Vec<_>>());
}

#[test]
fn odd_statements_are_known_for_what_they_are() {
    let kinds = ["ofx", "qif", "sta", "xml"];
    let outcome = |bytes: &[u8]| match detect_from(bytes, "it") {
        Ok(detection) => detection.format().to_string(),
        Err(error) => error.to_string().escape_debug().to_string(),
    };
    let files = kinds.into_iter().flat_map(files);
    let outcomes = files.map(|(name, bytes)| (format!("{name} detected"), outcome(&bytes)));
    compare(&outcomes.collect::<Vec<_>>());
}
