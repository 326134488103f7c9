//! How many clusters: elbow and silhouette.

use std::ops::RangeInclusive;

use fincoach_core::ndarray::ArrayView2;
use fincoach_core::{Control, Fit, ParamError, Progress, Silent, Step};
use serde::{Deserialize, Serialize};

use crate::kmeans::Points;
use crate::{Error, KMeansParams, silhouette};

/// The figures of one number of clusters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct KRow {
    /// The number of clusters.
    pub k: usize,
    /// Sum of squared distances to the centres.
    pub inertia: f64,
    /// Mean silhouette, in [−1, 1]; higher is better.
    pub silhouette: f64,
}

/// Elbow and silhouette over a range of k, and what each of them would choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KChoice {
    rows: Vec<KRow>,
    best_by_silhouette: usize,
    knee: Option<usize>,
}

impl KChoice {
    /// One row per k, ascending.
    #[must_use]
    pub fn rows(&self) -> &[KRow] {
        &self.rows
    }

    /// The k of the highest silhouette; the lowest k wins a tie.
    #[must_use]
    pub const fn best_by_silhouette(&self) -> usize {
        self.best_by_silhouette
    }

    /// The k at which the elbow bends most: where the inertia, with both axes scaled to [0, 1], lies
    /// farthest below the chord from the first k to the last (Satopää et al. 2011).
    ///
    /// `None` with fewer than three rows and where the curve nowhere lies below its chord. The lowest k
    /// wins a tie. It depends on the range of k that was looked at.
    #[must_use]
    pub const fn knee(&self) -> Option<usize> {
        self.knee
    }

    fn new(rows: Vec<KRow>) -> Self {
        let mut best = (0, f64::NEG_INFINITY);
        for row in &rows {
            if row.silhouette > best.1 {
                best = (row.k, row.silhouette);
            }
        }
        let knee = knee(&rows);
        Self { rows, best_by_silhouette: best.0, knee }
    }
}

/// Inertia and silhouette of K-means for every k of a range.
///
/// `params` gives everything but the number of clusters. The range ends early where the data has no more
/// distinct rows, or one row fewer than k: the silhouette is defined for `2 ≤ k < n_rows` only. Cost: one
/// fit per k and `O(n_rows² · n_columns)` for each silhouette.
///
/// # Errors
/// [`Error::Param`] when the range is empty or starts below 2, or as [`Fit::fit`] of [`KMeansParams`];
/// [`Error::TooFewRows`] or [`Error::TooFewDistinct`] when not even the first k is possible.
///
/// # Examples
/// ```
/// use fincoach_core::ndarray::array;
/// use fincoach_segmentation::{KMeansParams, choose_k};
/// let points = array![[0.0], [0.1], [5.0], [5.1], [9.0], [9.1]];
/// let choice = choose_k(points.view(), &KMeansParams::default(), 2..=10)?;
/// assert_eq!(choice.rows().len(), 4); // k = 2, 3, 4, 5: six rows allow no more
/// assert_eq!(choice.best_by_silhouette(), 3);
/// assert_eq!(choice.knee(), Some(3));
/// # Ok::<(), fincoach_segmentation::Error>(())
/// ```
pub fn choose_k(
    points: ArrayView2<'_, f64>,
    params: &KMeansParams,
    ks: RangeInclusive<usize>,
) -> Result<KChoice, Error> {
    choose_k_with(points, params, ks, &mut Silent)
}

/// [`choose_k`] that tells of each k; when told to stop, it keeps the rows so far.
///
/// # Errors
/// As [`choose_k`].
pub fn choose_k_with(
    points: ArrayView2<'_, f64>,
    params: &KMeansParams,
    ks: RangeInclusive<usize>,
    progress: &mut dyn Progress,
) -> Result<KChoice, Error> {
    let first = *ks.start();
    let last = last_possible(&points, &ks)?;
    let total = (last - first + 1) as u64;
    let mut rows = Vec::new();
    for (done, k) in (1_u64..).zip(first..=last) {
        let model = params.clone().with_n_clusters(k).fit(&points)?;
        rows.push(KRow { k, inertia: model.inertia(), silhouette: silhouette(points, model.labels())? });
        let step = Step::new("choose_k", done, total).with_loss(model.inertia());
        if progress.step(&step) == Control::Stop {
            break;
        }
    }
    Ok(KChoice::new(rows))
}

/// The end of the range, or what the rows allow where that is less.
pub(crate) fn last_possible(
    matrix: &ArrayView2<'_, f64>,
    ks: &RangeInclusive<usize>,
) -> Result<usize, Error> {
    let (first, last) = (*ks.start(), *ks.end());
    ParamError::ensure(
        first >= 2 && first <= last,
        "ks",
        "a range from 2 or more upwards",
        format!("{first}..={last}"),
    )?;
    let points = Points::checked(matrix)?;
    if points.len() <= first {
        return Err(Error::TooFewRows { rows: points.len(), n_clusters: first });
    }
    let distinct = points.n_distinct(last);
    if distinct < first {
        return Err(Error::TooFewDistinct { distinct, n_clusters: first });
    }
    Ok(last.min(points.len() - 1).min(distinct))
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(crate) fn knee(rows: &[KRow]) -> Option<usize> {
    let (first, last) = (rows.first()?, rows.last()?);
    let (width, drop) = ((last.k - first.k) as f64, first.inertia - last.inertia);
    if width < 2.0 || drop <= 0.0 {
        return None;
    }
    // Above 0 by more than rounding, so that a straight line has no knee.
    let mut best = (None, 1e-12);
    for row in rows {
        let along = (row.k - first.k) as f64 / width;
        let height = (row.inertia - last.inertia) / drop;
        let below = 1.0 - along - height;
        if below > best.1 {
            best = (Some(row.k), below);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(inertias: &[f64]) -> Vec<KRow> {
        (2..).zip(inertias).map(|(k, &inertia)| KRow { k, inertia, silhouette: 0.5 }).collect()
    }

    #[test]
    fn the_knee_is_where_the_curve_bends() {
        assert_eq!(knee(&rows(&[100.0, 20.0, 15.0, 10.0])), Some(3));
        assert_eq!(knee(&rows(&[100.0, 60.0, 20.0, 15.0])), Some(4));
    }

    #[test]
    fn a_line_and_a_short_curve_have_no_knee() {
        assert_eq!(knee(&rows(&[30.0, 20.0, 10.0])), None);
        assert_eq!(knee(&rows(&[30.0, 10.0])), None);
        assert_eq!(knee(&rows(&[0.0, 0.0, 0.0])), None);
        assert_eq!(knee(&[]), None);
    }

    #[test]
    fn the_lowest_k_wins_a_tie() {
        assert_eq!(KChoice::new(rows(&[3.0, 2.0, 1.0])).best_by_silhouette(), 2);
    }
}
