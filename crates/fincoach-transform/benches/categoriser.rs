//! Fitting the categoriser and guessing at several sizes.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::chrono::{Days, NaiveDate};
use fincoach_core::{Artifact, Fit, Ledger, Money, Predict, Transaction, rng};
use fincoach_transform::{Categoriser, CategoriserParams, LabelledRows};

const SHOPS: [(&str, &str, &str); 6] = [
    ("DEB", "SUPERMARKET", "Groceries"),
    ("DEB", "CAFE", "Dine Out"),
    ("DD", "ENERGY", "Bills"),
    ("BP", "ROUNDING", "Savings"),
    ("DEB", "RAILWAY", "Travel"),
    ("BGC", "PAYROLL", "Income"),
];

/// Rows of 8,100 possible descriptions in six categories.
fn ledger(n_rows: usize) -> Ledger {
    let mut rng = rng::stream(1, 0);
    let start = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
    let mut builder = Ledger::builder();
    for row in 0..n_rows {
        let (kind, shop, category) = SHOPS[rng.below(SHOPS.len())];
        let text = format!("{shop} {:03} TOWN {}", rng.below(150), rng.below(9));
        let date = start + Days::new(row as u64 / 100);
        let minor = i64::try_from(1 + rng.below(20_000)).unwrap();
        let mut booking = Transaction::new("anna", date.into(), Money::from_minor(-minor));
        booking.description = &text;
        booking.raw_type = Some(kind);
        booking.raw_category = Some(category);
        builder.push(&booking).unwrap();
    }
    builder.finish()
}

fn categoriser(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("categoriser");
    group.sample_size(10);
    let examples = LabelledRows::from_ledger(&ledger(5_000));
    group.throughput(Throughput::Elements(5_000));
    group.bench_function(BenchmarkId::new("fit", 5_000), |bencher| {
        bencher.iter(|| CategoriserParams::default().fit(black_box(&examples)).unwrap());
    });
    let model = CategoriserParams::default().fit(&examples).unwrap();
    for n_rows in [10_000, 1_000_000] {
        let ledger = ledger(n_rows);
        group.throughput(Throughput::Elements(n_rows as u64));
        group.bench_function(BenchmarkId::new("predict", n_rows), |bencher| {
            bencher.iter(|| model.predict(black_box(&ledger)).unwrap());
        });
    }
    let bytes = model.to_bytes().unwrap();
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function(BenchmarkId::new("load", bytes.len()), |bencher| {
        bencher.iter(|| Categoriser::from_bytes(black_box(&bytes)).unwrap());
    });
    group.finish();
}

criterion_group!(benches, categoriser);
criterion_main!(benches);
