//! Which rows are transfers.

use fincoach_core::chrono::{DateTime, NaiveDateTime};
use fincoach_core::{Ledger, Money};
use serde::{Deserialize, Serialize};

use super::matching::Found;

/// Two rows that are one movement of money. Rows are counted as in [`Ledger::all`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferPair {
    /// Whose money.
    pub user: String,
    /// The row that leaves.
    pub out_row: usize,
    /// The row that arrives.
    pub in_row: usize,
    /// How much, above 0.
    pub amount: Money,
    /// Days between the two.
    pub days: u32,
    /// Hints in texts and types, 0 to 3.
    pub hints: u32,
    /// When the later of the two was booked: before, no one could know.
    pub known_from: NaiveDateTime,
}

/// Rows that may be transfers, of which nothing tells the right ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AmbiguousTransfer {
    /// Whose money.
    pub user: String,
    /// How much, above 0.
    pub amount: Money,
    /// The rows, in order.
    pub rows: Vec<usize>,
}

/// What [`match_transfers`](crate::match_transfers) found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TransferReport {
    /// Pairs, users in order, by the row that leaves.
    pub pairs: Vec<TransferPair>,
    /// Rows marked because they name an account that the user called their own; some may be in a pair too.
    pub by_rule: Vec<usize>,
    /// Groups of rows left alone.
    pub ambiguous: Vec<AmbiguousTransfer>,
}

impl TransferReport {
    /// Adds what was found for one user.
    pub(super) fn extend(&mut self, ledger: &Ledger, found: Found) {
        let all = ledger.all();
        let first = self.pairs.len();
        for (out_row, in_row, days, hints) in found.pairs {
            let later = all.times()[out_row].max(all.times()[in_row]);
            self.pairs.push(TransferPair {
                user: all.row(out_row).user.to_owned(),
                out_row,
                in_row,
                amount: all.amounts()[in_row],
                days,
                hints,
                known_from: DateTime::from_timestamp(later, 0)
                    .map_or(NaiveDateTime::MAX, |time| time.naive_utc()),
            });
        }
        self.pairs[first..].sort_by_key(|pair| pair.out_row);
        let mut groups = found.ambiguous;
        groups.sort();
        for rows in groups {
            let Some(row) = rows.first().map(|row| all.row(*row)) else { continue };
            self.ambiguous.push(AmbiguousTransfer {
                user: row.user.to_owned(),
                amount: row.amount.abs(),
                rows,
            });
        }
    }
}
