//! The text of a statement file.

use std::io::Read;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::Error;
use crate::error::{Place, excerpt};

/// The largest file that is read: a statement is held in memory.
const LARGEST_FILE: usize = 64 << 20;

/// A decoded file and its name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

#[cfg_attr(
    not(any(feature = "ofx", feature = "qif", feature = "mt940", feature = "camt")),
    expect(dead_code, reason = "only parsers of formats place errors")
)]
impl Source<'_> {
    pub(super) fn place(self, line: u64) -> Place {
        Place { file: self.file.into(), line }
    }

    /// A value that a field or element cannot have.
    pub(super) fn wrong(self, (line, tag): (u64, &str), value: &str, expected: impl Into<String>) -> Error {
        Error::Tag {
            place: self.place(line),
            tag: tag.to_owned(),
            value: excerpt(value),
            expected: expected.into(),
        }
    }

    /// The file ends before something does.
    pub(super) fn truncated(self, open: &str, opened: u64) -> Error {
        let last = (self.text.lines().count() as u64).max(1);
        Error::Truncated { place: self.place(last), open: open.to_owned(), opened }
    }
}

/// Reads all of a file of at most 64 MiB.
pub(super) fn read_bytes(source: impl Read, file: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let limit = LARGEST_FILE as u64 + 1;
    source.take(limit).read_to_end(&mut bytes).map_err(|cause| Error::Io { file: file.to_owned(), cause })?;
    if bytes.len() > LARGEST_FILE {
        return Err(Error::TooLarge { file: file.to_owned(), limit: LARGEST_FILE });
    }
    Ok(bytes)
}

/// The text of a file and the name of the encoding that gave it.
///
/// A byte order mark decides; then what an XML declaration or an OFX header says; else it is UTF-8 where all
/// bytes are, and Windows-1252 otherwise. Bytes that the encoding does not have are an error with their line.
pub(super) fn decode(bytes: &[u8], file: &str) -> Result<(String, &'static str), Error> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return decode_as(encoding, bytes.get(mark..).unwrap_or_default(), file);
    }
    match declared(bytes) {
        Declared::As(encoding) => decode_as(encoding, bytes, file),
        Declared::Unknown(name) => Err(Error::Tag {
            place: Place { file: file.into(), line: 1 },
            tag: "encoding".to_owned(),
            value: excerpt(&name),
            expected: "an encoding of the Encoding Standard, like UTF-8 or windows-1252".to_owned(),
        }),
        Declared::Nothing if std::str::from_utf8(bytes).is_ok() => decode_as(UTF_8, bytes, file),
        Declared::Nothing => decode_as(WINDOWS_1252, bytes, file),
    }
}

enum Declared {
    As(&'static Encoding),
    Unknown(String),
    Nothing,
}

/// What the first bytes say of the encoding.
fn declared(bytes: &[u8]) -> Declared {
    let head = String::from_utf8_lossy(bytes.get(..1024).unwrap_or(bytes)).into_owned();
    let head = head.trim_start();
    if head.starts_with("<?xml") {
        let declaration = head.split("?>").next().unwrap_or_default();
        let Some((_, rest)) = declaration.split_once("encoding") else { return Declared::As(UTF_8) };
        let name: String = rest
            .trim_start_matches(|c: char| c == '=' || c.is_whitespace() || c == '"' || c == '\'')
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_.:".contains(*c))
            .collect();
        return match Encoding::for_label(name.as_bytes()) {
            // A declaration that is read byte by byte cannot be of UTF-16.
            Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => Declared::Unknown(name),
            Some(encoding) => Declared::As(encoding),
            None => Declared::Unknown(name),
        };
    }
    let says_utf8 =
        |line: &str| matches!(line.trim(), "ENCODING:UTF-8" | "ENCODING:UNICODE" | "CHARSET:UTF-8");
    if head.starts_with("OFXHEADER") && head.lines().any(says_utf8) {
        return Declared::As(UTF_8);
    }
    Declared::Nothing
}

fn decode_as(encoding: &'static Encoding, bytes: &[u8], file: &str) -> Result<(String, &'static str), Error> {
    if encoding == UTF_8 {
        return match std::str::from_utf8(bytes) {
            Ok(text) => Ok((text.to_owned(), UTF_8.name())),
            Err(error) => Err(wrong_bytes(encoding, bytes.split_at(error.valid_up_to()), file)),
        };
    }
    match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Ok((text.into_owned(), encoding.name())),
        None => Err(wrong_bytes(encoding, (&[], bytes), file)),
    }
}

fn wrong_bytes(encoding: &'static Encoding, (good, bad): (&[u8], &[u8]), file: &str) -> Error {
    let line = 1 + good.iter().filter(|byte| **byte == b'\n').count() as u64;
    Error::Tag {
        place: Place { file: file.into(), line },
        tag: "text".to_owned(),
        value: excerpt(&String::from_utf8_lossy(bad.get(..16).unwrap_or(bad))),
        expected: format!("text in {}", encoding.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> (String, &'static str) {
        decode(bytes, "x").unwrap()
    }

    #[test]
    fn encodings_are_told_or_tried() {
        assert_eq!(text(b"!Type:Bank\nPCaf\xe9"), ("!Type:Bank\nPCafé".into(), "windows-1252"));
        assert_eq!(text("PCafé €".as_bytes()), ("PCafé €".into(), "UTF-8"));
        assert_eq!(text(b"\xef\xbb\xbf!Type"), ("!Type".into(), "UTF-8"));
        assert_eq!(text(b"\xff\xfe!\0T\0"), ("!T".into(), "UTF-16LE"));
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xfc</a>";
        assert_eq!(text(latin).1, "windows-1252");
    }

    #[test]
    fn bytes_that_break_the_told_encoding_are_named_with_their_line() {
        let error = decode(b"<?xml version='1.0'?>\n<a>\n\xfc</a>", "x").unwrap_err();
        assert_eq!(error.to_string(), "x: line 3, text: `\u{fffd}</a>`, expected text in UTF-8");
        let error = decode(b"OFXHEADER:100\nENCODING:UTF-8\n\xfc", "x").unwrap_err();
        assert!(error.to_string().contains("line 3"), "{error}");
        assert!(decode(b"<?xml version='1.0' encoding='klingon'?>", "x").is_err());
        assert!(decode(b"<?xml version='1.0' encoding='UTF-16'?>", "x").is_err());
    }

    #[test]
    fn a_file_beyond_the_limit_is_refused() {
        let endless = std::io::repeat(b'a');
        assert!(matches!(read_bytes(endless, "x"), Err(Error::TooLarge { .. })));
    }
}
