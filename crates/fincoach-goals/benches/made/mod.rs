//! Goals whose answer is known, for all benches.

use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::Array2;
use fincoach_core::{FeatureTable, RowKey, rng};
use fincoach_goals::GoalExamples;

/// Ten columns, of which four matter; about one outcome in ten cannot be known.
pub(crate) fn examples(n_rows: usize, stream: u64) -> GoalExamples {
    let mut rng = rng::stream(1, stream);
    let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    let keys = (0..n_rows).map(|user| RowKey { user: user.to_string(), as_of }).collect();
    let values = Array2::from_shape_fn((n_rows, 10), |_| rng.normal());
    let labels = values
        .rows()
        .into_iter()
        .map(|row| row[0] + row[1] * row[2] + row[3].abs() - 0.8 + 0.5 * rng.normal() > 0.0)
        .collect();
    let names = (0..10).map(|column| format!("x{column}"));
    GoalExamples::new(FeatureTable::new(keys, names, values).unwrap(), labels).unwrap()
}
