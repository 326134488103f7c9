//! Records of a delimited text file, strictly: broken quotes are errors, line numbers are exact.

use std::io::{BufRead, Read};

use crate::error::{Error, Place, QuoteFault, excerpt};
use crate::plan::Fields;

/// The longest record that is read, in bytes: no bank writes one, and a quote left open stops here.
pub(crate) const MAX_RECORD: usize = 1 << 20;

/// One record; its buffers are used again for the next.
#[derive(Debug, Default)]
pub(crate) struct Record {
    text: String,
    bounds: Vec<(usize, usize)>,
    line: u64,
}

impl Record {
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        (0..self.n_fields()).map(|position| self.field(position))
    }
}

impl Fields for Record {
    fn n_fields(&self) -> usize {
        self.bounds.len()
    }

    fn field(&self, position: usize) -> &str {
        self.bounds.get(position).and_then(|(start, end)| self.text.get(*start..*end)).unwrap_or("")
    }

    fn line(&self) -> u64 {
        self.line
    }
}

/// Reads records one after the other.
///
/// Not `csv::Reader`, which takes `a"b` and an open quote for data and does not say on which line a record
/// that follows blank lines begins.
#[derive(Debug)]
pub(crate) struct Records<'a, R> {
    source: R,
    file: &'a str,
    delimiter: u8,
    quote: Option<u8>,
    line: u64,
    columns: &'a [String],
    scratch: Vec<u8>,
    /// Whether the next line is the first of the file, which may have a mark before it.
    at_start: bool,
}

impl<'a, R: BufRead> Records<'a, R> {
    pub(crate) const fn new(source: R, file: &'a str, delimiter: u8) -> Self {
        let quote = Some(b'"');
        Self { source, file, delimiter, quote, line: 0, columns: &[], scratch: Vec::new(), at_start: true }
    }

    /// The same within a file, behind these lines and with names for the columns in errors.
    pub(crate) fn within(self, line: u64, columns: &'a [String]) -> Self {
        Self { line, columns, at_start: false, ..self }
    }

    /// The number of lines read so far.
    pub(crate) const fn lines(&self) -> u64 {
        self.line
    }

    /// What was not read yet.
    pub(crate) const fn source(&self) -> &R {
        &self.source
    }

    /// What was not read yet.
    pub(crate) fn into_source(self) -> R {
        self.source
    }

    /// Takes another character, or none, for quotes.
    pub(crate) fn with_quote(mut self, quote: Option<u8>) -> Self {
        self.quote = quote;
        self
    }

    /// Leaves out lines, whatever they hold.
    pub(crate) fn skip_lines(&mut self, n_lines: usize) -> Result<(), Error> {
        let mut line = Vec::new();
        for _ in 0..n_lines {
            line.clear();
            if !self.read_line(&mut line)? {
                break;
            }
        }
        Ok(())
    }

    pub(crate) fn place(&self, line: u64) -> Place {
        Place { file: self.file.into(), line }
    }

    /// Reads the next record, blank lines left out; `false` at the end.
    pub(crate) fn read(&mut self, record: &mut Record) -> Result<bool, Error> {
        let mut raw = std::mem::take(&mut record.text).into_bytes();
        record.bounds.clear();
        loop {
            raw.clear();
            if !self.read_line(&mut raw)? {
                return Ok(false);
            }
            if content_len(&raw) > 0 {
                break;
            }
        }
        record.line = self.line;
        if self.quote.is_some_and(|quote| raw.contains(&quote)) {
            self.split_quoted(&mut raw, record)?;
        } else {
            self.split_plain(&mut raw, record);
        }
        record.text = self.decode(raw, record)?;
        Ok(true)
    }

    /// Appends the next line with its end; `false` where there is none.
    fn read_line(&mut self, raw: &mut Vec<u8>) -> Result<bool, Error> {
        let room = (MAX_RECORD + 1).saturating_sub(raw.len()) as u64;
        let read = (&mut self.source).take(room).read_until(b'\n', raw);
        match read {
            Ok(0) if room > 0 => Ok(false),
            Ok(_) if raw.len() > MAX_RECORD => {
                Err(Error::TooLong { place: self.place(self.line + 1), limit: MAX_RECORD })
            }
            Ok(_) => {
                self.line += 1;
                // The mark some programs put before UTF-8.
                if std::mem::take(&mut self.at_start) && raw.starts_with(b"\xEF\xBB\xBF") {
                    raw.drain(..3);
                }
                Ok(true)
            }
            Err(cause) => Err(Error::Io { file: self.file.to_owned(), cause }),
        }
    }

