//! A fitted mixture.

use fincoach_core::ndarray::{Array2, ArrayView2};
use fincoach_core::{DataError, Outcome, json_artifact};
use serde::{Deserialize, Serialize};

use super::gaussian::Gaussian;
use crate::clusters::predicts_places;
use crate::kmeans::{Points, compare, matrix_of, rows_of};
use crate::{Clusters, Error, Place};

/// Components of a mixture: weights, means and covariances. Made by [`MixtureParams`](crate::MixtureParams).
///
/// A row belongs to the component that most likely brought it forth, the lowest number of equals. Its
/// [`Place`] tells Mahalanobis' distance to the mean of that component and the density of the whole mixture.
/// Components are numbered by descending weight, equal weights by their means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct GaussianMixture {
    weights: Vec<f64>,
    means: Array2<f64>,
    covariances: Vec<Array2<f64>>,
    mean_log_likelihood: f64,
    n_rows: usize,
    outcome: Outcome,
    gaussians: Vec<Gaussian>,
}

impl GaussianMixture {
    /// Out of what was learnt from these rows.
    pub(super) fn new(
        weights: &[f64],
        means: &Array2<f64>,
        covariances: &[Array2<f64>],
        rows: &Array2<f64>,
    ) -> Result<Self, Error> {
        let order = order(weights, means);
        let covariance = |component: &usize| {
            let matrix = &covariances[*component];
            // A product of matrices is symmetric up to rounding only.
            (matrix + &matrix.t()) / 2.0
        };
        let repr = Repr {
            weights: order.iter().map(|component| weights[*component]).collect(),
            means: order.iter().map(|component| means.row(*component).to_vec()).collect(),
            covariances: order.iter().map(|component| rows_of(&covariance(component))).collect(),
            mean_log_likelihood: 0.0,
            n_rows: rows.nrows(),
            outcome: Outcome::Converged,
        };
        let mut model = Self::try_from(repr)?;
        model.mean_log_likelihood = model.log_density(rows.view())?.iter().sum::<f64>() / count(rows.nrows());
        Ok(model)
    }

    pub(super) fn with_outcome(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    /// The share of each component, summing to 1.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Means, `(n_components, n_columns)`.
    #[must_use]
    pub fn means(&self) -> ArrayView2<'_, f64> {
        self.means.view()
    }

    /// The covariance of each component, `(n_columns, n_columns)`.
    #[must_use]
    pub fn covariances(&self) -> &[Array2<f64>] {
        &self.covariances
    }

    /// The mean over the training rows of the logarithm of their density.
    #[must_use]
    pub const fn mean_log_likelihood(&self) -> f64 {
        self.mean_log_likelihood
    }

    /// How the fit ended.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Schwarz' criterion, `n_numbers · ln n_rows − 2 · log-likelihood`: of mixtures of the same rows, the one with the
    /// lowest explains them with the fewest numbers.
    #[must_use]
    pub fn bic(&self) -> f64 {
        let (k, d) = (count(self.means.nrows()), count(self.means.ncols()));
        let n_numbers = k - 1.0 + k * d + k * d * (d + 1.0) / 2.0;
        let n = count(self.n_rows);
        n_numbers * n.ln() - 2.0 * n * self.mean_log_likelihood
    }

    /// For each row the probability of each component to have brought it forth, `(n_rows, n_components)`; a row
    /// sums to 1.
    ///
    /// # Errors
    /// As [`Clusters::place`].
    pub fn responsibilities(&self, rows: ArrayView2<'_, f64>) -> Result<Array2<f64>, Error> {
        let points = self.checked(rows)?;
        let mut shares = Array2::zeros((rows.nrows(), self.weights.len()));
        for (mut target, row) in shares.rows_mut().into_iter().zip(points.iter().flat_map(Points::rows)) {
            let logs: Vec<f64> = self.joint(row).into_iter().map(|(log, _)| log).collect();
            let whole = log_sum(&logs);
            target.iter_mut().zip(logs).for_each(|(share, log)| *share = (log - whole).exp());
        }
        Ok(shares)
    }

    fn log_density(&self, rows: ArrayView2<'_, f64>) -> Result<Vec<f64>, Error> {
        Ok(self.place(rows)?.iter().filter_map(|place| place.log_density).collect())
    }

    /// `None` without rows.
    fn checked(&self, rows: ArrayView2<'_, f64>) -> Result<Option<Points>, Error> {
        DataError::ensure_len("columns", self.means.ncols(), rows.ncols())?;
        if rows.nrows() == 0 { Ok(None) } else { Points::checked(&rows).map(Some) }
    }

    /// For each component the logarithm of weight times density, and the squared distance.
    fn joint(&self, row: &[f64]) -> Vec<(f64, f64)> {
        let of = |(gaussian, weight): (&Gaussian, &f64)| {
            let squared = gaussian.squared_distance(row);
            (weight.ln() + gaussian.log_density(squared), squared)
        };
        self.gaussians.iter().zip(&self.weights).map(of).collect()
    }

