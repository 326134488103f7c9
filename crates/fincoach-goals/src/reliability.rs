//! What was said against what happened.

use fincoach_core::ParamError;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::checks::ensure_probabilities;

/// All answers between two probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReliabilityBin {
    /// Lower end, included.
    pub low: f64,
    /// Upper end, included only in the last bin.
    pub high: f64,
    /// The number of answers; at least 1.
    pub n: usize,
    /// The mean of what was said.
    pub mean_probability: f64,
    /// The share that happened.
    pub share_reached: f64,
}

/// Answers in bins of equal width, and the expected calibration error.
///
/// The error is `Σ n/N · |share reached − mean probability|` over the bins (Naeini et al. 2015), 0 to 1. With
/// few answers it is well above 0 even for perfect probabilities: read it beside the number of answers.
///
/// # Examples
/// ```
/// use fincoach_goals::Reliability;
/// let picture = Reliability::new(&[true, false, true, true], &[0.5, 0.5, 0.9, 0.9], 10)?;
/// assert_eq!(picture.bins().len(), 2);
/// assert!((picture.expected_calibration_error() - 0.05).abs() < 1e-12);
/// # Ok::<(), fincoach_goals::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reliability {
    bins: Vec<ReliabilityBin>,
    expected_calibration_error: f64,
}

impl Reliability {
    /// Puts probabilities into `n_bins` bins; those without answers are left out.
    ///
    /// # Errors
    /// [`Error::Param`] unless `n_bins` is in 1 to 1000; [`Error::Data`] without answers, for lists of different
    /// length, or for a probability outside `[0, 1]`.
    pub fn new(actual: &[bool], probabilities: &[f64], n_bins: usize) -> Result<Self, Error> {
        ParamError::ensure((1..=1000).contains(&n_bins), "n_bins", "in 1 to 1000", n_bins)?;
        ensure_probabilities(probabilities, actual)?;
        let mut sums = vec![(0_usize, 0.0, 0_usize); n_bins];
        for (reached, p) in actual.iter().zip(probabilities) {
            let sum = &mut sums[((p * n_bins as f64) as usize).min(n_bins - 1)];
            *sum = (sum.0 + 1, sum.1 + p, sum.2 + usize::from(*reached));
        }
        let width = 1.0 / n_bins as f64;
        let bins: Vec<ReliabilityBin> = sums
            .into_iter()
            .enumerate()
            .filter(|(_, (n, ..))| *n > 0)
            .map(|(place, (n, sum, reached))| ReliabilityBin {
                low: place as f64 * width,
                high: (place + 1) as f64 * width,
                n,
                mean_probability: sum / n as f64,
                share_reached: reached as f64 / n as f64,
            })
            .collect();
        let gap = |bin: &ReliabilityBin| bin.n as f64 * (bin.share_reached - bin.mean_probability).abs();
        let expected_calibration_error = bins.iter().map(gap).sum::<f64>() / actual.len() as f64;
        Ok(Self { bins, expected_calibration_error })
    }

    /// The bins that have answers, from low to high.
    #[must_use]
    pub fn bins(&self) -> &[ReliabilityBin] {
        &self.bins
    }

    /// The expected calibration error, 0 to 1.
    #[must_use]
    pub const fn expected_calibration_error(&self) -> f64 {
        self.expected_calibration_error
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::DataError;

    use super::*;

    #[test]
    fn the_ends_of_the_scale_have_a_bin() {
        let picture = Reliability::new(&[false, true], &[0.0, 1.0], 5).unwrap();
        assert_eq!(picture.bins().iter().map(|bin| bin.n).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(picture.expected_calibration_error(), 0.0);
        assert_eq!(picture.bins()[1].high, 1.0);
    }

    #[test]
    fn certain_and_wrong_is_the_worst() {
        let picture = Reliability::new(&[true, false], &[0.0, 1.0], 10).unwrap();
        assert_eq!(picture.expected_calibration_error(), 1.0);
        assert!(matches!(Reliability::new(&[], &[], 10), Err(Error::Data(DataError::Empty { .. }))));
        assert!(Reliability::new(&[true], &[0.5], 0).is_err());
    }
}
