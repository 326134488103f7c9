//! Named columns of finite numbers, one row per user and date.

use chrono::NaiveDateTime;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use crate::DataError;

/// Whose row it is, and from when: everything in the row was known at `as_of`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowKey {
    /// The user.
    pub user: String,
    /// The last moment the row may know of.
    pub as_of: NaiveDateTime,
}

/// A table of finite `f64` columns, `(n_rows, n_columns)`, keyed by user and as-of date.
///
/// It checks itself when built: names are unique, keys are unique, no value is NaN or infinite. Code that
/// takes a `FeatureTable` needs no such checks of its own.
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, RowKey, chrono::NaiveDate, ndarray::array};
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = ["anna", "ben"].map(|user| RowKey { user: user.into(), as_of }).to_vec();
/// let table = FeatureTable::new(keys, ["income", "spending"], array![[2000.0, 1500.0], [1800.0, 1900.0]])?;
/// assert_eq!(table.column("spending")?[1], 1900.0);
/// assert_eq!(table.column("spendng").unwrap_err().to_string(), "no column `spendng`; did you mean `spending`?");
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct FeatureTable {
    keys: Vec<RowKey>,
    columns: Vec<String>,
    values: Array2<f64>,
}

impl FeatureTable {
    /// A table of `values`, shape `(keys.len(), columns.len())`.
    ///
    /// # Errors
    /// [`DataError::Length`] when the shape does not fit, [`DataError::Duplicate`] for a column or key
    /// given twice, [`DataError::NotFinite`] for NaN and infinity.
    pub fn new<S: Into<String>>(
        keys: Vec<RowKey>,
        columns: impl IntoIterator<Item = S>,
        values: Array2<f64>,
    ) -> Result<Self, DataError> {
        let columns: Vec<String> = columns.into_iter().map(Into::into).collect();
        DataError::ensure_len("rows", keys.len(), values.nrows())?;
        DataError::ensure_len("columns", columns.len(), values.ncols())?;
        ensure_unique("column", columns.iter().map(String::as_str))?;
        ensure_unique_keys(&keys)?;
        for ((row, column), value) in values.indexed_iter() {
            if !value.is_finite() {
                return Err(DataError::NotFinite { row, column: columns[column].clone(), value: *value });
            }
        }
        // Row views are handed to code that wants slices, so the layout is fixed here once.
        Ok(Self { keys, columns, values: values.as_standard_layout().into_owned() })
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

    /// All values, `(n_rows, n_columns)`, in row-major order.
    #[must_use]
    pub fn values(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// The values of one row.
    ///
    /// # Panics
    /// When `row` is not below [`FeatureTable::n_rows`].
    #[must_use]
    pub fn row(&self, row: usize) -> ArrayView1<'_, f64> {
        self.values.row(row)
    }

    /// The position of a column.
    ///
    /// # Errors
    /// [`DataError::UnknownName`] with the nearest name there is.
    pub fn column_index(&self, name: &str) -> Result<usize, DataError> {
        self.columns
            .iter()
            .position(|column| column == name)
            .ok_or_else(|| DataError::unknown("column", name, self.columns.iter().cloned()))
    }

    /// The values of one column.
    ///
    /// # Errors
    /// [`DataError::UnknownName`].
    pub fn column(&self, name: &str) -> Result<ArrayView1<'_, f64>, DataError> {
        Ok(self.values.column(self.column_index(name)?))
    }

    /// The table of these columns, in this order.
    ///
    /// # Errors
    /// [`DataError::UnknownName`] or [`DataError::Duplicate`].
    pub fn select<S: AsRef<str>>(&self, names: &[S]) -> Result<Self, DataError> {
        let indices: Vec<usize> =
            names.iter().map(|name| self.column_index(name.as_ref())).collect::<Result<_, _>>()?;
        let columns = names.iter().map(|name| name.as_ref().to_owned());
        Self::new(self.keys.clone(), columns, self.values.select(Axis(1), &indices))
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
        Self::new(keys, self.columns.iter().cloned(), self.values.select(Axis(0), rows))
    }

    /// The table with one more column at the end.
    ///
    /// # Errors
    /// [`DataError::Length`], [`DataError::Duplicate`] or [`DataError::NotFinite`].
    pub fn with_column(&self, name: impl Into<String>, values: Vec<f64>) -> Result<Self, DataError> {
        DataError::ensure_len("values of the new column", self.n_rows(), values.len())?;
        let mut all = self.values.clone();
        let shape = DataError::Length { what: "rows", expected: self.n_rows(), got: values.len() };
        all.push_column(Array1::from(values).view()).map_err(|_| shape)?;
        Self::new(self.keys.clone(), self.columns.iter().cloned().chain([name.into()]), all)
    }

