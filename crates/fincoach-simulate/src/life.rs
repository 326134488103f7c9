//! A household's days, one after the other.

use fincoach_core::chrono::NaiveDate;
use fincoach_core::rng::Rng;

use crate::account::{Account, Booking};
use crate::basket::Basket;
use crate::calendar::{Shift, midnight, plus, working_day};
use crate::kind::{
    BOILER, DENTIST, EXTRA_SAVING, INTEREST, INVESTMENT, Kind, REPAIR, ROUND_UP, Role, SIDE_INCOME,
    TO_SAVINGS, WINDFALL,
};
use crate::policy::Seen;
use crate::response::{Response, pence};
use crate::standing::{Standing, fixed_costs, wages};
use crate::truth::HouseholdTruth;

/// What a booking is, and its text.
type Line = (&'static Kind, &'static str);

/// What now and then comes or goes: kind, text, times a year, median pounds, sign.
static SURPRISES: [(&Kind, &str, f64, f64, f64); 6] = [
    (&REPAIR, "GARAGE REPAIRS", 0.45, 260.0, -1.0),
    (&BOILER, "BOILER SERVICE LTD", 0.3, 220.0, -1.0),
    (&DENTIST, "DENTAL PRACTICE", 0.6, 75.0, -1.0),
    (&SIDE_INCOME, "M JONES", 20.0, 24.0, 1.0),
    (&SIDE_INCOME, "VINTED SALES", 8.0, 14.0, 1.0),
    (&WINDFALL, "HMRC REFUND", 0.35, 240.0, 1.0),
];

/// A household that lives a week at a time.
///
/// The first form of a stepwise environment: [`Life::new`] resets, [`Life::live_week`] steps,
/// [`Life::seen`] observes. A clone lives on from the same moment with the same luck.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) account: Account,
    pub(crate) date: NaiveDate,
    truth: HouseholdTruth,
    rng: Rng,
    wages: Standing,
    fixed: Vec<Standing>,
    basket: Basket,
    days_since_pay: f64,
    /// When the last pay's saving leaves, and how many pounds.
    saving: Option<(NaiveDate, f64)>,
    /// Bookings before each of the last four weeks, oldest first.
    weeks: [usize; 4],
    /// What the day brings, before it is in order.
    today: Vec<Booking>,
}

impl Life {
    pub(crate) fn new(truth: HouseholdTruth, start: NaiveDate, mut rng: Rng) -> Self {
        let wages = wages(&truth, start, &mut rng);
        let fixed = fixed_costs(&truth, start, &mut rng);
        let costs: f64 = fixed.iter().map(Standing::per_month).sum();
        let left = truth.monthly_income.to_major() * (1.0 - truth.saving_share) - costs;
        let account = Account {
            balance: truth.opening_balance.minor(),
            savings: truth.opening_savings.minor(),
            overdraft: truth.overdraft_limit.minor(),
            bookings: Vec::new(),
        };
        Self {
            account,
            date: start,
            basket: Basket::new(&truth, left, &mut rng),
            days_since_pay: rng.range(1.0, 29.0).floor(),
            truth,
            rng,
            wages,
            fixed,
            saving: None,
            weeks: [0; 4],
            today: Vec::new(),
        }
    }

    pub(crate) const fn truth(&self) -> &HouseholdTruth {
        &self.truth
    }

    /// What can be known at the beginning of the current day.
    pub(crate) fn seen(&self) -> Seen {
        let mut seen = Seen { balance: self.account.balance, ..Seen::default() };
        for booking in &self.account.bookings[self.weeks[0]..] {
            match booking.kind.role {
                Role::Income if booking.kind.category == fincoach_core::Category::Income => {
                    seen.income += booking.amount;
                }
                Role::Saving | Role::Income => {}
                _ => seen.spending -= booking.amount,
            }
        }
        seen
    }

    /// Lives seven days, or up to `end` where that comes first.
    pub(crate) fn live_week(&mut self, response: Response, end: NaiveDate) {
        self.weeks = [self.weeks[1], self.weeks[2], self.weeks[3], self.account.bookings.len()];
        let last = plus(self.date, 7).min(end);
        if response.saving > 0 {
            let time = midnight(self.date) + 18 * 3600;
            self.plan(time, -response.saving, (&EXTRA_SAVING, "ESAVINGS ACCOUNT"));
        }
        while self.date < last {
            self.live_day(response.discretionary);
        }
    }

    fn live_day(&mut self, discretionary: f64) {
        self.pay_and_save();
        self.pay_fixed();
        self.today.extend(self.basket.groceries(self.date, &mut self.rng));
        let mood = (1.0 + discretionary).max(0.0) * self.ease();
        let expected = self.basket.expected(self.date, self.days_since_pay) * mood;
        for _ in 0..small_poisson(expected, &mut self.rng) {
            let purchase = self.basket.purchase(self.date, &mut self.rng);
            self.today.push(purchase);
        }
        self.be_surprised();
        self.settle();
        self.date = plus(self.date, 1);
        self.days_since_pay += 1.0;
    }

    /// How freely money is spent at the current balance: less when it is short, more when it piles up.
    fn ease(&self) -> f64 {
        let income = self.truth.monthly_income.to_major();
        let balance = pounds(self.account.balance);
        let usual = self.truth.opening_balance.to_major() + 0.4 * income;
        if balance > usual {
            1.0 + 0.3 * ((balance - usual) / income).min(1.0)
        } else {
            // Comfort is an eighth of a month's income; without it, half is left out.
            (0.5 + 0.5 * balance / (0.125 * income)).clamp(0.35, 1.0)
        }
    }

