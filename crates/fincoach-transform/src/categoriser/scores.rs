//! How good guesses are.

use fincoach_core::DataError;
use serde::{Deserialize, Serialize};

use super::{Categoriser, LabelledRows};

/// Thresholds at which coverage is told.
const THRESHOLDS: [f64; 9] = [0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
/// Bins of equal width for the calibration error.
const N_BINS: usize = 10;

/// What a threshold costs and gives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoveragePoint {
    /// Guesses at least this probable are taken.
    pub threshold: f64,
    /// Share of the rows that have such a guess.
    pub coverage: f64,
    /// Share of those guesses that are right; `None` where there are none.
    pub accuracy: Option<f64>,
}

/// How good a categoriser is on rows it was not fitted on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoriserScores {
    /// Rows judged.
    pub n_rows: usize,
    /// Share of the rows whose best label is right.
    pub accuracy: f64,
    /// Rows whose description does not occur in the rows of the fit.
    pub n_unseen: usize,
    /// Accuracy on those; `None` where there are none.
    pub unseen_accuracy: Option<f64>,
    /// Mean over the labels that occur or are guessed of `2·hits / (rows + guesses)`, as scikit-learn's macro F1.
    pub macro_f1: f64,
    /// Rows whose label does not occur in the rows of the fit: no guess can be right.
    pub n_unknown_labels: usize,
    /// Mean of `−ln P(label)` over the other rows, in nats; `None` where there are none.
    pub log_loss: Option<f64>,
    /// Mean distance of probability and accuracy over ten bins of equal width, weighted by rows (expected
    /// calibration error).
    pub calibration_error: f64,
    /// What the thresholds 0, 0.3, …, 0.9 and 0.95 cost and give.
    pub coverage: Vec<CoveragePoint>,
}

impl CategoriserScores {
    /// Judges a model on `rows`; `fitted_on` tells which descriptions it has seen. `O(n_rows · n_labels)`.
    ///
    /// # Errors
    /// [`DataError::Empty`] where there are no rows.
    pub fn of(model: &Categoriser, fitted_on: &LabelledRows, rows: &LabelledRows) -> Result<Self, DataError> {
        let known = rows.label_positions(model.labels());
        let probabilities = model.probabilities(rows);
        let best: Vec<usize> = probabilities.iter().map(|row| highest(row)).collect();
        let guessed: Vec<&str> = best.iter().map(|label| model.labels()[*label].as_ref()).collect();
        let scores = Hits::of(&guessed, fitted_on, rows)?;
        let right = &scores.right;
        let confidence: Vec<f64> = probabilities.iter().zip(&best).map(|(row, label)| row[*label]).collect();
        let losses: Vec<f64> = known
            .iter()
            .zip(&probabilities)
            .filter_map(|(label, row)| Some(-tiny(row[(*label)?]).ln()))
            .collect();
        Ok(Self {
            n_rows: rows.n_rows(),
            accuracy: share(right.iter().copied()).unwrap_or(0.0),
            n_unseen: scores.n_unseen,
            unseen_accuracy: scores.unseen_accuracy,
            macro_f1: scores.macro_f1,
            n_unknown_labels: known.iter().filter(|label| label.is_none()).count(),
            log_loss: (!losses.is_empty()).then(|| losses.iter().sum::<f64>() / count(losses.len())),
            calibration_error: calibration_error(&confidence, right),
            coverage: THRESHOLDS.map(|threshold| coverage(threshold, &confidence, right)).to_vec(),
        })
    }
}

/// What guesses without probabilities can be judged by.
pub(super) struct Hits {
    pub(super) right: Vec<bool>,
    pub(super) n_unseen: usize,
    pub(super) unseen_accuracy: Option<f64>,
    pub(super) macro_f1: f64,
}

