//! Figures of a clustering that compare numbers of clusters: Davies-Bouldin, Calinski-Harabasz, gap.

use fincoach_core::ndarray::{Array2, ArrayView2, Axis};
use fincoach_core::{DataError, Fit, ParamError, rng};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::kmeans::{Points, squared_distance};
use crate::{Error, KMeansParams};

/// The Davies-Bouldin index (1979): the mean over clusters of the worst `(sᵢ + sⱼ) / dᵢⱼ`, s the mean
/// distance to the centre and d the distance of the centres. 0 or more; lower is better. `O(n k d)`.
///
/// # Errors
/// [`Error::Data`] unless there is a label for each row, and unless there are 2 to `n − 1` distinct labels
/// whose centres differ.
///
/// # Examples
/// ```
/// use fincoach_core::ndarray::array;
/// use fincoach_segmentation::davies_bouldin;
/// let points = array![[0.0], [2.0], [10.0], [12.0]];
/// assert_eq!(davies_bouldin(points.view(), &[0, 0, 1, 1])?, 0.2);
/// # Ok::<(), fincoach_segmentation::Error>(())
/// ```
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub fn davies_bouldin(points: ArrayView2<'_, f64>, labels: &[usize]) -> Result<f64, Error> {
    let groups = Groups::new(points, labels, "Davies-Bouldin index")?;
    let n_groups = groups.sizes.len();
    let mut spread = vec![0.0; n_groups];
    for (row, label) in groups.points.rows().zip(&groups.labels) {
        spread[*label] += squared_distance(row, groups.centres.row(*label)).sqrt();
    }
    spread.iter_mut().zip(&groups.sizes).for_each(|(sum, size)| *sum /= *size as f64);
    let worst = |group: usize| {
        let others = (0..n_groups).filter(|other| *other != group);
        let ratio = |other: usize| {
            let apart = squared_distance(groups.centres.row(group), groups.centres.row(other)).sqrt();
            (spread[group] + spread[other]) / apart
        };
        others.map(ratio).fold(0.0, f64::max)
    };
    finite("Davies-Bouldin index", (0..n_groups).map(worst).sum::<f64>() / n_groups as f64)
}

/// The Calinski-Harabasz index (1974): variance between clusters over variance within,
/// `(B / (k − 1)) / (W / (n − k))`. 0 or more; higher is better. `O(n d)`.
///
/// # Errors
/// [`Error::Data`] as [`davies_bouldin`], and where no row differs from its centre.
///
/// # Examples
/// ```
/// use fincoach_core::ndarray::array;
/// use fincoach_segmentation::calinski_harabasz;
/// let points = array![[0.0], [2.0], [10.0], [12.0]];
/// // B = 4 · 25, W = 4 · 1, n − k = 2.
/// assert_eq!(calinski_harabasz(points.view(), &[0, 0, 1, 1])?, 50.0);
/// # Ok::<(), fincoach_segmentation::Error>(())
/// ```
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub fn calinski_harabasz(points: ArrayView2<'_, f64>, labels: &[usize]) -> Result<f64, Error> {
    let groups = Groups::new(points, labels, "Calinski-Harabasz index")?;
    let (mean, _) = groups.points.scatter();
    let between: f64 = groups
        .centres
        .rows()
        .zip(&groups.sizes)
        .map(|(centre, size)| *size as f64 * squared_distance(centre, &mean))
        .sum();
    let rows = groups.points.rows().zip(&groups.labels);
    let within: f64 = rows.map(|(row, label)| squared_distance(row, groups.centres.row(*label))).sum();
    let (n, k) = (groups.labels.len() as f64, groups.sizes.len() as f64);
    finite("Calinski-Harabasz index", (between / (k - 1.0)) / (within / (n - k)))
}

/// The gap of one number of clusters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Gap {
    /// Mean logarithm of the inertia of data without clusters, less that of the data.
    pub gap: f64,
    /// Its standard error, `deviation · √(1 + 1/B)`.
    pub error: f64,
}