    fn split_plain(&self, raw: &mut Vec<u8>, record: &mut Record) {
        raw.truncate(content_len(raw));
        let mut start = 0;
        for (at, byte) in raw.iter().enumerate() {
            if *byte == self.delimiter {
                record.bounds.push((start, at));
                start = at + 1;
            }
        }
        record.bounds.push((start, raw.len()));
    }

    /// Splits a record with quotes; it may go on over the next lines. Leaves the unquoted fields in `raw`.
    fn split_quoted(&mut self, raw: &mut Vec<u8>, record: &mut Record) -> Result<(), Error> {
        let mut out = std::mem::take(&mut self.scratch);
        out.clear();
        let mut at = 0;
        loop {
            let (start, column, line) = (out.len(), record.bounds.len(), self.line);
            at = if raw.get(at).copied() == self.quote {
                self.take_quoted(raw, at + 1, &mut out).map_err(|fault| self.quote(line, column, fault))?
            } else {
                self.take_plain(raw, at, &mut out).map_err(|fault| self.quote(line, column, fault))?
            };
            record.bounds.push((start, out.len()));
            if at >= content_len(raw) {
                break;
            }
            if raw[at] != self.delimiter {
                return Err(self.quote(line, column, QuoteFault::TextAfter));
            }
            at += 1;
        }
        std::mem::swap(raw, &mut out);
        self.scratch = out;
        Ok(())
    }

    /// Copies a field without quotes; the position behind it.
    fn take_plain(&self, raw: &[u8], start: usize, out: &mut Vec<u8>) -> Result<usize, QuoteFault> {
        let rest = &raw[start..content_len(raw)];
        let length = rest.iter().position(|byte| *byte == self.delimiter).unwrap_or(rest.len());
        if self.quote.is_some_and(|quote| rest[..length].contains(&quote)) {
            return Err(QuoteFault::InsideField);
        }
        out.extend_from_slice(&rest[..length]);
        Ok(start + length)
    }

    /// Copies a field from behind its opening quote; the position behind the closing one.
    fn take_quoted(
        &mut self,
        raw: &mut Vec<u8>,
        start: usize,
        out: &mut Vec<u8>,
    ) -> Result<usize, QuoteFault> {
        let mut at = start;
        let Some(quote) = self.quote else { return Ok(at) };
        loop {
            if let Some(length) = raw[at..].iter().position(|byte| *byte == quote) {
                out.extend_from_slice(&raw[at..at + length]);
                at += length + 1;
                if raw.get(at) != Some(&quote) {
                    return Ok(at);
                }
                out.push(quote);
                at += 1;
            } else {
                out.extend_from_slice(&raw[at..]);
                at = raw.len();
                // A failure to read here leaves the quote open as well; the open quote is what helps.
                if !self.read_line(raw).unwrap_or(false) {
                    return Err(QuoteFault::Unclosed);
                }
            }
        }
    }

    fn quote(&self, line: u64, column: usize, fault: QuoteFault) -> Error {
        Error::Quote { place: self.place(line), column: self.column(column), fault }
    }

    fn decode(&self, raw: Vec<u8>, record: &Record) -> Result<String, Error> {
        String::from_utf8(raw).map_err(|error| {
            let wrong = error.utf8_error().valid_up_to();
            let column = record.bounds.iter().position(|(_, end)| wrong < *end).unwrap_or(0);
            let (start, end) = record.bounds.get(column).copied().unwrap_or_default();
            let value = String::from_utf8_lossy(&error.as_bytes()[start..end]).into_owned();
            Error::NotUtf8 {
                place: self.place(record.line),
                column: self.column(column),
                value: excerpt(&value),
            }
        })
    }

    fn column(&self, position: usize) -> String {
        self.columns.get(position).cloned().unwrap_or_else(|| (position + 1).to_string())
    }
}

/// The length of a line without its end, LF or CRLF.
fn content_len(raw: &[u8]) -> usize {
    let line = raw.strip_suffix(b"\n").unwrap_or(raw);
    line.strip_suffix(b"\r").unwrap_or(line).len()
}

#[cfg(test)]
mod tests;
