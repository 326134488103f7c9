//! When a payment counts as recurring.

use fincoach_core::ParamError;
use serde::{Deserialize, Serialize};

/// Parameters of the detection of recurring payments.
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `min_occurrences` | 3 | 3 to 7 | bookings that show a period; weekly and fortnightly ones need one more |
/// | `amount_tolerance` | 0.3 | 0 to 1 | largest median distance of the amounts from their median, as a share of it |
///
/// # Examples
/// ```
/// use fincoach_features::RecurringParams;
/// let params = RecurringParams::default().with_amount_tolerance(0.1);
/// assert_eq!((params.min_occurrences(), params.amount_tolerance()), (3, 0.1));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecurringParams {
    min_occurrences: u32,
    amount_tolerance: f64,
}

impl Default for RecurringParams {
    fn default() -> Self {
        Self { min_occurrences: 3, amount_tolerance: 0.3 }
    }
}

impl RecurringParams {
    /// Sets the bookings that show a period.
    #[must_use]
    pub const fn with_min_occurrences(self, min_occurrences: u32) -> Self {
        Self { min_occurrences, ..self }
    }

    /// Sets how far amounts may lie apart.
    #[must_use]
    pub const fn with_amount_tolerance(self, amount_tolerance: f64) -> Self {
        Self { amount_tolerance, ..self }
    }

    /// Bookings that show a period.
    #[must_use]
    pub const fn min_occurrences(&self) -> u32 {
        self.min_occurrences
    }

    /// How far amounts may lie apart.
    #[must_use]
    pub const fn amount_tolerance(&self) -> f64 {
        self.amount_tolerance
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        let (fewest, tolerance) = (self.min_occurrences, self.amount_tolerance);
        ParamError::ensure((3..=7).contains(&fewest), "min_occurrences", "in 3..=7", fewest)?;
        let ok = (0.0..=1.0).contains(&tolerance);
        ParamError::ensure(ok, "amount_tolerance", "in [0, 1]", tolerance)
    }
}
