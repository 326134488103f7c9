//! A fitted preparation.

use fincoach_core::ndarray::Array2;
use fincoach_core::{DataError, FeatureTable};
use serde::{Deserialize, Serialize};

use super::rule::Rule;
use crate::{Error, Pca};

/// Rules that bring a table into the form that segments are found in; the same for every later row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preparation {
    columns: Vec<String>,
    rules: Vec<Rule>,
    notes: Vec<String>,
    whitening: Option<Pca>,
}

impl Preparation {
    pub(super) fn new(columns: Vec<String>, rules: Vec<Rule>, notes: Vec<String>) -> Self {
        Self { columns, rules, notes, whitening: None }
    }

    pub(super) fn with_whitening(self, pca: Pca) -> Self {
        Self { whitening: Some(pca), ..self }
    }

    /// The columns a table must have, in this order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Names of what is kept: columns, and `a / b` for ratios.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.rules.iter().map(|rule| rule.name.as_str()).collect()
    }

    /// What was left out, and why; one sentence for each.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The number of columns that come out.
    #[must_use]
    pub fn n_prepared(&self) -> usize {
        self.whitening.as_ref().map_or(self.rules.len(), |pca| pca.components().nrows())
    }

    /// The prepared rows, `(n_rows, n_prepared)`; rows do not influence one another.
    ///
    /// # Errors
    /// [`Error::Data`] when the columns are others or in another order.
    pub fn transform(&self, table: &FeatureTable) -> Result<Array2<f64>, Error> {
        let scaled = self.scaled(table)?;
        let Some(pca) = &self.whitening else { return Ok(scaled) };
        let mut rotated = pca.transform(scaled.view())?;
        for (mut column, variance) in rotated.columns_mut().into_iter().zip(pca.explained_variance()) {
            // A component without variance holds rounding only.
            let scale = if *variance > 1e-12 { 1.0 / variance.sqrt() } else { 0.0 };
            column *= scale;
        }
        Ok(rotated)
    }

    /// The rows as cut and scaled, before any whitening; `(n_rows, names)`.
    pub(crate) fn scaled(&self, table: &FeatureTable) -> Result<Array2<f64>, Error> {
        table.expect_columns(&self.columns)?;
        let values = table.values();
        Ok(Array2::from_shape_fn((table.n_rows(), self.rules.len()), |(row, index)| {
            let rule = &self.rules[index];
            rule.apply(rule.source.value(values.row(row)))
        }))
    }

    /// Checks a preparation that came from a file.
    pub(crate) fn check(&self) -> Result<(), DataError> {
        self.rules.iter().try_for_each(|rule| rule.check(self.columns.len()))?;
        if let Some(pca) = &self.whitening {
            DataError::ensure_len("columns of the whitening", self.rules.len(), pca.means().len())?;
        }
        if self.rules.is_empty() { Err(DataError::Empty { what: "rules" }) } else { Ok(()) }
    }
}
