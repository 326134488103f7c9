//! The density of one component.

use fincoach_core::ndarray::{ArrayView1, ArrayView2};

/// A normal distribution in many columns, ready to be asked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gaussian {
    mean: Vec<f64>,
    /// The lower triangle L of the covariance L·Lᵀ, row after row: row i has i + 1 values.
    factor: Vec<Vec<f64>>,
    /// The logarithm of the density at the mean.
    log_peak: f64,
}

impl Gaussian {
    /// `None` where the covariance is not positive definite.
    #[expect(clippy::cast_precision_loss, reason = "few columns")]
    pub(super) fn new(mean: ArrayView1<'_, f64>, covariance: ArrayView2<'_, f64>) -> Option<Self> {
        let factor = cholesky(covariance)?;
        let log_det: f64 = factor.iter().filter_map(|row| row.last()).map(|value| value.ln()).sum();
        let log_peak = -0.5 * mean.len() as f64 * std::f64::consts::TAU.ln() - log_det;
        log_peak.is_finite().then(|| Self { mean: mean.to_vec(), factor, log_peak })
    }

    /// The square of Mahalanobis' distance, (x − μ)ᵀ Σ⁻¹ (x − μ), by forward substitution.
    pub(super) fn squared_distance(&self, row: &[f64]) -> f64 {
        let mut solved: Vec<f64> = Vec::with_capacity(row.len());
        let mut sum = 0.0;
        for (factors, (value, mean)) in self.factor.iter().zip(row.iter().zip(&self.mean)) {
            let known: f64 = factors.iter().zip(&solved).map(|(factor, z)| factor * z).sum();
            // The last factor of a row is its diagonal; `solved` is one shorter than the row.
            let z = (value - mean - known) / factors[solved.len()];
            sum += z * z;
            solved.push(z);
        }
        sum
    }

    /// The logarithm of the density where the squared distance is this.
    pub(super) fn log_density(&self, squared: f64) -> f64 {
        self.log_peak - 0.5 * squared
    }
}

/// The rows of the lower triangle.
fn cholesky(matrix: ArrayView2<'_, f64>) -> Option<Vec<Vec<f64>>> {
    let mut rows: Vec<Vec<f64>> = Vec::with_capacity(matrix.nrows());
    for i in 0..matrix.nrows() {
        let mut row: Vec<f64> = Vec::with_capacity(i + 1);
        for j in 0..i {
            let known: f64 = row.iter().zip(&rows[j]).map(|(a, b)| a * b).sum();
            row.push((matrix[[i, j]] - known) / rows[j][j]);
        }
        let rest = matrix[[i, i]] - row.iter().map(|value| value * value).sum::<f64>();
        // NaN fails too.
        if !(rest > 0.0 && rest.is_finite()) {
            return None;
        }
        row.push(rest.sqrt());
        rows.push(row);
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use fincoach_core::ndarray::array;

    use super::*;

    #[test]
    fn a_slanted_cloud_has_the_textbook_density() {
        let gaussian = Gaussian::new(array![1.0, 0.0].view(), array![[4.0, 2.0], [2.0, 3.0]].view()).unwrap();
        // Σ⁻¹ = [[3, −2], [−2, 4]] / 8; at (3, 1): d = (2, 1), dᵀΣ⁻¹d = (12 − 8 + 4) / 8.
        let squared = gaussian.squared_distance(&[3.0, 1.0]);
        assert!((squared - 1.0).abs() < 1e-12);
        let expected = (-0.5_f64).exp() / (std::f64::consts::TAU * 8.0_f64.sqrt());
        assert!((gaussian.log_density(squared).exp() - expected).abs() < 1e-12);
    }

    #[test]
    fn a_flat_cloud_is_refused() {
        assert!(Gaussian::new(array![0.0, 0.0].view(), array![[1.0, 1.0], [1.0, 1.0]].view()).is_none());
        assert!(Gaussian::new(array![0.0].view(), array![[f64::NAN]].view()).is_none());
    }
}
