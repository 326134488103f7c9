//! Which columns an export has and what they mean.

mod check;
mod file;
mod form;
mod getters;
mod setters;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use fincoach_core::{Currency, DataError};
use serde::{Deserialize, Serialize};

use crate::presets;
use crate::{Column, DateFormat, Encoding, NumberFormat, OptionalColumn, SignRule, StatusRule, TimeZone};

/// The form of one bank's export, as data: write it in code, or read it from a TOML file or with serde.
///
/// | field | default | meaning |
/// | --- | --- | --- |
/// | `delimiter` | `,` | one ASCII character between fields, no letter, digit, quote or line end |
/// | `quote` | `"` | one ASCII character around fields, or `""`: quotes are text like any other |
/// | `encoding` | `utf-8` | [`Encoding`] |
/// | `skip_before` | 0 | lines before the header, blank ones counted; without a header, before the first row |
/// | `skip_after` | 0 | lines behind the last row, blank ones not counted |
/// | `header` | `true` | whether a line with the names of the columns stands above the rows |
/// | `trailing_delimiter` | `false` | whether rows may end with one delimiter more than the header |
/// | `date` | – | [`Column`] of the date |
/// | `date_format` | – | [`DateFormat`], for example `dd/mm/yyyy`; the order is never guessed |
/// | `description` | – | one column, or a list of columns whose texts are joined by a space; blanks and a text equal to the one before it are left out |
/// | `amount` | – | [`SignRule`] with its columns |
/// | `inverted` | `false` | whether amounts and balances have the opposite sign: in exports of credit cards a purchase often is above 0 |
/// | `numbers` | `12.34` | [`NumberFormat`] |
/// | `currency` | none | [`Currency`] of all amounts; without one they have two decimals |
/// | `status` | none | [`StatusRule`]: which rows are booked |
/// | `file_zone` | none | [`TimeZone`] the file is written in |
/// | `local_zone` | none | [`TimeZone`] the person lives in |
/// | `optional` | none | the [`OptionalColumn`]s and where they are; a file may lack those with a name |
///
/// Names are compared exactly, but for spaces around them. A file may have further columns. A layout without a
/// header has positions only; all its rows have as many fields as the first.
///
/// Times are local times of the person. A row with a time of day is converted where the file tells how: from
/// the offset behind the time, else from `file_zone`, to `local_zone`. Without a `local_zone` times stay as
/// written. A row without a time of day keeps its date.
///
/// # Examples
/// ```
/// use fincoach_transform::{DateFormat, Layout, OptionalColumn, SignRule};
/// let amount = SignRule::DebitCredit { debit: "Out".into(), credit: "In".into() };
/// let layout = Layout::new("Date", DateFormat::ISO, "Text", amount)
///     .with_delimiter(';')
///     .with_optional(OptionalColumn::Balance, "Balance");
/// assert_eq!(layout.optional(OptionalColumn::Balance), Some(&"Balance".into()));
/// assert_eq!(Layout::lloyds().date(), "Transaction Date");
///
/// let same = Layout::from_toml(r#"
///     delimiter = ";"
///     date = "Date"
///     date_format = "yyyy-mm-dd"
///     description = "Text"
///     amount.debit_credit = { debit = "Out", credit = "In" }
///     optional.balance = "Balance"
/// "#)?;
/// assert_eq!(same, layout);
/// # Ok::<(), fincoach_transform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    #[serde(default = "form::comma", skip_serializing_if = "form::is_comma")]
    delimiter: char,
    #[serde(
        default = "form::double_quote",
        with = "form::quote_text",
        skip_serializing_if = "form::is_double_quote"
    )]
    quote: Option<char>,
    #[serde(default, skip_serializing_if = "form::is_default")]
    encoding: Encoding,
    #[serde(default, skip_serializing_if = "form::is_default")]
    skip_before: usize,
    #[serde(default, skip_serializing_if = "form::is_default")]
    skip_after: usize,
    #[serde(default = "form::yes", skip_serializing_if = "form::is_yes")]
    header: bool,
    #[serde(default, skip_serializing_if = "form::is_default")]
    trailing_delimiter: bool,
    date: Column,
    date_format: DateFormat,
    #[serde(with = "form::one_or_several")]
    description: Vec<Column>,
    #[serde(default, skip_serializing_if = "form::is_default")]
    inverted: bool,
    #[serde(default, skip_serializing_if = "form::is_default")]
    currency: Option<Currency>,
    #[serde(default, skip_serializing_if = "form::is_default")]
    file_zone: Option<TimeZone>,
    #[serde(default, skip_serializing_if = "form::is_default")]
    local_zone: Option<TimeZone>,
    amount: SignRule,
    #[serde(default, skip_serializing_if = "form::is_default")]
    numbers: NumberFormat,
    #[serde(default, skip_serializing_if = "form::is_default")]
    status: Option<StatusRule>,
    #[serde(default, skip_serializing_if = "form::is_default")]
    optional: BTreeMap<OptionalColumn, Column>,
}

