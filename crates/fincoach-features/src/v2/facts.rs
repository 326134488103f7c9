//! What the columns are made of, worked out once for each row.

use fincoach_core::Category;

use super::balances::Closings;
use super::days::Flows;
use super::params::Budgets;
use super::payday::Payday;
use super::rows::{N_SLOTS, slot};
use super::state::{Core, QUARTER, YEAR};
use super::window::Window;
use crate::recurring::Side;

/// A run of days, all within the user's history, and their money.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    pub(crate) flows: Flows,
    pub(crate) days: i32,
    /// The first day, counted from 1970-01-01.
    pub(crate) first: i32,
}

impl Stretch {
    /// Minor units a day.
    pub(crate) fn daily_spending(&self) -> f64 {
        float(self.flows.spending()) / f64::from(self.days)
    }

    pub(crate) fn daily_income(&self) -> f64 {
        float(self.flows.income) / f64::from(self.days)
    }

    /// (I − S) / I; `None` without income.
    pub(crate) fn saving_rate(&self) -> Option<f64> {
        let income = self.flows.income;
        (income > 0).then(|| float(income - self.flows.spending()) / float(income))
    }

    /// Least-squares slope of the daily spending, in minor units a day and day: with `n` days of mean `t̄`,
    /// `Σ (t − t̄) s / (n (n² − 1) / 12)`. The sums are whole numbers.
    pub(crate) fn slope(&self) -> f64 {
        let n = i128::from(self.days);
        let twice_mean = i128::from(self.first) + i128::from(self.first) + n - 1;
        let above = 2 * self.flows.weighted - twice_mean * self.flows.spending();
        6.0 * float(above) / float(n * (n * n - 1))
    }
}

/// Recurring spending at a moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Recurring {
    pub(crate) n: u32,
    /// Minor units in 30 days.
    pub(crate) monthly: f64,
    pub(crate) n_new: u32,
    pub(crate) n_lost: u32,
    /// Minor units expected within the next seven days.
    pub(crate) due: i128,
    pub(crate) next: Option<i32>,
    pub(crate) amounts: i128,
    pub(crate) last_amounts: i128,
    /// Sources of regular income.
    pub(crate) n_incomes: u32,
}

/// Everything a column may ask for.
#[derive(Clone, Debug)]
pub(crate) struct Facts<'a> {
    core: &'a Core,
    /// Days of the window that lie within the user's history.
    pub(crate) days: i32,
    pub(crate) flows: Flows,
    pub(crate) recurring: Recurring,
    pub(crate) payday: Option<Payday>,
    pub(crate) closings: Closings,
}

impl<'a> Facts<'a> {
    pub(crate) fn of(core: &'a Core) -> Self {
        let start = core.today - core.window_days() + 1;
        Self {
            core,
            days: core.window_days().min(history_days(core)),
            flows: core.days.between(start, core.today),
            recurring: recurring(core),
            payday: Payday::of(core),
            closings: core.balances.between(start, core.today),
        }
    }

    pub(crate) const fn window(&self) -> &Window {
        &self.core.window
    }

    pub(crate) const fn today(&self) -> i32 {
        self.core.today
    }

    /// Money in major units.
    pub(crate) fn major(&self, minor: i128) -> f64 {
        float(minor) / self.core.scale
    }

    pub(crate) fn major_of(&self, minor: f64) -> f64 {
        minor / self.core.scale
    }

    /// Days from the first booking to today, both included.
    pub(crate) fn history_days(&self) -> i32 {
        history_days(self.core)
    }

    pub(crate) fn quiet_days(&self) -> i32 {
        self.core.today - self.core.last_day
    }

    pub(crate) fn balance(&self) -> Option<i64> {
        self.core.balances.now()
    }

    pub(crate) fn balance_before_window(&self) -> Option<i64> {
        self.core.balances.at_end_of(self.core.today - self.core.window_days())
    }

    pub(crate) fn lowest_balance(&self) -> Option<i64> {
        self.core.balances.lowest_since(self.core.today - self.core.window_days() + 1)
    }

    /// Whether the source books on weekends: a row on one within window and baseline.
    pub(crate) fn has_weekends(&self) -> bool {
        let earliest = self.core.today - self.core.window_days() - self.core.baseline_days();
        self.core.last_weekend_row.is_some_and(|day| day > earliest)
    }

    /// The days of the window within the history.
    pub(crate) fn covered(&self) -> Stretch {
        Stretch { flows: self.flows, days: self.days, first: self.core.today - self.days + 1 }
    }

