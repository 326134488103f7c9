//! What the network answers.

use fincoach_core::ndarray::{Array3, Array4};

/// Forecasts of the days after a set, for every series and target.
#[derive(Clone, Debug, PartialEq)]
pub struct GlobalForecast {
    /// `(n_series, horizon, n_targets)`.
    pub point: Array3<f64>,
    /// The shares of the quantiles; none where the objective has a point alone.
    pub shares: Vec<f64>,
    /// `(n_series, horizon, n_targets, n_shares)`, never falling along the last axis.
    pub quantiles: Array4<f64>,
}
