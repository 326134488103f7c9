//! Rows whose class is known.

use fincoach_core::{DataError, FeatureTable};

/// A table of features with the class of each row, counted from 0.
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, RowKey, chrono::NaiveDate, ndarray::array};
/// use fincoach_goals::ClassExamples;
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = ["anna", "ben", "cleo"].map(|user| RowKey { user: user.into(), as_of }).to_vec();
/// let table = FeatureTable::new(keys, ["income"], array![[1.0], [2.0], [3.0]])?;
/// assert_eq!(ClassExamples::new(table.clone(), vec![0, 2, 1])?.n_classes(), 3);
/// let error = ClassExamples::new(table, vec![0, 2, 0]).unwrap_err();
/// assert_eq!(error.to_string(), "classes is inconsistent: no rows of class 1");
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ClassExamples {
    table: FeatureTable,
    labels: Vec<usize>,
    sizes: Vec<usize>,
}

impl ClassExamples {
    /// Rows with features `table`, `(n_rows, n_columns)`, and a class each; there are as many classes as the highest number
    /// says, and each has a row.
    ///
    /// # Errors
    /// [`DataError::Length`] unless there is a label per row, [`DataError::Empty`] without rows or columns,
    /// [`DataError::Inconsistent`] for a class without rows.
    pub fn new(table: FeatureTable, labels: Vec<usize>) -> Result<Self, DataError> {
        DataError::ensure_len("labels", table.n_rows(), labels.len())?;
        if table.n_columns() == 0 {
            return Err(DataError::Empty { what: "columns of class examples" });
        }
        let Some(last) = labels.iter().max() else { return Err(DataError::Empty { what: "class examples" }) };
        if *last >= labels.len() {
            return Err(without_rows(missing(&labels)));
        }
        let mut sizes = vec![0; last + 1];
        labels.iter().for_each(|label| sizes[*label] += 1);
        match sizes.iter().position(|size| *size == 0) {
            None => Ok(Self { table, labels, sizes }),
            Some(class) => Err(without_rows(class)),
        }
    }

    /// The features, `(n_rows, n_columns)`.
    #[must_use]
    pub const fn table(&self) -> &FeatureTable {
        &self.table
    }

    /// The class of each row.
    #[must_use]
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// The number of classes.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.sizes.len()
    }

    /// The number of rows of each class.
    #[must_use]
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// The number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.labels.len()
    }

    /// The rows of these numbers, in this order.
    ///
    /// # Errors
    /// As [`ClassExamples::new`] and [`FeatureTable::take`].
    pub fn take(&self, rows: &[usize]) -> Result<Self, DataError> {
        let table = self.table.take(rows)?;
        Self::new(table, rows.iter().map(|row| self.labels[*row]).collect())
    }
}

/// The lowest class that is missing; with more classes than rows there is one.
fn missing(labels: &[usize]) -> usize {
    (0..=labels.len()).find(|class| !labels.contains(class)).unwrap_or(0)
}

fn without_rows(class: usize) -> DataError {
    DataError::Inconsistent { what: "classes", reason: format!("no rows of class {class}") }
}
