//! What happens to rows that cannot be read.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, excerpt};
use crate::plan::Fields;

/// What a reader does with a row that cannot be read.
///
/// A fault of a row is a field that does not have the form its column needs, a wrong number of fields, or bytes
/// that are no text. A fault of the file (a column that is not there, a broken quote, a record of more than
/// 1 MiB) always ends the read: behind it nobody knows where the next row begins.
///
/// # Examples
/// ```
/// use fincoach_transform::{CsvReader, Layout, RowPolicy};
/// let export = "date,description,amount\n2024-03-01,LIDL,-15.02\n2024-03-02,TESCO,?\n";
/// let reader = CsvReader::new(Layout::preset("plain")?).with_policy(RowPolicy::Collect);
/// let quality = reader.read_from(export.as_bytes(), "march.csv")?.quality;
/// assert_eq!((quality.rows_read, quality.rows_in_ledger, quality.rows_refused), (2, 1, 1));
/// assert_eq!(
///     quality.refused[0].to_string(),
///     "line 3, column `amount`: `?`, expected an amount like 12.34 or -12.34"
/// );
/// # Ok::<(), fincoach_transform::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum RowPolicy {
    /// The first such row is the error of the read.
    #[default]
    Fail,
    /// Such rows are left out and listed; with more than this many the read fails with
    /// [`Error::TooManyRefused`].
    Skip {
        /// Most rows that may be left out.
        at_most: u64,
    },
    /// All such rows are left out and listed.
    Collect,
}

/// A row that could not be read, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Refused {
    /// Line of the file the row begins on.
    pub line: u64,
    /// Name of the column, empty where the fault is of the row as a whole.
    pub column: String,
    /// What stands there, shortened to 60 characters.
    pub value: String,
    /// What should stand there.
    pub expected: String,
    /// The fields of the row, joined by ` | ` and shortened to 200 characters; empty where they are no text.
    pub record: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, value, expected, .. } = self;
        match column.as_str() {
            "" => write!(f, "line {line}: {value}, expected {expected}"),
            column => write!(f, "line {line}, column `{column}`: `{value}`, expected {expected}"),
        }
    }
}

/// A row that the bank has not booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NotBooked {
    /// Line of the file the row begins on.
    pub line: u64,
    /// What the export says of it.
    pub state: String,
    /// The fields of the row, joined by ` | ` and shortened to 200 characters.
    pub record: String,
}

/// The rows that do not reach the ledger.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    pub(crate) refused: Vec<Refused>,
    pub(crate) n_refused: u64,
    pub(crate) not_booked: Vec<NotBooked>,
}

impl LeftOut {
    /// Lists a row that cannot be read; an error where the policy is to fail, or the fault is not the row's.
    pub(crate) fn refuse(
        &mut self,
        policy: RowPolicy,
        error: Error,
        record: Option<&impl Fields>,
    ) -> Result<(), Error> {
        if policy == RowPolicy::Fail {
            return Err(error);
        }
        let refused = refusal(error, record)?;
        self.n_refused += 1;
        // What is beyond the limit ends in an error that names the first only.
        let listed = match policy {
            RowPolicy::Skip { at_most } => self.n_refused <= at_most.saturating_add(1),
            RowPolicy::Fail | RowPolicy::Collect => true,
        };
        if listed {
            self.refused.push(refused);
        }
        Ok(())
    }

    /// Adds the rows of the next part of the file, which begins behind these lines.
    pub(crate) fn append(&mut self, part: Self, lines: u64) {
        self.n_refused += part.n_refused;
        let down = |line: &mut u64| *line += lines;
        let (mut refused, mut not_booked) = (part.refused, part.not_booked);
        refused.iter_mut().for_each(|row| down(&mut row.line));
        not_booked.iter_mut().for_each(|row| down(&mut row.line));
        self.refused.append(&mut refused);
        self.not_booked.append(&mut not_booked);
    }

    pub(crate) fn add_not_booked(&mut self, state: &str, record: &impl Fields) {
        let (line, state) = (record.line(), excerpt(state.trim()));
        self.not_booked.push(NotBooked { line, state, record: text_of(record) });
    }

    /// Whether no more rows were left out than the policy allows; asked when all rows are read.
    pub(crate) fn check(&self, policy: RowPolicy, file: &str) -> Result<(), Error> {
        match (policy, self.refused.first()) {
            (RowPolicy::Skip { at_most }, Some(first)) if self.n_refused > at_most => {
                Err(Error::TooManyRefused {
                    file: file.to_owned(),
                    refused: self.n_refused,
                    at_most,
                    first: Box::new(first.clone()),
                })
            }
            _ => Ok(()),
        }
    }
}

/// The fault of a row; the error itself where it is not one.
fn refusal(error: Error, record: Option<&impl Fields>) -> Result<Refused, Error> {
    let of = |line, column: String, value: String, expected: String| {
        Ok(Refused { line, column, value, expected, record: record.map(text_of).unwrap_or_default() })
    };
    match error {
        Error::Field { place, column, value, expected } => of(place.line, column, value, expected),
        Error::FieldCount { place, expected, got } => {
            of(place.line, String::new(), format!("{got} fields"), format!("{expected} as in the header"))
        }
        Error::BothAmounts { place, debit_column, debit, credit_column, credit } => of(
            place.line,
            debit_column,
            debit,
            format!("nothing, as there is `{credit}` in column `{credit_column}`"),
        ),
        Error::NoAmount { place, debit_column, credit_column } => of(
            place.line,
            debit_column,
            String::new(),
            format!("an amount there or in column `{credit_column}`"),
        ),
        Error::Tag { place, tag, value, expected } => of(place.line, tag, value, expected),
        Error::NotUtf8 { place, column, value } => of(place.line, column, value, "UTF-8".to_owned()),
        error => Err(error),
    }
}

fn text_of(record: &impl Fields) -> String {
    const LONGEST: usize = 200;
    let mut text = String::new();
    for position in 0..record.n_fields() {
        if position > 0 {
            text.push_str(" | ");
        }
        text.push_str(record.field(position));
        if text.len() > 4 * LONGEST {
            break;
        }
    }
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}
