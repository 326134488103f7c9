//! Figures of clusterings.

use std::ops::Range;

use ndarray::ArrayView2;

use super::{count, ensure_pairs};
use crate::DataError;

/// The mean silhouette of a clustering, −1 to 1: the mean of [`silhouette_samples`].
///
/// Exact, not sampled. `points` are `(n, d)`, in the scale that distances should be measured in. Time
/// `O(n² d)`, memory `O(n d)`.
///
/// # Errors
/// [`DataError::Length`] unless there is a label for each point, [`DataError::NotFinite`], and
/// [`DataError::Undefined`] unless there are 2 to `n − 1` distinct labels.
///
/// # Examples
/// ```
/// use fincoach_core::{metrics::silhouette, ndarray::array};
/// let points = array![[0.0], [1.0], [10.0], [11.0]];
/// // Own cluster 1 away, the other 10.5 or 9.5: (1 − 1/10.5 + 1 − 1/9.5) / 2.
/// let score = silhouette(points.view(), &[0, 0, 1, 1])?;
/// assert!((score - (2.0 - 1.0 / 10.5 - 1.0 / 9.5) / 2.0).abs() < 1e-15);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
pub fn silhouette(points: ArrayView2<'_, f64>, labels: &[usize]) -> Result<f64, DataError> {
    let samples = silhouette_samples(points, labels)?;
    Ok(samples.iter().sum::<f64>() / count(samples.len()))
}

/// The silhouette of each point, in the order of the points.
///
/// `(b − a) / max(a, b)`, where `a` is the mean Euclidean distance to the other points of its own cluster
/// and `b` the least mean distance to the points of another (Rousseeuw 1987). A point that is alone in its
/// cluster has 0, and so has one whose `a` and `b` are both 0.
///
/// # Errors
/// As [`silhouette`].
///
/// # Examples
/// ```
/// use fincoach_core::{metrics::silhouette_samples, ndarray::array};
/// let points = array![[0.0], [2.0], [8.0]];
/// assert_eq!(silhouette_samples(points.view(), &[5, 5, 9])?, [0.75, 2.0 / 3.0, 0.0]);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
pub fn silhouette_samples(points: ArrayView2<'_, f64>, labels: &[usize]) -> Result<Vec<f64>, DataError> {
    DataError::ensure_len("labels", points.nrows(), labels.len())?;
    if let Some(((row, column), value)) = points.indexed_iter().find(|(_, value)| !value.is_finite()) {
        return Err(DataError::NotFinite { row, column: column.to_string(), value: *value });
    }
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by_key(|row| labels[*row]);
    let clusters = runs(&order, labels);
    if clusters.len() < 2 || clusters.len() >= labels.len() {
        let reason = "it needs at least 2 distinct labels and fewer than there are points";
        return Err(DataError::Undefined { figure: "silhouette", reason });
    }
    let by_place = scores(&Distances::new(points, &order), &clusters);
    let mut samples = vec![0.0; labels.len()];
    for (row, value) in order.into_iter().zip(by_place) {
        if !value.is_finite() {
            return Err(DataError::Undefined { figure: "silhouette", reason: "a distance overflows" });
        }
        samples[row] = value;
    }
    Ok(samples)
}

/// The places in `order` that each label takes.
fn runs(order: &[usize], labels: &[usize]) -> Vec<Range<usize>> {
    let mut start = 0;
    let mut runs = Vec::new();
    for run in order.chunk_by(|a, b| labels[*a] == labels[*b]) {
        runs.push(start..start + run.len());
        start += run.len();
    }
    runs
}

