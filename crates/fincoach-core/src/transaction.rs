//! One line of a bank account.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::{Category, Money};

/// Whether a bank calls the booking a debit or a credit.
///
/// It is the bank's word, not the sign: a refund on a card has a debit type and a positive amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Money leaves.
    Debit,
    /// Money arrives.
    Credit,
    /// The export does not say.
    #[default]
    Other,
}

impl Direction {
    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Credit => "credit",
            Self::Other => "other",
        }
    }
}

/// How exactly the source told the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimePrecision {
    /// A date only; the time of day reads midnight and means nothing.
    #[default]
    Day,
    /// Date and time of day.
    Second,
}

/// What a booking does to the wealth of its user.
///
/// Only [`Role::Ordinary`] rows are income or spending. The other roles are given by code that has seen both sides,
/// never by a text alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// Money earned or spent.
    #[default]
    Ordinary,
    /// Money moved between two accounts of the same user: neither income nor spending.
    Transfer,
    /// Money that came back for an earlier purchase: spending taken back, not income.
    Refund,
}

impl Role {
    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Transfer => "transfer",
            Self::Refund => "refund",
        }
    }
}

/// One booking; texts are borrowed from the ledger it stands in, or from the reader that makes it.
///
/// # Examples
/// ```
/// use fincoach_core::{Money, Transaction, chrono::NaiveDate};
/// let day = NaiveDate::from_ymd_opt(2022, 7, 25).unwrap();
/// let mut paid = Transaction::new("anna", day.into(), Money::from_minor(-1502));
/// paid.description = "LIDL GB";
/// assert!(paid.amount.is_negative());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Transaction<'a> {
    /// Whose account.
    pub user: &'a str,
    /// When, in the local time of the source; kept to the second.
    pub time: NaiveDateTime,
    /// Whether the time of day is known.
    pub precision: TimePrecision,
    /// How much; negative leaves the account.
    pub amount: Money,
    /// Balance after this booking, if the export has one.
    pub balance: Option<Money>,
    /// Debit or credit, as the bank says.
    pub direction: Direction,
    /// Standard category.
    pub category: Category,
    /// Income and spending, or money that only moves.
    pub role: Role,
    /// Which of the user's accounts, where an import has several.
    pub account: Option<&'a str>,
    /// Type code as the export has it.
    pub raw_type: Option<&'a str>,
    /// Category as the export has it.
    pub raw_category: Option<&'a str>,
    /// Text of the booking; empty where the export has none.
    pub description: &'a str,
    /// The merchant behind the description, the same for all spellings of it, where it was worked out.
    pub merchant: Option<&'a str>,
    /// The bank's own number of the booking, unique within an account, where the export has one.
    pub reference: Option<&'a str>,
    /// Place of the booking.
    pub city: Option<&'a str>,
    /// Country of the booking.
    pub country: Option<&'a str>,
    /// Row of the source file, the first row below the header being 1; 0 where there is no file.
    pub source_row: u32,
}

impl<'a> Transaction<'a> {
    /// A booking with a date only and everything optional left out.
    #[must_use]
    pub const fn new(user: &'a str, time: NaiveDateTime, amount: Money) -> Self {
        Self {
            user,
            time,
            precision: TimePrecision::Day,
            amount,
            balance: None,
            direction: Direction::Other,
            category: Category::Other,
            role: Role::Ordinary,
            account: None,
            raw_type: None,
            raw_category: None,
            description: "",
            merchant: None,
            reference: None,
            city: None,
            country: None,
            source_row: 0,
        }
    }
}
