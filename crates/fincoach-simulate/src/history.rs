//! The last weeks of an account, summed up.

use fincoach_core::Money;

use crate::Objective;
use crate::week::Tally;

/// Weeks whose income makes the usual one.
const N_INCOMES: usize = 13;
/// Weeks a coach looks at.
const N_RECENT: usize = 4;

/// Sums of the weeks that were lived, newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct History {
    incomes: [i64; N_INCOMES],
    recent: [Tally; N_RECENT],
    pub(crate) n_weeks: u64,
}

impl History {
    pub(crate) fn push(&mut self, week: Tally) {
        self.incomes.rotate_right(1);
        self.recent.rotate_right(1);
        (self.incomes[0], self.recent[0]) = (week.income, week);
        self.n_weeks += 1;
    }

    /// The sums of the last four weeks, newest first; empty ones before the first.
    pub(crate) const fn recent(&self) -> &[Tally; N_RECENT] {
        &self.recent
    }

    /// Usual weekly income, as [`Objective`] defines it.
    pub(crate) fn usual_income(&self) -> Money {
        let income = Money::from_minor(self.incomes.iter().sum());
        Objective::usual_income(income, usize::try_from(self.n_weeks).unwrap_or(usize::MAX))
    }
}
