//! The fitted forest.

use std::borrow::Cow;

use fincoach_core::ndarray::Array2;
use fincoach_core::{DataError, FeatureTable, FitReport, Predict, json_artifact};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::grow::{Grown, mean_shares, report_of};
use super::options::Splitter;
use super::params::ForestParams;
use super::tree::{LANES, Tree};
use crate::Error;

/// A random forest that gives the probability that a goal is reached; made by [`ForestParams`].
///
/// The probability is the mean over trees of the share of reached goals in the row's leaf.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct Forest {
    params: ForestParams,
    columns: Vec<String>,
    splitter: Splitter,
    trees: Vec<Tree>,
    importances: Vec<f64>,
    report: FitReport,
}

impl Forest {
    pub(super) fn assemble(
        params: ForestParams,
        columns: Vec<String>,
        splitter: Splitter,
        grown: Vec<Grown>,
    ) -> Self {
        let importances = mean_shares(grown.iter().map(|tree| &tree.importances), columns.len());
        let report = report_of(&params, grown.len());
        let trees = grown.into_iter().map(|grown| grown.tree).collect();
        Self { params, columns, splitter, trees, importances, report }
    }

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

    /// How splits were found: [`Splitter::Exact`] or [`Splitter::Histogram`].
    #[must_use]
    pub const fn splitter(&self) -> Splitter {
        self.splitter
    }

    /// The number of trees; below the parameter only if the fit was stopped.
    #[must_use]
    pub fn n_trees(&self) -> usize {
        self.trees.len()
    }

    /// The number of leaves of all trees.
    #[must_use]
    pub fn n_leaves(&self) -> usize {
        self.trees.iter().map(Tree::n_leaves).sum()
    }

    /// The depth of the deepest tree.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.trees.iter().map(Tree::depth).max().unwrap_or(0)
    }

    /// How much each column lowered the Gini impurity, in the order of the columns; they add up to 1, or are
    /// all 0 when no tree has a split.
    ///
    /// In each tree the fall at a split counts with the size of its node and the falls are divided by their
    /// sum; the forest has the mean over trees, again divided by its sum. Like every impurity importance it
    /// favours columns with many distinct values and says nothing about held-out data. Equal splits, frequent in
    /// small nodes, go to the lowest column: with a few hundred rows this shifts about 0.01 to the first columns.
    #[must_use]
    pub fn importances(&self) -> &[f64] {
        &self.importances
    }

    /// How the fit ended.
    #[must_use]
    pub const fn report(&self) -> &FitReport {
        &self.report
    }
}

/// Rows that one task answers: the trees stay in cache meanwhile.
const ROWS_PER_TASK: usize = 256;

impl Forest {
    /// The probability of both outcomes, shape `(n_rows, 2)`: missed, reached.
    ///
    /// # Errors
    /// [`DataError::Columns`] unless the table has exactly the columns of the fit.
    pub fn predict_proba(&self, table: &FeatureTable) -> Result<Array2<f64>, Error> {
        let reached = self.predict(table)?;
        Ok(Array2::from_shape_fn((reached.len(), 2), |(row, outcome)| match outcome {
            0 => 1.0 - reached[row],
            _ => reached[row],
        }))
    }

    /// The probability that one goal is reached, without a table: `values` are in the order of
    /// [`Forest::columns`].
    ///
    /// # Errors
    /// [`DataError::Length`] unless there is a value per column, [`DataError::NotFinite`] for NaN and infinity.
    pub fn predict_row(&self, values: &[f64]) -> Result<f64, Error> {
        DataError::ensure_len("values of a row", self.columns.len(), values.len())?;
        if let Some(column) = values.iter().position(|value| !value.is_finite()) {
            let name = self.columns[column].clone();
            return Err(DataError::NotFinite { row: 0, column: name, value: values[column] }.into());
        }
        let sum = self.trees.iter().fold(0.0, |sum, tree| sum + tree.share(values));
        Ok(sum / self.trees.len() as f64)
    }

    pub(super) fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// Answers rows of finite values that lie one after the other.
    pub(super) fn answer(&self, values: &[f64]) -> Vec<f64> {
        let width = self.columns.len();
        let mut answers = vec![0.0; values.len() / width];
        let tasks = answers.par_chunks_mut(ROWS_PER_TASK).zip(values.par_chunks(ROWS_PER_TASK * width));
        tasks.for_each(|(answers, values)| self.answer_task(answers, values));
        answers
    }

