//! What a week is worth.

use fincoach_core::{Category, Money, ParamError, Transaction};
use serde::{Deserialize, Serialize};

use crate::{Error, Week};

/// The reward of a week, made of what a bank and its log can see.
///
/// ```text
/// reward = (saving · extra saving − flexible · flexible spending) / usual weekly income − annoyance · annoyed
/// ```
///
/// | weight | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `saving` | 1 | `[0, 100]` | worth of a pound put aside beyond the standing order |
/// | `flexible` | 1 | `[0, 100]` | cost of a pound of flexible spending |
/// | `annoyance` | 0.02 | `[0, 100]` | cost of an annoyed household, in usual weekly incomes |
///
/// Each part comes from the rows of the seven days, or of the days before them, and from the log:
/// - extra saving: rows that leave the account with category `savings`, raw type `FPO` and raw category
///   `Savings` ([`Objective::extra_saving`]);
/// - flexible spending: rows that leave the account with category `dine_out`, `entertainment` or
///   `shopping`, each counted up to [`Objective::PURCHASE_CAP`] ([`Objective::flexible`]);
/// - usual weekly income: a thirteenth of all rows with category `income` of the 91 days before the week,
///   at least [`Objective::LEAST_INCOME`]; with fewer than 13 weeks before it, the sum divided by the
///   weeks there are, at least 4;
/// - annoyed: 1 where the log's feedback is -1.
///
/// # Examples
/// ```
/// use fincoach_core::Action;
/// use fincoach_simulate::{Household, Objective, SimulationParams};
/// let mut household = Household::new(&SimulationParams::default(), 0)?;
/// for _ in 0..13 {
///     household.live_week();
/// }
/// let week = household.step(Action::SavingsNudge);
/// let objective = Objective::default();
/// let weekly = week.usual_income.to_major();
/// let parts = (week.extra_saving.to_major() - week.flexible.to_major()) / weekly;
/// let annoyed = if week.feedback == -1.0 { 0.02 } else { 0.0 };
/// assert!((objective.reward(&week) - (parts - annoyed)).abs() < 1e-12);
/// # Ok::<(), fincoach_simulate::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Objective {
    saving: f64,
    flexible: f64,
    annoyance: f64,
}

impl Default for Objective {
    fn default() -> Self {
        Self { saving: 1.0, flexible: 1.0, annoyance: 0.02 }
    }
}

impl Objective {
    /// What a single flexible purchase counts at most: 60 pounds. A sofa is no slip.
    pub const PURCHASE_CAP: Money = Money::from_minor(6000);

    /// The least usual weekly income: 150 pounds.
    pub const LEAST_INCOME: Money = Money::from_minor(15_000);

    /// The worth of a pound put aside.
    #[must_use]
    pub const fn saving(&self) -> f64 {
        self.saving
    }

    /// The cost of a pound of flexible spending.
    #[must_use]
    pub const fn flexible_weight(&self) -> f64 {
        self.flexible
    }

    /// The cost of an annoyed household.
    #[must_use]
    pub const fn annoyance(&self) -> f64 {
        self.annoyance
    }

    /// The same with this worth of a pound put aside.
    #[must_use]
    pub const fn with_saving(mut self, saving: f64) -> Self {
        self.saving = saving;
        self
    }

    /// The same with this cost of a pound of flexible spending.
    #[must_use]
    pub const fn with_flexible(mut self, flexible: f64) -> Self {
        self.flexible = flexible;
        self
    }

    /// The same with this cost of an annoyed household.
    #[must_use]
    pub const fn with_annoyance(mut self, annoyance: f64) -> Self {
        self.annoyance = annoyance;
        self
    }

    /// The reward of a week.
    #[must_use]
    pub fn reward(&self, week: &Week) -> f64 {
        let parts = self.saving * week.extra_saving.to_major() - self.flexible * week.flexible.to_major();
        let annoyed = if week.feedback < 0.0 { self.annoyance } else { 0.0 };
        parts / week.usual_income.to_major() - annoyed
    }

