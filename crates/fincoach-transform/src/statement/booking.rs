//! What every format is parsed into.

use fincoach_core::chrono::{NaiveDate, NaiveDateTime};
use fincoach_core::{Currency, Direction, Money, TimePrecision};

use crate::error::excerpt;
use crate::{Error, NotBooked};

/// One booked entry, with texts of its own.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Booking {
    pub(super) time: NaiveDateTime,
    pub(super) precision: TimePrecision,
    /// Negative leaves the account.
    pub(super) amount: Money,
    /// Derived by the check of the statement, see there.
    pub(super) balance: Option<Money>,
    /// What the format's own mark says; a type map may know better.
    pub(super) direction: Direction,
    pub(super) type_code: String,
    pub(super) category: String,
    pub(super) description: String,
    pub(super) reference: String,
    /// Line of the file it begins on.
    pub(super) line: u64,
}

impl Booking {
    /// A booking of a day, all texts empty.
    #[cfg(any(feature = "ofx", feature = "qif", feature = "mt940", feature = "camt"))]
    pub(super) fn new(line: u64, (time, precision): (NaiveDateTime, TimePrecision), amount: Money) -> Self {
        Self {
            time,
            precision,
            amount,
            balance: None,
            direction: Direction::Other,
            type_code: String::new(),
            category: String::new(),
            description: String::new(),
            reference: String::new(),
            line,
        }
    }
}

/// An entry of the file that is no booking: announced, pending, withdrawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unbooked {
    pub(super) line: u64,
    /// Why it is none, as the file says: `PDNG`, `INFO`, `HOLD`, `ED`.
    pub(super) status: String,
    pub(super) date: Option<NaiveDate>,
    /// In minor units, where it can be read.
    pub(super) amount: Option<Money>,
    pub(super) description: String,
}

impl Unbooked {
    /// The entry as reports list it.
    pub(super) fn listed(self, currency: Option<Currency>) -> NotBooked {
        let decimals = currency.map_or(2, Currency::decimals);
        let date = self.date.map_or_else(|| "no date".to_owned(), |date| date.to_string());
        let amount = self.amount.map_or_else(|| "no amount".to_owned(), |amount| amount.to_text(decimals));
        let record = format!("{date} | {amount} | {}", excerpt(&self.description));
        NotBooked { line: self.line, state: self.status, record }
    }
}

/// The closing balance, and how far it may be trusted to belong to the bookings above it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Closing {
    pub(super) amount: Money,
    pub(super) line: u64,
    /// Where a format has no opening balance: the last day the closing one holds for, if the file lists every
    /// booking up to then.
    pub(super) complete_to: Option<NaiveDate>,
}

/// The bookings of one account over one span of time.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) line: u64,
    /// Empty where the file does not name it.
    pub(super) account: String,
    pub(super) currency: Option<Currency>,
    pub(super) opening: Option<Money>,
    pub(super) closing: Option<Closing>,
    /// In the order of the file.
    pub(super) bookings: Vec<Booking>,
    pub(super) not_booked: Vec<Unbooked>,
    /// Why entries could not be read.
    pub(super) bad: Vec<Error>,
    /// How many entries could not be read, once `bad` has been emptied into the report.
    pub(super) n_bad: usize,
}

impl Statement {
    #[cfg(any(feature = "ofx", feature = "qif", feature = "mt940", feature = "camt"))]
    pub(super) fn new(line: u64) -> Self {
        Self {
            line,
            account: String::new(),
            currency: None,
            opening: None,
            closing: None,
            bookings: Vec::new(),
            not_booked: Vec::new(),
            bad: Vec::new(),
            n_bad: 0,
        }
    }

    pub(super) fn total(&self) -> Money {
        self.bookings.iter().map(|booking| booking.amount).sum()
    }
}
