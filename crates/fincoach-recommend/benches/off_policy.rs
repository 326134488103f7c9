//! The time of one estimate with its interval: rows × columns in the ids, five actions, 20 rows a user.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark stops when something is wrong")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::ndarray::Array2;
use fincoach_core::rng::{Rng, stream};
use fincoach_recommend::{
    DecisionEstimator, Decisions, Ended, IntervalMethod, OffPolicyParams, SequenceEstimator, Trajectories,
};

// As in every binary of ours: glibc gives the pages of each step back to the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const LENGTH: usize = 20;
const N_ACTIONS: usize = 5;

fn policy(n_rows: usize, rng: &mut Rng) -> Array2<f64> {
    let mut raw = Array2::from_shape_fn((n_rows, N_ACTIONS), |_| 0.2 + rng.uniform());
    for mut row in raw.rows_mut() {
        let sum = row.sum();
        row /= sum;
    }
    raw
}

fn log(n_rows: usize, n_columns: usize) -> Trajectories {
    let mut rng = stream(1, 0);
    let users: Vec<usize> = (0..n_rows).map(|row| row / LENGTH).collect();
    let mut states = || Array2::from_shape_fn((n_rows, n_columns), |_| rng.normal());
    let (states, next) = (states(), states());
    let actions: Vec<usize> = (0..n_rows).map(|_| rng.below(N_ACTIONS)).collect();
    let rewards = (0..n_rows).map(|row| states[(row, 0)] + actions[row] as f64 + rng.normal()).collect();
    let ended: Vec<Ended> =
        (1..=n_rows).map(|row| if row % LENGTH == 0 { Ended::Truncated } else { Ended::No }).collect();
    let decisions = Decisions::new(actions, rewards, policy(n_rows, &mut rng))
        .and_then(|log| log.with_users(&users))
        .and_then(|log| log.with_propensities(vec![0.2; n_rows]))
        .and_then(|log| log.with_states(states))
        .unwrap();
    let target = policy(n_rows, &mut rng);
    Trajectories::new(decisions, &ended).and_then(|log| log.with_next(next, target)).unwrap()
}

fn estimates(criterion: &mut Criterion) {
    let params = OffPolicyParams::default().with_gamma(0.95);
    let mut group = criterion.benchmark_group("off_policy");
    group.sample_size(10);
    for (n_rows, n_columns) in [(1_000, 40), (10_000, 40)] {
        let log = log(n_rows, n_columns);
        group.throughput(Throughput::Elements(n_rows as u64));
        let size = format!("{n_rows}x{n_columns}");
        for estimator in DecisionEstimator::ALL {
            group.bench_with_input(BenchmarkId::new(estimator.name(), &size), &log, |bencher, log| {
                bencher.iter(|| params.estimate(log.decisions(), estimator).unwrap());
            });
        }
        for estimator in SequenceEstimator::ALL {
            let name = format!("sequence/{estimator}");
            group.bench_with_input(BenchmarkId::new(name, &size), &log, |bencher, log| {
                bencher.iter(|| params.estimate_sequence(log, estimator).unwrap());
            });
        }
        let resampled = params.clone().with_interval(IntervalMethod::Studentised);
        group.bench_with_input(BenchmarkId::new("ips_1000_resamples", &size), &log, |bencher, log| {
            bencher.iter(|| resampled.estimate(log.decisions(), DecisionEstimator::Ips).unwrap());
        });
        group.bench_with_input(
            BenchmarkId::new("sequence/weighted_per_decision_1000_resamples", &size),
            &log,
            |bencher, log| {
                let estimator = SequenceEstimator::WeightedPerDecision;
                bencher.iter(|| resampled.estimate_sequence(log, estimator).unwrap());
            },
        );
    }
    group.finish();
}

criterion_group!(benches, estimates);
criterion_main!(benches);
