//! What a column is worth to a forest on given data.

use fincoach_core::{Control, ParamError, Progress, Silent, Step, metrics, rng};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::{Forest, row_by_row};
use crate::{Error, GoalExamples};

/// By which figure a shuffled column is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ImportanceScore {
    /// The rise of the Brier score.
    Brier,
    /// The fall of the accuracy, a probability above one half counted as reached.
    Accuracy,
    /// The fall of the area under the ROC curve.
    Auc,
}

/// Parameters of permutation importances (Breiman 2001): how much worse a forest answers when the values of one
/// column are shuffled among the rows.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `n_repeats` | 5 | ≥ 1 | shuffles of each column |
/// | `score` | `Brier` | see [`ImportanceScore`] | figure that is compared |
/// | `seed` | 0 | – | repeat `r` of column `c` draws from stream `c · n_repeats + r` |
///
/// Give data that the forest has not learnt from: on its own rows a column of noise that it learnt by heart looks
/// important. Columns that say the same share their importance, or both look worthless: the other stands in
/// for the shuffled one. `O(n_columns · n_repeats · n_rows · n_trees · depth)`.
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, Fit, RowKey, chrono::NaiveDate, ndarray::Array2};
/// use fincoach_goals::{ForestParams, GoalExamples, PermutationParams};
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = (0..40).map(|user| RowKey { user: user.to_string(), as_of }).collect();
/// let values = Array2::from_shape_fn((40, 2), |(row, column)| if column == 0 { row as f64 } else { 1.0 });
/// let table = FeatureTable::new(keys, ["saved", "constant"], values)?;
/// let examples = GoalExamples::new(table, (0..40).map(|row| row >= 20).collect())?;
/// let forest = ForestParams::default().fit(&examples)?;
/// let importances = PermutationParams::default().evaluate(&forest, &examples)?;
/// assert!(importances.mean(0) > 0.2, "answers are worthless without it");
/// assert_eq!(importances.mean(1), 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PermutationParams {
    n_repeats: usize,
    score: ImportanceScore,
    seed: u64,
}

impl Default for PermutationParams {
    fn default() -> Self {
        Self { n_repeats: 5, score: ImportanceScore::Brier, seed: 0 }
    }
}

impl PermutationParams {
    /// The number of shuffles of each column.
    #[must_use]
    pub const fn n_repeats(&self) -> usize {
        self.n_repeats
    }

    /// The figure that is compared.
    #[must_use]
    pub const fn score(&self) -> ImportanceScore {
        self.score
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Sets the number of shuffles of each column.
    #[must_use]
    pub const fn with_n_repeats(self, n_repeats: usize) -> Self {
        Self { n_repeats, ..self }
    }

    /// Sets the figure that is compared.
    #[must_use]
    pub const fn with_score(self, score: ImportanceScore) -> Self {
        Self { score, ..self }
    }

    /// Sets the seed.
    #[must_use]
    pub const fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Shuffles every column in turn, in silence.
    ///
    /// # Errors
    /// As [`PermutationParams::evaluate_with`].
    pub fn evaluate(
        &self,
        forest: &Forest,
        examples: &GoalExamples,
    ) -> Result<PermutationImportances, Error> {
        self.evaluate_with(forest, examples, &mut Silent)
    }

    /// Shuffles every column in turn and tells each as a step of `permutation`; when stopped, the importances are
    /// those of the first columns.
    ///
    /// # Errors
    /// [`Error::Param`]; [`fincoach_core::DataError::Columns`] for other columns than those of the fit,
    /// [`fincoach_core::DataError::Undefined`] for the AUC of one outcome alone.
    pub fn evaluate_with(
        &self,
        forest: &Forest,
        examples: &GoalExamples,
        progress: &mut dyn Progress,
    ) -> Result<PermutationImportances, Error> {
        ParamError::ensure(self.n_repeats >= 1, "n_repeats", "at least 1", self.n_repeats)?;
        examples.table().expect_columns(forest.columns())?;
        let values = row_by_row(examples.table());
        let unshuffled = self.score.of(examples.labels(), &forest.answer(&values))?;
        let n_columns = forest.columns().len();
        let mut falls = Vec::new();
        for column in 0..n_columns {
            let repeats = (0..self.n_repeats).into_par_iter().map(|repeat| {
                let stream = (column * self.n_repeats + repeat) as u64;
                let mut shuffled = values.to_vec();
                let order = rng::stream(self.seed, stream).permutation(examples.n_rows());
                for (row, from) in order.into_iter().enumerate() {
                    shuffled[row * n_columns + column] = values[from * n_columns + column];
                }
                let score = self.score.of(examples.labels(), &forest.answer(&shuffled))?;
                Ok(unshuffled - score)
            });
            falls.push(repeats.collect::<Result<Vec<f64>, Error>>()?);
            let step = Step::new("permutation", column as u64 + 1, n_columns as u64);
            if progress.step(&step) == Control::Stop {
                break;
            }
        }
        Ok(PermutationImportances { falls })
    }
}

impl ImportanceScore {
    /// The figure, the greater the better.
    fn of(self, labels: &[bool], answers: &[f64]) -> Result<f64, Error> {
        Ok(match self {
            Self::Brier => -metrics::brier(labels, answers)?,
            Self::Auc => metrics::roc_auc(labels, answers)?,
            Self::Accuracy => {
                let said: Vec<bool> = answers.iter().map(|p| *p > 0.5).collect();
                metrics::accuracy(labels, &said)?
            }
        })
    }
}

/// How much worse a forest answers without each column; made by [`PermutationParams::evaluate`].
#[derive(Clone, Debug, PartialEq)]
pub struct PermutationImportances {
    falls: Vec<Vec<f64>>,
}

impl PermutationImportances {
    /// The number of columns that were shuffled; below that of the forest only when stopped.
    #[must_use]
    pub const fn n_columns(&self) -> usize {
        self.falls.len()
    }

