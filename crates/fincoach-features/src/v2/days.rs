//! Sums of any run of days, from sums since the beginning.

use std::collections::VecDeque;
use std::ops::{AddAssign, Sub};

/// Money of a run of days, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flows {
    pub(crate) purchases: i128,
    pub(crate) refunds: i128,
    /// Purchases that do not recur.
    pub(crate) free: i128,
    pub(crate) income: i128,
    /// Income that recurs.
    pub(crate) regular: i128,
    /// Σ day · (purchases − refunds), days counted from 1970-01-01.
    pub(crate) weighted: i128,
    /// Days with a purchase.
    pub(crate) purchase_days: i64,
}

impl Flows {
    /// What was spent, less what came back.
    pub(crate) const fn spending(&self) -> i128 {
        self.purchases - self.refunds
    }
}

impl AddAssign for Flows {
    fn add_assign(&mut self, more: Self) {
        self.purchases += more.purchases;
        self.refunds += more.refunds;
        self.free += more.free;
        self.income += more.income;
        self.regular += more.regular;
        self.weighted += more.weighted;
        self.purchase_days += more.purchase_days;
    }
}

impl Sub for Flows {
    type Output = Self;

    fn sub(self, less: Self) -> Self {
        Self {
            purchases: self.purchases - less.purchases,
            refunds: self.refunds - less.refunds,
            free: self.free - less.free,
            income: self.income - less.income,
            regular: self.regular - less.regular,
            weighted: self.weighted - less.weighted,
            purchase_days: self.purchase_days - less.purchase_days,
        }
    }
}

/// Sums since the beginning, for each day that has a booking and is not forgotten.
#[derive(Clone, Debug, Default)]
pub(crate) struct Days {
    days: VecDeque<(i32, Flows)>,
    /// Sums of all days that are forgotten.
    forgotten: Flows,
    last_purchase: Option<i32>,
}

impl Days {
    /// Adds to a day not earlier than the last one. `O(1)`.
    pub(crate) fn add(&mut self, day: i32, mut more: Flows) {
        if more.purchases > 0 && self.last_purchase != Some(day) {
            self.last_purchase = Some(day);
            more.purchase_days = 1;
        }
        match self.days.back_mut() {
            Some((last, sums)) if *last == day => *sums += more,
            last => {
                let mut sums = last.map_or(self.forgotten, |(_, sums)| *sums);
                sums += more;
                self.days.push_back((day, sums));
            }
        }
    }

    /// Forgets the days before `day`.
    pub(crate) fn forget_before(&mut self, day: i32) {
        while let Some((first, sums)) = self.days.front()
            && *first < day
        {
            self.forgotten = *sums;
            self.days.pop_front();
        }
    }

    /// The sums from day `first` to day `last`, both included; `first` must not be forgotten. `O(log days)`.
    pub(crate) fn between(&self, first: i32, last: i32) -> Flows {
        self.before(last.saturating_add(1)) - self.before(first)
    }

    fn before(&self, day: i32) -> Flows {
        let after = self.days.partition_point(|(other, _)| *other < day);
        after.checked_sub(1).and_then(|at| self.days.get(at)).map_or(self.forgotten, |(_, sums)| *sums)
    }
}
