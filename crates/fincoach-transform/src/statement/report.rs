//! What a statement file says of itself, and whether it holds.

use std::fmt;

use fincoach_core::{Currency, Money};
use serde::{Deserialize, Serialize};

use crate::StatementFormat;

/// One statement of a file: an account over a span of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StatementSummary {
    /// Line of the file it begins on.
    pub line: u64,
    /// The account, where the file names it.
    pub account: Option<String>,
    /// The currency, where the file names it.
    pub currency: Option<Currency>,
    /// Bookings that were read.
    pub bookings: u64,
    /// Balance before the first booking, as the file gives it, in minor units.
    pub opening: Option<Money>,
    /// Balance after the last booking, as the file gives it, in minor units.
    pub closing: Option<Money>,
    /// Opening balance plus all bookings: should be the closing one.
    pub expected_closing: Option<Money>,
    /// Whether the rows of the ledger have balances worked out from these.
    pub derived_balances: bool,
    /// Whether it was left out, being in a currency other than the one asked for.
    pub left_out: bool,
}

impl StatementSummary {
    /// Whether opening balance, bookings and closing balance contradict one another.
    #[must_use]
    pub fn is_mismatch(&self) -> bool {
        matches!((self.closing, self.expected_closing), (Some(found), Some(expected)) if found != expected)
    }
}

/// What a statement file says of itself, and whether it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StatementReport {
    /// The format.
    pub format: StatementFormat,
    /// The encoding the text was read in.
    pub encoding: String,
    /// Every statement, in the order of the file.
    pub statements: Vec<StatementSummary>,
    /// Bookings whose reference was dropped: the same one stands at bookings of another day or amount in the
    /// same account, so it numbers none of them.
    pub shared_references: u64,
}

impl StatementReport {
    /// The statements whose balances contradict their bookings.
    pub fn mismatches(&self) -> impl Iterator<Item = &StatementSummary> {
        self.statements.iter().filter(|statement| statement.is_mismatch())
    }
}

impl fmt::Display for StatementReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.statements.len();
        writeln!(f, "statements {n} ({} in {})", self.format, self.encoding)?;
        for statement in self.statements.iter().filter(|statement| statement.left_out) {
            writeln!(f, "  line {}: left out, in another currency", statement.line)?;
        }
        for statement in self.mismatches() {
            let (found, expected) = (statement.closing, statement.expected_closing);
            let decimals = statement.currency.map_or(2, Currency::decimals);
            let text = |amount: Option<Money>| amount.unwrap_or_default().to_text(decimals);
            let (found, expected) = (text(found), text(expected));
            writeln!(f, "  line {}: closes at {found}, expected {expected}", statement.line)?;
        }
        Ok(())
    }
}
