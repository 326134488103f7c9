//! The balance at the end of each day, over all accounts.

use std::collections::VecDeque;

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use super::rows::LARGEST_SQUARED;
use crate::booking::Booking;

/// Balances at the end of the days of a run, those without a known balance left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Closings {
    pub(crate) days: i64,
    pub(crate) overdrawn: i64,
    pub(crate) sum: i128,
    pub(crate) squares: u128,
}

impl Closings {
    fn plus(self, days: i64, closing: i64) -> Self {
        let value = i128::from(closing.clamp(-LARGEST_SQUARED, LARGEST_SQUARED));
        Self {
            days: self.days + days,
            overdrawn: self.overdrawn + if closing < 0 { days } else { 0 },
            sum: self.sum + i128::from(days) * value,
            squares: self
                .squares
                .wrapping_add(u128::from(days.unsigned_abs()) * (value * value).unsigned_abs()),
        }
    }

    fn minus(self, less: Self) -> Self {
        Self {
            days: self.days - less.days,
            overdrawn: self.overdrawn - less.overdrawn,
            sum: self.sum - less.sum,
            squares: self.squares.wrapping_sub(less.squares),
        }
    }
}

/// From this day on, until the next one, days end with this balance.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    day: i32,
    closing: i64,
    /// Of all days before.
    before: Closings,
}

impl Stretch {
    /// Of all days before `day`, which must lie after this stretch began.
    fn until(&self, day: i32) -> Closings {
        self.before.plus(i64::from(day) - i64::from(self.day), self.closing)
    }
}

/// The last known balance of each account and their sum at the end of each day.
#[derive(Clone, Debug, Default)]
pub(crate) struct Balances {
    accounts: IndexMap<u32, Option<i64>, FixedState>,
    total: i128,
    stretches: VecDeque<Stretch>,
    /// Stretches that ended, by their last day, without those after which an equal or lower one ended.
    lows: VecDeque<(i32, i64)>,
}

impl Balances {
    /// Takes note of a booking, on a day not earlier than the last. `O(1)` on average.
    pub(crate) fn add(&mut self, booking: &Booking) {
        let last = self.accounts.entry(booking.account).or_default();
        let next = booking.balance.or_else(|| last.map(|last| last.saturating_add(booking.amount)));
        let Some(next) = next else { return };
        self.total += i128::from(next) - i128::from(last.unwrap_or(0));
        *last = Some(next);
        let bounds = (i128::from(i64::MIN), i128::from(i64::MAX));
        let total = i64::try_from(self.total.clamp(bounds.0, bounds.1)).unwrap_or(0);
        self.close(booking.day(), total);
    }

    fn close(&mut self, day: i32, closing: i64) {
        match self.stretches.back_mut() {
            Some(last) if last.day == day => last.closing = closing,
            Some(last) => {
                let (before, ended) = (last.until(day), last.closing);
                while self.lows.back().is_some_and(|(_, low)| *low >= ended) {
                    self.lows.pop_back();
                }
                self.lows.push_back((day - 1, ended));
                self.stretches.push_back(Stretch { day, closing, before });
            }
            None => self.stretches.push_back(Stretch { day, closing, before: Closings::default() }),
        }
    }

    /// Forgets the days before `day`, all but the balance they left.
    pub(crate) fn forget_before(&mut self, day: i32) {
        while self.stretches.get(1).is_some_and(|second| second.day <= day) {
            self.stretches.pop_front();
        }
        while self.lows.front().is_some_and(|(last, _)| *last < day) {
            self.lows.pop_front();
        }
    }

    /// The balance now.
    pub(crate) fn now(&self) -> Option<i64> {
        self.stretches.back().map(|last| last.closing)
    }

    /// The balance at the end of a day not forgotten. `O(log days)`.
    pub(crate) fn at_end_of(&self, day: i32) -> Option<i64> {
        let after = self.stretches.partition_point(|stretch| stretch.day <= day);
        Some(self.stretches.get(after.checked_sub(1)?)?.closing)
    }

    /// The lowest balance at the end of a day from `first` on, up to now. `O(log days)`.
    pub(crate) fn lowest_since(&self, first: i32) -> Option<i64> {
        let at = self.lows.partition_point(|(last, _)| *last < first);
        let now = self.now()?;
        Some(self.lows.get(at).map_or(now, |(_, low)| now.min(*low)))
    }

    /// The ends of the days from `first` to `last`. `O(log days)`.
    pub(crate) fn between(&self, first: i32, last: i32) -> Closings {
        self.before(last.saturating_add(1)).minus(self.before(first))
    }

    fn before(&self, day: i32) -> Closings {
        let after = self.stretches.partition_point(|stretch| stretch.day < day);
        let stretch = after.checked_sub(1).and_then(|at| self.stretches.get(at));
        stretch.map_or_else(
            || self.stretches.front().map_or_else(Closings::default, |first| first.before),
            |stretch| stretch.until(day),
        )
    }
}
