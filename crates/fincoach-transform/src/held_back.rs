//! A file without its last lines.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Result};

use crate::record::MAX_RECORD;

/// A source that ends before its last `n` lines with text; blank lines among and behind them go, too.
pub(crate) struct HeldBack<R> {
    source: BufReader<R>,
    n_lines: usize,
    /// Lines that may be among the last, in order, and how many of them have text.
    held: VecDeque<Vec<u8>>,
    n_filled: usize,
    line: Vec<u8>,
    given: usize,
}

impl<R: Read> HeldBack<R> {
    pub(crate) fn new(source: R, n_lines: usize) -> Self {
        let source = BufReader::with_capacity(1 << 16, source);
        Self { source, n_lines, held: VecDeque::new(), n_filled: 0, line: Vec::new(), given: 0 }
    }

    /// The next line that is not among the last ones; empty at the end.
    fn next_line(&mut self) -> Result<Vec<u8>> {
        loop {
            // The first line can go once enough lines with text stand behind it.
            if let Some(first) = self.held.front() {
                let behind = self.n_filled - usize::from(is_filled(first));
                if behind >= self.n_lines {
                    self.n_filled = behind;
                    return Ok(self.held.pop_front().unwrap_or_default());
                }
            }
            let mut line = Vec::new();
            (&mut self.source).take(MAX_RECORD as u64 + 1).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                self.held.clear();
                self.n_filled = 0;
                return Ok(line);
            }
            self.n_filled += usize::from(is_filled(&line));
            self.held.push_back(line);
        }
    }
}

fn is_filled(line: &[u8]) -> bool {
    line.iter().any(|byte| !matches!(byte, b'\r' | b'\n'))
}

impl<R: Read> Read for HeldBack<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.n_lines == 0 {
            return self.source.read(out);
        }
        if self.given == self.line.len() {
            self.line = self.next_line()?;
            self.given = 0;
        }
        let n = (&self.line[self.given..]).read(out)?;
        self.given += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(text: &str, n_lines: usize) -> String {
        let mut rest = String::new();
        HeldBack::new(text.as_bytes(), n_lines).read_to_string(&mut rest).unwrap();
        rest
    }

    #[test]
    fn the_last_lines_with_text_are_left_out() {
        assert_eq!(rest("a\nb\nc\n", 0), "a\nb\nc\n");
        assert_eq!(rest("a\nb\nc\n", 1), "a\nb\n");
        assert_eq!(rest("a\nb\nc", 2), "a\n");
        assert_eq!(rest("a\n\nTotal\r\n\r\n", 1), "a\n\n");
        assert_eq!(rest("a\n\nSum\n\nTotal\n", 2), "a\n\n");
        assert_eq!(rest("a\nb\n", 2), "");
        assert_eq!(rest("a\nb\n", 9), "");
        assert_eq!(rest("", 1), "");
    }
}
