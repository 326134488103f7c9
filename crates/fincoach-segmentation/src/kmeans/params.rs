//! Parameters of K-means and the fit over all restarts.

use fincoach_core::ndarray::{ArrayBase, Data, Ix2};
use fincoach_core::{Control, Fit, Outcome, ParamError, Progress, Step, parameters, rng};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::KMeans;
use super::points::Points;
use super::restart::{Restart, Task};
use super::sampled::{finalists, sample};
use crate::Error;

/// Restarts that run side by side between two reports of progress; fixed, so that threads change nothing.
const BATCH: usize = 8;

/// The rows that the restarts of K-means run on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Starts {
    /// From 8,192 rows on, each restart runs on the same sample of one row in sixteen, at least 2,048 (and 64
    /// for each cluster); the three best that ended in different places go on with all rows.
    #[default]
    Sample,
    /// Every restart runs on all rows.
    AllRows,
}

/// Parameters of K-means.
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `n_clusters` | 5 | ≥ 1 | number of clusters |
/// | `n_init` | 32 | ≥ 1 | restarts; the one with the least inertia is kept, the first of equals |
/// | `max_iter` | 300 | ≥ 1 | steps of one restart, iterations and transfer passes together |
/// | `tol` | 1e-4 | ≥ 0, finite | Lloyd's iterations end when the squared ways of all centres sum to at most `tol` times the mean variance of the columns |
/// | `seed` | 42 | any | restart `i` draws from stream `i` of this seed |
/// | `starts` | [`Starts::Sample`] | see there | the rows that restarts run on |
///
/// # Examples
/// ```
/// use fincoach_core::{Fit, ndarray::array};
/// use fincoach_segmentation::KMeansParams;
/// let points = array![[0.0], [1.0], [10.0], [11.0], [12.0]];
/// let model = KMeansParams::default().with_n_clusters(2).fit(&points)?;
/// assert_eq!(model.labels(), [1, 1, 0, 0, 0]);
/// assert_eq!(model.inertia(), 2.5);
/// # Ok::<(), fincoach_segmentation::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KMeansParams {
    n_clusters: usize,
    n_init: usize,
    max_iter: usize,
    tol: f64,
    seed: u64,
    starts: Starts,
}

impl Default for KMeansParams {
    fn default() -> Self {
        let starts = Starts::Sample;
        Self { n_clusters: 5, n_init: 32, max_iter: 300, tol: 1e-4, seed: 42, starts }
    }
}

parameters! { KMeansParams:
    /// The number of clusters.
    n_clusters, with_n_clusters: usize;
    /// The number of restarts.
    n_init, with_n_init: usize;
    /// The most steps of one restart.
    max_iter, with_max_iter: usize;
    /// The tolerance, relative to the mean variance of the columns.
    tol, with_tol: f64;
    /// The seed.
    seed, with_seed: u64;
    /// The rows that restarts run on.
    starts, with_starts: Starts;
}

impl KMeansParams {
    pub(crate) fn check(&self) -> Result<(), ParamError> {
        ParamError::ensure(self.n_clusters >= 1, "n_clusters", "at least 1", self.n_clusters)?;
        ParamError::ensure(self.n_init >= 1, "n_init", "at least 1", self.n_init)?;
        ParamError::ensure(self.max_iter >= 1, "max_iter", "at least 1", self.max_iter)?;
        ParamError::ensure(self.tol >= 0.0 && self.tol.is_finite(), "tol", "at least 0 and finite", self.tol)
    }

    /// The best of all restarts, and whether the caller stopped before the last.
    fn best_restart(&self, points: Points, progress: &mut dyn Progress) -> (Option<Restart>, bool) {
        let sample = if self.starts == Starts::Sample { sample(&points, self) } else { None };
        let task = Task::new(points, self.tol);
        let Some(sample) = sample else {
            let (restarts, stopped) = self.restarts(&task, progress);
            return (best(restarts), stopped);
        };
        let (restarts, stopped) = self.restarts(&sample, progress);
        let ends = finalists(restarts).into_par_iter();
        (best(ends.map(|centres| Restart::from_centres(&task, self, centres)).collect()), stopped)
    }

    /// The restarts on these rows, in their order, and whether the caller stopped before the last.
    fn restarts(&self, task: &Task, progress: &mut dyn Progress) -> (Vec<Restart>, bool) {
        let mut done = Vec::new();
        let mut least = f64::INFINITY;
        for start in (0..self.n_init).step_by(BATCH) {
            let end = self.n_init.min(start + BATCH);
            let batch: Vec<Restart> = (start..end)
                .into_par_iter()
                .map(|unit| Restart::run(task, self, &mut rng::stream(self.seed, unit as u64)))
                .collect();
            for restart in batch {
                least = least.min(restart.inertia);
                done.push(restart);
                let step = Step::new("kmeans", done.len() as u64, self.n_init as u64).with_loss(least);
                if progress.step(&step) == Control::Stop {
                    let stopped = done.len() < self.n_init;
                    return (done, stopped);
                }
            }
        }
        (done, false)
    }
}

/// The restart with the least inertia; the first of equals.
fn best(restarts: Vec<Restart>) -> Option<Restart> {
    restarts.into_iter().reduce(|best, other| if other.inertia < best.inertia { other } else { best })
}

/// Rows of a matrix, `(n_rows, n_columns)`.
///
/// Cost: `O(n_init · steps · n_rows · n_clusters · n_columns)`, restarts in parallel. Rows are put into
/// lexicographic order first, so that their order decides nothing, not even the last bit.
impl<S: Data<Elem = f64>> Fit<ArrayBase<S, Ix2>> for KMeansParams {
    type Model = KMeans;
    type Error = Error;

    /// # Errors
    /// [`Error::Param`]; [`Error::Data`] for no rows, no columns, values that are not finite or beyond
    /// 1e100; [`Error::TooFewRows`]; [`Error::TooFewDistinct`].
    fn fit_with(&self, data: &ArrayBase<S, Ix2>, progress: &mut dyn Progress) -> Result<KMeans, Error> {
        self.check()?;
        let points = Points::checked(data)?;
        points.ensure_enough(self.n_clusters)?;
        let order = points.sorted_order();
        let (best, stopped) = self.best_restart(points.reordered(&order), progress);
        let best = best.ok_or(Error::TooFewRows { rows: 0, n_clusters: self.n_clusters })?;
        let outcome = match (stopped, best.converged) {
            (true, _) => Outcome::Stopped,
            (false, true) => Outcome::Converged,
            (false, false) => Outcome::MaxIter,
        };
        Ok(KMeans::from_restart(best, &order, outcome))
    }
}
