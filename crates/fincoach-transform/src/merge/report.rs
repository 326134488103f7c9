//! What several imports had in common.

use fincoach_core::chrono::NaiveDate;
use fincoach_core::{Ledger, Money};
use serde::{Deserialize, Serialize};

/// The rows of one input of a merge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRows {
    /// All its rows: `matched + added`.
    pub rows: u64,
    /// Rows that an input before it has too.
    pub matched: u64,
    /// Rows that no input before it has.
    pub added: u64,
}

/// A booking of which two inputs say different things about money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum MergeConflict {
    /// The same reference, another amount.
    Amount {
        /// Whose booking.
        user: String,
        /// In which account.
        account: Option<String>,
        /// Its date in the ledger.
        date: NaiveDate,
        /// Its reference.
        reference: String,
        /// The amount in the ledger.
        kept: Money,
        /// The amount that is not.
        other: Money,
    },
    /// The same booking, another balance.
    Balance {
        /// Whose booking.
        user: String,
        /// In which account.
        account: Option<String>,
        /// Its date in the ledger.
        date: NaiveDate,
        /// Its amount.
        amount: Money,
        /// The balance in the ledger.
        kept: Money,
        /// The balance that is not.
        other: Money,
    },
}

/// A booking whose text differs between inputs in more than case and spaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Respelling {
    /// Whose booking.
    pub user: String,
    /// Its date in the ledger.
    pub date: NaiveDate,
    /// Its amount.
    pub amount: Money,
    /// The text in the ledger.
    pub kept: String,
    /// The text that is not.
    pub other: String,
}

/// What the inputs of a merge had in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MergeReport {
    /// The inputs in the order they were given.
    pub inputs: Vec<InputRows>,
    /// Rows of the merged ledger: the sum of all `added`.
    pub rows: u64,
    /// Bookings with different amounts or balances.
    pub conflicts: Vec<MergeConflict>,
    /// Bookings with different texts.
    pub respelt: Vec<Respelling>,
}

impl MergeReport {
    pub(super) fn of_inputs(ledgers: &[&Ledger]) -> Self {
        let of_rows = |rows| InputRows { rows, matched: 0, added: 0 };
        let inputs = ledgers.iter().map(|ledger| of_rows(ledger.len() as u64)).collect();
        Self { inputs, ..Self::default() }
    }
}
