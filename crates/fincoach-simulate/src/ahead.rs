//! What the next weeks bring if nothing is said, as expected.

use fincoach_core::chrono::NaiveDate;
use fincoach_core::{Action, Money};

use crate::Objective;
use crate::calendar::{Shift, plus, working_day};
use crate::life::{Life, pounds};
use crate::objective::is_flexible;
use crate::response::{Odds, SPITE, Situation, Temper, Weariness, day_weight};
use crate::standing::Standing;

/// A coming week without a coach.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct WeekAhead {
    /// Expected flexible purchases in pounds.
    pub(crate) flexible: f64,
    /// The same, each day times its [`day_weight`] for an alert.
    pub(crate) pulled: f64,
    /// All expected purchases, in pounds, and each day times its weight.
    pub(crate) discretionary: f64,
    pub(crate) discretionary_pulled: f64,
    /// Flexible spending that is fixed: subscriptions, the telephone.
    pub(crate) fixed_flexible: f64,
    /// Put aside of its own accord.
    pub(crate) own_saving: f64,
    pub(crate) days_since_pay: f64,
    pub(crate) comfort: f64,
    /// Balance on the first day.
    pub(crate) balance: f64,
}

impl WeekAhead {
    pub(crate) const fn situation(&self, fatigue: f64) -> Situation {
        Situation { fatigue, days_since_pay: self.days_since_pay, comfort: self.comfort }
    }

    /// Pounds that a nudge can move at most: half of what is there.
    pub(crate) fn covered(&self) -> f64 {
        covered(self.balance)
    }
}

/// Half of the balance.
pub(crate) fn covered(balance: f64) -> f64 {
    (balance / 2.0).max(0.0)
}

/// Walks on day by day with the expected balance.
///
/// Known: dates and amounts of wages and standing orders (irregular wages after the next come every two
/// weeks), the calendar and the household's rates. Left out: surprises, round-ups, interest, purchases
/// that are declined, and that the balance spreads around what is expected.
pub(crate) struct Outlook<'a> {
    life: &'a Life,
    pull: f64,
    date: NaiveDate,
    days_since_pay: f64,
    balance: f64,
    wages: Standing,
    fixed: Vec<Standing>,
    saving: Option<(NaiveDate, f64)>,
}

impl<'a> Outlook<'a> {
    pub(crate) fn new(life: &'a Life) -> Self {
        Self {
            life,
            pull: life.truth().temper().pull(),
            date: life.date,
            days_since_pay: life.days_since_pay,
            balance: pounds(life.account.balance),
            wages: life.wages.clone(),
            fixed: life.fixed.clone(),
            saving: life.saving,
        }
    }

    /// The next week.
    pub(crate) fn week(&mut self) -> WeekAhead {
        let comfort = self.life.comfort(self.balance);
        let mut week = WeekAhead {
            days_since_pay: if self.wages.next == self.date { 0.0 } else { self.days_since_pay },
            comfort,
            balance: self.balance,
            own_saving: self.life.own_saving_ahead(comfort),
            ..WeekAhead::default()
        };
        for _ in 0..7 {
            self.day(&mut week);
        }
        self.balance -= week.own_saving;
        week
    }

    fn day(&mut self, week: &mut WeekAhead) {
        let ease = self.life.ease(self.balance);
        self.pay_and_save();
        self.pay_fixed(week);
        let means = self.life.basket.means();
        let purchases = self.life.basket.expected(self.date, self.days_since_pay) * ease;
        let weight = day_weight(self.pull, self.days_since_pay);
        week.flexible += purchases * means.flexible;
        week.pulled += purchases * means.flexible * weight;
        week.discretionary += purchases * means.purchase;
        week.discretionary_pulled += purchases * means.purchase * weight;
        self.balance -= purchases * means.purchase + means.groceries;
        self.balance = self.balance.max(-pounds(self.life.account.overdraft));
        self.date = plus(self.date, 1);
        self.days_since_pay += 1.0;
    }

    fn pay_and_save(&mut self) {
        if self.wages.next == self.date {
            let pay = self.wages.due();
            self.wages.pass();
            self.days_since_pay = 0.0;
            self.balance += pay;
            let day = working_day(plus(self.date, 1), Shift::Forward);
            self.saving = Some((day, pay * self.life.truth().saving_share));
        }
        if let Some((date, amount)) = self.saving
            && date <= self.date
        {
            self.saving = None;
            if self.balance >= amount {
                self.balance -= amount;
            }
        }
    }

    fn pay_fixed(&mut self, week: &mut WeekAhead) {
        let cap = Objective::PURCHASE_CAP.to_major();
        for standing in self.fixed.iter_mut().filter(|standing| standing.next == self.date) {
            let amount = standing.due();
            standing.pass();
            self.balance -= amount;
            if is_flexible(standing.kind.category) {
                week.fixed_flexible += amount.min(cap);
            }
        }
    }
}

/// What one action can be expected to do in a week.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Expected {
    /// The chance that it is accepted.
    pub acceptance: f64,
    /// The chance that it annoys.
    pub annoyance: f64,
    /// Flexible spending of the week in pounds, as [`Objective`] counts it.
    pub flexible: f64,
    /// All purchases by choice in pounds.
    pub discretionary: f64,
    /// Extra saving of the week in pounds, with what would be put aside without the action.
    pub extra_saving: f64,
    /// Usual weekly income in pounds, at the beginning of the first week.
    pub usual_income: f64,
}

impl Expected {
    /// The expected reward of the week.
    #[must_use]
    pub fn reward(&self, objective: &Objective) -> f64 {
        let parts = objective.saving() * self.extra_saving - objective.flexible_weight() * self.flexible;
        parts / self.usual_income - objective.annoyance() * self.annoyance
    }
}

/// The five actions in a week that a household enters with this fatigue.
pub(crate) fn expect(temper: &Temper, ahead: &WeekAhead, fatigue: f64, usual_income: Money) -> [Expected; 5] {
    let (weariness, usual_income) = (Weariness::of(fatigue), usual_income.to_major());
    ahead.rested_odds(temper).map(|odds| ahead.expect(&odds.weary(&weariness), usual_income))
}

impl WeekAhead {
    /// The odds of the five actions without fatigue.
    pub(crate) fn rested_odds(&self, temper: &Temper) -> [Odds; 5] {
        Action::ALL.map(|action| temper.rested_odds(action, &self.situation(0.0)))
    }

    pub(crate) fn expect(&self, odds: &Odds, usual_income: f64) -> Expected {
        // Days differ only where the change follows payday.
        let (flexible, discretionary) = if odds.pull > 0.0 {
            (self.pulled, self.discretionary_pulled)
        } else {
            (self.flexible, self.discretionary)
        };
        let (accepted, annoyed) = (odds.accept * odds.change, odds.annoy * SPITE);
        Expected {
            acceptance: odds.accept,
            annoyance: odds.annoy,
            flexible: self.fixed_flexible + self.flexible * (1.0 + annoyed) + accepted * flexible,
            discretionary: self.discretionary * (1.0 + annoyed) + accepted * discretionary,
            extra_saving: self.own_saving + odds.accept * odds.saving.min(self.covered()),
            usual_income,
        }
    }
}
