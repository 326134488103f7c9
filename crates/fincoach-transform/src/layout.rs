//! Which columns an export has and what they mean.

use std::collections::BTreeMap;
use std::fmt;

use fincoach_core::{DataError, ParamError};
use serde::{Deserialize, Serialize};

use crate::DateFormat;

/// How an export tells money in from money out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum SignRule {
    /// Two columns without signs, one of them filled: the amount is credit − debit.
    ///
    /// A minus in either is an error: it may be a reversal or only a habit of the bank, and the two differ by
    /// twice the amount. A 0 in the other column counts as not filled.
    DebitCredit {
        /// Column of money that leaves.
        debit: String,
        /// Column of money that arrives.
        credit: String,
    },
}

/// A column an export may have or lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OptionalColumn {
    /// Number of the booking; only its blanks are counted.
    Number,
    /// Time of day, `HH:MM` or `HH:MM:SS`.
    Time,
    /// Type code of the bank.
    Type,
    /// Balance after the booking; may be negative.
    Balance,
    /// Category.
    Category,
    /// City.
    City,
    /// Country.
    Country,
    /// Whose account it is; a layout that names it makes it the default of [`crate::CsvReader`].
    User,
}

impl fmt::Display for OptionalColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number => "number",
            Self::Time => "time",
            Self::Type => "type",
            Self::Balance => "balance",
            Self::Category => "category",
            Self::City => "city",
            Self::Country => "country",
            Self::User => "user",
        })
    }
}

/// The form of one bank's export, as data: write it in code or read it with serde.
///
/// | field | default | meaning |
/// | --- | --- | --- |
/// | `delimiter` | `,` | one ASCII character between fields, no letter, digit, quote or line end |
/// | `date` | – | column of the date |
/// | `date_format` | – | for example `dd/mm/yyyy`; the order is never guessed |
/// | `description` | – | column of the text of the booking |
/// | `amount` | – | [`SignRule`] with its columns |
/// | `optional` | none | the [`OptionalColumn`]s and their names; a file may lack them |
///
/// Names are compared exactly, but for spaces around them. A file may have further columns.
///
/// # Examples
/// ```
/// use fincoach_transform::{DateFormat, Layout, OptionalColumn, SignRule};
/// let amount = SignRule::DebitCredit { debit: "Out".into(), credit: "In".into() };
/// let layout = Layout::new("Date", DateFormat::ISO, "Text", amount)
///     .with_delimiter(';')
///     .with_optional(OptionalColumn::Balance, "Balance");
/// assert_eq!(layout.optional(OptionalColumn::Balance), Some("Balance"));
/// assert_eq!(Layout::lloyds().date(), "Transaction Date");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    #[serde(default = "comma")]
    delimiter: char,
    date: String,
    date_format: DateFormat,
    description: String,
    amount: SignRule,
    #[serde(default)]
    optional: BTreeMap<OptionalColumn, String>,
}

const fn comma() -> char {
    ','
}

impl Layout {
    /// A layout with the columns no export can lack, separated by commas.
    #[must_use]
    pub fn new(
        date: impl Into<String>,
        date_format: DateFormat,
        description: impl Into<String>,
        amount: SignRule,
    ) -> Self {
        Self {
            delimiter: comma(),
            date: date.into(),
            date_format,
            description: description.into(),
            amount,
            optional: BTreeMap::new(),
        }
    }

