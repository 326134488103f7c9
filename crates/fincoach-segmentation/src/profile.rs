//! What a segment looks like.

use fincoach_core::DataError;
use fincoach_core::ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

use crate::Archetype;

/// Mean, spread and median of one column within a segment, in the unit of the column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FeatureSummary {
    /// Name of the column.
    pub column: String,
    /// Mean over the users of the segment.
    pub mean: f64,
    /// Sample standard deviation (denominator n − 1); 0 for a segment of one.
    pub std: f64,
    /// Median; the mean of the middle two where their number is even.
    pub median: f64,
}

/// Size, name and key figures of a segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SegmentProfile {
    /// Number of the segment, as predictions give it.
    pub segment: usize,
    /// Its name: an archetype where one fits, else `Typical` or `Segment n` with n counted from 1.
    pub name: String,
    /// The archetype behind the name.
    pub archetype: Option<Archetype>,
    /// Reasons for the name, strongest first; medians of the segment beside those of everyone. Never empty.
    pub evidence: Vec<String>,
    /// Number of training rows.
    pub size: usize,
    /// Share of the training rows, in (0, 1].
    pub share: f64,
    /// Summaries of the key columns.
    pub features: Vec<FeatureSummary>,
}

impl SegmentProfile {
    /// The summary of one key column.
    #[must_use]
    pub fn feature(&self, column: &str) -> Option<&FeatureSummary> {
        self.features.iter().find(|feature| feature.column == column)
    }

    /// Checks a profile that came from a file.
    pub(crate) fn check(&self) -> Result<(), DataError> {
        let figures = self.features.iter().flat_map(|feature| [feature.mean, feature.std, feature.median]);
        let sound = self.size >= 1
            && self.share > 0.0
            && self.share <= 1.0
            && !self.name.is_empty()
            && figures.into_iter().all(f64::is_finite)
            && self.features.iter().all(|feature| feature.std >= 0.0);
        if sound {
            return Ok(());
        }
        let reason = format!("profile of segment {} has an impossible figure", self.segment);
        Err(DataError::Inconsistent { what: "segmentation", reason })
    }
}

/// The summary of the values of one column.
pub(crate) fn summarise(column: &str, values: &[f64]) -> FeatureSummary {
    let mean = ArrayView1::from(values).mean().unwrap_or(0.0);
    FeatureSummary { column: column.to_owned(), mean, std: deviation(values, mean), median: median(values) }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn deviation(values: &[f64], mean: f64) -> f64 {
    let freedom = values.len().saturating_sub(1).max(1) as f64;
    // Equal values have deviation 0 even where their mean is rounded.
    if values.windows(2).all(|pair| pair[0] == pair[1]) {
        return 0.0;
    }
    (values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / freedom).sqrt()
}

/// The median; 0 of nothing.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[middle],
        _ => sorted[middle - 1].midpoint(sorted[middle]),
    }
}

/// The quantile of sorted values, linear between neighbours; 0 of nothing.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places in a list"
)]
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * sorted.len().saturating_sub(1) as f64;
    let below = place.floor() as usize;
    let Some(&low) = sorted.get(below) else { return 0.0 };
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    low + (high - low) * (place - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_what_a_textbook_says() {
        let summary = summarise("x", &[4.0, 1.0, 3.0, 2.0]);
        assert_eq!((summary.mean, summary.median), (2.5, 2.5));
        assert!((summary.std - (5.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        assert_eq!(median(&[3.0, 9.0, 1.0]), 3.0);
    }

    #[test]
    fn a_segment_of_one_has_deviation_zero() {
        assert_eq!(summarise("x", &[0.1]).std, 0.0);
        assert_eq!(summarise("x", &[0.1, 0.1, 0.1]).std, 0.0);
    }
}
