//! A source read in pieces that end where records end.

use std::io::{self, Read};

use super::record_end::Form;
use crate::record::MAX_RECORD;

/// Whole records of a file.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) bytes: Vec<u8>,
    /// Whether there is a quote in them: without one every line is a record.
    pub(super) quoted: bool,
}

/// Reads a source a batch at a time.
#[derive(Debug)]
pub(super) struct Batches<R> {
    source: R,
    form: Form,
    /// Bytes asked for at a time.
    size: usize,
    /// What was read beyond the last whole record.
    rest: Vec<u8>,
    /// What stopped the source, told after all that came before it.
    failure: Option<io::Error>,
    ended: bool,
}

impl<R: Read> Batches<R> {
    pub(super) fn new(source: R, form: Form, size: usize) -> Self {
        Self { source, form, size, rest: Vec::new(), failure: None, ended: false }
    }

    /// The next whole records, none at the end; `room` is used again.
    ///
    /// Only the last batch may end within a line, and only a record beyond [`MAX_RECORD`] is cut.
    pub(super) fn next(&mut self, mut room: Vec<u8>) -> Batch {
        room.clear();
        room.append(&mut self.rest);
        let mut quoted = false;
        while !self.ended {
            self.fill(&mut room);
            quoted = self.form.has_quote(&room);
            let end = self.form.last_end(&room, quoted);
            if self.failure.is_some() {
                // The record that the failure cut is left out.
                room.truncate(end);
            } else if !self.ended && end > 0 {
                self.rest.extend_from_slice(&room[end..]);
                room.truncate(end);
                break;
            } else if room.len() > 2 * MAX_RECORD {
                // No record may be as long: reading it finds the error.
                self.ended = true;
            }
        }
        Batch { bytes: room, quoted }
    }

    /// What stopped the source, once.
    pub(super) fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    fn fill(&mut self, room: &mut Vec<u8>) {
        room.reserve(self.size);
        match (&mut self.source).take(self.size as u64).read_to_end(room) {
            Ok(read) => self.ended = read < self.size,
            Err(cause) => {
                self.failure = Some(cause);
                self.ended = true;
            }
        }
    }
}
