//! What detection found and what it is not sure of, in words.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Topic {
    /// How much of the file was looked at.
    Sample,
    /// Delimited text or a statement format.
    Format,
    /// How bytes become characters.
    Encoding,
    /// The character between fields.
    Delimiter,
    /// The character around fields.
    Quote,
    /// The line of names, lines before it and after the rows.
    Lines,
    /// What a column holds.
    Columns,
    /// How dates are written.
    Dates,
    /// How amounts are written.
    Numbers,
    /// How money in is told from money out.
    Sign,
    /// The running balance.
    Balance,
    /// What amounts are counted in.
    Currency,
    /// A shipped layout that fits.
    Preset,
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sample => "sample",
            Self::Format => "format",
            Self::Encoding => "encoding",
            Self::Delimiter => "delimiter",
            Self::Quote => "quote",
            Self::Lines => "lines",
            Self::Columns => "columns",
            Self::Dates => "dates",
            Self::Numbers => "numbers",
            Self::Sign => "sign",
            Self::Balance => "balance",
            Self::Currency => "currency",
            Self::Preset => "preset",
        })
    }
}

/// A reason or a doubt: one sentence with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// What it is about.
    pub topic: Topic,
    /// The sentence, with columns, lines and counts.
    pub text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.topic, self.text)
    }
}

/// Reasons and doubts as they come up.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    pub(super) reasons: Vec<Finding>,
    pub(super) doubts: Vec<Finding>,
}

impl Notes {
    pub(super) fn reason(&mut self, topic: Topic, text: impl Into<String>) {
        self.reasons.push(Finding { topic, text: text.into() });
    }

    pub(super) fn doubt(&mut self, topic: Topic, text: impl Into<String>) {
        self.doubts.push(Finding { topic, text: text.into() });
    }
}
