//! Parameters of the forest, and the fit.

use std::collections::BTreeMap;

use fincoach_core::{DataError, Fit, ParamError, Progress};
use serde::{Deserialize, Serialize};

use super::grow::{grow, grow_all};
use super::model::Forest;
use super::options::{ClassWeight, MaxFeatures, Monotone, Sampling, Splitter};
use super::ranks::RankedColumns;
use crate::{Error, GoalExamples};

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
/// | `bootstrap_share` | 1 | (0, 1] | draws of a tree under `Bootstrap`, as a share of the rows, rounded, at least 1 |
/// | `class_weight` | `Equal` | see [`ClassWeight`] | weight of the outcomes |
/// | `splitter` | `Auto` | see [`Splitter`] | where a split may lie |
/// | `max_bins` | 256 | 2 to 256 | bins of a column when the splitter is a histogram |
/// | `monotone` | none | columns of the data | columns along which the probability only rises or only falls |
/// | `seed` | 0 | – | tree `i` draws from stream `i` of the seed |
///
/// A split sends `value <= threshold` to the left, in training and prediction alike. It is the one with the
/// greatest fall of the Gini impurity over all places that the splitter allows; ties go to the
/// lowest column, then the lowest threshold. As in scikit-learn, a split that does not lower the impurity is
/// still made (exclusive-or needs one), and columns that are constant in a node do not use up its draws.
/// A row drawn twice counts as two draws. All goals with the same outcome are no error: the forest then
/// answers 0 or 1.
///
/// **Exact and histogram.** The histogram splitter is the exact one on the numbers of the bins. Where every column
/// has at most `max_bins` distinct values the trees are the same to the last bit. A column with more has
/// thresholds between bins only: midpoints of the greatest value of one bin and the least of a later one. In a
/// node the bins of the whole data are used, those without rows of the node left out. Prediction needs no bins.
///
/// **Monotone columns.** A split of such a column must leave the two shares in order, and what lies between
/// them becomes a bound of all nodes below, to which their shares are cut: so every tree, and the mean
/// of them, is monotone everywhere. This is the rule of scikit-learn (`monotonic_cst`).
///
/// Fitting costs `O(n_trees · max_features · n log n · depth)` at most; columns with few distinct values, or with
/// bins, need no sort: `O(n_trees · max_features · (n · depth + bins · nodes))`. Trees grow in parallel; the result
/// does not depend on the number of threads.
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
    #[serde(skip_serializing_if = "is_default::bootstrap_share")]
    bootstrap_share: f64,
    class_weight: ClassWeight,
    #[serde(skip_serializing_if = "is_default::splitter")]
    splitter: Splitter,
    #[serde(skip_serializing_if = "is_default::max_bins")]
    max_bins: usize,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    monotone: BTreeMap<String, Monotone>,
    seed: u64,
}

/// Parameters that came later are written only where they are not the default, so that a file of a forest that
/// does not use them is what it was before.
mod is_default {
    use super::{MOST_BINS, Splitter};

    pub(super) fn bootstrap_share(share: &f64) -> bool {
        *share == 1.0
    }

    pub(super) fn splitter(splitter: &Splitter) -> bool {
        *splitter == Splitter::Auto
    }

    pub(super) const fn max_bins(bins: &usize) -> bool {
        *bins == MOST_BINS
    }
}

/// The number of a bin fits a byte.
const MOST_BINS: usize = 256;

