//! A fitted forest of many classes.

use fincoach_core::ndarray::Array2;
use fincoach_core::{FeatureTable, Fit, FitReport, ParamError, Predict, Progress};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::examples::ClassExamples;
use super::grow::{Plan, grow};
use super::saved::Repr;
use super::split::Rules;
use crate::Error;
use crate::forest::contributions::{Contributions, contributions_of};
use crate::forest::grow::{grow_all, mean_shares, report_of};
use crate::forest::model::row_by_row;
use crate::forest::options::{ClassWeight, Splitter};
use crate::forest::params::ForestParams;
use crate::forest::ranks::RankedColumns;
use crate::forest::tree::Tree;

/// A random forest for any number of classes; made by [`ForestParams`] from [`ClassExamples`].
///
/// Splits lower the Gini impurity `1 − Σ p²` over all classes. The probability of a class is the mean over trees of its share
/// in the row's leaf. With two classes its probability of class 1 is that of the [`Forest`](crate::Forest) of the same
/// parameters, to the last bit.
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, Fit, Predict, RowKey, chrono::NaiveDate, ndarray::Array2};
/// use fincoach_goals::{ClassExamples, ForestParams};
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = (0..60).map(|user| RowKey { user: user.to_string(), as_of }).collect();
/// let table = FeatureTable::new(keys, ["rate"], Array2::from_shape_fn((60, 1), |(row, _)| row as f64))?;
/// let examples = ClassExamples::new(table.clone(), (0..60).map(|row| row / 20).collect())?;
/// let forest = ForestParams::default().with_n_trees(25).fit(&examples)?;
/// assert_eq!(forest.predict(&table)?[..2], [0, 0]);
/// let probabilities = forest.predict_proba(&table)?;
/// assert_eq!(probabilities.dim(), (60, 3));
/// assert!(probabilities[[30, 1]] > 0.9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct ClassForest {
    pub(super) params: ForestParams,
    pub(super) columns: Vec<String>,
    pub(super) splitter: Splitter,
    /// Of each tree one for every class: the same splits, with the shares of that class.
    pub(super) trees: Vec<Vec<Tree>>,
    pub(super) importances: Vec<f64>,
    pub(super) report: FitReport,
}

impl ClassForest {
    /// The parameters it was fitted with.
    #[must_use]
    pub const fn params(&self) -> &ForestParams {
        &self.params
    }

    /// The columns it was fitted on, in order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The number of classes.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.trees.first().map_or(0, Vec::len)
    }

    /// The number of trees; below the parameter only if the fit was stopped.
    #[must_use]
    pub fn n_trees(&self) -> usize {
        self.trees.len()
    }

    /// How much each column lowered the Gini impurity: as [`Forest::importances`](crate::Forest::importances).
    #[must_use]
    pub fn importances(&self) -> &[f64] {
        &self.importances
    }

    /// How splits were found: [`Splitter::Exact`] or [`Splitter::Histogram`].
    #[must_use]
    pub const fn splitter(&self) -> Splitter {
        self.splitter
    }

    /// How the fit ended.
    #[must_use]
    pub const fn report(&self) -> &FitReport {
        &self.report
    }

    /// The probability of each class, `(n_rows, n_classes)`; a row sums to 1. `O(n_rows · n_trees · (depth + n_classes))`.
    ///
    /// # Errors
    /// [`DataError::Columns`](fincoach_core::DataError::Columns) unless the table has exactly the columns of the fit.
    pub fn predict_proba(&self, table: &FeatureTable) -> Result<Array2<f64>, Error> {
        table.expect_columns(&self.columns)?;
        let (k, width) = (self.n_classes(), self.columns.len());
        let mut sums = Array2::zeros((table.n_rows(), k));
        let values = row_by_row(table);
        let flat = sums.as_slice_mut().unwrap_or_default();
        flat.par_chunks_mut(k).zip(values.par_chunks(width)).for_each(|(sums, row)| {
            for trees in &self.trees {
                let leaf = trees[0].leaf_of(row);
                sums.iter_mut().zip(trees).for_each(|(sum, tree)| *sum += tree.share_at(leaf));
            }
            sums.iter_mut().for_each(|sum| *sum /= self.trees.len() as f64);
        });
        Ok(sums)
    }

    /// What each column adds to the probability of one class: as [`Forest::contributions`](crate::Forest::contributions).
    ///
    /// # Errors
    /// [`ParamError`] for a class that is not there, [`DataError::Columns`](fincoach_core::DataError::Columns) unless the
    /// table has exactly the columns of the fit.
    pub fn contributions(&self, table: &FeatureTable, class: usize) -> Result<Contributions, Error> {
        ParamError::ensure(class < self.n_classes(), "class", "below the number of classes", class)?;
        table.expect_columns(&self.columns)?;
        let trees: Vec<&Tree> = self.trees.iter().map(|trees| &trees[class]).collect();
        Ok(contributions_of(&trees, table))
    }
}

