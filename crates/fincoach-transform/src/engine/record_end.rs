//! Where records end, so that a file can be cut there.

use std::ops::Range;

use memchr::{memchr, memchr3, memrchr};

use super::batches::Batch;

/// The characters that give records their form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    pub(crate) delimiter: u8,
    pub(crate) quote: u8,
}

impl Form {
    /// Cuts whole records into pieces of about this size.
    pub(super) fn pieces(self, batch: &Batch, size: usize) -> Vec<Range<usize>> {
        let (bytes, mut pieces, mut at) = (&batch.bytes, Vec::new(), 0);
        while at < bytes.len() {
            let rest = &bytes[at..];
            let mut limit = size;
            let mut length = 0;
            while length == 0 {
                length = match rest.get(..limit) {
                    Some(part) => self.last_end(part, batch.quoted),
                    None => rest.len(),
                };
                limit *= 2;
            }
            pieces.push(at..at + length);
            at += length;
        }
        pieces
    }

    /// The end of the last whole record, 0 when there is none. `bytes` begins with a record. A record with
    /// broken quotes ends with the line where they are found broken.
    pub(super) fn last_end(self, bytes: &[u8], quoted: bool) -> usize {
        let mut end = 0;
        loop {
            let rest = &bytes[end..];
            // As far as there is no quote, every line is a record.
            let quote = if quoted { memchr(self.quote, rest) } else { None };
            end += memrchr(b'\n', &rest[..quote.unwrap_or(rest.len())]).map_or(0, |at| at + 1);
            match quote.and_then(|_| self.record_len(&bytes[end..])) {
                Some(length) => end += length,
                None => return end,
            }
        }
    }

    /// The length of the first record with its line end, `None` when it goes on beyond these bytes.
    fn record_len(self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            if bytes.get(at) == Some(&self.quote) {
                at = self.quoted_end(bytes, at + 1)?;
                let line_end = match bytes.get(at)? {
                    b'\n' => return Some(at + 1),
                    b'\r' if *bytes.get(at + 1)? == b'\n' => return Some(at + 2),
                    byte => *byte != self.delimiter,
                };
                if line_end {
                    return self.line_len(bytes, at);
                }
                at += 1;
            } else {
                at += memchr3(self.delimiter, b'\n', self.quote, bytes.get(at..)?)?;
                match bytes[at] {
                    b'\n' => return Some(at + 1),
                    byte if byte == self.delimiter => at += 1,
                    _ => return self.line_len(bytes, at),
                }
            }
        }
    }

    /// The position behind the quote that closes a field.
    fn quoted_end(self, bytes: &[u8], mut at: usize) -> Option<usize> {
        loop {
            at += memchr(self.quote, bytes.get(at..)?)? + 1;
            if *bytes.get(at)? != self.quote {
                return Some(at);
            }
            at += 1;
        }
    }

    fn line_len(self, bytes: &[u8], at: usize) -> Option<usize> {
        memchr(b'\n', &bytes[at..]).map(|length| at + length + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Form = Form { delimiter: b',', quote: b'"' };

    fn last_end(text: &str) -> usize {
        FORM.last_end(text.as_bytes(), true)
    }

    #[test]
    fn records_end_at_line_ends_outside_quotes() {
        assert_eq!(last_end("a,b\nc,d\ne"), 8);
        assert_eq!(last_end("a,\"b\nc\",d\ne"), 10);
        assert_eq!(last_end("a,\"b\"\r\n\"\"\"\n\",x\n\"op\nen"), 16);
        assert_eq!(last_end("\"op\nen\n"), 0);
        assert_eq!(last_end("no end"), 0);
        assert_eq!(last_end(""), 0);
    }

    #[test]
    fn broken_quotes_end_with_their_line() {
        assert_eq!(last_end("a,in\"side\n\"x\ny\"\nz"), 16);
        assert_eq!(last_end("a,\"x\ny\" ,b\nz"), 12);
    }

    #[test]
    fn pieces_hold_whole_records_and_cover_everything() {
        let bytes = b"a,b\nc,\"d\ne\"\nf,g\nh".to_vec();
        let batch = Batch { bytes, quoted: true };
        assert_eq!(FORM.pieces(&batch, 5), [0..4, 4..12, 12..16, 16..17]);
        assert_eq!(FORM.pieces(&batch, 13), [0..12, 12..17]);
        assert_eq!(FORM.pieces(&batch, 1), [0..4, 4..12, 12..16, 16..17]);
        assert_eq!(FORM.pieces(&batch, 100), [0..17]);
    }
}
