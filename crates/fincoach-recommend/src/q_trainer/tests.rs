use fincoach_core::ndarray::Array2;
use fincoach_core::rng::Rng;
use fincoach_core::{Action, ActionSet, Artifact, FeatureTable, RowKey, StandardScaler};

use super::*;
use crate::{Ended, NextValue, QStep, Replay, TdLoss, Transition};

#[path = "../../benches/candle_peer/mod.rs"]
mod candle_peer;

use candle_peer::{Batch, Peer, tensor};

const N: usize = 12;
const COLUMNS: usize = 3;
const ACTIONS: usize = 4;
const HIDDEN: usize = 6;

/// Every combination of what the loss can be.
fn settings() -> Vec<(CqlParams, QData)> {
    let mut all = Vec::new();
    for option in 0..64_usize {
        let has = |bit: usize| option >> bit & 1 == 1;
        let n_heads = if has(0) { 3 } else { 1 };
        let params = CqlParams::default()
            .with_hidden(HIDDEN)
            .with_n_heads(n_heads)
            .with_gamma(0.9)
            .with_alpha(if has(5) { 2.0 } else { 0.0 })
            .with_dropout(if has(1) { 0.3 } else { 0.0 })
            .with_td_loss(if has(2) { TdLoss::Huber } else { TdLoss::Squared })
            .with_next_value(if has(3) { NextValue::Double } else { NextValue::Max });
        let data = data(has(4));
        all.push((params, if has(0) { data.bootstrapped(n_heads, 5) } else { data }));
    }
    all.push((CqlParams::cloning().with_hidden(HIDDEN), data(true)));
    all
}

fn data(masked: bool) -> QData {
    let mut rng = stream(11, 0);
    let mut draw = || Array2::from_shape_fn((N, COLUMNS), |_| rng.normal() as f32);
    let (states, next_states) = (draw(), draw());
    let step = |row: usize| QStep {
        action: row % ACTIONS,
        reward: 3.0 * (row as f32 / 4.0 - 1.0),
        discount: [0.9, 0.0, 0.81, 0.9][row / 3],
    };
    let data = QData::new(ACTIONS, states, next_states, (0..N).map(step).collect()).unwrap();
    if !masked {
        return data;
    }
    let now = Array2::from_shape_fn((N, ACTIONS), |(row, action)| {
        action == row % ACTIONS || !(row + action).is_multiple_of(3)
    });
    let next = Array2::from_shape_fn((N, ACTIONS), |(row, action)| (row + action) % 4 < 2);
    data.with_allowed(now, next).unwrap()
}

/// A trainer whose two networks differ.
fn trainer(params: &CqlParams) -> QTrainer {
    let mut trainer = QTrainer::new(params, [COLUMNS, ACTIONS]).unwrap();
    let other = QTrainer::new(&params.clone().with_seed(9), [COLUMNS, ACTIONS]).unwrap();
    trainer.state.target = other.state.online;
    trainer
}

/// The factors of dropout in the first step.
fn masks(trainer: &QTrainer) -> [Vec<f32>; 2] {
    let mut rng = stream(trainer.seeds.dropout, 0);
    [(); 2].map(|()| {
        let mut mask = vec![1.0; N * HIDDEN];
        Dropout::new(trainer.params.dropout()).apply(&mut mask, &mut rng);
        mask
    })
}

fn dict(trainer: &QTrainer, weights: &[f32]) -> StateDict {
    let mut state = StateDict::new();
    trainer.plan.put(weights, "", &mut state).unwrap();
    state
}

