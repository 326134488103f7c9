//! A training that can be stopped, saved and gone on with.

use fincoach_core::nn::{Dropout, StateDict};
use fincoach_core::rng::stream;
use fincoach_core::{DataError, FitReport, Outcome};
use serde::{Deserialize, Serialize};

use super::frame::{Frame, Norms, Widths};
use super::{GlobalNetwork, GlobalParams, SeriesSet};
use crate::Error;
use crate::engine::{Chances, Optimiser, Plan, Step, Workers};

/// Streams of the seed: start weights; dropout, one for each piece of each step; order, one for each epoch.
const START: u64 = 0;
const STEPS: u64 = 1 << 32;
const ORDER: u64 = 1 << 40;

/// What the linear layer starts at, times PyTorch's start: the first forecasts are the profile.
const HEAD: f32 = 0.0;

/// The mean losses of one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochLosses {
    /// Over the steps, with dropout.
    pub training: f64,
    /// On the validation days, where there are any.
    pub watched: Option<f64>,
}

/// A global network in training. Saved between two epochs and loaded, it goes on with the same bits.
///
/// # Examples
/// ```
/// use fincoach_core::{Artifact, ndarray::Array2};
/// use fincoach_forecast::{GlobalParams, GlobalTrainer, SeriesSet};
/// let values = Array2::from_shape_fn((2, 60), |(series, day)| (1 + series + day % 7) as f64);
/// let set = SeriesSet::of_one_target(values, Array2::from_elem((2, 60), true))?;
/// let params = GlobalParams::default().with_hidden(4).with_window(14).with_horizon(7);
/// let mut trainer = params.trainer(&set)?;
/// trainer.epoch(&set)?;
/// let mut resumed = GlobalTrainer::from_bytes(&trainer.to_bytes()?)?;
/// assert_eq!(trainer.epoch(&set)?, resumed.epoch(&set)?);
/// assert_eq!(trainer.network()?, resumed.network()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GlobalTrainer {
    pub(super) params: GlobalParams,
    pub(super) widths: Widths,
    pub(super) norms: Norms,
    pub(super) plan: Plan,
    pub(super) weights: Vec<f32>,
    pub(super) optimiser: Optimiser,
    pub(super) losses: Vec<EpochLosses>,
    pub(super) best: Option<Best>,
}

/// The weights of the lowest watched loss.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Best {
    pub(super) weights: Vec<f32>,
    pub(super) loss: f64,
    /// Counted from 1.
    pub(super) epoch: usize,
}

impl GlobalParams {
    /// A training before its first epoch. Days of the validation part are not read but for watching.
    ///
    /// # Errors
    /// [`Error::Param`], [`Error::Data`] for a set without series or targets.
    pub fn trainer(&self, set: &SeriesSet) -> Result<GlobalTrainer, Error> {
        self.check()?;
        if set.n_series() == 0 || set.n_targets() == 0 {
            return Err(DataError::Empty { what: "series" }.into());
        }
        let (widths, norms) = (Widths::of(set), Norms::fit(set, self.training_end(set))?);
        let plan = widths.plan(self);
        let start = plan.start(&mut stream(self.seed(), START), HEAD);
        let weights = start.and_then(|start| plan.take(&start)).map_err(|error| computation(&error))?;
        let optimiser = Optimiser::new(weights.len());
        let params = self.clone();
        Ok(GlobalTrainer { params, widths, norms, plan, weights, optimiser, losses: Vec::new(), best: None })
    }

    fn training_end(&self, set: &SeriesSet) -> usize {
        set.n_days().saturating_sub(self.validation_days())
    }

    /// Days from which is forecast so that all of the forecast lies before `end`, every `stride` back from
    /// the last. A set too short for `first_origin` begins where it can.
    pub(super) fn origins(&self, first: usize, end: usize) -> Vec<usize> {
        let Some(last) = end.checked_sub(self.horizon()).filter(|last| *last > 0) else { return Vec::new() };
        let first = first.clamp(1, last);
        let mut days: Vec<usize> = (first..=last).rev().step_by(self.stride()).collect();
        days.reverse();
        days
    }
}

impl GlobalTrainer {
    /// The parameters.
    #[must_use]
    pub const fn params(&self) -> &GlobalParams {
        &self.params
    }

    /// The losses of the epochs so far.
    #[must_use]
    pub fn losses(&self) -> &[EpochLosses] {
        &self.losses
    }

