//! The whole pipeline on simulated households, loading its bundle, and one user's advice.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark ends where something fails")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fincoach::core::Ledger;
use fincoach::simulate::SimulationParams;
use fincoach::{Bundle, Coach, Pipeline};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn households(n_households: usize) -> Ledger {
    let params = SimulationParams::default().with_n_households(n_households).with_n_months(3).with_seed(1);
    params.simulate().unwrap().ledger().clone()
}

fn bench(criterion: &mut Criterion) {
    let ledger = households(20);
    let pipeline = Pipeline::default().with_n_seeds(2);
    let run = pipeline.run(&ledger).unwrap();
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("bundle");
    run.bundle().save(&folder).unwrap();
    let coach = Coach::load(&folder).unwrap();
    let one = households(1);

    let mut group = criterion.benchmark_group("pipeline");
    group.sample_size(10);
    group.throughput(Throughput::Elements(ledger.len() as u64));
    group.bench_function("run/20", |bencher| bencher.iter(|| pipeline.run(black_box(&ledger)).unwrap()));
    group.bench_function("load_bundle/20", |bencher| {
        bencher.iter(|| Bundle::load(black_box(&folder)).unwrap());
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("advise/1", |bencher| bencher.iter(|| coach.advise(black_box(&one)).unwrap()));
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
