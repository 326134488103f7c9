//! Rows whose groups are known.

#![allow(dead_code, clippy::unwrap_used, reason = "tests; each file uses its part")]

use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::Array2;
use fincoach_core::{FeatureTable, RowKey, rng};

/// `n_groups` groups of `size` rows about centres that lie `spread` apart, with their true groups.
pub(crate) fn blobs(n_groups: usize, size: usize, spread: f64, seed: u64) -> (Array2<f64>, Vec<usize>) {
    let mut rng = rng::stream(seed, 0);
    let truth: Vec<usize> = (0..n_groups * size).map(|row| row % n_groups).collect();
    let points = Array2::from_shape_fn((truth.len(), 3), |(row, column)| {
        // Corners of a cube in base 3: no two groups share a centre.
        let corner = truth[row] / 3_usize.pow(u32::try_from(column).unwrap()) % 3;
        spread * f64::from(u32::try_from(corner).unwrap()) + rng.normal()
    });
    (points, truth)
}

/// A table of users of three kinds: thrifty, impulsive and lavish, with a constant column.
pub(crate) fn users(n_users: usize, seed: u64) -> FeatureTable {
    let columns = [
        "current_balance",
        "total_spending",
        "savings_rate",
        "emergency_fund_ratio",
        "impulse_buying_score",
        "transaction_count",
        "spending_volatility",
        "budget_adherence_score",
    ];
    let means = [
        [9000.0, 900.0, 0.35, 3.0, 0.2, 30.0, 40.0, 1.0],
        [800.0, 1800.0, 0.02, 0.2, 0.8, 110.0, 60.0, 1.0],
        [3000.0, 5200.0, -0.1, 0.3, 0.3, 50.0, 300.0, 1.0],
    ];
    let mut rng = rng::stream(seed, 0);
    let values = Array2::from_shape_fn((n_users, columns.len()), |(row, column)| {
        let mean: f64 = means[row % 3][column];
        if column == 7 { mean } else { mean + 0.08 * mean.abs() * rng.normal() }
    });
    let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    let keys = (0..n_users).map(|user| RowKey { user: user.to_string(), as_of }).collect();
    FeatureTable::new(keys, columns, values).unwrap()
}
