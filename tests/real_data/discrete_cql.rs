//! Conservative Q-learning beside d3rlpy: step by step on given batches, and on a game that can be played.

use fincoach::core::ndarray::{Array2, ArrayView2, Axis, concatenate};
use fincoach::recommend::{
    CqlParams, NextValue, QData, QLayer, QNetwork, QStep, QTrainer, TargetUpdate, TdLoss,
};
use rayon::prelude::*;
use safetensors::{Dtype, SafeTensors};

use super::{cartpole, data};

pub(crate) const TESTS: super::Tests = &[
    (
        "every step has the losses that d3rlpy has and the values come out alike",
        every_step_has_the_losses_that_d3rlpy_has_and_the_values_come_out_alike,
    ),
    ("the game gives every state that was logged", the_game_gives_every_state_that_was_logged),
    (
        "from a random log the conservative learner plays well and better than without that part",
        from_a_random_log_the_conservative_learner_plays_well_and_better_than_without_that_part,
    ),
];

/// Tensors of a file in 32 bits, each with its shape; actions come in 64.
struct Tensors(Vec<u8>);

impl Tensors {
    fn read(name: &str) -> Self {
        Self(std::fs::read(data::golden(&format!("discrete_cql/{name}.safetensors"))).unwrap())
    }

    fn get(&self, name: &str) -> (Vec<usize>, Vec<f32>) {
        let all = SafeTensors::deserialize(&self.0).unwrap();
        let tensor = all.tensor(name).unwrap();
        let bytes = tensor.data();
        let values = if tensor.dtype() == Dtype::F32 {
            bytes.chunks(4).map(|word| f32::from_le_bytes(word.try_into().unwrap())).collect()
        } else {
            assert_eq!(tensor.dtype(), Dtype::I64, "{name}");
            bytes.chunks(8).map(|word| i64::from_le_bytes(word.try_into().unwrap()) as f32).collect()
        };
        (tensor.shape().to_vec(), values)
    }

    fn matrix(&self, name: &str) -> Array2<f32> {
        let (shape, values) = self.get(name);
        let width = shape[shape.len() - 1];
        Array2::from_shape_vec((values.len() / width, width), values).unwrap()
    }

    fn layer(&self, name: &str) -> QLayer {
        (self.matrix(&format!("0.{name}.weight")), self.get(&format!("0.{name}.bias")).1)
    }
}

/// The 300 batches of 32 as one log, batch after batch.
fn batches() -> QData {
    let file = Tensors::read("batches");
    let numbers = |name| file.get(name).1;
    let (actions, rewards, terminal) = (numbers("action"), numbers("reward"), numbers("terminal"));
    let step = |row: usize| QStep {
        action: actions[row] as usize,
        reward: rewards[row],
        discount: 0.99 * (1.0 - terminal[row]),
    };
    let steps = (0..actions.len()).map(step).collect();
    QData::new(2, file.matrix("observation"), file.matrix("next_observation"), steps).unwrap()
}

fn every_step_has_the_losses_that_d3rlpy_has_and_the_values_come_out_alike() {
    let batches = batches();
    for alpha in [0.0, 1.0, 4.0] {
        let path = data::golden(&format!("discrete_cql/trace_alpha{alpha:.1}.json"));
        let trace: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let start = Tensors::read(&format!("init_alpha{alpha:.1}"));
        let layers = ["_encoder._layers.0", "_encoder._layers.2", "_fc"].map(|name| start.layer(name));
        let params = CqlParams::default()
            .with_hidden(256)
            .with_dropout(0.0)
            .with_learning_rate(1e-3)
            .with_alpha(alpha)
            .with_td_loss(TdLoss::Huber)
            .with_next_value(NextValue::Double)
            .with_target_update(TargetUpdate::CopyEvery(50));
        let mut trainer = QTrainer::from_network(&params, &QNetwork::from_layers(layers).unwrap()).unwrap();
        let mut worst = 0.0_f64;
        for step in 0..300 {
            let rows: Vec<usize> = (step * 32..(step + 1) * 32).collect();
            let ours = trainer.step_on(&batches, &rows).unwrap();
            let theirs = |part: &str| trace["losses"][step][part].as_f64().unwrap();
            worst = worst.max((ours.loss - theirs("loss")).abs());
            worst = worst.max((ours.td - theirs("td_loss")).abs());
            assert!(worst < 1e-4, "alpha {alpha}, step {step}: {ours:?} {}", trace["losses"][step]);
        }
        let rows = |name: &str| -> Array2<f64> {
            let rows: Vec<Vec<f64>> = serde_json::from_value(trace[name].clone()).unwrap();
            let rows: Vec<Array2<f64>> = rows
                .iter()
                .map(|row| ArrayView2::from_shape((1, row.len()), row).unwrap().to_owned())
                .collect();
            concatenate(Axis(0), &rows.iter().map(Array2::view).collect::<Vec<_>>()).unwrap()
        };
        let values = trainer.network().unwrap().q_values(rows("probe").view()).unwrap();
        let apart = (values - rows("q_after")).mapv(f64::abs).into_iter().fold(0.0, f64::max);
        assert!(apart < 1e-3, "alpha {alpha}: {apart}");
        println!("alpha {alpha}: losses within {worst:.1e}, values within {apart:.1e}");
    }
}

fn the_game_gives_every_state_that_was_logged() {
    let rows = cartpole::read(&data::file("cartpole_random.csv"));
    for (row, next) in cartpole::pairs(&rows) {
        let expected = cartpole::pushed(row.state, row.action);
        for (got, expected) in next.state.iter().zip(expected) {
            assert!((got - expected).abs() < 3e-7, "{row:?} {next:?}");
        }
        assert_eq!(cartpole::fallen(next.state), next.terminal, "{next:?}");
    }
}

/// The mean return of the greedy policy after 20,000 steps, the mean of three seeds.
fn learnt(params: &CqlParams, log: &QData) -> f64 {
    let play = |seed: u64| {
        let mut trainer = QTrainer::new(&params.clone().with_seed(seed), [4, 2]).unwrap();
        for _ in 0..20_000 {
            trainer.step(log).unwrap();
        }
        cartpole::mean_return(&trainer.network().unwrap(), 20, 100 + seed)
    };
    let returns: Vec<f64> = (0..3).into_par_iter().map(play).collect();
    println!("alpha {}: {returns:?}", params.alpha());
    returns.iter().sum::<f64>() / 3.0
}

fn from_a_random_log_the_conservative_learner_plays_well_and_better_than_without_that_part() {
    let log = cartpole::transitions(&cartpole::read(&data::file("cartpole_random.csv")), 0.99).unwrap();
    let params = CqlParams::double_dqn()
        .with_hidden(256)
        .with_dropout(0.0)
        .with_learning_rate(6.25e-5)
        .with_td_loss(TdLoss::Huber)
        .with_target_update(TargetUpdate::CopyEvery(1000));
    let (plain, conservative) = (learnt(&params, &log), learnt(&params.with_alpha(1.0), &log));
    assert!(conservative >= 190.0 && conservative > plain, "{conservative} {plain}");
}
