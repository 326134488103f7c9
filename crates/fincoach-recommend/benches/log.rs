//! Transitions of a year of weekly entries, the columns of one history, and the policy behind a log.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark stops when something is wrong")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use fincoach_core::ndarray::Array2;
use fincoach_core::rng::stream;
use fincoach_core::{Action, DataError, FeatureTable, Fit, RowKey};
use fincoach_recommend::{
    BehaviourParams, History, HistoryParams, InterventionLog, LogEntry, LogSources, MaskRule, MaskRules,
    Outcome, TransitionParams,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const WEEKS: usize = 52;

fn at(week: usize) -> NaiveDateTime {
    NaiveDateTime::from(NaiveDate::from_ymd_opt(2023, 1, 2).unwrap()) + TimeDelta::weeks(week as i64)
}

/// 35 columns at the last second of each week.
fn snapshots(n_users: usize) -> FeatureTable {
    let key = |row: usize| RowKey {
        user: (row / (WEEKS + 1)).to_string(),
        as_of: at(row % (WEEKS + 1)) - TimeDelta::seconds(1),
    };
    let n_rows = n_users * (WEEKS + 1);
    let mut rng = stream(1, 0);
    let values = Array2::from_shape_fn((n_rows, 35), |_| rng.normal());
    let columns = (0..35).map(|column| format!("x{column}"));
    FeatureTable::new((0..n_rows).map(key).collect(), columns, values).unwrap()
}

fn log(n_users: usize) -> InterventionLog {
    let mut rng = stream(1, 1);
    let rows = (0..n_users * WEEKS).map(|row| {
        let entry = LogEntry::new(at(row % WEEKS), Action::ALL[rng.below(5)]);
        ((row / WEEKS).to_string(), entry.with_feedback(rng.below(3) as f64 - 1.0))
    });
    InterventionLog::new(rows).unwrap()
}

fn reward(outcome: &Outcome<'_>) -> Result<f64, DataError> {
    Ok(outcome.after("x1")? - outcome.before("x1")?)
}

fn masks() -> MaskRules {
    let alert = MaskRule::Cooldown { action: Action::SpendingAlert, days: 14.0 };
    MaskRules::new([alert, MaskRule::AtMost { n: 3, days: 28.0 }]).unwrap()
}

fn building(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("log/transitions");
    group.sample_size(10);
    let params = TransitionParams::default().with_history(HistoryParams::default()).with_masks(masks());
    for n_users in [100, 1000] {
        let (table, log) = (snapshots(n_users), log(n_users));
        group.throughput(Throughput::Elements(log.n_entries() as u64));
        group.bench_function(BenchmarkId::from_parameter(n_users * WEEKS), |bencher| {
            bencher.iter(|| params.build(&LogSources::new(&table, &log), &reward).unwrap());
        });
    }
    group.finish();
}

fn serving(criterion: &mut Criterion) {
    let (log, params, masks) = (log(1), HistoryParams::default(), masks());
    let entries = log.users()[0].entries();
    criterion.bench_function("log/history_and_masks/52", |bencher| {
        bencher.iter(|| {
            let history = History::new(entries, at(WEEKS));
            (params.values(&history).unwrap(), masks.allowed(&history))
        });
    });
}

fn behaviour(criterion: &mut Criterion) {
    let (table, log) = (snapshots(100), log(100));
    let replay =
        TransitionParams::default().build(&LogSources::new(&table, &log), &reward).unwrap().into_replay();
    let params = BehaviourParams::default().with_max_iter(20).with_tol(0.0);
    let mut group = criterion.benchmark_group("log/behaviour_20_steps");
    group.sample_size(10).throughput(Throughput::Elements(20 * replay.n_rows() as u64));
    group.bench_function(BenchmarkId::from_parameter(replay.n_rows()), |bencher| {
        bencher.iter(|| params.fit(&replay).unwrap());
    });
    group.finish();
}

criterion_group!(benches, building, serving, behaviour);
criterion_main!(benches);
