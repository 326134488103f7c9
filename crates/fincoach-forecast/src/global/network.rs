//! The trained global network.

use fincoach_core::ndarray::{Array3, Array4};
use fincoach_core::nn::StateDict;
use fincoach_core::{Control, DataError, Fit, FitReport, Outcome, Progress, Step};

use super::frame::{Frame, Norms, Widths};
use super::trainer::{computation, pass};
use super::{AfterStopping, GlobalForecast, GlobalParams, GlobalTrainer, Objective, Schedule, SeriesSet};
use crate::Error;
use crate::engine::{Optimiser, Plan, Workers};

/// One network that forecasts every series of a set, all days of the horizon and all targets at once.
///
/// Saved as safetensors with PyTorch's names; everything else is in the metadata.
///
/// # Examples
/// ```
/// use fincoach_core::{Fit, ndarray::Array2};
/// use fincoach_forecast::{GlobalParams, SeriesSet};
/// // Two shops, one ten times as large as the other, closed on Sundays.
/// let values = Array2::from_shape_fn((2, 90), |(shop, day)| {
///     if day % 7 == 6 { 0.0 } else { [3.0, 30.0][shop] }
/// });
/// let set = SeriesSet::of_one_target(values, Array2::from_elem((2, 90), true))?;
/// let params = GlobalParams::default().with_hidden(4).with_window(28).with_horizon(7).with_max_epochs(2);
/// let next = params.fit(&set)?.forecast(&set)?;
/// assert_eq!(next.point.dim(), (2, 7, 1));
/// // Day 90 is a weekday, day 90 + 0 = 12·7 + 6 a Sunday.
/// assert!((next.point[[1, 1, 0]] / next.point[[0, 1, 0]] - 10.0).abs() < 1e-3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GlobalNetwork {
    pub(super) params: GlobalParams,
    pub(super) widths: Widths,
    pub(super) norms: Norms,
    pub(super) state: StateDict,
    pub(super) report: FitReport,
    plan: Plan,
    weights: Vec<f32>,
}

/// How a network learns new days without being trained anew.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Update {
    /// The last days whose forecasts are trained on: those that end within them.
    pub recent_days: usize,
    /// Passes over them.
    pub epochs: usize,
    /// Step size, the same at every step.
    pub learning_rate: f64,
}

impl Default for Update {
    /// Two passes over what the last 28 days tell, at a tenth of the training's step size.
    fn default() -> Self {
        Self { recent_days: 28, epochs: 2, learning_rate: 3e-4 }
    }
}

impl Fit<SeriesSet> for GlobalParams {
    type Model = GlobalNetwork;
    type Error = Error;

    /// Trains one network for all series. A set too short for a single forecast gives a network that has
    /// learnt nothing and answers with the profile. Told to stop, it returns the best so far.
    fn fit_with(&self, set: &SeriesSet, progress: &mut dyn Progress) -> Result<GlobalNetwork, Error> {
        let (trainer, outcome) = run(self, set, (self.max_epochs(), "global"), progress)?;
        let best = trainer.best.as_ref().map_or(0, |best| best.epoch);
        let refits = self.after_stopping() == AfterStopping::Refit && best > 0;
        if !refits || outcome == Outcome::Stopped {
            return trainer.ended(outcome);
        }
        let whole = self.clone().with_validation_days(0);
        let (refitted, again) = run(&whole, set, (best, "global_refit"), progress)?;
        let outcome = if again == Outcome::Stopped { again } else { outcome };
        let mut network = refitted.ended(outcome)?;
        network.params = self.clone();
        let watched = trainer.losses.iter().filter_map(|losses| losses.watched).collect();
        network.report = network.report.with_curve("validation", watched);
        Ok(network)
    }
}

/// Epochs until there are enough, or the watched loss stops falling.
fn run(
    params: &GlobalParams,
    set: &SeriesSet,
    (epochs, stage): (usize, &str),
    progress: &mut dyn Progress,
) -> Result<(GlobalTrainer, Outcome), Error> {
    let mut trainer = params.trainer(set)?;
    for epoch in 1..=epochs {
        let Some(losses) = trainer.epoch(set)? else { return Ok((trainer, Outcome::Converged)) };
        let loss = losses.watched.unwrap_or(losses.training);
        let step = Step::new(stage, epoch as u64, epochs as u64).with_loss(loss);
        if progress.step(&step) == Control::Stop {
            return Ok((trainer, Outcome::Stopped));
        }
        if trainer.waited() >= params.patience() && epoch < epochs {
            return Ok((trainer, Outcome::EarlyStopped));
        }
    }
    Ok((trainer, Outcome::MaxIter))
}

impl GlobalNetwork {
    pub(super) fn new(
        params: GlobalParams,
        (widths, norms): (Widths, Norms),
        state: StateDict,
        report: FitReport,
    ) -> Result<Self, Error> {
        let plan = widths.plan(&params);
        let weights = plan.take(&state).map_err(|error| computation(&error))?;
        Ok(Self { params, widths, norms, state, report, plan, weights })
    }

    /// The parameters it was trained with.
    #[must_use]
    pub const fn params(&self) -> &GlobalParams {
        &self.params
    }

    /// The losses of every epoch, and how training ended.
    #[must_use]
    pub const fn report(&self) -> &FitReport {
        &self.report
    }

    /// Whether there was anything to train on; a network that has learnt nothing answers with the profile.
    #[must_use]
    pub fn is_trained(&self) -> bool {
        self.report.curve("loss").is_some_and(|losses| !losses.is_empty())
    }