/// The silhouette at each place of the clusters' order. Each pair of points is measured once.
fn scores(distances: &Distances, clusters: &[Range<usize>]) -> Vec<f64> {
    let n = distances.n_points;
    let (mut own, mut nearest, mut sums) = (vec![0.0; n], vec![f64::INFINITY; n], vec![0.0; n]);
    for (index, cluster) in clusters.iter().enumerate() {
        for other in &clusters[index..] {
            distances.add_sums(cluster, other, &mut sums);
            if cluster == other {
                let others = count((cluster.len() - 1).max(1));
                for place in cluster.clone() {
                    own[place] = std::mem::take(&mut sums[place]) / others;
                }
            } else {
                take_nearer(&mut nearest, &mut sums, cluster, other.len());
                take_nearer(&mut nearest, &mut sums, other, cluster.len());
            }
        }
    }
    let mut scores: Vec<f64> = own.iter().zip(&nearest).map(|(a, b)| score(*a, *b)).collect();
    for alone in clusters.iter().filter(|cluster| cluster.len() == 1) {
        scores[alone.start] = 0.0;
    }
    scores
}

fn score(a: f64, b: f64) -> f64 {
    if a == b { (b - a).abs() } else { (b - a) / a.max(b) }
}

/// Lowers `nearest` to the mean distance to a cluster of `size`, and sets the sums back to 0.
fn take_nearer(nearest: &mut [f64], sums: &mut [f64], places: &Range<usize>, size: usize) {
    for place in places.clone() {
        nearest[place] = nearest[place].min(std::mem::take(&mut sums[place]) / count(size));
    }
}

/// How many distances are computed at once: enough to fill vector registers, few enough for the L1 cache.
const BLOCK: usize = 256;

/// Points stored coordinate by coordinate, so that the compiler computes several distances at once without
/// changing the order in which any single one is summed.
struct Distances {
    /// `n_points` values of the first coordinate, then of the second, ….
    coordinates: Vec<f64>,
    n_points: usize,
}

impl Distances {
    fn new(points: ArrayView2<'_, f64>, order: &[usize]) -> Self {
        let columns = points.columns().into_iter();
        let coordinates = columns.flat_map(|column| order.iter().map(move |row| column[*row])).collect();
        Self { coordinates, n_points: order.len() }
    }

    /// Adds to each point's sum its distances to the points of the other range; within one range, each
    /// pair counts for both.
    fn add_sums(&self, rows: &Range<usize>, others: &Range<usize>, sums: &mut [f64]) {
        let mut buffer = [0.0; BLOCK];
        for row in rows.clone() {
            let first = if rows == others { row + 1 } else { others.start };
            for start in (first..others.end).step_by(BLOCK) {
                let block = &mut buffer[..BLOCK.min(others.end - start)];
                self.fill(row, start, block);
                sums[row] += block.iter().sum::<f64>();
                for (sum, distance) in sums[start..].iter_mut().zip(&*block) {
                    *sum += distance;
                }
            }
        }
    }

    /// The distances from one point to those from `start` on.
    fn fill(&self, row: usize, start: usize, block: &mut [f64]) {
        block.fill(0.0);
        for coordinate in self.coordinates.chunks_exact(self.n_points) {
            let from = coordinate[row];
            for (square, to) in block.iter_mut().zip(&coordinate[start..]) {
                *square += (to - from) * (to - from);
            }
        }
        for square in block {
            *square = square.sqrt();
        }
    }
}

/// How far two clusterings agree, corrected for chance (Hubert and Arabie 1985): 1 for the same groups
/// under any names, about 0 for unrelated ones, at least −0.5.
///
/// Counted over pairs of rows, exactly, as `2 (tp·tn − fn·fp) / ((tp+fn)(fn+tn) + (tp+fp)(fp+tn))`; two
/// clusterings that agree on every pair have 1, also when each puts all rows into one group. `O(n log n)`.
///
/// # Errors
/// [`DataError::Length`] or [`DataError::Empty`].
///
/// # Examples
/// ```
/// use fincoach_core::metrics::adjusted_rand;
/// assert_eq!(adjusted_rand(&[0, 0, 1, 1], &[7, 7, 3, 3])?, 1.0);
/// assert_eq!(adjusted_rand(&[0, 0, 1, 1], &[0, 1, 0, 1])?, -0.5);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
pub fn adjusted_rand(a: &[usize], b: &[usize]) -> Result<f64, DataError> {
    ensure_pairs(a.len(), b.len())?;
    let n = a.len() as i128;
    let both = sum_of_squares(a.iter().zip(b).collect());
    let (in_a, in_b) = (sum_of_squares(a.iter().collect()), sum_of_squares(b.iter().collect()));
    // Ordered pairs: together in both, in the first alone, in the second alone, in neither.
    let (tp, only_a, only_b) = (both - n, in_a - both, in_b - both);
    let tn = n * n - in_a - in_b + both;
    if only_a == 0 && only_b == 0 {
        return Ok(1.0);
    }
    let expected = (tp + only_a) * (only_a + tn) + (tp + only_b) * (only_b + tn);
    Ok(ratio(2 * (tp * tn - only_a * only_b), expected))
}

