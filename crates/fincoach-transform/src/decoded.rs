//! Bytes of a file as UTF-8.

use std::io::{Chain, Cursor, Error, ErrorKind, Read, Result};

use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::Encoding;

const UTF_8_MARK: [u8; 3] = *b"\xEF\xBB\xBF";
const CHUNK: usize = 1 << 14;

/// A source whose bytes come out as UTF-8: as they are where they are that already, without the mark.
pub(crate) struct Decoded<R> {
    source: Chain<Cursor<Vec<u8>>, R>,
    transcoder: Option<Transcoder>,
}

struct Transcoder {
    decoder: Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    /// Looks at the first bytes for a mark, which is stronger than what the layout says.
    pub(crate) fn new(mut source: R, encoding: Encoding) -> Result<Self> {
        let mut first = Vec::with_capacity(UTF_8_MARK.len());
        source.by_ref().take(UTF_8_MARK.len() as u64).read_to_end(&mut first)?;
        let (mark, marked) = match first.as_slice() {
            [0xEF, 0xBB, 0xBF] => (3, None),
            [0xFF, 0xFE, ..] => (2, Some(UTF_16LE)),
            [0xFE, 0xFF, ..] => (2, Some(UTF_16BE)),
            _ => match encoding {
                Encoding::Utf8 => (0, None),
                Encoding::Utf16 => (0, Some(UTF_16LE)),
                Encoding::Windows1252 => (0, Some(WINDOWS_1252)),
            },
        };
        first.drain(..mark);
        let transcoder = marked.map(|encoding| Transcoder {
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: Vec::new(),
            text: Vec::new(),
            given: 0,
            ended: false,
        });
        Ok(Self { source: Cursor::new(first).chain(source), transcoder })
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let Some(transcoder) = &mut self.transcoder else { return self.source.read(out) };
        while transcoder.given == transcoder.text.len() && !transcoder.ended {
            transcoder.refill(&mut self.source)?;
        }
        let rest = transcoder.text.get(transcoder.given..).unwrap_or_default();
        let n = rest.len().min(out.len());
        for (to, from) in out.iter_mut().zip(rest) {
            *to = *from;
        }
        transcoder.given += n;
        Ok(n)
    }
}

impl Transcoder {
    /// Decodes the next chunk; a part of a character at its end stays in the decoder.
    fn refill(&mut self, source: &mut impl Read) -> Result<()> {
        self.raw.clear();
        source.take(CHUNK as u64).read_to_end(&mut self.raw)?;
        self.ended = self.raw.is_empty();
        let room = self.decoder.max_utf8_buffer_length_without_replacement(self.raw.len());
        self.text.resize(room.unwrap_or(0), 0);
        self.given = 0;
        let (result, _, written) =
            self.decoder.decode_to_utf8_without_replacement(&self.raw, &mut self.text, self.ended);
        self.text.truncate(written);
        match result {
            DecoderResult::InputEmpty => Ok(()),
            DecoderResult::OutputFull | DecoderResult::Malformed(..) => Err(Error::new(
                ErrorKind::InvalidData,
                format!("not a text in {}", self.decoder.encoding().name()),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], encoding: Encoding) -> Result<String> {
        let mut text = String::new();
        Decoded::new(bytes, encoding)?.read_to_string(&mut text)?;
        Ok(text)
    }

    fn utf_16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn marks_are_stronger_than_the_layout() {
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Windows1252] {
            assert_eq!(text("\u{feff}£5".as_bytes(), encoding).unwrap(), "£5");
            assert_eq!(text(&utf_16("\u{feff}£5 😀", u16::to_le_bytes), encoding).unwrap(), "£5 😀");
            assert_eq!(text(&utf_16("\u{feff}£5 😀", u16::to_be_bytes), encoding).unwrap(), "£5 😀");
        }
    }

    #[test]
    fn without_a_mark_the_layout_counts() {
        assert_eq!(text("£".as_bytes(), Encoding::Utf8).unwrap(), "£");
        assert_eq!(text(b"\xA35 \x80", Encoding::Windows1252).unwrap(), "£5 €");
        assert_eq!(text(&utf_16("£5", u16::to_le_bytes), Encoding::Utf16).unwrap(), "£5");
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Windows1252] {
            assert_eq!(text(b"", encoding).unwrap(), "");
        }
    }

    #[test]
    fn long_texts_survive_the_chunks() {
        let long = "£😀x".repeat(20_000);
        assert_eq!(text(&utf_16(&long, u16::to_le_bytes), Encoding::Utf16).unwrap(), long);
    }

    #[test]
    fn half_a_character_is_an_error() {
        assert!(text(b"\xFF\xFEa", Encoding::Utf8).is_err());
        assert!(text(b"\xFF\xFE\x00\xD8a\x00", Encoding::Utf8).is_err());
    }
}
