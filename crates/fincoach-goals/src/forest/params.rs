//! Parameters of the forest, and the fit.

use fincoach_core::{Control, Fit, FitReport, Outcome, ParamError, Progress, Step, rng};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::grow::{Grown, grow};
use super::model::Forest;
use super::ranks::RankedColumns;
use crate::{Error, GoalExamples};

/// How many columns a node looks at, drawn anew for every node.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MaxFeatures {
    /// The root of the number of columns, rounded down.
    Sqrt,
    /// All columns.
    All,
    /// This many, at least 1 and at most all.
    Count(usize),
    /// This share of the columns, in `(0, 1]`, rounded down, at least one.
    Share(f64),
}

/// Which rows a tree learns from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// As many draws with replacement as there are rows.
    Bootstrap,
    /// Every row once.
    AllRows,
}

/// How much each outcome counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClassWeight {
    /// Every row counts 1.
    Equal,
    /// Each outcome counts the same in sum: a row counts `n_rows / (2 · rows of its outcome)`. Probabilities
    /// are then those of a world where half of all goals are reached.
    Balanced,
}

/// Parameters of a random forest (Breiman 2001) for the probability that a goal is reached.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `n_trees` | 100 | ≥ 1 | number of trees |
/// | `max_depth` | 10 | ≥ 1, or none | edges from the root to the deepest leaf |
/// | `max_features` | `Sqrt` | see [`MaxFeatures`] | columns a node looks at |
/// | `min_samples_split` | 2 | ≥ 2 | draws a node needs to be split |
/// | `min_samples_leaf` | 1 | ≥ 1 | draws each side of a split must keep |
/// | `sampling` | `Bootstrap` | – | rows a tree learns from |
/// | `class_weight` | `Equal` | – | weight of the outcomes |
/// | `seed` | 0 | – | tree `i` draws from stream `i` of the seed |
///
/// A split sends `value <= threshold` to the left, in training and prediction alike. It is the one with the
/// greatest fall of the Gini impurity over all distinct values, no bins and no tolerance; ties go to the
/// lowest column, then the lowest threshold. As in scikit-learn, a split that does not lower the impurity is
/// still made (exclusive-or needs one), and columns that are constant in a node do not use up its draws.
/// A row drawn twice counts as two draws. All goals with the same outcome are no error: the forest then
/// answers 0 or 1.
///
/// Fitting costs `O(n_trees · max_features · n log n · depth)` at most; columns with few distinct values need
/// no sort. Trees grow in parallel; the result does not depend on the number of threads.
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, Fit, Predict, RowKey, chrono::NaiveDate, ndarray::Array2};
/// use fincoach_goals::{ForestParams, GoalExamples};
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = (0..40).map(|user| RowKey { user: user.to_string(), as_of }).collect();
/// let rate = Array2::from_shape_fn((40, 1), |(row, _)| row as f64 / 40.0);
/// let table = FeatureTable::new(keys, ["savings_rate"], rate)?;
/// let examples = GoalExamples::new(table.clone(), (0..40).map(|row| row >= 20).collect())?;
/// let forest = ForestParams::default().with_n_trees(25).with_seed(7).fit(&examples)?;
/// let reached = forest.predict(&table)?;
/// assert!(reached[0] < 0.1 && reached[39] > 0.9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ForestParams {
    n_trees: usize,
    max_depth: Option<usize>,
    max_features: MaxFeatures,
    min_samples_split: usize,
    min_samples_leaf: usize,
    sampling: Sampling,
    class_weight: ClassWeight,
    seed: u64,
}

impl Default for ForestParams {
    fn default() -> Self {
        Self {
            n_trees: 100,
            max_depth: Some(10),
            max_features: MaxFeatures::Sqrt,
            min_samples_split: 2,
            min_samples_leaf: 1,
            sampling: Sampling::Bootstrap,
            class_weight: ClassWeight::Equal,
            seed: 0,
        }
    }
}

impl ForestParams {
    /// The number of trees.
    #[must_use]
    pub const fn n_trees(&self) -> usize {
        self.n_trees
    }

    /// The greatest depth, `None` for no limit.
    #[must_use]
    pub const fn max_depth(&self) -> Option<usize> {
        self.max_depth
    }

    /// How many columns a node looks at.
    #[must_use]
    pub const fn max_features(&self) -> MaxFeatures {
        self.max_features
    }

    /// The number of draws a node needs to be split.
    #[must_use]
    pub const fn min_samples_split(&self) -> usize {
        self.min_samples_split
    }

    /// The number of draws each side of a split keeps.
    #[must_use]
    pub const fn min_samples_leaf(&self) -> usize {
        self.min_samples_leaf
    }

    /// Which rows a tree learns from.
    #[must_use]
    pub const fn sampling(&self) -> Sampling {
        self.sampling
    }

