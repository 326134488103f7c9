//! A user's account day by day.

use std::collections::BTreeMap;

use fincoach_core::chrono::{Datelike, NaiveDate};
use fincoach_core::{Category, LedgerView, Role};

/// Day ends that a level must hold: four weeks.
pub(crate) const HOLD_DAYS: i64 = 28;

/// Days of spending that a buffer is measured by.
const SPENDING_DAYS: i64 = 91;

const DAYS_PER_MONTH: f64 = 365.25 / 12.0;

/// Days from the year 1 to 1970-01-01.
const EPOCH: i32 = 719_163;

/// The number of a day, 1970-01-01 being 0.
pub(crate) fn day_number(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce() - EPOCH)
}

/// The date of a day.
pub(crate) fn date_of(day: i64) -> NaiveDate {
    let days = i32::try_from(day).ok().and_then(|day| day.checked_add(EPOCH));
    days.and_then(NaiveDate::from_num_days_from_ce_opt).unwrap_or(NaiveDate::MAX)
}

/// What is added up over days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// Money put aside less what was drawn back.
    PutAside,
    /// Spending in a category less refunds.
    Spent(Category),
    /// Spending in all categories but savings, less refunds.
    AllSpent,
    /// What comes in.
    Income,
    /// All amounts.
    Net,
}

/// Sums of a user's rows up to the end of each day, in minor units, and the balance at it.
#[derive(Clone, Debug)]
pub(crate) struct AccountDays {
    /// The day of the first booking.
    first: i64,
    /// One entry per day from the first booking to the last, after one of zeros.
    sums: Vec<Sums>,
    balances: Vec<Option<i64>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    put_aside: i64,
    spent: [i64; Category::ALL.len()],
    all_spent: i64,
    income: i64,
    net: i64,
}

impl Sums {
    fn add(&mut self, role: Role, category: Category, amount: i64) {
        self.net = self.net.saturating_add(amount);
        match (role, category) {
            (Role::Transfer, _) => {}
            (_, Category::Savings) => self.put_aside = self.put_aside.saturating_sub(amount),
            (Role::Ordinary, _) if amount > 0 => self.income = self.income.saturating_add(amount),
            _ => {
                let spent = &mut self.spent[category.index()];
                *spent = spent.saturating_sub(amount);
                self.all_spent = self.all_spent.saturating_sub(amount);
            }
        }
    }
}

impl AccountDays {
    /// The days of one user's rows; `None` without rows.
    pub(crate) fn new(rows: LedgerView<'_>) -> Option<Self> {
        let day = |time: &i64| time.div_euclid(86_400);
        let (first, last) = (day(rows.times().first()?), day(rows.times().last()?));
        let mut days = Self { first, sums: vec![Sums::default()], balances: vec![None] };
        let mut running = Sums::default();
        // The last balance known of each account, moved by rows without one.
        let mut accounts = BTreeMap::new();
        let mut row = 0;
        for today in first..=last {
            while row < rows.len() && day(&rows.times()[row]) == today {
                let amount = rows.amounts()[row].minor();
                running.add(rows.roles()[row], rows.categories()[row], amount);
                let account = rows.accounts()[row].index();
                let told = rows.balances()[row].map(fincoach_core::Money::minor);
                let moved = accounts.get(&account).map(|balance: &i64| balance.saturating_add(amount));
                if let Some(balance) = told.or(moved) {
                    accounts.insert(account, balance);
                }
                row += 1;
            }
            days.sums.push(running);
            let total = accounts.values().fold(0_i64, |sum, balance| sum.saturating_add(*balance));
            days.balances.push((!accounts.is_empty()).then_some(total));
        }
        Some(days)
    }

    /// The day of the first booking.
    pub(crate) const fn first(&self) -> i64 {
        self.first
    }

    /// The day of the last booking.
    pub(crate) fn last(&self) -> i64 {
        self.first + self.sums.len() as i64 - 2
    }

    /// What flowed on the days after `after`, up to and including `until`, in minor units.
    pub(crate) fn flow(&self, flow: Flow, after: i64, until: i64) -> i64 {
        let at = |day: i64| {
            let sums = &self.sums[self.place(day)];
            match flow {
                Flow::PutAside => sums.put_aside,
                Flow::Spent(category) => sums.spent[category.index()],
                Flow::AllSpent => sums.all_spent,
                Flow::Income => sums.income,
                Flow::Net => sums.net,
            }
        };
        at(until).saturating_sub(at(after))
    }

    /// The balance at the end of a day, that of the last booking up to it.
    pub(crate) fn balance(&self, day: i64) -> Option<i64> {
        self.balances[self.place(day)]
    }

    /// The lowest balance at the ends of the days after `after`, up to and including `until`; `None` where one of them
    /// is not known.
    pub(crate) fn lowest(&self, after: i64, until: i64) -> Option<i64> {
        (after + 1..=until).map(|day| self.balance(day)).try_fold(i64::MAX, |low, day| Some(low.min(day?)))
    }

    /// The balance that covers so many months of the spending up to a day, rounded up; `None` without spending.
    pub(crate) fn months_of_spending(&self, months: f64, day: i64) -> Option<i64> {
        let spent = self.flow(Flow::AllSpent, day - SPENDING_DAYS, day);
        (spent > 0).then(|| (months * DAYS_PER_MONTH * spent as f64 / SPENDING_DAYS as f64).ceil() as i64)
    }

    /// The entry of a day: before the first booking nothing has flowed, after the last nothing more does.
    fn place(&self, day: i64) -> usize {
        usize::try_from(day - self.first + 1).unwrap_or(0).min(self.sums.len() - 1)
    }
}
