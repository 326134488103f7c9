//! What a user usually earns in a week.

use fincoach_core::chrono::{NaiveDate, NaiveTime, TimeDelta};
use fincoach_core::{Category, DataError, Ledger, Money, ParamError};
use serde::{Deserialize, Serialize};

use super::Outcome;

/// The weeks of income that are looked at.
const N_WEEKS: i64 = 13;
/// Fewer weeks count as so many: one pay day is not a week's income.
const LEAST_WEEKS: i64 = 4;

/// The usual weekly income before an entry: rows of category `income` of the 91 days before it, over 13 weeks.
///
/// Where the account is known for fewer whole weeks, the sum is divided by these, at least 4. Whole minor units,
/// rounded towards zero, and at least `least`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct UsualIncome {
    pub(crate) least: Money,
    /// Since when accounts are known; without it, since the day of the user's first booking.
    pub(crate) known_since: Option<NaiveDate>,
}

impl Default for UsualIncome {
    fn default() -> Self {
        Self { least: Money::from_minor(15_000), known_since: None }
    }
}

impl UsualIncome {
    pub(crate) fn check(&self) -> Result<(), ParamError> {
        ParamError::ensure(self.least.is_positive(), "least_income", "above 0", self.least)
    }

    pub(crate) fn weekly(&self, outcome: &Outcome<'_>) -> Result<Money, DataError> {
        let (time, earlier) = (outcome.entry().time, outcome.earlier_bookings()?);
        let first = earlier.iter().next().map_or(time, |row| row.time.date().and_time(NaiveTime::MIN));
        let first = self.known_since.map_or(first, |date| date.and_time(NaiveTime::MIN));
        let n_weeks = (time - first).num_weeks().clamp(LEAST_WEEKS, N_WEEKS);
        let recent = earlier.since(time - TimeDelta::weeks(N_WEEKS));
        let income: Money = recent
            .categories()
            .iter()
            .zip(recent.amounts())
            .filter(|(category, _)| **category == Category::Income)
            .map(|(_, amount)| *amount)
            .sum();
        Ok(Money::from_minor(income.minor() / n_weeks).max(self.least))
    }
}

/// An amount in pounds, or whatever the major unit is.
pub(crate) fn major(amount: Money, ledger: &Ledger) -> f64 {
    amount.to_major_of(ledger.minor_per_major())
}
