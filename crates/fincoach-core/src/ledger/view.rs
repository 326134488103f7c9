//! A run of rows of one ledger.

use std::ops::Range;

use chrono::{DateTime, NaiveDateTime};

use super::{Ledger, Symbol};
use crate::{Category, Direction, Money, Role, TimePrecision, Transaction};

/// A run of rows, most often those of one user: slices of columns for fast code, rows for plain code.
///
/// Copies are free. Sub-views ([`LedgerView::slice`], [`LedgerView::until`]) borrow from the same ledger.
#[derive(Clone, Copy, Debug)]
pub struct LedgerView<'a> {
    ledger: &'a Ledger,
    start: usize,
    end: usize,
}

impl<'a> LedgerView<'a> {
    pub(super) fn new(ledger: &'a Ledger, rows: Range<usize>) -> Self {
        Self { ledger, start: rows.start, end: rows.end }
    }

    /// The ledger the rows are in.
    #[must_use]
    pub const fn ledger(&self) -> &'a Ledger {
        self.ledger
    }

    /// The number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// The user of the first row; empty where there is none.
    #[must_use]
    pub fn user(&self) -> &'a str {
        if self.is_empty() { "" } else { &self.ledger.users[self.ledger.user_of_row(self.start)] }
    }

    /// Seconds since 1970-01-01 00:00 in the local time of the source, not decreasing within a user.
    #[must_use]
    pub fn times(&self) -> &'a [i64] {
        &self.ledger.columns.times[self.start..self.end]
    }

    /// Whether each time has a time of day.
    #[must_use]
    pub fn precisions(&self) -> &'a [TimePrecision] {
        &self.ledger.columns.precisions[self.start..self.end]
    }

    /// Amounts; negative leaves the account.
    #[must_use]
    pub fn amounts(&self) -> &'a [Money] {
        &self.ledger.columns.amounts[self.start..self.end]
    }

    /// Balance after each row, where the export has one.
    #[must_use]
    pub fn balances(&self) -> &'a [Option<Money>] {
        &self.ledger.columns.balances[self.start..self.end]
    }

    /// Directions.
    #[must_use]
    pub fn directions(&self) -> &'a [Direction] {
        &self.ledger.columns.directions[self.start..self.end]
    }

    /// Standard categories.
    #[must_use]
    pub fn categories(&self) -> &'a [Category] {
        &self.ledger.columns.categories[self.start..self.end]
    }

    /// Whether each row is income or spending, or money that only moves.
    #[must_use]
    pub fn roles(&self) -> &'a [Role] {
        &self.ledger.columns.roles[self.start..self.end]
    }

    /// Type codes as exported.
    #[must_use]
    pub fn raw_types(&self) -> &'a [Symbol] {
        &self.ledger.columns.raw_types[self.start..self.end]
    }

    /// Categories as exported.
    #[must_use]
    pub fn raw_categories(&self) -> &'a [Symbol] {
        &self.ledger.columns.raw_categories[self.start..self.end]
    }

    /// Texts of the bookings.
    #[must_use]
    pub fn descriptions(&self) -> &'a [Symbol] {
        &self.ledger.columns.descriptions[self.start..self.end]
    }

    /// Cities as exported.
    #[must_use]
    pub fn cities(&self) -> &'a [Symbol] {
        &self.ledger.columns.cities[self.start..self.end]
    }

    /// Countries as exported.
    #[must_use]
    pub fn countries(&self) -> &'a [Symbol] {
        &self.ledger.columns.countries[self.start..self.end]
    }

    /// Accounts, where an import has several.
    #[must_use]
    pub fn accounts(&self) -> &'a [Symbol] {
        &self.ledger.columns.accounts[self.start..self.end]
    }

    /// Merchants, where they were worked out.
    #[must_use]
    pub fn merchants(&self) -> &'a [Symbol] {
        &self.ledger.columns.merchants[self.start..self.end]
    }

    /// The bank's own numbers of the bookings.
    #[must_use]
    pub fn references(&self) -> &'a [Symbol] {
        &self.ledger.columns.references[self.start..self.end]
    }

    /// Rows of the source file.
    #[must_use]
    pub fn source_rows(&self) -> &'a [u32] {
        &self.ledger.columns.source_rows[self.start..self.end]
    }

    /// Rows `rows` of this view.
    ///
    /// # Panics
    /// When the range does not lie within the view.
    #[must_use]
    pub fn slice(&self, rows: Range<usize>) -> Self {
        assert!(rows.start <= rows.end && rows.end <= self.len(), "rows {rows:?} of {}", self.len());
        Self { ledger: self.ledger, start: self.start + rows.start, end: self.start + rows.end }
    }

    /// The rows dated up to and including `as_of`. The view must be of one user. `O(log n)`.
    #[must_use]
    pub fn until(&self, as_of: NaiveDateTime) -> Self {
        let last = as_of.and_utc().timestamp();
        self.slice(0..self.times().partition_point(|time| *time <= last))
    }

    /// The rows dated `start` or later. The view must be of one user. `O(log n)`.
    #[must_use]
    pub fn since(&self, start: NaiveDateTime) -> Self {
        // A start within a second leaves that second out: its rows are dated at its beginning.
        let first = start.and_utc().timestamp() + i64::from(start.and_utc().timestamp_subsec_nanos() > 0);
        self.slice(self.times().partition_point(|time| *time < first)..self.len())
    }

    /// One row.
    ///
    /// # Panics
    /// When `row` is not below [`LedgerView::len`].
    #[must_use]
    pub fn row(&self, row: usize) -> Transaction<'a> {
        assert!(row < self.len(), "row {row} of {}", self.len());
        let (ledger, columns, at) = (self.ledger, &self.ledger.columns, self.start + row);
        Transaction {
            user: &ledger.users[ledger.user_of_row(at)],
            time: DateTime::from_timestamp(columns.times[at], 0)
                .map_or(NaiveDateTime::MIN, |t| t.naive_utc()),
            precision: columns.precisions[at],
            amount: columns.amounts[at],
            balance: columns.balances[at],
            direction: columns.directions[at],
            category: columns.categories[at],
            role: columns.roles[at],
            account: ledger.text(columns.accounts[at]),
            raw_type: ledger.text(columns.raw_types[at]),
            raw_category: ledger.text(columns.raw_categories[at]),
            description: ledger.text(columns.descriptions[at]).unwrap_or(""),
            merchant: ledger.text(columns.merchants[at]),
            reference: ledger.text(columns.references[at]),
            city: ledger.text(columns.cities[at]),
            country: ledger.text(columns.countries[at]),
            source_row: columns.source_rows[at],
        }
    }

    /// The rows, first to last.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Transaction<'a>> + use<'a> {
        let view = *self;
        (0..view.len()).map(move |row| view.row(row))
    }
}