    /// Checks that the table has exactly these columns in this order.
    ///
    /// # Errors
    /// [`DataError::Columns`] with the first position at which they differ.
    pub fn expect_columns(&self, expected: &[String]) -> Result<(), DataError> {
        let length = expected.len().max(self.columns.len());
        match (0..length).find(|position| expected.get(*position) != self.columns.get(*position)) {
            None => Ok(()),
            Some(position) => Err(DataError::Columns {
                position,
                expected: expected.get(position).cloned(),
                got: self.columns.get(position).cloned(),
            }),
        }
    }
}

/// The form on disk; reading it goes through [`FeatureTable::new`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    keys: Vec<RowKey>,
    columns: Vec<String>,
    values: Vec<f64>,
}

impl TryFrom<Repr> for FeatureTable {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        let shape = (repr.keys.len(), repr.columns.len());
        let got = repr.values.len();
        let values = Array2::from_shape_vec(shape, repr.values).map_err(|_| DataError::Length {
            what: "values",
            expected: shape.0 * shape.1,
            got,
        })?;
        Self::new(repr.keys, repr.columns, values)
    }
}

impl From<FeatureTable> for Repr {
    fn from(table: FeatureTable) -> Self {
        Self { keys: table.keys, columns: table.columns, values: table.values.into_iter().collect() }
    }
}

fn ensure_unique<'a>(what: &'static str, names: impl Iterator<Item = &'a str>) -> Result<(), DataError> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(DataError::Duplicate { what, name: name.to_owned() });
        }
    }
    Ok(())
}

fn ensure_unique_keys(keys: &[RowKey]) -> Result<(), DataError> {
    let mut sorted: Vec<&RowKey> = keys.iter().collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(pair) => Err(DataError::Duplicate {
            what: "row of user and date",
            name: format!("{} {}", pair[0].user, pair[0].as_of),
        }),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use ndarray::array;

    use super::*;

    fn keys(users: &[&str]) -> Vec<RowKey> {
        let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
        users.iter().map(|user| RowKey { user: (*user).to_owned(), as_of }).collect()
    }

    fn table() -> FeatureTable {
        FeatureTable::new(keys(&["a", "b", "c"]), ["x", "y"], array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
            .unwrap()
    }

    #[test]
    fn a_nan_is_reported_with_its_place() {
        let error = FeatureTable::new(keys(&["a", "b"]), ["x"], array![[1.0], [f64::NAN]]).unwrap_err();
        assert_eq!(error.to_string(), "row 1, column `x`: NaN is not a finite number");
    }

    #[test]
    fn names_and_keys_are_unique() {
        assert!(matches!(
            FeatureTable::new(keys(&["a"]), ["x", "x"], array![[1.0, 2.0]]),
            Err(DataError::Duplicate { what: "column", .. })
        ));
        assert!(FeatureTable::new(keys(&["a", "a"]), ["x"], array![[1.0], [2.0]]).is_err());
    }

    #[test]
    fn rows_and_columns_can_be_chosen() {
        let chosen = table().select(&["y"]).unwrap().take(&[2, 0]).unwrap();
        assert_eq!(chosen.values(), array![[6.0], [2.0]]);
        assert_eq!(chosen.keys()[0].user, "c");
        assert!(table().take(&[3]).is_err());
    }

    #[test]
    fn a_column_can_be_added() {
        let wider = table().with_column("z", vec![7.0, 8.0, 9.0]).unwrap();
        assert_eq!(wider.row(1).to_vec(), [3.0, 4.0, 8.0]);
        assert!(table().with_column("z", vec![1.0]).is_err());
        assert!(table().with_column("x", vec![1.0; 3]).is_err());
    }

    #[test]
    fn wrong_columns_are_named() {
        let error = table().expect_columns(&["x".into(), "z".into()]).unwrap_err();
        assert_eq!(error.to_string(), "column 1 is `y`, expected `z`");
        let error = table().expect_columns(&["x".into()]).unwrap_err();
        assert_eq!(error.to_string(), "column 1 is `y`, expected missing");
    }

    #[test]
    fn a_table_survives_json() {
        let text = serde_json::to_string(&table()).unwrap();
        assert_eq!(serde_json::from_str::<FeatureTable>(&text).unwrap(), table());
        assert!(serde_json::from_str::<FeatureTable>(&text.replace("6.0]", "6.0,7.0]")).is_err());
    }
}
