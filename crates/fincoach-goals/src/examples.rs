//! What models learn from.

use std::collections::BTreeMap;

use fincoach_core::{DataError, FeatureTable};

/// Goals with a known outcome: one row of features each, and whether the goal was reached.
///
/// A row must hold only what was known at its as-of date; the outcome is from later. Rows are keyed by user
/// and date, so one user may have several goals, and [`crate::RepeatedStratifiedFolds`] keeps them together.
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, RowKey, chrono::NaiveDate, ndarray::array};
/// use fincoach_goals::GoalExamples;
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = ["anna", "ben"].map(|user| RowKey { user: user.into(), as_of }).to_vec();
/// let table = FeatureTable::new(keys, ["savings_rate"], array![[0.3], [-0.1]])?;
/// let examples = GoalExamples::new(table, vec![true, false])?;
/// assert_eq!(examples.base_rate(), 0.5);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GoalExamples {
    table: FeatureTable,
    labels: Vec<bool>,
}

impl GoalExamples {
    /// Goals with features `table`, shape `(n_rows, n_columns)`, and outcome `labels`, one per row.
    ///
    /// # Errors
    /// [`DataError::Length`] unless there is a label per row, [`DataError::Empty`] without rows or columns.
    pub fn new(table: FeatureTable, labels: Vec<bool>) -> Result<Self, DataError> {
        DataError::ensure_len("labels", table.n_rows(), labels.len())?;
        if labels.is_empty() {
            return Err(DataError::Empty { what: "goal examples" });
        }
        if table.n_columns() == 0 {
            return Err(DataError::Empty { what: "columns of goal examples" });
        }
        Ok(Self { table, labels })
    }

    /// The features, `(n_rows, n_columns)`.
    #[must_use]
    pub const fn table(&self) -> &FeatureTable {
        &self.table
    }

    /// Whether each goal was reached.
    #[must_use]
    pub fn labels(&self) -> &[bool] {
        &self.labels
    }

    /// The number of goals.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.labels.len()
    }

    /// The number of goals that were reached.
    #[must_use]
    pub fn n_reached(&self) -> usize {
        self.labels.iter().filter(|reached| **reached).count()
    }

    /// The share of goals that were reached, 0 to 1.
    #[must_use]
    pub fn base_rate(&self) -> f64 {
        self.n_reached() as f64 / self.n_rows() as f64
    }

    /// The number of each row's user, users counted from 0 in the order of their names.
    #[must_use]
    pub fn users(&self) -> Vec<usize> {
        let names = self.table.keys().iter().map(|key| key.user.as_str());
        let mut numbers: BTreeMap<&str, usize> = names.clone().map(|name| (name, 0)).collect();
        for (number, place) in numbers.values_mut().enumerate() {
            *place = number;
        }
        names.map(|name| numbers[name]).collect()
    }

    /// The goals of these rows, in this order.
    ///
    /// # Errors
    /// [`DataError::Length`] for a row that is not there, [`DataError::Duplicate`] for one taken twice,
    /// [`DataError::Empty`] when none is taken.
    pub fn take(&self, rows: &[usize]) -> Result<Self, DataError> {
        let table = self.table.take(rows)?;
        Self::new(table, rows.iter().map(|row| self.labels[*row]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::table;

    #[test]
    fn a_label_is_needed_for_every_row() {
        let rows = table(vec![vec![1.0], vec![2.0]]);
        assert!(matches!(GoalExamples::new(rows, vec![true]), Err(DataError::Length { .. })));
        assert!(matches!(GoalExamples::new(table(vec![]), vec![]), Err(DataError::Empty { .. })));
    }

    #[test]
    fn rows_are_taken_with_their_labels() {
        let all = GoalExamples::new(table(vec![vec![1.0], vec![2.0]]), vec![true, false]).unwrap();
        let one = all.take(&[1]).unwrap();
        assert_eq!((one.labels(), one.table().row(0)[0]), (&[false][..], 2.0));
        assert_eq!(all.users(), [0, 1]);
    }
}
