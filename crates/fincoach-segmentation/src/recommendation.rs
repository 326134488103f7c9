//! A number of clusters with its reason.

use std::ops::RangeInclusive;

use fincoach_core::Fit;
use fincoach_core::ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::choice::last_possible;
use crate::indices::{calinski_harabasz, davies_bouldin, gap_of};
use crate::silhouettes::sampled_silhouette;
use crate::stability::bootstrap_stability;
use crate::{Error, Gap, KMeansParams, KRow};

/// Rows that silhouettes are taken on at most.
const MOST_ROWS: usize = 4000;
/// Tables without clusters that the gap is taken against.
const N_REFERENCES: usize = 10;
/// Bootstrap samples for the stability.
const N_SAMPLES: usize = 20;
/// Least mean Jaccard similarity of a cluster to be believed (Hennig 2007).
const LEAST_STABILITY: f64 = 0.6;

/// What speaks for one number of clusters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct KEvidence {
    /// The number of clusters.
    pub k: usize,
    /// Sum of squared distances to the centres.
    pub inertia: f64,
    /// Mean silhouette, of a sample of 4,000 rows where there are more; higher is better.
    pub silhouette: f64,
    /// [`davies_bouldin`]; lower is better. `None` where it is not defined.
    pub davies_bouldin: Option<f64>,
    /// [`calinski_harabasz`]; higher is better. `None` where it is not defined.
    pub calinski_harabasz: Option<f64>,
    /// [`gap_statistic`](crate::gap_statistic) with ten references; `None` where it is not defined.
    pub gap: Option<Gap>,
    /// [`bootstrap_stability`] of each cluster, twenty samples.
    pub stability: Vec<f64>,
    /// The size of the smallest cluster.
    pub least_size: usize,
    /// Criteria that choose this k.
    pub chosen_by: Vec<String>,
}

impl KEvidence {
    /// The stability of the least stable cluster.
    #[must_use]
    pub fn least_stability(&self) -> f64 {
        self.stability.iter().copied().fold(1.0, f64::min)
    }

    /// Whether every cluster has two rows at least and is found again often enough.
    fn holds(&self) -> bool {
        self.least_size >= 2 && self.least_stability() >= LEAST_STABILITY
    }
}

/// A number of clusters, the reason in words, and the figures behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Recommendation {
    /// The number of clusters.
    pub k: usize,
    /// Why, in one sentence.
    pub reason: String,
    /// The figures of every k that was looked at, ascending.
    pub rows: Vec<KEvidence>,
}

/// Recommends a number of clusters: of those whose clusters all have two rows and are found again in bootstrap
/// samples (mean Jaccard similarity at least 0.6), the one that most of five criteria choose: silhouette,
/// Davies-Bouldin, Calinski-Harabasz, gap and the knee of the elbow. The more stable one wins a tie, then the
/// lower. Where none holds, all are looked at, and the reason says so.
///
/// Cost: for each k some thirty fits with four restarts, and a silhouette.
///
/// # Errors
/// As [`choose_k`](crate::choose_k).
///
/// # Examples
/// ```
/// use fincoach_core::ndarray::array;
/// use fincoach_segmentation::{KMeansParams, recommend_k};
/// let points = array![
///     [0.0], [0.1], [0.2], [0.3], [5.0], [5.1], [5.2], [5.3], [9.0], [9.1], [9.2], [9.3]
/// ];
/// let found = recommend_k(points.view(), &KMeansParams::default(), 2..=5)?;
/// assert_eq!(found.k, 3);
/// assert!(found.reason.starts_with("3 segments: chosen by"), "{}", found.reason);
/// # Ok::<(), fincoach_segmentation::Error>(())
/// ```
pub fn recommend_k(
    points: ArrayView2<'_, f64>,
    params: &KMeansParams,
    ks: RangeInclusive<usize>,
) -> Result<Recommendation, Error> {
    let last = last_possible(&points, &ks)?;
    let mut rows: Vec<KEvidence> =
        (*ks.start()..=last).map(|k| evidence(points, params, k)).collect::<Result<_, _>>()?;
    for (criterion, k) in votes(&rows) {
        let chosen = rows.iter_mut().filter(|row| Some(row.k) == k);
        chosen.for_each(|row| row.chosen_by.push(criterion.to_owned()));
    }
    let any_holds = rows.iter().any(KEvidence::holds);
    let mut best: Option<&KEvidence> = None;
    for row in rows.iter().filter(|row| row.holds() || !any_holds) {
        let rank = |row: &KEvidence| (row.chosen_by.len(), row.least_stability());
        if best.is_none_or(|best| rank(row) > rank(best)) {
            best = Some(row);
        }
    }
    let best = best.ok_or(Error::TooFewRows { rows: points.nrows(), n_clusters: *ks.start() })?;
    Ok(Recommendation { k: best.k, reason: reason(best, any_holds), rows })
}