/// The sum over groups of equal items of the group's size squared.
fn sum_of_squares<T: Ord>(mut items: Vec<T>) -> i128 {
    items.sort_unstable();
    items.chunk_by(PartialEq::eq).map(|group| (group.len() as i128).pow(2)).sum()
}

#[expect(clippy::cast_precision_loss, reason = "correctly rounded is all that is asked")]
fn ratio(part: i128, whole: i128) -> f64 {
    part as f64 / whole as f64
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    #[test]
    fn too_few_and_too_many_labels_are_refused() {
        let points = array![[0.0], [1.0], [2.0]];
        for labels in [[0, 0, 0], [0, 1, 2]] {
            let error = silhouette(points.view(), &labels).unwrap_err();
            assert!(matches!(error, DataError::Undefined { figure: "silhouette", .. }));
        }
        assert!(silhouette(points.view(), &[0, 1]).is_err());
        assert!(silhouette(Array2::zeros((0, 2)).view(), &[]).is_err());
    }

    #[test]
    fn equal_points_have_no_silhouette_to_speak_of() {
        let points = Array2::from_elem((4, 2), 0.1);
        assert_eq!(silhouette_samples(points.view(), &[0, 0, 1, 1]), Ok(vec![0.0; 4]));
    }

    #[test]
    fn a_nan_and_an_overflow_are_reported() {
        let points = array![[0.0, 1.0], [1.0, f64::NAN], [2.0, 0.0]];
        let error = silhouette(points.view(), &[0, 0, 1]).unwrap_err();
        assert_eq!(error.to_string(), "row 1, column `1`: NaN is not a finite number");
        let points = array![[-1e300], [1e300], [1.0]];
        assert!(matches!(silhouette(points.view(), &[0, 0, 1]), Err(DataError::Undefined { .. })));
    }

    #[test]
    fn blocks_do_not_change_the_sum() {
        // 700 points on a line in two interleaved clusters: more than two blocks each way.
        let points = Array2::from_shape_fn((700, 1), |(row, _)| count(row));
        let labels: Vec<usize> = (0..700).map(|row| row % 2).collect();
        let samples = silhouette_samples(points.view(), &labels).unwrap();
        let mean = |own: usize, of: usize| {
            let members = (0..700).filter(|row| row % 2 == of);
            members.map(|row| count(row.abs_diff(own))).sum::<f64>()
        };
        for (row, sample) in samples.iter().enumerate() {
            let (a, b) = (mean(row, row % 2) / 349.0, mean(row, 1 - row % 2) / 350.0);
            assert!((sample - (b - a) / a.max(b)).abs() < 1e-12, "{row}");
        }
    }

    #[test]
    fn one_group_each_agrees_and_one_group_against_many_does_not() {
        assert_eq!(adjusted_rand(&[3; 5], &[1; 5]), Ok(1.0));
        assert_eq!(adjusted_rand(&[1], &[2]), Ok(1.0));
        assert_eq!(adjusted_rand(&[0, 1, 2], &[4, 5, 6]), Ok(1.0));
        assert_eq!(adjusted_rand(&[0, 0, 0], &[0, 1, 2]), Ok(0.0));
        assert!(adjusted_rand(&[], &[]).is_err());
    }
}
