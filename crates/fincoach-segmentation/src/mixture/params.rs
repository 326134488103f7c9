//! Parameters of a Gaussian mixture and its fit.

use fincoach_core::ndarray::{Array2, ArrayBase, Data, Ix2};
use fincoach_core::{Control, Fit, Outcome, ParamError, Progress, Step, parameters, rng};
use linfa::{DatasetBase, ParamGuard, traits::Fit as _};
use linfa_clustering::{GaussianMixtureModel, GmmError};
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::GaussianMixture;
use super::stretch::Stretch;
use crate::Error;
use crate::kmeans::Points;

/// Restarts that run side by side between two reports of progress; fixed, so that threads change nothing.
const BATCH: usize = 4;

/// Parameters of a mixture of normal distributions, each with a covariance of its own.
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `n_components` | 5 | ≥ 1 | number of components |
/// | `n_init` | 8 | ≥ 1 | restarts: from K-means on the rows, then each from K-means on rows turned and stretched at random; the likeliest is kept, the first of equals |
/// | `max_iter` | 500 | ≥ 1 | steps of expectation and maximisation of one restart |
/// | `tol` | 1e-4 | > 0, finite | a restart ends when the mean log-likelihood of the rows changes by less |
/// | `reg_covariance` | 1e-3 | ≥ 0, finite | added to the variance of each column in each component, as the restart has turned and stretched them |
/// | `seed` | 42 | any | restart `i` draws from stream `i` of this seed |
///
/// A component has `n_columns · (n_columns + 3) / 2` numbers to learn: with few rows for each of them, leave columns out
/// or whiten to a few principal components first.
///
/// # Examples
/// ```
/// use fincoach_core::{Fit, Predict, ndarray::array};
/// use fincoach_segmentation::MixtureParams;
/// let points = array![[0.0], [0.5], [1.0], [0.4], [10.0], [11.0], [12.0]];
/// let model = MixtureParams::default().with_n_components(2).fit(&points)?;
/// let places = model.predict(&array![[0.6], [10.5]])?;
/// assert_eq!((places[0].cluster, places[1].cluster), (Some(0), Some(1)));
/// assert!((model.weights()[0] - 4.0 / 7.0).abs() < 1e-6);
/// # Ok::<(), fincoach_segmentation::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MixtureParams {
    n_components: usize,
    n_init: usize,
    max_iter: usize,
    tol: f64,
    reg_covariance: f64,
    seed: u64,
}

impl Default for MixtureParams {
    fn default() -> Self {
        Self { n_components: 5, n_init: 8, max_iter: 500, tol: 1e-4, reg_covariance: 1e-3, seed: 42 }
    }
}

parameters! { MixtureParams:
    /// The number of components.
    n_components, with_n_components: usize;
    /// The number of restarts.
    n_init, with_n_init: usize;
    /// The most steps of one restart.
    max_iter, with_max_iter: usize;
    /// The change of the mean log-likelihood at which a restart ends.
    tol, with_tol: f64;
    /// What is added to every variance.
    reg_covariance, with_reg_covariance: f64;
    /// The seed.
    seed, with_seed: u64;
}

impl MixtureParams {
    fn check(&self) -> Result<(), ParamError> {
        ParamError::ensure(self.n_components >= 1, "n_components", "at least 1", self.n_components)?;
        ParamError::ensure(self.n_init >= 1, "n_init", "at least 1", self.n_init)?;
        ParamError::ensure(self.max_iter >= 1, "max_iter", "at least 1", self.max_iter)?;
        let allowed = "above 0 and finite";
        ParamError::ensure(self.tol > 0.0 && self.tol.is_finite(), "tol", allowed, self.tol)?;
        let ridge = self.reg_covariance;
        let sound = ridge >= 0.0 && ridge.is_finite();
        ParamError::ensure(sound, "reg_covariance", "at least 0 and finite", ridge)
    }

