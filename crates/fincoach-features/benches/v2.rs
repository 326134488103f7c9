#![allow(clippy::unwrap_used, missing_docs, reason = "a bench may stop at the first surprise")]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::{Ledger, Transaction};
use fincoach_features::{Snapshots, V2Params, V2State};
use foldhash::fast::FixedState;
use indexmap::IndexMap;

mod households;

use households::{add_user, as_they_come, ledger};

fn ledgers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("features");
    group.sample_size(10);
    for n_rows in [10_000, 1_000_000] {
        let ledger = ledger(n_rows);
        group.throughput(Throughput::Elements(n_rows as u64));
        group.bench_with_input(BenchmarkId::new("v2", n_rows), &ledger, |bencher, ledger| {
            bencher.iter(|| V2Params::default().compute(ledger).unwrap());
        });
        group.bench_with_input(
            BenchmarkId::new("v2_snapshots_7_days", n_rows),
            &ledger,
            |bencher, ledger| {
                bencher.iter(|| {
                    V2Params::default().compute_snapshots(ledger, &Snapshots::every_days(7)).unwrap()
                });
            },
        );
        let rows = as_they_come(&ledger);
        group.bench_with_input(BenchmarkId::new("v2_incremental", n_rows), &rows, |bencher, rows| {
            bencher.iter(|| states(rows));
        });
    }
    group.finish();
}

/// A state for each user, fed one row at a time.
fn states<'a>(rows: &[Transaction<'a>]) -> IndexMap<&'a str, V2State, FixedState> {
    let mut states = IndexMap::default();
    let new = || V2State::new(&V2Params::default(), None).unwrap();
    for row in rows {
        states.entry(row.user).or_insert_with(new).push(row).unwrap();
    }
    states
}

/// One booking, and one row, of a state with four years behind it.
fn one_at_a_time(criterion: &mut Criterion) {
    let mut builder = Ledger::builder();
    add_user(&mut builder, 0, 4_000);
    let ledger = builder.finish();
    let user = ledger.user(0);
    let rows: Vec<Transaction<'_>> = user.iter().collect();
    let (past, next) = rows.split_at(3_000);
    let mut warm = V2State::new(&V2Params::default(), None).unwrap();
    for row in past {
        warm.push(row).unwrap();
    }
    let mut group = criterion.benchmark_group("features");
    group.throughput(Throughput::Elements(next.len() as u64));
    group.bench_function(BenchmarkId::new("v2_push", next.len()), |bencher| {
        bencher.iter_batched_ref(
            || warm.clone(),
            |state| next.iter().for_each(|row| state.push(row).unwrap()),
            BatchSize::LargeInput,
        );
    });
    group.throughput(Throughput::Elements(1));
    let as_of = past.last().unwrap().time;
    group.bench_function(BenchmarkId::new("v2_row", 1), |bencher| {
        bencher.iter(|| warm.row(as_of).unwrap());
    });
    group.finish();
}

criterion_group!(benches, ledgers, one_at_a_time);
criterion_main!(benches);
