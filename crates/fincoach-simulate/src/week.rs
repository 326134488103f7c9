//! What came of seven days.

use fincoach_core::chrono::NaiveDate;
use fincoach_core::{Action, Money};

use crate::Objective;
use crate::account::Booking;
use crate::kind::Role;
use crate::objective::is_flexible;

/// Seven days of a household, as its bank could sum them up, and how it took the action.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Week {
    /// The first day.
    pub start: NaiveDate,
    /// The day after the last.
    pub end: NaiveDate,
    /// What was done at the beginning.
    pub action: Action,
    /// 1 accepted, 0 ignored, -1 annoyed; 0 where nothing was said.
    pub feedback: f64,
    /// Put aside beyond the standing order, of its own or on a nudge.
    pub extra_saving: Money,
    /// Dining out, entertainment and shopping, each purchase up to [`Objective::PURCHASE_CAP`].
    pub flexible: Money,
    /// All purchases by choice, whole.
    pub discretionary: Money,
    /// All money out but what was put aside.
    pub spending: Money,
    /// Wages, interest and other income; not what came back from savings.
    pub income: Money,
    /// Usual weekly income before the first day, as [`Objective`] defines it.
    pub usual_income: Money,
    /// Balance at the end of the last day.
    pub balance: Money,
    /// Bookings.
    pub n_rows: usize,
}

impl Week {
    /// The reward of the week; the same as [`Objective::reward`].
    #[must_use]
    pub fn reward(&self, objective: &Objective) -> f64 {
        objective.reward(self)
    }
}

/// Sums of the bookings of a week, in pence.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) income: i64,
    pub(crate) spending: i64,
    pub(crate) flexible: i64,
    pub(crate) discretionary: i64,
    pub(crate) extra_saving: i64,
    pub(crate) n_rows: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, booking: &Booking) {
        let (kind, amount) = (booking.kind, booking.amount);
        self.n_rows += 1;
        match kind.role {
            Role::Income if kind.category == fincoach_core::Category::Income => self.income += amount,
            Role::Income => {}
            Role::Saving => {
                if kind.is_extra_saving() {
                    self.extra_saving -= amount;
                }
            }
            role => {
                self.spending -= amount;
                if role == Role::Purchase {
                    self.discretionary -= amount;
                }
                if is_flexible(kind.category) {
                    self.flexible += (-amount).min(Objective::PURCHASE_CAP.minor());
                }
            }
        }
    }
}
