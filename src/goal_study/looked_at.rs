//! Goals of a ledger with everything a model may know of them.

use fincoach_core::chrono::NaiveTime;
use fincoach_core::{DataError, FeatureTable, Fit as _, Ledger};
use fincoach_features::{Imputer, ImputerParams, PartialTable, Snapshots, V2Params};
use fincoach_goals::{Goal, GoalRows, GoalTableParams};

use crate::Error;

/// Columns of schema v2 that say how a user lives; money enters as `asinh(x / 10)`.
const COLUMNS: [(&str, bool); 24] = [
    ("income", true),
    ("saving_rate", false),
    ("saving_rate_quarter", false),
    ("put_aside_rate", false),
    ("deposit_count", false),
    ("spending_per_day", true),
    ("purchase_count", false),
    ("groceries_share", false),
    ("dine_out_share", false),
    ("entertainment_share", false),
    ("shopping_share", false),
    ("payday_period", false),
    ("days_since_payday", false),
    ("pay_variation", false),
    ("payday_effect", false),
    ("balance", true),
    ("balance_change", true),
    ("lowest_balance", true),
    ("days_overdrawn", false),
    ("buffer_days", true),
    ("recurring_cost", true),
    ("spending_vs_baseline", false),
    ("income_vs_baseline", false),
    ("regular_income_share", false),
];

/// Ratios to something small can be anything; beyond this they say no more.
const FARTHEST: f64 = 100.0;

/// Goals, their own columns, and the snapshots of their users.
pub(super) struct LookedAt {
    pub(super) ledger: Ledger,
    pub(super) rows: GoalRows,
    snapshots: PartialTable,
}

impl LookedAt {
    pub(super) fn new(ledger: Ledger, goals: &[Goal], look: &GoalTableParams) -> Result<Self, Error> {
        let rows = look.look(&ledger, goals)?;
        let end = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
        let moments = goals.iter().map(|goal| goal.start().and_time(end)).collect();
        let features = V2Params::default().compute_snapshots(&ledger, &Snapshots::at(moments))?;
        let snapshots = features.table().select(&COLUMNS.map(|(name, _)| name))?;
        Ok(Self { ledger, rows, snapshots })
    }

    /// What stands in for missing values, learnt from the snapshots of these goals.
    pub(super) fn imputer(&self) -> Result<Imputer, Error> {
        Ok(ImputerParams::default().fit(&self.snapshots)?)
    }

    /// The goals with all columns.
    pub(super) fn complete(&self, imputer: &Imputer) -> Result<GoalRows, Error> {
        let filled = imputer.transform(&self.snapshots)?;
        let mut values = filled.values().to_owned();
        for (column, (_, is_money)) in COLUMNS.iter().enumerate() {
            let scaled = |x: f64| if *is_money { (x / 10.0).asinh() } else { x.clamp(-FARTHEST, FARTHEST) };
            values.column_mut(column).mapv_inplace(scaled);
        }
        let table = FeatureTable::new(filled.keys().to_vec(), filled.columns().to_vec(), values)?;
        Ok(self.rows.with_snapshots(&table)?)
    }
}

/// The columns that are no answers of a baseline.
pub(super) fn plain(table: &FeatureTable) -> Result<FeatureTable, DataError> {
    const ANSWERS: [&str; 4] =
        ["goal_straight_line", "goal_monte_carlo", "goal_monte_carlo_log_odds", "goal_median"];
    let names: Vec<&String> =
        table.columns().iter().filter(|name| !ANSWERS.contains(&name.as_str())).collect();
    table.select(&names)
}
