use fincoach_core::ndarray::Array2;
use fincoach_core::nn::{StateDict, dropout_mask};
use fincoach_core::{FeatureTable, RowKey};

use super::*;
use crate::Transition;

const SIZES: [usize; 3] = [3, 6, 5];

fn log() -> Log {
    let mut rng = stream(11, 0);
    let as_of = fincoach_core::chrono::NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    let keys = (0..8).map(|user| RowKey { user: user.to_string(), as_of }).collect();
    let mut draw = || Array2::from_shape_fn((8, 3), |_| rng.normal());
    let (states, next_states) = (FeatureTable::new(keys, ["a", "b", "c"], draw()).unwrap(), draw());
    let step = |row: usize| {
        let ended = if row == 3 { Ended::Terminal } else { Ended::No };
        Transition::new(Action::ALL[row % 5], row as f64 / 4.0 - 0.5).with_ended(ended)
    };
    let replay = Replay::new(states, next_states, (0..8).map(step).collect()).unwrap();
    let scaler = StandardScaler::fit(replay.states().values()).unwrap();
    Log::new(&replay, &scaler).unwrap()
}

fn weights(unit: u64) -> StateDict {
    QNetwork::start(SIZES, &mut stream(12, unit)).state().unwrap()
}

/// The network written out again in `f64`, with dropout factors for both hidden layers.
fn reference_q(weights: &StateDict, state: &[f32], masks: [&[f32]; 2]) -> Vec<f64> {
    let mut flow: Vec<f64> = state.iter().map(|value| f64::from(*value)).collect();
    for (index, layer) in LAYERS.iter().enumerate() {
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

/// The loss written out again from the formula in the documentation of [`CqlParams`].
fn reference_loss(online: &StateDict, target: &StateDict, log: &Log, masks: &[Vec<f32>; 2]) -> f64 {
    let (gamma, alpha, n) = (0.9, 5.0, log.n_rows());
    let ones = [1.0; 6];
    let row = |row: usize| {
        let mask = |layer: usize| &masks[layer][row * 6..(row + 1) * 6];
        let q = reference_q(online, &log.states[row * 3..row * 3 + 3], [mask(0), mask(1)]);
        let next = reference_q(target, &log.next_states[row * 3..row * 3 + 3], [&ones, &ones]);
        let best = next.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let y = f64::from(log.rewards[row]) + if row == 3 { 0.0 } else { gamma * best };
        let taken = q[log.actions[row] as usize];
        (taken - y).powi(2) + alpha * (q.iter().map(|q| q.exp()).sum::<f64>().ln() - taken)
    };
    (0..n).map(row).sum::<f64>() / n as f64
}

#[test]
fn the_gradient_is_that_of_the_documented_loss() {
    let (log, online, target) = (log(), weights(0), weights(1));
    let mut rng = stream(13, 0);
    let masks = [(); 2].map(|()| dropout_mask(&mut rng, 8 * 6, 0.3));
    let (vars, target_vars) = (VarSet::new(&online).unwrap(), VarSet::new(&target).unwrap());
    let batch = log.batch(&(0..8).collect::<Vec<_>>()).unwrap();
    let q = forward(&vars, &batch.states, Some((0.3, &mut stream(13, 0)))).unwrap();
    let next_q = forward(&target_vars, &batch.next_states, None).unwrap();
    let losses = batch.losses(&q, &next_q, 0.9).unwrap();
    let loss = (losses.td + (losses.conservative * 5.0).unwrap()).unwrap();
    let told = f64::from(loss.to_scalar::<f32>().unwrap());
    assert!((told - reference_loss(&online, &target, &log, &masks)).abs() < 1e-5, "{told}");

    let gradients = loss.backward().unwrap();
    for (name, weights) in online.iter() {
        let gradient = gradients.get(vars.get(name).unwrap()).unwrap().flatten_all().unwrap();
        for (at, gradient) in gradient.to_vec1::<f32>().unwrap().into_iter().enumerate() {
            // A power of two, so that the shifted f32 weights are exact.
            let step = 1.0 / 1024.0;
            let shifted = |by: f32| {
                let (mut moved, mut data) = (online.clone(), weights.data.clone());
                data[at] += by;
                let width = f64::from(data[at]);
                moved.insert(name, &weights.shape, data).unwrap();
                (reference_loss(&moved, &target, &log, &masks), width)
            };
            let ((up, right), (down, left)) = (shifted(step), shifted(-step));
            let slope = (up - down) / (right - left);
            // A ReLU that switches within the step would be an error of the step, not of the gradient.
            assert!((slope - f64::from(gradient)).abs() < 2e-3, "{name} {at}: {slope} {gradient}");
        }
    }
}

#[test]
fn the_plain_network_and_the_graph_give_the_same_values() {
    let network = QNetwork::start([35, 128, 5], &mut stream(14, 0));
    let vars = VarSet::new(&network.state().unwrap()).unwrap();
    let mut rng = stream(14, 1);
    let states = Array2::from_shape_fn((64, 35), |_| rng.normal());
    let inputs: Vec<f32> = states.iter().map(|value| *value as f32).collect();
    let inputs = Tensor::from_vec(inputs, (64, 35), &Device::Cpu).unwrap();
    let graph = forward(&vars, &inputs, None).unwrap().to_vec2::<f32>().unwrap();
    let plain = network.q_values(states.view()).unwrap();
    for (row, values) in graph.iter().enumerate() {
        for (action, value) in values.iter().enumerate() {
            assert!((plain[(row, action)] - f64::from(*value)).abs() < 1e-5);
        }
    }
}