impl Default for ForestParams {
    fn default() -> Self {
        Self {
            n_trees: 100,
            max_depth: Some(10),
            max_features: MaxFeatures::Sqrt,
            min_samples_split: 2,
            min_samples_leaf: 1,
            sampling: Sampling::Bootstrap,
            bootstrap_share: 1.0,
            class_weight: ClassWeight::Equal,
            splitter: Splitter::Auto,
            max_bins: MOST_BINS,
            monotone: BTreeMap::new(),
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

    /// The draws of a tree under [`Sampling::Bootstrap`], as a share of the rows.
    #[must_use]
    pub const fn bootstrap_share(&self) -> f64 {
        self.bootstrap_share
    }

    /// How much each outcome counts.
    #[must_use]
    pub const fn class_weight(&self) -> ClassWeight {
        self.class_weight
    }

    /// Where a split may lie.
    #[must_use]
    pub const fn splitter(&self) -> Splitter {
        self.splitter
    }

    /// The greatest number of bins of a column.
    #[must_use]
    pub const fn max_bins(&self) -> usize {
        self.max_bins
    }

    /// The columns along which the probability only rises or only falls.
    #[must_use]
    pub const fn monotone(&self) -> &BTreeMap<String, Monotone> {
        &self.monotone
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Sets the number of trees.
    #[must_use]
    pub fn with_n_trees(self, n_trees: usize) -> Self {
        Self { n_trees, ..self }
    }

    /// Sets the greatest depth; `None` lifts the limit.
    #[must_use]
    pub fn with_max_depth(self, max_depth: impl Into<Option<usize>>) -> Self {
        Self { max_depth: max_depth.into(), ..self }
    }

    /// Sets how many columns a node looks at.
    #[must_use]
    pub fn with_max_features(self, max_features: MaxFeatures) -> Self {
        Self { max_features, ..self }
    }

    /// Sets the number of draws a node needs to be split.
    #[must_use]
    pub fn with_min_samples_split(self, min_samples_split: usize) -> Self {
        Self { min_samples_split, ..self }
    }

    /// Sets the number of draws each side of a split keeps.
    #[must_use]
    pub fn with_min_samples_leaf(self, min_samples_leaf: usize) -> Self {
        Self { min_samples_leaf, ..self }
    }

    /// Sets which rows a tree learns from.
    #[must_use]
    pub fn with_sampling(self, sampling: Sampling) -> Self {
        Self { sampling, ..self }
    }

    /// Sets the draws of a tree under [`Sampling::Bootstrap`], as a share of the rows.
    #[must_use]
    pub fn with_bootstrap_share(self, bootstrap_share: f64) -> Self {
        Self { bootstrap_share, ..self }
    }

    /// Sets how much each outcome counts.
    #[must_use]
    pub fn with_class_weight(self, class_weight: ClassWeight) -> Self {
        Self { class_weight, ..self }
    }

    /// Sets where a split may lie.
    #[must_use]
    pub fn with_splitter(self, splitter: Splitter) -> Self {
        Self { splitter, ..self }
    }

    /// Sets the greatest number of bins of a column.
    #[must_use]
    pub fn with_max_bins(self, max_bins: usize) -> Self {
        Self { max_bins, ..self }
    }

    /// Makes the probability rise or fall along one more column.
    #[must_use]
    pub fn with_monotone(mut self, column: impl Into<String>, monotone: Monotone) -> Self {
        self.monotone.insert(column.into(), monotone);
        self
    }

    /// Sets the seed.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
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
        let (share, bins) = (self.bootstrap_share, self.max_bins);
        ParamError::ensure(share > 0.0 && share <= 1.0, "bootstrap_share", "in (0, 1]", share)?;
        ParamError::ensure((2..=MOST_BINS).contains(&bins), "max_bins", "2 to 256", bins)?;
        self.class_weight.check()?;
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

    /// What each column is held to.
    pub(super) fn directions(&self, columns: &[String]) -> Result<Vec<Option<Monotone>>, DataError> {
        if let Some(name) = self.monotone.keys().find(|name| !columns.contains(name)) {
            return Err(DataError::unknown("column", name, columns.iter().cloned()));
        }
        Ok(columns.iter().map(|name| self.monotone.get(name).copied()).collect())
    }

    /// The number of draws of a tree.
    pub(super) fn n_draws(&self, n_rows: usize) -> usize {
        match self.sampling {
            Sampling::Bootstrap => ((self.bootstrap_share * n_rows as f64).round() as usize).max(1),
            Sampling::AllRows => n_rows,
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
            ClassWeight::Given { missed, reached } => [missed, reached],
        }
    }
}

impl Fit<GoalExamples> for ForestParams {
    type Model = Forest;
    type Error = Error;

    /// Fits; tells every tree as a step of `forest`. When stopped, the forest has the trees told so far.
    ///
    /// # Errors
    /// [`Error::Param`]; [`Error::Data`] with [`DataError::UnknownName`] for a monotone column that the data does
    /// not have.
    fn fit_with(&self, examples: &GoalExamples, progress: &mut dyn Progress) -> Result<Forest, Error> {
        self.check()?;
        let table = examples.table();
        let columns_per_node = self.columns_per_node(table.n_columns())?;
        let splitter = self.splitter.resolved(table.n_rows());
        let most_ranks = if splitter == Splitter::Histogram { self.max_bins } else { usize::MAX };
        let plan = Plan {
            params: self,
            labels: examples.labels(),
            ranks: &RankedColumns::new(table.values(), most_ranks),
            weights: self.weights(examples),
            columns_per_node,
            directions: self.directions(table.columns())?,
        };
        let grown = grow_all(self, |rng| grow(&plan, rng), progress);
        Ok(Forest::assemble(self.clone(), table.columns().to_vec(), splitter, grown))
    }
}

/// What all trees of a fit share.
pub(super) struct Plan<'a> {
    pub(super) params: &'a ForestParams,
    pub(super) labels: &'a [bool],
    pub(super) ranks: &'a RankedColumns,
    pub(super) weights: [f64; 2],
    pub(super) columns_per_node: usize,
    pub(super) directions: Vec<Option<Monotone>>,
}