    /// One pass over all training forecasts; `None` where the set is too short for any.
    ///
    /// # Errors
    /// [`Error::Data`] for a set of other widths, [`Error::Diverged`].
    pub fn epoch(&mut self, set: &SeriesSet) -> Result<Option<EpochLosses>, Error> {
        self.widths.check(set)?;
        let end = self.params.training_end(set);
        let days = self.params.origins(self.params.first_origin(), end);
        // Without the validation days, so that no sum can reach into them.
        let training = set.until(end);
        let frame = Frame::trained_on((&self.params, &training, &self.norms), &days);
        if frame.len() == 0 {
            return Ok(None);
        }
        let mut workers = Workers::new(&self.plan, self.params.loss());
        let epoch = self.losses.len() + 1;
        let training =
            pass(&mut self.weights, &mut self.optimiser, (&self.params, epoch), (&frame, &mut workers));
        let days = self.params.origins(end, set.n_days());
        let watched = (self.params.validation_days() > 0 && end < set.n_days()).then(|| {
            let last = self.params.origins(end, set.n_days() + self.params.horizon() - 1);
            let days = if days.first().is_some_and(|day| *day >= end) { days } else { last };
            let frame = Frame::trained_on((&self.params, set, &self.norms), &days);
            let all: Vec<usize> = (0..frame.len()).collect();
            workers.loss(&self.weights, &frame, &all)
        });
        if !(training.is_finite() && watched.unwrap_or(0.0).is_finite()) {
            return Err(Error::Diverged { epoch });
        }
        self.keep_best(watched.unwrap_or(training), epoch);
        let losses = EpochLosses { training, watched };
        self.losses.push(losses);
        Ok(Some(losses))
    }

    fn keep_best(&mut self, loss: f64, epoch: usize) {
        let watches = self.params.validation_days() > 0;
        if watches && self.best.as_ref().is_none_or(|best| loss < best.loss) {
            self.best = Some(Best { weights: self.weights.clone(), loss, epoch });
        }
    }

    /// Epochs since the watched loss was lowest.
    pub(super) fn waited(&self) -> usize {
        self.best.as_ref().map_or(0, |best| self.losses.len() - best.epoch)
    }

    /// The network at the lowest watched loss, or as it is where nothing is watched.
    ///
    /// # Errors
    /// [`Error::Computation`].
    pub fn network(&self) -> Result<GlobalNetwork, Error> {
        self.ended(Outcome::MaxIter)
    }

    pub(super) fn ended(&self, outcome: Outcome) -> Result<GlobalNetwork, Error> {
        let mut report = FitReport::new(outcome);
        if !self.losses.is_empty() {
            report = report.with_curve("loss", self.losses.iter().map(|losses| losses.training).collect());
        }
        let watched: Vec<f64> = self.losses.iter().filter_map(|losses| losses.watched).collect();
        if !watched.is_empty() {
            report = report.with_curve("validation", watched);
        }
        let weights = self.best.as_ref().map_or(&self.weights, |best| &best.weights);
        let state: StateDict = self.plan.put(weights).map_err(|error| computation(&error))?;
        GlobalNetwork::new(self.params.clone(), (self.widths.clone(), self.norms.clone()), state, report)
    }
}

/// One pass over the examples of a frame; the mean loss.
#[expect(clippy::cast_precision_loss, reason = "numbers of examples")]
pub(super) fn pass(
    weights: &mut [f32],
    optimiser: &mut Optimiser,
    (params, epoch): (&GlobalParams, usize),
    (frame, workers): (&Frame<'_>, &mut Workers),
) -> f64 {
    let order = stream(params.seed(), ORDER + epoch as u64).permutation(frame.len());
    let dropout = Dropout::new(params.dropout());
    let n_steps = (frame.len().div_ceil(params.batch_size()) * params.max_epochs()) as u64;
    let mut total = 0.0;
    for which in order.chunks(params.batch_size()) {
        let done = optimiser.n_steps;
        let chances = Chances { dropout, seed: params.seed(), step: STEPS + done };
        let loss = workers.learn(weights, (frame, which), chances);
        let step = Step {
            learning_rate: params.rate(done, n_steps),
            clip: params.clip(),
            decay: params.weight_decay(),
        };
        optimiser.step(weights, workers.gradients(), step);
        total += loss * which.len() as f64;
    }
    total / frame.len().max(1) as f64
}

impl Widths {
    /// Whether a network of these widths can read a set.
    pub(super) fn check(&self, set: &SeriesSet) -> Result<(), Error> {
        DataError::ensure_len("targets", self.n_targets, set.n_targets())?;
        DataError::ensure_len("known inputs", self.n_known, set.known().ncols())?;
        Ok(DataError::ensure_len("categories of series", self.levels.len(), set.levels().ncols())?)
    }
}

pub(super) fn computation(error: &fincoach_core::ArtifactError) -> Error {
    Error::Computation { reason: error.to_string() }
}
