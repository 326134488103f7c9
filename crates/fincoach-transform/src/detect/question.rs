//! What detection asks back, and the answers it takes.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{DateFormat, DateOrder};

/// Whether amounts mean what their sign says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignReading {
    /// Above 0 is money that arrives.
    AsWritten,
    /// Above 0 is money that leaves, as with many credit cards.
    Inverted,
}

/// Something a file leaves open and on which every amount or date hangs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Question {
    /// Which of day, month and year comes first. Answered by a [`DateOrder`].
    DateOrder {
        /// Column of the dates.
        column: String,
        /// A date that is two different ones.
        example: String,
        /// The forms that read every date.
        formats: Vec<DateFormat>,
        /// How well the rows are in order in each form: evidence, no proof.
        hint: String,
    },
    /// Whether a mark stands before decimals or between thousands. Answered by the decimal mark, a `char`.
    DecimalMark {
        /// Column of the amounts.
        column: String,
        /// An amount that is two different ones.
        example: String,
        /// The marks that may be the decimal one.
        marks: Vec<char>,
    },
    /// Whether an amount above 0 arrives or leaves. Answered by a [`SignReading`].
    Sign {
        /// Column of the amounts.
        column: String,
        /// Why it is open.
        hint: String,
    },
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DateOrder { column, example, formats, hint } => {
                let forms: Vec<String> = formats.iter().map(DateFormat::to_string).collect();
                write!(f, "is `{example}` in column `{column}` {}? ({hint})", forms.join(" or "))
            }
            Self::DecimalMark { column, example, marks } => {
                let marks: Vec<String> = marks.iter().map(|mark| format!("`{mark}`")).collect();
                write!(f, "is the decimal mark of `{example}` in column `{column}` {}?", marks.join(" or "))
            }
            Self::Sign { column, hint } => {
                write!(f, "does an amount above 0 in column `{column}` arrive or leave? ({hint})")
            }
        }
    }
}

/// An answer to a [`Question`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Answer {
    /// To [`Question::DateOrder`].
    DateOrder(DateOrder),
    /// To [`Question::DecimalMark`].
    DecimalMark(char),
    /// To [`Question::Sign`].
    Sign(SignReading),
}

impl From<DateOrder> for Answer {
    fn from(order: DateOrder) -> Self {
        Self::DateOrder(order)
    }
}

impl From<char> for Answer {
    fn from(mark: char) -> Self {
        Self::DecimalMark(mark)
    }
}

impl From<SignReading> for Answer {
    fn from(reading: SignReading) -> Self {
        Self::Sign(reading)
    }
}

/// The answers given so far; a later one of the same kind takes the place of an earlier.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Answers {
    pub(super) order: Option<DateOrder>,
    pub(super) decimal: Option<char>,
    pub(super) sign: Option<SignReading>,
}

impl Answers {
    pub(super) const fn with(mut self, answer: Answer) -> Self {
        match answer {
            Answer::DateOrder(order) => self.order = Some(order),
            Answer::DecimalMark(mark) => self.decimal = Some(mark),
            Answer::Sign(reading) => self.sign = Some(reading),
        }
        self
    }
}
