//! A file without its last lines.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Result};

use crate::record::MAX_RECORD;

/// A source that ends before its last `n` lines with text; blank lines among and behind them go, too.
pub(crate) struct HeldBack<R> {
    source: BufReader<R>,
    n_lines: usize,
    /// Lines that may be among the last, in order, and how many of them have text.
    held: VecDeque<Held>,
    n_filled: usize,
    line: Vec<u8>,
    given: usize,
}

/// What is held back. Files may end in any number of blank lines, so equal ones are counted and not kept.
enum Held {
    Filled(Vec<u8>),
    Blank(Blank),
}

/// Blank lines that follow on one another: so many of one form, then the bytes of those of several forms.
#[derive(Default)]
struct Blank {
    line: Vec<u8>,
    n_lines: usize,
    others: Vec<u8>,
}

impl Blank {
    fn push(&mut self, line: Vec<u8>) {
        if self.n_lines == 0 && self.others.is_empty() {
            (self.line, self.n_lines) = (line, 1);
        } else if self.others.is_empty() && self.line == line {
            self.n_lines += 1;
        } else {
            self.others.extend(line);
        }
    }

    /// Takes some of the bytes off the front; empty where there are no more.
    fn take(&mut self) -> Vec<u8> {
        const AT_A_TIME: usize = 1 << 12;
        let n_lines = self.n_lines.min(AT_A_TIME);
        self.n_lines -= n_lines;
        if n_lines > 0 { self.line.repeat(n_lines) } else { std::mem::take(&mut self.others) }
    }
}

impl<R: Read> HeldBack<R> {
    pub(crate) fn new(source: R, n_lines: usize) -> Self {
        let source = BufReader::with_capacity(1 << 16, source);
        Self { source, n_lines, held: VecDeque::new(), n_filled: 0, line: Vec::new(), given: 0 }
    }

    /// The next bytes that are not among the last lines; empty at the end.
    fn next_bytes(&mut self) -> Result<Vec<u8>> {
        loop {
            let free = self.free();
            if !free.is_empty() {
                return Ok(free);
            }
            let mut line = Vec::new();
            (&mut self.source).take(MAX_RECORD as u64 + 1).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                self.held.clear();
                self.n_filled = 0;
                return Ok(line);
            }
            self.hold(line);
        }
    }

    /// Takes off the front what has enough lines with text behind it.
    fn free(&mut self) -> Vec<u8> {
        loop {
            match self.held.front_mut() {
                Some(Held::Blank(blank)) if self.n_filled >= self.n_lines => {
                    let bytes = blank.take();
                    if !bytes.is_empty() {
                        return bytes;
                    }
                    self.held.pop_front();
                }
                Some(Held::Filled(line)) if self.n_filled > self.n_lines => {
                    let line = std::mem::take(line);
                    self.held.pop_front();
                    self.n_filled -= 1;
                    return line;
                }
                _ => return Vec::new(),
            }
        }
    }

    fn hold(&mut self, line: Vec<u8>) {
        if is_filled(&line) {
            self.n_filled += 1;
            self.held.push_back(Held::Filled(line));
        } else if let Some(Held::Blank(blank)) = self.held.back_mut() {
            blank.push(line);
        } else {
            let mut blank = Blank::default();
            blank.push(line);
            self.held.push_back(Held::Blank(blank));
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
            self.line = self.next_bytes()?;
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
    #[test]
    fn blank_lines_are_given_as_they_stand() {
        let mixed = "\n\n\r\n\n\r\r\n".repeat(3);
        let many = "\r\n".repeat(10_000);
        for blank in [mixed.as_str(), many.as_str()] {
            assert_eq!(
                rest(&format!("a\n{blank}b\n{blank}Total{blank}"), 1),
                format!("a\n{blank}b\n{blank}")
            );
            assert_eq!(rest(&format!("{blank}a\n{blank}b"), 1), format!("{blank}a\n{blank}"));
            assert_eq!(rest(blank, 1), "");
        }
    }

    #[test]
    fn blank_lines_take_no_room() {
        let mut held = HeldBack::new("".as_bytes(), 1);
        (0..100_000).for_each(|_| held.hold(b"\n".to_vec()));
        let [Held::Blank(blank)] = held.held.make_contiguous() else { panic!("one run of blank lines") };
        assert_eq!((blank.n_lines, blank.others.len()), (100_000, 0));
    }
}
