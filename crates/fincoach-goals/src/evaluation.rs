//! How good the models are on users they have not seen.

use fincoach_core::{Control, Fit, ParamError, Predict, Progress, Silent, Step};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::model_evaluation::{Evaluation, ModelEvaluation};
use crate::{
    CalibrationChoice, Error, Fold, ForestParams, GoalExamples, GoalModelParams, LogisticParams,
    RepeatedStratifiedFolds,
};

/// A model that is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Candidate {
    /// The forest as it is.
    Forest,
    /// The forest with a calibration made within each training part.
    CalibratedForest,
    /// Logistic regression.
    Logistic,
    /// Always the share of reached goals in the training part.
    BaseRate,
    /// Always certain of the more frequent outcome of the training part; missed if both are equal.
    Majority,
}

impl Candidate {
    /// All of them, in the order of [`Evaluation::models`].
    pub const ALL: [Self; 5] =
        [Self::Forest, Self::CalibratedForest, Self::Logistic, Self::BaseRate, Self::Majority];
}

/// Parameters of an evaluation.
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `folds` | 5 folds, 10 repeats, seed 0 | where the models are judged |
/// | `forest` | [`ForestParams::default`] | the forest |
/// | `logistic` | [`LogisticParams::default`] | the logistic regression |
/// | `calibration` | [`CalibrationChoice::Best`] | the calibration of the second forest |
/// | `n_bins` | 10 | bins of the reliability, 1 to 1000 |
///
/// Each fold costs one forest, or six with calibration: the calibration has five folds of its own inside the
/// training part. So the figures of the calibrated forest are free of rows it was calibrated on; with fewer
/// than some 200 users they are also noisy, and a calibration seldom pays.
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, RowKey, chrono::NaiveDate, ndarray::Array2};
/// use fincoach_goals::{Candidate, EvaluationParams, ForestParams, GoalExamples, RepeatedStratifiedFolds};
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = (0..40).map(|user| RowKey { user: user.to_string(), as_of }).collect();
/// let rate = Array2::from_shape_fn((40, 1), |(row, _)| row as f64 / 40.0);
/// let table = FeatureTable::new(keys, ["savings_rate"], rate)?;
/// let examples = GoalExamples::new(table, (0..40).map(|row| row >= 15).collect())?;
/// let evaluation = EvaluationParams::default()
///     .with_forest(ForestParams::default().with_n_trees(10))
///     .with_folds(RepeatedStratifiedFolds::default().with_n_repeats(2))
///     .evaluate(&examples)?;
/// let accuracy = |model| evaluation.model(model).accuracy().mean;
/// assert_eq!(accuracy(Candidate::Majority), 0.625);
/// assert!(accuracy(Candidate::Forest) > 0.9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvaluationParams {
    folds: RepeatedStratifiedFolds,
    forest: ForestParams,
    logistic: LogisticParams,
    calibration: CalibrationChoice,
    n_bins: usize,
}

impl Default for EvaluationParams {
    fn default() -> Self {
        Self {
            folds: RepeatedStratifiedFolds::default(),
            forest: ForestParams::default(),
            logistic: LogisticParams::default(),
            calibration: CalibrationChoice::Best,
            n_bins: 10,
        }
    }
}

impl EvaluationParams {
    /// Where the models are judged.
    #[must_use]
    pub const fn folds(&self) -> &RepeatedStratifiedFolds {
        &self.folds
    }

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

    /// The calibration of the second forest.
    #[must_use]
    pub const fn calibration(&self) -> CalibrationChoice {
        self.calibration
    }

    /// The number of bins of the reliability.
    #[must_use]
    pub const fn n_bins(&self) -> usize {
        self.n_bins
    }

