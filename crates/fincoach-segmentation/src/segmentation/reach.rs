//! How far from its centre a row may lie and still belong to its segment.

use fincoach_core::ndarray::ArrayView2;

use crate::KMeans;
use crate::profile::quantile;

/// Rows from which on a segment speaks for itself.
const ENOUGH: usize = 10;

/// For each segment the distance beyond which a row is far out (Tukey 1977).
pub(super) fn reach(prepared: ArrayView2<'_, f64>, kmeans: &KMeans) -> Vec<f64> {
    let mut by_segment = vec![Vec::new(); kmeans.n_clusters()];
    for (row, label) in prepared.rows().into_iter().zip(kmeans.labels()) {
        let centre = kmeans.centres();
        let centre = centre.row(*label);
        let square: f64 = row.iter().zip(centre).map(|(x, y)| (x - y) * (x - y)).sum();
        by_segment[*label].push(square.sqrt());
    }
    reach_of(by_segment)
}

/// The same of training distances by segment.
pub(crate) fn reach_of(by_segment: Vec<Vec<f64>>) -> Vec<f64> {
    let everyone = far_out(by_segment.concat());
    by_segment
        .into_iter()
        .map(|distances| if distances.len() < ENOUGH { everyone } else { far_out(distances) })
        .collect()
}

/// The upper quartile and three interquartile ranges.
fn far_out(mut distances: Vec<f64>) -> f64 {
    distances.sort_by(f64::total_cmp);
    let (lower, upper) = (quantile(&distances, 0.25), quantile(&distances, 0.75));
    upper + 3.0 * (upper - lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_out_is_three_ranges_beyond_the_upper_quartile() {
        assert_eq!(far_out(vec![5.0, 1.0, 2.0, 3.0, 4.0]), 4.0 + 3.0 * 2.0);
        assert_eq!(far_out(vec![2.0]), 2.0);
    }
}
