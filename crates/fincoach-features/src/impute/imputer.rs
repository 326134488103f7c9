//! What stands in for a missing value.

use fincoach_core::{DataError, FeatureTable, Fit, ParamError, Predict, Progress, json_artifact};
use serde::{Deserialize, Serialize};

use super::PartialTable;
use super::partial_table::complete;
use crate::Error;

/// What a missing value becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Filling {
    /// The median of the column's values at the fit, the mean of the middle two of an even number.
    #[default]
    Median,
    /// The same number everywhere.
    Constant(f64),
}

/// Which columns get a second one that says where they were missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Indicators {
    /// Those in which a value was missing at the fit. A value that is missing later in another column is filled
    /// without a trace in the table; [`Imputer::n_unmarked`] counts them.
    #[default]
    SeenMissing,
    /// Every column: no value is ever filled without a trace, at the cost of columns that are 0 throughout.
    All,
    /// None.
    Off,
}

/// Parameters of an [`Imputer`].
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `filling` | median | | what a missing value becomes: [`Filling`] |
/// | `fallback` | 0 | finite | what it becomes in a column that had no value at the fit |
/// | `indicators` | seen missing | | which columns get a column `<name>_missing`: [`Indicators`] |
///
/// # Examples
/// ```
/// use fincoach_core::{Fit, RowKey, chrono::NaiveDate};
/// use fincoach_features::{ImputerParams, PartialTable};
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = ["a", "b", "c"].map(|user| RowKey { user: user.into(), as_of }).to_vec();
/// let values = vec![Some(1.0), Some(10.0), Some(2.0), None, Some(3.0), Some(30.0)];
/// let table = PartialTable::new(keys, ["x", "y"], values)?;
/// let imputer = ImputerParams::default().fit(&table)?;
/// let complete = imputer.transform(&table)?;
/// assert_eq!(complete.columns(), ["x", "y", "y_missing"]);
/// assert_eq!(complete.row(1).to_vec(), [2.0, 20.0, 1.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImputerParams {
    filling: Filling,
    fallback: f64,
    indicators: Indicators,
}

impl ImputerParams {
    /// Sets what a missing value becomes.
    #[must_use]
    pub const fn with_filling(self, filling: Filling) -> Self {
        Self { filling, ..self }
    }

    /// Sets what a missing value becomes in a column without any.
    #[must_use]
    pub const fn with_fallback(self, fallback: f64) -> Self {
        Self { fallback, ..self }
    }

    /// Sets which columns get an indicator.
    #[must_use]
    pub const fn with_indicators(self, indicators: Indicators) -> Self {
        Self { indicators, ..self }
    }

    /// What a missing value becomes.
    #[must_use]
    pub const fn filling(&self) -> Filling {
        self.filling
    }

    /// What a missing value becomes in a column without any.
    #[must_use]
    pub const fn fallback(&self) -> f64 {
        self.fallback
    }

    /// Which columns get an indicator.
    #[must_use]
    pub const fn indicators(&self) -> Indicators {
        self.indicators
    }

    fn check(&self) -> Result<(), ParamError> {
        ParamError::ensure(self.fallback.is_finite(), "fallback", "finite", self.fallback)?;
        let Filling::Constant(constant) = self.filling else { return Ok(()) };
        ParamError::ensure(constant.is_finite(), "filling", "finite", constant)
    }

    fn column(&self, name: &str, values: &[Option<f64>]) -> Column {
        let present: Vec<f64> = values.iter().copied().flatten().collect();
        let seen_missing = present.len() < values.len();
        let fill = match self.filling {
            Filling::Median => median(present).unwrap_or(self.fallback),
            Filling::Constant(constant) => constant,
        };
        let indicator = match self.indicators {
            Indicators::SeenMissing => seen_missing,
            Indicators::All => true,
            Indicators::Off => false,
        };
        Column { name: name.to_owned(), fill, indicator }
    }
}

impl Fit<PartialTable> for ImputerParams {
    type Model = Imputer;
    type Error = Error;

    /// Learns what to fill in: fit it on the rows a model is trained on and on no others.
    ///
    /// # Errors
    /// [`Error::Param`]; [`Error::Data`] for a table without rows or with a column that already has the name of an
    /// indicator.
    fn fit_with(&self, table: &PartialTable, _progress: &mut dyn Progress) -> Result<Imputer, Error> {
        self.check()?;
        if table.n_rows() == 0 {
            return Err(DataError::Empty { what: "rows" }.into());
        }
        let column = |name: &String| Ok(self.column(name, &table.column(name)?));
        let columns = table.columns().iter().map(column).collect::<Result<_, DataError>>()?;
        Ok(Imputer::checked(columns)?)
    }
}

