//! Which refund belongs to which purchase.

use std::fmt;

use fincoach_core::Money;
use serde::{Deserialize, Serialize};

/// How much of a purchase came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundKind {
    /// All of it: amount, merchant and date agree.
    Full,
    /// Less than all: merchant and date agree. Which purchase it belongs to is a guess where several fit.
    Partial,
}

/// A refund and its purchase. Rows are counted as in [`Ledger::all`](fincoach_core::Ledger::all).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundLink {
    /// The row that arrives.
    pub refund: usize,
    /// The row that left before.
    pub purchase: usize,
    /// The merchant of both.
    pub merchant: String,
    /// How much came back.
    pub amount: Money,
    /// Days from purchase to refund.
    pub days: u32,
    /// All of the purchase or less.
    pub kind: RefundKind,
    /// Purchases that would fit as well, this one counted: with more than 1 the role is sure and the purchase is
    /// not.
    pub n_fitting: usize,
}

impl fmt::Display for RefundLink {
    /// The reasons and doubts in a sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            RefundKind::Full => "all",
            RefundKind::Partial => "a part",
        };
        write!(
            f,
            "row {}: {} from {}, {kind} of row {}",
            self.refund, self.amount, self.merchant, self.purchase
        )?;
        write!(f, " {} days before", self.days)?;
        if self.n_fitting > 1 {
            write!(f, " (the latest of {} that fit)", self.n_fitting)?;
        }
        Ok(())
    }
}

/// What [`link_refunds`](crate::link_refunds) found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RefundReport {
    /// Refunds and their purchases, in the order of the refunds.
    pub links: Vec<RefundLink>,
    /// Rows that arrive from a merchant paid in time, of whose purchases none fits: more came back than was paid.
    pub unlinked: Vec<usize>,
    /// Rows that arrive and have a type or category of income.
    pub excluded: u64,
}
