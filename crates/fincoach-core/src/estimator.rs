//! Parameters → fit → model → predict.

use serde::{Deserialize, Serialize};

use crate::{Progress, Silent};

/// Parameters that make a model out of data of type `D`.
///
/// The unfitted thing (parameters) and the fitted thing (model) are two types: there is no model that is
/// not fitted. A fit leaves the parameters as they are and depends on nothing but them and the data.
pub trait Fit<D: ?Sized> {
    /// What a fit gives.
    type Model;
    /// What can go wrong.
    type Error;

    /// Fits and tells each step to `progress`; when told to stop, returns the model as far as it got.
    ///
    /// # Errors
    /// Parameters out of range, then data that cannot be fitted.
    fn fit_with(&self, data: &D, progress: &mut dyn Progress) -> Result<Self::Model, Self::Error>;

    /// Fits in silence.
    ///
    /// # Errors
    /// As [`Fit::fit_with`].
    fn fit(&self, data: &D) -> Result<Self::Model, Self::Error> {
        self.fit_with(data, &mut Silent)
    }
}

/// A model that answers for data of type `D`, each row by itself.
pub trait Predict<D: ?Sized> {
    /// What it answers.
    type Output;
    /// What can go wrong.
    type Error;

    /// The answers, in the order of the rows. Draws nothing: asked twice, it says the same.
    ///
    /// # Errors
    /// Data of another form than the model was fitted on.
    fn predict(&self, data: &D) -> Result<Self::Output, Self::Error>;
}

/// How a fit came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The change fell under the tolerance, or the method has no iterations.
    Converged,
    /// The allowed number of steps was used up.
    MaxIter,
    /// The loss on held-out data stopped falling; the best model so far was kept.
    EarlyStopped,
    /// The caller asked to stop.
    Stopped,
}

/// A named series of losses, one value a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curve {
    /// Which loss: `loss`, `validation`, `td`, `conservative`, ….
    pub name: String,
    /// Value after each step; always finite.
    pub values: Vec<f64>,
}

/// What a fit did: how it ended and the loss of every step.
///
/// # Examples
/// ```
/// use fincoach_core::{FitReport, Outcome};
/// let report = FitReport::new(Outcome::Converged).with_curve("loss", vec![3.0, 2.0]);
/// assert_eq!(report.n_steps(), 2);
/// assert_eq!(report.curve("loss"), Some(&[3.0, 2.0][..]));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FitReport {
    outcome: Outcome,
    curves: Vec<Curve>,
}

impl FitReport {
    /// A report without curves.
    #[must_use]
    pub const fn new(outcome: Outcome) -> Self {
        Self { outcome, curves: Vec::new() }
    }

    /// The same report with one more curve.
    #[must_use]
    pub fn with_curve(mut self, name: impl Into<String>, values: Vec<f64>) -> Self {
        self.curves.push(Curve { name: name.into(), values });
        self
    }

    /// How the fit ended.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The number of steps: the length of the longest curve.
    #[must_use]
    pub fn n_steps(&self) -> usize {
        self.curves.iter().map(|curve| curve.values.len()).max().unwrap_or(0)
    }

    /// All curves, the total loss first.
    #[must_use]
    pub fn curves(&self) -> &[Curve] {
        &self.curves
    }

    /// The values of one curve.
    #[must_use]
    pub fn curve(&self, name: &str) -> Option<&[f64]> {
        self.curves.iter().find(|curve| curve.name == name).map(|curve| curve.values.as_slice())
    }
}
