//! Contexts from segments and features.

use fincoach_core::ndarray::ArrayView2;
use fincoach_core::{DataError, FeatureTable, ParamError, StandardScaler, json_artifact};
use serde::{Deserialize, Serialize};

use crate::Error;

/// Makes the context of a decision: 1, then which segment the user is in, then chosen features standardised.
///
/// With `k` segments and `m` columns a context has `1 + k + m` numbers: the intercept, one number a segment
/// that is 1 for that of the user and 0 for the others, and the features with mean 0 and deviation 1 over the table the
/// context was fitted on, cut at ±5, so that one odd value does not outweigh all experience.
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, RowKey, chrono::NaiveDate, ndarray::array};
/// use fincoach_recommend::BanditContext;
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = ["anna", "ben"].map(|user| RowKey { user: user.into(), as_of }).to_vec();
/// let table = FeatureTable::new(keys, ["income", "age"], array![[1000.0, 30.0], [3000.0, 60.0]])?;
/// let context = BanditContext::fit(&table, &["income"], 3)?;
/// assert_eq!(context.contexts(&table, &[2, 0])?, [[1.0, 0.0, 0.0, 1.0, -1.0], [1.0, 1.0, 0.0, 0.0, 1.0]]);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct BanditContext {
    n_segments: usize,
    columns: Vec<String>,
    scaler: StandardScaler,
}

/// Where standardised features are cut.
const MOST: f64 = 5.0;

impl BanditContext {
    /// A context of these columns, standardised over this table, and of `n_segments` segments (0 for none).
    ///
    /// # Errors
    /// [`Error::Data`] for an unknown column, one given twice, or a table without rows.
    pub fn fit<S: AsRef<str>>(table: &FeatureTable, columns: &[S], n_segments: usize) -> Result<Self, Error> {
        let chosen = table.select(columns)?;
        let scaler = StandardScaler::fit(chosen.values())?;
        Ok(Self { n_segments, columns: chosen.columns().to_vec(), scaler })
    }

    /// The number of numbers of a context.
    #[must_use]
    pub const fn len(&self) -> usize {
        1 + self.n_segments + self.columns.len()
    }

    /// Whether a context has no numbers: never, it has its intercept.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// The number of segments.
    #[must_use]
    pub const fn n_segments(&self) -> usize {
        self.n_segments
    }

    /// The columns that are read.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The context of each row; `segments` holds the segment of each, and is empty where there are none.
    ///
    /// # Errors
    /// [`Error::Data`] for a missing column, and for segments that are not one a row or that do not exist.
    pub fn contexts(&self, table: &FeatureTable, segments: &[usize]) -> Result<Vec<Vec<f64>>, Error> {
        let n_labels = if self.n_segments == 0 { 0 } else { table.n_rows() };
        DataError::ensure_len("segments", n_labels, segments.len())?;
        let values = table.select(&self.columns)?;
        let scaled = self.scaler.transform(values.values())?;
        (0..table.n_rows()).map(|row| self.context(row, segments.get(row), scaled.view())).collect()
    }

    fn context(
        &self,
        row: usize,
        segment: Option<&usize>,
        scaled: ArrayView2<'_, f64>,
    ) -> Result<Vec<f64>, Error> {
        let mut context = vec![0.0; 1 + self.n_segments];
        context[0] = 1.0;
        if let Some(segment) = segment {
            if *segment >= self.n_segments {
                let (what, allowed) = ("segment", "below the number of segments");
                return Err(DataError::OutOfRange { row, what, allowed, value: *segment as f64 }.into());
            }
            context[1 + segment] = 1.0;
        }
        context.extend(scaled.row(row).iter().map(|value| value.clamp(-MOST, MOST)));
        Ok(context)
    }
}

json_artifact!(BanditContext, "bandit_context", 1);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    n_segments: usize,
    columns: Vec<String>,
    scaler: StandardScaler,
}

impl From<BanditContext> for Repr {
    fn from(context: BanditContext) -> Self {
        let BanditContext { n_segments, columns, scaler } = context;
        Self { n_segments, columns, scaler }
    }
}

impl TryFrom<Repr> for BanditContext {
    type Error = Error;

    fn try_from(repr: Repr) -> Result<Self, Error> {
        let Repr { n_segments, columns, scaler } = repr;
        DataError::ensure_len("columns of the context", scaler.n_columns(), columns.len())?;
        // A context of more numbers than this no bandit could learn from.
        ParamError::ensure(n_segments <= MOST_SEGMENTS, "n_segments", "at most 10000", n_segments)?;
        let mut sorted: Vec<&String> = columns.iter().collect();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(DataError::Duplicate { what: "column", name: pair[0].clone() }.into());
        }
        Ok(Self { n_segments, columns, scaler })
    }
}

const MOST_SEGMENTS: usize = 10_000;