impl Layout {
    /// A layout with the columns no export can lack, separated by commas.
    #[must_use]
    pub fn new(
        date: impl Into<Column>,
        date_format: DateFormat,
        description: impl Into<Column>,
        amount: SignRule,
    ) -> Self {
        Self {
            delimiter: form::comma(),
            quote: form::double_quote(),
            encoding: Encoding::Utf8,
            skip_before: 0,
            skip_after: 0,
            header: true,
            trailing_delimiter: false,
            date: date.into(),
            date_format,
            description: vec![description.into()],
            inverted: false,
            currency: None,
            file_zone: None,
            local_zone: None,
            amount,
            numbers: NumberFormat::default(),
            status: None,
            optional: BTreeMap::new(),
        }
    }

    /// Lloyds Bank, with the categories and places that can be added by hand.
    ///
    /// Needed: `Transaction Date` (dd/mm/yyyy), `Transaction Description`, `Debit Amount`, `Credit Amount`. Read where
    /// present: `Transaction Number`, `Transaction Time`, `Transaction Type`, `Balance`, `Category`,
    /// `Location City`, `Location Country`, `Account Number`. Amounts are pounds.
    #[must_use]
    pub fn lloyds() -> Self {
        let amount = SignRule::DebitCredit { debit: "Debit Amount".into(), credit: "Credit Amount".into() };
        Self::new("Transaction Date", DateFormat::UK, "Transaction Description", amount)
            .with_optional(OptionalColumn::Number, "Transaction Number")
            .with_optional(OptionalColumn::Time, "Transaction Time")
            .with_optional(OptionalColumn::Type, "Transaction Type")
            .with_optional(OptionalColumn::Balance, "Balance")
            .with_optional(OptionalColumn::Category, "Category")
            .with_optional(OptionalColumn::City, "Location City")
            .with_optional(OptionalColumn::Country, "Location Country")
            .with_optional(OptionalColumn::Account, "Account Number")
            .with_currency(Currency::GBP)
    }

    /// The shipped layout of this name; `halifax` is another one for `lloyds`.
    ///
    /// # Errors
    /// [`DataError::UnknownName`].
    ///
    /// # Examples
    /// ```
    /// use fincoach_transform::Layout;
    /// assert_eq!(Layout::preset("lloyds")?, Layout::lloyds());
    /// assert_eq!(Layout::preset("halifax")?, Layout::lloyds());
    /// let error = Layout::preset("loyds").unwrap_err();
    /// assert_eq!(error.to_string(), "no bank layout `loyds`; did you mean `lloyds`?");
    /// # Ok::<(), fincoach_core::DataError>(())
    /// ```
    pub fn preset(name: &str) -> Result<Self, DataError> {
        presets::layout(name)
    }

    /// The names of the shipped layouts.
    #[must_use]
    pub const fn preset_names() -> &'static [&'static str] {
        presets::NAMES
    }

    /// The file of a shipped layout, as TOML with comments, to copy and change.
    ///
    /// # Errors
    /// [`DataError::UnknownName`].
    ///
    /// # Examples
    /// ```
    /// use fincoach_transform::Layout;
    /// let text = Layout::preset_toml("lloyds")?;
    /// assert!(text.starts_with("# Lloyds"));
    /// # Ok::<(), fincoach_core::DataError>(())
    /// ```
    pub fn preset_toml(name: &str) -> Result<&'static str, DataError> {
        presets::toml(name)
    }
}