    fn place_row(&self, row: &[f64]) -> Place {
        let joint = self.joint(row);
        let mut best = 0;
        let mut second: Option<usize> = None;
        for (component, (log, _)) in joint.iter().enumerate().skip(1) {
            if *log > joint[best].0 {
                (best, second) = (component, Some(best));
            } else if second.is_none_or(|known| *log > joint[known].0) {
                second = Some(component);
            }
        }
        let logs: Vec<f64> = joint.iter().map(|(log, _)| *log).collect();
        Place { log_density: Some(log_sum(&logs)), ..Place::new(best, joint[best].1.sqrt(), second) }
    }
}

impl Clusters for GaussianMixture {
    const GROUPING: &'static str = "gaussian_mixture_grouping";

    fn n_clusters(&self) -> usize {
        self.weights.len()
    }

    fn n_columns(&self) -> usize {
        self.means.ncols()
    }

    fn place(&self, rows: ArrayView2<'_, f64>) -> Result<Vec<Place>, Error> {
        let points = self.checked(rows)?;
        Ok(points.iter().flat_map(Points::rows).map(|row| self.place_row(row)).collect())
    }
}

predicts_places! {
    /// Cost `O(n_rows · n_components · n_columns²)`.
    GaussianMixture
}

json_artifact!(GaussianMixture, "gaussian_mixture", 1);

/// The form on disk.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    weights: Vec<f64>,
    means: Vec<Vec<f64>>,
    covariances: Vec<Vec<Vec<f64>>>,
    mean_log_likelihood: f64,
    n_rows: usize,
    outcome: Outcome,
}

impl From<GaussianMixture> for Repr {
    fn from(model: GaussianMixture) -> Self {
        let GaussianMixture { weights, means, covariances, mean_log_likelihood, n_rows, outcome, .. } = model;
        let covariances = covariances.iter().map(rows_of).collect();
        Self { weights, means: rows_of(&means), covariances, mean_log_likelihood, n_rows, outcome }
    }
}

impl TryFrom<Repr> for GaussianMixture {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        let means = matrix_of(&repr.means)?;
        Points::checked(&means).map_err(|error| inconsistent(format!("means: {error}")))?;
        DataError::ensure_len("weights", means.nrows(), repr.weights.len())?;
        DataError::ensure_len("covariances", means.nrows(), repr.covariances.len())?;
        let sum: f64 = repr.weights.iter().sum();
        let positive = repr.weights.iter().all(|weight| *weight > 0.0);
        // Not a comparison of the opposite: NaN has to fail.
        let sound = positive && (sum - 1.0).abs() <= 1e-6;
        if !(sound && repr.mean_log_likelihood.is_finite() && repr.n_rows >= means.nrows()) {
            return Err(inconsistent("weights, likelihood and rows do not agree".to_owned()));
        }
        let matrices = repr.covariances.iter().map(|rows| covariance_of(rows, means.ncols()));
        let covariances: Vec<Array2<f64>> = matrices.collect::<Result<_, _>>()?;
        let pairs = means.rows().into_iter().zip(&covariances);
        let gaussians: Option<Vec<Gaussian>> =
            pairs.map(|(mean, covariance)| Gaussian::new(mean, covariance.view())).collect();
        let flat = || inconsistent("a covariance is not positive definite".to_owned());
        let gaussians = gaussians.ok_or_else(flat)?;
        let Repr { weights, mean_log_likelihood, n_rows, outcome, .. } = repr;
        Ok(Self { weights, means, covariances, mean_log_likelihood, n_rows, outcome, gaussians })
    }
}

fn covariance_of(rows: &[Vec<f64>], width: usize) -> Result<Array2<f64>, DataError> {
    let matrix = matrix_of(rows)?;
    DataError::ensure_len("rows of a covariance", width, matrix.nrows())?;
    DataError::ensure_len("columns of a covariance", width, matrix.ncols())?;
    if matrix.iter().all(|value| value.is_finite()) && matrix == matrix.t() {
        return Ok(matrix);
    }
    Err(inconsistent("a covariance is not symmetric".to_owned()))
}

fn inconsistent(reason: String) -> DataError {
    DataError::Inconsistent { what: "gaussian_mixture", reason }
}

/// Components by descending weight, equal weights by their means.
fn order(weights: &[f64], means: &Array2<f64>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..weights.len()).collect();
    let mean = |component: usize| means.row(component).to_vec();
    order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]).then_with(|| compare(&mean(a), &mean(b))));
    order
}

/// ln Σ exp, without overflow.
fn log_sum(logs: &[f64]) -> f64 {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + logs.iter().map(|log| (log - most).exp()).sum::<f64>().ln()
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn count(n: usize) -> f64 {
    n as f64
}
