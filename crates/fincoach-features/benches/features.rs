#![allow(clippy::unwrap_used, missing_docs, reason = "a bench may stop at the first surprise")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::chrono::{NaiveDate, TimeDelta};
use fincoach_core::{Category, Ledger, Money, Transaction, rng};
use fincoach_features::{Snapshots, V1Params};

/// Users of 100 rows each, two days apart on average.
fn ledger(n_rows: usize) -> Ledger {
    let mut builder = Ledger::builder();
    for user in 0..n_rows / 100 {
        let mut rng = rng::stream(1, user as u64);
        let name = format!("user-{user}");
        let mut time = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().and_hms_opt(9, 0, 0).unwrap();
        let mut balance = Money::from_minor(500_000);
        for _ in 0..100 {
            time += TimeDelta::minutes(i64::try_from(rng.below(5760)).unwrap());
            let pence = if rng.bernoulli(0.1) { rng.below(300_000) } else { rng.below(9_000) };
            let amount = Money::from_minor(i64::try_from(pence).unwrap());
            let mut row = Transaction::new(&name, time, if rng.bernoulli(0.1) { amount } else { -amount });
            balance += row.amount;
            let (description, city) = (format!("shop {}", rng.below(40)), format!("city {}", rng.below(5)));
            row.balance = Some(balance);
            row.category = Category::ALL[rng.below(11)];
            row.description = &description;
            row.city = Some(&city);
            builder.push(&row).unwrap();
        }
    }
    builder.finish()
}

fn features(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("features");
    for n_rows in [10_000, 100_000] {
        let ledger = ledger(n_rows);
        group.throughput(Throughput::Elements(n_rows as u64));
        group.bench_with_input(BenchmarkId::new("v1", n_rows), &ledger, |bencher, ledger| {
            bencher.iter(|| V1Params::default().compute(ledger).unwrap());
        });
        group.bench_with_input(
            BenchmarkId::new("v1_snapshots_7_days", n_rows),
            &ledger,
            |bencher, ledger| {
                bencher.iter(|| {
                    V1Params::default().compute_snapshots(ledger, &Snapshots::every_days(7)).unwrap()
                });
            },
        );
    }
    group.finish();
}

criterion_group!(benches, features);
criterion_main!(benches);
