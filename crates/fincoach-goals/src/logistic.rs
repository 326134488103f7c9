//! Logistic regression: the baseline a forest has to beat.

use fincoach_core::{
    Control, DataError, FeatureTable, Fit, FitReport, Outcome, ParamError, Predict, Progress, StandardScaler,
    Step, json_artifact,
};
use serde::{Deserialize, Serialize};

use crate::newton::{LogisticLoss, sigmoid};
use crate::{Error, GoalExamples};

/// Parameters of a logistic regression on standardised columns.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `l2` | 1 | > 0 | weight of the penalty; scikit-learn's `1 / C` |
/// | `max_iter` | 100 | ≥ 1 | Newton steps at most |
/// | `tol` | 1e-12 | ≥ 0 | stops when a step can lower the loss by no more than this share |
///
/// Minimises `Σ −ln P(outcome) + l2/2 · |w|²` by Newton's method with step halving; the intercept is not
/// penalised. Each step costs `O(n_rows · n_columns²)`.
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, Fit, Predict, RowKey, chrono::NaiveDate, ndarray::array};
/// use fincoach_goals::{GoalExamples, LogisticParams};
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = (0..4).map(|user| RowKey { user: user.to_string(), as_of }).collect();
/// let table = FeatureTable::new(keys, ["savings_rate"], array![[0.0], [0.1], [0.2], [0.3]])?;
/// let model = LogisticParams::default().fit(&GoalExamples::new(table.clone(), vec![false, false, true, true])?)?;
/// let reached = model.predict(&table)?;
/// assert!(reached[0] < reached[1] && (reached[1] + reached[2] - 1.0).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogisticParams {
    l2: f64,
    max_iter: usize,
    tol: f64,
}

impl Default for LogisticParams {
    fn default() -> Self {
        Self { l2: 1.0, max_iter: 100, tol: 1e-12 }
    }
}

impl LogisticParams {
    /// The weight of the penalty.
    #[must_use]
    pub const fn l2(&self) -> f64 {
        self.l2
    }

    /// The greatest number of steps.
    #[must_use]
    pub const fn max_iter(&self) -> usize {
        self.max_iter
    }

    /// The share of the loss that is not worth a step.
    #[must_use]
    pub const fn tol(&self) -> f64 {
        self.tol
    }

    /// Sets the weight of the penalty.
    #[must_use]
    pub const fn with_l2(self, l2: f64) -> Self {
        Self { l2, ..self }
    }

    /// Sets the greatest number of steps.
    #[must_use]
    pub const fn with_max_iter(self, max_iter: usize) -> Self {
        Self { max_iter, ..self }
    }

    /// Sets the share of the loss that is not worth a step.
    #[must_use]
    pub const fn with_tol(self, tol: f64) -> Self {
        Self { tol, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        ParamError::ensure(self.l2 > 0.0 && self.l2.is_finite(), "l2", "positive and finite", self.l2)?;
        ParamError::ensure(self.max_iter >= 1, "max_iter", "at least 1", self.max_iter)?;
        ParamError::ensure(
            self.tol >= 0.0 && self.tol.is_finite(),
            "tol",
            "finite and not negative",
            self.tol,
        )
    }
}

impl Fit<GoalExamples> for LogisticParams {
    type Model = Logistic;
    type Error = Error;

    /// Fits; tells the steps of `logistic` when they are done, since there are few and they are quick.
    fn fit_with(&self, examples: &GoalExamples, progress: &mut dyn Progress) -> Result<Logistic, Error> {
        self.check()?;
        let (rows, n_reached) = (examples.n_rows(), examples.n_reached());
        if n_reached == 0 || n_reached == rows {
            return Err(Error::OneClass { rows, reached: n_reached > 0 });
        }
        let scaler = StandardScaler::fit(examples.table().values())?;
        let scaled = scaler.transform(examples.table().values())?;
        let targets: Vec<f64> = examples.labels().iter().map(|reached| f64::from(*reached)).collect();
        let loss = LogisticLoss { columns: scaled.view(), targets: &targets, l2: self.l2 };
        let found = loss.minimise(self.max_iter, self.tol);
        for (done, value) in found.losses.iter().enumerate() {
            let step = Step::new("logistic", done as u64 + 1, found.losses.len() as u64).with_loss(*value);
            if progress.step(&step) == Control::Stop {
                break;
            }
        }
        let outcome = if found.converged { Outcome::Converged } else { Outcome::MaxIter };
        let (mut coefficients, columns) = (found.weights, examples.table().columns().to_vec());
        let intercept = coefficients.pop().unwrap_or(0.0);
        let report = FitReport::new(outcome).with_curve("loss", found.losses);
        Ok(Logistic { columns, scaler, coefficients, intercept, report })
    }
}

/// A logistic regression that gives the probability that a goal is reached; made by [`LogisticParams`].
///
/// The probability is `1 / (1 + exp(−(intercept + Σ coefficient · standardised value)))`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct Logistic {
    columns: Vec<String>,
    scaler: StandardScaler,
    coefficients: Vec<f64>,
    intercept: f64,
    report: FitReport,
}

impl Logistic {
    /// The columns it was fitted on, in order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The change of the log-odds per standard deviation of each column.
    #[must_use]
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// The log-odds where every column has its mean.
    #[must_use]
    pub const fn intercept(&self) -> f64 {
        self.intercept
    }

    /// Steps, mean penalised loss after each, and whether it converged.
    #[must_use]
    pub const fn report(&self) -> &FitReport {
        &self.report
    }
}

impl Predict<FeatureTable> for Logistic {
    type Output = Vec<f64>;
    type Error = Error;

    /// The probability of each row that its goal is reached, 0 to 1.
    ///
    /// # Errors
    /// [`DataError::Columns`] unless the table has exactly the columns of the fit; [`DataError::NotFinite`]
    /// when a value leaves the range of `f64` while it is standardised.
    fn predict(&self, table: &FeatureTable) -> Result<Vec<f64>, Error> {
        table.expect_columns(&self.columns)?;
        let scaled = self.scaler.transform(table.values())?;
        let answer = |row: fincoach_core::ndarray::ArrayView1<'_, f64>| {
            let sum: f64 = row.iter().zip(&self.coefficients).map(|(x, w)| x * w).sum();
            sigmoid(sum + self.intercept)
        };
        Ok(scaled.rows().into_iter().map(answer).collect())
    }
}

json_artifact!(Logistic, "goal_logistic", 1);

/// The form on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    columns: Vec<String>,
    scaler: StandardScaler,
    coefficients: Vec<f64>,
    intercept: f64,
    report: FitReport,
}

impl From<Logistic> for Repr {
    fn from(model: Logistic) -> Self {
        let Logistic { columns, scaler, coefficients, intercept, report } = model;
        Self { columns, scaler, coefficients, intercept, report }
    }
}

impl TryFrom<Repr> for Logistic {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        let Repr { columns, scaler, coefficients, intercept, report } = repr;
        crate::forest::ensure_columns(&columns)?;
        DataError::ensure_len("columns of the scaler", columns.len(), scaler.n_columns())?;
        DataError::ensure_len("coefficients", columns.len(), coefficients.len())?;
        // Two infinities of opposite sign would add up to NaN.
        let numbers = coefficients.iter().chain([&intercept]);
        if let Some((row, value)) = numbers.enumerate().find(|(_, value)| !value.is_finite()) {
            return Err(DataError::OutOfRange { row, what: "coefficient", allowed: "finite", value: *value });
        }
        Ok(Self { columns, scaler, coefficients, intercept, report })
    }
}
