//! How schema v1 is computed.

use fincoach_core::{Ledger, ParamError};
use serde::{Deserialize, Serialize};

use crate::snapshots::Schedule;
use crate::table_plan::TablePlan;
use crate::v1_rows::{Dates, LastRows};
use crate::{Error, Features, Snapshots};

/// Parameters of schema v1.
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `lookback_days` | 30 | 1 to 36,500 | days before the user's last transaction, to the second and inclusive, whose rows count |
/// | `min_transactions` | 5 | at least 1 | a user with fewer rows *in all* (not in the look-back) gets no row |
///
/// # Examples
/// ```
/// use fincoach_features::V1Params;
/// let params = V1Params::default().with_lookback_days(90);
/// assert_eq!((params.lookback_days(), params.min_transactions()), (90, 5));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct V1Params {
    lookback_days: u32,
    min_transactions: usize,
}

impl Default for V1Params {
    fn default() -> Self {
        Self { lookback_days: 30, min_transactions: 5 }
    }
}

impl V1Params {
    /// Sets the days that are looked back.
    #[must_use]
    pub const fn with_lookback_days(self, lookback_days: u32) -> Self {
        Self { lookback_days, ..self }
    }

    /// Sets the fewest transactions a row needs.
    #[must_use]
    pub const fn with_min_transactions(self, min_transactions: usize) -> Self {
        Self { min_transactions, ..self }
    }

    /// Days that are looked back.
    #[must_use]
    pub const fn lookback_days(&self) -> u32 {
        self.lookback_days
    }

    /// The fewest transactions a row needs.
    #[must_use]
    pub const fn min_transactions(&self) -> usize {
        self.min_transactions
    }

    /// One row per user, `(n_users, 35)`, in the order of [`Ledger::users`]; `as_of` is the time of the user's last
    /// transaction (midnight where the source gives dates only).
    ///
    /// Users are worked on in parallel; the result has the same bits on any number of threads.
    /// `O(w)` per user with `w` rows in the look-back.
    ///
    /// # Errors
    /// [`Error::Param`]; [`Error::Data`] for a ledger without rows; [`Error::NoUsers`] when everybody has too few
    /// transactions (never a table without rows); [`Error::MissingBalance`] when a row within a look-back has no
    /// balance: the first such row of the first such user.
    pub fn compute(&self, ledger: &Ledger) -> Result<Features, Error> {
        self.check()?;
        TablePlan::new(ledger, self.min_transactions, &Schedule::LastRow)?.fill(&LastRows(self))
    }

    /// One row per user and date, each from the rows dated up to and including `as_of` alone.
    ///
    /// The row equals what [`V1Params::compute`] gives for the ledger cut off after `as_of`: the look-back ends with
    /// the user's last transaction on or before `as_of`, and `min_transactions` counts rows up to `as_of`. So a user
    /// who has gone quiet keeps the last values. Rows after `as_of` cannot change a bit of it.
    ///
    /// # Errors
    /// Those of [`V1Params::compute`]; also [`Error::Param`] for a step of 0 days and [`Error::Data`] for an empty
    /// list of dates.
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{Ledger, Money, Transaction, chrono::NaiveDate};
    /// use fincoach_features::{Snapshots, V1Params};
    /// let mut builder = Ledger::builder();
    /// for day in 1..=15 {
    ///     let time = NaiveDate::from_ymd_opt(2024, 1, day).unwrap().into();
    ///     let mut row = Transaction::new("anna", time, Money::from_minor(-100));
    ///     row.balance = Some(Money::from_minor(10_000 - 100 * i64::from(day)));
    ///     builder.push(&row)?;
    /// }
    /// let weekly = V1Params::default().compute_snapshots(&builder.finish(), &Snapshots::every_days(7))?;
    /// // The ends of days 1, 8 and 15; on day 1 there is one transaction, too few.
    /// assert_eq!(weekly.left_out()[0].n_transactions, 1);
    /// assert_eq!(weekly.table().column("total_spending")?.to_vec(), [8.0, 15.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compute_snapshots(&self, ledger: &Ledger, snapshots: &Snapshots) -> Result<Features, Error> {
        let schedule = snapshots.schedule()?;
        self.check()?;
        TablePlan::new(ledger, self.min_transactions, &schedule)?.fill(&Dates(self))
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        let days = self.lookback_days;
        ParamError::ensure((1..=36_500).contains(&days), "lookback_days", "in 1..=36500", days)?;
        let fewest = self.min_transactions;
        ParamError::ensure(fewest >= 1, "min_transactions", "at least 1", fewest)
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::DataError;

    use super::*;

    #[test]
    fn parameters_outside_their_range_are_refused() {
        let ledger = Ledger::builder().finish();
        for params in [
            V1Params::default().with_lookback_days(0),
            V1Params::default().with_lookback_days(36_501),
            V1Params::default().with_min_transactions(0),
        ] {
            assert!(matches!(params.compute(&ledger), Err(Error::Param(_))), "{params:?}");
        }
        assert!(matches!(V1Params::default().compute(&ledger), Err(Error::Data(DataError::Empty { .. }))));
    }

    #[test]
    fn missing_parameters_take_our_defaults_and_unknown_ones_are_refused() {
        let read: V1Params = serde_json::from_str(r#"{"lookback_days": 7}"#).unwrap();
        assert_eq!(read, V1Params::default().with_lookback_days(7));
        assert!(serde_json::from_str::<V1Params>(r#"{"lookback": 7}"#).is_err());
    }
}