fn batch(trainer: &QTrainer, data: &QData) -> Batch {
    let rows: Vec<usize> = (0..N).collect();
    let wide = |of: &dyn Fn(usize) -> Vec<f32>| rows.iter().flat_map(|row| of(*row)).collect::<Vec<f32>>();
    let n_heads = trainer.params.n_heads();
    let number = |allowed: bool| f32::from(u8::from(allowed));
    let mask = |next: bool| {
        wide(&|row| match data.allowed(row) {
            None => vec![1.0; ACTIONS],
            Some((now, after)) => if next { after } else { now }.iter().map(|may| number(*may)).collect(),
        })
    };
    let actions: Vec<u32> = rows.iter().map(|row| data.steps()[*row].action as u32).collect();
    Batch {
        states: tensor(wide(&|row| data.state(row).to_vec()), &[N, COLUMNS]),
        next_states: tensor(wide(&|row| data.next_state(row).to_vec()), &[N, COLUMNS]),
        actions: candle_core::Tensor::from_vec(actions, N, &candle_core::Device::Cpu).unwrap(),
        rewards: tensor(wide(&|row| vec![data.steps()[row].reward]), &[N]),
        discounts: tensor(wide(&|row| vec![data.steps()[row].discount]), &[N]),
        allowed: [tensor(mask(false), &[N, ACTIONS]), tensor(mask(true), &[N, ACTIONS])],
        weights: tensor(
            wide(&|row| (0..n_heads).map(|head| data.weight(row, head)).collect()),
            &[N, n_heads],
        ),
        masks: masks(trainer).map(|mask| tensor(mask, &[N, HIDDEN])),
    }
}

#[test]
fn gradients_equal_those_of_the_tensor_library_for_every_combination() {
    let rows: Vec<usize> = (0..N).collect();
    for (params, data) in settings().into_iter().filter(|(params, _)| params.td_loss() != TdLoss::Off) {
        let mut trainer = trainer(&params);
        let rule = candle_peer::Rule {
            huber: params.td_loss() == TdLoss::Huber,
            double: params.next_value() == NextValue::Double,
            alpha: params.alpha(),
            n_heads: params.n_heads(),
        };
        let (online, target) = (dict(&trainer, &trainer.state.online), dict(&trainer, &trainer.state.target));
        let peer = Peer::new(&online, &target, rule).unwrap();
        let (gradients, [_, td, conservative]) = peer.gradients(&batch(&trainer, &data)).unwrap();
        let sums = trainer.gradients(&data, &rows);
        assert!((sums.td - td).abs() < 1e-5 * td.abs().max(1.0), "{params:?}: {sums:?} {td}");
        assert!((sums.conservative - conservative).abs() < 1e-5, "{params:?}: {sums:?} {conservative}");
        for (name, weights) in dict(&trainer, &trainer.room.gradients).iter() {
            let theirs = gradients.get(peer.online.get(name).unwrap()).unwrap().flatten_all().unwrap();
            for (ours, theirs) in weights.data.iter().zip(theirs.to_vec1::<f32>().unwrap()) {
                assert!((ours - theirs).abs() < 1e-5 * theirs.abs().max(1.0), "{name}: {ours} {theirs}");
            }
        }
    }
}

/// The network written out again in `f64`, with dropout factors for both hidden layers.
fn reference_q(weights: &StateDict, state: &[f32], masks: [&[f32]; 2]) -> Vec<f64> {
    let mut flow: Vec<f64> = state.iter().map(|value| f64::from(*value)).collect();
    for (index, layer) in crate::q_network::LAYERS.iter().enumerate() {
        let weight = &weights.get(&format!("{layer}.weight")).unwrap().data;
        let bias = &weights.get(&format!("{layer}.bias")).unwrap().data;
        let row = |unit: usize| {
            let row = &weight[unit * flow.len()..(unit + 1) * flow.len()];
            f64::from(bias[unit]) + row.iter().zip(&flow).map(|(w, x)| f64::from(*w) * x).sum::<f64>()
        };
        let sums: Vec<f64> = (0..bias.len()).map(row).collect();
        flow = match masks.get(index) {
            None => sums,
            Some(mask) => sums.iter().zip(*mask).map(|(sum, m)| sum.max(0.0) * f64::from(*m)).collect(),
        };
    }
    flow
}

