//! Whether the parts of a layout go together.

use fincoach_core::ParamError;

use super::Layout;
use crate::{Column, SignRule};

impl Layout {
    /// Checks every field.
    ///
    /// # Errors
    /// [`ParamError`] with the first field that is out of range: a delimiter or quote that cannot separate,
    /// marks of numbers that cannot be told apart, a position of 0, a name where there is no header, an empty
    /// list.
    pub fn check(&self) -> Result<(), ParamError> {
        self.delimiter_byte()?;
        self.quote_byte()?;
        self.numbers.check()?;
        let n_descriptions = self.description.len();
        ParamError::ensure(n_descriptions > 0, "description", "one column or more", n_descriptions)?;
        self.check_words()?;
        for column in self.columns() {
            match column {
                Column::Position(0) => {
                    return ParamError::ensure(false, "column", "a position of 1 or more", 0);
                }
                Column::Name(name) => {
                    let allowed = "a name, or a position where there is no header";
                    ParamError::ensure(self.header && !name.is_empty(), "column", allowed, name)?;
                }
                Column::Position(_) => {}
            }
        }
        Ok(())
    }

    /// All columns the layout points at.
    fn columns(&self) -> impl Iterator<Item = &Column> {
        let status = self.status.iter().map(crate::StatusRule::column);
        let needed = [&self.date].into_iter().chain(&self.description).chain(self.amount.columns());
        needed.chain(status).chain(self.optional.values())
    }

    /// Words that decide on a row must be there and decide one way.
    fn check_words(&self) -> Result<(), ParamError> {
        if let Some(status) = &self.status {
            ensure_told_apart("status", status.booked(), status.not_booked())?;
        }
        if let SignRule::Directed { money_out, money_in, .. } = &self.amount {
            ensure_told_apart("money_out", money_out, money_in)?;
            ParamError::ensure(!money_in.is_empty(), "money_in", "one word or more", "none")?;
        }
        Ok(())
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

    /// The quote as a byte, if it is one that can stand around fields.
    pub(crate) fn quote_byte(&self) -> Result<Option<u8>, ParamError> {
        let Some(quote) = self.quote else { return Ok(None) };
        let fit = quote.is_ascii_punctuation() && quote != self.delimiter;
        let allowed = "one ASCII mark other than the delimiter";
        ParamError::ensure(fit, "quote", allowed, quote.escape_default())?;
        Ok(u8::try_from(quote).ok())
    }
}

/// Two lists of words without a common one; the first must have words.
fn ensure_told_apart(name: &'static str, first: &[String], second: &[String]) -> Result<(), ParamError> {
    ParamError::ensure(!first.is_empty(), name, "one word or more", "none")?;
    let same = |a: &String, b: &String| a.trim().to_lowercase() == b.trim().to_lowercase();
    let common = first.iter().find(|word| second.iter().any(|other| same(word, other)));
    match common {
        Some(word) => ParamError::ensure(false, name, "words that stand in one list only", word),
        None => Ok(()),
    }
}
