//! Parameters of a preparation and its fit.

use fincoach_core::{DataError, FeatureTable, ParamError};
use serde::{Deserialize, Serialize};

use super::fitted::Preparation;
use super::rule::{Rule, Source};
use crate::{Error, Pca};

/// What becomes of values before they are cut and scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Amounts {
    /// `asinh(value / u)`, u the median size of the column's values other than 0: linear about 0, logarithmic
    /// far from it, and the same for either sign.
    #[default]
    SignedLog,
    /// The values themselves.
    AsTheyAre,
}

/// What columns are centred at and divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scaling {
    /// Mean and population deviation, of the values as cut.
    #[default]
    Standard,
    /// Median and interquartile range / 1.349; where half of the values are equal, the deviation.
    Robust,
}

/// Parameters of a preparation.
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `columns` | none: all | names of columns | the columns that count |
/// | `ratios` | none | pairs of names | further columns: the first divided by the size of the second, 0 where that is 0 |
/// | `amounts` | [`Amounts::SignedLog`] | see there | what becomes of values first |
/// | `winsor` | 0.02 | in [0, 0.5) | share of the values at either end that is moved in to the quantile there |
/// | `scaling` | [`Scaling::Standard`] | see there | centre and unit of each column |
/// | `least_varying` | 0.01 | in [0, 1) | a column in which no more than this share of the rows differs from its commonest value is left out |
/// | `most_alike` | 0.999 | in (0, 1] | a column whose correlation with an earlier one has at least this size is left out |
/// | `whiten` | none | 1 to the columns left | principal components kept, each brought to variance 1 |
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, RowKey, chrono::NaiveDate, ndarray::array};
/// use fincoach_segmentation::PreparationParams;
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = (0..4).map(|user| RowKey { user: user.to_string(), as_of }).collect();
/// let values = array![[1.0, 7.0, 2.0], [2.0, 7.0, 4.0], [3.0, 7.0, 6.0], [900.0, 7.0, 1800.0]];
/// let table = FeatureTable::new(keys, ["spending", "fee", "in cents"], values)?;
/// let preparation = PreparationParams::default().fit(&table)?;
/// assert_eq!(preparation.names(), ["spending"]);
/// assert_eq!(preparation.notes(), [
///     "`fee` is left out: it hardly varies",
///     "`in cents` is left out: it says the same as `spending`",
/// ]);
/// # Ok::<(), fincoach_segmentation::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PreparationParams {
    columns: Vec<String>,
    ratios: Vec<(String, String)>,
    amounts: Amounts,
    winsor: f64,
    scaling: Scaling,
    least_varying: f64,
    most_alike: f64,
    whiten: Option<usize>,
}

impl Default for PreparationParams {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            ratios: Vec::new(),
            amounts: Amounts::default(),
            winsor: 0.02,
            scaling: Scaling::default(),
            least_varying: 0.01,
            most_alike: 0.999,
            whiten: None,
        }
    }
}

impl PreparationParams {
    /// Eleven figures of how a household lives, for a table of schema v2 over a year (`window_days` 365):
    /// income, the share of it put aside, groceries, transport, the spread of purchases, and, as shares of
    /// the income, the mean balance, all spending, shopping, eating out and entertainment.
    ///
    /// Chosen on simulated households of other seeds than those the documentation reports on.
    #[must_use]
    pub fn way_of_life() -> Self {
        let columns =
            ["income", "put_aside_rate", "groceries_spending", "transport_spending", "purchase_deviation"];
        let shares =
            ["mean_balance", "spending", "shopping_spending", "dine_out_spending", "entertainment_spending"];
        Self::default().with_columns(columns).with_ratios(shares.map(|column| (column, "income")))
    }

    /// Sets the columns that count; none stands for all.
    #[must_use]
    pub fn with_columns<S: Into<String>>(self, columns: impl IntoIterator<Item = S>) -> Self {
        Self { columns: columns.into_iter().map(Into::into).collect(), ..self }
    }

    /// Sets further columns, each one column divided by the size of another.
    #[must_use]
    pub fn with_ratios<S: Into<String>>(self, ratios: impl IntoIterator<Item = (S, S)>) -> Self {
        let ratios = ratios.into_iter().map(|(part, whole)| (part.into(), whole.into())).collect();
        Self { ratios, ..self }
    }

    /// Sets what becomes of values first.
    #[must_use]
    pub fn with_amounts(self, amounts: Amounts) -> Self {
        Self { amounts, ..self }
    }

    /// Sets the share of values moved in at either end.
    #[must_use]
    pub fn with_winsor(self, winsor: f64) -> Self {
        Self { winsor, ..self }
    }

    /// Sets centre and unit of the columns.
    #[must_use]
    pub fn with_scaling(self, scaling: Scaling) -> Self {
        Self { scaling, ..self }
    }

    /// Sets the share of differing rows up to which a column is left out.
    #[must_use]
    pub fn with_least_varying(self, least_varying: f64) -> Self {
        Self { least_varying, ..self }
    }

