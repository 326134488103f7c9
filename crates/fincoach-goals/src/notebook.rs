//! The rules of the notebook that came first.

use fincoach_core::{DataError, FeatureTable, ParamError, rng};
use serde::{Deserialize, Serialize};

use crate::Error;

/// The ten columns of the notebook's goal model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotebookColumns {
    /// The columns it means.
    #[default]
    ByName,
    /// The columns it takes. Its positions 26, 27 and 24 hit budget adherence, savings consistency and category
    /// diversity where it means savings consistency, emergency fund and spending consistency. This exists only
    /// to serve the forest that the notebook exported; use it for nothing else.
    ByPosition,
}

/// The name of the segment's column.
const SEGMENT: &str = "segment";

impl NotebookColumns {
    /// The names, in the order of the notebook.
    ///
    /// | place | `ByName` | `ByPosition`, where it differs |
    /// | --- | --- | --- |
    /// | 0 | `current_balance` | |
    /// | 1 | `savings_rate` | |
    /// | 2 | `savings_consistency` | `budget_adherence_score` |
    /// | 3 | `emergency_fund_ratio` | `savings_consistency` |
    /// | 4 | `spending_volatility` | |
    /// | 5 | `segment` | |
    /// | 6 | `total_income` | |
    /// | 7 | `total_spending` | |
    /// | 8 | `large_transaction_ratio` | |
    /// | 9 | `spending_consistency` | `category_diversity` |
    #[must_use]
    pub const fn names(self) -> [&'static str; 10] {
        let (saving, emergency, last) = match self {
            Self::ByName => ("savings_consistency", "emergency_fund_ratio", "spending_consistency"),
            Self::ByPosition => ("budget_adherence_score", "savings_consistency", "category_diversity"),
        };
        [
            "current_balance",
            "savings_rate",
            saving,
            emergency,
            "spending_volatility",
            SEGMENT,
            "total_income",
            "total_spending",
            "large_transaction_ratio",
            last,
        ]
    }

    /// The ten columns of a table of features, with the segment of each row as a number.
    ///
    /// # Errors
    /// [`DataError::UnknownName`] for a column that is not there, [`DataError::Length`] unless there is a
    /// segment per row, [`DataError::Duplicate`] if the table already has a column `segment`.
    pub fn take(self, features: &FeatureTable, segments: &[usize]) -> Result<FeatureTable, DataError> {
        let numbers = segments.iter().map(|segment| *segment as f64).collect();
        features.with_column(SEGMENT, numbers)?.select(&self.names())
    }
}

/// The ten columns that the notebook's goal model means, by name: [`NotebookColumns::ByName`].
///
/// # Errors
/// As [`NotebookColumns::take`].
pub fn notebook_columns(features: &FeatureTable, segments: &[usize]) -> Result<FeatureTable, DataError> {
    NotebookColumns::ByName.take(features, segments)
}

/// The notebook's made-up goals: a formula of the features, with noise.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `noise` | 0.1 | ≥ 0 | standard deviation of the noise |
/// | `columns` | `ByName` | – | where savings consistency and the emergency fund are read |
/// | `seed` | 0 | – | all noise comes from stream 0 of the seed, row after row |
///
/// A goal is reached where `p > 0.5`, with `p = 0.3·[savings_rate > 0.1] + 0.2·[current_balance > 500] +
/// 0.2·[savings_consistency > 0.1] + 0.2·[emergency_fund_ratio > 0.5] + 0.1·[spending_volatility < 100] + noise`,
/// clipped to `[0, 1]`. A model that learns it learns this formula and nothing about people: it is for
/// comparison with the notebook only.
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, RowKey, chrono::NaiveDate, ndarray::array};
/// use fincoach_goals::NotebookLabels;
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = ["anna", "ben"].map(|user| RowKey { user: user.into(), as_of }).to_vec();
/// let names = ["savings_rate", "current_balance", "savings_consistency", "emergency_fund_ratio", "spending_volatility"];
/// let values = array![[0.2, 900.0, 0.3, 2.0, 50.0], [-0.5, 90.0, 0.0, 0.1, 250.0]];
/// let table = FeatureTable::new(keys, names, values)?;
/// assert_eq!(NotebookLabels::default().with_noise(0.0).label(&table)?, [true, false]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotebookLabels {
    noise: f64,
    columns: NotebookColumns,
    seed: u64,
}

impl Default for NotebookLabels {
    fn default() -> Self {
        Self { noise: 0.1, columns: NotebookColumns::ByName, seed: 0 }
    }
}

impl NotebookLabels {
    /// The standard deviation of the noise.
    #[must_use]
    pub const fn noise(&self) -> f64 {
        self.noise
    }

