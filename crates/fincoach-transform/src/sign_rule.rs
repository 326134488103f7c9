//! How an export tells money in from money out.

use serde::{Deserialize, Serialize};

use crate::Column;

/// How an export tells money in from money out.
///
/// [`Layout::inverted`](crate::Layout::inverted) turns the result round, as the exports of credit cards need
/// where a purchase is above 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum SignRule {
    /// Two columns without signs, one of them filled: the amount is credit − debit.
    ///
    /// A minus in either is an error: it may be a reversal or only a habit of the bank, and the two differ by
    /// twice the amount. A 0 in the other column counts as not filled.
    DebitCredit {
        /// Column of money that leaves.
        debit: Column,
        /// Column of money that arrives.
        credit: Column,
    },
    /// One column with a sign: below 0 leaves the account.
    Signed {
        /// Column of the amount.
        amount: Column,
    },
    /// One column without a sign, and one that says where the money goes. A sign is an error, as is a
    /// direction that is in neither list.
    Directed {
        /// Column of the amount.
        amount: Column,
        /// Column of the direction.
        direction: Column,
        /// What stands there for money that leaves; case and spaces around it do not count.
        money_out: Vec<String>,
        /// What stands there for money that arrives; likewise.
        money_in: Vec<String>,
    },
}

impl SignRule {
    /// The columns of the rule.
    pub(crate) fn columns(&self) -> [&Column; 2] {
        match self {
            Self::DebitCredit { debit, credit } => [debit, credit],
            Self::Signed { amount } => [amount, amount],
            Self::Directed { amount, direction, .. } => [amount, direction],
        }
    }
}
