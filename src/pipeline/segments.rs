//! The stage that finds segments and tells how well they hold together.

use fincoach_core::ndarray::{Array2, ArrayView1, ArrayView2};
use fincoach_core::{FeatureTable, Fit, Predict, Progress, metrics, rng};
use fincoach_segmentation::{Assignment, Pca, PreparationParams, Segmentation, SegmentationParams};

use super::SegmentationEvaluation;
use crate::Error;

/// What the stage gives.
pub(super) struct Segments {
    pub(super) model: Segmentation,
    pub(super) assignments: Vec<Assignment>,
    /// Segment of each user, in the order of the table.
    pub(super) labels: Vec<usize>,
    /// Users in two dimensions, `(n_users, 2)`.
    pub(super) points: Array2<f64>,
    pub(super) evaluation: SegmentationEvaluation,
}

/// Numbers of clusters that elbow and silhouette are told for.
const KS: std::ops::RangeInclusive<usize> = 2..=10;

/// Segments by prepared columns: as they are, one extreme user can be a segment of one.
pub(super) fn prepared() -> SegmentationParams {
    SegmentationParams::default().with_preparation(PreparationParams::default())
}

/// Users who differ in at least one column from all before them.
fn n_distinct_rows(rows: ArrayView2<'_, f64>) -> usize {
    let bits = |row: ArrayView1<'_, f64>| row.iter().map(|value| value.to_bits()).collect::<Vec<u64>>();
    rows.rows().into_iter().map(bits).collect::<std::collections::BTreeSet<_>>().len()
}

/// The parameters as far as this table allows, and the number of different users they tell apart: without a preparation
/// where that leaves nothing that differs, as with a few users of whom one is unlike the others.
fn usable(params: &SegmentationParams, table: &FeatureTable) -> (SegmentationParams, usize) {
    let prepared = params.preparation().and_then(|wanted| wanted.fit(table).ok()?.transform(table).ok());
    match prepared.map(|rows| n_distinct_rows(rows.view())) {
        Some(n_distinct) if n_distinct >= 2 => (params.clone(), n_distinct),
        _ => (params.clone().with_preparation(None), n_distinct_rows(table.values())),
    }
}

pub(super) fn find(
    params: &SegmentationParams,
    table: &FeatureTable,
    seeds: (u64, usize),
    progress: &mut dyn Progress,
) -> Result<Segments, Error> {
    let seed = seeds.0;
    // Few users cannot form many segments that mean anything: at least two users a segment on average.
    let (params, n_distinct) = usable(params, table);
    if n_distinct < 2 {
        return Err(Error::AllAlike { n_users: table.n_rows() });
    }
    let n_clusters = params.kmeans().n_clusters().min(table.n_rows() / 2).min(n_distinct);
    let params = params.with_n_clusters(n_clusters).with_seed(seed);
    let choice = params.choose_k(table, KS)?;
    let model = params.fit_with(table, progress)?;
    let assignments = model.predict(table)?;
    let labels: Vec<usize> = assignments.iter().map(|found| found.segment).collect();
    let standardised = model.standardised(table)?;

    let (silhouette_by_chance, agreement_between_seeds) =
        stability(&params, (table, &labels, standardised.view()), seeds)?;
    let pca = Pca::fit(standardised.view(), 2)?;
    let evaluation = SegmentationEvaluation {
        choice,
        n_segments: model.n_segments(),
        sizes: model.profiles().iter().map(|profile| profile.size).collect(),
        silhouette: metrics::silhouette(standardised.view(), &labels)?,
        silhouette_by_chance,
        agreement_between_seeds,
        explained_variance_ratio: pca.explained_variance_ratio(),
    };
    let points = pca.transform(standardised.view())?;
    Ok(Segments { model, assignments, labels, points, evaluation })
}

/// Silhouettes of users dealt by chance, and the agreement with the segments of other seeds; one of each a seed.
fn stability(
    params: &SegmentationParams,
    (table, labels, standardised): (&FeatureTable, &[usize], ArrayView2<'_, f64>),
    (seed, n_seeds): (u64, usize),
) -> Result<(Vec<f64>, Vec<f64>), Error> {
    let mut by_chance = Vec::new();
    let mut agreement = Vec::new();
    for other in 1..n_seeds as u64 {
        let mut dealt = labels.to_vec();
        rng::stream(rng::derived(seed, "chance"), other).shuffle(&mut dealt);
        by_chance.push(metrics::silhouette(standardised, &dealt)?);
        let again = params.clone().with_seed(seed.wrapping_add(other)).fit(table)?.predict(table)?;
        let again: Vec<usize> = again.iter().map(|found| found.segment).collect();
        agreement.push(metrics::adjusted_rand(labels, &again)?);
    }
    Ok((by_chance, agreement))
}
