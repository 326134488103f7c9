//! Export to ledger at several sizes.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::chrono::{Days, NaiveDate};
use fincoach_core::{Money, rng};
use fincoach_transform::{CsvReader, Layout, Users, write_transactions_csv};

const TYPES: [&str; 6] = ["DEB", "DEB", "DEB", "BP", "DD", "FPO"];
const CATEGORIES: [&str; 6] = ["Groceries", "Amazon", "Dine Out", "Bills", "Travel", "Savings"];
const CITIES: [&str; 4] = ["Swansea", "Nottingham", "swansea", ""];

/// An export in the ten columns, newest first, five rows a day, the balance chain unbroken.
fn export(n_rows: usize) -> String {
    let mut rng = rng::stream(1, 0);
    let mut lines = Vec::with_capacity(n_rows);
    let start = NaiveDate::from_ymd_opt(1950, 1, 1).unwrap();
    let mut balance = Money::from_minor(1_000_000);
    for row in 0..n_rows {
        let amount = Money::from_minor(1 + i64::try_from(rng.below(9_000)).unwrap());
        let credit = rng.bernoulli(0.5);
        balance = if credit { balance + amount } else { balance - amount };
        let date = (start + Days::new(row as u64 / 5)).format("%d/%m/%Y");
        let amounts = if credit { format!(",{amount}") } else { format!("{amount},") };
        let (kind, place) = (rng.below(6), CITIES[rng.below(4)]);
        let (merchant, code, category) = (rng.below(500), TYPES[kind], CATEGORIES[kind]);
        lines.push(format!("{date},{code},MERCHANT {merchant},{amounts},{balance},{category},{place},UK"));
    }
    let mut text = String::from(
        "Transaction Number,Transaction Date,Transaction Type,Transaction Description,Debit Amount,Credit Amount,\
         Balance,Category,Location City,Location Country\n",
    );
    for (number, line) in lines.iter().rev().enumerate() {
        writeln!(text, "{number},{line}").unwrap();
    }
    text
}

fn read(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("transform");
    group.sample_size(10);
    for n_rows in [10_000, 100_000] {
        let text = export(n_rows);
        group.throughput(Throughput::Bytes(text.len() as u64));
        let readers = [
            ("standard", CsvReader::new(Layout::lloyds())),
            ("notebook", CsvReader::notebook(Layout::lloyds()).with_users(Users::Timeline(50))),
        ];
        for (name, reader) in readers {
            group.bench_function(BenchmarkId::new(format!("read_{name}"), n_rows), |bencher| {
                bencher.iter(|| reader.read_from(black_box(text.as_bytes()), "bench").unwrap());
            });
        }
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

criterion_group!(benches, read);
criterion_main!(benches);
