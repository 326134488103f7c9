//! How the policy behind a log is estimated.

use fincoach_core::{Control, DataError, Fit, FitReport, Outcome, ParamError, Progress, Step};
use serde::{Deserialize, Serialize};

use super::behaviour::{Behaviour, Sample, objective};
use super::design::Design;
use super::lbfgs::{Minimum, minimise};
use crate::{Error, Replay};

/// Multinomial logistic regression of the logged action on the state, within what was allowed.
///
/// ```text
/// p(a | s) = (1 − exploration) · softmax(z(s))ₐ + exploration / n_allowed     over the allowed actions
/// z(s)     = constant + weights · standardised columns + Σ weight of each column's bin
/// loss     = Σ −ln p(logged action) + ½ · l2 · Σ weights²                     the constants are free
/// ```
///
/// Rules with thresholds are steps, which no straight line follows: hence the bins. Rules with a known share of
/// chance are met exactly by `exploration`.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `columns` | none | names | the columns that the policy looks at; all when none are named |
/// | `n_bins` | 16 | 0 to 1024 | quantile bins a column; 0 or 1 for straight lines only |
/// | `l2` | 1 | `[0, ∞)` | ridge on the sum of the losses |
/// | `exploration` | 0 | `[0, 1)` | share of decisions known to be drawn evenly from what was allowed |
/// | `max_iter` | 200 | at least 1 | steps of L-BFGS |
/// | `tol` | 1e-5 | `[0, ∞)` | largest slope of the mean loss at which it has converged |
/// | `n_folds` | 5 | at least 2 | folds of users for the log's own propensities |
/// | `floor` | 0.01 | `(0, 1)` | the least an estimated propensity is taken for |
/// | `seed` | 0 | any | which users share a fold |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BehaviourParams {
    columns: Option<Vec<String>>,
    n_bins: usize,
    l2: f64,
    exploration: f64,
    max_iter: usize,
    tol: f64,
    n_folds: usize,
    floor: f64,
    seed: u64,
}

impl Default for BehaviourParams {
    fn default() -> Self {
        Self {
            columns: None,
            n_bins: 16,
            l2: 1.0,
            exploration: 0.0,
            max_iter: 200,
            tol: 1e-5,
            n_folds: 5,
            floor: 0.01,
            seed: 0,
        }
    }
}

impl BehaviourParams {
    /// Sets the columns that the policy looks at.
    #[must_use]
    pub fn with_columns<S: Into<String>>(self, columns: impl IntoIterator<Item = S>) -> Self {
        Self { columns: Some(columns.into_iter().map(Into::into).collect()), ..self }
    }

    /// Sets the bins of a column.
    #[must_use]
    pub fn with_n_bins(self, n_bins: usize) -> Self {
        Self { n_bins, ..self }
    }

    /// Sets the ridge on the sum of the losses.
    #[must_use]
    pub fn with_l2(self, l2: f64) -> Self {
        Self { l2, ..self }
    }

    /// Sets the share of decisions known to be drawn evenly.
    #[must_use]
    pub fn with_exploration(self, exploration: f64) -> Self {
        Self { exploration, ..self }
    }

    /// Sets the number of steps.
    #[must_use]
    pub fn with_max_iter(self, max_iter: usize) -> Self {
        Self { max_iter, ..self }
    }

    /// Sets the slope at which the fit has converged.
    #[must_use]
    pub fn with_tol(self, tol: f64) -> Self {
        Self { tol, ..self }
    }

    /// Sets the number of folds of users.
    #[must_use]
    pub fn with_n_folds(self, n_folds: usize) -> Self {
        Self { n_folds, ..self }
    }

    /// Sets the least an estimated propensity is taken for.
    #[must_use]
    pub fn with_floor(self, floor: f64) -> Self {
        Self { floor, ..self }
    }

    /// Sets the seed.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The columns that the policy looks at; `None` for all.
    #[must_use]
    pub fn columns(&self) -> Option<&[String]> {
        self.columns.as_deref()
    }

    /// The bins of a column.
    #[must_use]
    pub const fn n_bins(&self) -> usize {
        self.n_bins
    }

    /// The ridge on the sum of the losses.
    #[must_use]
    pub const fn l2(&self) -> f64 {
        self.l2
    }

    /// The share of decisions known to be drawn evenly.
    #[must_use]
    pub const fn exploration(&self) -> f64 {
        self.exploration
    }

    /// The number of steps.
    #[must_use]
    pub const fn max_iter(&self) -> usize {
        self.max_iter
    }

    /// The slope at which the fit has converged.
    #[must_use]
    pub const fn tol(&self) -> f64 {
        self.tol
    }

    /// The number of folds of users.
    #[must_use]
    pub const fn n_folds(&self) -> usize {
        self.n_folds
    }

    /// The least an estimated propensity is taken for.
    #[must_use]
    pub const fn floor(&self) -> f64 {
        self.floor
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        let Self { n_bins, l2, exploration, max_iter, tol, n_folds, floor, .. } = *self;
        let finite = |value: f64| value >= 0.0 && value.is_finite();
        ParamError::ensure(n_bins <= 1024, "n_bins", "at most 1024", n_bins)?;
        ParamError::ensure(finite(l2), "l2", "at least 0 and finite", l2)?;
        let share_ok = (0.0..1.0).contains(&exploration);
        ParamError::ensure(share_ok, "exploration", "in [0, 1)", exploration)?;
        ParamError::ensure(max_iter >= 1, "max_iter", "at least 1", max_iter)?;
        ParamError::ensure(finite(tol), "tol", "at least 0 and finite", tol)?;
        ParamError::ensure(n_folds >= 2, "n_folds", "at least 2", n_folds)?;
        ParamError::ensure(floor > 0.0 && floor < 1.0, "floor", "in (0, 1)", floor)
    }
}

impl Fit<Replay> for BehaviourParams {
    type Model = Behaviour;
    type Error = Error;

    fn fit_with(&self, replay: &Replay, progress: &mut dyn Progress) -> Result<Behaviour, Error> {
        self.check()?;
        let states = match &self.columns {
            None => replay.states().clone(),
            Some(names) => replay.states().select(names)?,
        };
        let design = Design::fit(&states, self.n_bins)?;
        let sample = Sample::of(&design, replay)?;
        let mut stopped = false;
        let found = minimise(
            vec![0.0; 5 * design.n_features()],
            (self.max_iter, self.tol),
            |weights| objective(&sample, weights, (self.l2, self.exploration)),
            |done| {
                let step = Step::new("behaviour", done as u64, self.max_iter as u64);
                stopped = progress.step(&step) == Control::Stop;
                !stopped
            },
        );
        if let Some(value) = found.at.iter().find(|weight| !weight.is_finite()) {
            let column = "weights of the behaviour policy".to_owned();
            return Err(DataError::NotFinite { row: 0, column, value: *value }.into());
        }
        Ok(Behaviour::new(design, self.exploration, report(&found, stopped), found.at)?)
    }
}

fn report(found: &Minimum, stopped: bool) -> FitReport {
    let outcome = match (stopped, found.converged) {
        (true, _) => Outcome::Stopped,
        (false, true) => Outcome::Converged,
        (false, false) => Outcome::MaxIter,
    };
    FitReport::new(outcome).with_curve("loss", found.curve.clone())
}
