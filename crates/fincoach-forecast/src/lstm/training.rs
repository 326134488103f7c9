//! From a panel to weights.

use fincoach_core::nn::{StateDict, uniform};
use fincoach_core::rng::{Rng, stream};
use fincoach_core::{Control, Fit, FitReport, Outcome, Progress, Step};

use super::LstmParams;
use super::examples::{Examples, Scaling};
use super::forecaster::{LstmForecaster, WindowCounts};
use super::machine::Machine;
use crate::{Error, Panel, Part};

/// Streams of the seed: each kind of chance has its own.
const START: u64 = 0;
const ORDER: u64 = 1;

impl Fit<Panel> for LstmParams {
    type Model = LstmForecaster;
    type Error = Error;

    /// Trains one network for all users. `O(epochs · windows · window · layers · hidden²)`; twenty thousand
    /// windows take about a second. Told to stop, it returns the best weights so far.
    fn fit_with(&self, panel: &Panel, progress: &mut dyn Progress) -> Result<LstmForecaster, Error> {
        self.check()?;
        let none = || no_windows(self, panel);
        let scaling = Scaling::fit(self, panel)?.ok_or_else(none)?;
        let examples = |part| Examples::of(self, panel, &scaling, part);
        let (train, validation) = (examples(Part::Train), examples(Part::Validation));
        if train.n == 0 {
            return Err(none());
        }
        let counts = WindowCounts::of(self, panel, &train, &validation);
        let seen = (counts, self.split().cut_offs(panel));
        let start = start_weights(self, &train)?;
        let (best, report) = Training::new(self, &start)?.run(&train, &validation, progress)?;
        LstmForecaster::new(self, panel.categories().to_vec(), (scaling, best), (report, seen))
    }
}

fn no_windows(params: &LstmParams, panel: &Panel) -> Error {
    let parts = params.split().parts(panel);
    let days = panel.series().iter().map(|series| parts.days(series, Part::Train).len());
    Error::NoWindows { needed: params.window() + params.horizon(), longest: days.max().unwrap_or(0) }
}

/// Uniform within ±1/√hidden, as PyTorch starts both kinds of layers.
#[expect(clippy::cast_precision_loss, reason = "layer sizes")]
fn start_weights(params: &LstmParams, examples: &Examples) -> Result<StateDict, Error> {
    let mut rng = stream(params.seed(), START);
    let bound = 1.0 / (params.hidden() as f64).sqrt();
    let mut start = StateDict::new();
    for (name, shape) in params.shapes(examples.n_inputs, examples.n_outputs) {
        let values = uniform(&mut rng, shape.iter().product(), bound);
        let inserted = start.insert(&name, &shape, values);
        inserted.map_err(|error| Error::Computation { reason: error.to_string() })?;
    }
    Ok(start)
}

struct Training<'a> {
    params: &'a LstmParams,
    machine: Machine,
    order: Rng,
}

/// The losses so far and the weights at the lowest.
struct Best {
    state: StateDict,
    loss: f64,
    epoch: usize,
}

impl<'a> Training<'a> {
    fn new(params: &'a LstmParams, start: &StateDict) -> Result<Self, Error> {
        Ok(Self { params, machine: Machine::new(params, start)?, order: stream(params.seed(), ORDER) })
    }

    fn run(
        mut self,
        train: &Examples,
        validation: &Examples,
        progress: &mut dyn Progress,
    ) -> Result<(StateDict, FitReport), Error> {
        let max_epochs = self.params.max_epochs();
        let (mut losses, mut validated) = (Vec::new(), Vec::new());
        let mut best: Option<Best> = None;
        let mut outcome = Outcome::MaxIter;
        for epoch in 1..=max_epochs {
            let (loss, watched) = self.epoch(train, validation)?;
            if !(loss.is_finite() && watched.is_finite()) {
                return Err(Error::Diverged { epoch });
            }
            losses.push(loss);
            validated.push(watched);
            let lowest = best.as_ref().map_or((f64::INFINITY, 0), |best| (best.loss, best.epoch));
            if watched < lowest.0 {
                best = Some(Best { state: self.machine.state()?, loss: watched, epoch });
            } else if epoch - lowest.1 >= self.params.patience() && epoch < max_epochs {
                outcome = Outcome::EarlyStopped;
                break;
            }
            let step = Step::new("lstm", epoch as u64, max_epochs as u64).with_loss(watched);
            if progress.step(&step) == Control::Stop {
                outcome = Outcome::Stopped;
                break;
            }
        }
        let best = best.ok_or(Error::Diverged { epoch: 1 })?;
        let mut report = FitReport::new(outcome).with_curve("loss", losses);
        if validation.n > 0 {
            report = report.with_curve("validation", validated);
        }
        Ok((best.state, report))
    }

    /// One pass: the mean training loss, and the loss that is watched, which is the training loss again
    /// where there is no validation part.
    fn epoch(&mut self, train: &Examples, validation: &Examples) -> Result<(f64, f64), Error> {
        let order = self.order.permutation(train.n);
        let mut total = 0.0;
        for which in order.chunks(self.params.batch_size()) {
            total += self.machine.step(train, which)? * share(which.len(), train.n);
        }
        let watched = if validation.n > 0 { self.machine.loss(validation)? } else { total };
        Ok((total, watched))
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of windows")]
pub(super) fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}