    /// Lloyds Bank, with the categories and places that can be added by hand.
    ///
    /// Needed: `Transaction Date` (dd/mm/yyyy), `Transaction Description`, `Debit Amount`, `Credit Amount`. Read where
    /// present: `Transaction Number`, `Transaction Time`, `Transaction Type`, `Balance`, `Category`,
    /// `Location City`, `Location Country`.
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
    }

    /// The shipped layout of this name.
    ///
    /// # Errors
    /// [`DataError::UnknownName`].
    ///
    /// # Examples
    /// ```
    /// use fincoach_transform::Layout;
    /// assert_eq!(Layout::preset("lloyds")?, Layout::lloyds());
    /// let error = Layout::preset("loyds").unwrap_err();
    /// assert_eq!(error.to_string(), "no bank layout `loyds`; did you mean `lloyds`?");
    /// # Ok::<(), fincoach_core::DataError>(())
    /// ```
    pub fn preset(name: &str) -> Result<Self, DataError> {
        match name {
            "lloyds" => Ok(Self::lloyds()),
            _ => Err(DataError::unknown("bank layout", name, Self::preset_names().iter().copied())),
        }
    }

    /// The names of the shipped layouts.
    #[must_use]
    pub const fn preset_names() -> &'static [&'static str] {
        &["lloyds"]
    }

    /// The same layout with another character between fields.
    #[must_use]
    pub const fn with_delimiter(mut self, delimiter: char) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// The same layout with a name for an optional column.
    #[must_use]
    pub fn with_optional(mut self, column: OptionalColumn, name: impl Into<String>) -> Self {
        self.optional.insert(column, name.into());
        self
    }

    /// The same layout without an optional column.
    #[must_use]
    pub fn without_optional(mut self, column: OptionalColumn) -> Self {
        self.optional.remove(&column);
        self
    }

    /// The character between fields.
    #[must_use]
    pub const fn delimiter(&self) -> char {
        self.delimiter
    }

    /// Name of the column of dates.
    #[must_use]
    pub fn date(&self) -> &str {
        &self.date
    }

    /// How dates are written.
    #[must_use]
    pub const fn date_format(&self) -> DateFormat {
        self.date_format
    }

    /// Name of the column of descriptions.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// How money in is told from money out.
    #[must_use]
    pub const fn amount(&self) -> &SignRule {
        &self.amount
    }

    /// Name of an optional column, if the layout has one.
    #[must_use]
    pub fn optional(&self, column: OptionalColumn) -> Option<&str> {
        self.optional.get(&column).map(String::as_str)
    }

    /// The delimiter as a byte, if it is one that can separate fields.
    pub(crate) fn delimiter_byte(&self) -> Result<u8, ParamError> {
        let fit = self.delimiter.is_ascii()
            && !self.delimiter.is_ascii_alphanumeric()
            && !matches!(self.delimiter, '"' | '\r' | '\n');
        let allowed = "one ASCII character, no letter, digit, quote or line end";
        ParamError::ensure(fit, "delimiter", allowed, self.delimiter.escape_default())?;
        Ok(u8::try_from(self.delimiter).unwrap_or(b','))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_survives_the_disk() {
        let layout = Layout::lloyds().with_delimiter('\t').with_optional(OptionalColumn::User, "User ID");
        let text = serde_json::to_string(&layout).unwrap();
        assert_eq!(serde_json::from_str::<Layout>(&text).unwrap(), layout);
    }

    #[test]
    fn an_unknown_field_of_a_layout_is_refused() {
        let text = r#"{"date": "D", "date_format": "dd/mm/yyyy", "description": "T",
            "amount": {"debit_credit": {"debit": "Out", "credit": "In"}}"#;
        assert!(serde_json::from_str::<Layout>(&format!("{text}}}")).is_ok());
        assert!(serde_json::from_str::<Layout>(&format!("{text}, \"delimitr\": \";\"}}")).is_err());
    }

    #[test]
    fn every_preset_is_known_by_its_name() {
        assert!(Layout::preset_names().iter().all(|name| Layout::preset(name).is_ok()));
    }

    #[test]
    fn a_delimiter_that_cannot_separate_is_refused() {
        for delimiter in ['"', '\n', '\r', '5', 'x', 'é'] {
            assert!(Layout::lloyds().with_delimiter(delimiter).delimiter_byte().is_err(), "{delimiter:?}");
        }
        assert_eq!(Layout::lloyds().with_delimiter('\t').delimiter_byte(), Ok(b'\t'));
    }
}
