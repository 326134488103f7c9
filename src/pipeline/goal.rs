//! The stage that learns how likely a goal is reached.

use fincoach_core::rng::derived;
use fincoach_core::{FeatureTable, Fit, Predict, Progress};
use fincoach_goals::{
    Error as GoalsError, Evaluation, EvaluationParams, ForestParams, GoalExamples, GoalModel,
    GoalModelParams, NotebookLabels, RepeatedStratifiedFolds, notebook_columns,
};

use crate::Error;

/// What the stage gives.
pub(super) struct Goal {
    pub(super) model: GoalModel,
    pub(super) probabilities: Vec<f64>,
    pub(super) evaluation: Result<Evaluation, String>,
}

pub(super) fn learn(
    params: &ForestParams,
    users: (&FeatureTable, &[usize]),
    seed: u64,
    progress: &mut dyn Progress,
) -> Result<Goal, Error> {
    let (table, labels) = users;
    let forest = params.clone().with_seed(derived(seed, "forest"));
    let reached = NotebookLabels::default().with_seed(derived(seed, "labels")).label(table)?;
    let examples = GoalExamples::new(notebook_columns(table, labels)?, reached)?;
    let folds = RepeatedStratifiedFolds::default().with_seed(derived(seed, "folds"));
    let plan = EvaluationParams::default().with_forest(forest.clone()).with_folds(folds.clone());
    let evaluation = match plan.evaluate_with(&examples, progress) {
        Err(error @ (GoalsError::TooFewUsers { .. } | GoalsError::OneClass { .. })) => Err(error.to_string()),
        evaluation => Ok(evaluation?),
    };
    let calibration_folds = folds.with_n_repeats(1);
    let params = GoalModelParams::default().with_forest(forest).with_folds(calibration_folds);
    let model = params.fit_with(&examples, progress)?;
    let probabilities = model.predict(examples.table())?;
    Ok(Goal { model, probabilities, evaluation })
}