impl Hits {
    pub(super) fn of(
        guessed: &[&str],
        fitted_on: &LabelledRows,
        rows: &LabelledRows,
    ) -> Result<Self, DataError> {
        if guessed.is_empty() {
            return Err(DataError::Empty { what: "rows to judge a categoriser by" });
        }
        let mut seen: Vec<&str> = fitted_on.rows().iter().map(|row| row.description.as_ref()).collect();
        seen.sort_unstable();
        let right: Vec<bool> =
            rows.rows().iter().zip(guessed).map(|(row, guess)| *row.label == **guess).collect();
        let unseen: Vec<bool> = rows
            .rows()
            .iter()
            .zip(&right)
            .filter(|(row, _)| seen.binary_search(&row.description.as_ref()).is_err())
            .map(|(_, right)| *right)
            .collect();
        let actual: Vec<&str> = rows.rows().iter().map(|row| row.label.as_ref()).collect();
        let (n_unseen, unseen_accuracy) = (unseen.len(), share(unseen.into_iter()));
        Ok(Self { macro_f1: macro_f1(&actual, guessed), right, n_unseen, unseen_accuracy })
    }

    pub(super) fn accuracy(&self) -> f64 {
        share(self.right.iter().copied()).unwrap_or(0.0)
    }
}

/// The position of the highest value, the first of equal ones.
fn highest(values: &[f64]) -> usize {
    let better = |best: usize, (at, value): (usize, &f64)| if *value > values[best] { at } else { best };
    values.iter().enumerate().fold(0, better)
}

fn tiny(probability: f64) -> f64 {
    probability.max(f64::EPSILON)
}

#[expect(clippy::cast_precision_loss, reason = "a count of rows")]
pub(super) const fn count(n: usize) -> f64 {
    n as f64
}

fn share(right: impl ExactSizeIterator<Item = bool>) -> Option<f64> {
    let n = right.len();
    (n > 0).then(|| count(right.filter(|right| *right).count()) / count(n))
}

fn macro_f1(actual: &[&str], guessed: &[&str]) -> f64 {
    let mut labels: Vec<&str> = actual.iter().chain(guessed).copied().collect();
    labels.sort_unstable();
    labels.dedup();
    let f1 = |label: &&str| {
        let hits = actual.iter().zip(guessed).filter(|(a, g)| *a == label && *g == label).count();
        let of = |texts: &[&str]| texts.iter().filter(|text| *text == label).count();
        2.0 * count(hits) / count(of(actual) + of(guessed))
    };
    labels.iter().map(f1).sum::<f64>() / count(labels.len())
}

fn calibration_error(confidence: &[f64], right: &[bool]) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a probability in tenths")]
    let bin = |p: f64| ((p * count(N_BINS)) as usize).min(N_BINS - 1);
    let mut gaps = [0.0; N_BINS];
    for (p, right) in confidence.iter().zip(right) {
        gaps[bin(*p)] += p - f64::from(*right);
    }
    gaps.iter().map(|gap| gap.abs()).sum::<f64>() / count(confidence.len())
}

fn coverage(threshold: f64, confidence: &[f64], right: &[bool]) -> CoveragePoint {
    let taken: Vec<bool> =
        confidence.iter().zip(right).filter(|(p, _)| **p >= threshold).map(|(_, right)| *right).collect();
    let coverage = count(taken.len()) / count(confidence.len());
    CoveragePoint { threshold, coverage, accuracy: share(taken.into_iter()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macro_f1_by_hand() {
        // a: 1 hit of 2 rows and 1 guess, b: 1 hit of 1 row and 2 guesses, c: guessed never there.
        let f1 = macro_f1(&["a", "a", "b", "d"], &["a", "b", "b", "c"]);
        assert!((f1 - (2.0 / 3.0 + 2.0 / 3.0 + 0.0 + 0.0) / 4.0).abs() < 1e-15);
    }

    #[test]
    fn calibration_error_and_coverage_by_hand() {
        let (confidence, right) = ([0.9, 0.95, 0.6, 1.0], [true, false, true, true]);
        // Bin 9: 2.85 promised, 2 right; bin 6: 0.6 promised, 1 right.
        assert!((calibration_error(&confidence, &right) - (0.85 + 0.4) / 4.0).abs() < 1e-12);
        let point = coverage(0.9, &confidence, &right);
        assert_eq!((point.coverage, point.accuracy), (0.75, Some(2.0 / 3.0)));
        assert_eq!(coverage(1.5, &confidence, &right).accuracy, None);
    }
}