/// Fills what is missing and says where: the step between features and models.
///
/// The table it gives has the columns it was fitted on, then for each column with an indicator one that is 1 where the
/// value was missing and 0 elsewhere. It is saved beside the model it was fitted for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct Imputer {
    columns: Vec<Column>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    name: String,
    fill: f64,
    indicator: bool,
}

impl Imputer {
    /// The table with nothing missing, `(n_rows, n_columns + n_indicators)`. `O(n_rows · n_columns)`.
    ///
    /// # Errors
    /// [`DataError::Columns`] unless the table has the columns of the fit.
    pub fn transform(&self, table: &PartialTable) -> Result<FeatureTable, DataError> {
        self.expect_columns(table)?;
        let mut values = Vec::with_capacity(table.n_rows() * self.names().count());
        for row in 0..table.n_rows() {
            let cells = || table.row(row).iter().zip(&self.columns);
            values.extend(cells().map(|(value, column)| value.unwrap_or(column.fill)));
            let marked = cells().filter(|(_, column)| column.indicator);
            values.extend(marked.map(|(value, _)| f64::from(u8::from(value.is_none()))));
        }
        complete(table.keys().to_vec(), self.names().collect(), values)
    }

    /// The names of the columns of the table it gives.
    pub fn names(&self) -> impl Iterator<Item = String> + '_ {
        let marked = self.columns.iter().filter(|column| column.indicator);
        self.columns
            .iter()
            .map(|column| column.name.clone())
            .chain(marked.map(|column| indicator(&column.name)))
    }

    /// What a missing value of each column becomes, in the order of the columns.
    pub fn fillings(&self) -> impl Iterator<Item = (&str, f64)> + '_ {
        self.columns.iter().map(|column| (column.name.as_str(), column.fill))
    }

    /// Values that are missing in a column without an indicator: they are filled without a trace.
    ///
    /// # Errors
    /// [`DataError::Columns`].
    pub fn n_unmarked(&self, table: &PartialTable) -> Result<usize, DataError> {
        self.expect_columns(table)?;
        let missing = table.n_missing().into_iter().zip(&self.columns);
        Ok(missing.filter(|(_, column)| !column.indicator).map(|(n, _)| n).sum())
    }

    fn checked(columns: Vec<Column>) -> Result<Self, DataError> {
        let imputer = Self { columns };
        let mut names = std::collections::BTreeSet::new();
        for name in imputer.names() {
            if let Some(name) = names.replace(name) {
                return Err(DataError::Duplicate { what: "column", name });
            }
        }
        let broken = imputer.columns.iter().enumerate().find(|(_, column)| !column.fill.is_finite());
        match broken {
            Some((row, column)) => {
                Err(DataError::NotFinite { row, column: column.name.clone(), value: column.fill })
            }
            None => Ok(imputer),
        }
    }

    fn expect_columns(&self, table: &PartialTable) -> Result<(), DataError> {
        let length = self.columns.len().max(table.n_columns());
        let pair = |at: usize| (self.columns.get(at).map(|column| &column.name), table.columns().get(at));
        match (0..length).find(|at| pair(*at).0 != pair(*at).1) {
            None => Ok(()),
            Some(position) => {
                let (expected, got) = pair(position);
                Err(DataError::Columns { position, expected: expected.cloned(), got: got.cloned() })
            }
        }
    }
}

impl Predict<PartialTable> for Imputer {
    type Output = FeatureTable;
    type Error = Error;

    fn predict(&self, table: &PartialTable) -> Result<FeatureTable, Error> {
        Ok(self.transform(table)?)
    }
}

json_artifact!(Imputer, "imputer", 1);

/// The form on disk; reading it checks names and numbers.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    columns: Vec<Column>,
}

impl TryFrom<Repr> for Imputer {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        Self::checked(repr.columns)
    }
}

impl From<Imputer> for Repr {
    fn from(imputer: Imputer) -> Self {
        Self { columns: imputer.columns }
    }
}

fn indicator(name: &str) -> String {
    format!("{name}_missing")
}

/// `None` of nothing.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    // Halved before they are added, so that the sum of two large values cannot overflow.
    Some(if lower == upper { upper } else { lower / 2.0 + upper / 2.0 })
}
