//! What can be wrong with an export.

use std::fmt;

use fincoach_core::{Currency, DataError, ParamError};

use crate::Refused;

/// Where in a file something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, or the name the caller gave to the source.
    pub file: Box<str>,
    /// Line of the file, the first one being 1.
    pub line: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: line {}", self.file, self.line)
    }
}

/// How the quotes of a record are broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuoteFault {
    /// A quote opens a field and none closes it before the file, or 1 MiB, ends.
    Unclosed,
    /// A quote stands within a field that does not begin with one.
    InsideField,
    /// Something other than the delimiter follows a closing quote; a quote in a quoted field is written twice.
    TextAfter,
}

impl fmt::Display for QuoteFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unclosed => "opens with a quote that is never closed",
            Self::InsideField => "has a quote inside but does not begin with one",
            Self::TextAfter => "has text after its closing quote (a quote inside quotes is written twice)",
        })
    }
}

/// An export that cannot be read, with the place and what was expected there.
///
/// Line numbers are those of the file, blank lines and line breaks within quotes included. Long values are
/// shortened to 60 characters.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter of the reader is out of range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// An unknown preset, or data no ledger can hold.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The file cannot be opened, read or written.
    #[error("{file}: {cause}")]
    Io {
        /// The file.
        file: String,
        /// What the file system says.
        cause: std::io::Error,
    },
    /// The file has no line with text in it.
    #[error("{file}: the file is empty, expected a header line and rows")]
    EmptyFile {
        /// The file.
        file: String,
    },
    /// The file is no text.
    #[error("{file}: no text: {reason}")]
    NotText {
        /// The file.
        file: String,
        /// What it is instead, or why it is none.
        reason: String,
    },
    /// No layout can be proposed.
    #[error("{file}: no layout found: {reason}")]
    NoLayout {
        /// The file.
        file: String,
        /// What is missing.
        reason: String,
    },
    /// A detection has questions without answers.
    #[error("{file}: {first} ({n_questions} to answer)")]
    OpenQuestions {
        /// The file.
        file: String,
        /// The first question.
        first: String,
        /// How many are open.
        n_questions: usize,
    },
    /// A statement format has no layout.
    #[error("{file}: {format} has a reader of its own and no layout")]
    NotDelimited {
        /// The file.
        file: String,
        /// The format.
        format: crate::ExportFormat,
    },
    /// There is a header and nothing below it.
    #[error("{place}: there are no rows below the header")]
    NoRows {
        /// The header.
        place: Place,
    },
    /// A column that the layout or the users need is not in the header.
    #[error("{place}: {}", missing_column(unknown, columns))]
    MissingColumn {
        /// The header.
        place: Place,
        /// The name that was looked for, and the nearest there is.
        unknown: DataError,
        /// The columns of the file.
        columns: Vec<String>,
    },
    /// A layout points at a column behind the last one.
    #[error("{place}: no column {position}, the last one is {n_columns}")]
    MissingPosition {
        /// The header, or the first row where there is none.
        place: Place,
        /// The position, counted from 1.
        position: usize,
        /// Columns of the file.
        n_columns: usize,
    },
    /// A column that is needed stands in the header twice.
    #[error("{place}: column `{column}` stands twice")]
    DuplicateColumn {
        /// The header.
        place: Place,
        /// Its name.
        column: String,
    },
    /// A row has more or fewer fields than the header, or than the first row where there is no header.
    #[error("{place}: {got} fields, expected {expected} as in the header")]
    FieldCount {
        /// The row.
        place: Place,
        /// Fields of the header.
        expected: usize,
        /// Fields of the row.
        got: usize,
    },
    /// A field does not have the form its column needs.
    #[error("{place}, column `{column}`: `{value}`, expected {expected}")]
    Field {
        /// The row.
        place: Place,
        /// Name of the column.
        column: String,
        /// What stands there.
        value: String,
        /// What should stand there.
        expected: String,
    },
    /// Debit and credit are both filled with something other than 0.
    #[error(
        "{place}: `{debit}` in column `{debit_column}` and `{credit}` in column `{credit_column}`, \
         expected only one of them"
    )]
    BothAmounts {
        /// The row.
        place: Place,
        /// Name of the debit column.
        debit_column: String,
        /// Its value.
        debit: String,
        /// Name of the credit column.
        credit_column: String,
        /// Its value.
        credit: String,
    },
    /// Neither debit nor credit is filled.
    #[error(
        "{place}: nothing in columns `{debit_column}` and `{credit_column}`, expected an amount in one of them"
    )]
    NoAmount {
        /// The row.
        place: Place,
        /// Name of the debit column.
        debit_column: String,
        /// Name of the credit column.
        credit_column: String,
    },
    /// The quotes of a field are broken.
    #[error("{place}, column `{column}`: the field {fault}")]
    Quote {
        /// The line the field begins on.
        place: Place,
        /// Name of the column, or its number where there is no header yet.
        column: String,
        /// What is wrong.
        fault: QuoteFault,
    },
    /// A field is not UTF-8.
    #[error("{place}, column `{column}`: `{value}` is not UTF-8, expected a file in UTF-8")]
    NotUtf8 {
        /// The row.
        place: Place,
        /// Name of the column, or its number where there is no header yet.
        column: String,
        /// What stands there, with a mark for each wrong byte.
        value: String,
    },
    /// A record is longer than any bank writes.
    #[error("{place}: the record is longer than {limit} bytes")]
    TooLong {
        /// The line the record begins on.
        place: Place,
        /// The longest record that is read.
        limit: usize,
    },
    /// There are more rows or distinct texts than a ledger can number (2³² − 1).
    #[error("{place}: more rows or distinct texts than a ledger can number")]
    TooManyRows {
        /// The first row too many.
        place: Place,
    },
    /// A file of a layout that is no TOML, or no layout.
    #[error("{file}: line {line}: {message}")]
    LayoutFile {
        /// The file.
        file: String,
        /// Line of the file, the first one being 1; 0 where there is none.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// More rows cannot be read than [`RowPolicy::Skip`](crate::RowPolicy::Skip) lets pass.
    #[error("{file}: {refused} rows cannot be read, at most {at_most} may be left out; the first: {first}")]
    TooManyRefused {
        /// The file.
        file: String,
        /// All rows of the file that cannot be read.
        refused: u64,
        /// How many the policy lets pass.
        at_most: u64,
        /// The first of them.
        first: Box<Refused>,
    },
    /// A field or element of a statement file is not as its format has it.
    #[error("{place}, {tag}: `{value}`, expected {expected}")]
    Tag {
        /// Where it stands.
        place: Place,
        /// The field, tag or element.
        tag: String,
        /// What stands there.
        value: String,
        /// What should stand there.
        expected: String,
    },
    /// A statement file ends before something in it does.
    #[error("{place}: the file ends within {open}, which begins on line {opened}")]
    Truncated {
        /// The last line.
        place: Place,
        /// What is not complete.
        open: String,
        /// The line it begins on.
        opened: u64,
    },
    /// A file is of no known statement format, or not of the one expected.
    #[error("{file}: the file {reason}")]
    StatementFormat {
        /// The file.
        file: String,
        /// What it is.
        reason: String,
    },
    /// A QIF file was to be read without saying how its dates are ordered.
    #[error("{file}: QIF does not say whether day or month stands first in a date, expected a date order")]
    DateOrderNeeded {
        /// The file.
        file: String,
    },
    /// A file has statements in several currencies, and a ledger has one.
    #[error(
        "{place}: a statement in {other} after one in {first}, expected one currency or to be told which"
    )]
    Currencies {
        /// The first statement in another currency.
        place: Place,
        /// The currency of the first statement.
        first: Currency,
        /// The other one.
        other: Currency,
    },
    /// A statement file, or a QIF file of lists only, has no statement in it.
    #[error("{file}: there is no statement in the file")]
    NoStatements {
        /// The file.
        file: String,
    },
    /// A statement file is larger than is held in memory.
    #[error("{file}: the file is larger than {limit} bytes")]
    TooLarge {
        /// The file.
        file: String,
        /// The largest that is read.
        limit: usize,
    },
    /// A text that is no rule for users.
    #[error(
        "user rule `{text}`: expected `one`, `column:NAME`, `timeline:N` or `timeline-notebook:N` with N of 1 or more"
    )]
    UserRule {
        /// The text.
        text: String,
    },
    /// A text that is no date format.
    #[error(
        "date format `{text}`: expected dd, mm or mmm and yyyy or yy in some order with one separator or none between, \
         perhaps a time behind, like dd/mm/yyyy or yyyy-mm-dd hh:mm"
    )]
    DateFormat {
        /// The text.
        text: String,
    },
}

