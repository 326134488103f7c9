//! Schema v2 of a whole ledger.

use chrono::NaiveDateTime;
use fincoach_core::{DataError, Ledger, LedgerView, Role, RowKey, chrono};
use rayon::prelude::*;

use super::V2Params;
use super::schema::schema_v2;
use super::state::Core;
use crate::booking::{Booking, day_of};
use crate::snapshots::Schedule;
use crate::table_plan::no_users;
use crate::{Error, LeftOut, PartialTable, Snapshots};

/// Computed columns, of which some may be missing, and the users (or users at a date) that had too few transactions.
#[derive(Clone, Debug, PartialEq)]
pub struct PartialFeatures {
    table: PartialTable,
    left_out: Vec<LeftOut>,
}

impl PartialFeatures {
    /// The table, users in the order of the ledger, each user's dates ascending.
    #[must_use]
    pub const fn table(&self) -> &PartialTable {
        &self.table
    }

    /// The table alone.
    #[must_use]
    pub fn into_table(self) -> PartialTable {
        self.table
    }

    /// Who has no row, in the order in which the rows would stand.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl V2Params {
    /// One row per user in the order of [`Ledger::users`]; `as_of` is the time of the user's last transaction.
    ///
    /// Users are worked on in parallel; the result has the same bits on any number of threads. Cost: one pass over the
    /// rows and `O(log window)` a row.
    ///
    /// # Errors
    /// [`Error::Param`]; [`Error::Data`] for a ledger without rows; [`Error::NoUsers`] when everybody has too few
    /// transactions (never a table without rows).
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{Ledger, Money, Transaction, chrono::NaiveDate};
    /// use fincoach_features::V2Params;
    /// let mut builder = Ledger::builder();
    /// for (day, pence) in [(1, 200_000), (2, -90_000), (3, -2_500)] {
    ///     let time = NaiveDate::from_ymd_opt(2024, 1, day).unwrap().into();
    ///     builder.push(&Transaction::new("anna", time, Money::from_minor(pence)))?;
    /// }
    /// let features = V2Params::default().with_min_transactions(3).compute(&builder.finish())?;
    /// assert_eq!(features.table().column("spending")?, [Some(925.0)]);
    /// // Missing is missing: these dates have no time of day.
    /// assert_eq!(features.table().column("morning_spending_share")?, [None]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compute(&self, ledger: &Ledger) -> Result<PartialFeatures, Error> {
        self.run(ledger, &Schedule::LastRow, &[])
    }

    /// One row per user and date, each from the rows dated up to and including `as_of` alone, in one pass.
    ///
    /// The windows end with the day of `as_of`, so a user who has gone quiet spends nothing. Rows after `as_of` cannot
    /// change a bit of it, provided that they did not decide the role of an earlier row either: where transfers were
    /// recognised by their later side, take [`V2Params::compute_snapshots_known`].
    ///
    /// # Errors
    /// Those of [`V2Params::compute`]; also [`Error::Param`] for a step of 0 days and [`Error::Data`] for an empty list
    /// of dates.
    pub fn compute_snapshots(
        &self,
        ledger: &Ledger,
        snapshots: &Snapshots,
    ) -> Result<PartialFeatures, Error> {
        self.run(ledger, &snapshots.schedule()?, &[])
    }

    /// The same where a transfer may be known later than its row is dated.
    ///
    /// `known_from` has a moment for each row of [`Ledger::all`], in seconds since 1970-01-01 in the local time of the
    /// source, as `Transfers::known_from` of `fincoach-transform` gives them. At a date before it, a row with
    /// [`Role::Transfer`](fincoach_core::Role::Transfer) counts as an ordinary one; other roles do not ask for it. A
    /// date by which an earlier row became a transfer has its windows counted anew: `O(rows so far)` for each such date.
    ///
    /// # Errors
    /// Those of [`V2Params::compute_snapshots`]; also [`Error::Data`] unless there is one moment per row.
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{Ledger, Money, Role, Transaction, chrono::NaiveDate};
    /// use fincoach_features::{Snapshots, V2Params};
    /// let day = |day| NaiveDate::from_ymd_opt(2024, 1, day).unwrap();
    /// let mut builder = Ledger::builder();
    /// for (date, account, pence) in [(1, "current", -50_000), (3, "savings", 50_000)] {
    ///     let mut row = Transaction::new("anna", day(date).into(), Money::from_minor(pence));
    ///     (row.account, row.role) = (Some(account), Role::Transfer);
    ///     builder.push(&row)?;
    /// }
    /// let known = day(3).and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp();
    /// let daily = Snapshots::at(vec![day(2).into(), day(3).into()]);
    /// let params = V2Params::default().with_min_transactions(1);
    /// let features = params.compute_snapshots_known(&builder.finish(), &daily, &[known, known])?;
    /// // On the second, 500 had gone somewhere; on the third it was seen to have been moved.
    /// assert_eq!(features.table().column("spending")?, [Some(500.0), Some(0.0)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compute_snapshots_known(
        &self,
        ledger: &Ledger,
        snapshots: &Snapshots,
        known_from: &[i64],
    ) -> Result<PartialFeatures, Error> {
        DataError::ensure_len("moments, one for each row", ledger.len(), known_from.len())?;
        self.run(ledger, &snapshots.schedule()?, known_from)
    }

    /// `known_from` is empty where every role is known from its row on.
    fn run(
        &self,
        ledger: &Ledger,
        schedule: &Schedule,
        known_from: &[i64],
    ) -> Result<PartialFeatures, Error> {
        self.check()?;
        if ledger.is_empty() {
            return Err(DataError::Empty { what: "transactions" }.into());
        }
        let starts: Vec<usize> = ledger
            .iter_users()
            .scan(0, |start, user| Some(std::mem::replace(start, *start + user.len())))
            .collect();
        let users: Vec<UserRows> = (0..ledger.n_users())
            .into_par_iter()
            .map_init(Vec::new, |dates, user| {
                schedule.dates(ledger.user(user).times(), dates);
                let known_from = known_from.get(starts[user]..).unwrap_or_default();
                self.user_rows((ledger.user(user), known_from), dates)
            })
            .collect();
        let mut all = UserRows::default();
        for user in users {
            all.append(user);
        }
        if all.keys.is_empty() {
            return Err(no_users(ledger.n_users(), self.min_transactions(), &all.left_out));
        }
        let names = schema_v2().iter().map(|spec| spec.name);
        let table = PartialTable::new(all.keys, names, all.values)?;
        Ok(PartialFeatures { table, left_out: all.left_out })
    }

    /// The dates must ascend; `known_from` begins with the moments of the user's rows.
    fn user_rows(&self, (user, known_from): (LedgerView<'_>, &[i64]), dates: &[NaiveDateTime]) -> UserRows {
        let mut rows = UserRows::default();
        let new = || Core::new(self, user.ledger().minor_per_major());
        let (mut core, mut next) = (new(), 0);
        // When rows that were taken for ordinary ones will be known as transfers.
        let mut pending: Vec<i64> = Vec::new();
        for as_of in dates {
            let now = as_of.and_utc().timestamp();
            if pending.iter().any(|known| *known <= now) {
                (core, next) = (new(), 0);
                pending.clear();
            }
            let end = user.until(*as_of).len();
            for row in next..end {
                let Some(mut booking) = Booking::of_row(user, row) else { continue };
                let known = known_from.get(row).filter(|known| **known > now);
                if let (Role::Transfer, Some(known)) = (booking.role, known) {
                    booking.role = Role::Ordinary;
                    pending.push(*known);
                }
                core.push(&booking);
            }
            next = next.max(end);
            let name = user.user().to_owned();
            if end < self.min_transactions() {
                rows.left_out.push(LeftOut { user: name, as_of: *as_of, n_transactions: end });
                continue;
            }
            core.advance(day_of(now));
            rows.values.extend(core.values());
            rows.keys.push(RowKey { user: name, as_of: *as_of });
        }
        rows
    }
}

/// The rows of one user; those of all users appended to one another are the table.
#[derive(Default)]
struct UserRows {
    keys: Vec<RowKey>,
    values: Vec<Option<f64>>,
    left_out: Vec<LeftOut>,
}

impl UserRows {
    fn append(&mut self, mut next: Self) {
        self.keys.append(&mut next.keys);
        self.values.append(&mut next.values);
        self.left_out.append(&mut next.left_out);
    }
}