    /// Numbers that were learnt.
    #[must_use]
    pub fn n_weights(&self) -> usize {
        self.weights.len()
    }

    /// The days after the last of a set, for every series. Series do not influence one another, but by what
    /// all of them did a year ago where `year_lag` is used.
    ///
    /// # Errors
    /// [`Error::Data`] for a set of other widths, or whose known inputs do not cover the days to be forecast.
    pub fn forecast(&self, set: &SeriesSet) -> Result<GlobalForecast, Error> {
        self.forecast_from(set, &(0..set.n_series()).map(|series| (series, set.n_days())).collect::<Vec<_>>())
    }

    /// The days from a day of its own on, for each of some series; nothing from that day on is read.
    pub(super) fn forecast_from(
        &self,
        set: &SeriesSet,
        starts: &[(usize, usize)],
    ) -> Result<GlobalForecast, Error> {
        self.widths.check(set)?;
        let needed = starts.iter().map(|(_, day)| day + self.params.horizon()).max().unwrap_or(0);
        if self.widths.n_known > 0 && set.known().nrows() < needed {
            DataError::ensure_len("known days", needed, set.known().nrows())?;
        }
        let frame = Frame::new((&self.params, set, &self.norms), starts.to_vec());
        let all: Vec<usize> = (0..starts.len()).collect();
        let outputs = Workers::new(&self.plan, self.params.loss()).outputs(&self.weights, &frame, &all);
        Ok(self.answer((set.n_targets(), starts), &frame, &outputs))
    }

    fn answer(
        &self,
        (n_targets, starts): (usize, &[(usize, usize)]),
        frame: &Frame<'_>,
        outputs: &[f32],
    ) -> GlobalForecast {
        let shares = match self.params.objective() {
            Objective::Quantiles(shares) => shares.clone(),
            _ => Vec::new(),
        };
        let (days, n_shares) = (self.params.days_per_step(), shares.len().max(1));
        let dim = (starts.len(), self.params.horizon(), n_targets, n_shares);
        let mut all = Array4::zeros(dim);
        for (series, start) in starts.iter().enumerate() {
            let outputs = &outputs[series * self.plan.head_steps * self.plan.n_outputs..];
            for target in 0..n_targets {
                let past = frame.past(*start, target);
                for after in 0..self.params.horizon() {
                    let place = ((after / days) * n_targets + target) * days + after % days;
                    let base = past.expected(after.cast_signed());
                    let amount = |share: usize| {
                        let output = f64::from(outputs[place * n_shares + share]);
                        let output = if output.is_finite() { output } else { 0.0 };
                        ((base + output) * past.scale).max(self.params.lowest().unwrap_or(f64::MIN))
                    };
                    let mut amounts: Vec<f64> = (0..n_shares).map(amount).collect();
                    amounts.sort_unstable_by(f64::total_cmp);
                    for (share, amount) in amounts.into_iter().enumerate() {
                        all[[series, after, target, share]] = amount;
                    }
                }
            }
        }
        forecast(shares, all)
    }

    /// The same network after some more passes over what the last days tell; scales of inputs stay. On an
    /// empty slice of days it is the same network.
    ///
    /// # Errors
    /// [`Error::Data`] for a set of other widths, [`Error::Param`], [`Error::Diverged`].
    pub fn updated(&self, set: &SeriesSet, update: &Update) -> Result<Self, Error> {
        self.widths.check(set)?;
        let params = self
            .params
            .clone()
            .with_learning_rate(update.learning_rate)
            .with_schedule(Schedule::Constant)
            .with_max_epochs(update.epochs.max(1))
            .with_seed(self.params.seed() ^ set.n_days() as u64);
        params.check()?;
        let first = (set.n_days() + 1).saturating_sub(update.recent_days.max(1) + params.horizon());
        let last = set.n_days().saturating_sub(params.horizon());
        let days = if update.recent_days == 0 || last < first {
            Vec::new()
        } else {
            params.origins(first, set.n_days())
        };
        let frame = Frame::trained_on((&params, set, &self.norms), &days);
        let (mut weights, mut optimiser) = (self.weights.clone(), Optimiser::new(self.weights.len()));
        let mut workers = Workers::new(&self.plan, params.loss());
        if frame.len() > 0 {
            for epoch in 1..=update.epochs {
                let loss = pass(&mut weights, &mut optimiser, (&params, epoch), (&frame, &mut workers));
                if !loss.is_finite() {
                    return Err(Error::Diverged { epoch });
                }
            }
        }
        let state = self.plan.put(&weights).map_err(|error| computation(&error))?;
        Ok(Self { weights, state, ..self.clone() })
    }
}

/// The point is the quantile nearest to the middle, the lower of two.
fn forecast(shares: Vec<f64>, all: Array4<f64>) -> GlobalForecast {
    let far = |share: &f64| (share - 0.5).abs();
    let middle = (0..shares.len()).min_by(|a, b| far(&shares[*a]).total_cmp(&far(&shares[*b]))).unwrap_or(0);
    let (n_series, horizon, n_targets, _) = all.dim();
    let at = |(series, day, target): (usize, usize, usize)| all[[series, day, target, middle]];
    let point = Array3::from_shape_fn((n_series, horizon, n_targets), at);
    let quantiles = if shares.is_empty() { Array4::zeros((n_series, horizon, n_targets, 0)) } else { all };
    GlobalForecast { point, shares, quantiles }
}