impl Error {
    pub(crate) fn field(place: Place, column: &str, value: &str, expected: impl Into<String>) -> Self {
        Self::Field { place, column: column.to_owned(), value: excerpt(value), expected: expected.into() }
    }

    /// The same error this many lines further down: for one found in a part of a file.
    pub(crate) fn moved_down(mut self, lines: u64) -> Self {
        match &mut self {
            Self::NoRows { place }
            | Self::MissingColumn { place, .. }
            | Self::MissingPosition { place, .. }
            | Self::DuplicateColumn { place, .. }
            | Self::FieldCount { place, .. }
            | Self::Field { place, .. }
            | Self::BothAmounts { place, .. }
            | Self::NoAmount { place, .. }
            | Self::Quote { place, .. }
            | Self::NotUtf8 { place, .. }
            | Self::TooLong { place, .. }
            | Self::Tag { place, .. }
            | Self::Truncated { place, .. }
            | Self::Currencies { place, .. }
            | Self::TooManyRows { place } => place.line += lines,
            Self::Param(_)
            | Self::Data(_)
            | Self::Io { .. }
            | Self::EmptyFile { .. }
            | Self::LayoutFile { .. }
            | Self::TooManyRefused { .. }
            | Self::UserRule { .. }
            | Self::DateFormat { .. }
            | Self::StatementFormat { .. }
            | Self::DateOrderNeeded { .. }
            | Self::NoStatements { .. }
            | Self::TooLarge { .. }
            | Self::NotText { .. }
            | Self::NoLayout { .. }
            | Self::OpenQuestions { .. }
            | Self::NotDelimited { .. } => {}
        }
        self
    }
}

/// The value, cut to 60 characters.
pub(crate) fn excerpt(value: &str) -> String {
    match value.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

/// The hint of the nearest name and, unless the hint is that list already, the columns there are.
fn missing_column(unknown: &DataError, columns: &[String]) -> String {
    let hint = unknown.to_string();
    if hint.contains("did you mean") {
        format!("{hint} The columns are: {}", columns.join(", "))
    } else {
        hint
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_travel_between_threads() {
        fn travels<T: Send + Sync + 'static>() {}
        travels::<Error>();
    }

    #[test]
    fn long_values_are_shortened_at_a_character() {
        assert_eq!(excerpt(&"é".repeat(61)), format!("{}…", "é".repeat(60)));
        assert_eq!(excerpt("short"), "short");
    }
}
