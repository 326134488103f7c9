//! Training steps a second and the time of one answer, at the notebook's sizes (35–128–128–5).
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark stops when something is wrong")]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::Array2;
use fincoach_core::rng::stream;
use fincoach_core::{FeatureTable, Fit, RowKey};
use fincoach_recommend::{CqlParams, NotebookTransitions, Recommender, Replay, RuleInput, Strategy};

// As in every binary of ours: glibc gives the pages of each step back to the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn table(n_rows: usize) -> FeatureTable {
    let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    let keys = (0..n_rows).map(|user| RowKey { user: user.to_string(), as_of }).collect();
    let mut rng = stream(1, 0);
    let values = Array2::from_shape_fn((n_rows, 35), |_| rng.normal());
    let columns = RuleInput::COLUMNS.map(str::to_owned).into_iter().chain((3..35).map(|i| format!("x{i}")));
    FeatureTable::new(keys, columns, values).unwrap()
}

fn replay(n_rows: usize) -> Replay {
    NotebookTransitions::default().replay(&table(n_rows), &vec![0; n_rows]).unwrap()
}

fn training(criterion: &mut Criterion) {
    const STEPS: usize = 50;
    let mut group = criterion.benchmark_group("recommend/train_steps");
    group.sample_size(10).throughput(Throughput::Elements(STEPS as u64));
    for batch_size in [32, 256] {
        let log = replay(batch_size * STEPS);
        let params = CqlParams::default().with_batch_size(batch_size).with_max_steps(STEPS);
        group.bench_with_input(BenchmarkId::from_parameter(batch_size), &log, |bencher, log| {
            bencher.iter(|| params.fit(log).unwrap());
        });
    }
    group.finish();
}

fn answering(criterion: &mut Criterion) {
    let policy = CqlParams::default().with_n_epochs(2).fit(&replay(64)).unwrap();
    let recommender = Recommender::new(policy).unwrap();
    let mut group = criterion.benchmark_group("recommend/infer");
    for n_rows in [1, 1000] {
        let users = table(n_rows);
        group.throughput(Throughput::Elements(n_rows as u64));
        group.bench_with_input(BenchmarkId::from_parameter(n_rows), &users, |bencher, users| {
            bencher.iter(|| recommender.policy().q_values(users).unwrap());
        });
    }
    let users = table(1000);
    group.bench_function("recommend/1000", |bencher| {
        let draws = || stream(2, 0);
        bencher.iter_batched(
            draws,
            |mut rng| recommender.recommend(&users, &mut rng).unwrap(),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("strategy/1000", |bencher| {
        bencher.iter(|| recommender.recommend_with(&users, Strategy::Cautious).unwrap());
    });
    group.finish();
}

criterion_group!(benches, training, answering);
criterion_main!(benches);
