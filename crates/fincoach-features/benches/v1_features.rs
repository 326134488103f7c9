//! File to schema v1 at the size of the comparison with polars; `benches/peers/README.md` says how to run it.
//!
//! `cargo bench -p fincoach-features --bench v1_features -- make export.csv` writes the file, `… -- run export.csv`
//! times it, `… -- run export.csv polars.csv` also compares with the table polars wrote.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_types,
    missing_docs,
    reason = "a bench stops at the first surprise, tells the time, and says what it found"
)]

use std::time::Instant;

use fincoach_core::chrono::Datelike as _;
use fincoach_core::{FeatureTable, Transaction};
use fincoach_features::V1Params;
use fincoach_simulate::SimulationParams;
use fincoach_transform::{CsvReader, Layout, Users};

/// The system's allocator gives pages back after every read, and takes them anew for the next.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const N_USERS: usize = 10_000;
const ROWS_PER_USER: usize = 100;
const REPEATS: usize = 5;

const COLUMNS: [&str; 11] = [
    "Transaction Number",
    "Transaction Date",
    "Transaction Type",
    "Transaction Description",
    "Debit Amount",
    "Credit Amount",
    "Balance",
    "Category",
    "Location City",
    "Location Country",
    "User ID",
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["make", export] => make(export),
        ["run", export] => run(export, None),
        ["run", export, peer] => run(export, Some(peer)),
        _ => println!("v1_features: give `make FILE` or `run FILE [TABLE OF POLARS]`"),
    }
}

/// The last hundred transactions of ten thousand simulated households, one after the other, newest first.
fn make(export: &str) {
    let params =
        SimulationParams::default().with_n_households(N_USERS).with_n_months(4).with_interventions(false);
    let simulation = params.simulate().unwrap();
    let mut writer = csv::Writer::from_path(export).unwrap();
    writer.write_record(COLUMNS).unwrap();
    let mut number = 0;
    for user in simulation.ledger().iter_users() {
        assert!(user.len() >= ROWS_PER_USER, "{} has {} rows", user.user(), user.len());
        for row in (user.len() - ROWS_PER_USER..user.len()).rev() {
            number += 1;
            writer.write_record(cells(number, &user.row(row))).unwrap();
        }
    }
    writer.flush().unwrap();
    println!("{number} rows of {N_USERS} users in {export}");
}

fn cells(number: usize, row: &Transaction<'_>) -> [String; 11] {
    let (date, size) = (row.time.date(), row.amount.abs().to_string());
    let [debit, credit] =
        if row.amount.is_negative() { [size, String::new()] } else { [String::new(), size] };
    let text = |text: Option<&str>| text.unwrap_or("").to_owned();
    [
        number.to_string(),
        format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year()),
        text(row.raw_type),
        row.description.to_owned(),
        debit,
        credit,
        row.balance.unwrap().to_string(),
        text(row.raw_category),
        text(row.city),
        text(row.country),
        row.user.to_owned(),
    ]
}

fn run(export: &str, peer: Option<&str>) {
    let reader = CsvReader::notebook(Layout::lloyds()).with_users(Users::Column("User ID".into()));
    let (mut reading, mut computing, mut in_all) = (Vec::new(), Vec::new(), Vec::new());
    let mut table = None;
    for _ in 0..REPEATS {
        // What the last round made is given back before the clock starts.
        table = None;
        let start = Instant::now();
        let ledger = reader.read(export).unwrap().ledger;
        let read = start.elapsed();
        let features = V1Params::default().compute(&ledger).unwrap();
        in_all.push(start.elapsed());
        reading.push(read);
        drop(features);
        for _ in 0..3 {
            let start = Instant::now();
            let features = V1Params::default().compute(&ledger).unwrap();
            computing.push(start.elapsed());
            table = Some(features.into_table());
        }
    }
    let table = table.unwrap();
    println!(
        "{} rows, {} columns; {} threads",
        table.n_rows(),
        table.n_columns(),
        rayon::current_num_threads()
    );
    for (what, times) in [("read", reading), ("features", computing), ("in all", in_all)] {
        println!("{what:<9} {:.4} s", times.iter().min().unwrap().as_secs_f64());
    }
    println!("peak      {}", peak_memory().unwrap_or_else(|| "unknown".to_owned()));
    if let Some(peer) = peer {
        compare(&table, peer);
    }
}

/// The largest memory this process has had, where the system tells.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    let kibibytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(format!("{:.0} MiB", kibibytes / 1024.0))
}

/// Says by how much the two tables differ at most, relative to the larger of the value and 1.
fn compare(ours: &FeatureTable, peer: &str) {
    let mut reader = csv::Reader::from_path(peer).unwrap();
    assert!(reader.headers().unwrap().iter().skip(1).eq(ours.columns()), "other columns");
    let (mut rows, mut worst) = (0, (0.0, String::new()));
    for record in reader.records() {
        let record = record.unwrap();
        let row = ours.keys().iter().position(|key| key.user == record[0]).unwrap();
        for ((name, value), cell) in ours.columns().iter().zip(ours.row(row)).zip(record.iter().skip(1)) {
            let theirs: f64 = cell.parse().unwrap();
            let difference = (value - theirs).abs() / value.abs().max(1.0);
            if difference > worst.0 {
                worst = (difference, format!("{name} of {}: {value}, polars {theirs}", &record[0]));
            }
        }
        rows += 1;
    }
    assert_eq!(rows, ours.n_rows(), "other users");
    println!("largest relative difference {:e} {}", worst.0, worst.1);
    assert!(worst.0 <= 1e-9, "the tables differ");
}
