//! The examples as a person meets them: bad input is one clear line and exit code 2, and leaves nothing behind.

#![allow(clippy::unwrap_used, reason = "a test ends where something fails")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const HEADER: &str =
    "Transaction Date,Transaction Type,Transaction Description,Debit Amount,Credit Amount,Balance\n";

/// Runs an example through Cargo, which builds it if the tests have not already.
fn example(name: &str, args: &[&str]) -> Output {
    Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")])
        .args(["--example", name, "--", "--quiet"])
        .args(args)
        .output()
        .unwrap()
}

/// Runs `full_pipeline` on a file with this content and expects one line that holds all of `told`.
fn refused(content: &[u8], told: &[&str]) {
    let place = tempfile::tempdir().unwrap();
    let export = place.path().join("export.csv");
    fs::write(&export, content).unwrap();
    let out = place.path().join("out");
    let args = ["--input", export.to_str().unwrap(), "--users", "one", "--out", out.to_str().unwrap()];
    assert_refused(&example("full_pipeline", &args), told);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "something was left behind");
}

fn assert_refused(output: &Output, told: &[&str]) {
    let line = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{line}");
    assert_eq!(line.trim_end().lines().count(), 1, "{line}");
    assert!(line.starts_with("error: ") && output.stdout.is_empty(), "{line}");
    for word in told {
        assert!(line.contains(word), "`{word}` is not in: {line}");
    }
}

fn rows(rows: &str) -> Vec<u8> {
    format!("{HEADER}{rows}").into_bytes()
}

#[test]
fn a_missing_file_is_named() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let args = ["--input", "no/such/export.csv", "--out", out.to_str().unwrap()];
    assert_refused(&example("full_pipeline", &args), &["no/such/export.csv"]);
    assert!(!out.exists());
}

#[test]
fn an_empty_file_and_a_header_alone_are_refused() {
    refused(b"", &["export.csv"]);
    refused(HEADER.as_bytes(), &["export.csv"]);
}

#[test]
fn an_unknown_column_is_refused_with_the_nearest() {
    refused(b"Transaction Dat,Transaction Description,Debit Amount,Credit Amount\n", &["Transaction Date"]);
}

#[test]
fn a_bad_date_is_told_with_its_place() {
    let content = rows("05/01/2024,DEB,SHOP,1.00,,9.00\n31/02/2024,DEB,SHOP,1.00,,8.00\n");
    refused(&content, &["export.csv", "3", "Transaction Date", "31/02/2024"]);
}

#[test]
fn a_bad_amount_is_told_with_its_place() {
    refused(&rows("05/01/2024,DEB,SHOP,1.2.3,,9.00\n"), &["2", "Debit Amount", "1.2.3"]);
}

#[test]
fn an_amount_on_both_sides_is_refused() {
    refused(&rows("05/01/2024,DEB,SHOP,1.00,2.00,9.00\n"), &["2", "1.00", "2.00"]);
}

#[test]
fn broken_quotes_and_broken_text_are_refused() {
    refused(&rows("05/01/2024,DEB,\"SHOP,1.00,,9.00\n"), &["export.csv"]);
    let mut content = rows("05/01/2024,DEB,SHOP");
    content.extend(b"\xff\xfe,1.00,,9.00\n");
    refused(&content, &["2", "Transaction Description"]);
}

#[test]
fn too_few_rows_are_counted() {
    refused(&rows("05/01/2024,DEB,SHOP,1.00,,9.00\n"), &["1"]);
}

#[test]
fn a_damaged_bundle_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let bundle = place.path().join("bundle");
    let told = |bundle: &Path| example("coach", &["--bundle", bundle.to_str().unwrap()]);
    assert_refused(&told(&bundle), &["manifest.json"]);
    fs::create_dir(&bundle).unwrap();
    fs::write(bundle.join("manifest.json"), "{\"kind\":\"fincoach_bundle\"").unwrap();
    assert_refused(&told(&bundle), &["manifest.json"]);
}

#[test]
fn misspelt_arguments_are_one_line_too() {
    assert_refused(&example("features", &["--users", "timeline:many"]), &["timeline:many"]);
    assert_refused(&example("features", &["--categories", "standart"]), &["standart", "standard"]);
    assert_refused(&example("features", &["--preset", "llyods"]), &["llyods", "lloyds"]);
    assert_refused(&example("features", &["--evry", "7"]), &["--evry"]);
}

#[test]
fn an_example_writes_what_it_says() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let output =
        example("simulate", &["--users-count", "3", "--months", "1", "--out", out.to_str().unwrap()]);
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty());
    let mut names: Vec<String> =
        fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["interventions.csv", "transactions.csv", "truth.csv"]);
}