impl Predict<FeatureTable> for ClassForest {
    type Output = Vec<usize>;
    type Error = Error;

    /// The most probable class of each row, the lowest of equals.
    ///
    /// # Errors
    /// As [`ClassForest::predict_proba`].
    fn predict(&self, table: &FeatureTable) -> Result<Vec<usize>, Error> {
        let probabilities = self.predict_proba(table)?;
        Ok(probabilities.rows().into_iter().map(|row| most_probable(row.iter().copied())).collect())
    }
}

/// The class of the highest probability, the lowest of equals.
pub(super) fn most_probable(probabilities: impl Iterator<Item = f64>) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (class, probability) in probabilities.enumerate() {
        if probability > best.1 {
            best = (class, probability);
        }
    }
    best.0
}

/// Cost as of two classes, times the number of classes for each place of a split.
impl Fit<ClassExamples> for ForestParams {
    type Model = ClassForest;
    type Error = Error;

    /// Fits; tells every tree as a step of `forest`. When stopped, the forest has the trees told so far.
    ///
    /// # Errors
    /// [`Error::Param`], also for monotone columns and given class weights, which are of two outcomes.
    fn fit_with(&self, examples: &ClassExamples, progress: &mut dyn Progress) -> Result<ClassForest, Error> {
        self.check()?;
        self.check_classes()?;
        let table = examples.table();
        let splitter = self.splitter().resolved(table.n_rows());
        let most_ranks = if splitter == Splitter::Histogram { self.max_bins() } else { usize::MAX };
        let min_leaf = u32::try_from(self.min_samples_leaf()).unwrap_or(u32::MAX);
        let plan = Plan {
            params: self,
            labels: examples.labels(),
            ranks: &RankedColumns::new(table.values(), most_ranks),
            rules: Rules { weights: self.class_weights(examples), min_leaf },
            columns_per_node: self.columns_per_node(table.n_columns())?,
        };
        let grown = grow_all(self, |rng| grow(&plan, rng), progress);
        Ok(ClassForest {
            params: self.clone(),
            columns: table.columns().to_vec(),
            splitter,
            importances: mean_shares(grown.iter().map(|tree| &tree.importances), table.n_columns()),
            report: report_of(self, grown.len()),
            trees: grown.into_iter().map(|grown| grown.trees).collect(),
        })
    }
}

impl ForestParams {
    /// Options that know but two outcomes are refused.
    pub(super) fn check_classes(&self) -> Result<(), ParamError> {
        let n_monotone = self.monotone().len();
        ParamError::ensure(n_monotone == 0, "monotone", "empty where there are classes", n_monotone)?;
        let known = matches!(self.class_weight(), ClassWeight::Equal | ClassWeight::Balanced);
        let given = format!("{:?}", self.class_weight());
        ParamError::ensure(known, "class_weight", "`Equal` or `Balanced` where there are classes", given)
    }

    /// The weight of a row, by class.
    pub(super) fn class_weights(&self, examples: &ClassExamples) -> Vec<f64> {
        let balanced = self.class_weight() == ClassWeight::Balanced;
        let all = examples.n_rows() as f64;
        let each = |size: &usize| if balanced { all / (examples.n_classes() * size) as f64 } else { 1.0 };
        examples.sizes().iter().map(each).collect()
    }
}
