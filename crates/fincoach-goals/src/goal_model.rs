//! A forest and its calibration as one model.

use fincoach_core::{FeatureTable, Fit, Predict, Progress, Silent, json_artifact};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::calibration_choice::{CalibrationChoice, CalibrationReport, choose};
use crate::{Calibration, Error, Fold, Forest, ForestParams, GoalExamples, RepeatedStratifiedFolds};

/// Parameters of a calibrated forest.
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `forest` | [`ForestParams::default`] | the forest |
/// | `calibration` | [`CalibrationChoice::Best`] | how its probabilities are corrected |
/// | `folds` | 5 folds, 1 repeat, seed 0 | where the calibration is fitted and judged; users stay together |
///
/// The forest is fitted on all examples. For the calibration it is fitted again in each fold; the probabilities
/// of the rows left out are what the calibration learns from. With few examples more repeats make the
/// choice steadier; each costs `n_folds` forests.
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, Fit, Predict, RowKey, chrono::NaiveDate, ndarray::Array2};
/// use fincoach_goals::{ForestParams, GoalExamples, GoalModelParams};
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = (0..40).map(|user| RowKey { user: user.to_string(), as_of }).collect();
/// let rate = Array2::from_shape_fn((40, 1), |(row, _)| row as f64 / 40.0);
/// let table = FeatureTable::new(keys, ["savings_rate"], rate)?;
/// let examples = GoalExamples::new(table.clone(), (0..40).map(|row| row >= 20).collect())?;
/// let model = GoalModelParams::default().with_forest(ForestParams::default().with_n_trees(20)).fit(&examples)?;
/// assert!(model.predict(&table)?[39] > 0.9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GoalModelParams {
    forest: ForestParams,
    calibration: CalibrationChoice,
    folds: RepeatedStratifiedFolds,
}

impl Default for GoalModelParams {
    fn default() -> Self {
        Self {
            forest: ForestParams::default(),
            calibration: CalibrationChoice::Best,
            folds: RepeatedStratifiedFolds::default().with_n_repeats(1),
        }
    }
}

impl GoalModelParams {
    /// The parameters of the forest.
    #[must_use]
    pub const fn forest(&self) -> &ForestParams {
        &self.forest
    }

    /// How probabilities are corrected.
    #[must_use]
    pub const fn calibration(&self) -> CalibrationChoice {
        self.calibration
    }

    /// Where the calibration is fitted and judged.
    #[must_use]
    pub const fn folds(&self) -> &RepeatedStratifiedFolds {
        &self.folds
    }

    /// Sets the parameters of the forest.
    #[must_use]
    pub fn with_forest(self, forest: ForestParams) -> Self {
        Self { forest, ..self }
    }

    /// Sets how probabilities are corrected.
    #[must_use]
    pub fn with_calibration(self, calibration: CalibrationChoice) -> Self {
        Self { calibration, ..self }
    }

    /// Sets where the calibration is fitted and judged.
    #[must_use]
    pub fn with_folds(self, folds: RepeatedStratifiedFolds) -> Self {
        Self { folds, ..self }
    }

    /// The folds to calibrate on; none where it is not asked for, or where there are too few users to do it
    /// and `Best` may go without.
    fn calibration_folds(&self, examples: &GoalExamples) -> Result<Vec<Fold>, Error> {
        if self.calibration == CalibrationChoice::Identity {
            return Ok(Vec::new());
        }
        match self.folds.split(examples) {
            Err(Error::TooFewUsers { .. }) if self.calibration == CalibrationChoice::Best => Ok(Vec::new()),
            folds => folds,
        }
    }
}

impl Fit<GoalExamples> for GoalModelParams {
    type Model = GoalModel;
    type Error = Error;

    /// Fits; tells the trees of the final forest as steps of `forest`, after the calibration is made.
    ///
    /// # Errors
    /// [`Error::Param`]; [`Error::TooFewUsers`] when Platt or isotonic calibration is asked for by name and
    /// there are too few users for the folds.
    fn fit_with(&self, examples: &GoalExamples, progress: &mut dyn Progress) -> Result<GoalModel, Error> {
        self.forest.check()?;
        self.folds.check()?;
        let folds = self.calibration_folds(examples)?;
        let answers: Result<Vec<FoldAnswers>, Error> =
            folds.into_par_iter().map(|fold| FoldAnswers::new(&self.forest, examples, fold)).collect();
        let (calibration, calibration_report) = choose(self.calibration, examples, &answers?)?;
        let forest = self.forest.fit_with(examples, progress)?;
        Ok(GoalModel { forest, calibration, calibration_report })
    }
}

