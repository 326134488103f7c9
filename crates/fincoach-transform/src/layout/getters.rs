//! What a layout says.

use fincoach_core::Currency;

use super::Layout;
use crate::{Column, DateFormat, Encoding, NumberFormat, OptionalColumn, SignRule, StatusRule, TimeZone};

impl Layout {
    /// The character between fields.
    #[must_use]
    pub const fn delimiter(&self) -> char {
        self.delimiter
    }

    /// The character around fields, if there is one.
    #[must_use]
    pub const fn quote(&self) -> Option<char> {
        self.quote
    }

    /// How the file turns bytes into characters.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Lines before the header, or before the first row where there is no header.
    #[must_use]
    pub const fn skip_before(&self) -> usize {
        self.skip_before
    }

    /// Lines behind the last row, blank ones not counted.
    #[must_use]
    pub const fn skip_after(&self) -> usize {
        self.skip_after
    }

    /// Whether a line with the names of the columns stands above the rows.
    #[must_use]
    pub const fn header(&self) -> bool {
        self.header
    }

    /// Whether rows may end with one delimiter more than the header.
    #[must_use]
    pub const fn trailing_delimiter(&self) -> bool {
        self.trailing_delimiter
    }

    /// Column of the dates.
    #[must_use]
    pub const fn date(&self) -> &Column {
        &self.date
    }

    /// How dates are written.
    #[must_use]
    pub const fn date_format(&self) -> DateFormat {
        self.date_format
    }

    /// Columns of the description, in the order in which they are joined.
    #[must_use]
    pub fn descriptions(&self) -> &[Column] {
        &self.description
    }

    /// How money in is told from money out.
    #[must_use]
    pub const fn amount(&self) -> &SignRule {
        &self.amount
    }

    /// Whether amounts and balances have the opposite sign.
    #[must_use]
    pub const fn inverted(&self) -> bool {
        self.inverted
    }

    /// How amounts are written.
    #[must_use]
    pub const fn numbers(&self) -> &NumberFormat {
        &self.numbers
    }

    /// The currency of all amounts, if it is known.
    #[must_use]
    pub const fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// Which rows are booked; without a rule all are.
    #[must_use]
    pub const fn status(&self) -> Option<&StatusRule> {
        self.status.as_ref()
    }

    /// The zone the file is written in.
    #[must_use]
    pub const fn file_zone(&self) -> Option<TimeZone> {
        self.file_zone
    }

    /// The zone the person lives in.
    #[must_use]
    pub const fn local_zone(&self) -> Option<TimeZone> {
        self.local_zone
    }

    /// Where an optional column is, if the layout has it.
    #[must_use]
    pub fn optional(&self, column: OptionalColumn) -> Option<&Column> {
        self.optional.get(&column)
    }

    /// All optional columns and where they are.
    pub fn optionals(&self) -> impl Iterator<Item = (OptionalColumn, &Column)> {
        self.optional.iter().map(|(column, place)| (*column, place))
    }
}
