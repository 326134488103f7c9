//! The account: every booking exact, none beyond the overdraft.

use crate::kind::{FROM_SAVINGS, Kind, Role};
use crate::week::Tally;

/// One line of the account.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Booking {
    /// Seconds since 1970-01-01 00:00, increasing along the account.
    pub(crate) time: i64,
    /// Pence; negative leaves the account.
    pub(crate) amount: i64,
    /// Pence after the booking.
    pub(crate) balance: i64,
    pub(crate) kind: &'static Kind,
    pub(crate) description: &'static str,
    pub(crate) city: Option<&'static str>,
}

/// A current account with a savings account behind it.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) balance: i64,
    pub(crate) savings: i64,
    /// Pence below zero that the account may fall to.
    pub(crate) overdraft: i64,
    /// Rows since they were last forgotten.
    pub(crate) bookings: Vec<Booking>,
    /// Sums of the current week.
    pub(crate) tally: Tally,
    /// Time of the last row.
    last_time: i64,
}

impl Account {
    pub(crate) fn new(balance: i64, savings: i64, overdraft: i64) -> Self {
        let bookings = Vec::new();
        Self { balance, savings, overdraft, bookings, tally: Tally::default(), last_time: i64::MIN }
    }

    /// Books what is asked for unless money is short; the balance of `asked` is not read.
    pub(crate) fn post(&mut self, asked: Booking) -> bool {
        let after = self.balance + asked.amount;
        let affordable = match asked.kind.role {
            Role::Income => true,
            Role::Purchase | Role::Grocery => after >= -self.overdraft,
            Role::Saving => after >= 0,
            Role::Essential => self.cover(&asked),
        };
        if affordable && asked.amount != 0 {
            if asked.kind.role == Role::Saving {
                self.savings -= asked.amount;
            }
            self.book(asked);
        }
        affordable
    }

    /// Draws on savings, in steps of fifty pounds, so that an essential payment leaves no debt.
    fn cover(&mut self, asked: &Booking) -> bool {
        let short = -(self.balance + asked.amount);
        if short > 0 {
            let step = 5000;
            let drawn = ((short + step - 1) / step * step).min(self.savings);
            if drawn > 0 {
                self.savings -= drawn;
                let from =
                    Booking { amount: drawn, kind: &FROM_SAVINGS, description: "ESAVINGS ACCOUNT", ..*asked };
                self.book(Booking { city: None, ..from });
            }
        }
        self.balance + asked.amount >= -self.overdraft
    }

    fn book(&mut self, asked: Booking) {
        self.balance += asked.amount;
        let time = asked.time.max(self.last_time.saturating_add(1));
        self.last_time = time;
        let booking = Booking { time, balance: self.balance, ..asked };
        self.tally.add(&booking);
        self.bookings.push(booking);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::{GROCERIES, RENT, TO_SAVINGS};

    fn ask(kind: &'static Kind, amount: i64) -> Booking {
        Booking { time: 0, amount, balance: 0, kind, description: "", city: None }
    }

    #[test]
    fn a_purchase_beyond_the_overdraft_is_declined() {
        let mut account = Account::new(1000, 0, 500);
        assert!(!account.post(ask(&GROCERIES, -1501)));
        assert!(account.post(ask(&GROCERIES, -1500)));
        assert_eq!((account.balance, account.bookings.len()), (-500, 1));
    }

    #[test]
    fn rent_draws_on_savings_first() {
        let mut account = Account::new(1000, 20_000, 0);
        assert!(account.post(ask(&RENT, -8000)));
        let balances: Vec<_> =
            account.bookings.iter().map(|booking| (booking.time, booking.balance)).collect();
        assert_eq!(balances, [(0, 11_000), (1, 3000)]);
        assert_eq!(account.savings, 10_000);
    }

    #[test]
    fn rent_without_means_is_returned() {
        let mut account = Account::new(1000, 0, 500);
        assert!(!account.post(ask(&RENT, -8000)));
        assert_eq!(account.balance, 1000);
    }

    #[test]
    fn saving_never_uses_the_overdraft() {
        let mut account = Account::new(1000, 0, 500);
        assert!(!account.post(ask(&TO_SAVINGS, -1001)));
        assert!(account.post(ask(&TO_SAVINGS, -1000)));
        assert_eq!((account.balance, account.savings), (0, 1000));
    }
}
