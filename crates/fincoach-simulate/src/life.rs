//! A household's days, one after the other.

use fincoach_core::chrono::NaiveDate;
use fincoach_core::rng::Rng;

use crate::account::{Account, Booking};
use crate::basket::Basket;
use crate::calendar::{Shift, midnight, plus, working_day};
use crate::history::History;
use crate::kind::{
    BOILER, DENTIST, EXTRA_SAVING, INTEREST, INVESTMENT, Kind, REPAIR, ROUND_UP, Role, SIDE_INCOME,
    TO_SAVINGS, WINDFALL,
};
use crate::luck::{Lane, Luck};
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

/// Chance that a household puts something aside of its own accord in a week without want of money.
const OWN_SAVING: [f64; 5] = [0.2, 0.06, 0.2, 0.12, 0.1];
/// Median of what it then puts aside, as a share of a week's income, and its logarithmic deviation.
const OWN_SAVING_SHARE: f64 = 0.06;
const OWN_SAVING_SPREAD: f64 = 0.6;

/// A household's days, week by week; a clone lives on from the same moment with the same luck.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) account: Account,
    pub(crate) date: NaiveDate,
    pub(crate) luck: Luck,
    pub(crate) history: History,
    truth: HouseholdTruth,
    /// The current week's chance.
    rng: Rng,
    purchases: Purchases,
    pub(crate) wages: Standing,
    pub(crate) fixed: Vec<Standing>,
    pub(crate) basket: Basket,
    pub(crate) days_since_pay: f64,
    /// The last day of wages that were booked.
    pub(crate) last_pay: Option<NaiveDate>,
    /// When the last pay's saving leaves, and how many pounds.
    pub(crate) saving: Option<(NaiveDate, f64)>,
    /// What the household puts aside this week of its own accord: the day and the pence.
    own_saving: Option<(NaiveDate, i64)>,
    /// What the day brings, before it is in order.
    today: Vec<Booking>,
}

/// The purchases of a week, as arrivals at rate 1 on a clock that runs as fast as the household buys.
///
/// A slower clock leaves out the last of them and keeps the others: what a coach says changes how many of
/// the same purchases are made.
#[derive(Clone, Debug)]
struct Purchases {
    rng: Rng,
    /// Time to the next on that clock.
    to_next: f64,
}

impl Purchases {
    fn new(mut rng: Rng) -> Self {
        let to_next = exponential(&mut rng);
        Self { rng, to_next }
    }
}

impl Life {
    pub(crate) fn new(truth: HouseholdTruth, start: NaiveDate, (luck, mut rng): (Luck, Rng)) -> Self {
        let wages = wages(&truth, start, &mut rng);
        let fixed = fixed_costs(&truth, start, &mut rng);
        let costs: f64 = fixed.iter().map(Standing::per_month).sum();
        let left = truth.monthly_income.to_major() * (1.0 - truth.saving_share) - costs;
        let account = Account::new(
            truth.opening_balance.minor(),
            truth.opening_savings.minor(),
            truth.overdraft_limit.minor(),
        );
        Self {
            account,
            date: start,
            basket: Basket::new(&truth, left, &mut rng),
            days_since_pay: rng.range(1.0, 29.0).floor(),
            last_pay: None,
            purchases: Purchases::new(luck.week(0, Lane::Purchases)),
            truth,
            luck,
            history: History::default(),
            rng,
            wages,
            fixed,
            saving: None,
            own_saving: None,
            today: Vec::new(),
        }
    }

    pub(crate) const fn truth(&self) -> &HouseholdTruth {
        &self.truth
    }

    /// From 0 without money to 1 with half a month's income in the account.
    pub(crate) fn comfort(&self, balance: f64) -> f64 {
        (balance / (0.5 * self.truth.monthly_income.to_major())).clamp(0.0, 1.0)
    }

