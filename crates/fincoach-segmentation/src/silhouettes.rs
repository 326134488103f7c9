//! The silhouette on all threads, and on a sample.

use std::ops::Range;

use fincoach_core::ndarray::{ArrayView2, Axis};
use fincoach_core::{DataError, rng};
use rayon::prelude::*;

use crate::Error;

/// Shares of the work; fixed, so that sums are the same for any number of threads.
const N_SHARES: usize = 8;
/// How many distances are computed at once: enough to fill vector registers, few enough for the L1 cache.
const BLOCK: usize = 256;

/// The mean silhouette of a clustering, −1 to 1: the mean of [`silhouette_samples`].
///
/// # Errors
/// As [`silhouette_samples`].
///
/// # Examples
/// ```
/// use fincoach_core::ndarray::array;
/// use fincoach_segmentation::silhouette;
/// let points = array![[0.0], [1.0], [10.0], [11.0]];
/// // Own cluster 1 away, the other 10.5 or 9.5: (1 − 1/10.5 + 1 − 1/9.5) / 2.
/// let score = silhouette(points.view(), &[0, 0, 1, 1])?;
/// assert!((score - (2.0 - 1.0 / 10.5 - 1.0 / 9.5) / 2.0).abs() < 1e-15);
/// # Ok::<(), fincoach_segmentation::Error>(())
/// ```
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub fn silhouette(points: ArrayView2<'_, f64>, labels: &[usize]) -> Result<f64, Error> {
    let samples = silhouette_samples(points, labels)?;
    Ok(samples.iter().sum::<f64>() / samples.len() as f64)
}

/// The silhouette of `n_rows` rows drawn without replacement, among themselves: an estimate of
/// [`silhouette`] for tables whose pairs are too many. All rows where there are no more.
///
/// # Errors
/// As [`silhouette_samples`], of the rows drawn.
pub fn sampled_silhouette(
    points: ArrayView2<'_, f64>,
    labels: &[usize],
    (n_rows, seed): (usize, u64),
) -> Result<f64, Error> {
    DataError::ensure_len("labels", points.nrows(), labels.len())?;
    if n_rows >= points.nrows() {
        return silhouette(points, labels);
    }
    let mut rows = rng::stream(seed, 0).permutation(points.nrows());
    rows.truncate(n_rows);
    let drawn: Vec<usize> = rows.iter().map(|row| labels[*row]).collect();
    silhouette(points.select(Axis(0), &rows).view(), &drawn)
}

/// The silhouette of each point, in the order of the points (Rousseeuw 1987): `(b − a) / max(a, b)`, `a` the
/// mean distance to the others of its cluster and `b` the least mean distance to another cluster; 0 for a
/// point alone in its cluster.
///
/// The same figures as [`fincoach_core::metrics::silhouette_samples`] up to rounding, on all threads.
/// `O(n² d)` time, `O(n (d + k))` memory.
///
/// # Errors
/// [`Error::Data`] unless there is a label for each point, for values that are not finite, and unless there
/// are 2 to `n − 1` distinct labels.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub fn silhouette_samples(points: ArrayView2<'_, f64>, labels: &[usize]) -> Result<Vec<f64>, Error> {
    let pairs = Pairs::new(points, labels)?;
    let shares: Vec<Vec<f64>> = (0..N_SHARES).into_par_iter().map(|share| pairs.sums(share)).collect();
    let mut sums = vec![0.0; pairs.order.len() * pairs.clusters.len()];
    for share in &shares {
        sums.iter_mut().zip(share).for_each(|(sum, part)| *sum += part);
    }
    let n = pairs.order.len();
    let mut samples = vec![0.0; n];
    for (place, row) in pairs.order.iter().enumerate() {
        let own = pairs.cluster_of[place];
        let size = |cluster: usize| pairs.clusters[cluster].len() as f64;
        let mean = |cluster: usize| sums[cluster * n + place] / size(cluster);
        let others = (0..pairs.clusters.len()).filter(|cluster| *cluster != own);
        let (a, b) = (
            sums[own * n + place] / (size(own) - 1.0).max(1.0),
            others.map(mean).fold(f64::INFINITY, f64::min),
        );
        let value = if a == b { 0.0 } else { (b - a) / a.max(b) };
        samples[*row] = if pairs.clusters[own].len() == 1 { 0.0 } else { value };
        if !samples[*row].is_finite() {
            let reason = "a distance overflows";
            return Err(DataError::Undefined { figure: "silhouette", reason }.into());
        }
    }
    Ok(samples)
}

