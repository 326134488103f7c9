//! What came of an entry, and what it is worth.

use fincoach_core::chrono::NaiveDateTime;
use fincoach_core::{DataError, FeatureTable, LedgerView};

use super::LogEntry;
use super::history::days_between;
use crate::Ended;

/// What was known before an entry, what was done, and what followed until the next one.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'a> {
    pub(crate) user: &'a str,
    pub(crate) entry: LogEntry,
    pub(crate) end: NaiveDateTime,
    pub(crate) ended: Ended,
    pub(crate) snapshots: &'a FeatureTable,
    /// Rows of the snapshots before and after.
    pub(crate) rows: [usize; 2],
    pub(crate) bookings: Option<LedgerView<'a>>,
}

impl<'a> Outcome<'a> {
    /// The user.
    #[must_use]
    pub const fn user(&self) -> &'a str {
        self.user
    }

    /// What was done, when, and what was heard of it.
    #[must_use]
    pub const fn entry(&self) -> &LogEntry {
        &self.entry
    }

    /// The end of the period, which begins with the entry and does not contain its end: the next entry, the
    /// departure, or the moment from which the next state is known.
    #[must_use]
    pub const fn end(&self) -> NaiveDateTime {
        self.end
    }

    /// Whether the story goes on.
    #[must_use]
    pub const fn ended(&self) -> Ended {
        self.ended
    }

    /// The length of the period in days, above 0.
    #[must_use]
    pub fn elapsed_days(&self) -> f64 {
        days_between(self.entry.time, self.end)
    }

    /// A column of the snapshot before the entry; every column of the table can be asked for.
    ///
    /// # Errors
    /// [`DataError::UnknownName`].
    pub fn before(&self, column: &str) -> Result<f64, DataError> {
        Ok(self.snapshots.row(self.rows[0])[self.snapshots.column_index(column)?])
    }

    /// A column of the snapshot at the end of the period.
    ///
    /// # Errors
    /// [`DataError::UnknownName`].
    pub fn after(&self, column: &str) -> Result<f64, DataError> {
        Ok(self.snapshots.row(self.rows[1])[self.snapshots.column_index(column)?])
    }

    /// The user's bookings of the period: from the moment of the entry on, before the end.
    ///
    /// # Errors
    /// [`DataError::Undefined`] when no ledger was given.
    pub fn bookings(&self) -> Result<LedgerView<'a>, DataError> {
        let from = self.all_bookings()?.since(self.entry.time);
        Ok(from.slice(0..from.len() - from.since(self.end).len()))
    }

    /// The user's bookings before the moment of the entry.
    ///
    /// # Errors
    /// [`DataError::Undefined`] when no ledger was given.
    pub fn earlier_bookings(&self) -> Result<LedgerView<'a>, DataError> {
        let all = self.all_bookings()?;
        Ok(all.slice(0..all.len() - all.since(self.entry.time).len()))
    }

    fn all_bookings(&self) -> Result<LedgerView<'a>, DataError> {
        let reason = "it looks at bookings, and no ledger was given";
        self.bookings.ok_or(DataError::Undefined { figure: "the reward", reason })
    }
}

/// What an outcome is worth. Every function from an outcome to a number is one.
///
/// # Examples
/// ```
/// use fincoach_core::DataError;
/// use fincoach_recommend::{Outcome, Reward};
/// fn ensure_reward(_: &impl Reward) {}
/// ensure_reward(&|outcome: &Outcome<'_>| -> Result<f64, DataError> {
///     Ok(outcome.after("current_balance")? - outcome.before("current_balance")?)
/// });
/// ```
pub trait Reward: Sync {
    /// The worth of an outcome; not to be NaN or infinite.
    ///
    /// # Errors
    /// [`DataError::UnknownName`] for a column that is not there, [`DataError::Undefined`] when bookings are needed
    /// and there is no ledger.
    fn reward(&self, outcome: &Outcome<'_>) -> Result<f64, DataError>;
}

impl<F> Reward for F
where
    F: Fn(&Outcome<'_>) -> Result<f64, DataError> + Sync,
{
    fn reward(&self, outcome: &Outcome<'_>) -> Result<f64, DataError> {
        self(outcome)
    }
}