    /// Sets where the models are judged.
    #[must_use]
    pub fn with_folds(self, folds: RepeatedStratifiedFolds) -> Self {
        Self { folds, ..self }
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

    /// Sets the calibration of the second forest.
    #[must_use]
    pub fn with_calibration(self, calibration: CalibrationChoice) -> Self {
        Self { calibration, ..self }
    }

    /// Sets the number of bins of the reliability.
    #[must_use]
    pub fn with_n_bins(self, n_bins: usize) -> Self {
        Self { n_bins, ..self }
    }

    /// Judges all models in silence.
    ///
    /// # Errors
    /// As [`EvaluationParams::evaluate_with`].
    pub fn evaluate(&self, examples: &GoalExamples) -> Result<Evaluation, Error> {
        self.evaluate_with(examples, &mut Silent)
    }

    /// Judges all models and tells every fold as a step of `goal evaluation`. When told to stop, it still
    /// finishes the repeat it is in, and gives the figures of the repeats so far.
    ///
    /// # Errors
    /// [`Error::Param`]; [`Error::TooFewUsers`] as [`RepeatedStratifiedFolds::split`]; [`Error::OneClass`]
    /// and undefined figures where a user with several goals leaves a part without an outcome.
    pub fn evaluate_with(
        &self,
        examples: &GoalExamples,
        progress: &mut dyn Progress,
    ) -> Result<Evaluation, Error> {
        let bins = self.n_bins;
        ParamError::ensure((1..=1000).contains(&bins), "n_bins", "in 1 to 1000", bins)?;
        self.forest.check()?;
        self.logistic.check()?;
        let folds = self.folds.split(examples)?;
        let mut repeats: Vec<Vec<Judged>> = Vec::new();
        let mut done = 0;
        for repeat in folds.chunks(self.folds.n_folds()) {
            let judged: Result<Vec<Judged>, Error> =
                repeat.par_iter().map(|fold| self.judge(examples, fold)).collect();
            repeats.push(judged?);
            let mut stop = false;
            for _ in repeat {
                done += 1;
                stop |=
                    progress.step(&Step::new("goal evaluation", done, folds.len() as u64)) == Control::Stop;
            }
            if stop {
                break;
            }
        }
        self.sum_up(examples, &repeats)
    }

    /// What every candidate says of the test part of a fold.
    fn judge(&self, examples: &GoalExamples, fold: &Fold) -> Result<Judged, Error> {
        let train = examples.take(&fold.train)?;
        let test = examples.table().take(&fold.test)?;
        let inner = RepeatedStratifiedFolds::default().with_n_repeats(1).with_seed(self.folds.seed());
        let calibrated = GoalModelParams::default()
            .with_forest(self.forest.clone())
            .with_calibration(self.calibration)
            .with_folds(inner)
            .fit(&train)?;
        let plain = calibrated.forest().predict(&test)?;
        let rate = train.base_rate();
        let answers = [
            plain.clone(),
            plain.iter().map(|p| calibrated.calibration().apply(*p)).collect(),
            self.logistic.fit(&train)?.predict(&test)?,
            vec![rate; test.n_rows()],
            vec![f64::from(rate > 0.5); test.n_rows()],
        ];
        Ok(Judged { rows: fold.test.clone(), answers })
    }

    fn sum_up(&self, examples: &GoalExamples, repeats: &[Vec<Judged>]) -> Result<Evaluation, Error> {
        let model = |candidate: Candidate| {
            ModelEvaluation::new((candidate, candidate as usize), examples, repeats, self.n_bins)
        };
        let [forest, calibrated, logistic, base_rate, majority] = Candidate::ALL.map(model);
        Ok(Evaluation {
            n_rows: examples.n_rows(),
            n_users: examples.users().into_iter().max().map_or(0, |last| last + 1),
            base_rate: examples.base_rate(),
            n_folds: self.folds.n_folds(),
            n_repeats: repeats.len(),
            seed: self.folds.seed(),
            models: [forest?, calibrated?, logistic?, base_rate?, majority?],
        })
    }
}

/// The answers of all candidates for the test part of one fold.
pub(crate) struct Judged {
    pub(crate) rows: Vec<usize>,
    /// In the order of [`Candidate::ALL`].
    pub(crate) answers: [Vec<f64>; 5],
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::{noisy, noisy_of};

