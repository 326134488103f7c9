//! What takes the steps of a training: passes written by hand, or the tensor library.

use candle_core::{Device, Tensor};
use fincoach_core::ArtifactError;
use fincoach_core::nn::{Adam, Dropout, StateDict, VarSet};
use fincoach_core::rng::{Rng, stream};

use super::examples::Examples;
use super::training::share;
use super::{Engine, Loss, LstmParams, graph};
use crate::Error;
use crate::engine::{Chances, Optimiser, Plan, Pointwise, Step, Workers};

/// The stream of the seed that dropout of the tensor library draws from.
const DROPOUT: u64 = 2;
/// The first of the streams that the pieces of the steps draw from.
const STEPS: u64 = 1 << 32;

/// Examples computed at once when only the loss is wanted.
const VALIDATION_BATCH: usize = 512;

pub(super) enum Machine {
    Fused(Box<Fused>),
    Tensors(Box<Tensors>),
}

/// Passes written by hand.
pub(super) struct Fused {
    plan: Plan,
    weights: Vec<f32>,
    workers: Workers,
    optimiser: Optimiser,
    step: Step,
    chances: Chances,
}

/// The graph of the tensor library.
pub(super) struct Tensors {
    params: LstmParams,
    vars: VarSet,
    adam: Adam,
    dropout: Rng,
}

impl Machine {
    pub(super) fn new(params: &LstmParams, start: &StateDict) -> Result<Self, Error> {
        match params.engine() {
            Engine::Fused => Ok(Self::Fused(Box::new(Fused::new(params, start)?))),
            Engine::Tensors => {
                let vars = VarSet::new(start).map_err(|error| Error::computation(&error))?;
                let adam = Adam::new(&vars, params.learning_rate());
                let dropout = stream(params.seed(), DROPOUT);
                Ok(Self::Tensors(Box::new(Tensors { params: params.clone(), vars, adam, dropout })))
            }
        }
    }

    /// One step of Adam; the mean loss before it.
    pub(super) fn step(&mut self, examples: &Examples, which: &[usize]) -> Result<f64, Error> {
        match self {
            Self::Fused(fused) => Ok(fused.step(examples, which)),
            Self::Tensors(tensors) => {
                tensors.step(examples, which).map_err(|error| Error::computation(&error))
            }
        }
    }

    /// The mean loss of all examples.
    pub(super) fn loss(&mut self, examples: &Examples) -> Result<f64, Error> {
        let all: Vec<usize> = (0..examples.n).collect();
        match self {
            Self::Fused(fused) => Ok(fused.workers.loss(&fused.weights, examples, &all)),
            Self::Tensors(tensors) => {
                tensors.loss(examples, &all).map_err(|error| Error::computation(&error))
            }
        }
    }

    /// The weights as they are.
    pub(super) fn state(&self) -> Result<StateDict, Error> {
        match self {
            Self::Fused(fused) => fused.plan.put(&fused.weights).map_err(|error| computation(&error)),
            Self::Tensors(tensors) => tensors.vars.state().map_err(|error| Error::computation(&error)),
        }
    }
}

impl Fused {
    fn new(params: &LstmParams, start: &StateDict) -> Result<Self, Error> {
        let shape = |name: &str, axis: usize| -> Result<usize, Error> {
            let weights = start.require(name).map_err(|error| computation(&error))?;
            Ok(weights.shape.get(axis).copied().unwrap_or(0))
        };
        let plan = Plan {
            n_inputs: shape("lstm.weight_ih_l0", 1)?,
            tables: Vec::new(),
            hidden: params.hidden(),
            layers: params.layers(),
            n_outputs: shape("fc.weight", 0)?,
            steps: params.window(),
            head_steps: 1,
        };
        let loss = match params.loss() {
            Loss::Squared => Pointwise::Squared,
            Loss::Huber => Pointwise::Huber,
        };
        let weights = plan.take(start).map_err(|error| computation(&error))?;
        let step = Step { learning_rate: params.learning_rate(), clip: f64::INFINITY, decay: 0.0 };
        let chances = Chances { dropout: Dropout::new(params.dropout()), seed: params.seed(), step: STEPS };
        let optimiser = Optimiser::new(weights.len());
        Ok(Self { workers: Workers::new(&plan, loss), plan, weights, optimiser, step, chances })
    }

    fn step(&mut self, examples: &Examples, which: &[usize]) -> f64 {
        let loss = self.workers.learn(&self.weights, (examples, which), self.chances);
        self.chances.step += 1;
        self.optimiser.step(&mut self.weights, self.workers.gradients(), self.step);
        loss
    }
}

impl Tensors {
    fn step(&mut self, examples: &Examples, which: &[usize]) -> candle_core::Result<f64> {
        let (windows, targets) = tensors(examples, which)?;
        let outputs = graph::outputs(&self.params, &self.vars, &windows, Some(&mut self.dropout))?;
        let loss = graph::loss(self.params.loss(), &outputs, &targets)?;
        self.adam.step(&loss.backward()?)?;
        mean_of(&loss)
    }

    fn loss(&self, examples: &Examples, all: &[usize]) -> candle_core::Result<f64> {
        let mut total = 0.0;
        for which in all.chunks(VALIDATION_BATCH) {
            let (windows, targets) = tensors(examples, which)?;
            let outputs = graph::outputs(&self.params, &self.vars, &windows, None)?;
            let loss = graph::loss(self.params.loss(), &outputs, &targets)?;
            total += mean_of(&loss)? * share(which.len(), examples.n);
        }
        Ok(total)
    }
}

fn computation(error: &ArtifactError) -> Error {
    Error::Computation { reason: error.to_string() }
}

fn tensors(examples: &Examples, which: &[usize]) -> candle_core::Result<(Tensor, Tensor)> {
    let (x, y) = examples.batch(which);
    let windows = Tensor::from_vec(x, (examples.window, which.len(), examples.n_inputs), &Device::Cpu)?;
    let targets = Tensor::from_vec(y, (which.len(), examples.n_outputs), &Device::Cpu)?;
    Ok((windows, targets))
}

fn mean_of(loss: &Tensor) -> candle_core::Result<f64> {
    loss.to_scalar::<f32>().map(f64::from)
}
