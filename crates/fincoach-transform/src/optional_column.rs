//! Columns an export may have or lack.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A column an export may have or lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OptionalColumn {
    /// Number of the booking; only its blanks are counted.
    Number,
    /// Time of day, `HH:MM` or `HH:MM:SS`; not read where the date has a time behind it.
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
    /// Which of the user's accounts.
    Account,
    /// The bank's own number of the booking, unique within an account.
    Reference,
    /// A fee that leaves the account beside the amount: it is taken from it. A blank is 0, and a fee below 0 is
    /// one that comes back.
    Fee,
    /// Code of the currency of the row; a row in another currency than the layout's is refused. Where the
    /// layout has none, the first row's is the file's.
    Currency,
}

impl OptionalColumn {
    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Time => "time",
            Self::Type => "type",
            Self::Balance => "balance",
            Self::Category => "category",
            Self::City => "city",
            Self::Country => "country",
            Self::User => "user",
            Self::Account => "account",
            Self::Reference => "reference",
            Self::Fee => "fee",
            Self::Currency => "currency",
        }
    }
}

impl fmt::Display for OptionalColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