/// The gap statistic (Tibshirani, Walther and Hastie 2001) of K-means with these parameters: its inertia
/// beside that on `n_references` tables drawn evenly from the box that holds the rows.
///
/// The k of choice is the least whose gap is at least that of k + 1 less its error. Cost: a fit per table.
///
/// # Errors
/// [`Error::Param`] without references; else as the fit of [`KMeansParams`], and [`Error::Data`] where the
/// inertia is 0 and so has no logarithm.
pub fn gap_statistic(
    points: ArrayView2<'_, f64>,
    params: &KMeansParams,
    n_references: usize,
) -> Result<Gap, Error> {
    gap_of(points, params, n_references, params.fit(&points)?.inertia())
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(crate) fn gap_of(
    points: ArrayView2<'_, f64>,
    params: &KMeansParams,
    n_references: usize,
    inertia: f64,
) -> Result<Gap, Error> {
    ParamError::ensure(n_references >= 1, "n_references", "at least 1", n_references)?;
    let logs: Vec<f64> = (0..n_references as u64)
        .into_par_iter()
        .map(|unit| {
            let fitted = params.fit(&reference(points, params.seed(), unit))?;
            finite("gap statistic", fitted.inertia().ln())
        })
        .collect::<Result<_, Error>>()?;
    let n = n_references as f64;
    let mean = logs.iter().sum::<f64>() / n;
    let variance = logs.iter().map(|log| (log - mean) * (log - mean)).sum::<f64>() / n;
    let gap = finite("gap statistic", mean - inertia.ln())?;
    Ok(Gap { gap, error: (variance * (1.0 + 1.0 / n)).sqrt() })
}

/// A table of the same size without clusters.
fn reference(points: ArrayView2<'_, f64>, seed: u64, unit: u64) -> Array2<f64> {
    let mut rng = rng::stream(rng::derived(seed, "gap statistic"), unit);
    let range = |column: fincoach_core::ndarray::ArrayView1<'_, f64>| {
        column.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)))
    };
    let ranges: Vec<(f64, f64)> = points.axis_iter(Axis(1)).map(range).collect();
    Array2::from_shape_fn(points.raw_dim(), |(_, column)| rng.range(ranges[column].0, ranges[column].1))
}

/// Rows with their groups, numbered from 0 without holes.
struct Groups {
    points: Points,
    labels: Vec<usize>,
    sizes: Vec<usize>,
    centres: Points,
}

impl Groups {
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    fn new(points: ArrayView2<'_, f64>, labels: &[usize], figure: &'static str) -> Result<Self, Error> {
        DataError::ensure_len("labels", points.nrows(), labels.len())?;
        let points = Points::checked(&points)?;
        let mut distinct = labels.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() < 2 || distinct.len() >= labels.len() {
            let reason = "it needs at least 2 distinct labels and fewer than there are points";
            return Err(DataError::Undefined { figure, reason }.into());
        }
        let labels: Vec<usize> =
            labels.iter().map(|label| distinct.partition_point(|known| known < label)).collect();
        let mut sizes = vec![0_usize; distinct.len()];
        let mut centres = Points::new(vec![0.0; distinct.len() * points.width()], points.width());
        for (row, label) in points.rows().zip(&labels) {
            sizes[*label] += 1;
            crate::kmeans::add(centres.row_mut(*label), row, 1.0);
        }
        for (group, size) in sizes.iter().enumerate() {
            centres.row_mut(group).iter_mut().for_each(|sum| *sum /= *size as f64);
        }
        Ok(Self { points, labels, sizes, centres })
    }
}

fn finite(figure: &'static str, value: f64) -> Result<f64, Error> {
    if value.is_finite() {
        return Ok(value);
    }
    Err(DataError::Undefined { figure, reason: "clusters without spread, or with one centre" }.into())
}

#[cfg(test)]
mod tests {
    use fincoach_core::ndarray::array;

    use super::*;

    #[test]
    fn figures_without_a_value_say_so() {
        let points = array![[0.0], [0.0], [1.0], [1.0]];
        assert!(calinski_harabasz(points.view(), &[0, 0, 1, 1]).is_err());
        assert!(davies_bouldin(points.view(), &[0, 1, 0, 1]).is_err());
        assert!(davies_bouldin(points.view(), &[0, 0, 0, 0]).is_err());
        assert!(davies_bouldin(points.view(), &[0, 1]).is_err());
    }

    #[test]
    fn two_far_groups_have_a_wide_gap() {
        let points = Array2::from_shape_fn(
            (40, 1),
            |(row, _)| if row < 20 { 0.01 } else { 5.0 } + f64::from(u8::try_from(row % 20).unwrap()) / 50.0,
        );
        let gap = |k| {
            let params = KMeansParams::default().with_n_clusters(k).with_n_init(4);
            gap_statistic(points.view(), &params, 5).unwrap()
        };
        assert!(gap(2).gap > gap(1).gap + 0.5 && gap(2).gap >= gap(3).gap - gap(3).error);
        let params = KMeansParams::default().with_n_clusters(2);
        assert!(matches!(gap_statistic(points.view(), &params, 0), Err(Error::Param(_))));
    }
}
