//! Precision, recall and the rest, per class.

use std::fmt;

use fincoach_core::{DataError, metrics};
use serde::{Deserialize, Serialize};

/// The figures of one class, or their average.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassScores {
    /// Of those said to be of the class, the share that are; 0 if none was said to be.
    pub precision: f64,
    /// Of those of the class, the share found; 0 if there is none.
    pub recall: f64,
    /// The harmonic mean of both; 0 where both are.
    pub f1: f64,
    /// The number of goals of the class.
    pub support: usize,
}

/// Precision, recall, F1 and support of missed and reached goals, as scikit-learn's
/// `classification_report` with `zero_division=0`.
///
/// # Examples
/// ```
/// use fincoach_goals::ClassificationReport;
/// let report = ClassificationReport::new(&[true, true, true, false], &[true, true, false, false])?;
/// assert_eq!(report.accuracy(), 0.75);
/// assert_eq!(report.reached().precision, 1.0);
/// assert_eq!(report.missed().precision, 0.5);
/// assert!(report.to_string().contains("weighted average"));
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassificationReport {
    missed: ClassScores,
    reached: ClassScores,
    macro_average: ClassScores,
    weighted_average: ClassScores,
    accuracy: f64,
}

impl ClassificationReport {
    /// Compares what happened with what was said.
    ///
    /// # Errors
    /// [`DataError::Length`] or [`DataError::Empty`].
    pub fn new(actual: &[bool], predicted: &[bool]) -> Result<Self, DataError> {
        let accuracy = metrics::accuracy(actual, predicted)?;
        let [missed, reached] = [false, true].map(|class| scores(class, actual, predicted));
        let n = actual.len() as f64;
        let macro_average = average(&missed, &reached, [0.5, 0.5]);
        let weighted_average =
            average(&missed, &reached, [missed.support as f64 / n, reached.support as f64 / n]);
        Ok(Self { missed, reached, macro_average, weighted_average, accuracy })
    }

    /// The figures of goals that were missed.
    #[must_use]
    pub const fn missed(&self) -> ClassScores {
        self.missed
    }

    /// The figures of goals that were reached.
    #[must_use]
    pub const fn reached(&self) -> ClassScores {
        self.reached
    }

    /// The mean over both classes.
    #[must_use]
    pub const fn macro_average(&self) -> ClassScores {
        self.macro_average
    }

    /// The mean over both classes, weighted by support.
    #[must_use]
    pub const fn weighted_average(&self) -> ClassScores {
        self.weighted_average
    }

    /// The share of right answers, 0 to 1.
    #[must_use]
    pub const fn accuracy(&self) -> f64 {
        self.accuracy
    }
}

fn scores(class: bool, actual: &[bool], predicted: &[bool]) -> ClassScores {
    let support = actual.iter().filter(|a| **a == class).count();
    let said = predicted.iter().filter(|p| **p == class).count();
    let found = actual.iter().zip(predicted).filter(|(a, p)| **a == class && **p == class).count();
    ClassScores {
        precision: ratio(found, said),
        recall: ratio(found, support),
        f1: ratio(2 * found, said + support),
        support,
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn average(missed: &ClassScores, reached: &ClassScores, weights: [f64; 2]) -> ClassScores {
    let mean = |figure: fn(&ClassScores) -> f64| weights[0] * figure(missed) + weights[1] * figure(reached);
    ClassScores {
        precision: mean(|scores| scores.precision),
        recall: mean(|scores| scores.recall),
        f1: mean(|scores| scores.f1),
        support: missed.support + reached.support,
    }
}

impl fmt::Display for ClassificationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |f: &mut fmt::Formatter<'_>, name: &str, scores: &ClassScores| {
            let ClassScores { precision, recall, f1, support } = scores;
            writeln!(f, "{name:>16} {precision:>10.2} {recall:>10.2} {f1:>10.2} {support:>10}")
        };
        writeln!(f, "{:>16} {:>10} {:>10} {:>10} {:>10}\n", "", "precision", "recall", "f1", "support")?;
        row(f, "missed", &self.missed)?;
        row(f, "reached", &self.reached)?;
        let n = self.macro_average.support;
        writeln!(f, "\n{:>16} {:>10} {:>10} {:>10.2} {n:>10}", "accuracy", "", "", self.accuracy)?;
        row(f, "macro average", &self.macro_average)?;
        row(f, "weighted average", &self.weighted_average)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_that_is_never_said_has_zeros() {
        let report = ClassificationReport::new(&[true, false], &[false, false]).unwrap();
        let none = ClassScores { precision: 0.0, recall: 0.0, f1: 0.0, support: 1 };
        assert_eq!(report.reached(), none);
        assert_eq!(report.missed().recall, 1.0);
        let one_sided = ClassificationReport::new(&[true], &[true]).unwrap();
        assert_eq!((one_sided.missed().support, one_sided.weighted_average().f1), (0, 1.0));
    }

    #[test]
    fn the_text_is_a_table() {
        let report =
            ClassificationReport::new(&[true, true, true, false], &[true, true, false, false]).unwrap();
        let expected = "                  precision     recall         f1    support\n\n\
            \u{20}         missed       0.50       1.00       0.67          1\n\
            \u{20}        reached       1.00       0.67       0.80          3\n\n\
            \u{20}       accuracy                             0.75          4\n\
            \u{20}  macro average       0.75       0.83       0.73          4\n\
            weighted average       0.88       0.75       0.77          4\n";
        assert_eq!(report.to_string(), expected);
    }

    #[test]
    fn lengths_must_agree() {
        assert!(ClassificationReport::new(&[true], &[]).is_err());
        assert!(ClassificationReport::new(&[], &[]).is_err());
    }
}
