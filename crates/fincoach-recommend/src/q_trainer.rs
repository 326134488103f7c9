//! Training step by step.

use fincoach_core::nn::{AdamRates, Dropout, Moments, StateDict};
use fincoach_core::rng::{derived, stream};
use fincoach_core::{DataError, ParamError};

use crate::alpha::Alpha;
use crate::mlp::Plan;
use crate::q_loss::{Rule, Sums};
use crate::q_network::QNetwork;
use crate::q_part::{Part, Work};
use crate::{CqlParams, Error, QData, TargetUpdate};

/// Transitions of a part of a batch. Parts can be worked on side by side and are added up in order, so that the number of
/// threads changes no bit; the size is fixed, as another one would.
const PART: usize = 64;

/// The loss of one step and its parts, means over the batch and the heads.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct QLosses {
    /// `td + alpha · conservative`.
    pub loss: f64,
    /// What the errors of the temporal differences cost.
    pub td: f64,
    /// The log loss of softmax(Q) for the actions taken.
    pub conservative: f64,
    /// The weight of the conservative part in this step.
    pub alpha: f64,
}

/// Conservative Q-learning one step at a time, for any states and any number of actions.
///
/// [`CqlParams`] `::fit` is this trainer on a log; use it directly for other states and actions, to watch or stop the
/// training at any step, and to go on later: saved and read back, it takes the same steps to the last bit as if it had never stopped. Data is
/// taken as it is; standardise states first where their columns differ in size.
///
/// A step costs `O(batch · (n_inputs + hidden + n_heads·n_actions) · hidden)` and allocates nothing after the first.
/// Batches above 64 transitions are shared among the threads there are.
///
/// # Examples
/// ```
/// use fincoach_core::{Artifact, ndarray::Array2};
/// use fincoach_recommend::{CqlParams, QData, QStep, QTrainer};
///
/// // Action 1 pays in every state, and every story is over at once.
/// let states = Array2::from_shape_fn((64, 2), |(row, column)| (row * (column + 1) % 7) as f32 / 7.0);
/// let steps = (0..64).map(|row| QStep { action: row % 2, reward: (row % 2) as f32, discount: 0.0 });
/// let data = QData::new(2, states.clone(), states.clone(), steps.collect())?;
///
/// let params = CqlParams::double_dqn().with_hidden(16).with_dropout(0.0).with_learning_rate(0.01);
/// let mut trainer = QTrainer::new(&params, [2, 2])?;
/// for _ in 0..300 {
///     trainer.step(&data)?;
/// }
/// let saved = trainer.to_bytes()?;
/// let mut other = QTrainer::from_bytes(&saved)?;
/// assert_eq!(trainer.step(&data)?, other.step(&data)?);
/// let values = trainer.network()?.q_values(states.mapv(f64::from).view())?;
/// assert!(values[(5, 1)] > 0.9 && values[(5, 0)] < 0.1);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct QTrainer {
    pub(crate) params: CqlParams,
    pub(crate) n_actions: usize,
    pub(crate) plan: Plan,
    pub(crate) state: State,
    seeds: Seeds,
    room: Room,
}

/// All that a step changes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) online: Vec<f32>,
    pub(crate) target: Vec<f32>,
    pub(crate) moments: Moments,
    pub(crate) alpha: Alpha,
    pub(crate) n_steps: u64,
    pub(crate) place: Place,
}

/// Where the pass over the data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    /// Passes that are finished.
    pub(crate) epoch: u64,
    /// Transitions that this pass has used.
    pub(crate) used: usize,
    /// Rows of the data of this pass; 0 between passes.
    pub(crate) n_rows: usize,
}

#[derive(Clone, Copy, Debug)]
struct Seeds {
    order: u64,
    dropout: u64,
}

/// Memory that steps use and that holds nothing between them.
#[derive(Clone, Debug)]
struct Room {
    parts: Vec<Part>,
    gradients: Vec<f32>,
    /// The order of this pass; empty where it has to be drawn again.
    order: Vec<usize>,
}

impl PartialEq for QTrainer {
    /// Whether both will take the same steps.
    fn eq(&self, other: &Self) -> bool {
        self.params == other.params && self.n_actions == other.n_actions && self.state == other.state
    }
}

