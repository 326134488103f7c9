//! Which columns an export has and what they mean.

mod check;
mod file;
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
/// | `date` | – | [`Column`] of the date |
/// | `date_format` | – | [`DateFormat`], for example `dd/mm/yyyy`; the order is never guessed |
/// | `description` | – | one column, or a list of columns whose texts are joined by a space, blanks left out |
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
/// header has positions only, and its rows may have more fields than it names.
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
    #[serde(default = "comma", skip_serializing_if = "is_comma")]
    delimiter: char,
    #[serde(default = "double_quote", with = "quote_text", skip_serializing_if = "is_double_quote")]
    quote: Option<char>,
    #[serde(default, skip_serializing_if = "is_default")]
    encoding: Encoding,
    #[serde(default, skip_serializing_if = "is_default")]
    skip_before: usize,
    #[serde(default, skip_serializing_if = "is_default")]
    skip_after: usize,
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    header: bool,
    date: Column,
    date_format: DateFormat,
    #[serde(with = "one_or_several")]
    description: Vec<Column>,
    #[serde(default, skip_serializing_if = "is_default")]
    inverted: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    currency: Option<Currency>,
    #[serde(default, skip_serializing_if = "is_default")]
    file_zone: Option<TimeZone>,
    #[serde(default, skip_serializing_if = "is_default")]
    local_zone: Option<TimeZone>,
    amount: SignRule,
    #[serde(default, skip_serializing_if = "is_default")]
    numbers: NumberFormat,
    #[serde(default, skip_serializing_if = "is_default")]
    status: Option<StatusRule>,
    #[serde(default, skip_serializing_if = "is_default")]
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
            delimiter: comma(),
            quote: double_quote(),
            encoding: Encoding::Utf8,
            skip_before: 0,
            skip_after: 0,
            header: true,
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

const fn comma() -> char {
    ','
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_comma(delimiter: &char) -> bool {
    *delimiter == ','
}

const fn double_quote() -> Option<char> {
    Some('"')
}

#[expect(clippy::ref_option, reason = "the signature serde asks for")]
fn is_double_quote(quote: &Option<char>) -> bool {
    *quote == double_quote()
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
const fn is_yes(flag: &bool) -> bool {
    *flag
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A quote as a text of one character, no quote as a text of none.
mod quote_text {
    use serde::{Deserialize, Deserializer, Serializer, de};

    #[expect(clippy::ref_option, reason = "the signature serde asks for")]
    pub(super) fn serialize<S: Serializer>(quote: &Option<char>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(quote.map(String::from).as_deref().unwrap_or_default())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<char>, D::Error> {
        let text = String::deserialize(from)?;
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (quote, None) => Ok(quote),
            _ => Err(de::Error::invalid_length(text.len(), &"one character, or an empty text for no quotes")),
        }
    }
}

/// One column as itself, several as a list.
mod one_or_several {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::Column;

    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a column (a name or a position) or a list of columns")]
    enum Columns {
        One(Column),
        Several(Vec<Column>),
    }

    pub(super) fn serialize<S: Serializer>(columns: &[Column], to: S) -> Result<S::Ok, S::Error> {
        match columns {
            [column] => column.serialize(to),
            columns => columns.serialize(to),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Column>, D::Error> {
        Ok(match Columns::deserialize(from)? {
            Columns::One(column) => vec![column],
            Columns::Several(columns) => columns,
        })
    }
}
