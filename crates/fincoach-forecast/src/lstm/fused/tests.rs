//! The fused layer against the tensor library's own, step by step, and against finite differences.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor, Var};
use candle_nn::rnn::{LSTMConfig, RNN, lstm};
use candle_nn::{VarBuilder, VarMap};
use fincoach_core::nn::{StateDict, VarSet, uniform};
use fincoach_core::rng::stream;

use crate::lstm::{Loss, LstmNetwork, LstmParams, graph};

const DAYS: usize = 7;

fn setting(hidden: usize, n_inputs: usize, n_outputs: usize) -> (LstmParams, StateDict) {
    let params = LstmParams::default().with_hidden(hidden).with_layers(2);
    let mut rng = stream(3, 0);
    let mut state = StateDict::new();
    for (name, shape) in params.shapes(n_inputs, n_outputs) {
        state.insert(&name, &shape, uniform(&mut rng, shape.iter().product(), 0.6)).unwrap();
    }
    (params, state)
}

fn windows(batch: usize, n_inputs: usize) -> Tensor {
    let values = uniform(&mut stream(4, 0), DAYS * batch * n_inputs, 2.0);
    Tensor::from_vec(values, (DAYS, batch, n_inputs), &Device::Cpu).unwrap()
}

/// The same network out of the tensor library's own layers.
fn plain(vars: &VarMap, state: &StateDict, hidden: usize, input: &Tensor) -> Tensor {
    for (name, weights) in state.iter() {
        let tensor = Tensor::from_slice(&weights.data, weights.shape.as_slice(), &Device::Cpu).unwrap();
        vars.data()
            .lock()
            .unwrap()
            .entry(name.to_owned())
            .or_insert_with(|| Var::from_tensor(&tensor).unwrap());
    }
    let builder = VarBuilder::from_varmap(vars, DType::F32, &Device::Cpu);
    let mut states = input.transpose(0, 1).unwrap().contiguous().unwrap();
    for layer in 0..2 {
        let config = LSTMConfig { layer_idx: layer, ..LSTMConfig::default() };
        let width = states.dim(2).unwrap();
        let layer = lstm(width, hidden, config, builder.pp("lstm")).unwrap();
        let steps: Vec<Tensor> = layer.seq(&states).unwrap().iter().map(|step| step.h().clone()).collect();
        states = Tensor::stack(&steps, 1).unwrap();
    }
    let last = states.narrow(1, DAYS - 1, 1).unwrap().squeeze(1).unwrap();
    let get = |name: &str| vars.data().lock().unwrap()[name].as_tensor().clone();
    last.matmul(&get("fc.weight").t().unwrap()).unwrap().broadcast_add(&get("fc.bias")).unwrap()
}

fn difference(a: &Tensor, b: &Tensor) -> f32 {
    (a - b).unwrap().abs().unwrap().flatten_all().unwrap().max(0).unwrap().to_scalar().unwrap()
}

#[test]
fn outputs_and_gradients_equal_the_step_by_step_layers() {
    let (params, state) = setting(64, 11, 11);
    let (vars, own) = (VarMap::new(), VarSet::new(&state).unwrap());
    let input = windows(9, 11);
    let (a, b) = (graph::outputs(&params, &own, &input, None).unwrap(), plain(&vars, &state, 64, &input));
    assert!(difference(&a, &b) < 2e-6, "{}", difference(&a, &b));
    let gradients = |outputs: &Tensor| outputs.sqr().unwrap().mean_all().unwrap().backward().unwrap();
    let (ours, theirs) = (gradients(&a), gradients(&b));
    let names: BTreeMap<String, Var> = vars.data().lock().unwrap().clone().into_iter().collect();
    assert_eq!(names.len(), 10);
    for (name, var) in &names {
        let (a, b) = (ours.get(own.get(name).unwrap()).unwrap(), theirs.get(var).unwrap());
        let size = b.abs().unwrap().flatten_all().unwrap().max(0).unwrap().to_scalar::<f32>().unwrap();
        assert!(difference(a, b) < 2e-6 * size.max(1.0), "{name}: {} of {size}", difference(a, b));
    }
}

#[test]
fn gradients_equal_finite_differences() {
    let (params, state) = setting(3, 2, 2);
    let input = windows(4, 2);
    let targets = Tensor::from_vec(uniform(&mut stream(5, 0), 8, 2.0), (4, 2), &Device::Cpu).unwrap();
    for kind in [Loss::Squared, Loss::Huber] {
        let loss = |state: &StateDict| {
            let vars = VarSet::new(state).unwrap();
            let loss = graph::loss(kind, &graph::outputs(&params, &vars, &input, None).unwrap(), &targets);
            (vars, loss.unwrap())
        };
        let (vars, at) = loss(&state);
        let gradients = at.backward().unwrap();
        let value = |state: &StateDict| f64::from(loss(state).1.to_scalar::<f32>().unwrap());
        for (name, weights) in state.iter() {
            let ours: Vec<f32> =
                gradients.get(vars.get(name).unwrap()).unwrap().flatten_all().unwrap().to_vec1().unwrap();
            for at in 0..weights.data.len() {
                let moved = |by: f32| {
                    let mut data = weights.data.clone();
                    data[at] += by;
                    let mut state = state.clone();
                    state.insert(name, &weights.shape, data).unwrap();
                    value(&state)
                };
                // f32 losses carry 7 digits: a wide step and the fourth-order formula keep 4 of the slope.
                let step = 0.02_f32;
                let near = moved(step) - moved(-step);
                let far = moved(2.0 * step) - moved(-2.0 * step);
                let slope = (8.0 * near - far) / (12.0 * f64::from(step));
                assert!((f64::from(ours[at]) - slope).abs() < 1e-4, "{name}[{at}]: {} {slope}", ours[at]);
            }
        }
    }
}

#[test]
fn the_plain_loops_answer_as_the_tensors_do() {
    let (params, state) = setting(64, 11, 22);
    let input = windows(5, 11);
    let tensor = graph::outputs(&params, &VarSet::new(&state).unwrap(), &input, None).unwrap();
    let network = LstmNetwork::from_state(&state).unwrap();
    for (row, expected) in tensor.to_vec2::<f32>().unwrap().into_iter().enumerate() {
        let window = input.narrow(1, row, 1).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        for (got, expected) in network.run(&window).unwrap().iter().zip(expected) {
            assert!((got - expected).abs() < 2e-6 * expected.abs().max(1.0), "{got} {expected}");
        }
    }
}

#[test]
fn a_backward_pass_without_a_forward_pass_is_an_error_not_a_panic() {
    use candle_core::CustomOp2 as _;
    let (input, weights) = (windows(1, 2), Tensor::zeros((12, 6), DType::F32, &Device::Cpu).unwrap());
    assert!(super::FusedLayer::new(3).bwd(&input, &weights, &input, &input).is_err());
}