fn evidence(points: ArrayView2<'_, f64>, params: &KMeansParams, k: usize) -> Result<KEvidence, Error> {
    let params = params.clone().with_n_clusters(k);
    let model = params.fit(&points)?;
    let labels = model.labels();
    let few = params.clone().with_n_init(4);
    let sizes = (0..k).map(|cluster| labels.iter().filter(|label| **label == cluster).count());
    Ok(KEvidence {
        k,
        inertia: model.inertia(),
        silhouette: sampled_silhouette(points, labels, (MOST_ROWS, params.seed()))?,
        davies_bouldin: davies_bouldin(points, labels).ok(),
        calinski_harabasz: calinski_harabasz(points, labels).ok(),
        gap: gap_of(points, &few, N_REFERENCES, model.inertia()).ok(),
        stability: bootstrap_stability(points, &model, &params, N_SAMPLES)?,
        least_size: sizes.min().unwrap_or(0),
        chosen_by: Vec::new(),
    })
}

/// What each criterion chooses; the lowest k wins a tie.
fn votes(rows: &[KEvidence]) -> [(&'static str, Option<usize>); 5] {
    let elbow: Vec<KRow> =
        rows.iter().map(|row| KRow { k: row.k, inertia: row.inertia, silhouette: row.silhouette }).collect();
    [
        ("silhouette", highest(rows, |row| Some(row.silhouette))),
        ("Davies-Bouldin", highest(rows, |row| row.davies_bouldin.map(|index| -index))),
        ("Calinski-Harabasz", highest(rows, |row| row.calinski_harabasz)),
        ("gap statistic", by_gap(rows)),
        ("knee of the elbow", crate::choice::knee(&elbow)),
    ]
}

fn highest(rows: &[KEvidence], figure: impl Fn(&KEvidence) -> Option<f64>) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    for row in rows {
        if let Some(value) = figure(row).filter(|value| best.is_none_or(|best| *value > best.1)) {
            best = Some((row.k, value));
        }
    }
    best.map(|(k, _)| k)
}

/// The least k whose gap is at least that of the next less its error.
fn by_gap(rows: &[KEvidence]) -> Option<usize> {
    rows.windows(2).find_map(|pair| {
        let (this, next) = (pair[0].gap?, pair[1].gap?);
        (this.gap >= next.gap - next.error).then_some(pair[0].k)
    })
}

fn reason(row: &KEvidence, holds: bool) -> String {
    let votes = match &row.chosen_by[..] {
        [] => "no criterion chooses it".to_owned(),
        [one] => format!("chosen by {one}"),
        [more @ .., last] => format!("chosen by {} and {last}", more.join(", ")),
    };
    let (k, least) = (row.k, row.least_stability());
    if holds {
        format!(
            "{k} segments: {votes}; every segment is found again in other samples (Jaccard {least:.2} or more)"
        )
    } else {
        format!(
            "{k} segments: {votes}; but no number of segments is found again in other samples (here Jaccard {least:.2} at worst)"
        )
    }
}
