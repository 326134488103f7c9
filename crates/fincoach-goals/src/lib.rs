//! The probability that a money goal is reached: a random forest, its calibration, and what both are worth.
//!
//! ```
//! use fincoach_core::{FeatureTable, Fit, Predict, RowKey, chrono::NaiveDate, ndarray::Array2};
//! use fincoach_goals::{Candidate, EvaluationParams, ForestParams, GoalExamples, GoalModelParams};
//!
//! // Sixty people, two columns; who saves more than a tenth reaches the goal.
//! let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
//! let keys = (0..60).map(|user| RowKey { user: user.to_string(), as_of }).collect();
//! let values = Array2::from_shape_fn((60, 2), |(row, column)| match column {
//!     0 => (row * 7 % 60) as f64 / 200.0,
//!     _ => (row % 4) as f64,
//! });
//! let labels = values.column(0).iter().map(|rate| *rate > 0.1).collect();
//! let table = FeatureTable::new(keys, ["savings_rate", "segment"], values)?;
//! let examples = GoalExamples::new(table, labels)?;
//!
//! let forest = ForestParams::default().with_n_trees(20).with_seed(7);
//! let model = GoalModelParams::default().with_forest(forest.clone()).fit(&examples)?;
//! let reached = model.predict(examples.table())?;
//! assert!(reached[0] < 0.2, "this one saves nothing");
//! assert!(model.forest().importances()[0] > 0.8);
//!
//! let evaluation = EvaluationParams::default().with_forest(forest).evaluate(&examples)?;
//! let accuracy = |candidate| evaluation.model(candidate).accuracy();
//! assert!(accuracy(Candidate::Forest).mean > accuracy(Candidate::Majority).mean + 0.2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//! - Goals: [`Goal`], [`GoalKind`], [`read_goals_csv`], [`write_goals_csv`]; what became of them: [`goal_outcome`],
//!   [`GoalOutcome`], [`Refusal`]; what was known at their start: [`GoalTableParams`] → [`GoalRows`] with
//!   [`GOAL_COLUMNS`], [`MonteCarloParams`].
//! - With real outcomes: [`OutcomeModelParams`] → [`OutcomeModel`]; beside baselines, with intervals over users:
//!   [`ComparisonParams`] → [`Comparison`]; what it would take: [`NeededSavingParams`] → [`NeededSaving`].
//! - Data: [`GoalExamples`]; the rules of the notebook that came first: [`NotebookLabels`],
//!   [`NotebookColumns`], [`notebook_columns`].
//! - Models: [`ForestParams`] → [`Forest`], [`GoalModelParams`] → [`GoalModel`] (forest and calibration),
//!   [`LogisticParams`] → [`Logistic`].
//! - Of the forest: [`OutOfBag`], [`PermutationParams`] → [`PermutationImportances`], [`Contributions`];
//!   [`Splitter`], [`Monotone`].
//! - More than two classes: [`ForestParams`] on [`ClassExamples`] → [`ClassForest`], [`ClassOutOfBag`].
//! - Calibration: [`Calibration`], [`Platt`], [`Isotonic`], [`CalibrationChoice`], [`CalibrationReport`];
//!   by the length of goals: [`LengthCalibrations`] of [`LengthCalibration`]s.
//! - What they are worth: [`EvaluationParams`] → [`Evaluation`] over [`RepeatedStratifiedFolds`];
//!   [`ClassificationReport`], [`Reliability`].
//!
//! # Limits
//! Two outcomes, but for [`ClassForest`]. Numbers only, none missing: [`fincoach_core::FeatureTable`] sees to that. The evaluation keeps users apart, not times: with goals of many dates, judge on later ones.

mod account_days;
mod calibration;
mod calibration_choice;
mod checks;
mod classification;
mod comparison;
mod error;
mod evaluation;
mod examples;
mod folds;
mod forest;
mod goal;
mod goal_csv;
mod goal_model;
mod goal_outcome;
mod goal_table;
mod isotonic;
mod length_calibration;
mod logistic;
mod model_evaluation;
mod monte_carlo;
mod needed_saving;
mod newton;
mod notebook;
mod outcome_model;
mod reliability;
#[cfg(test)]
mod synthetic;

pub use calibration::{Calibration, CalibrationMethod, Platt};
pub use calibration_choice::{CalibrationChoice, CalibrationReason, CalibrationReport, CalibrationScore};
pub use classification::{ClassScores, ClassificationReport};
pub use comparison::{ComparedModel, Comparison, ComparisonParams, Figure};
pub use error::Error;
pub use evaluation::{Candidate, EvaluationParams};
pub use examples::GoalExamples;
pub use folds::{Fold, RepeatedStratifiedFolds};
pub use forest::{
    ClassExamples, ClassForest, ClassOutOfBag, ClassWeight, Contributions, Forest, ForestParams,
    ImportanceScore, MaxFeatures, Monotone, OutOfBag, PermutationImportances, PermutationParams, Sampling,
    Splitter,
};
pub use goal::{Goal, GoalKind};
pub use goal_csv::{read_goals_csv, write_goals_csv};
pub use goal_model::{GoalModel, GoalModelParams};
pub use goal_outcome::{GoalOutcome, Refusal, goal_outcome, goal_outcome_with};
pub use goal_table::{GOAL_COLUMNS, GoalRows, GoalTableParams, RefusedGoal};
pub use isotonic::Isotonic;
pub use length_calibration::{LengthCalibration, LengthCalibrations};
pub use logistic::{Logistic, LogisticParams};
pub use model_evaluation::{Evaluation, ModelEvaluation, Spread};
pub use monte_carlo::MonteCarloParams;
pub use needed_saving::{NeededSaving, NeededSavingParams};
pub use notebook::{NotebookColumns, NotebookLabels, notebook_columns};
pub use outcome_model::{OutcomeModel, OutcomeModelParams};
pub use reliability::{Reliability, ReliabilityBin};