impl QTrainer {
    /// A trainer before its first step, its start weights drawn from stream 0 of the seed.
    ///
    /// # Errors
    /// [`Error::Param`] for a parameter out of range, or no inputs or actions.
    pub fn new(params: &CqlParams, [n_inputs, n_actions]: [usize; 2]) -> Result<Self, Error> {
        params.check()?;
        ParamError::ensure(n_inputs >= 1, "n_inputs", "at least 1", n_inputs)?;
        ParamError::ensure(n_actions >= 1, "n_actions", "at least 1", n_actions)?;
        let sizes = [n_inputs, params.hidden(), n_actions * params.n_heads()];
        let start = QNetwork::start(sizes, &mut stream(params.seed(), 0)).state()?;
        let weights = Plan::new(sizes).take(&start, "")?;
        Ok(Self::started(params, [n_inputs, n_actions], weights))
    }

    /// A trainer that starts with the weights of this network.
    ///
    /// # Errors
    /// [`Error::Param`] for a parameter out of range, [`Error::Data`] where the network has other hidden units or heads
    /// than the parameters say.
    pub fn from_network(params: &CqlParams, network: &QNetwork) -> Result<Self, Error> {
        params.check()?;
        DataError::ensure_len("hidden units", params.hidden(), network.hidden())?;
        DataError::ensure_len("heads", params.n_heads(), network.n_heads())?;
        let sizes = [network.n_inputs(), params.hidden(), network.n_outputs() * network.n_heads()];
        let weights = Plan::new(sizes).take(&network.state()?, "")?;
        Ok(Self::started(params, [network.n_inputs(), network.n_outputs()], weights))
    }

    fn started(params: &CqlParams, sizes: [usize; 2], weights: Vec<f32>) -> Self {
        let state = State {
            moments: Moments::at_rest(weights.len()),
            target: weights.clone(),
            online: weights,
            alpha: Alpha::new(params),
            n_steps: 0,
            place: Place { epoch: 0, used: 0, n_rows: 0 },
        };
        Self::of_state(params.clone(), sizes, state)
    }

    pub(crate) fn of_state(params: CqlParams, [n_inputs, n_actions]: [usize; 2], state: State) -> Self {
        let plan = Plan::new([n_inputs, params.hidden(), n_actions * params.n_heads()]);
        let seeds = Seeds {
            order: derived(params.seed(), "cql order"),
            dropout: derived(params.seed(), "cql dropout"),
        };
        let room = Room { parts: Vec::new(), gradients: vec![0.0; plan.n_weights()], order: Vec::new() };
        Self { params, n_actions, plan, state, seeds, room }
    }

    /// The parameters.
    #[must_use]
    pub const fn params(&self) -> &CqlParams {
        &self.params
    }

    /// The steps taken so far.
    #[must_use]
    pub const fn n_steps(&self) -> u64 {
        self.state.n_steps
    }

    /// The passes over the data that [`QTrainer::step`] has finished.
    #[must_use]
    pub const fn n_epochs(&self) -> u64 {
        self.state.place.epoch
    }

    /// The weight that the conservative part has in the next step.
    #[must_use]
    pub const fn alpha(&self) -> f64 {
        self.state.alpha.value()
    }

    /// The network as trained so far.
    ///
    /// # Errors
    /// [`Error::Artifact`] when weights are no longer numbers.
    pub fn network(&self) -> Result<QNetwork, Error> {
        self.network_of(&self.state.online)
    }

    /// The network that values next states.
    ///
    /// # Errors
    /// As [`QTrainer::network`].
    pub fn target(&self) -> Result<QNetwork, Error> {
        self.network_of(&self.state.target)
    }

    fn network_of(&self, weights: &[f32]) -> Result<QNetwork, Error> {
        let mut state = StateDict::new();
        self.plan.put(weights, "", &mut state)?;
        Ok(QNetwork::from_state(&state, self.params.n_heads())?)
    }

    /// One step on the next batch of a pass over the data, which is newly shuffled for each pass: in pass `e` by stream `e`
    /// of a seed derived of ours. The last batch of a pass may be smaller.
    ///
    /// # Errors
    /// As [`QTrainer::step_on`], and [`Error::Data`] when the data has another number of rows than the pass began with.
    pub fn step(&mut self, data: &QData) -> Result<QLosses, Error> {
        let n_rows = data.n_rows();
        let Place { epoch, used, n_rows: before } = self.state.place;
        if before != 0 {
            DataError::ensure_len("rows of a pass that has begun", before, n_rows)?;
        }
        let mut order = std::mem::take(&mut self.room.order);
        if before == 0 || order.len() != n_rows {
            order = stream(self.seeds.order, epoch).permutation(n_rows);
        }
        let end = used.saturating_add(self.params.batch_size()).min(n_rows);
        let losses = self.step_on(data, &order[used..end]);
        self.room.order = order;
        let losses = losses?;
        self.state.place = Place { epoch, used: end, n_rows };
        if end == n_rows {
            self.state.place = Place { epoch: epoch.saturating_add(1), used: 0, n_rows: 0 };
            if self.params.target_update() == TargetUpdate::EveryEpoch {
                self.follow(self.params.tau());
            }
        }
        Ok(losses)
    }