    /// The loss of each shuffle of a column, in the unit of the score; below 0 where the shuffle helped.
    ///
    /// # Panics
    /// When there is no such column.
    #[must_use]
    pub fn repeats(&self, column: usize) -> &[f64] {
        &self.falls[column]
    }

    /// The mean loss over the shuffles of a column.
    ///
    /// # Panics
    /// When there is no such column.
    #[must_use]
    pub fn mean(&self, column: usize) -> f64 {
        let falls = self.repeats(column);
        falls.iter().sum::<f64>() / falls.len() as f64
    }

    /// The standard deviation over the shuffles of a column (divided by their number, as in scikit-learn).
    ///
    /// # Panics
    /// When there is no such column.
    #[must_use]
    pub fn standard_deviation(&self, column: usize) -> f64 {
        let (falls, mean) = (self.repeats(column), self.mean(column));
        let squares: f64 = falls.iter().map(|fall| (fall - mean) * (fall - mean)).sum();
        (squares / falls.len() as f64).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::{DataError, Fit};

    use super::*;
    use crate::ForestParams;
    use crate::synthetic::noisy;

    #[test]
    fn the_columns_that_matter_are_found_on_new_rows() {
        let forest = ForestParams::default().with_n_trees(50).fit(&noisy(400, 5, 1)).unwrap();
        let other = noisy(400, 5, 2);
        for score in [ImportanceScore::Brier, ImportanceScore::Accuracy, ImportanceScore::Auc] {
            let importances =
                PermutationParams::default().with_score(score).evaluate(&forest, &other).unwrap();
            let means: Vec<f64> = (0..5).map(|column| importances.mean(column)).collect();
            assert!(means[0] > 2.0 * means[1] && means[1] > 0.01, "{score:?} {means:?}");
            assert!(means[2..].iter().all(|mean| mean.abs() < 0.5 * means[1]), "{score:?} {means:?}");
            assert!((0..5).all(|column| importances.standard_deviation(column) < 0.05));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_and_stopping_keeps_the_first() {
        let data = noisy(60, 3, 1);
        let forest = ForestParams::default().with_n_trees(5).fit(&data).unwrap();
        let params = PermutationParams::default().with_seed(3).with_n_repeats(2);
        let whole = params.evaluate(&forest, &data).unwrap();
        assert_eq!(whole, params.evaluate(&forest, &data).unwrap());
        assert_ne!(whole, params.clone().with_seed(4).evaluate(&forest, &data).unwrap());
        let mut stop = |step: &Step<'_>| if step.done == 2 { Control::Stop } else { Control::Continue };
        let part = params.evaluate_with(&forest, &data, &mut stop).unwrap();
        assert_eq!((part.n_columns(), part.repeats(1)), (2, whole.repeats(1)));
    }

    #[test]
    fn what_cannot_be_judged_is_an_error() {
        let data = noisy(30, 2, 1);
        let forest = ForestParams::default().with_n_trees(2).fit(&data).unwrap();
        let none = PermutationParams::default().with_n_repeats(0).evaluate(&forest, &data);
        assert!(matches!(none, Err(Error::Param(_))));
        let other = PermutationParams::default().evaluate(&forest, &noisy(30, 3, 1));
        assert!(matches!(other, Err(Error::Data(DataError::Columns { .. }))));
        let one = GoalExamples::new(data.table().clone(), vec![true; 30]).unwrap();
        let auc = PermutationParams::default().with_score(ImportanceScore::Auc).evaluate(&forest, &one);
        assert!(matches!(auc, Err(Error::Data(DataError::Undefined { .. }))));
    }
}
