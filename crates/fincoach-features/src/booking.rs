//! A booking in the few numbers that features are made of.

use fincoach_core::{Category, LedgerView, Money, Role, Symbol, TimePrecision};

use crate::sliding::calendar;

/// What a booking does to its user's money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Money spent.
    Purchase,
    /// Money that came back for a purchase.
    Refund,
    /// Money earned.
    Income,
    /// Money put aside (negative) or taken back from what was put aside (positive).
    Aside,
    /// Money that moved between accounts, or no money.
    Move,
}

/// One row: texts are numbers, 0 being no text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Booking {
    /// Seconds since 1970-01-01 in the local time of the source.
    pub(crate) time: i64,
    pub(crate) precision: TimePrecision,
    pub(crate) amount: i64,
    pub(crate) balance: Option<i64>,
    pub(crate) category: Category,
    pub(crate) role: Role,
    pub(crate) account: u32,
    /// The merchant, or the description where no merchant was worked out.
    pub(crate) merchant: u32,
    pub(crate) city: u32,
}

impl Booking {
    pub(crate) fn of_row(view: LedgerView<'_>, row: usize) -> Option<Self> {
        let merchant = *view.merchants().get(row)?;
        let merchant = if merchant.is_missing() { *view.descriptions().get(row)? } else { merchant };
        Some(Self {
            time: *view.times().get(row)?,
            precision: *view.precisions().get(row)?,
            amount: view.amounts().get(row)?.minor(),
            balance: view.balances().get(row)?.map(Money::minor),
            category: *view.categories().get(row)?,
            role: *view.roles().get(row)?,
            account: id(*view.accounts().get(row)?),
            merchant: id(merchant),
            city: id(*view.cities().get(row)?),
        })
    }

    /// What the booking does; the role decides before the category, the category before the sign.
    pub(crate) fn kind(&self) -> Kind {
        match (self.role, self.category) {
            (Role::Transfer, _) => Kind::Move,
            (Role::Refund, _) if self.amount > 0 => Kind::Refund,
            _ if self.amount == 0 => Kind::Move,
            (_, Category::Savings) => Kind::Aside,
            _ if self.amount < 0 => Kind::Purchase,
            _ => Kind::Income,
        }
    }

    /// The amount without its sign.
    pub(crate) const fn size(&self) -> i64 {
        self.amount.saturating_abs()
    }

    pub(crate) fn day(&self) -> i32 {
        day_of(self.time)
    }

    /// The quarter of the day, 0 from midnight to 3 from 18:00; `None` where the source has no time of day.
    pub(crate) fn quarter(&self) -> Option<usize> {
        let quarter = || usize::try_from(calendar::hour(self.time) / 6).unwrap_or(0);
        (self.precision == TimePrecision::Second).then(quarter)
    }
}

/// Days from 1970-01-01 to the day of a time.
pub(crate) fn day_of(time: i64) -> i32 {
    // chrono's dates span fewer than 2^28 days.
    i32::try_from(calendar::day(time)).unwrap_or(if time < 0 { i32::MIN / 2 } else { i32::MAX / 2 })
}

/// The day of the week, Monday being 0.
pub(crate) fn weekday(day: i32) -> usize {
    // Day 0 of the epoch was a Thursday.
    usize::try_from((i64::from(day) + 3).rem_euclid(7)).unwrap_or(0)
}

fn id(symbol: Symbol) -> u32 {
    // A symbol is a u32 within.
    u32::try_from(symbol.index()).unwrap_or(0)
}
