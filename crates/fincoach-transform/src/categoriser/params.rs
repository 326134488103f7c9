//! Parameters of the categoriser.

use fincoach_core::{ParamError, parameters};
use serde::{Deserialize, Serialize};

/// Parameters of a [`Categoriser`](crate::Categoriser).
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `min_chars` | 3 | 1 to `max_chars` | shortest run of characters that is a clue |
/// | `max_chars` | 4 | `min_chars` to 12 | longest one |
/// | `l2` | 1e-4 | [0, 1] | weight of the penalty `l2/2 · |W|²` beside the mean log loss |
/// | `n_epochs` | 20 | 1 to 1000 | passes over the rows |
/// | `learning_rate` | 0.5 | (0, 10] | length of the first step of each clue |
/// | `calibration_share` | 0.2 | [0, 0.5] | last rows held out to set the temperature; 0 leaves it at 1 |
/// | `unsure_below` | 0.5 | [0, 1] | guesses less probable than this are unsure |
/// | `seed` | 0 | any | order of the rows in each pass |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CategoriserParams {
    min_chars: usize,
    max_chars: usize,
    l2: f64,
    n_epochs: usize,
    learning_rate: f64,
    calibration_share: f64,
    unsure_below: f64,
    seed: u64,
}

impl Default for CategoriserParams {
    fn default() -> Self {
        Self {
            min_chars: 3,
            max_chars: 4,
            l2: 1e-4,
            n_epochs: 20,
            learning_rate: 0.5,
            calibration_share: 0.2,
            unsure_below: 0.5,
            seed: 0,
        }
    }
}

parameters! { CategoriserParams:
    /// Length of the shortest run of characters that is a clue.
    min_chars, with_min_chars: usize;
    /// Length of the longest run of characters that is a clue.
    max_chars, with_max_chars: usize;
    /// Weight of the penalty.
    l2, with_l2: f64;
    /// Passes over the rows.
    n_epochs, with_n_epochs: usize;
    /// Length of the first step of each clue.
    learning_rate, with_learning_rate: f64;
    /// Share of the rows, the last ones, that sets the temperature.
    calibration_share, with_calibration_share: f64;
    /// Probability under which a guess is unsure.
    unsure_below, with_unsure_below: f64;
    /// Seed of the order of the rows.
    seed, with_seed: u64;
}

impl CategoriserParams {
    pub(super) fn check(&self) -> Result<(), ParamError> {
        let Self { min_chars, max_chars, l2, n_epochs, learning_rate, calibration_share, .. } = self;
        ParamError::ensure((1..=*max_chars).contains(min_chars), "min_chars", "in 1..=max_chars", min_chars)?;
        ParamError::ensure(*max_chars <= MAX_CHARS, "max_chars", "in min_chars..=12", max_chars)?;
        ParamError::ensure((0.0..=1.0).contains(l2), "l2", "in [0, 1]", l2)?;
        ParamError::ensure((1..=1000).contains(n_epochs), "n_epochs", "in 1..=1000", n_epochs)?;
        let rate_fits = *learning_rate > 0.0 && *learning_rate <= 10.0;
        ParamError::ensure(rate_fits, "learning_rate", "in (0, 10]", learning_rate)?;
        let share_fits = (0.0..=0.5).contains(calibration_share);
        ParamError::ensure(share_fits, "calibration_share", "in [0, 0.5]", calibration_share)?;
        ensure_threshold(self.unsure_below)
    }
}

/// The longest run of characters that may be a clue.
pub(super) const MAX_CHARS: usize = 12;

pub(super) fn ensure_threshold(unsure_below: f64) -> Result<(), ParamError> {
    ParamError::ensure((0.0..=1.0).contains(&unsure_below), "unsure_below", "in [0, 1]", unsure_below)
}