/// What the next states are worth to each head, in `f64`; no gradient flows through it.
fn reference_worth(trainer: &QTrainer, data: &QData) -> Vec<Vec<f64>> {
    let ones = [1.0; HIDDEN];
    let nets = [&trainer.state.online, &trainer.state.target].map(|weights| dict(trainer, weights));
    let row = |row: usize| {
        let [online, target] =
            [0, 1].map(|net| reference_q(&nets[net], data.next_state(row), [&ones, &ones]));
        let chooser = if trainer.params.next_value() == NextValue::Double { &online } else { &target };
        let head = |head: usize| {
            let at = |action: usize| head * ACTIONS + action;
            let may = |action: &usize| data.allowed(row).is_none_or(|(_, next)| next[*action]);
            let best = (0..ACTIONS).filter(may).max_by(|a, b| chooser[at(*a)].total_cmp(&chooser[at(*b)]));
            target[at(best.unwrap())]
        };
        (0..trainer.params.n_heads()).map(head).collect()
    };
    (0..N).map(row).collect()
}

/// The loss written out again from the formula in the documentation of [`CqlParams`].
fn reference_loss(trainer: &QTrainer, data: &QData, online: &StateDict, worth: &[Vec<f64>]) -> f64 {
    let (params, masks) = (&trainer.params, masks(trainer));
    let n_heads = params.n_heads();
    let case = |row: usize, head: usize, q: &[f64]| {
        let step = data.steps()[row];
        let q = &q[head * ACTIONS..(head + 1) * ACTIONS];
        let y = f64::from(step.reward) + f64::from(step.discount) * worth[row][head];
        let error = q[step.action] - y;
        let cost = match params.td_loss() {
            TdLoss::Squared => error.powi(2),
            TdLoss::Huber if error.abs() <= 1.0 => 0.5 * error.powi(2),
            TdLoss::Huber => error.abs() - 0.5,
            TdLoss::Off => 0.0,
        };
        let may = |action: usize| data.allowed(row).is_none_or(|(now, _)| now[action]);
        let total: f64 = (0..ACTIONS).filter(|action| may(*action)).map(|action| q[action].exp()).sum();
        f64::from(data.weight(row, head)) * (cost + params.alpha() * (total.ln() - q[step.action]))
    };
    let row = |row: usize| {
        let mask = |layer: usize| &masks[layer][row * HIDDEN..(row + 1) * HIDDEN];
        let q = reference_q(online, data.state(row), [mask(0), mask(1)]);
        (0..n_heads).map(|head| case(row, head, &q)).sum::<f64>()
    };
    (0..N).map(row).sum::<f64>() / (N * n_heads) as f64
}

#[test]
fn gradients_are_the_slopes_of_the_documented_loss_for_every_combination() {
    let rows: Vec<usize> = (0..N).collect();
    for (params, data) in settings() {
        let mut trainer = trainer(&params);
        let sums = trainer.gradients(&data, &rows);
        let online = dict(&trainer, &trainer.state.online);
        let worth = reference_worth(&trainer, &data);
        let expected = reference_loss(&trainer, &data, &online, &worth);
        let told = sums.td + params.alpha() * sums.conservative;
        assert!((told - expected).abs() < 1e-5 * expected.abs().max(1.0), "{params:?}: {told} {expected}");
        let gradients = dict(&trainer, &trainer.room.gradients);
        for (name, weights) in online.iter() {
            // Every seventh weight: with the rest the test takes seconds.
            for at in (0..weights.data.len()).step_by(7) {
                let shifted = |by: f32| {
                    let (mut moved, mut values) = (online.clone(), weights.data.clone());
                    values[at] += by;
                    let width = f64::from(values[at]);
                    moved.insert(name, &weights.shape, values).unwrap();
                    (reference_loss(&trainer, &data, &moved, &worth), width)
                };
                // A power of two, so that the shifted f32 weights are exact.
                let step = 1.0 / 4096.0;
                let ((up, right), (down, left)) = (shifted(step), shifted(-step));
                let slope = (up - down) / (right - left);
                let gradient = f64::from(gradients.get(name).unwrap().data[at]);
                // A ReLU that switches within the step would be an error of the step, not of the gradient.
                assert!((slope - gradient).abs() < 2e-3, "{params:?} {name} {at}: {slope} {gradient}");
            }
        }
    }
}

fn larger(n_rows: usize) -> QData {
    let mut rng: Rng = stream(21, 0);
    let mut draw = || Array2::from_shape_fn((n_rows, COLUMNS), |_| rng.normal() as f32);
    let (states, next_states) = (draw(), draw());
    let step = |row: usize| QStep { action: row % ACTIONS, reward: states[(row, 0)], discount: 0.9 };
    let steps = (0..n_rows).map(step).collect();
    QData::new(ACTIONS, states, next_states, steps).unwrap()
}

