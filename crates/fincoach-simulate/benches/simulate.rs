//! Households a year: simulated, and written as a bank export.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fincoach_simulate::{SimulationParams, write_csv};

fn simulate(criterion: &mut Criterion) {
    let params = SimulationParams::default().with_n_households(100);
    let simulation = params.simulate().unwrap();
    let mut group = criterion.benchmark_group("simulate");
    group.throughput(Throughput::Elements(simulation.ledger().len() as u64));
    group.bench_function("households/100", |bencher| bencher.iter(|| params.simulate().unwrap()));
    group.bench_function("write_csv/100", |bencher| {
        bencher.iter(|| write_csv(simulation.ledger(), std::io::sink()).unwrap());
    });
    group.finish();
}

criterion_group!(benches, simulate);
criterion_main!(benches);
