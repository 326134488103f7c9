//! What counts as a refund.

use fincoach_core::{ParamError, Transaction};
use serde::{Deserialize, Serialize};

use crate::text_map::fold;

/// Whether money that is less than any purchase is a refund too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartialRefunds {
    /// It belongs to the latest larger purchase.
    #[default]
    Link,
    /// It is left as it is.
    Skip,
}

/// Settings of [`link_refunds`](crate::link_refunds).
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `max_days` | 90 | 1 to 3660 | days from the purchase to the refund |
/// | `partial` | [`PartialRefunds::Link`] | | whether less than a purchase is a refund too |
/// | `income_types` | `BGC`, `FPI`, `DEP`, `SO`, `TFR`, `INT`, `DIV`, `CHQ`, … | | type codes of money that is never a refund: credits, transfers and people paying; a card refund has the type of a card payment |
/// | `income_categories` | `paycheck`, `salary`, `wages`, `interest`, `dividends`, `pension`, `benefits`, … | | categories of the export that are never a refund |
///
/// Codes and categories are compared without regard to case and spaces. Standard categories are not looked at: in a
/// real file refunds are labelled as income.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RefundParams {
    max_days: u32,
    partial: PartialRefunds,
    income_types: Vec<String>,
    income_categories: Vec<String>,
}

impl Default for RefundParams {
    fn default() -> Self {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Self {
            max_days: 90,
            partial: PartialRefunds::default(),
            income_types: owned(&[
                "BGC",
                "FPI",
                "DEP",
                "SO",
                "STO",
                "TFR",
                "XFER",
                "INT",
                "DIV",
                "DIRECTDEP",
                "CHQ",
                "BP",
            ]),
            income_categories: owned(&[
                "paycheck",
                "salary",
                "wages",
                "payroll",
                "interest",
                "interest income",
                "dividends",
                "dividend",
                "pension",
                "benefits",
                "rental income",
            ]),
        }
    }
}

impl RefundParams {
    /// Sets the most days from the purchase to the refund, 1 to 3660.
    #[must_use]
    pub const fn with_max_days(mut self, max_days: u32) -> Self {
        self.max_days = max_days;
        self
    }

    /// Sets whether less than a purchase is a refund too.
    #[must_use]
    pub const fn with_partial(mut self, partial: PartialRefunds) -> Self {
        self.partial = partial;
        self
    }

    /// Sets the type codes that are never a refund.
    #[must_use]
    pub fn with_income_types(mut self, types: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.income_types = types.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the categories of the export that are never a refund.
    #[must_use]
    pub fn with_income_categories(mut self, categories: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.income_categories = categories.into_iter().map(Into::into).collect();
        self
    }

    /// The most days from the purchase to the refund.
    #[must_use]
    pub const fn max_days(&self) -> u32 {
        self.max_days
    }

    /// Whether less than a purchase is a refund too.
    #[must_use]
    pub const fn partial(&self) -> PartialRefunds {
        self.partial
    }

    /// The type codes that are never a refund.
    #[must_use]
    pub fn income_types(&self) -> &[String] {
        &self.income_types
    }

    /// The categories of the export that are never a refund.
    #[must_use]
    pub fn income_categories(&self) -> &[String] {
        &self.income_categories
    }

    pub(super) fn check(&self) -> Result<(), ParamError> {
        ParamError::ensure((1..=3660).contains(&self.max_days), "max_days", "1 to 3660", self.max_days)
    }
}

/// The texts of income, folded once.
pub(super) struct Exclusions {
    types: Vec<String>,
    categories: Vec<String>,
}

impl Exclusions {
    pub(super) fn new(params: &RefundParams) -> Self {
        let folded = |texts: &[String]| texts.iter().map(|text| fold(text)).collect();
        Self { types: folded(&params.income_types), categories: folded(&params.income_categories) }
    }

    pub(super) fn is_income(&self, row: &Transaction<'_>) -> bool {
        let among =
            |text: Option<&str>, texts: &[String]| text.is_some_and(|text| texts.contains(&fold(text)));
        among(row.raw_type, &self.types) || among(row.raw_category, &self.categories)
    }
}