/// Options whose state has to be saved.
fn full() -> CqlParams {
    CqlParams::default()
        .with_hidden(10)
        .with_n_heads(2)
        .with_batch_size(24)
        .with_next_value(NextValue::Double)
        .with_weight_decay(0.01)
        .with_alpha_threshold(Some(0.5))
        .with_target_update(TargetUpdate::CopyEvery(7))
}

#[test]
fn going_on_from_a_file_gives_the_bits_of_never_having_stopped() {
    let data = larger(100).bootstrapped(2, 3);
    for params in [full(), full().with_target_update(TargetUpdate::EveryEpoch), CqlParams::default()] {
        let data = if params.n_heads() == 1 { larger(100) } else { data.clone() };
        let mut whole = QTrainer::new(&params, [COLUMNS, ACTIONS]).unwrap();
        let mut parts = whole.clone();
        // Five steps are an epoch: it stops within one, between two, and before the first step.
        for stop in [0, 3, 2, 6] {
            for _ in 0..stop {
                assert_eq!(whole.step(&data).unwrap(), parts.step(&data).unwrap());
            }
            let bytes = parts.to_bytes().unwrap();
            parts = QTrainer::from_bytes(&bytes).unwrap();
            assert_eq!(parts, whole);
            assert_eq!(parts.to_bytes().unwrap(), bytes);
        }
        assert_eq!(whole.n_steps(), 11);
    }
}

#[test]
fn batches_shared_among_threads_give_the_same_bits() {
    let data = larger(300);
    let on = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| {
            let params = full().with_n_heads(1).with_batch_size(200);
            let mut trainer = QTrainer::new(&params, [COLUMNS, ACTIONS]).unwrap();
            for _ in 0..6 {
                trainer.step(&data).unwrap();
            }
            trainer.to_bytes().unwrap()
        })
    };
    assert_eq!(on(1), on(2));
    assert_eq!(on(1), on(3));
}

#[test]
fn a_batch_in_parts_has_the_gradient_of_the_whole() {
    let data = larger(150);
    let params = CqlParams::default().with_hidden(8).with_dropout(0.0);
    let mut trainer = QTrainer::new(&params, [COLUMNS, ACTIONS]).unwrap();
    let mut mean = vec![0.0; trainer.plan.n_weights()];
    for row in 0..150 {
        trainer.gradients(&data, &[row]);
        mean.iter_mut().zip(&trainer.room.gradients).for_each(|(sum, value)| *sum += value / 150.0);
    }
    trainer.gradients(&data, &(0..150).collect::<Vec<_>>());
    for (whole, mean) in trainer.room.gradients.iter().zip(mean) {
        assert!((whole - mean).abs() < 1e-5, "{whole} {mean}");
    }
}

#[test]
fn a_damaged_training_is_an_error() {
    let mut trainer = QTrainer::new(&full(), [COLUMNS, ACTIONS]).unwrap();
    trainer.step(&larger(100)).unwrap();
    let bytes = trainer.to_bytes().unwrap();
    fincoach_testkit::check_damage::<QTrainer>(&bytes);
    let broken = |change: &dyn Fn(&mut State)| {
        let mut other = trainer.clone();
        change(&mut other.state);
        QTrainer::from_bytes(&other.to_bytes().unwrap()).is_err()
    };
    assert!(broken(&|state| state.moments.second[3] = -1.0));
    assert!(broken(&|state| state.online[0] = f32::NAN));
    assert!(broken(&|state| state.place.used = 200));
}

