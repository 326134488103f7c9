//! Which format a file has.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A form of statement files.
///
/// # Examples
/// ```
/// use fincoach_transform::StatementFormat;
/// assert_eq!(StatementFormat::sniff("!Type:Bank\nD1/2/24"), Some(StatementFormat::Qif));
/// assert_eq!(StatementFormat::sniff("Date,Amount\n"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StatementFormat {
    /// Open Financial Exchange, 1.x in SGML and 2.x in XML; Quicken's QFX is the same.
    Ofx,
    /// Quicken Interchange Format, bank, cash and card accounts.
    Qif,
    /// SWIFT MT940 customer statement.
    Mt940,
    /// ISO 20022 camt.053, versions 02, 04 and 08.
    Camt,
}

impl StatementFormat {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Ofx, Self::Qif, Self::Mt940, Self::Camt];

    /// The name of the format.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ofx => "OFX",
            Self::Qif => "QIF",
            Self::Mt940 => "MT940",
            Self::Camt => "camt.053",
        }
    }

    /// Whether this build can read it: each format is a cargo feature.
    #[must_use]
    pub const fn is_built(self) -> bool {
        match self {
            Self::Ofx => cfg!(feature = "ofx"),
            Self::Qif => cfg!(feature = "qif"),
            Self::Mt940 => cfg!(feature = "mt940"),
            Self::Camt => cfg!(feature = "camt"),
        }
    }

    /// The format whose files are usually named like this one, `None` for other names. It only tells a statement
    /// from a delimited export before anything is read: what a file is, its content says.
    #[must_use]
    pub fn usual_for(path: impl AsRef<Path>) -> Option<Self> {
        let extension = path.as_ref().extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "ofx" | "qfx" => Some(Self::Ofx),
            "qif" => Some(Self::Qif),
            "sta" | "mt940" | "940" => Some(Self::Mt940),
            "xml" => Some(Self::Camt),
            _ => None,
        }
    }

    /// The format a text begins like, `None` for none of them. Only the first 4,096 characters count; file
    /// names never do.
    #[must_use]
    pub fn sniff(text: &str) -> Option<Self> {
        Self::sniff_with_evidence(text).map(|(format, _)| format)
    }

    /// The format a text begins like and what gave it away.
    pub(crate) fn sniff_with_evidence(text: &str) -> Option<(Self, String)> {
        let end = text.char_indices().nth(4096).map_or(text.len(), |(end, _)| end);
        let start = text.get(..end).unwrap_or(text).trim_start_matches('\u{feff}').trim_start();
        let (format, evidence) = if start.to_ascii_uppercase().starts_with("OFXHEADER") {
            (Self::Ofx, "the file begins with `OFXHEADER`".to_owned())
        } else if start.starts_with('<') {
            markup(start)?
        } else if is_qif_heading(start) {
            (Self::Qif, format!("the first line is `{}`", start.lines().next().unwrap_or_default()))
        } else {
            (Self::Mt940, mt940(start)?.to_owned())
        };
        Some((format, evidence))
    }
}

/// OFX by its instruction or its first element, camt by its names in a document that is no page.
fn markup(start: &str) -> Option<(StatementFormat, String)> {
    let upper = start.to_ascii_uppercase();
    if upper.split('<').any(|tag| tag.starts_with("?OFX")) {
        return Some((StatementFormat::Ofx, "the file has `<?OFX` at its start".to_owned()));
    }
    let first = upper.split('<').skip(1).find(|tag| !tag.starts_with(['?', '!']))?;
    let name = first.split(|c: char| c == '>' || c == '/' || c.is_whitespace()).next()?;
    match name.rsplit(':').next()? {
        "OFX" => Some((StatementFormat::Ofx, "the first element is `<OFX>`".to_owned())),
        "HTML" => None,
        _ => {
            let mark = |name: &str, len| upper.find(name).and_then(|at| start.get(at..at + len));
            let mark = mark("CAMT.05", 8).or_else(|| mark("BKTOCSTMRSTMT", 13))?;
            Some((StatementFormat::Camt, format!("the XML names `{mark}`")))
        }
    }
}

/// A statement's first tag stands near the start, or the tags that follow it are there: a line of a text in a
/// delimited file may look like one of them.
fn mt940(start: &str) -> Option<&'static str> {
    let opens = |line: &str| line.starts_with(":20:") || line.trim_end().ends_with("{4:");
    let lines = || start.lines().filter(|line| !line.trim().is_empty());
    if lines().take(4).any(opens) {
        return Some("a line with the tag `:20:` or `{4:` is at its start");
    }
    let has = |tags: &[&str]| lines().any(|line| tags.iter().any(|tag| line.starts_with(tag)));
    let whole = lines().any(opens) && has(&[":25:", ":28C:", ":28:"]) && has(&[":60F:", ":60M:"]);
    whole.then_some("there are lines with the tags `:20:`, `:25:` or `:28C:`, and `:60F:`")
}

fn is_qif_heading(start: &str) -> bool {
    let heading = start.lines().next().unwrap_or_default().to_ascii_lowercase();
    ["!type:", "!account", "!option:", "!clear:"].iter().any(|known| heading.starts_with(known))
}

impl fmt::Display for StatementFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_only_suggest_a_format() {
        assert_eq!(StatementFormat::usual_for("a/March.QFX"), Some(StatementFormat::Ofx));
        assert_eq!(StatementFormat::usual_for("march.sta"), Some(StatementFormat::Mt940));
        assert_eq!(StatementFormat::usual_for("march.csv"), None);
        assert_eq!(StatementFormat::usual_for("qif"), None);
    }

    #[test]
    fn formats_are_known_by_their_first_lines() {
        for (text, format) in [
            ("OFXHEADER:100\nDATA:OFXSGML\n", Some(StatementFormat::Ofx)),
            ("<?xml version=\"1.0\"?>\n<?OFX OFXHEADER=\"200\"?>", Some(StatementFormat::Ofx)),
            ("<OFX><SIGNONMSGSRSV1>", Some(StatementFormat::Ofx)),
            ("\u{feff}\r\n!type:CCard\r\n", Some(StatementFormat::Qif)),
            ("!Account\nNCurrent\n^\n", Some(StatementFormat::Qif)),
            ("{1:F01BANKDEFF}{2:O940}{4:\r\n:20:1\r\n", Some(StatementFormat::Mt940)),
            ("\r\n:20:STARTUMS\r\n", Some(StatementFormat::Mt940)),
            (
                "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\">",
                Some(StatementFormat::Camt),
            ),
            (
                "<doc:Document xmlns:doc=\"urn:iso:std:iso:20022:tech:xsd:camt.052.001.02\">",
                Some(StatementFormat::Camt),
            ),
            ("!Clear:AutoSwitch\n!Type:Bank\n", Some(StatementFormat::Qif)),
            ("a\nb\nc\nd\n:20:1\n:25:2\n:60F:C240101GBP1,\n", Some(StatementFormat::Mt940)),
            ("a,b\nc,d\ne,f\ng,\"h\n:20:1\"\n", None),
            ("<html>", None),
            ("<!DOCTYPE html>\n<html><p>OFX and camt.053: <OFX></p></html>", None),
            ("<note>OFX</note>", None),
            ("!important", None),
            ("a :20: b", None),
            ("", None),
        ] {
            assert_eq!(StatementFormat::sniff(text), format, "{text}");
        }
    }
}
