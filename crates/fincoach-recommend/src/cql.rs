//! Training on a log.

use fincoach_core::{ArtifactError, Control, Fit, FitReport, Outcome, Progress, StandardScaler, Step};

use crate::cql_policy::About;
use crate::q_trainer::{QLosses, QTrainer};
use crate::{CqlParams, CqlPolicy, Error, QData, Replay};

impl Fit<Replay> for CqlParams {
    type Model = CqlPolicy;
    type Error = Error;

    /// Standardises the states and trains the network; one progress step and one value of each curve
    /// (`loss`, `td`, `conservative`, and `alpha` where it is tuned: means over transitions) an epoch.
    ///
    /// # Errors
    /// [`Error::Param`], [`Error::Diverged`], and [`Error::Data`] when states are too large to standardise.
    fn fit_with(&self, replay: &Replay, progress: &mut dyn Progress) -> Result<CqlPolicy, Error> {
        self.check()?;
        let scaler = StandardScaler::fit(replay.states().values())?;
        let data = QData::of_replay(replay, &scaler, self.gamma())?;
        let data = if self.n_heads() > 1 { data.bootstrapped(self.n_heads(), self.seed()) } else { data };
        let mut trainer = QTrainer::new(self, [data.n_columns(), data.n_actions()])?;
        let mut curves = Curves::default();
        let total = self.n_epochs().min(self.max_steps().div_ceil(data.n_rows().div_ceil(self.batch_size())));
        let mut outcome = Outcome::MaxIter;
        for epoch in 0..total {
            let loss = curves.add(&epoch_of(&mut trainer, &data)?);
            let step = Step::new("cql", epoch as u64 + 1, total as u64).with_loss(loss);
            if progress.step(&step) == Control::Stop {
                outcome = Outcome::Stopped;
                break;
            }
        }
        let network = trainer.network().map_err(|error| diverged(error, curves.loss.len()))?;
        let columns = replay.columns().to_vec();
        let (params, report) = (self.clone(), curves.report(outcome, self.alpha_threshold().is_some()));
        CqlPolicy::new(network, About { columns, scaler, params, report, temperature: 1.0 })
    }
}

/// The steps of one pass over the data, or as many as are left; with each the number of its transitions.
fn epoch_of(trainer: &mut QTrainer, data: &QData) -> Result<Vec<(usize, QLosses)>, Error> {
    let (epoch, max_steps) = (trainer.n_epochs(), trainer.params().max_steps() as u64);
    let mut steps = Vec::new();
    let mut left = data.n_rows();
    while trainer.n_epochs() == epoch && trainer.n_steps() < max_steps {
        let n_rows = left.min(trainer.params().batch_size());
        steps.push((n_rows, trainer.step(data)?));
        left -= n_rows;
    }
    Ok(steps)
}

#[derive(Default)]
struct Curves {
    loss: Vec<f64>,
    td: Vec<f64>,
    conservative: Vec<f64>,
    alpha: Vec<f64>,
}

impl Curves {
    /// Adds the means of an epoch and gives that of the loss.
    fn add(&mut self, steps: &[(usize, QLosses)]) -> f64 {
        let n_rows: usize = steps.iter().map(|(n_rows, _)| n_rows).sum();
        let mean = |part: fn(&QLosses) -> f64| {
            steps.iter().map(|(n_rows, losses)| part(losses) * *n_rows as f64).sum::<f64>() / n_rows as f64
        };
        let loss = mean(|losses| losses.loss);
        self.loss.push(loss);
        self.td.push(mean(|losses| losses.td));
        self.conservative.push(mean(|losses| losses.conservative));
        self.alpha.push(mean(|losses| losses.alpha));
        loss
    }

    fn report(self, outcome: Outcome, tuned: bool) -> FitReport {
        let report = FitReport::new(outcome)
            .with_curve("loss", self.loss)
            .with_curve("td", self.td)
            .with_curve("conservative", self.conservative);
        if tuned { report.with_curve("alpha", self.alpha) } else { report }
    }
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
