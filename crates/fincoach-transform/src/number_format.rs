//! How amounts are written.

use fincoach_core::ParamError;
use serde::{Deserialize, Serialize};

/// Where a minus may stand, beside the place before the number, where it always may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Minus {
    /// Only before the number: `-12.34`.
    #[default]
    Leading,
    /// Also behind it: `12.34-`.
    Trailing,
    /// Brackets are one too: `(12.34)`.
    Parentheses,
}

/// How amounts are written.
///
/// | field | default | meaning |
/// | --- | --- | --- |
/// | `decimal` | `.` | the mark before the decimals; there may be fewer decimals than the currency has, never more |
/// | `thousands` | none | the mark between groups of three; a number may lack all of them, not some |
/// | `symbols` | none | texts such as `£` or `EUR` that may stand before or behind the number |
/// | `minus` | [`Minus::Leading`] | where else a minus may stand |
/// | `zeros_beyond` | `false` | whether zeros may stand behind the last decimal of the currency: `374.830000000` |
///
/// # Examples
/// ```
/// use fincoach_transform::{Minus, NumberFormat};
/// let german = NumberFormat::default().with_decimal(',').with_thousands('.').with_minus(Minus::Trailing);
/// assert_eq!((german.decimal(), german.thousands()), (',', Some('.')));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NumberFormat {
    decimal: char,
    #[serde(skip_serializing_if = "Option::is_none")]
    thousands: Option<char>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    symbols: Vec<String>,
    minus: Minus,
    zeros_beyond: bool,
}

impl Default for NumberFormat {
    fn default() -> Self {
        Self {
            decimal: '.',
            thousands: None,
            symbols: Vec::new(),
            minus: Minus::Leading,
            zeros_beyond: false,
        }
    }
}

impl NumberFormat {
    /// Sets the mark before the decimals.
    #[must_use]
    pub const fn with_decimal(mut self, decimal: char) -> Self {
        self.decimal = decimal;
        self
    }

    /// Sets the mark between groups of three digits.
    #[must_use]
    pub const fn with_thousands(mut self, thousands: char) -> Self {
        self.thousands = Some(thousands);
        self
    }

    /// Allows a text before or behind the number, beside those allowed already.
    #[must_use]
    pub fn with_symbol(mut self, symbol: impl Into<String>) -> Self {
        self.symbols.push(symbol.into());
        self
    }

    /// Sets where a minus may stand.
    #[must_use]
    pub const fn with_minus(mut self, minus: Minus) -> Self {
        self.minus = minus;
        self
    }

    /// Allows zeros behind the last decimal of the currency.
    #[must_use]
    pub const fn with_zeros_beyond(mut self) -> Self {
        self.zeros_beyond = true;
        self
    }

    /// The mark before the decimals.
    #[must_use]
    pub const fn decimal(&self) -> char {
        self.decimal
    }

    /// The mark between groups of three digits, if there may be one.
    #[must_use]
    pub const fn thousands(&self) -> Option<char> {
        self.thousands
    }

    /// The texts that may stand before or behind the number.
    #[must_use]
    pub fn symbols(&self) -> &[String] {
        &self.symbols
    }

    /// Where a minus may stand.
    #[must_use]
    pub const fn minus(&self) -> Minus {
        self.minus
    }

    /// Whether zeros may stand behind the last decimal of the currency.
    #[must_use]
    pub const fn zeros_beyond(&self) -> bool {
        self.zeros_beyond
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        let mark = |mark: char| !mark.is_alphanumeric() && !matches!(mark, '-' | '+' | '(' | ')');
        let shown = self.decimal.escape_default();
        ParamError::ensure(mark(self.decimal) && !self.decimal.is_whitespace(), "decimal", MARK, shown)?;
        if let Some(thousands) = self.thousands {
            let fit = mark(thousands) && thousands != self.decimal;
            ParamError::ensure(fit, "thousands", OTHER_MARK, thousands.escape_default())?;
        }
        for symbol in &self.symbols {
            let fit = !symbol.trim().is_empty() && !symbol.contains(|c: char| c.is_ascii_digit());
            ParamError::ensure(fit, "symbols", "texts without digits, not blank", symbol)?;
        }
        Ok(())
    }
}

const MARK: &str = "one character, no letter, digit, space, sign or bracket";
const OTHER_MARK: &str = "one character, no letter, digit, sign or bracket, other than the decimal mark";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_cannot_be_told_apart_are_refused() {
        let format = NumberFormat::default;
        assert!(format().with_thousands(',').check().is_ok());
        assert!(format().with_thousands(' ').check().is_ok());
        assert!(format().with_thousands('.').check().is_err());
        assert!(format().with_decimal('5').check().is_err());
        assert!(format().with_decimal('-').check().is_err());
        assert!(format().with_symbol("£").check().is_ok());
        assert!(format().with_symbol(" ").check().is_err());
        assert!(format().with_symbol("1").check().is_err());
    }
}
