//! Where records end, so that a file can be cut there.

use std::ops::Range;

use memchr::{memchr, memchr3, memrchr};

/// The characters that give records their form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    pub(crate) delimiter: u8,
    /// `None` where quotes are text.
    pub(crate) quote: Option<u8>,
}

impl Form {
    /// Cuts whole records into pieces of about this size.
    pub(super) fn pieces(self, bytes: &[u8], quoted: bool, size: usize) -> Vec<Range<usize>> {
        let (mut pieces, mut at) = (Vec::new(), 0);
        while at < bytes.len() {
            let rest = &bytes[at..];
            let (mut length, mut limit) = (0, size);
            while length == 0 {
                length = match rest.get(..limit) {
                    Some(part) => self.last_end(part, quoted),
                    None => rest.len(),
                };
                limit *= 2;
            }
            pieces.push(at..at + length);
            at += length;
        }
        pieces
    }

    /// Whether there is a quote: without one every line is a record.
    pub(super) fn has_quote(self, bytes: &[u8]) -> bool {
        self.quote.is_some_and(|quote| memchr(quote, bytes).is_some())
    }

    /// The end of the last whole record, 0 when there is none. `bytes` begins with a record. A record with
    /// broken quotes ends with the line where they are found broken.
    pub(super) fn last_end(self, bytes: &[u8], quoted: bool) -> usize {
        let quote = self.quote.filter(|_| quoted);
        let mut end = 0;
        loop {
            let rest = &bytes[end..];
            // As far as there is no quote, every line is a record.
            let found = quote.and_then(|quote| Some((quote, memchr(quote, rest)?)));
            let plain = found.map_or(rest.len(), |(_, at)| at);
            end += memrchr(b'\n', &rest[..plain]).map_or(0, |at| at + 1);
            match found.and_then(|(quote, _)| self.record_len(&bytes[end..], quote)) {
                Some(length) => end += length,
                None => return end,
            }
        }
    }

    /// The length of the first record with its line end, `None` when it goes on beyond these bytes.
    fn record_len(self, bytes: &[u8], quote: u8) -> Option<usize> {
        let mut at = 0;
        loop {
            if bytes.get(at) == Some(&quote) {
                at = quoted_end(bytes, at + 1, quote)?;
                match bytes.get(at)? {
                    b'\n' => return Some(at + 1),
                    b'\r' if *bytes.get(at + 1)? == b'\n' => return Some(at + 2),
                    byte if *byte == self.delimiter => at += 1,
                    _ => return line_len(bytes, at),
                }
            } else {
                at += memchr3(self.delimiter, b'\n', quote, bytes.get(at..)?)?;
                match bytes[at] {
                    b'\n' => return Some(at + 1),
                    byte if byte == self.delimiter => at += 1,
                    _ => return line_len(bytes, at),
                }
            }
        }
    }
}

/// The position behind the quote that closes a field.
fn quoted_end(bytes: &[u8], mut at: usize, quote: u8) -> Option<usize> {
    loop {
        at += memchr(quote, bytes.get(at..)?)? + 1;
        if *bytes.get(at)? != quote {
            return Some(at);
        }
        at += 1;
    }
}

fn line_len(bytes: &[u8], at: usize) -> Option<usize> {
    memchr(b'\n', &bytes[at..]).map(|length| at + length + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Form = Form { delimiter: b',', quote: Some(b'"') };

    fn last_end(text: &str) -> usize {
        FORM.last_end(text.as_bytes(), true)
    }

    #[test]
    fn records_end_at_line_ends_outside_quotes() {
        assert_eq!(last_end("a,b\nc,d\ne"), 8);
        assert_eq!(last_end("a,\"b\nc\",d\ne"), 10);
        assert_eq!(last_end("a,\"b\"\r\n\"\"\"\"\n\"\",x\n\"op\nen"), 17);
        assert_eq!(last_end("\"op\nen\n"), 0);
        assert_eq!(last_end("no end"), 0);
        assert_eq!(last_end(""), 0);
    }

    #[test]
    fn broken_quotes_end_with_their_line() {
        assert_eq!(last_end("a,in\"side\n\"x\ny\"\nz"), 16);
        assert_eq!(last_end("a,\"x\ny\" ,b\nz"), 11);
    }

    #[test]
    fn pieces_hold_whole_records_and_cover_everything() {
        let bytes = b"a,b\nc,\"d\ne\"\nf,g\nh";
        assert_eq!(FORM.pieces(bytes, true, 5), [0..4, 4..12, 12..16, 16..17]);
        assert_eq!(FORM.pieces(bytes, true, 13), [0..12, 12..17]);
        assert_eq!(FORM.pieces(bytes, true, 1), [0..4, 4..12, 12..16, 16..17]);
        assert_eq!(FORM.pieces(bytes, true, 100).first(), Some(&(0..17)));
    }
}
