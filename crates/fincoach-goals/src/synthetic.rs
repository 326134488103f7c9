//! Small data for the tests of this crate.

use fincoach_core::chrono::{Days, NaiveDate};
use fincoach_core::ndarray::Array2;
use fincoach_core::{FeatureTable, RowKey, rng};

use crate::GoalExamples;

/// A table of these rows, each of its own user, columns named `x0`, `x1`, ….
pub(crate) fn table(rows: Vec<Vec<f64>>) -> FeatureTable {
    table_of(rows, 1)
}

/// The same with `per_user` rows of each user, a day apart.
pub(crate) fn table_of(rows: Vec<Vec<f64>>, per_user: usize) -> FeatureTable {
    let first = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap();
    let key = |row: usize| RowKey {
        user: format!("{:05}", row / per_user),
        as_of: (first + Days::new((row % per_user) as u64)).into(),
    };
    let shape = (rows.len(), rows.first().map_or(1, Vec::len));
    let keys = (0..rows.len()).map(key).collect();
    let values = Array2::from_shape_vec(shape, rows.into_iter().flatten().collect()).unwrap();
    FeatureTable::new(keys, (0..shape.1).map(|column| format!("x{column}")), values).unwrap()
}

/// Goals whose log-odds are twice the first column minus the second; every other column is noise.
pub(crate) fn noisy(n_rows: usize, n_columns: usize, seed: u64) -> GoalExamples {
    noisy_of(n_rows, n_columns, seed, 1)
}

/// The same with `per_user` rows of each user.
pub(crate) fn noisy_of(n_rows: usize, n_columns: usize, seed: u64, per_user: usize) -> GoalExamples {
    let mut rng = rng::stream(seed, 0);
    let rows: Vec<Vec<f64>> = (0..n_rows).map(|_| (0..n_columns).map(|_| rng.normal()).collect()).collect();
    let labels = rows.iter().map(|row| rng.bernoulli(1.0 / (1.0 + (row[1] - 2.0 * row[0]).exp()))).collect();
    GoalExamples::new(table_of(rows, per_user), labels).unwrap()
}
