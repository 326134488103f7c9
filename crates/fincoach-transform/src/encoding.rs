//! How a file turns bytes into characters.

use serde::{Deserialize, Serialize};

/// How a file turns bytes into characters.
///
/// A byte order mark of UTF-8 or UTF-16 at the beginning of a file is recognised whatever the layout says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8; bytes that are none are an error with their place.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-16, in the order its mark tells, the lower byte first where there is none.
    #[serde(rename = "utf-16")]
    Utf16,
    /// Windows-1252, what old programs call ANSI or Latin-1; every byte is a character.
    #[serde(rename = "windows-1252")]
    Windows1252,
}