    /// Every row adds up its trees in order, whichever rows stand beside it.
    fn answer_task(&self, answers: &mut [f64], values: &[f64]) {
        let width = self.columns.len();
        for tree in &self.trees {
            let mut groups = answers.chunks_exact_mut(LANES);
            let mut rows = values.chunks_exact(LANES * width);
            for (group, rows) in (&mut groups).zip(&mut rows) {
                let shares = tree.shares_of(rows, width);
                group.iter_mut().zip(shares).for_each(|(answer, share)| *answer += share);
            }
            let rest = groups.into_remainder().iter_mut().zip(rows.remainder().chunks_exact(width));
            rest.for_each(|(answer, row)| *answer += tree.share(row));
        }
        answers.iter_mut().for_each(|answer| *answer /= self.trees.len() as f64);
    }
}

/// The values of a table, one row after the other.
pub(super) fn row_by_row(table: &FeatureTable) -> Cow<'_, [f64]> {
    let values = table.values();
    match values.to_slice() {
        Some(slice) => Cow::Borrowed(slice),
        None => Cow::Owned(values.iter().copied().collect()),
    }
}

impl Predict<FeatureTable> for Forest {
    type Output = Vec<f64>;
    type Error = Error;

    /// The probability of each row that its goal is reached, 0 to 1. `O(n_rows · n_trees · depth)`.
    ///
    /// # Errors
    /// [`DataError::Columns`] unless the table has exactly the columns of the fit.
    fn predict(&self, table: &FeatureTable) -> Result<Vec<f64>, Error> {
        table.expect_columns(&self.columns)?;
        Ok(self.answer(&row_by_row(table)))
    }
}

json_artifact!(Forest, "goal_forest", 1);

/// The form on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    params: ForestParams,
    columns: Vec<String>,
    /// Which splitter the trees were grown with; left out for the exact one, which was the first there was.
    #[serde(default = "exact", skip_serializing_if = "is_exact")]
    splitter: Splitter,
    trees: Vec<Tree>,
    importances: Vec<f64>,
    report: FitReport,
}

const fn exact() -> Splitter {
    Splitter::Exact
}

fn is_exact(splitter: &Splitter) -> bool {
    *splitter == Splitter::Exact
}

impl From<Forest> for Repr {
    fn from(forest: Forest) -> Self {
        let Forest { params, columns, splitter, trees, importances, report } = forest;
        Self { params, columns, splitter, trees, importances, report }
    }
}

impl TryFrom<Repr> for Forest {
    type Error = Error;

    fn try_from(repr: Repr) -> Result<Self, Error> {
        let Repr { params, columns, splitter, trees, importances, report } = repr;
        params.check()?;
        ensure_columns(&columns)?;
        params.columns_per_node(columns.len())?;
        params.directions(&columns)?;
        ensure_splitter(&params, splitter).map_err(inconsistent)?;
        for tree in &trees {
            tree.ensure_columns(columns.len())?;
            if params.max_depth().is_some_and(|depth| tree.depth() > depth) {
                return Err(inconsistent("a tree is deeper than `max_depth`").into());
            }
        }
        ensure_importances(&importances, columns.len())?;
        ensure_whole(&params, trees.len(), &report).map_err(inconsistent)?;
        Ok(Self { params, columns, splitter, trees, importances, report })
    }
}

fn inconsistent(reason: &str) -> DataError {
    DataError::Inconsistent { what: "forest", reason: reason.to_owned() }
}

/// The splitter of a forest was found out, and is the one that was asked for, if one was.
pub(super) fn ensure_splitter(params: &ForestParams, splitter: Splitter) -> Result<(), &'static str> {
    let asked = params.splitter();
    if splitter == Splitter::Auto || (asked != Splitter::Auto && asked != splitter) {
        return Err("the splitter is not the one of the parameters");
    }
    Ok(())
}

/// There are trees, no more than were asked for, and the report says whether they are all.
pub(super) fn ensure_whole(
    params: &ForestParams,
    n_trees: usize,
    report: &FitReport,
) -> Result<(), &'static str> {
    if (1..=params.n_trees()).contains(&n_trees) && *report == report_of(params, n_trees) {
        return Ok(());
    }
    Err("the number of trees, `n_trees` and the report disagree")
}

pub(crate) fn ensure_columns(columns: &[String]) -> Result<(), DataError> {
    if columns.is_empty() {
        return Err(DataError::Empty { what: "columns of the forest" });
    }
    match (1..columns.len()).find(|index| columns[..*index].contains(&columns[*index])) {
        None => Ok(()),
        Some(index) => Err(DataError::Duplicate { what: "column", name: columns[index].clone() }),
    }
}

pub(super) fn ensure_importances(importances: &[f64], n_columns: usize) -> Result<(), DataError> {
    DataError::ensure_len("importances", n_columns, importances.len())?;
    let in_range = importances.iter().all(|share| (0.0..=1.0).contains(share));
    let sum: f64 = importances.iter().sum();
    if in_range && (sum == 0.0 || (sum - 1.0).abs() < 1e-9) {
        return Ok(());
    }
    Err(inconsistent("the importances add up to neither 0 nor 1"))
}