#[test]
fn what_does_not_fit_is_refused() {
    let params = CqlParams::default().with_hidden(4);
    let mut trainer = QTrainer::new(&params, [COLUMNS, ACTIONS]).unwrap();
    let data = larger(20);
    assert!(matches!(trainer.step_on(&data, &[20]), Err(Error::Data(DataError::OutOfRange { .. }))));
    assert!(matches!(trainer.step_on(&data, &[]), Err(Error::Data(DataError::Empty { .. }))));
    assert!(trainer.step(&data.clone().bootstrapped(2, 1)).is_err());
    assert!(QTrainer::new(&params, [0, 1]).is_err() && QTrainer::new(&params, [1, 0]).is_err());
    assert!(QTrainer::from_network(&full(), &trainer.network().unwrap()).is_err());
    let small = params.with_batch_size(8);
    let mut trainer = QTrainer::new(&small, [COLUMNS, ACTIONS]).unwrap();
    trainer.step(&data).unwrap();
    assert!(matches!(trainer.step(&larger(21)), Err(Error::Data(DataError::Length { .. }))));
}

#[test]
fn a_tuned_alpha_brings_the_conservative_part_to_its_threshold() {
    // One state, an action taken seven times in ten that pays nothing, and a rare one that pays 2. The part is
    // ln(3 + e²) - 0.2 = 2.1 where the values are the rewards, and 0.9 where softmax(Q) is the log.
    let states = Array2::from_elem((40, 1), 1.0);
    let step = |row: usize| {
        let action = [0, 0, 0, 0, 0, 0, 0, 1, 2, 3][row % 10];
        QStep { action, reward: if action == 1 { 2.0 } else { 0.0 }, discount: 0.0 }
    };
    let data = QData::new(ACTIONS, states.clone(), states, (0..40).map(step).collect()).unwrap();
    for (start, threshold) in [(0.01, 1.3), (5.0, 1.3), (1.0, 1.8)] {
        let params = CqlParams::default()
            .with_hidden(8)
            .with_dropout(0.0)
            .with_batch_size(40)
            .with_alpha(start)
            .with_alpha_threshold(Some(threshold))
            .with_alpha_learning_rate(0.01);
        let mut trainer = QTrainer::new(&params, [1, ACTIONS]).unwrap();
        let conservative: Vec<f64> = (0..4000).map(|_| trainer.step(&data).unwrap().conservative).collect();
        let mean = conservative[3000..].iter().sum::<f64>() / 1000.0;
        assert!((mean - threshold).abs() < 0.02, "{mean} for {threshold}, alpha {}", trainer.alpha());
    }
}

#[test]
fn weight_decay_shrinks_what_the_loss_does_not_hold() {
    let norm = |decay: f64| {
        let params = CqlParams::default().with_hidden(16).with_weight_decay(decay);
        let mut trainer = QTrainer::new(&params, [COLUMNS, ACTIONS]).unwrap();
        for _ in 0..200 {
            trainer.step(&larger(64)).unwrap();
        }
        trainer.state.online.iter().map(|weight| f64::from(*weight).powi(2)).sum::<f64>()
    };
    assert!(norm(1.0) < 0.9 * norm(0.0));
}

#[test]
fn a_log_is_discounted_by_the_time_that_passed_and_cut_only_at_its_end() {
    let as_of = fincoach_core::chrono::NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    let keys = (0..3).map(|user| RowKey { user: user.to_string(), as_of }).collect();
    let states =
        FeatureTable::new(keys, ["x"], Array2::from_shape_fn((3, 1), |(row, _)| row as f64)).unwrap();
    let quiet = ActionSet::ALL.without(Action::SpendingAlert);
    let steps = vec![
        Transition::new(Action::SavingsNudge, 1.0).with_elapsed(2.0),
        Transition::new(Action::SavingsNudge, 1.0).with_ended(Ended::Terminal),
        Transition::new(Action::SavingsNudge, 1.0).with_ended(Ended::Truncated).with_allowed(quiet, quiet),
    ];
    let replay = Replay::new(states.clone(), states.values().to_owned(), steps).unwrap();
    let scaler = StandardScaler::fit(states.values()).unwrap();
    let data = QData::of_replay(&replay, &scaler, 0.5).unwrap();
    let discounts: Vec<f32> = data.steps().iter().map(|step| step.discount).collect();
    assert_eq!(discounts, [0.25, 0.0, 0.5]);
    assert_eq!(data.allowed(2).unwrap().0, quiet.mask());
    assert_eq!(data.allowed(0).unwrap().1, [true; 5]);
}
