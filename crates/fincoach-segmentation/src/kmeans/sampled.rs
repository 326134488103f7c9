//! Restarts on a sample of many rows; the best go on with all of them (Bradley and Fayyad 1998).

use fincoach_core::rng;

use super::KMeansParams;
use super::points::{Points, squared_distance};
use super::restart::{Restart, Task};

/// Rows of the sample at the least.
const LEAST_SAMPLE: usize = 2048;
/// One row in so many is in the sample of a larger table.
const ONE_IN: usize = 16;
/// Different ends of restarts that go on with all rows.
const N_FINALISTS: usize = 3;

/// The rows that restarts run on: a sample where there are at least four times as many, else `None`.
///
/// The rows are in their sorted order, so the sample does not depend on the order they came in.
pub(super) fn sample(points: &Points, params: &KMeansParams) -> Option<Task> {
    let size = LEAST_SAMPLE.max(points.len() / ONE_IN).max(params.n_clusters() * 64);
    if points.len() < 4 * size {
        return None;
    }
    let mut rng = rng::stream(rng::derived(params.seed(), "kmeans sample"), 0);
    let mut rows: Vec<usize> = rng.permutation(points.len()).into_iter().take(size).collect();
    rows.sort_unstable();
    let sampled = points.reordered(&rows);
    let enough = sampled.n_distinct(params.n_clusters()) == params.n_clusters();
    enough.then(|| Task::new(sampled, params.tol()))
}

/// The centres of the best restarts that ended in different places, best first; the first of equals.
pub(super) fn finalists(mut restarts: Vec<Restart>) -> Vec<Points> {
    restarts.sort_by(|a, b| a.inertia.total_cmp(&b.inertia));
    let mut chosen: Vec<Points> = Vec::new();
    for restart in restarts {
        let centres = restart.partition.centres;
        if chosen.len() < N_FINALISTS && !chosen.iter().any(|known| in_one_place(known, &centres)) {
            chosen.push(centres);
        }
    }
    chosen
}

/// Whether every centre lies within an eighth of the way from its counterpart to the next centre.
fn in_one_place(known: &Points, other: &Points) -> bool {
    known.rows().enumerate().all(|(index, centre)| {
        let nearest = |centres: &mut dyn Iterator<Item = &[f64]>| {
            centres.map(|row| squared_distance(centre, row)).fold(f64::INFINITY, f64::min)
        };
        let mut others = known.rows().enumerate().filter(|(place, _)| *place != index).map(|(_, row)| row);
        64.0 * nearest(&mut other.rows()) <= nearest(&mut others)
    })
}
