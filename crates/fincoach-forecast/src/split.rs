//! Parts of a calendar: training, validation, test, in the order of time.

use std::ops::Range;

use fincoach_core::ParamError;
use serde::{Deserialize, Serialize};

/// Which part of a user's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The first days: weights and scales come from here.
    Train,
    /// The days after: when to stop training, which method to serve.
    Validation,
    /// The last days: read by nothing but the scores.
    Test,
}

/// Shares of each user's days that come last, so that every part lies after the one before it.
///
/// Of `n` days the last `floor(n·test)` are the test part, the `floor(n·validation)` before them the
/// validation part, the rest is for training. A window belongs to the part that holds **all** its target
/// days; the days it looks back on may lie earlier. So no target day is in two parts.
///
/// # Examples
/// ```
/// use fincoach_forecast::{Part, Split};
/// let split = Split::default();
/// assert_eq!(split.days(51, Part::Train), 0..31);
/// assert_eq!(split.days(51, Part::Validation), 31..41);
/// assert_eq!(split.days(51, Part::Test), 41..51);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Split {
    validation: f64,
    test: f64,
}

impl Default for Split {
    /// One fifth each for validation and test.
    fn default() -> Self {
        Self { validation: 0.2, test: 0.2 }
    }
}

impl Split {
    /// Shares in `[0, 1)` with a sum under 1; they are checked by the fit.
    #[must_use]
    pub const fn new(validation: f64, test: f64) -> Self {
        Self { validation, test }
    }

    /// The share of days for validation.
    #[must_use]
    pub const fn validation(&self) -> f64 {
        self.validation
    }

    /// The share of days for the test.
    #[must_use]
    pub const fn test(&self) -> f64 {
        self.test
    }

    /// The days of one part in a calendar of `n_days`.
    #[must_use]
    pub fn days(&self, n_days: usize, part: Part) -> Range<usize> {
        let test = n_days - share(n_days, self.test);
        let validation = test.saturating_sub(share(n_days, self.validation));
        match part {
            Part::Train => 0..validation,
            Part::Validation => validation..test,
            Part::Test => test..n_days,
        }
    }

    /// First target days whose `horizon` target days all lie in the part and that have `window` days before.
    pub(crate) fn targets(&self, days: usize, part: Part, (window, horizon): (usize, usize)) -> Range<usize> {
        let part = self.days(days, part);
        let first = part.start.max(window);
        first..(part.end + 1).saturating_sub(horizon).max(first)
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        let share = |share: f64| (0.0..1.0).contains(&share);
        ParamError::ensure(share(self.validation), "split.validation", "in [0, 1)", self.validation)?;
        ParamError::ensure(share(self.test), "split.test", "in [0, 1)", self.test)?;
        let sum = self.validation + self.test;
        ParamError::ensure(sum < 1.0, "split.validation + split.test", "under 1", sum)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "days"
)]
fn share(n_days: usize, share: f64) -> usize {
    ((n_days as f64 * share).floor() as usize).min(n_days)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_follow_one_another_and_targets_stay_inside(
            days in 0_usize..400, validation in 0.0..0.5, test in 0.0..0.49, window in 1_usize..15, horizon in 1_usize..9,
        ) {
            let split = Split::new(validation, test);
            prop_assert!(split.check().is_ok());
            let mut end = 0;
            for part in [Part::Train, Part::Validation, Part::Test] {
                let range = split.days(days, part);
                prop_assert_eq!(range.start, end);
                end = range.end;
                for target in split.targets(days, part, (window, horizon)) {
                    prop_assert!(target >= window && range.contains(&target) && target + horizon <= range.end);
                }
            }
            prop_assert_eq!(end, days);
        }
    }

    #[test]
    fn shares_that_leave_no_training_part_are_refused() {
        for split in
            [Split::new(0.5, 0.5), Split::new(-0.1, 0.2), Split::new(f64::NAN, 0.2), Split::new(0.1, 1.0)]
        {
            assert!(split.check().is_err(), "{split:?}");
        }
    }
}
