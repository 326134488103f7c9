//! The result: a table, and who is not in it.

use chrono::NaiveDateTime;
use fincoach_core::{FeatureTable, chrono};

/// Computed features and the users (or users at a date) that had too few transactions for them.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    table: FeatureTable,
    left_out: Vec<LeftOut>,
}

impl Features {
    pub(crate) const fn new(table: FeatureTable, left_out: Vec<LeftOut>) -> Self {
        Self { table, left_out }
    }

    /// The table, users in the order of the ledger, each user's dates ascending.
    #[must_use]
    pub const fn table(&self) -> &FeatureTable {
        &self.table
    }

    /// The table alone.
    #[must_use]
    pub fn into_table(self) -> FeatureTable {
        self.table
    }

    /// Who has no row, in the order in which the rows would stand.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

/// A row that is not there because the user had too few transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// The user.
    pub user: String,
    /// The date the row would have; without snapshots the user's last transaction.
    pub as_of: NaiveDateTime,
    /// Transactions up to that date.
    pub n_transactions: usize,
}
