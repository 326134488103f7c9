//! The kind of file an export is.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::StatementFormat;

/// The kind of file an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExportFormat {
    /// Rows of fields with a delimiter between: [`crate::CsvReader`] with a layout.
    Delimited,
    /// A statement file, which needs no layout: [`crate::StatementReader`].
    Statement(StatementFormat),
}

impl ExportFormat {
    /// The name of the kind, or of the statement format.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delimited => "delimited",
            Self::Statement(format) => format.name(),
        }
    }
}

impl fmt::Display for ExportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a text is that is neither delimited nor a statement, by its start.
pub(super) fn other_text(text: &str) -> Option<&'static str> {
    let start: String = text.trim_start().chars().take(256).collect::<String>().to_ascii_lowercase();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        Some("an HTML page")
    } else if start.starts_with("<?xml") || start.starts_with("<document") {
        Some("XML, but neither OFX nor camt")
    } else if start.starts_with('{') && start.contains('"') || start.starts_with("[{") {
        Some("JSON")
    } else {
        None
    }
}
