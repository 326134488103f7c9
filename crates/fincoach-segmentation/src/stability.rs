//! Whether segments are found again in other samples of the same people.

use fincoach_core::ndarray::{ArrayView2, Axis};
use fincoach_core::{DataError, Fit, ParamError, rng};
use rayon::prelude::*;

use crate::{Error, KMeans, KMeansParams};

/// Restarts on each bootstrap sample.
const N_INIT: usize = 4;

/// What two sets of rows have in common, as a share of what either has: 1 for equal sets, 0 for disjoint ones
/// and where both are empty. Both ascending, without duplicates.
///
/// # Examples
/// ```
/// use fincoach_segmentation::jaccard;
/// assert_eq!(jaccard(&[1, 2, 3], &[2, 3, 4]), 0.5);
/// assert_eq!(jaccard(&[], &[]), 0.0);
/// ```
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub fn jaccard(a: &[usize], b: &[usize]) -> f64 {
    let both = a.iter().filter(|row| b.binary_search(row).is_ok()).count();
    let either = a.len() + b.len() - both;
    if either == 0 { 0.0 } else { both as f64 / either as f64 }
}

/// How well each cluster of a model is found again (Hennig 2007): the mean over `n_samples` bootstrap samples
/// of its highest Jaccard similarity with a cluster of K-means on the sample, 0 to 1.
///
/// A cluster below 0.6 is not to be trusted, one above 0.75 is stable, one above 0.85 highly so (Hennig's
/// bounds). `points` are those the model was fitted on. A sample with too few distinct rows counts as 0. Cost:
/// `n_samples` fits with four restarts.
///
/// # Errors
/// [`Error::Param`] without samples, [`Error::Data`] unless the model has a label for each row.
///
/// # Examples
/// ```
/// use fincoach_core::{Fit, ndarray::array};
/// use fincoach_segmentation::{KMeansParams, bootstrap_stability};
/// let points = array![[0.0], [0.1], [0.2], [0.3], [9.0], [9.1], [9.2], [9.3]];
/// let params = KMeansParams::default().with_n_clusters(2);
/// let stability = bootstrap_stability(points.view(), &params.fit(&points)?, &params, 20)?;
/// assert_eq!(stability, [1.0, 1.0]);
/// # Ok::<(), fincoach_segmentation::Error>(())
/// ```
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub fn bootstrap_stability(
    points: ArrayView2<'_, f64>,
    model: &KMeans,
    params: &KMeansParams,
    n_samples: usize,
) -> Result<Vec<f64>, Error> {
    ParamError::ensure(n_samples >= 1, "n_samples", "at least 1", n_samples)?;
    DataError::ensure_len("labels", points.nrows(), model.labels().len())?;
    let params = params.clone().with_n_clusters(model.n_clusters()).with_n_init(N_INIT);
    let rounds: Vec<Vec<f64>> = (0..n_samples as u64)
        .into_par_iter()
        .map(|unit| found_again(points, model, &params, unit))
        .collect::<Result<_, Error>>()?;
    let mean = |cluster: usize| rounds.iter().map(|round| round[cluster]).sum::<f64>() / n_samples as f64;
    Ok((0..model.n_clusters()).map(mean).collect())
}

/// For each cluster its highest similarity with a cluster of one bootstrap sample.
fn found_again(
    points: ArrayView2<'_, f64>,
    model: &KMeans,
    params: &KMeansParams,
    unit: u64,
) -> Result<Vec<f64>, Error> {
    let mut rng = rng::stream(rng::derived(params.seed(), "bootstrap"), unit);
    let mut rows: Vec<usize> = (0..points.nrows()).map(|_| rng.below(points.nrows())).collect();
    rows.sort_unstable();
    let k = model.n_clusters();
    let again = match params.fit(&points.select(Axis(0), &rows)) {
        Ok(again) => again,
        Err(Error::TooFewDistinct { .. }) => return Ok(vec![0.0; k]),
        Err(error) => return Err(error),
    };
    let new = members(rows.iter().copied().zip(again.labels().iter().copied()), k);
    let old = members(rows.iter().map(|row| (*row, model.labels()[*row])), k);
    let best = |old: &Vec<usize>| new.iter().map(|new| jaccard(old, new)).fold(0.0, f64::max);
    Ok(old.iter().map(best).collect())
}

/// The distinct rows of each cluster, ascending; equal rows of a table share a cluster.
fn members(pairs: impl Iterator<Item = (usize, usize)>, k: usize) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); k];
    pairs.for_each(|(row, label)| members[label].push(row));
    members.iter_mut().for_each(Vec::dedup);
    members
}
