//! How schema v2 is computed.

use std::collections::BTreeMap;

use fincoach_core::{Category, Money, ParamError};
use serde::{Deserialize, Serialize};

use crate::RecurringParams;

/// Parameters of schema v2.
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `window_days` | 30 | 7 to 366 | calendar days of the window, the day of `as_of` being the last |
/// | `baseline_days` | 365 | `window_days` to 3,660 | calendar days before the window that the window is compared with |
/// | `min_transactions` | 5 | at least 1 | a user with fewer rows up to `as_of` gets no row |
/// | `large_quantile` | 0.9 | 0.5 to 0.99 | a purchase is large above this quantile of the user's earlier ones |
/// | `budgets` | learnt | | what a category may cost in a window: [`Budgets`] |
/// | `recurring` | | | when a payment recurs: [`RecurringParams`] |
///
/// # Examples
/// ```
/// use fincoach_core::{Category, Money};
/// use fincoach_features::{Budgets, V2Params};
/// let params = V2Params::default()
///     .with_window_days(28)
///     .with_budgets(Budgets::given([(Category::DineOut, Money::from_minor(15_000))]));
/// assert_eq!((params.window_days(), params.baseline_days()), (28, 365));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct V2Params {
    window_days: u32,
    baseline_days: u32,
    min_transactions: usize,
    large_quantile: f64,
    budgets: Budgets,
    recurring: RecurringParams,
}

impl Default for V2Params {
    fn default() -> Self {
        Self {
            window_days: 30,
            baseline_days: 365,
            min_transactions: 5,
            large_quantile: 0.9,
            budgets: Budgets::Learnt,
            recurring: RecurringParams::default(),
        }
    }
}

impl V2Params {
    /// Sets the days of the window.
    #[must_use]
    pub fn with_window_days(self, window_days: u32) -> Self {
        Self { window_days, ..self }
    }

    /// Sets the days before the window that it is compared with.
    #[must_use]
    pub fn with_baseline_days(self, baseline_days: u32) -> Self {
        Self { baseline_days, ..self }
    }

    /// Sets the fewest transactions a row needs.
    #[must_use]
    pub fn with_min_transactions(self, min_transactions: usize) -> Self {
        Self { min_transactions, ..self }
    }

    /// Sets the quantile above which a purchase is large.
    #[must_use]
    pub fn with_large_quantile(self, large_quantile: f64) -> Self {
        Self { large_quantile, ..self }
    }

    /// Sets the budgets.
    #[must_use]
    pub fn with_budgets(self, budgets: Budgets) -> Self {
        Self { budgets, ..self }
    }

    /// Sets when a payment recurs.
    #[must_use]
    pub fn with_recurring(self, recurring: RecurringParams) -> Self {
        Self { recurring, ..self }
    }

    /// Days of the window.
    #[must_use]
    pub const fn window_days(&self) -> u32 {
        self.window_days
    }

    /// Days before the window that it is compared with.
    #[must_use]
    pub const fn baseline_days(&self) -> u32 {
        self.baseline_days
    }

    /// The fewest transactions a row needs.
    #[must_use]
    pub const fn min_transactions(&self) -> usize {
        self.min_transactions
    }

    /// The quantile above which a purchase is large.
    #[must_use]
    pub const fn large_quantile(&self) -> f64 {
        self.large_quantile
    }

    /// The budgets.
    #[must_use]
    pub const fn budgets(&self) -> &Budgets {
        &self.budgets
    }

    /// When a payment recurs.
    #[must_use]
    pub const fn recurring(&self) -> &RecurringParams {
        &self.recurring
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        let (window, baseline) = (self.window_days, self.baseline_days);
        ParamError::ensure((7..=366).contains(&window), "window_days", "in 7..=366", window)?;
        let ok = (window..=3660).contains(&baseline);
        ParamError::ensure(ok, "baseline_days", "from window_days to 3660", baseline)?;
        let fewest = self.min_transactions;
        ParamError::ensure(fewest >= 1, "min_transactions", "at least 1", fewest)?;
        let quantile = self.large_quantile;
        let ok = (0.5..=0.99).contains(&quantile);
        ParamError::ensure(ok, "large_quantile", "in [0.5, 0.99]", quantile)?;
        self.budgets.check()?;
        self.recurring.check()
    }
}

/// What each category may cost in one window.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Budgets {
    /// What it cost the user before: its spending in the baseline, scaled to the length of the window. There is none
    /// until the baseline has at least as many days as a window.
    #[default]
    Learnt,
    /// These amounts; categories that are not named have no budget. Money under income counts as other.
    Given(BTreeMap<Category, Money>),
}

impl Budgets {
    /// These amounts for each window; of a category named twice the last one counts.
    #[must_use]
    pub fn given(budgets: impl IntoIterator<Item = (Category, Money)>) -> Self {
        Self::Given(budgets.into_iter().collect())
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self::Given(budgets) = self else { return Ok(()) };
        for (category, budget) in budgets {
            let spends = !matches!(category, Category::Savings | Category::Income);
            ParamError::ensure(spends, "budgets", "for categories of spending", category)?;
            let allowed = "amounts that are not negative";
            ParamError::ensure(!budget.is_negative(), "budgets", allowed, budget)?;
        }
        Ok(())
    }
}
