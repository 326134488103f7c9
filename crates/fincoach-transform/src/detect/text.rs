//! From the bytes of a sample to characters.

use super::finding::{Notes, Topic};
use super::sample::Sample;
use crate::{Encoding, Error};

/// The characters of a sample: its start up to the last whole line, and its end from the first one.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) encoding: Encoding,
    pub(super) head: String,
    pub(super) tail: String,
}

/// Files that are no text, by their first bytes.
const BINARY: [(&[u8], &str); 6] = [
    (b"PK\x03\x04", "a zip archive or a workbook (xlsx, ods): export it as CSV"),
    (b"\xD0\xCF\x11\xE0", "an old Excel workbook (xls): export it as CSV"),
    (b"%PDF", "a PDF: banks that give one give CSV too"),
    (b"\x1F\x8B", "a gzip archive: unpack it first"),
    (b"\x89PNG", "a picture"),
    (b"\xFF\xD8\xFF", "a picture"),
];

impl Text {
    pub(super) fn of(sample: &Sample, notes: &mut Notes) -> Result<Self, Error> {
        let bytes = sample.head.as_slice();
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(Error::EmptyFile { file: sample.name.clone() });
        }
        let not_text = |reason: String| Error::NotText { file: sample.name.clone(), reason };
        if let Some((_, what)) = BINARY.iter().find(|(magic, _)| bytes.starts_with(magic)) {
            return Err(not_text((*what).to_owned()));
        }
        let (wide, encoding) = guess(sample, notes).map_err(not_text)?;
        let decode = |bytes: &[u8]| decode(bytes, wide, encoding);
        let (mut head, mut tail) = (decode(bytes), decode(&sample.tail));
        if sample.cut {
            head.truncate(head.rfind('\n').map_or(head.len(), |end| end + 1));
            tail.drain(..tail.find('\n').map_or(tail.len(), |end| end + 1));
        }
        if head.trim().is_empty() {
            return Err(Error::EmptyFile { file: sample.name.clone() });
        }
        let control = |c: &char| *c < ' ' && !matches!(c, '\t' | '\r' | '\n' | '\u{c}' | '\u{1a}');
        let n_controls = head.chars().filter(control).count();
        if n_controls * 50 > head.chars().count() {
            return Err(not_text(format!("{n_controls} control characters stand in its first part")));
        }
        Ok(Self { encoding, head, tail })
    }
}

/// The order of the bytes of UTF-16.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wide {
    Little,
    Big,
}

fn guess(sample: &Sample, notes: &mut Notes) -> Result<(Wide, Encoding), String> {
    let bytes = sample.head.as_slice();
    if let Some((wide, text)) = utf16(bytes)? {
        notes.reason(Topic::Encoding, text);
        return Ok((wide, Encoding::Utf16));
    }
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        notes.reason(Topic::Encoding, "UTF-8: the file begins with its mark");
        return Ok((Wide::Little, Encoding::Utf8));
    }
    let place = match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => Place::Ascii,
        Ok(_) => Place::Valid,
        // The head may be cut within a character.
        Err(error) if sample.cut && error.error_len().is_none() => Place::Valid,
        Err(error) => Place::Wrong(error.valid_up_to()),
    };
    Ok((Wide::Little, narrow(sample, place, notes)))
}

/// What of the head is UTF-8.
enum Place {
    Ascii,
    Valid,
    Wrong(usize),
}

fn narrow(sample: &Sample, place: Place, notes: &mut Notes) -> Encoding {
    match place {
        Place::Ascii => {
            notes.reason(Topic::Encoding, "UTF-8: every byte looked at is ASCII");
            if sample.cut {
                notes.doubt(Topic::Encoding, "characters beyond ASCII may follow in another encoding");
            }
            Encoding::Utf8
        }
        Place::Valid => {
            notes.reason(Topic::Encoding, "UTF-8: every character beyond ASCII is a valid one");
            Encoding::Utf8
        }
        Place::Wrong(at) => {
            let byte = sample.head.get(at).copied().unwrap_or_default();
            let shown = decode(&[byte], Wide::Little, Encoding::Windows1252);
            notes.reason(
                Topic::Encoding,
                format!("Windows-1252: byte {byte:#04X} at {at} is no UTF-8 and reads `{shown}`"),
            );
            notes.doubt(
                Topic::Encoding,
                "other encodings of one byte a character (ISO 8859-2, -15, Mac) cannot be told from Windows-1252",
            );
            Encoding::Windows1252
        }
    }
}

/// UTF-16 by its mark or by the zero in nearly every other byte; zeros otherwise are no text.
fn utf16(bytes: &[u8]) -> Result<Option<(Wide, String)>, String> {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        let wide = if bytes.first() == Some(&0xFF) { Wide::Little } else { Wide::Big };
        return Ok(Some((wide, "UTF-16: the file begins with its mark".to_owned())));
    }
    let zeros = |at: usize| bytes.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = bytes.len() / 2 * 7 / 10;
    // A stray zero is a text still.
    if (even + odd) * 100 < bytes.len() {
        Ok(None)
    } else if odd > most && even * 20 < odd {
        Ok(Some((
            Wide::Little,
            format!("UTF-16: {odd} of the bytes in odd places are 0, {even} of the others"),
        )))
    } else if even > most && odd * 20 < even {
        Err("it is UTF-16 with the higher byte first and without a mark, which no reader here takes"
            .to_owned())
    } else {
        Err(format!("{} bytes are 0", even + odd))
    }
}

fn decode(bytes: &[u8], wide: Wide, encoding: Encoding) -> String {
    let decoder = match (encoding, wide) {
        (Encoding::Utf16, Wide::Little) => encoding_rs::UTF_16LE,
        (Encoding::Utf16, Wide::Big) => encoding_rs::UTF_16BE,
        (Encoding::Windows1252, _) => encoding_rs::WINDOWS_1252,
        _ => encoding_rs::UTF_8,
    };
    decoder.decode_with_bom_removal(bytes).0.into_owned()
}
