//! The part of a file that is looked at.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::finding::{Notes, Topic};
use super::split::MOST;
use crate::Error;

/// Bytes looked at from the start of a file.
pub(super) const HEAD: usize = 1 << 20;
/// Bytes looked at before its end, where it is longer.
pub(super) const TAIL: usize = 1 << 16;

/// The first bytes of a source and, where it is longer and can be sought, its last ones.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) head: Vec<u8>,
    /// Bytes before the end, beginning at an even place of the file; empty where the head is everything.
    pub(super) tail: Vec<u8>,
    /// Whether there is more than the head.
    pub(super) cut: bool,
    /// Bytes of the whole, where known.
    pub(super) len: Option<u64>,
}

impl Sample {
    pub(super) fn of_path(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        Self::of_file(path, &name).map_err(|cause| Error::Io { file: name, cause })
    }

    fn of_file(path: &Path, name: &str) -> std::io::Result<Self> {
        let mut file = File::open(path)?;
        let mut sample = Self::head_of(&mut file, name)?;
        if sample.cut {
            let len = file.seek(SeekFrom::End(0))?;
            // An even place, so that UTF-16 stays in step.
            let start = len.saturating_sub(TAIL as u64).max(HEAD as u64).next_multiple_of(2);
            file.seek(SeekFrom::Start(start))?;
            file.take(TAIL as u64).read_to_end(&mut sample.tail)?;
            sample.len = Some(len);
        }
        Ok(sample)
    }

    pub(super) fn of_source(source: impl Read, name: &str) -> Result<Self, Error> {
        Self::head_of(source, name).map_err(|cause| Error::Io { file: name.to_owned(), cause })
    }

    fn head_of(source: impl Read, name: &str) -> std::io::Result<Self> {
        let mut head = Vec::new();
        source.take(HEAD as u64 + 1).read_to_end(&mut head)?;
        let cut = head.len() > HEAD;
        head.truncate(HEAD);
        let len = (!cut).then_some(head.len() as u64);
        Ok(Self { name: name.to_owned(), head, tail: Vec::new(), cut, len })
    }

    /// Says how much was looked at, where it is not everything; `left_out` bytes were not, as there are too many rows.
    pub(super) fn note(&self, left_out: usize, notes: &mut Notes) {
        let n = self.head.len();
        if left_out > 0 {
            notes.doubt(
                Topic::Sample,
                format!("only the first {MOST} rows and the end were looked at: rows between may differ"),
            );
        }
        if !self.cut {
            let text = if left_out == 0 {
                format!("all {n} bytes were looked at")
            } else {
                format!("all but {left_out} bytes of the text were looked at")
            };
            return notes.reason(Topic::Sample, text);
        }
        let text = match self.len {
            Some(len) => format!(
                "the first {n} and the last {} of {len} bytes were looked at: rows between may differ",
                self.tail.len()
            ),
            None => format!("only the first {n} bytes were looked at: later rows may differ"),
        };
        notes.doubt(Topic::Sample, text);
    }
}