    /// How much each outcome counts.
    #[must_use]
    pub const fn class_weight(&self) -> ClassWeight {
        self.class_weight
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Sets the number of trees.
    #[must_use]
    pub const fn with_n_trees(self, n_trees: usize) -> Self {
        Self { n_trees, ..self }
    }

    /// Sets the greatest depth; `None` lifts the limit.
    #[must_use]
    pub fn with_max_depth(self, max_depth: impl Into<Option<usize>>) -> Self {
        Self { max_depth: max_depth.into(), ..self }
    }

    /// Sets how many columns a node looks at.
    #[must_use]
    pub const fn with_max_features(self, max_features: MaxFeatures) -> Self {
        Self { max_features, ..self }
    }

    /// Sets the number of draws a node needs to be split.
    #[must_use]
    pub const fn with_min_samples_split(self, min_samples_split: usize) -> Self {
        Self { min_samples_split, ..self }
    }

    /// Sets the number of draws each side of a split keeps.
    #[must_use]
    pub const fn with_min_samples_leaf(self, min_samples_leaf: usize) -> Self {
        Self { min_samples_leaf, ..self }
    }

    /// Sets which rows a tree learns from.
    #[must_use]
    pub const fn with_sampling(self, sampling: Sampling) -> Self {
        Self { sampling, ..self }
    }

    /// Sets how much each outcome counts.
    #[must_use]
    pub const fn with_class_weight(self, class_weight: ClassWeight) -> Self {
        Self { class_weight, ..self }
    }

    /// Sets the seed.
    #[must_use]
    pub const fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Checks every range.
    pub(crate) fn check(&self) -> Result<(), ParamError> {
        ParamError::ensure(self.n_trees >= 1, "n_trees", "at least 1", self.n_trees)?;
        let depth = self.max_depth.unwrap_or(usize::MAX);
        ParamError::ensure(depth >= 1, "max_depth", "at least 1, or none", depth)?;
        let (split, leaf) = (self.min_samples_split, self.min_samples_leaf);
        ParamError::ensure(split >= 2, "min_samples_split", "at least 2", split)?;
        ParamError::ensure(leaf >= 1, "min_samples_leaf", "at least 1", leaf)?;
        match self.max_features {
            MaxFeatures::Count(count) => ParamError::ensure(count >= 1, "max_features", "at least 1", count),
            MaxFeatures::Share(share) => {
                ParamError::ensure(share > 0.0 && share <= 1.0, "max_features", "in (0, 1]", share)
            }
            MaxFeatures::Sqrt | MaxFeatures::All => Ok(()),
        }
    }

    /// The number of columns a node looks at, of `n_columns`.
    pub(super) fn columns_per_node(&self, n_columns: usize) -> Result<usize, ParamError> {
        match self.max_features {
            MaxFeatures::Sqrt => Ok(n_columns.isqrt()),
            MaxFeatures::All => Ok(n_columns),
            MaxFeatures::Share(share) => Ok(((share * n_columns as f64) as usize).max(1)),
            MaxFeatures::Count(count) => {
                let allowed = "at most the number of columns";
                ParamError::ensure(count <= n_columns, "max_features", allowed, count).map(|()| count)
            }
        }
    }

    /// The weight of a row, by outcome.
    pub(super) fn weights(&self, examples: &GoalExamples) -> [f64; 2] {
        let reached = examples.n_reached();
        let missed = examples.n_rows() - reached;
        match self.class_weight {
            ClassWeight::Balanced if reached > 0 && missed > 0 => {
                [missed, reached].map(|count| examples.n_rows() as f64 / (2 * count) as f64)
            }
            ClassWeight::Balanced | ClassWeight::Equal => [1.0; 2],
        }
    }
}

/// Trees between two reports of progress: fixed, so that stopping does not depend on the number of threads.
const BATCH: usize = 16;

impl Fit<GoalExamples> for ForestParams {
    type Model = Forest;
    type Error = Error;

    /// Fits; tells every tree as a step of `forest`. When stopped, the forest has the trees told so far.
    fn fit_with(&self, examples: &GoalExamples, progress: &mut dyn Progress) -> Result<Forest, Error> {
        self.check()?;
        let columns_per_node = self.columns_per_node(examples.table().n_columns())?;
        let ranks = RankedColumns::new(examples.table().values());
        let weights = self.weights(examples);
        let plan = Plan { params: self, labels: examples.labels(), ranks: &ranks, weights, columns_per_node };
        let grown = plan.grow_all(progress);
        let outcome = if grown.len() < self.n_trees { Outcome::Stopped } else { Outcome::Converged };
        let columns = examples.table().columns().to_vec();
        Ok(Forest::assemble(self.clone(), columns, grown, FitReport::new(outcome)))
    }
}

/// What all trees of a fit share.
pub(super) struct Plan<'a> {
    pub(super) params: &'a ForestParams,
    pub(super) labels: &'a [bool],
    pub(super) ranks: &'a RankedColumns,
    pub(super) weights: [f64; 2],
    pub(super) columns_per_node: usize,
}

impl Plan<'_> {
    fn grow_all(&self, progress: &mut dyn Progress) -> Vec<Grown> {
        let n_trees = self.params.n_trees;
        let mut grown = Vec::new();
        for start in (0..n_trees).step_by(BATCH) {
            let end = n_trees.min(start + BATCH);
            let batch: Vec<Grown> = (start..end)
                .into_par_iter()
                .map(|tree| grow(self, rng::stream(self.params.seed, tree as u64)))
                .collect();
            for tree in batch {
                grown.push(tree);
                let step = Step::new("forest", grown.len() as u64, n_trees as u64);
                if progress.step(&step) == Control::Stop {
                    return grown;
                }
            }
        }
        grown
    }
}
