//! What a policy knows of a household: columns of schema v2 and the log's history.

use fincoach_core::{DataError, FeatureTable, Fit, RowKey};
use fincoach_features::{Imputer, ImputerParams, PartialTable, V2State, schema_v2};

use crate::Error;

/// How a column enters the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    /// As it is.
    Plain,
    /// Money and other long tails: `asinh(x / 10)`, linear for small amounts, logarithmic for large ones.
    Logarithmic,
}

/// The columns of schema v2 that can tell who a household is and where it stands, with how each enters.
const COLUMNS: [(&str, Scale); 36] = {
    use Scale::{Logarithmic, Plain};
    [
        ("income", Logarithmic),
        ("saving_rate", Plain),
        ("put_aside_rate", Plain),
        ("deposit_count", Plain),
        ("spending_per_day", Logarithmic),
        ("purchase_count", Plain),
        ("purchase_day_share", Plain),
        ("mean_purchase", Logarithmic),
        ("purchase_variation", Plain),
        ("groceries_share", Plain),
        ("dine_out_share", Plain),
        ("entertainment_share", Plain),
        ("shopping_share", Plain),
        ("other_share", Plain),
        ("dine_out_spending", Logarithmic),
        ("entertainment_spending", Logarithmic),
        ("shopping_spending", Logarithmic),
        ("weekend_spending_share", Plain),
        ("rapid_purchase_share", Plain),
        ("payday_period", Plain),
        ("days_since_payday", Plain),
        ("days_to_payday", Plain),
        ("payday_effect", Plain),
        ("pay_variation", Plain),
        ("balance", Logarithmic),
        ("balance_change", Logarithmic),
        ("lowest_balance", Logarithmic),
        ("mean_balance", Logarithmic),
        ("days_overdrawn", Plain),
        ("buffer_days", Logarithmic),
        ("recurring_cost", Logarithmic),
        ("recurring_due", Logarithmic),
        ("large_purchase_share", Plain),
        ("recent_pace", Plain),
        ("spending_change", Plain),
        ("spending_vs_baseline", Plain),
    ]
};

/// Ratios to something small can be anything; beyond this they say no more.
const FARTHEST: f64 = 100.0;

/// The names of the columns in schema v2.
pub(super) fn names() -> [&'static str; COLUMNS.len()] {
    COLUMNS.map(|(name, _)| name)
}

/// Where the columns stand in a row of schema v2.
pub(super) fn positions() -> Result<Vec<usize>, DataError> {
    let position = |name: &str| schema_v2().iter().position(|spec| spec.name == name);
    let known = || schema_v2().iter().map(|spec| spec.name);
    names()
        .iter()
        .map(|name| position(name).ok_or_else(|| DataError::unknown("column", *name, known())))
        .collect()
}

/// Turns rows with missing values into states.
///
/// What stands in for a missing value is learnt from the log's rows and from no others.
#[derive(Clone, Debug)]
pub(super) struct States(Imputer);

impl States {
    pub(super) fn fit(rows: &PartialTable) -> Result<Self, Error> {
        Ok(Self(ImputerParams::default().fit(rows)?))
    }

    /// The states of these rows.
    pub(super) fn of(&self, rows: &PartialTable) -> Result<FeatureTable, Error> {
        let complete = self.0.transform(rows)?;
        let mut values = complete.values().to_owned();
        for (column, (_, scale)) in COLUMNS.iter().enumerate() {
            values.column_mut(column).mapv_inplace(|value| match scale {
                Scale::Plain => value.clamp(-FARTHEST, FARTHEST),
                Scale::Logarithmic => (value / 10.0).asinh(),
            });
        }
        Ok(FeatureTable::new(complete.keys().to_vec(), complete.columns().to_vec(), values)?)
    }
}

/// The columns of one household now, in their order.
pub(super) fn look(features: &mut V2State, key: &RowKey, at: &[usize]) -> Result<Vec<Option<f64>>, Error> {
    let row = features.row(key.as_of)?;
    Ok(at.iter().map(|position| row.get(*position).copied().flatten()).collect())
}

/// Rows of [`look`] as a table.
pub(super) fn table(keys: Vec<RowKey>, rows: Vec<Vec<Option<f64>>>) -> Result<PartialTable, Error> {
    Ok(PartialTable::new(keys, names(), rows.concat())?)
}