    /// The `n`-th window before this one (0 is this one); `None` unless the history covers it.
    pub(crate) fn earlier(&self, n: i32) -> Option<Stretch> {
        let days = self.core.window_days();
        self.stretch(self.core.today - n * days, days)
    }

    /// The last 91 days; `None` unless the history covers them.
    pub(crate) fn quarter(&self) -> Option<Stretch> {
        self.stretch(self.core.today, QUARTER)
    }

    /// The last seven days; `None` unless the history covers the whole window.
    pub(crate) fn week(&self) -> Option<Stretch> {
        self.earlier(0).and_then(|_| self.stretch(self.core.today, 7))
    }

    /// The days before the window, as far as the history goes; `None` unless they are at least as many as a window's.
    pub(crate) fn baseline(&self) -> Option<Stretch> {
        let days = self.core.baseline_days().min(self.history_days() - self.core.window_days());
        (days >= self.core.window_days())
            .then(|| self.stretch(self.core.today - self.core.window_days(), days))
            .flatten()
    }

    /// What the baseline spent on each category; `None` as for [`Facts::baseline`].
    pub(crate) fn baseline_by_category(&self) -> Option<[i128; N_SLOTS]> {
        self.baseline().map(|_| self.core.baseline.0)
    }

    /// The 365 days before the window, the window of a year ago and the one that followed it; `None` unless the
    /// history covers them.
    pub(crate) fn year(&self) -> Option<(Stretch, Stretch, Stretch)> {
        let (today, days) = (self.core.today, self.core.window_days());
        if days > YEAR {
            // The window after that of a year ago would end tomorrow.
            return None;
        }
        let year = self.stretch(today - days, YEAR)?;
        let season = self.stretch(today - YEAR, days)?;
        let ahead = self.stretch(today - YEAR + days, days)?;
        Some((year, season, ahead))
    }

    /// What each category may cost in a window, in minor units; `None` for those without a budget.
    pub(crate) fn budgets(&self) -> Option<[Option<f64>; N_SLOTS]> {
        let mut budgets = [None; N_SLOTS];
        match self.core.params.budgets() {
            Budgets::Learnt => {
                let (spent, days) = (self.baseline_by_category()?, self.baseline()?.days);
                let share = f64::from(self.core.window_days()) / f64::from(days);
                for (budget, spent) in budgets.iter_mut().zip(spent) {
                    *budget = (spent > 0).then(|| float(spent) * share);
                }
            }
            Budgets::Given(given) => {
                for (category, amount) in given {
                    if let Some(budget) = budgets.get_mut(slot(*category)) {
                        *budget = Some(float(i128::from(amount.minor())));
                    }
                }
            }
        }
        budgets.iter().flatten().any(|budget| *budget > 0.0).then_some(budgets)
    }

    fn stretch(&self, last: i32, days: i32) -> Option<Stretch> {
        let first = last - days + 1;
        let covered = self.core.first_day.is_some_and(|day| day <= first);
        covered.then(|| Stretch { flows: self.core.days.between(first, last), days, first })
    }
}

fn history_days(core: &Core) -> i32 {
    core.first_day.map_or(0, |first| core.today - first + 1)
}

fn recurring(core: &Core) -> Recurring {
    let mut all = Recurring::default();
    let (today, start) = (core.today, core.today - core.window_days() + 1);
    for ((_, side), entry) in core.book.recurring() {
        for (series, found) in entry.recurring() {
            let active = today < found.lost_on();
            if *side == Side::In {
                all.n_incomes += u32::from(active);
                continue;
            }
            if entry.category == Category::Savings {
                continue;
            }
            if !active {
                all.n_lost += u32::from(found.lost_on() >= start);
                continue;
            }
            all.n += 1;
            all.n_new += u32::from(found.since >= start);
            all.monthly += 480.0 * float(i128::from(found.amount)) / f64::from(found.period.sixteenths());
            all.due += if found.next <= today + 7 { i128::from(found.amount) } else { 0 };
            all.next = Some(all.next.map_or(found.next, |next| next.min(found.next)));
            all.amounts += i128::from(found.amount);
            all.last_amounts += series.last().map_or(0, |last| i128::from(last.amount));
        }
    }
    all
}

#[expect(clippy::cast_precision_loss, reason = "the one rounding step of a feature")]
pub(crate) fn float(whole: i128) -> f64 {
    whole as f64
}
