//! A payment that comes again, as told to others.

use chrono::NaiveDate;
use fincoach_core::{Category, Money, chrono};
use serde::Serialize;

use super::period::date;
use super::{Found, Period, Series};

/// Which way a recurring payment goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// Money spent.
    Spending,
    /// Money put aside.
    Saving,
    /// Money earned.
    Income,
}

/// A payment found to come again.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RecurringPayment {
    /// The merchant, or the description where no merchant was worked out.
    pub merchant: String,
    /// Category of the last booking.
    pub category: Category,
    /// Which way it goes.
    pub flow: Flow,
    /// How often it comes.
    pub period: Period,
    /// Median of the last eight amounts (the lower of two), without a sign.
    pub amount: Money,
    /// The last amount, without a sign.
    pub last_amount: Money,
    /// The day of the first booking.
    pub first: NaiveDate,
    /// The day of the last booking.
    pub last: NaiveDate,
    /// The day the next booking is expected on.
    pub next: NaiveDate,
    /// The day on which it was first seen to recur.
    pub since: NaiveDate,
    /// The first day on which it counts as lost, should nothing be booked until then.
    pub lost_on: NaiveDate,
    /// Bookings so far; those of one day count once.
    pub n: u32,
    /// From 0 to 1: `(1 − 1/m) · (1 − o/2t) · (1 − d/2)` with `m` bookings remembered (up to eight), mean distance
    /// `o` of the gaps from whole periods, tolerance `t`, and median distance `d` of the amounts from their median as
    /// a share of it.
    pub confidence: f64,
}

impl RecurringPayment {
    /// `None` for days beyond the calendar.
    pub(crate) fn new(
        merchant: &str,
        kind: (Category, Flow),
        series: &Series,
        found: &Found,
    ) -> Option<Self> {
        let last = series.last()?;
        Some(Self {
            merchant: merchant.to_owned(),
            category: kind.0,
            flow: kind.1,
            period: found.period,
            amount: Money::from_minor(found.amount),
            last_amount: Money::from_minor(last.amount),
            first: date(series.first())?,
            last: date(last.day)?,
            next: date(found.next)?,
            since: date(found.since)?,
            lost_on: date(found.lost_on())?,
            n: series.n(),
            confidence: found.confidence,
        })
    }
}