    /// Books wages on their day, and a working day later what is put aside of them.
    fn pay_and_save(&mut self) {
        let early = midnight(self.date) + self.second_before(6);
        if self.wages.next == self.date {
            let pay = self.wages.take(&mut self.rng);
            self.days_since_pay = 0.0;
            self.saving =
                Some((working_day(plus(self.date, 1), Shift::Forward), pay * self.truth.saving_share));
            self.plan(early, pence(pay).minor(), (self.wages.kind, self.wages.description));
        }
        if let Some((date, share)) = self.saving
            && date <= self.date
        {
            self.saving = None;
            self.put_aside(share);
        }
        self.sweep_and_interest(early);
    }

    fn put_aside(&mut self, pounds: f64) {
        let noon = midnight(self.date) + 9 * 3600;
        let invested = pounds * self.truth.invested_share;
        // Round amounts, as people choose them.
        let (saved, invested) = (to_tens(pounds - invested), to_tens(invested));
        self.plan(noon, -saved, (&TO_SAVINGS, "ESAVINGS ACCOUNT"));
        self.plan(noon + 60, -invested, (&INVESTMENT, "TRADING212UK"));
    }

    /// On the working day at the ninth of a month: interest, and a part of what has piled up is put aside.
    fn sweep_and_interest(&mut self, early: i64) {
        let month = crate::calendar::month_number(self.date);
        if working_day(crate::calendar::day_of_month(month, 9), Shift::Forward) != self.date {
            return;
        }
        let balance = pounds(self.account.balance);
        // Current accounts that pay interest pay it up to some thousands: 1.5 % a year on at most £5,000.
        let interest = balance.clamp(0.0, 5000.0) * 0.015 / 12.0;
        self.plan(early, pence(interest).minor(), (&INTEREST, "INTEREST (NET)"));
        let target = self.truth.opening_balance.to_major() + self.truth.monthly_income.to_major();
        if balance > target {
            self.put_aside((balance - target) * self.truth.saving_share);
        }
    }

    fn pay_fixed(&mut self) {
        for index in 0..self.fixed.len() {
            if self.fixed[index].next != self.date {
                continue;
            }
            let amount = self.fixed[index].take(&mut self.rng);
            let (kind, description) = (self.fixed[index].kind, self.fixed[index].description);
            let time = midnight(self.date) + self.second_before(6);
            self.plan(time, -pence(amount).minor(), (kind, description));
        }
    }

    fn be_surprised(&mut self) {
        // One draw for all six keeps most days free of further draws.
        let mut luck = self.rng.uniform() * 365.25;
        for (kind, description, per_year, median, sign) in &SURPRISES {
            luck -= per_year;
            if luck < 0.0 {
                let amount = median * (0.75 * self.rng.normal()).exp().min(8.0) * sign;
                let time = midnight(self.date) + 8 * 3600 + self.second_before(9);
                self.plan(time, pence(amount).minor(), (kind, description));
                return;
            }
        }
    }

    /// Books the day in the order of its times, and rounds card purchases up at its end.
    fn settle(&mut self) {
        self.today.sort_by_key(|asked| asked.time);
        let mut round_up = 0;
        for asked in self.today.drain(..) {
            let booked = self.account.post(asked);
            if booked && asked.amount < 0 && asked.kind.is_card() {
                round_up += asked.amount.rem_euclid(100);
            }
        }
        if self.truth.rounds_up && round_up > 0 {
            let time = midnight(self.date) + 23 * 3600 + 50 * 60;
            self.plan(time, -round_up, (&ROUND_UP, "SAVE THE CHANGE"));
            if let Some(asked) = self.today.pop() {
                self.account.post(asked);
            }
        }
    }

    /// Transfers have no place, payments from the account are booked at home.
    fn plan(&mut self, time: i64, amount: i64, (kind, description): Line) {
        let home = matches!(kind.role, Role::Essential | Role::Purchase);
        let city = home.then_some(self.truth.city);
        self.today.push(Booking { time, amount, balance: 0, kind, description, city });
    }

    /// A second of the first hours.
    fn second_before(&mut self, hours: usize) -> i64 {
        i64::try_from(self.rng.below(hours * 3600)).unwrap_or(0)
    }
}

#[expect(clippy::cast_precision_loss, reason = "balances are far below 2^53 pence")]
fn pounds(pence: i64) -> f64 {
    pence as f64 / 100.0
}

fn to_tens(pounds: f64) -> i64 {
    pence((pounds / 10.0).round() * 10.0).minor()
}

/// A Poisson count by inversion: one draw, quick for the small means of a day.
fn small_poisson(mean: f64, rng: &mut Rng) -> u32 {
    let mut left = rng.uniform();
    let (mut count, mut chance) = (0_u32, (-mean).exp());
    while left >= chance && count < 60 {
        left -= chance;
        count += 1;
        chance *= mean / f64::from(count);
    }
    count
}

#[cfg(test)]
mod tests {
    use fincoach_core::rng;

    use super::*;

    #[test]
    fn small_poisson_has_the_mean_and_variance_of_a_poisson() {
        let mut rng = rng::stream(5, 0);
        let (n, mean) = (40_000, 2.3);
        let counts: Vec<f64> = (0..n).map(|_| f64::from(small_poisson(mean, &mut rng))).collect();
        let average = counts.iter().sum::<f64>() / f64::from(n);
        let variance = counts.iter().map(|count| (count - average).powi(2)).sum::<f64>() / f64::from(n);
        assert!((average - mean).abs() < 0.03, "{average}");
        assert!((variance - mean).abs() < 0.08, "{variance}");
    }
}
