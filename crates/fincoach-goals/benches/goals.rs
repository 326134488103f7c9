//! How fast goals are learnt and predicted.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench may stop")]

mod made;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::chrono::{Days, NaiveDate};
use fincoach_core::{Category, Fit, Ledger, Money, Predict, Transaction, rng};
use fincoach_goals::{ForestParams, Goal, GoalKind, GoalTableParams, LogisticParams};
use made::examples;

fn fit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("goals/fit");
    group.sample_size(10);
    for n_rows in [1000, 10_000] {
        let data = examples(n_rows, 0);
        group.throughput(Throughput::Elements(n_rows as u64));
        group.bench_function(BenchmarkId::from_parameter(format!("{n_rows}x10")), |bencher| {
            bencher.iter(|| ForestParams::default().fit(&data).unwrap());
        });
    }
    let data = examples(1000, 0);
    group.throughput(Throughput::Elements(1000));
    group.bench_function("logistic/1000x10", |bencher| {
        bencher.iter(|| LogisticParams::default().fit(&data).unwrap());
    });
    group.finish();
}

fn predict(criterion: &mut Criterion) {
    let data = examples(1000, 0);
    let forest = ForestParams::default().fit(&data).unwrap();
    let mut group = criterion.benchmark_group("goals/predict");
    group.throughput(Throughput::Elements(1000));
    group.bench_function("1000", |bencher| bencher.iter(|| forest.predict(data.table()).unwrap()));
    group.finish();
}

/// Two years of one user with three bookings a day, and goals of half a year.
fn account(n_goals: u64) -> (Ledger, Vec<Goal>) {
    let mut rng = rng::stream(2, 0);
    let first = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    let mut builder = Ledger::builder();
    for row in 0..2190 {
        let amount = Money::from_minor(-(rng.below(5000) as i64));
        let mut booking = Transaction::new("anna", (first + Days::new(row / 3)).into(), amount);
        booking.category = if row % 9 == 0 { Category::Savings } else { Category::Shopping };
        builder.push(&booking).unwrap();
    }
    let goal = |number: u64| {
        let start = first + Days::new(200 + number);
        let kind = GoalKind::Save(Money::from_minor(100_000));
        Goal::new("anna", kind, start, start + Days::new(182)).unwrap()
    };
    (builder.finish(), (0..n_goals).map(goal).collect())
}

fn look(criterion: &mut Criterion) {
    let (ledger, goals) = account(100);
    let mut group = criterion.benchmark_group("goals/look");
    group.throughput(Throughput::Elements(goals.len() as u64));
    group.bench_function("100x400", |bencher| {
        bencher.iter(|| GoalTableParams::default().look(&ledger, &goals).unwrap());
    });
    group.finish();
}

criterion_group!(benches, fit, predict, look);
criterion_main!(benches);
