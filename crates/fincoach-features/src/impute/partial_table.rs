//! Named columns of numbers of which some are missing.

use fincoach_core::ndarray::Array2;
use fincoach_core::{DataError, FeatureTable, RowKey};
use serde::{Deserialize, Serialize};

/// A table keyed by user and as-of date in which a value may be missing: present or absent, never NaN.
///
/// It checks itself when built, as a [`FeatureTable`]: names and keys are unique, every value that is there is finite.
///
/// # Examples
/// ```
/// use fincoach_core::{RowKey, chrono::NaiveDate};
/// use fincoach_features::PartialTable;
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = ["anna", "ben"].map(|user| RowKey { user: user.into(), as_of }).to_vec();
/// let table = PartialTable::new(keys, ["income", "balance"], vec![Some(2000.0), None, Some(1800.0), Some(12.5)])?;
/// assert_eq!(table.get(0, 1), None);
/// assert_eq!(table.column("balance")?, [None, Some(12.5)]);
/// assert_eq!(table.n_missing(), [0, 1]);
/// assert!(table.to_complete().is_err());
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct PartialTable {
    keys: Vec<RowKey>,
    columns: Vec<String>,
    values: Vec<Option<f64>>,
}

impl PartialTable {
    /// A table of `values`, row after row, `keys.len()` times as many as columns.
    ///
    /// # Errors
    /// [`DataError::Length`] when the number of values does not fit, [`DataError::Duplicate`] for a column or key given
    /// twice, [`DataError::NotFinite`] for NaN and infinity.
    pub fn new<S: Into<String>>(
        keys: Vec<RowKey>,
        columns: impl IntoIterator<Item = S>,
        values: Vec<Option<f64>>,
    ) -> Result<Self, DataError> {
        let columns: Vec<String> = columns.into_iter().map(Into::into).collect();
        DataError::ensure_len("values", keys.len() * columns.len(), values.len())?;
        if let Some(name) = first_double(&columns) {
            return Err(DataError::Duplicate { what: "column", name: name.clone() });
        }
        if let Some(RowKey { user, as_of }) = first_double(&keys) {
            return Err(DataError::Duplicate {
                what: "row of user and date",
                name: format!("{user} {as_of}"),
            });
        }
        let not_finite = |value: &Option<f64>| value.is_some_and(|value| !value.is_finite());
        if let Some(at) = values.iter().position(not_finite) {
            let (row, column) = (at / columns.len(), columns[at % columns.len()].clone());
            return Err(DataError::NotFinite { row, column, value: values[at].unwrap_or(f64::NAN) });
        }
        Ok(Self { keys, columns, values })
    }

    /// The number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.keys.len()
    }

    /// The number of columns.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// User and date of each row.
    #[must_use]
    pub fn keys(&self) -> &[RowKey] {
        &self.keys
    }

    /// Names of the columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// One value; `None` where it is missing.
    ///
    /// # Panics
    /// When row or column is not in the table.
    #[must_use]
    pub fn get(&self, row: usize, column: usize) -> Option<f64> {
        assert!(column < self.n_columns(), "column {column} of {}", self.n_columns());
        self.row(row)[column]
    }

    /// The values of one row.
    ///
    /// # Panics
    /// When the row is not in the table.
    #[must_use]
    pub fn row(&self, row: usize) -> &[Option<f64>] {
        assert!(row < self.n_rows(), "row {row} of {}", self.n_rows());
        &self.values[row * self.n_columns()..(row + 1) * self.n_columns()]
    }

    /// The values of one column.
    ///
    /// # Errors
    /// [`DataError::UnknownName`] with the nearest name there is.
    pub fn column(&self, name: &str) -> Result<Vec<Option<f64>>, DataError> {
        let unknown = || DataError::unknown("column", name, self.columns.iter().cloned());
        let at = self.columns.iter().position(|column| column == name).ok_or_else(unknown)?;
        Ok((0..self.n_rows()).map(|row| self.get(row, at)).collect())
    }

    /// How many values are missing in each column.
    #[must_use]
    pub fn n_missing(&self) -> Vec<usize> {
        let missing = |at: usize| (0..self.n_rows()).filter(|row| self.get(*row, at).is_none()).count();
        (0..self.n_columns()).map(missing).collect()
    }

    /// The table of these rows, in this order.
    ///
    /// # Errors
    /// [`DataError::Length`] for a row that is not there, [`DataError::Duplicate`] for one taken twice.
    pub fn take(&self, rows: &[usize]) -> Result<Self, DataError> {
        if let Some(row) = rows.iter().find(|row| **row >= self.n_rows()) {
            return Err(DataError::Length { what: "rows", expected: self.n_rows(), got: row + 1 });
        }
        let keys = rows.iter().map(|row| self.keys[*row].clone()).collect();
        let values = rows.iter().flat_map(|row| self.row(*row).iter().copied()).collect();
        Self::new(keys, self.columns.iter().cloned(), values)
    }

    /// The table of these columns, in this order.
    ///
    /// # Errors
    /// [`DataError::UnknownName`] or [`DataError::Duplicate`].
    pub fn select<S: AsRef<str>>(&self, names: &[S]) -> Result<Self, DataError> {
        let columns: Vec<_> =
            names.iter().map(|name| self.column(name.as_ref())).collect::<Result<_, _>>()?;
        let values =
            (0..self.n_rows()).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
        Self::new(self.keys.clone(), names.iter().map(|name| name.as_ref().to_owned()), values)
    }

    /// The same table where nothing is missing.
    ///
    /// # Errors
    /// [`DataError::NotFinite`] with the first place where a value is missing, shown as NaN.
    pub fn to_complete(&self) -> Result<FeatureTable, DataError> {
        let values = self.values.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        complete(self.keys.clone(), self.columns.clone(), values)
    }
}

impl From<&FeatureTable> for PartialTable {
    fn from(table: &FeatureTable) -> Self {
        let values = table.values().iter().copied().map(Some).collect();
        Self { keys: table.keys().to_vec(), columns: table.columns().to_vec(), values }
    }
}

/// The form on disk, a missing value being null; reading it goes through [`PartialTable::new`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    keys: Vec<RowKey>,
    columns: Vec<String>,
    values: Vec<Option<f64>>,
}

impl TryFrom<Repr> for PartialTable {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        Self::new(repr.keys, repr.columns, repr.values)
    }
}

impl From<PartialTable> for Repr {
    fn from(table: PartialTable) -> Self {
        Self { keys: table.keys, columns: table.columns, values: table.values }
    }
}

/// The smallest of those that stand twice.
fn first_double<T: Ord>(all: &[T]) -> Option<&T> {
    let mut sorted: Vec<&T> = all.iter().collect();
    sorted.sort_unstable();
    sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

/// A table of values row after row.
pub(super) fn complete(
    keys: Vec<RowKey>,
    columns: Vec<String>,
    values: Vec<f64>,
) -> Result<FeatureTable, DataError> {
    let shape = (keys.len(), columns.len());
    let values = Array2::from_shape_vec(shape, values)
        .map_err(|error| DataError::Inconsistent { what: "table", reason: error.to_string() })?;
    FeatureTable::new(keys, columns, values)
}