    /// Sets the correlation from which on a column is left out.
    #[must_use]
    pub fn with_most_alike(self, most_alike: f64) -> Self {
        Self { most_alike, ..self }
    }

    /// Sets how many principal components are kept and brought to variance 1; `None` keeps the columns.
    #[must_use]
    pub fn with_whiten(self, whiten: Option<usize>) -> Self {
        Self { whiten, ..self }
    }

    /// The names of the columns that the table must have, each once; none where all columns count.
    ///
    /// # Examples
    /// ```
    /// use fincoach_segmentation::PreparationParams;
    /// let params = PreparationParams::default().with_columns(["income"]).with_ratios([("spending", "income")]);
    /// assert_eq!(params.needed_columns(), ["income", "spending"]);
    /// ```
    #[must_use]
    pub fn needed_columns(&self) -> Vec<String> {
        let of_ratios = self.ratios.iter().flat_map(|(part, whole)| [part, whole]);
        let mut needed: Vec<String> = Vec::new();
        for name in self.columns.iter().chain(of_ratios) {
            if !needed.contains(name) {
                needed.push(name.clone());
            }
        }
        needed
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        let within = |value: f64, low: f64, high: f64| value >= low && value < high;
        ParamError::ensure(within(self.winsor, 0.0, 0.5), "winsor", "in [0, 0.5)", self.winsor)?;
        let least = self.least_varying;
        ParamError::ensure(within(least, 0.0, 1.0), "least_varying", "in [0, 1)", least)?;
        let most = self.most_alike;
        ParamError::ensure(most > 0.0 && most <= 1.0, "most_alike", "in (0, 1]", most)?;
        ParamError::ensure(self.whiten != Some(0), "whiten", "at least 1", 0)
    }

    /// Finds out units, quantiles and scales from a table. `O(n_rows log n_rows · n_columns)`, and
    /// `O(n_rows · n_columns²)` to compare columns.
    ///
    /// # Errors
    /// [`Error::Param`]; [`Error::Data`] for an unknown column, no rows, or when no column is left.
    pub fn fit(&self, table: &FeatureTable) -> Result<Preparation, Error> {
        self.check()?;
        if table.n_rows() == 0 {
            return Err(DataError::Empty { what: "rows" }.into());
        }
        let mut notes = Vec::new();
        let mut kept: Vec<(Rule, Vec<f64>)> = Vec::new();
        for source in self.sources(table)? {
            let values = source.values(table.values());
            let name = source.name(table.columns());
            if !varies(&values, self.least_varying) {
                notes.push(format!("`{name}` is left out: it hardly varies"));
                continue;
            }
            let rule = Rule::fit(name, source, &values, (self.amounts, self.winsor, self.scaling));
            let prepared: Vec<f64> = values.iter().map(|value| rule.apply(*value)).collect();
            let twin = kept.iter().find(|(_, known)| correlation(known, &prepared).abs() >= self.most_alike);
            if let Some((twin, _)) = twin {
                notes.push(format!("`{}` is left out: it says the same as `{}`", rule.name, twin.name));
            } else {
                kept.push((rule, prepared));
            }
        }
        if kept.is_empty() {
            return Err(DataError::Empty { what: "columns that vary" }.into());
        }
        let rules = kept.into_iter().map(|(rule, _)| rule).collect();
        self.whitened(Preparation::new(table.columns().to_vec(), rules, notes), table)
    }

    fn whitened(&self, preparation: Preparation, table: &FeatureTable) -> Result<Preparation, Error> {
        let Some(n_components) = self.whiten else { return Ok(preparation) };
        let pca = Pca::fit(preparation.scaled(table)?.view(), n_components)?;
        Ok(preparation.with_whitening(pca))
    }

    fn sources(&self, table: &FeatureTable) -> Result<Vec<Source>, DataError> {
        let plain = |column| Source { column, over: None };
        let mut sources: Vec<Source> = if self.columns.is_empty() && self.ratios.is_empty() {
            (0..table.n_columns()).map(plain).collect()
        } else {
            self.columns.iter().map(|name| table.column_index(name).map(plain)).collect::<Result<_, _>>()?
        };
        for (part, whole) in &self.ratios {
            let over = Some(table.column_index(whole)?);
            sources.push(Source { column: table.column_index(part)?, over });
        }
        Ok(sources)
    }
}

/// Whether more than `least` of the values differ from the commonest one.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn varies(values: &[f64], least: f64) -> bool {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let commonest = sorted.chunk_by(|a, b| a == b).map(<[f64]>::len).max().unwrap_or(0);
    (values.len() - commonest) as f64 > least * values.len() as f64
}

/// Pearson's; 0 where one of the two does not vary.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().max(1) as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let pairs = a.iter().zip(b).map(|(x, y)| (x - mean_a, y - mean_b));
    let (aa, bb, ab) =
        pairs.fold((0.0, 0.0, 0.0), |(aa, bb, ab), (x, y)| (aa + x * x, bb + y * y, ab + x * y));
    if aa > 0.0 && bb > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 }
}