/// Points cluster by cluster, stored coordinate by coordinate, so that the compiler computes several
/// distances at once.
struct Pairs {
    order: Vec<usize>,
    clusters: Vec<Range<usize>>,
    cluster_of: Vec<usize>,
    coordinates: Vec<f64>,
}

impl Pairs {
    fn new(points: ArrayView2<'_, f64>, labels: &[usize]) -> Result<Self, DataError> {
        DataError::ensure_len("labels", points.nrows(), labels.len())?;
        if let Some(((row, column), value)) = points.indexed_iter().find(|(_, value)| !value.is_finite()) {
            return Err(DataError::NotFinite { row, column: column.to_string(), value: *value });
        }
        let mut order: Vec<usize> = (0..labels.len()).collect();
        order.sort_by_key(|row| labels[*row]);
        let mut clusters: Vec<Range<usize>> = Vec::new();
        let mut cluster_of = Vec::with_capacity(order.len());
        for run in order.chunk_by(|a, b| labels[*a] == labels[*b]) {
            let start = cluster_of.len();
            cluster_of.resize(start + run.len(), clusters.len());
            clusters.push(start..start + run.len());
        }
        if clusters.len() < 2 || clusters.len() >= labels.len() {
            let reason = "it needs at least 2 distinct labels and fewer than there are points";
            return Err(DataError::Undefined { figure: "silhouette", reason });
        }
        let columns = points.columns().into_iter();
        let coordinates = columns
            .flat_map(|column| order.iter().map(move |row| column[*row]).collect::<Vec<_>>())
            .collect();
        Ok(Self { order, clusters, cluster_of, coordinates })
    }

    /// For each cluster and place the sum of distances, over the pairs whose first place falls to a share.
    fn sums(&self, share: usize) -> Vec<f64> {
        let n = self.order.len();
        let mut sums = vec![0.0; n * self.clusters.len()];
        let mut buffer = [0.0; BLOCK];
        for place in (share..n).step_by(N_SHARES) {
            let own = self.cluster_of[place];
            for (cluster, range) in self.clusters.iter().enumerate().skip(own) {
                for start in (range.start.max(place + 1)..range.end).step_by(BLOCK) {
                    let block = &mut buffer[..BLOCK.min(range.end - start)];
                    self.fill(place, start, block);
                    sums[cluster * n + place] += block.iter().sum::<f64>();
                    let others = &mut sums[own * n + start..];
                    others.iter_mut().zip(&*block).for_each(|(sum, distance)| *sum += distance);
                }
            }
        }
        sums
    }

    /// The distances from one point to those from `start` on.
    fn fill(&self, place: usize, start: usize, block: &mut [f64]) {
        block.fill(0.0);
        for coordinate in self.coordinates.chunks_exact(self.order.len()) {
            let from = coordinate[place];
            for (square, to) in block.iter_mut().zip(&coordinate[start..]) {
                *square += (to - from) * (to - from);
            }
        }
        block.iter_mut().for_each(|square| *square = square.sqrt());
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::metrics;
    use fincoach_core::ndarray::Array2;

    use super::*;

    #[test]
    fn the_figures_are_those_of_the_plain_one() {
        let mut rng = rng::stream(3, 0);
        let points = Array2::from_shape_simple_fn((700, 3), || rng.normal());
        let labels: Vec<usize> = (0..700).map(|row| row * row % 4).collect();
        let ours = silhouette_samples(points.view(), &labels).unwrap();
        let plain = metrics::silhouette_samples(points.view(), &labels).unwrap();
        assert!(ours.iter().zip(&plain).all(|(a, b)| (a - b).abs() < 1e-12));
        let sampled = sampled_silhouette(points.view(), &labels, (300, 1)).unwrap();
        assert!((sampled - silhouette(points.view(), &labels).unwrap()).abs() < 0.02);
    }

    #[test]
    fn one_label_and_a_label_for_each_are_refused() {
        let points = Array2::zeros((3, 1));
        assert!(silhouette(points.view(), &[0, 0, 0]).is_err());
        assert!(silhouette(points.view(), &[0, 1, 2]).is_err());
        assert!(silhouette(points.view(), &[0, 1]).is_err());
    }
}