    fn quick() -> EvaluationParams {
        EvaluationParams::default()
            .with_forest(ForestParams::default().with_n_trees(20))
            .with_folds(RepeatedStratifiedFolds::default().with_n_repeats(3))
    }

    #[test]
    fn models_beat_the_baselines_where_there_is_something_to_learn() {
        let evaluation = quick().evaluate(&noisy(200, 3, 4)).unwrap();
        let [forest, base, majority] = [Candidate::Forest, Candidate::BaseRate, Candidate::Majority]
            .map(|candidate| evaluation.model(candidate));
        assert!(forest.accuracy().mean > majority.accuracy().mean + 0.1);
        assert!(forest.brier().mean < base.brier().mean - 0.02);
        assert_eq!((base.auc().mean, majority.auc().mean), (0.5, 0.5));
        // The true model is logistic.
        let logistic = evaluation.model(Candidate::Logistic);
        assert!(logistic.log_loss().mean < forest.log_loss().mean);
        assert!(evaluation.models().iter().zip(Candidate::ALL).all(|(model, own)| model.model() == own));
    }

    #[test]
    fn nothing_is_learnt_from_noise() {
        let examples = noisy(150, 3, 5);
        let order = fincoach_core::rng::stream(9, 0).permutation(150);
        let shuffled = order.iter().map(|row| examples.labels()[*row]).collect();
        let noise = GoalExamples::new(examples.table().clone(), shuffled).unwrap();
        let evaluation = quick().evaluate(&noise).unwrap();
        let auc = evaluation.model(Candidate::Forest).auc().mean;
        assert!((auc - 0.5).abs() < 0.12, "{auc}");
    }

    #[test]
    fn users_with_several_goals_do_not_help_to_know_their_labels() {
        // The label is a coin per user, the columns only tell users apart: on other users nothing can be known.
        let mut rng = fincoach_core::rng::stream(6, 0);
        let users: Vec<(f64, bool)> = (0..60).map(|_| (rng.normal(), rng.bernoulli(0.5))).collect();
        let rows = (0..240).map(|row| vec![users[row / 4].0, rng.normal()]).collect();
        let labels = (0..240).map(|row| users[row / 4].1).collect();
        let examples = GoalExamples::new(crate::synthetic::table_of(rows, 4), labels).unwrap();
        let evaluation = quick().evaluate(&examples).unwrap();
        assert_eq!(evaluation.n_users(), 60);
        let accuracy = evaluation.model(Candidate::Forest).accuracy().mean;
        assert!(accuracy < 0.65, "{accuracy}");
    }

    #[test]
    fn an_evaluation_is_the_same_on_any_number_of_threads_and_survives_json() {
        let examples = noisy_of(90, 2, 7, 2);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| quick().evaluate(&examples).unwrap())
        };
        let evaluation = on(1);
        assert_eq!(evaluation, on(2));
        let text = serde_json::to_string(&evaluation).unwrap();
        assert_eq!(serde_json::from_str::<Evaluation>(&text).unwrap(), evaluation);
    }

    #[test]
    fn stopping_keeps_whole_repeats() {
        let mut stop = |step: &Step<'_>| if step.done == 7 { Control::Stop } else { Control::Continue };
        let evaluation = quick().evaluate_with(&noisy(60, 2, 8), &mut stop).unwrap();
        assert_eq!(evaluation.n_repeats(), 2);
        let forest = evaluation.model(Candidate::Forest);
        assert_eq!(forest.out_of_fold().len(), 2);
        assert_eq!(forest.report().macro_average().support, 120);
    }

    #[test]
    fn too_few_of_an_outcome_are_named() {
        let examples = GoalExamples::new(crate::synthetic::table(vec![vec![1.0]; 9]), vec![true; 9]).unwrap();
        let error = quick().evaluate(&examples).unwrap_err();
        assert_eq!(error.to_string(), "0 users missed a goal, 5 folds need at least 5");
        assert!(quick().with_n_bins(0).evaluate(&examples).is_err());
    }
}
