//! Metrics, ledgers and amounts of money.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark ends where something fails")]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::chrono::{Days, NaiveDate};
use fincoach_core::ndarray::Array2;
use fincoach_core::{Ledger, Money, StandardScaler, Transaction, metrics, rng};

fn bench_silhouette(c: &mut Criterion) {
    let mut group = c.benchmark_group("silhouette");
    group.sample_size(10);
    for n in [100_usize, 1000, 5000] {
        let mut rng = rng::stream(1, n as u64);
        let labels: Vec<usize> = (0..n).map(|row| row % 5).collect();
        let points = Array2::from_shape_fn((n, 10), |(row, _)| labels[row] as f64 + rng.normal());
        group.throughput(Throughput::Elements((n * n / 2) as u64));
        group.bench_function(BenchmarkId::from_parameter(format!("{n}x10")), |b| {
            b.iter(|| metrics::silhouette(points.view(), &labels).unwrap());
        });
    }
    group.finish();
}

fn bench_metrics(c: &mut Criterion) {
    let mut group = c.benchmark_group("metrics");
    let n = 100_000_usize;
    let mut rng = rng::stream(2, 0);
    let actual: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
    let predicted: Vec<f64> = actual.iter().map(|value| value + rng.normal()).collect();
    let happened: Vec<bool> = actual.iter().map(|value| *value > 0.0).collect();
    let a: Vec<usize> = (0..n).map(|_| rng.below(8)).collect();
    let b: Vec<usize> = (0..n).map(|_| rng.below(8)).collect();
    group.throughput(Throughput::Elements(n as u64));
    group.bench_function(BenchmarkId::new("smape", n), |bench| {
        bench.iter(|| metrics::smape(&actual, &predicted).unwrap());
    });
    group.bench_function(BenchmarkId::new("roc_auc", n), |bench| {
        bench.iter(|| metrics::roc_auc(&happened, &predicted).unwrap());
    });
    group.bench_function(BenchmarkId::new("adjusted_rand", n), |bench| {
        bench.iter(|| metrics::adjusted_rand(&a, &b).unwrap());
    });
    group.finish();
}

fn bench_scaler(c: &mut Criterion) {
    let mut group = c.benchmark_group("scaler");
    let mut rng = rng::stream(3, 0);
    let values = Array2::from_shape_fn((10_000, 35), |_| rng.normal());
    let scaler = StandardScaler::fit(values.view()).unwrap();
    group.throughput(Throughput::Elements(values.len() as u64));
    group.bench_function("fit/10000x35", |b| b.iter(|| StandardScaler::fit(values.view()).unwrap()));
    group.bench_function("transform/10000x35", |b| b.iter(|| scaler.transform(values.view()).unwrap()));
    group.finish();
}

fn bench_money(c: &mut Criterion) {
    let mut group = c.benchmark_group("money");
    let mut rng = rng::stream(4, 0);
    let texts: Vec<String> =
        (0..10_000).map(|_| Money::from_minor(rng.below(1_000_000) as i64 - 500_000).to_string()).collect();
    group.throughput(Throughput::Bytes(texts.iter().map(|text| text.len() as u64).sum()));
    group.bench_function("parse/10000", |b| {
        b.iter(|| texts.iter().map(|text| text.parse::<Money>().unwrap()).sum::<Money>());
    });
    group.finish();
}

fn bench_ledger(c: &mut Criterion) {
    let mut group = c.benchmark_group("ledger/build");
    group.sample_size(10);
    let first = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
    for n in [10_000_usize, 100_000] {
        let mut rng = rng::stream(5, n as u64);
        let texts: Vec<(String, String)> = (0..n)
            .map(|_| (format!("user-{}", rng.below(n / 100)), format!("SHOP {}", rng.below(500))))
            .collect();
        let rows: Vec<Transaction<'_>> = texts
            .iter()
            .map(|(user, shop)| {
                let time = first.checked_add_days(Days::new(rng.below(700) as u64)).unwrap().into();
                let mut row = Transaction::new(user, time, Money::from_minor(-(rng.below(10_000) as i64)));
                row.description = shop;
                row
            })
            .collect();
        group.throughput(Throughput::Elements(n as u64));
        group.bench_function(BenchmarkId::from_parameter(n), |b| {
            let build = |mut builder: fincoach_core::LedgerBuilder| {
                rows.iter().for_each(|row| builder.push(row).unwrap());
                builder.finish()
            };
            b.iter_batched(Ledger::builder, build, BatchSize::LargeInput);
        });
    }
    group.finish();
}

criterion_group!(benches, bench_silhouette, bench_metrics, bench_scaler, bench_money, bench_ledger);
criterion_main!(benches);
