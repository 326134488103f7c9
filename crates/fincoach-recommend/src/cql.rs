//! Training by conservative Q-learning.

use candle_core::{Device, Result as TensorResult, Tensor};
use fincoach_core::nn::{Adam, VarSet, dropout, linear};
use fincoach_core::rng::{Rng, stream};
use fincoach_core::{
    Action, ArtifactError, Control, Fit, FitReport, Outcome, Progress, StandardScaler, Step, ndarray,
};

use crate::cql_policy::About;
use crate::q_network::{LAYERS, QNetwork};
use crate::{CqlParams, CqlPolicy, Ended, Error, Replay, TargetUpdate, error};

impl Fit<Replay> for CqlParams {
    type Model = CqlPolicy;
    type Error = Error;

    /// Standardises the states and trains the network; one progress step and one value of each curve
    /// (`loss`, `td`, `conservative`: means over transitions) an epoch.
    ///
    /// # Errors
    /// [`Error::Param`], [`Error::Diverged`], and [`Error::Data`] when states are too large to standardise.
    fn fit_with(&self, replay: &Replay, progress: &mut dyn Progress) -> Result<CqlPolicy, Error> {
        self.check()?;
        let scaler = StandardScaler::fit(replay.states().values())?;
        let log = Log::new(replay, &scaler)?;
        let mut trainer = Trainer::new(self, &log)?;
        let mut curves = [const { Vec::new() }; 3];
        let total = self.n_epochs().min(self.max_steps().div_ceil(log.n_rows().div_ceil(self.batch_size())));
        let mut outcome = Outcome::MaxIter;
        for epoch in 0..total {
            let losses = trainer.epoch(&log)?;
            if let Some(loss) = losses.iter().find(|loss| !loss.is_finite()) {
                return Err(Error::Diverged { epoch, loss: *loss });
            }
            for (curve, loss) in curves.iter_mut().zip(losses) {
                curve.push(loss);
            }
            let step = Step::new("cql", epoch as u64 + 1, total as u64).with_loss(losses[0]);
            if progress.step(&step) == Control::Stop {
                outcome = Outcome::Stopped;
                break;
            }
        }
        let network = trainer.network().map_err(|error| diverged(error, curves[0].len()))?;
        let columns = replay.columns().to_vec();
        let (params, report) = (self.clone(), report(outcome, curves));
        CqlPolicy::new(network, About { columns, scaler, params, report, temperature: 1.0 })
    }
}

fn report(outcome: Outcome, [loss, td, conservative]: [Vec<f64>; 3]) -> FitReport {
    FitReport::new(outcome)
        .with_curve("loss", loss)
        .with_curve("td", td)
        .with_curve("conservative", conservative)
}

/// Weights that are no numbers after a step whose loss still was one.
fn diverged(error: Error, n_epochs: usize) -> Error {
    match error {
        Error::Artifact(ArtifactError::Damaged { .. }) => {
            Error::Diverged { epoch: n_epochs.saturating_sub(1), loss: f64::INFINITY }
        }
        other => other,
    }
}

/// The replay in the form of tensors: `f32`, states standardised.
pub(crate) struct Log {
    n_columns: usize,
    states: Vec<f32>,
    next_states: Vec<f32>,
    actions: Vec<u32>,
    rewards: Vec<f32>,
    /// 1 where the story goes on, else 0.
    alive: Vec<f32>,
}

impl Log {
    #[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
    pub(crate) fn new(replay: &Replay, scaler: &StandardScaler) -> Result<Self, Error> {
        let scaled = |values: ndarray::ArrayView2<'_, f64>| -> Result<Vec<f32>, Error> {
            Ok(scaler.transform(values)?.iter().map(|value| *value as f32).collect())
        };
        let steps = replay.transitions();
        Ok(Self {
            n_columns: replay.columns().len(),
            states: scaled(replay.states().values())?,
            next_states: scaled(replay.next_states())?,
            actions: steps.iter().map(|step| step.action().index() as u32).collect(),
            rewards: steps.iter().map(|step| step.reward() as f32).collect(),
            alive: steps.iter().map(|step| f32::from(u8::from(step.ended() != Ended::Terminal))).collect(),
        })
    }

    fn n_rows(&self) -> usize {
        self.actions.len()
    }

    pub(crate) fn batch(&self, rows: &[usize]) -> TensorResult<Batch> {
        let wide = |values: &[f32]| {
            let n = self.n_columns;
            let taken: Vec<f32> =
                rows.iter().flat_map(|row| &values[row * n..(row + 1) * n]).copied().collect();
            Tensor::from_vec(taken, (rows.len(), n), &Device::Cpu)
        };
        let narrow = |values: &[f32]| {
            let taken: Vec<f32> = rows.iter().map(|row| values[*row]).collect();
            Tensor::from_vec(taken, rows.len(), &Device::Cpu)
        };
        let actions: Vec<u32> = rows.iter().map(|row| self.actions[*row]).collect();
        Ok(Batch {
            states: wide(&self.states)?,
            next_states: wide(&self.next_states)?,
            actions: Tensor::from_vec(actions, (rows.len(), 1), &Device::Cpu)?,
            rewards: narrow(&self.rewards)?,
            alive: narrow(&self.alive)?,
        })
    }
}

