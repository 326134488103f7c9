//! Statement formats, which need a reader of their own and no layout.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kind of file an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExportFormat {
    /// Rows of fields with a delimiter between: [`crate::CsvReader`] with a layout.
    Delimited,
    /// OFX or QFX, in SGML or XML: feature `ofx`.
    Ofx,
    /// Quicken's QIF: feature `qif`.
    Qif,
    /// SWIFT MT940: feature `mt940`.
    Mt940,
    /// ISO 20022 camt.053: feature `camt`.
    Camt,
}

impl ExportFormat {
    /// The name, which for a statement format is also the feature of its reader.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delimited => "delimited",
            Self::Ofx => "ofx",
            Self::Qif => "qif",
            Self::Mt940 => "mt940",
            Self::Camt => "camt",
        }
    }
}

impl fmt::Display for ExportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The statement format of a text with what gave it away, `None` where it is none.
pub(super) fn statement_format(text: &str) -> Option<(ExportFormat, String)> {
    let start: String = text.trim_start().chars().take(4096).collect();
    let upper = start.to_ascii_uppercase();
    let has = |mark: &str| upper.contains(mark);
    let begins = |mark: &str| upper.starts_with(mark);
    let markup = begins("<");
    if begins("OFXHEADER") || markup && (has("<OFX>") || has("<?OFX")) {
        let mark = if begins("OFXHEADER") { "OFXHEADER" } else { "<OFX>" };
        return Some((ExportFormat::Ofx, format!("the file has `{mark}` at its start")));
    }
    if markup && (has("CAMT.053") || has("<BKTOCSTMRSTMT")) {
        return Some((ExportFormat::Camt, "the XML names camt.053 (`BkToCstmrStmt`)".to_owned()));
    }
    if begins("!TYPE:") || begins("!ACCOUNT") || begins("!OPTION:") {
        let line = start.lines().next().unwrap_or_default();
        return Some((ExportFormat::Qif, format!("the first line is `{line}`")));
    }
    mt940(&start)
}

fn mt940(start: &str) -> Option<(ExportFormat, String)> {
    let tag = |tags: &[&str]| start.lines().any(|line| tags.iter().any(|tag| line.starts_with(tag)));
    let opens = start.lines().any(|line| line.starts_with(":20:") || line.contains("{4:"));
    let found = opens && tag(&[":25:", ":28C:", ":28:"]) && tag(&[":60F:", ":60M:"]);
    found.then(|| {
        (ExportFormat::Mt940, "there are lines with the tags `:25:` or `:28C:` and `:60F:`".to_owned())
    })
}

/// What a text is that is neither delimited nor a statement, by its start.
pub(super) fn other_text(text: &str) -> Option<&'static str> {
    let start: String = text.trim_start().chars().take(256).collect::<String>().to_ascii_lowercase();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        Some("an HTML page")
    } else if start.starts_with("<?xml") || start.starts_with("<document") {
        Some("XML, but no OFX and no camt.053")
    } else if start.starts_with('{') && start.contains('"') || start.starts_with("[{") {
        Some("JSON")
    } else {
        None
    }
}