/// What a forest says of the rows it has not learnt from.
pub(crate) struct FoldAnswers {
    pub(crate) fold: Fold,
    /// One probability per row of `fold.test`.
    pub(crate) probabilities: Vec<f64>,
}

impl FoldAnswers {
    fn new(params: &ForestParams, examples: &GoalExamples, fold: Fold) -> Result<Self, Error> {
        let forest = params.fit_with(&examples.take(&fold.train)?, &mut Silent)?;
        let probabilities = forest.predict(&examples.table().take(&fold.test)?)?;
        Ok(Self { fold, probabilities })
    }
}

/// A forest whose probabilities are corrected; made by [`GoalModelParams`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoalModel {
    forest: Forest,
    calibration: Calibration,
    calibration_report: CalibrationReport,
}

impl GoalModel {
    /// The forest.
    #[must_use]
    pub const fn forest(&self) -> &Forest {
        &self.forest
    }

    /// The correction of its probabilities.
    #[must_use]
    pub const fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// How the correction was chosen.
    #[must_use]
    pub const fn calibration_report(&self) -> &CalibrationReport {
        &self.calibration_report
    }
}

impl Predict<FeatureTable> for GoalModel {
    type Output = Vec<f64>;
    type Error = Error;

    /// The calibrated probability of each row that its goal is reached, 0 to 1.
    ///
    /// # Errors
    /// [`fincoach_core::DataError::Columns`] unless the table has exactly the columns of the fit.
    fn predict(&self, table: &FeatureTable) -> Result<Vec<f64>, Error> {
        let mut answers = self.forest.predict(table)?;
        answers.iter_mut().for_each(|answer| *answer = self.calibration.apply(*answer));
        Ok(answers)
    }
}

json_artifact!(GoalModel, "goal_model", 1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::noisy;
    use crate::{CalibrationMethod, CalibrationReason};

    fn params(choice: CalibrationChoice) -> GoalModelParams {
        GoalModelParams::default()
            .with_forest(ForestParams::default().with_n_trees(20))
            .with_calibration(choice)
    }

    #[test]
    fn a_forest_that_is_too_sure_is_calibrated() {
        // One deep tree says 0 or 1 of everything.
        let sure = ForestParams::default().with_n_trees(1).with_max_depth(None);
        let model = params(CalibrationChoice::Best).with_forest(sure).fit(&noisy(400, 3, 1)).unwrap();
        let report = model.calibration_report();
        assert_eq!(report.reason(), CalibrationReason::Better);
        assert_ne!(model.calibration().method(), CalibrationMethod::Identity);
        let [none, platt, isotonic] = report.scores() else { panic!("three methods are judged") };
        assert!(platt.brier < none.brier && isotonic.brier < none.brier);
        assert!(platt.expected_calibration_error < 0.5 * none.expected_calibration_error);
    }

    #[test]
    fn too_few_users_leave_the_forest_as_it_is() {
        let examples = noisy(6, 2, 3);
        let model = params(CalibrationChoice::Best).fit(&examples).unwrap();
        assert_eq!(model.calibration_report().reason(), CalibrationReason::TooFewUsers);
        assert_eq!(
            model.predict(examples.table()).unwrap(),
            model.forest().predict(examples.table()).unwrap()
        );
        let asked = params(CalibrationChoice::Platt).fit(&examples);
        assert!(matches!(asked, Err(Error::TooFewUsers { .. })));
    }

    #[test]
    fn a_method_asked_for_is_taken() {
        let examples = noisy(80, 2, 2);
        for (choice, method) in [
            (CalibrationChoice::Identity, CalibrationMethod::Identity),
            (CalibrationChoice::Platt, CalibrationMethod::Platt),
            (CalibrationChoice::Isotonic, CalibrationMethod::Isotonic),
        ] {
            let model = params(choice).fit(&examples).unwrap();
            assert_eq!(model.calibration().method(), method);
            assert_eq!(model.calibration_report().reason(), CalibrationReason::AskedFor);
            assert!(model.predict(examples.table()).unwrap().iter().all(|p| (0.0..=1.0).contains(p)));
        }
    }
}
