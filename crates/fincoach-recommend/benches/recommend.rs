//! Training steps a second, beside those of the tensor library, and the time of one answer, at the notebook's sizes
//! (35–128–128–5).
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark stops when something is wrong")]

mod candle_peer;

use candle_peer::{Batch, Peer, Rule, tensor};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::Array2;
use fincoach_core::nn::{StateDict, dropout_mask, uniform};
use fincoach_core::rng::{Rng, stream};
use fincoach_core::{FeatureTable, Fit, RowKey};
use fincoach_recommend::{
    BanditContext, CqlParams, InterventionLog, LinThompson, MaskRules, NotebookTransitions, QData, QStep,
    QTrainer, Recommender, Replay, Request, RuleInput, Strategy, StrategyChooser,
};

// As in every binary of ours: glibc gives the pages of each step back to the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SIZES: [usize; 3] = [35, 128, 5];
const STEPS: usize = 50;

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

/// Transitions of which nothing can be learnt.
fn noise(n_rows: usize) -> QData {
    let mut rng = stream(3, 0);
    let mut draw = || Array2::from_shape_fn((n_rows, SIZES[0]), |_| rng.normal() as f32);
    let (states, next_states) = (draw(), draw());
    let step = |_| QStep {
        action: rng.below(SIZES[2]),
        reward: rng.normal() as f32,
        discount: if rng.bernoulli(0.1) { 0.0 } else { 0.99 },
    };
    let steps = (0..n_rows).map(step).collect();
    QData::new(SIZES[2], states, next_states, steps).unwrap()
}

/// Ours: a batch gathered, both networks forward, loss, backward pass, Adam, target moved, losses read out.
fn training(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("recommend/train_steps");
    group.sample_size(20).throughput(Throughput::Elements(STEPS as u64));
    for batch_size in [32, 256] {
        let log = noise(batch_size * STEPS);
        let params = CqlParams::default().with_batch_size(batch_size);
        let mut trainer = QTrainer::new(&params, [SIZES[0], SIZES[2]]).unwrap();
        group.bench_function(BenchmarkId::from_parameter(batch_size), |bencher| {
            bencher.iter(|| (0..STEPS).map(|_| trainer.step(&log).unwrap().loss).sum::<f64>());
        });
        let mut peer = peer();
        let mut rng = stream(4, 0);
        group.bench_function(BenchmarkId::new("candle", batch_size), |bencher| {
            bencher.iter(|| {
                for rows in rng.permutation(log.n_rows()).chunks(batch_size) {
                    let batch = gathered(&log, rows, &mut rng);
                    peer.step(&batch, 0.005).unwrap();
                }
            });
        });
    }
    group.finish();
}

fn peer() -> Peer {
    let mut rng = stream(5, 0);
    let mut start = StateDict::new();
    for (name, [n_outputs, n_inputs]) in
        [("network.0", [128, 35]), ("network.3", [128, 128]), ("network.6", [5, 128])]
    {
        let weight = uniform(&mut rng, n_outputs * n_inputs, 0.1);
        start.insert(&format!("{name}.weight"), &[n_outputs, n_inputs], weight).unwrap();
        start.insert(&format!("{name}.bias"), &[n_outputs], vec![0.0; n_outputs]).unwrap();
    }
    Peer::new(&start, &start, Rule { huber: false, double: false, alpha: 5.0, n_heads: 1 }).unwrap()
}

fn gathered(log: &QData, rows: &[usize], rng: &mut Rng) -> Batch {
    let n = rows.len();
    let ones = |width: usize| tensor(vec![1.0; n * width], &[n, width]);
    let steps: Vec<QStep> = rows.iter().map(|row| log.steps()[*row]).collect();
    let actions: Vec<u32> = steps.iter().map(|step| step.action as u32).collect();
    let wide = |states: &Array2<f32>| {
        let width = states.ncols();
        let values = rows.iter().flat_map(|row| states.row(*row).to_vec()).collect();
        tensor(values, &[n, width])
    };
    Batch {
        states: wide(log.states()),
        next_states: wide(log.next_states()),
        actions: candle_core::Tensor::from_vec(actions, n, &candle_core::Device::Cpu).unwrap(),
        rewards: tensor(steps.iter().map(|step| step.reward).collect(), &[n]),
        discounts: tensor(steps.iter().map(|step| step.discount).collect(), &[n]),
        allowed: [(); 2].map(|()| ones(SIZES[2])),
        weights: ones(1),
        masks: [(); 2].map(|()| tensor(dropout_mask(rng, n * SIZES[1], 0.2), &[n, SIZES[1]])),
    }
}

/// A whole fit on few users, as the pipeline does it.
fn fitting(criterion: &mut Criterion) {
    let log = replay(50);
    criterion.bench_function("recommend/fit/50", |bencher| {
        bencher.iter(|| CqlParams::default().fit(&log).unwrap());
    });
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
    group.bench_function("strategy/1000", |bencher| {
        bencher.iter(|| recommender.recommend_with(&users, Strategy::Cautious).unwrap());
    });
    group.finish();
}

/// One user a request, as a service is asked: rules on what may not be said, a log of everyone, a contextual bandit.
fn serving(criterion: &mut Criterion) {
    let everyone = table(1000);
    let policy = CqlParams::default().with_n_heads(5).with_n_epochs(2).fit(&replay(64)).unwrap();
    let segments: Vec<usize> = (0..1000).map(|user| user % 5).collect();
    let context = BanditContext::fit(&everyone, &RuleInput::COLUMNS, 5).unwrap();
    let bandit = LinThompson::new(5, context.len()).unwrap().with_forgetting(0.999).unwrap();
    let chooser = StrategyChooser::new(bandit, Some(context)).unwrap().with_rules(MaskRules::usual());
    let mut recommender = Recommender::with_chooser(policy, chooser).unwrap();
    let day = |day| NaiveDate::from_ymd_opt(2024, 2, day).unwrap().into();
    let mut log = InterventionLog::default();
    let mut rng = stream(6, 0);
    for moment in 1..=10 {
        let request = Request::new(&everyone).with_segments(&segments).with_log(&log).at(day(moment));
        let given = recommender.recommend(request, &mut rng).unwrap();
        for one in given {
            log.record(&one.user, one.log_entry()).unwrap();
            recommender.feedback(one.decision.unwrap(), rng.normal()).unwrap();
        }
    }
    let user = everyone.take(&[7]).unwrap();
    let request = Request::new(&user).with_segments(&segments[7..8]).with_log(&log).at(day(11));
    let mut group = criterion.benchmark_group("recommend/serve");
    group.bench_function("best", |bencher| bencher.iter(|| recommender.recommend_best(request).unwrap()));
    group.bench_function("policy_card", |bencher| {
        bencher.iter(|| recommender.policy().card(&user, 0, &[]).unwrap());
    });
    group.bench_function("advice_card", |bencher| {
        bencher.iter(|| recommender.card(request, 0, Strategy::Learned).unwrap());
    });
    group.bench_function("decide_and_learn", |bencher| {
        bencher.iter(|| {
            let given = recommender.recommend(request, &mut rng).unwrap();
            recommender.feedback(given[0].decision.unwrap(), 0.5).unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, training, fitting, answering, serving);
criterion_main!(benches);
