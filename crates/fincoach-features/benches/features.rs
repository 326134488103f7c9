#![allow(clippy::unwrap_used, missing_docs, reason = "a bench may stop at the first surprise")]

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::chrono::{NaiveDate, TimeDelta};
use fincoach_core::{Category, Money, Transaction, rng};
use fincoach_features::{Snapshots, V1Params, V1State};

mod households;

use households::{as_they_come, ledger};

fn features(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("features");
    group.sample_size(20);
    for n_rows in [10_000, 1_000_000] {
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
        let rows = as_they_come(&ledger);
        group.bench_with_input(BenchmarkId::new("incremental", n_rows), &rows, |bencher, rows| {
            bencher.iter(|| {
                let mut state = V1State::new(V1Params::default()).unwrap();
                rows.iter().for_each(|row| state.push(row).unwrap());
                state
            });
        });
    }
    incremental_push(&mut group);
    group.finish();
}

/// One transaction more for one user with this many in the look-back.
fn incremental_push(group: &mut BenchmarkGroup<'_, WallTime>) {
    group.throughput(Throughput::Elements(1));
    for n_in_window in [30, 1_000, 100_000] {
        let step = TimeDelta::days(30) / n_in_window;
        let mut rng = rng::stream(2, 0);
        let mut time = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().and_time(Default::default());
        let mut state = V1State::new(V1Params::default()).unwrap();
        let texts: Vec<String> = (0..200).map(|text| format!("shop {text}")).collect();
        let mut push = move || {
            time += step;
            let amount = Money::from_minor(2_000 - i64::try_from(rng.below(9_000)).unwrap());
            let mut row = Transaction::new("anna", time, amount);
            row.balance = Some(amount);
            row.category = Category::ALL[rng.below(11)];
            row.description = &texts[rng.below(200)];
            row.city = Some(&texts[rng.below(9)]);
            state.push(&row).unwrap();
        };
        (0..2 * n_in_window).for_each(|_| push());
        let id = BenchmarkId::new("incremental/push", n_in_window);
        group.bench_function(id, |bencher| bencher.iter(&mut push));
    }
}

criterion_group!(benches, features);
criterion_main!(benches);
