//! A forest and a logistic regression that answer together.

use fincoach_core::{DataError, FeatureTable, Fit, Predict, Progress, json_artifact};
use serde::{Deserialize, Serialize};

use crate::{
    Calibration, CalibrationChoice, CalibrationMethod, Error, Forest, ForestParams, GoalExamples,
    LengthCalibrations, Logistic, LogisticParams, RepeatedStratifiedFolds,
};

/// Parameters of an [`OutcomeModel`].
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `forest` | 200 trees, no limit of depth, leaves of at least 10 | the forest |
/// | `logistic` | `l2` 10, otherwise [`LogisticParams::default`] | the logistic regression, on the same columns |
///
/// The answer is the mean of both probabilities. The forest finds what is not linear, the regression has no steps and
/// carries the columns that are answers already (straight line, Monte-Carlo) through unbroken.
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, Fit, Predict, RowKey, chrono::NaiveDate, ndarray::Array2};
/// use fincoach_goals::{CalibrationMethod, GoalExamples, OutcomeModelParams};
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = (0..80).map(|user| RowKey { user: user.to_string(), as_of }).collect();
/// let rate = Array2::from_shape_fn((80, 1), |(row, _)| row as f64 / 80.0);
/// let table = FeatureTable::new(keys, ["goal_monte_carlo"], rate)?;
/// let examples = GoalExamples::new(table.clone(), (0..80).map(|row| row >= 40).collect())?;
/// let model = OutcomeModelParams::default().fit(&examples)?;
/// let calibrated = model.calibrated_on(&examples, CalibrationMethod::Platt)?;
/// assert!(calibrated.predict(&table)?[79] > 0.9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutcomeModelParams {
    forest: ForestParams,
    logistic: LogisticParams,
}

impl Default for OutcomeModelParams {
    fn default() -> Self {
        let forest = ForestParams::default().with_n_trees(200).with_max_depth(None).with_min_samples_leaf(10);
        Self { forest, logistic: LogisticParams::default().with_l2(10.0) }
    }
}

impl OutcomeModelParams {
    /// The parameters of the forest.
    #[must_use]
    pub const fn forest(&self) -> &ForestParams {
        &self.forest
    }

    /// The parameters of the logistic regression.
    #[must_use]
    pub const fn logistic(&self) -> &LogisticParams {
        &self.logistic
    }

    /// Sets the parameters of the forest.
    #[must_use]
    pub fn with_forest(self, forest: ForestParams) -> Self {
        Self { forest, ..self }
    }

    /// Sets the parameters of the logistic regression.
    #[must_use]
    pub fn with_logistic(self, logistic: LogisticParams) -> Self {
        Self { logistic, ..self }
    }
}

impl Fit<GoalExamples> for OutcomeModelParams {
    type Model = OutcomeModel;
    type Error = Error;

    /// Fits both; tells the steps of each.
    ///
    /// # Errors
    /// [`Error::Param`]; [`Error::OneClass`] where all outcomes are the same.
    fn fit_with(&self, examples: &GoalExamples, progress: &mut dyn Progress) -> Result<OutcomeModel, Error> {
        let logistic = self.logistic.fit_with(examples, progress)?;
        let forest = self.forest.fit_with(examples, progress)?;
        Ok(OutcomeModel { forest, logistic, calibration: Calibration::Identity, by_length: None })
    }
}

/// The probability that a goal is reached, from a forest and a logistic regression; made by [`OutcomeModelParams`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct OutcomeModel {
    forest: Forest,
    logistic: Logistic,
    calibration: Calibration,
    by_length: Option<LengthCalibrations>,
}

impl OutcomeModel {
    /// The forest.
    #[must_use]
    pub const fn forest(&self) -> &Forest {
        &self.forest
    }

    /// The logistic regression.
    #[must_use]
    pub const fn logistic(&self) -> &Logistic {
        &self.logistic
    }

    /// The correction of the mean of both, where goals of every length have the same.
    #[must_use]
    pub const fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// The corrections by the length of goals, where there are any; they take the place of
    /// [`OutcomeModel::calibration`].
    #[must_use]
    pub const fn by_length(&self) -> Option<&LengthCalibrations> {
        self.by_length.as_ref()
    }

    /// The same model with probabilities corrected on goals it has not learnt from: other users, or later ones.
    ///
    /// # Errors
    /// [`Error::Data`] unless the columns are those of the fit.
    pub fn calibrated_on(self, later: &GoalExamples, method: CalibrationMethod) -> Result<Self, Error> {
        let plain = self.mean(later.table())?;
        let calibration = Calibration::fit(method, &plain, later.labels())?;
        Ok(Self { calibration, by_length: None, ..self })
    }

    /// The same model, corrected for each length of goals by itself: probabilities of a year ahead are wrong in another
    /// way than those of a quarter.
    ///
    /// `ends` are weeks, ascending: goals of at most the first number of weeks have a correction of their own, and so on, and
    /// longer ones than the last another. The choice is made, and judged, on `later` alone by `folds` of its users;
    /// where there are too few users of one outcome at a length, [`CalibrationChoice::Best`] leaves its goals as they are.
    ///
    /// # Errors
    /// [`Error::Param`] unless `ends` ascend; [`Error::Data`] unless the columns are those of the fit and have
    /// `goal_weeks`; [`Error::TooFewUsers`] where a method is asked for by name.
    pub fn calibrated_by_length(
        self,
        later: &GoalExamples,
        (choice, folds): (CalibrationChoice, &RepeatedStratifiedFolds),
        ends: &[f64],
    ) -> Result<Self, Error> {
        let plain = self.mean(later.table())?;
        let by_length = LengthCalibrations::fit((later, &plain), (choice, folds), ends)?;
        Ok(Self { by_length: Some(by_length), ..self })
    }

    fn mean(&self, table: &FeatureTable) -> Result<Vec<f64>, Error> {
        let mut answers = self.forest.predict(table)?;
        let smooth = self.logistic.predict(table)?;
        answers.iter_mut().zip(smooth).for_each(|(answer, smooth)| *answer = 0.5 * (*answer + smooth));
        Ok(answers)
    }
}

impl Predict<FeatureTable> for OutcomeModel {
    type Output = Vec<f64>;
    type Error = Error;

    /// The probability of each row that its goal is reached, 0 to 1.
    ///
    /// # Errors
    /// [`DataError::Columns`] unless the table has exactly the columns of the fit.
    fn predict(&self, table: &FeatureTable) -> Result<Vec<f64>, Error> {
        let mut answers = self.mean(table)?;
        match &self.by_length {
            Some(by_length) => by_length.apply(table, &mut answers)?,
            None => answers.iter_mut().for_each(|answer| *answer = self.calibration.apply(*answer)),
        }
        Ok(answers)
    }
}

json_artifact!(OutcomeModel, "goal_outcome_model", 1);

/// The form on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    forest: Forest,
    logistic: Logistic,
    calibration: Calibration,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by_length: Option<LengthCalibrations>,
}

impl From<OutcomeModel> for Repr {
    fn from(model: OutcomeModel) -> Self {
        let OutcomeModel { forest, logistic, calibration, by_length } = model;
        Self { forest, logistic, calibration, by_length }
    }
}

impl TryFrom<Repr> for OutcomeModel {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        let Repr { forest, logistic, calibration, by_length } = repr;
        if forest.columns() == logistic.columns() {
            return Ok(Self { forest, logistic, calibration, by_length });
        }
        let reason = "forest and logistic regression have other columns".to_owned();
        Err(DataError::Inconsistent { what: "goal outcome model", reason })
    }
}
