//! How a layout is changed in code.

use fincoach_core::Currency;

use super::Layout;
use crate::{Column, DateFormat, Encoding, NumberFormat, OptionalColumn, SignRule, StatusRule, TimeZone};

impl Layout {
    /// The same layout with another character between fields.
    #[must_use]
    pub const fn with_delimiter(mut self, delimiter: char) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// The same layout with another character around fields, or none.
    #[must_use]
    pub const fn with_quote(mut self, quote: Option<char>) -> Self {
        self.quote = quote;
        self
    }

    /// The same layout in another encoding.
    #[must_use]
    pub const fn with_encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// The same layout with this many lines before the header.
    #[must_use]
    pub const fn with_skip_before(mut self, lines: usize) -> Self {
        self.skip_before = lines;
        self
    }

    /// The same layout with this many lines behind the last row, blank ones not counted.
    #[must_use]
    pub const fn with_skip_after(mut self, lines: usize) -> Self {
        self.skip_after = lines;
        self
    }

    /// The same layout for files without a header; all its columns must be positions.
    #[must_use]
    pub const fn without_header(mut self) -> Self {
        self.header = false;
        self
    }

    /// The same layout for files whose rows may end with one delimiter more than the header.
    #[must_use]
    pub const fn with_trailing_delimiter(mut self) -> Self {
        self.trailing_delimiter = true;
        self
    }

    /// The same layout with another form of dates.
    #[must_use]
    pub const fn with_date_format(mut self, format: DateFormat) -> Self {
        self.date_format = format;
        self
    }

    /// The same layout with the description made of these columns.
    #[must_use]
    pub fn with_descriptions<C: Into<Column>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.description = columns.into_iter().map(Into::into).collect();
        self
    }

    /// The same layout with another rule for amounts.
    #[must_use]
    pub fn with_amount(mut self, amount: SignRule) -> Self {
        self.amount = amount;
        self
    }

    /// The same layout with the signs of amounts and balances turned round.
    #[must_use]
    pub const fn with_signs_inverted(mut self) -> Self {
        self.inverted = !self.inverted;
        self
    }

    /// The same layout with another form of amounts.
    #[must_use]
    pub fn with_numbers(mut self, numbers: NumberFormat) -> Self {
        self.numbers = numbers;
        self
    }

    /// The same layout with the currency of all amounts.
    #[must_use]
    pub const fn with_currency(mut self, currency: Currency) -> Self {
        self.currency = Some(currency);
        self
    }

    /// The same layout with a rule which rows are booked.
    #[must_use]
    pub fn with_status(mut self, status: StatusRule) -> Self {
        self.status = Some(status);
        self
    }

    /// The same layout with the zone its files are written in.
    #[must_use]
    pub const fn with_file_zone(mut self, zone: TimeZone) -> Self {
        self.file_zone = Some(zone);
        self
    }

    /// The same layout with the zone the person lives in.
    #[must_use]
    pub const fn with_local_zone(mut self, zone: TimeZone) -> Self {
        self.local_zone = Some(zone);
        self
    }

    /// The same layout with a place for an optional column.
    #[must_use]
    pub fn with_optional(mut self, column: OptionalColumn, place: impl Into<Column>) -> Self {
        self.optional.insert(column, place.into());
        self
    }

    /// The same layout without an optional column.
    #[must_use]
    pub fn without_optional(mut self, column: OptionalColumn) -> Self {
        self.optional.remove(&column);
        self
    }
}
