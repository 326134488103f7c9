//! The figures of an evaluation.

use fincoach_core::{DataError, metrics};
use serde::{Deserialize, Serialize};

use crate::evaluation::{Candidate, Judged};
use crate::{ClassificationReport, Error, GoalExamples, Reliability};

/// A figure over the repeats.
///
/// The repeats share all rows, so their spread says how much the drawing of folds matters; it is smaller than
/// what other users would give.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Standard deviation (divided by one less than the number of repeats); 0 for a single repeat.
    pub sd: f64,
    /// Least.
    pub min: f64,
    /// Greatest.
    pub max: f64,
}

impl Spread {
    /// The figures of at least one value.
    fn new(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let extreme = |pick: fn(f64, f64) -> f64| values.iter().copied().reduce(pick).unwrap_or(mean);
        Self {
            mean,
            sd: (squares / (n - 1.0).max(1.0)).sqrt(),
            min: extreme(f64::min),
            max: extreme(f64::max),
        }
    }
}

/// How good one model is on rows it has not learnt from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEvaluation {
    model: Candidate,
    accuracy: Spread,
    auc: Spread,
    brier: Spread,
    log_loss: Spread,
    report: ClassificationReport,
    reliability: Reliability,
    out_of_fold: Vec<Vec<f64>>,
}

impl ModelEvaluation {
    /// Which model.
    #[must_use]
    pub const fn model(&self) -> Candidate {
        self.model
    }

    /// The share of right answers, where above ½ means reached: mean over the folds of a repeat.
    #[must_use]
    pub const fn accuracy(&self) -> Spread {
        self.accuracy
    }

    /// The area under the ROC curve: mean over those folds of a repeat that have both outcomes.
    #[must_use]
    pub const fn auc(&self) -> Spread {
        self.auc
    }

    /// The Brier score: mean over the folds of a repeat.
    #[must_use]
    pub const fn brier(&self) -> Spread {
        self.brier
    }

    /// The log loss in nats: mean over the folds of a repeat.
    #[must_use]
    pub const fn log_loss(&self) -> Spread {
        self.log_loss
    }

    /// Precision, recall and F1 over all repeats: each goal counts once a repeat.
    #[must_use]
    pub const fn report(&self) -> &ClassificationReport {
        &self.report
    }

    /// What was said against what happened, over all repeats.
    #[must_use]
    pub const fn reliability(&self) -> &Reliability {
        &self.reliability
    }

    /// For each repeat the probability of each row, said by the model that had not learnt from it.
    #[must_use]
    pub fn out_of_fold(&self) -> &[Vec<f64>] {
        &self.out_of_fold
    }

    /// The figures of the candidate at this place.
    pub(crate) fn new(
        (model, place): (Candidate, usize),
        examples: &GoalExamples,
        repeats: &[Vec<Judged>],
        n_bins: usize,
    ) -> Result<Self, Error> {
        let scores: Vec<[f64; 4]> =
            repeats.iter().map(|folds| repeat_scores(place, examples, folds)).collect::<Result<_, _>>()?;
        let spread =
            |figure: usize| Spread::new(&scores.iter().map(|scores| scores[figure]).collect::<Vec<_>>());
        let out_of_fold: Vec<Vec<f64>> =
            repeats.iter().map(|folds| by_row(place, folds, examples.n_rows())).collect();
        let actual = examples.labels().repeat(repeats.len());
        let said = out_of_fold.concat();
        let report = ClassificationReport::new(&actual, &reached(&said))?;
        let reliability = Reliability::new(&actual, &said, n_bins)?;
        let [accuracy, auc, brier, log_loss] = [0, 1, 2, 3].map(spread);
        Ok(Self { model, accuracy, auc, brier, log_loss, report, reliability, out_of_fold })
    }
}

/// All models on the same folds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    pub(crate) n_rows: usize,
    pub(crate) n_users: usize,
    pub(crate) base_rate: f64,
    pub(crate) n_folds: usize,
    pub(crate) n_repeats: usize,
    pub(crate) seed: u64,
    pub(crate) models: Models,
}

/// One evaluation per [`Candidate`], in the order of [`Candidate::ALL`].
pub(crate) type Models = [ModelEvaluation; 5];

impl Evaluation {
    /// The number of goals.
    #[must_use]
    pub const fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The number of users they are of.
    #[must_use]
    pub const fn n_users(&self) -> usize {
        self.n_users
    }

    /// The share of goals that were reached.
    #[must_use]
    pub const fn base_rate(&self) -> f64 {
        self.base_rate
    }

    /// The number of folds of a repeat.
    #[must_use]
    pub const fn n_folds(&self) -> usize {
        self.n_folds
    }

    /// The number of repeats; below the parameter only if the evaluation was stopped.
    #[must_use]
    pub const fn n_repeats(&self) -> usize {
        self.n_repeats
    }

    /// The seed of the folds.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// All models, in the order of [`Candidate::ALL`].
    #[must_use]
    pub const fn models(&self) -> &[ModelEvaluation] {
        &self.models
    }

    /// One model.
    #[must_use]
    pub const fn model(&self, candidate: Candidate) -> &ModelEvaluation {
        &self.models[candidate as usize]
    }
}

/// Above one half is reached; the half itself is not.
fn reached(probabilities: &[f64]) -> Vec<bool> {
    probabilities.iter().map(|p| *p > 0.5).collect()
}

/// Accuracy, area under the curve, Brier score and log loss of a repeat: means over its folds.
fn repeat_scores(place: usize, examples: &GoalExamples, folds: &[Judged]) -> Result<[f64; 4], DataError> {
    let mut sums = [0.0; 4];
    let mut with_both = 0;
    for fold in folds {
        let said = &fold.answers[place];
        let actual: Vec<bool> = fold.rows.iter().map(|row| examples.labels()[*row]).collect();
        sums[0] += metrics::accuracy(&actual, &reached(said))?;
        sums[2] += metrics::brier(&actual, said)?;
        sums[3] += metrics::log_loss(&actual, said)?;
        match metrics::roc_auc(&actual, said) {
            Ok(auc) => (sums[1], with_both) = (sums[1] + auc, with_both + 1),
            Err(DataError::Undefined { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    if with_both == 0 {
        let reason = "no fold has both outcomes";
        return Err(DataError::Undefined { figure: "area under the ROC curve", reason });
    }
    let n = folds.len() as f64;
    Ok([sums[0] / n, sums[1] / f64::from(with_both), sums[2] / n, sums[3] / n])
}

fn by_row(place: usize, folds: &[Judged], n_rows: usize) -> Vec<f64> {
    let mut answers = vec![0.0; n_rows];
    for fold in folds {
        fold.rows.iter().zip(&fold.answers[place]).for_each(|(row, p)| answers[*row] = *p);
    }
    answers
}
