#![allow(clippy::unwrap_used, missing_docs, reason = "a bench may stop at the first surprise")]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::chrono::{NaiveDate, TimeDelta};
use fincoach_core::{Category, Ledger, Money, Transaction, rng};
use fincoach_features::{Snapshots, V2Params, V2State};

/// Users of 100 rows each, two days apart on average, with a salary and a rent every month.
fn ledger(n_rows: usize) -> Ledger {
    let mut builder = Ledger::builder();
    for user in 0..n_rows / 100 {
        add_user(&mut builder, user, 100);
    }
    builder.finish()
}

fn add_user(builder: &mut fincoach_core::LedgerBuilder, user: usize, n_rows: usize) {
    let mut rng = rng::stream(1, user as u64);
    let name = format!("user-{user}");
    let mut time = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().and_hms_opt(9, 0, 0).unwrap();
    let mut balance = Money::from_minor(500_000);
    for row in 0..n_rows {
        time += TimeDelta::minutes(i64::try_from(rng.below(5760)).unwrap());
        let (pence, shop) = match row % 15 {
            0 => (250_000, "EMPLOYER".to_owned()),
            1 => (-90_000, "LANDLORD".to_owned()),
            _ => (-i64::try_from(rng.below(9_000)).unwrap(), format!("shop {}", rng.below(40))),
        };
        let city = format!("city {}", rng.below(5));
        let mut row = Transaction::new(&name, time, Money::from_minor(pence));
        balance += row.amount;
        row.balance = Some(balance);
        row.category = Category::ALL[rng.below(11)];
        row.description = &shop;
        row.city = Some(&city);
        builder.push(&row).unwrap();
    }
}

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
    }
    group.finish();
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