    /// What a row counts as extra saving; zero for most rows.
    #[must_use]
    pub fn extra_saving(row: &Transaction<'_>) -> Money {
        let own_choice = row.raw_type == Some("FPO") && row.raw_category == Some("Savings");
        if row.category == Category::Savings && own_choice && row.amount.is_negative() {
            row.amount.abs()
        } else {
            Money::ZERO
        }
    }

    /// What a row counts as flexible spending; zero for most rows.
    #[must_use]
    pub fn flexible(row: &Transaction<'_>) -> Money {
        if is_flexible(row.category) && row.amount.is_negative() {
            row.amount.abs().min(Self::PURCHASE_CAP)
        } else {
            Money::ZERO
        }
    }

    /// The usual weekly income of a household that had this income in the last `n_weeks` weeks, at most 13.
    #[must_use]
    pub fn usual_income(income: Money, n_weeks: usize) -> Money {
        let n_weeks = i64::try_from(n_weeks.clamp(4, 13)).unwrap_or(13);
        Money::from_minor(income.minor() / n_weeks).max(Self::LEAST_INCOME)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let weights = [("saving", self.saving), ("flexible", self.flexible), ("annoyance", self.annoyance)];
        for (name, weight) in weights {
            ParamError::ensure((0.0..=100.0).contains(&weight), name, "in [0, 100]", weight)?;
        }
        Ok(())
    }
}

/// Whether spending of this category is a matter of mood.
pub(crate) const fn is_flexible(category: Category) -> bool {
    matches!(category, Category::DineOut | Category::Entertainment | Category::Shopping)
}

#[cfg(test)]
mod tests {
    use fincoach_core::chrono::NaiveDate;

    use super::*;

    fn row(category: Category, raw: (&'static str, &'static str), pence: i64) -> Transaction<'static> {
        let mut row = Transaction::new(
            "a",
            NaiveDate::from_ymd_opt(2023, 1, 1).unwrap().into(),
            Money::from_minor(pence),
        );
        row.category = category;
        (row.raw_type, row.raw_category) = (Some(raw.0), Some(raw.1));
        row
    }

    #[test]
    fn only_transfers_of_own_choice_are_extra_saving() {
        let extra = |code, raw, pence| Objective::extra_saving(&row(Category::Savings, (code, raw), pence));
        assert_eq!(extra("FPO", "Savings", -500), Money::from_minor(500));
        assert_eq!(extra("SO", "Savings", -500), Money::ZERO);
        assert_eq!(extra("BP", "Savings", -500), Money::ZERO);
        assert_eq!(extra("FPO", "Investment", -500), Money::ZERO);
        assert_eq!(extra("FPI", "Savings", 500), Money::ZERO);
    }

    #[test]
    fn a_large_purchase_counts_sixty_pounds() {
        let flexible = |category, pence| Objective::flexible(&row(category, ("DEB", ""), pence));
        assert_eq!(flexible(Category::Shopping, -100_000), Money::from_minor(6000));
        assert_eq!(flexible(Category::DineOut, -800), Money::from_minor(800));
        assert_eq!(flexible(Category::Groceries, -800), Money::ZERO);
        assert_eq!(flexible(Category::Shopping, 800), Money::ZERO);
    }

    #[test]
    fn weights_that_are_no_numbers_are_refused() {
        assert!(Objective::default().check().is_ok());
        assert!(Objective::default().with_annoyance(f64::NAN).check().is_err());
        assert!(Objective::default().with_saving(-1.0).check().is_err());
    }

    #[test]
    fn usual_income_is_a_mean_of_weeks_with_a_floor() {
        assert_eq!(Objective::usual_income(Money::from_minor(1_300_000), 13), Money::from_minor(100_000));
        assert_eq!(Objective::usual_income(Money::from_minor(400_000), 1), Money::from_minor(100_000));
        assert_eq!(Objective::usual_income(Money::ZERO, 13), Objective::LEAST_INCOME);
    }
}