/// The transitions of one step.
pub(crate) struct Batch {
    states: Tensor,
    next_states: Tensor,
    actions: Tensor,
    rewards: Tensor,
    alive: Tensor,
}

/// The parts of the loss, each a scalar.
pub(crate) struct Losses {
    pub(crate) td: Tensor,
    pub(crate) conservative: Tensor,
}

impl Batch {
    /// The loss parts for these values of the states and of the next states.
    pub(crate) fn losses(&self, q: &Tensor, next_q: &Tensor, gamma: f64) -> TensorResult<Losses> {
        let best_next = (next_q.detach().max(1)? * gamma)?;
        let target = (&self.rewards + (&self.alive * best_next)?)?;
        let taken = q.gather(&self.actions, 1)?.squeeze(1)?;
        Ok(Losses {
            td: (&taken - target)?.sqr()?.mean_all()?,
            conservative: (q.log_sum_exp(1)? - &taken)?.mean_all()?,
        })
    }
}

struct Trainer<'a> {
    params: &'a CqlParams,
    online: VarSet,
    target: VarSet,
    adam: Adam,
    order: Rng,
    masks: Rng,
    steps_left: usize,
}

impl<'a> Trainer<'a> {
    fn new(params: &'a CqlParams, log: &Log) -> Result<Self, Error> {
        let sizes = [log.n_columns, params.hidden(), Action::ALL.len()];
        let start = QNetwork::start(sizes, &mut stream(params.seed(), 0)).state()?;
        let set = || VarSet::new(&start).map_err(|cause| error::tensor(&cause));
        let (online, target) = (set()?, set()?);
        let adam = Adam::new(&online, params.learning_rate());
        let [order, masks] = [1, 2].map(|unit| stream(params.seed(), unit));
        Ok(Self { params, online, target, adam, order, masks, steps_left: params.max_steps() })
    }

    /// One pass over the log; gives the means of the loss and of its two parts.
    fn epoch(&mut self, log: &Log) -> Result<[f64; 3], Error> {
        let (mut sums, mut n_rows) = ([0.0; 3], 0);
        for rows in self.order.permutation(log.n_rows()).chunks(self.params.batch_size()) {
            if self.steps_left == 0 {
                break;
            }
            let losses = self.step(&log.batch(rows).map_err(|cause| error::tensor(&cause))?);
            let losses = losses.map_err(|cause| error::tensor(&cause))?;
            for (sum, loss) in sums.iter_mut().zip(losses) {
                *sum += loss * rows.len() as f64;
            }
            n_rows += rows.len();
            self.steps_left -= 1;
        }
        if self.params.target_update() == TargetUpdate::EveryEpoch {
            self.follow().map_err(|cause| error::tensor(&cause))?;
        }
        Ok(sums.map(|sum| sum / n_rows as f64))
    }

    fn step(&mut self, batch: &Batch) -> TensorResult<[f64; 3]> {
        let q = forward(&self.online, &batch.states, Some((self.params.dropout(), &mut self.masks)))?;
        let next_q = forward(&self.target, &batch.next_states, None)?;
        let losses = batch.losses(&q, &next_q, self.params.gamma())?;
        let loss = (&losses.td + (&losses.conservative * self.params.alpha())?)?;
        self.adam.step(&loss.backward()?)?;
        if self.params.target_update() == TargetUpdate::EveryStep {
            self.follow()?;
        }
        let value = |tensor: &Tensor| tensor.to_scalar::<f32>().map(f64::from);
        Ok([value(&loss)?, value(&losses.td)?, value(&losses.conservative)?])
    }

    fn follow(&self) -> TensorResult<()> {
        self.target.soft_update(&self.online, self.params.tau())
    }

    fn network(&self) -> Result<QNetwork, Error> {
        let state = self.online.state().map_err(|cause| error::tensor(&cause))?;
        Ok(QNetwork::from_state(&state)?)
    }
}

/// The network as a graph that gradients flow through; where a share and a generator are given, that share
/// of each hidden layer is dropped out.
pub(crate) fn forward(
    weights: &VarSet,
    states: &Tensor,
    mut dropped: Option<(f64, &mut Rng)>,
) -> TensorResult<Tensor> {
    let layer = |flow: &Tensor, name: &str| {
        linear(flow, weights.get(&format!("{name}.weight"))?, weights.get(&format!("{name}.bias"))?)
    };
    let [first, second, last] = LAYERS;
    let mut flow = states.clone();
    for name in [first, second] {
        flow = layer(&flow, name)?.relu()?;
        if let Some((share, rng)) = &mut dropped {
            flow = dropout(flow, *share, Some(rng))?;
        }
    }
    layer(&flow, last)
}

#[cfg(test)]
mod tests;