    /// One restart from its own stream: where the expectation-maximisation of linfa ends, or why it does not.
    fn restart(&self, rows: &Array2<f64>, unit: u64) -> Result<GaussianMixture, Error> {
        let n_components = self.n_components;
        let failed = |error: GmmError| Error::NoMixture { n_components, reason: error.to_string() };
        let mut rng = rng::stream(self.seed, unit);
        let params = GaussianMixtureModel::params(n_components)
            .with_rng(Xoshiro256Plus::seed_from_u64(rng.bits()))
            .tolerance(self.tol)
            .max_n_iterations(self.max_iter as u64)
            .reg_covariance(self.reg_covariance)
            .check()
            .map_err(failed)?;
        let width = rows.ncols();
        let stretch = if unit == 0 { Stretch::none(width) } else { Stretch::random(width, &mut rng) };
        let fitted = params.fit(&DatasetBase::from(stretch.apply(rows.view()))).map_err(failed)?;
        let means = stretch.undo(fitted.means().view());
        let covariances = fitted.covariances().outer_iter();
        let covariances: Vec<_> = covariances.map(|matrix| stretch.undo_covariance(matrix)).collect();
        GaussianMixture::new(fitted.weights().as_slice().unwrap_or_default(), &means, &covariances, rows)
    }

    /// The restarts in their order, side by side; and whether the caller stopped before the last.
    fn restarts(
        &self,
        rows: &Array2<f64>,
        progress: &mut dyn Progress,
    ) -> (Vec<Result<GaussianMixture, Error>>, bool) {
        let mut done = Vec::new();
        for start in (0..self.n_init).step_by(BATCH) {
            let end = self.n_init.min(start + BATCH);
            let batch: Vec<_> =
                (start..end).into_par_iter().map(|unit| self.restart(rows, unit as u64)).collect();
            for restart in batch {
                done.push(restart);
                let step = Step::new("mixture", done.len() as u64, self.n_init as u64);
                if progress.step(&step) == Control::Stop {
                    let stopped = done.len() < self.n_init;
                    return (done, stopped);
                }
            }
        }
        (done, false)
    }
}

/// Rows of a matrix, `(n_rows, n_columns)`.
///
/// Cost: `O(n_init · steps · n_rows · n_components · n_columns²)`, restarts in parallel. Rows are put into
/// lexicographic order first, so that their order decides nothing. A restart that does not converge within
/// `max_iter`, loses a component or meets a covariance without a root is left out.
impl<S: Data<Elem = f64>> Fit<ArrayBase<S, Ix2>> for MixtureParams {
    type Model = GaussianMixture;
    type Error = Error;

    /// # Errors
    /// [`Error::Param`]; [`Error::Data`], [`Error::TooFewRows`] and [`Error::TooFewDistinct`] as for K-means;
    /// [`Error::NoMixture`] when no restart comes to an end, with the reason of the first.
    fn fit_with(
        &self,
        data: &ArrayBase<S, Ix2>,
        progress: &mut dyn Progress,
    ) -> Result<GaussianMixture, Error> {
        self.check()?;
        let points = Points::checked(data)?;
        points.ensure_enough(self.n_components)?;
        let rows = points.reordered(&points.sorted_order()).to_array();
        let (restarts, stopped) = self.restarts(&rows, progress);
        let outcome = if stopped { Outcome::Stopped } else { Outcome::Converged };
        let likelier = |best: Result<GaussianMixture, Error>, other: Result<GaussianMixture, Error>| {
            let better = match (&best, &other) {
                (Ok(best), Ok(other)) => other.mean_log_likelihood() > best.mean_log_likelihood(),
                (best, other) => best.is_err() && other.is_ok(),
            };
            if better { other } else { best }
        };
        let n_components = self.n_components;
        let none = || Error::NoMixture { n_components, reason: "there was no restart".to_owned() };
        restarts.into_iter().reduce(likelier).ok_or_else(none)?.map(|model| model.with_outcome(outcome))
    }
}
