//! How to evaluate.

use fincoach_core::{DataError, ParamError};
use serde::{Deserialize, Serialize};

use super::{Evaluation, MethodScores};
use crate::{Error, LstmForecaster, LstmParams, Panel, Rule, Split};

/// The error by which methods are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Measure {
    /// Mean absolute error: least for the median, which on days that are mostly empty is 0.
    Mae,
    /// Root of the mean squared error: least for the mean, so that forecasts can be added up over days.
    Rmse,
}

impl Measure {
    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mae => "mae",
            Self::Rmse => "rmse",
        }
    }
}

/// How forecasters are compared.
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `split` | ⅕, ⅕, by the calendar | see [`Split`] | days for validation and test; that of the models |
/// | `horizon` | 1 | 1 to 366 | days forecast from each origin; at most that of the models |
/// | `measure` | RMSE | – | what the best method is best in |
///
/// # Examples
/// ```
/// use fincoach_core::{chrono::NaiveDate, ndarray::Array2};
/// use fincoach_forecast::{EvaluationParams, Method, Panel, Series};
/// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let spent = Array2::from_shape_fn((70, 1), |(day, _)| if day % 7 == 5 { 30.0 } else { 0.0 });
/// let panel = Panel::new(vec!["groceries".into()], vec![Series::new("anna", monday, spent)?])?;
/// let evaluation = EvaluationParams::default().evaluate(&panel, &[])?;
/// assert_eq!(evaluation.verdicts()[0].served, Method::SeasonalNaive);
/// assert_eq!(evaluation.rules()[3].test.categories[0].mae, 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvaluationParams {
    split: Split,
    horizon: usize,
    measure: Measure,
}

impl Default for EvaluationParams {
    fn default() -> Self {
        Self { split: Split::default(), horizon: 1, measure: Measure::Rmse }
    }
}

impl EvaluationParams {
    /// Split and horizon of the models that will be compared.
    #[must_use]
    pub fn of(lstm: &LstmParams) -> Self {
        Self::default().with_split(lstm.split()).with_horizon(lstm.horizon())
    }

    /// Shares of the days for validation and test, and whose days.
    #[must_use]
    pub const fn split(&self) -> Split {
        self.split
    }

    /// Days forecast from each origin.
    #[must_use]
    pub const fn horizon(&self) -> usize {
        self.horizon
    }

    /// What the best method is best in.
    #[must_use]
    pub const fn measure(&self) -> Measure {
        self.measure
    }

    /// Sets `split`.
    #[must_use]
    pub const fn with_split(mut self, split: Split) -> Self {
        self.split = split;
        self
    }

    /// Sets `horizon`.
    #[must_use]
    pub const fn with_horizon(mut self, horizon: usize) -> Self {
        self.horizon = horizon;
        self
    }

    /// Sets `measure`.
    #[must_use]
    pub const fn with_measure(mut self, measure: Measure) -> Self {
        self.measure = measure;
        self
    }

    /// Scores every rule and every model on the same days.
    ///
    /// From each day of a part on which `horizon` target days begin, every method forecasts from all days
    /// before. The models are the same network trained from several seeds
    /// ([`LstmParams::fit_seeds`]); the first of them is the one that may be served. Without models only the
    /// rules are scored, as is right where nobody has enough days to train on.
    ///
    /// # Errors
    /// [`Error::Param`]; [`Error::Data`] without test days, for models of another split or of later
    /// [`CutOffs`](crate::CutOffs) than the panel's (they may have seen the days they would be scored on) or
    /// other categories; [`Error::Horizon`] for models of a shorter horizon.
    pub fn evaluate(&self, panel: &Panel, models: &[LstmForecaster]) -> Result<Evaluation, Error> {
        self.check()?;
        for model in models {
            self.check_model(panel, model)?;
        }
        let rules = Rule::ALL.iter().map(|rule| MethodScores::of(self, panel, rule, None));
        let rules = rules.collect::<Result<Vec<_>, _>>()?;
        let lstm =
            models.iter().map(|model| MethodScores::of(self, panel, model, Some(model.params().seed())));
        let lstm = lstm.collect::<Result<Vec<_>, _>>()?;
        let mut evaluation = Evaluation::new(self, panel, rules, lstm);
        let served = evaluation.selection().forecaster(models.first())?;
        evaluation.set_served(MethodScores::of(self, panel, &served, None)?);
        Ok(evaluation)
    }

    fn check(&self) -> Result<(), ParamError> {
        ParamError::ensure((1..=366).contains(&self.horizon), "horizon", "1 to 366", self.horizon)?;
        self.split.check()
    }

    fn check_model(&self, panel: &Panel, model: &LstmForecaster) -> Result<(), Error> {
        if model.params().split() != self.split {
            let reason =
                format!("a model was trained with {:?}, not {:?}", model.params().split(), self.split);
            return Err(DataError::Inconsistent { what: "evaluation", reason }.into());
        }
        if let Some((seen, here)) = model.cut_offs().zip(self.split.cut_offs(panel))
            && (seen.validation() > here.validation() || seen.test() > here.test())
        {
            let (seen, here) = ((seen.validation(), seen.test()), (here.validation(), here.test()));
            let reason = format!(
                "a model was trained with days up to {} and watched up to {}, the panel is scored from {} and {} on",
                seen.0, seen.1, here.0, here.1
            );
            return Err(DataError::Inconsistent { what: "evaluation", reason }.into());
        }
        if model.params().horizon() < self.horizon {
            return Err(Error::Horizon { asked: self.horizon, fitted: model.params().horizon() });
        }
        let (expected, got) = (model.categories(), panel.categories());
        let differs = (0..expected.len().max(got.len())).find(|at| expected.get(*at) != got.get(*at));
        differs.map_or(Ok(()), |position| {
            let (expected, got) = (expected.get(position).cloned(), got.get(position).cloned());
            Err(DataError::Columns { position, expected, got }.into())
        })
    }
}