    /// Where savings consistency and the emergency fund are read.
    #[must_use]
    pub const fn columns(&self) -> NotebookColumns {
        self.columns
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Sets the standard deviation of the noise.
    #[must_use]
    pub const fn with_noise(self, noise: f64) -> Self {
        Self { noise, ..self }
    }

    /// Sets where savings consistency and the emergency fund are read.
    #[must_use]
    pub const fn with_columns(self, columns: NotebookColumns) -> Self {
        Self { columns, ..self }
    }

    /// Sets the seed.
    #[must_use]
    pub const fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Whether the goal of each row is reached; other columns than the five are not looked at.
    ///
    /// # Errors
    /// [`Error::Param`] for noise out of range; [`Error::Data`] for a column that is not there.
    pub fn label(&self, features: &FeatureTable) -> Result<Vec<bool>, Error> {
        let noise = self.noise;
        ParamError::ensure(noise >= 0.0 && noise.is_finite(), "noise", "finite and not negative", noise)?;
        let [balance, rate, consistency, emergency, volatility, ..] = self.columns.names();
        let (balance, rate) = (features.column(balance)?, features.column(rate)?);
        let (consistency, emergency) = (features.column(consistency)?, features.column(emergency)?);
        let volatility = features.column(volatility)?;
        let mut rng = rng::stream(self.seed, 0);
        let mut reached = |row: usize| {
            let p = 0.3 * f64::from(rate[row] > 0.1)
                + 0.2 * f64::from(balance[row] > 500.0)
                + 0.2 * f64::from(consistency[row] > 0.1)
                + 0.2 * f64::from(emergency[row] > 0.5)
                + 0.1 * f64::from(volatility[row] < 100.0)
                + noise * rng.normal();
            p.clamp(0.0, 1.0) > 0.5
        };
        Ok((0..features.n_rows()).map(&mut reached).collect())
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::ndarray::Array2;

    use super::*;
    use crate::synthetic::table;

    /// Schema v1, of which the notebook takes columns by position.
    const SCHEMA: [&str; 35] = [
        "current_balance",
        "total_spending",
        "total_income",
        "transaction_count",
        "groceries_spending",
        "dine_out_spending",
        "entertainment_spending",
        "bills_spending",
        "transport_spending",
        "shopping_spending",
        "health_spending",
        "fitness_spending",
        "savings_spending",
        "income_spending",
        "other_spending",
        "savings_rate",
        "spending_velocity",
        "weekday_spending_ratio",
        "weekend_spending_ratio",
        "morning_spending_ratio",
        "evening_spending_ratio",
        "spending_volatility",
        "large_transaction_ratio",
        "impulse_buying_score",
        "category_diversity",
        "spending_consistency",
        "budget_adherence_score",
        "savings_consistency",
        "emergency_fund_ratio",
        "debt_indicator",
        "merchant_loyalty_score",
        "location_diversity",
        "seasonal_spending_factor",
        "balance_volatility",
        "financial_stress_indicator",
    ];

    /// Row `r` has `100·r + position` in each column.
    fn features(n_rows: usize) -> FeatureTable {
        let keys = table(vec![vec![0.0]; n_rows]).keys().to_vec();
        let values = Array2::from_shape_fn((n_rows, 35), |(row, column)| (100 * row + column) as f64);
        FeatureTable::new(keys, SCHEMA, values).unwrap()
    }

    #[test]
    fn positions_hit_what_the_notebook_takes() {
        let taken = NotebookColumns::ByPosition.take(&features(2), &[3, 4]).unwrap();
        assert_eq!(taken.row(0).to_vec(), [0.0, 15.0, 26.0, 27.0, 21.0, 3.0, 2.0, 1.0, 22.0, 24.0]);
        assert_eq!(taken.row(1)[5], 4.0);
    }

    #[test]
    fn names_hit_what_the_notebook_means() {
        let taken = notebook_columns(&features(1), &[1]).unwrap();
        assert_eq!(taken.row(0).to_vec(), [0.0, 15.0, 27.0, 28.0, 21.0, 1.0, 2.0, 1.0, 22.0, 25.0]);
        assert!(matches!(notebook_columns(&features(2), &[1]), Err(DataError::Length { .. })));
        let narrow = features(1).select(&["savings_rate"]).unwrap();
        assert!(matches!(notebook_columns(&narrow, &[1]), Err(DataError::UnknownName { .. })));
    }

    #[test]
    fn the_formula_counts_each_condition() {
        let names = NotebookColumns::ByName.names();
        // 0.3 + 0.2 is not above one half; one condition more is.
        for (values, reached) in [
            ([501.0, 0.11, 0.1, 0.5, 100.0], false),
            ([501.0, 0.11, 0.1, 0.5, 99.0], true),
            ([500.0, 0.1, 0.2, 0.6, 99.0], false),
            ([501.0, 0.1, 0.2, 0.6, 99.0], true),
        ] {
            let row = Array2::from_shape_vec((1, 5), values.to_vec()).unwrap();
            let keys = table(vec![vec![0.0]]).keys().to_vec();
            let table = FeatureTable::new(keys, names[..5].iter().copied(), row).unwrap();
            assert_eq!(
                NotebookLabels::default().with_noise(0.0).label(&table).unwrap(),
                [reached],
                "{values:?}"
            );
        }
    }

    #[test]
    fn noise_follows_the_seed() {
        let labels =
            |seed| NotebookLabels::default().with_noise(2.0).with_seed(seed).label(&features(200)).unwrap();
        assert_eq!(labels(1), labels(1));
        assert_ne!(labels(1), labels(2));
        assert!(NotebookLabels::default().with_noise(f64::NAN).label(&features(1)).is_err());
    }
}