    /// Pounds a week that a household puts aside of its own accord, as expected.
    pub(crate) fn own_saving_ahead(&self, comfort: f64) -> f64 {
        let mean = OWN_SAVING_SHARE * (OWN_SAVING_SPREAD * OWN_SAVING_SPREAD / 2.0).exp();
        OWN_SAVING[self.truth.archetype.index()] * comfort * mean * self.truth.temper().weekly_income
    }

    /// Lives seven days, or up to `end` where that comes first.
    pub(crate) fn live_week(&mut self, response: &Response, end: NaiveDate) {
        let week = self.history.n_weeks;
        self.rng = self.luck.week(week, Lane::Life);
        self.purchases = Purchases::new(self.luck.week(week, Lane::Purchases));
        let last = plus(self.date, 7).min(end);
        if response.saving > 0 {
            // Early, before the day's purchases: the account covers it.
            let time = midnight(self.date) + 7 * 3600;
            self.plan(time, -response.saving, (&EXTRA_SAVING, "ESAVINGS ACCOUNT"));
        }
        self.mean_to_save();
        while self.date < last {
            self.live_day(response);
        }
        self.history.push(std::mem::take(&mut self.account.tally));
    }

    /// Now and then a household puts something aside without being told.
    fn mean_to_save(&mut self) {
        let (chance, day, size) = (self.rng.uniform(), self.rng.below(7), self.rng.normal());
        let comfort = self.comfort(pounds(self.account.balance));
        self.own_saving = None;
        if chance < OWN_SAVING[self.truth.archetype.index()] * comfort {
            let share = OWN_SAVING_SHARE * (OWN_SAVING_SPREAD * size).exp();
            let amount = pence(share * self.truth.temper().weekly_income);
            self.own_saving = Some((plus(self.date, i64::try_from(day).unwrap_or(0)), amount.minor()));
        }
    }

    fn live_day(&mut self, response: &Response) {
        self.pay_and_save();
        self.pay_fixed();
        self.today.extend(self.basket.groceries(self.date, &mut self.rng));
        let mood = response.factor(self.days_since_pay) * self.ease(pounds(self.account.balance));
        self.buy(self.basket.expected(self.date, self.days_since_pay) * mood);
        self.be_surprised();
        self.settle();
        self.date = plus(self.date, 1);
        self.days_since_pay += 1.0;
    }

    /// The purchases of a day of which `expected` are expected.
    fn buy(&mut self, expected: f64) {
        let mut left = expected;
        while self.purchases.to_next <= left {
            left -= self.purchases.to_next;
            self.today.push(self.basket.purchase(self.date, &mut self.purchases.rng));
            self.purchases.to_next = exponential(&mut self.purchases.rng);
        }
        self.purchases.to_next -= left;
    }

    /// How freely money is spent at the current balance: less when it is short, more when it piles up.
    pub(crate) fn ease(&self, balance: f64) -> f64 {
        let income = self.truth.monthly_income.to_major();
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
            (self.days_since_pay, self.last_pay) = (0.0, Some(self.date));
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
        if let Some((date, amount)) = self.own_saving
            && date == self.date
        {
            let evening = midnight(self.date) + 18 * 3600;
            self.plan(evening, -amount, (&EXTRA_SAVING, "ESAVINGS ACCOUNT"));
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
pub(crate) fn pounds(pence: i64) -> f64 {
    pence as f64 / 100.0
}

fn to_tens(pounds: f64) -> i64 {
    pence((pounds / 10.0).round() * 10.0).minor()
}

/// A waiting time with mean 1.
fn exponential(rng: &mut Rng) -> f64 {
    -(1.0 - rng.uniform()).ln()
}

#[cfg(test)]
mod tests {
    use fincoach_core::rng;

    use super::*;

    #[test]
    fn waiting_times_have_mean_and_deviation_one() {
        let mut rng = rng::stream(5, 0);
        let n = 40_000;
        let draws: Vec<f64> = (0..n).map(|_| exponential(&mut rng)).collect();
        let mean = draws.iter().sum::<f64>() / f64::from(n);
        let variance = draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / f64::from(n);
        assert!((mean - 1.0).abs() < 0.02 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }
}
