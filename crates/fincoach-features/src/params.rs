//! How schema v1 is computed.

use chrono::{DateTime, NaiveDateTime};
use fincoach_core::ndarray::Array2;
use fincoach_core::{DataError, FeatureTable, Ledger, LedgerView, ParamError, RowKey, chrono};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::window::Window;
use crate::{Error, Features, LeftOut, Snapshots, schema_v1};

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
    /// `O(w log w)` per user with `w` rows in the look-back.
    ///
    /// # Errors
    /// [`Error::Param`]; [`Error::Data`] for a ledger without rows; [`Error::NoUsers`] when everybody has too few
    /// transactions (never a table without rows); [`Error::MissingBalance`] when a row within a look-back has no
    /// balance: the first such row of the first such user.
    pub fn compute(&self, ledger: &Ledger) -> Result<Features, Error> {
        self.run(ledger, |user| user.times().last().and_then(|time| moment(*time)).into_iter().collect())
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
        snapshots.check()?;
        self.run(ledger, |user| snapshots.dates(user))
    }

    fn run(
        &self,
        ledger: &Ledger,
        dates: impl Fn(LedgerView<'_>) -> Vec<NaiveDateTime> + Sync,
    ) -> Result<Features, Error> {
        self.check()?;
        if ledger.is_empty() {
            return Err(DataError::Empty { what: "transactions" }.into());
        }
        let users: Vec<Result<UserRows, Error>> = (0..ledger.n_users())
            .into_par_iter()
            .map(|user| self.user_rows(ledger.user(user), &dates(ledger.user(user))))
            .collect();
        let mut all = UserRows::default();
        for user in users {
            all.append(user?);
        }
        if all.keys.is_empty() {
            return Err(self.no_users(ledger, &all.left_out));
        }
        let values = Array2::from_shape_vec((all.keys.len(), schema_v1().len()), all.values)
            .map_err(|error| DataError::Inconsistent { what: "feature table", reason: error.to_string() })?;
        let names = schema_v1().iter().map(|spec| spec.name);
        Ok(Features::new(FeatureTable::new(all.keys, names, values)?, all.left_out))
    }

    fn user_rows(&self, user: LedgerView<'_>, dates: &[NaiveDateTime]) -> Result<UserRows, Error> {
        let mut rows = UserRows::default();
        for as_of in dates {
            let past = user.until(*as_of);
            let name = user.user().to_owned();
            if past.len() < self.min_transactions {
                rows.left_out.push(LeftOut { user: name, as_of: *as_of, n_transactions: past.len() });
                continue;
            }
            let window = Window::new(past, self.lookback_days)?;
            rows.values.extend(schema_v1().iter().map(|spec| spec.value(&window)));
            rows.keys.push(RowKey { user: name, as_of: *as_of });
        }
        Ok(rows)
    }

    fn check(&self) -> Result<(), ParamError> {
        let days = self.lookback_days;
        ParamError::ensure((1..=36_500).contains(&days), "lookback_days", "in 1..=36500", days)?;
        let fewest = self.min_transactions;
        ParamError::ensure(fewest >= 1, "min_transactions", "at least 1", fewest)
    }

    fn no_users(&self, ledger: &Ledger, left_out: &[LeftOut]) -> Error {
        // The last of equals is the first in reverse.
        let fullest = left_out.iter().rev().max_by_key(|row| row.n_transactions);
        let (user, most) = fullest.map_or((String::new(), 0), |row| (row.user.clone(), row.n_transactions));
        Error::NoUsers { n_users: ledger.n_users(), min_transactions: self.min_transactions, user, most }
    }
}

/// The rows of one user; those of all users appended to one another are the table.
#[derive(Default)]
struct UserRows {
    keys: Vec<RowKey>,
    values: Vec<f64>,
    left_out: Vec<LeftOut>,
}

impl UserRows {
    fn append(&mut self, mut next: Self) {
        self.keys.append(&mut next.keys);
        self.values.append(&mut next.values);
        self.left_out.append(&mut next.left_out);
    }
}

fn moment(seconds: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp(seconds, 0).map(|time| time.naive_utc())
}

#[cfg(test)]
mod tests {
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
