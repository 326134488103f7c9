//! Export to ledger at several sizes.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::chrono::{Days, NaiveDate};
use fincoach_core::{Money, rng};
use fincoach_transform::{CsvReader, Layout, Users, write_transactions_csv};

const KINDS: [(&str, &str); 6] = [
    ("DEB", "Groceries"),
    ("DEB", "Other Shopping"),
    ("DEB", "Dine Out"),
    ("BP", "Savings"),
    ("DD", "Bills"),
    ("FPO", "Travel"),
];
const PLACES: [&str; 4] = ["Nottingham,UK", "Swansea,UK", "swansea,UK", ","];
const HEADER: &str = "Transaction Number,Transaction Date,Transaction Type,Transaction Description,Debit Amount,\
                      Credit Amount,Balance,Category,Location City,Location Country,User ID";

/// How the rows of users stand in a file.
#[derive(Clone, Copy, PartialEq)]
enum Rows {
    /// One user after the other, each newest first.
    ByUser,
    /// All users together, newest first.
    ByDate,
}

/// An export in the ten columns and a user column, about 86 bytes a row, every balance chain unbroken.
fn export(n_rows: usize, n_users: usize, rows: Rows) -> String {
    let mut rng = rng::stream(1, 0);
    let merchants: Vec<String> =
        (0..1_500).map(|number| format!("{:.18}", format!("MERCHANT {number} TOWN STREET"))).collect();
    let first = NaiveDate::from_ymd_opt(2015, 7, 27).unwrap();
    let per_user = n_rows / n_users;
    let mut lines = Vec::with_capacity(n_rows);
    for user in 0..n_users {
        let mut balance = Money::from_minor(1_000_000);
        for row in 0..per_user {
            let amount = Money::from_minor(1 + i64::try_from(rng.below(9_000)).unwrap());
            let credit = rng.bernoulli(0.07);
            balance = if credit { balance + amount } else { balance - amount };
            // As in a real account: two or three bookings a day, the same days for all.
            let day = (row * 2 / 5) as u64;
            let date = (first + Days::new(day)).format("%d/%m/%Y");
            let amounts = if credit { format!(",{amount}") } else { format!("{amount},") };
            let ((code, category), place) = (KINDS[rng.below(6)], PLACES[rng.below(4)]);
            let merchant = &merchants[rng.below(merchants.len())];
            let line =
                format!("{date},{code},{merchant},{amounts},{balance},{category},{place},user-{user:05}");
            lines.push((day, row, line));
        }
    }
    lines.reverse();
    if rows == Rows::ByDate {
        // Stable: rows of one user and day stay newest first.
        lines.sort_by_key(|(day, ..)| std::cmp::Reverse(*day));
    }
    let mut text = format!("{HEADER}\n");
    for (number, (.., line)) in (1..).zip(&lines) {
        writeln!(text, "{number},{line}").unwrap();
    }
    text
}

fn read(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("transform");
    group.sample_size(10);
    let by_user = || CsvReader::new(Layout::lloyds()).with_users(Users::Column("User ID".into()));
    let notebook = || CsvReader::notebook(Layout::lloyds()).with_users(Users::Timeline(50));
    for (name, n_rows, n_users, rows, reader) in [
        ("read_one_user", 10_000, 1, Rows::ByUser, CsvReader::new(Layout::lloyds())),
        ("read_notebook", 10_000, 1, Rows::ByUser, notebook()),
        ("read_by_user", 10_000, 100, Rows::ByUser, by_user()),
        ("read_by_date", 10_000, 100, Rows::ByDate, by_user()),
        ("read_by_user", 1_000_000, 10_000, Rows::ByUser, by_user()),
        ("read_by_date", 1_000_000, 10_000, Rows::ByDate, by_user()),
    ] {
        let text = export(n_rows, n_users, rows);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::new(name, n_rows), |bencher| {
            bencher.iter(|| reader.read_from(black_box(text.as_bytes()), "bench").unwrap());
        });
    }
    group.finish();
}

fn write(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("transform");
    group.sample_size(10);
    for n_rows in [10_000, 100_000] {
        let text = export(n_rows, 1, Rows::ByUser);
        let ledger = CsvReader::new(Layout::lloyds()).read_from(text.as_bytes(), "bench").unwrap().ledger;
        let mut size = Vec::new();
        write_transactions_csv(&ledger, &mut size).unwrap();
        group.throughput(Throughput::Bytes(size.len() as u64));
        group.bench_function(BenchmarkId::new("write", n_rows), |bencher| {
            bencher.iter(|| {
                let mut out = Vec::with_capacity(size.len());
                write_transactions_csv(black_box(&ledger), &mut out).unwrap();
                out
            });
        });
    }
    group.finish();
}

criterion_group!(benches, read, write);
criterion_main!(benches);