    /// One step on these rows of the data, as many as there are.
    ///
    /// # Errors
    /// [`Error::Data`] for a row that is not there, no rows, or data of other sizes; [`Error::Diverged`] when the loss is no
    /// number, after which the trainer is of no use.
    pub fn step_on(&mut self, data: &QData, rows: &[usize]) -> Result<QLosses, Error> {
        self.check(data, rows)?;
        let alpha = self.state.alpha.value();
        let sums = self.gradients(data, rows);
        let losses = QLosses {
            loss: sums.td + alpha * sums.conservative,
            td: sums.td,
            conservative: sums.conservative,
            alpha,
        };
        if !losses.loss.is_finite() {
            let epoch = usize::try_from(self.state.place.epoch).unwrap_or(usize::MAX);
            return Err(Error::Diverged { epoch, loss: losses.loss });
        }
        self.state.n_steps = self.state.n_steps.saturating_add(1);
        self.state.alpha.step(&self.params, losses.conservative, self.state.n_steps);
        let rate = self.params.learning_rate();
        let rates = AdamRates::of_step(self.state.n_steps, rate);
        let rates = rates.with_decay(rate, self.params.weight_decay());
        self.state.moments.step(&mut self.state.online, &self.room.gradients, rates);
        match self.params.target_update() {
            TargetUpdate::EveryStep => self.follow(self.params.tau()),
            TargetUpdate::CopyEvery(n) if (self.state.n_steps - 1).is_multiple_of(n) => self.follow(1.0),
            TargetUpdate::CopyEvery(_) | TargetUpdate::EveryEpoch => {}
        }
        Ok(losses)
    }

    fn check(&self, data: &QData, rows: &[usize]) -> Result<(), DataError> {
        DataError::ensure_len("columns of the states", self.plan.n_inputs(), data.n_columns())?;
        DataError::ensure_len("actions", self.n_actions, data.n_actions())?;
        if let Some(n_heads) = data.n_heads() {
            DataError::ensure_len("heads with weights", self.params.n_heads(), n_heads)?;
        }
        if rows.is_empty() {
            return Err(DataError::Empty { what: "rows of a step" });
        }
        match rows.iter().find(|row| **row >= data.n_rows()) {
            None => Ok(()),
            Some(row) => {
                let (what, allowed) = ("number of the row", "below the number of rows");
                Err(DataError::OutOfRange { row: *row, what, allowed, value: *row as f64 })
            }
        }
    }

    /// Works out the gradients of the loss on these rows, and gives its parts.
    pub(crate) fn gradients(&mut self, data: &QData, rows: &[usize]) -> Sums {
        let Room { parts, gradients, .. } = &mut self.room;
        let dropout = Dropout::new(self.params.dropout());
        while parts.len() < rows.len().div_ceil(PART) {
            parts.push(Part::new(&self.plan, PART, dropout));
        }
        let parts = &mut parts[..rows.len().div_ceil(PART)];
        let work = Work {
            plan: &self.plan,
            n_heads: self.params.n_heads(),
            online: &self.state.online,
            target: &self.state.target,
            data,
            rule: Rule::new(&self.params, self.state.alpha.value()),
            params: &self.params,
            share: 1.0 / (rows.len() * self.params.n_heads()) as f32,
            dropout,
        };
        // 2²⁰ parts of a step have a stream each.
        let stream_of = |part: usize| stream(self.seeds.dropout, (self.state.n_steps << 20) + part as u64);
        work.share_out(parts, rows.chunks(PART), stream_of);
        let mut sums = Sums::default();
        for (index, part) in parts.iter().enumerate() {
            sums.td += part.sums.td;
            sums.conservative += part.sums.conservative;
            if index == 0 {
                gradients.copy_from_slice(part.gradients());
            } else {
                gradients.iter_mut().zip(part.gradients()).for_each(|(sum, value)| *sum += value);
            }
        }
        sums
    }

    #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
    fn follow(&mut self, tau: f64) {
        let (kept, moved) = ((1.0 - tau) as f32, tau as f32);
        for (target, online) in self.state.target.iter_mut().zip(&self.state.online) {
            *target = kept * *target + moved * online;
        }
    }
}

#[cfg(test)]
mod tests;
