//! Rewards from the bookings of a period.

use fincoach_core::chrono::NaiveDate;
use fincoach_core::{Category, DataError, LedgerView, Money, ParamError, Transaction};

use super::usual_income::{UsualIncome, major};
use super::{Outcome, Reward};

/// What a row counts as; zero for most rows.
type Counted = fn(&Transaction<'_>) -> Money;

/// What was put aside in the period, as a share of the usual weekly income, within ± `cap`.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `saving` | category `savings`, both ways | a function of a row | what a row puts aside; negative takes back |
/// | `cap` | 1 | `(0, ∞)` | the most a period counts, in usual weekly incomes |
/// | `least_income` | 15,000 minor units | above 0 | the least usual weekly income |
/// | `known_since` | each user's first booking | a date | since when accounts are known |
///
/// The usual weekly income is a thirteenth of the rows of category `income` of the 91 days before the entry; where
/// the account is known for fewer weeks, the sum over those, at least 4.
#[derive(Clone, Copy, Debug)]
pub struct WeeklySaving {
    saving: Counted,
    cap: f64,
    income: UsualIncome,
}

impl Default for WeeklySaving {
    fn default() -> Self {
        Self { saving: put_aside, cap: 1.0, income: UsualIncome::default() }
    }
}

impl WeeklySaving {
    /// Sets what a row puts aside.
    #[must_use]
    pub fn with_saving(self, saving: fn(&Transaction<'_>) -> Money) -> Self {
        Self { saving, ..self }
    }

    /// Sets the most a period counts, in usual weekly incomes.
    #[must_use]
    pub fn with_cap(self, cap: f64) -> Self {
        Self { cap, ..self }
    }

    /// Sets the least usual weekly income.
    #[must_use]
    pub fn with_least_income(mut self, least: Money) -> Self {
        self.income.least = least;
        self
    }

    /// Sets since when all accounts are known.
    #[must_use]
    pub fn with_known_since(mut self, date: NaiveDate) -> Self {
        self.income.known_since = Some(date);
        self
    }
}

impl Reward for WeeklySaving {
    fn reward(&self, outcome: &Outcome<'_>) -> Result<f64, DataError> {
        ensure(self.income.check())?;
        let cap = self.cap;
        ensure(ParamError::ensure(cap > 0.0 && cap.is_finite(), "cap", "above 0 and finite", cap))?;
        let bookings = outcome.bookings()?;
        let saved = major(sum(&bookings, self.saving), bookings.ledger());
        let weekly = major(self.income.weekly(outcome)?, bookings.ledger());
        Ok((saved / weekly).clamp(-cap, cap))
    }
}

/// What a coach is for: more put aside of one's own choice, less spent on a mood, nobody annoyed.
///
/// ```text
/// (saving · voluntary saving − flexible · flexible spending) / usual weekly income − annoyance · annoyed
/// ```
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `saving` | 1 | `[0, 100]` | worth of a pound put aside by choice |
/// | `flexible` | 1 | `[0, 100]` | cost of a pound of flexible spending |
/// | `annoyance` | 0.02 | `[0, 100]` | cost of feedback below 0, in usual weekly incomes |
/// | `voluntary_saving` | money out, category `savings`, raw type `FPO`, raw category `Savings` | a function of a row | what a row puts aside by choice |
/// | `flexible_spending` | money out, `dine_out`, `entertainment` or `shopping`, at most 6,000 minor units a row | a function of a row | what a row counts as flexible spending |
/// | `least_income` | 15,000 minor units | above 0 | the least usual weekly income |
/// | `known_since` | each user's first booking | a date | since when accounts are known |
///
/// Sums are those of the whole period, also where it is longer than a week. The usual weekly income is that of
/// [`WeeklySaving`]. With its defaults and the first day of a simulation as `known_since`, it is the simulator's
/// own objective, worked out from the ledger and the log.
#[derive(Clone, Copy, Debug)]
pub struct CoachingReward {
    saving: f64,
    flexible: f64,
    annoyance: f64,
    voluntary_saving: Counted,
    flexible_spending: Counted,
    income: UsualIncome,
}

impl Default for CoachingReward {
    fn default() -> Self {
        Self {
            saving: 1.0,
            flexible: 1.0,
            annoyance: 0.02,
            voluntary_saving,
            flexible_spending,
            income: UsualIncome::default(),
        }
    }
}

impl CoachingReward {
    /// Sets the worth of a pound put aside by choice.
    #[must_use]
    pub fn with_saving(self, saving: f64) -> Self {
        Self { saving, ..self }
    }

    /// Sets the cost of a pound of flexible spending.
    #[must_use]
    pub fn with_flexible(self, flexible: f64) -> Self {
        Self { flexible, ..self }
    }

    /// Sets the cost of annoying, in usual weekly incomes.
    #[must_use]
    pub fn with_annoyance(self, annoyance: f64) -> Self {
        Self { annoyance, ..self }
    }

    /// Sets what a row puts aside by choice.
    #[must_use]
    pub fn with_voluntary_saving(self, voluntary_saving: fn(&Transaction<'_>) -> Money) -> Self {
        Self { voluntary_saving, ..self }
    }

    /// Sets what a row counts as flexible spending.
    #[must_use]
    pub fn with_flexible_spending(self, flexible_spending: fn(&Transaction<'_>) -> Money) -> Self {
        Self { flexible_spending, ..self }
    }

    /// Sets the least usual weekly income.
    #[must_use]
    pub fn with_least_income(mut self, least: Money) -> Self {
        self.income.least = least;
        self
    }

    /// Sets since when all accounts are known.
    #[must_use]
    pub fn with_known_since(mut self, date: NaiveDate) -> Self {
        self.income.known_since = Some(date);
        self
    }

    fn check(&self) -> Result<(), ParamError> {
        let weights = [("saving", self.saving), ("flexible", self.flexible), ("annoyance", self.annoyance)];
        for (name, weight) in weights {
            ParamError::ensure((0.0..=100.0).contains(&weight), name, "in [0, 100]", weight)?;
        }
        self.income.check()
    }
}

impl Reward for CoachingReward {
    fn reward(&self, outcome: &Outcome<'_>) -> Result<f64, DataError> {
        ensure(self.check())?;
        let bookings = outcome.bookings()?;
        let pounds = |amount| major(amount, bookings.ledger());
        let saved = pounds(sum(&bookings, self.voluntary_saving));
        let spent = pounds(sum(&bookings, self.flexible_spending));
        let parts = self.saving * saved - self.flexible * spent;
        let annoyed = if outcome.entry().annoyed() { self.annoyance } else { 0.0 };
        Ok(parts / pounds(self.income.weekly(outcome)?) - annoyed)
    }
}

fn sum(bookings: &LedgerView<'_>, counted: Counted) -> Money {
    bookings.iter().map(|row| counted(&row)).sum()
}

/// A parameter out of range, told as what it makes of the data.
fn ensure(checked: Result<(), ParamError>) -> Result<(), DataError> {
    checked.map_err(|error| DataError::Inconsistent { what: "reward", reason: error.to_string() })
}

fn put_aside(row: &Transaction<'_>) -> Money {
    if row.category == Category::Savings { Money::from_minor(-row.amount.minor()) } else { Money::ZERO }
}

fn voluntary_saving(row: &Transaction<'_>) -> Money {
    let own_choice = row.raw_type == Some("FPO") && row.raw_category == Some("Savings");
    if row.category == Category::Savings && own_choice { money_out(row) } else { Money::ZERO }
}

/// A sofa is no slip: one row counts 60 pounds at most.
const PURCHASE_CAP: Money = Money::from_minor(6000);

fn flexible_spending(row: &Transaction<'_>) -> Money {
    match row.category {
        Category::DineOut | Category::Entertainment | Category::Shopping => money_out(row).min(PURCHASE_CAP),
        _ => Money::ZERO,
    }
}

fn money_out(row: &Transaction<'_>) -> Money {
    if row.amount.is_negative() { row.amount.abs() } else { Money::ZERO }
}
