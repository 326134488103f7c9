//! Reads the rows of a file in pieces, on all threads, into columns.
//!
//! A batch of some mebibytes is read, cut where records end, and its pieces are parsed side by side while the next
//! batch is read. Each worker numbers the texts it meets; what depends on who met what is gone once the numbers
//! are those of the whole file. So the result depends neither on threads nor on the size of pieces.

mod accounts;
mod assembly;
mod batches;
mod column_texts;
mod duplicates;
mod fast_fields;
mod file_texts;
mod marks;
mod numbering;
mod ordering;
mod piece;
mod piece_reader;
mod places;
mod record_end;
mod report;
mod user_spans;

use std::io::Read;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) use assembly::Assembly;
use batches::{Batch, Batches};
use piece::{Piece, Worker};
use piece_reader::PieceReader;
pub(crate) use record_end::Form;

use crate::Error;
use crate::error::Place;
use crate::rows::Parser;

/// How much is read and handed out at a time; nothing but speed and memory depends on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    batch: usize,
    piece: usize,
}

impl Sizes {
    /// Two mebibytes for each thread, in eight pieces each, so that no thread waits long for another.
    pub(crate) fn for_threads(n_threads: usize) -> Self {
        Self { batch: (n_threads << 21).clamp(1 << 21, 1 << 25), piece: 1 << 18 }
    }

    #[cfg(test)]
    pub(crate) const fn new(batch: usize, piece: usize) -> Self {
        Self { batch, piece }
    }
}

/// The rows of a file, in pieces in its order.
#[derive(Debug)]
pub(crate) struct FileRows {
    pieces: Vec<Piece>,
    workers: Vec<Worker>,
}

/// Reads all rows behind the header, which ends with line `header`.
pub(crate) fn read_rows(
    source: impl Read,
    parser: &Parser<'_>,
    (form, sizes): (Form, Sizes),
    header: u64,
) -> Result<FileRows, Error> {
    let mut batches = Batches::new(source, form, sizes.batch);
    let mut rows = FileRows {
        pieces: Vec::new(),
        workers: (0..rayon::current_num_threads()).map(|_| Worker::default()).collect(),
    };
    let mut lines = header;
    let (mut batch, mut room) = (batches.next(Vec::new()), Vec::new());
    while !batch.bytes.is_empty() {
        let pieces = form.pieces(&batch, sizes.piece);
        let number = rows.pieces.len();
        let task = Task { parser, form, batch: &batch, pieces: &pieces, number, next: AtomicUsize::new(0) };
        let mut following = Batch::default();
        let mut read: Vec<Vec<Piece>> = Vec::new();
        read.resize_with(rows.workers.len(), Vec::new);
        rayon::in_place_scope(|scope| {
            for (index, (worker, read)) in rows.workers.iter_mut().zip(&mut read).enumerate() {
                let task = &task;
                scope.spawn(move |_| task.work(index, worker, read));
            }
            following = batches.next(std::mem::take(&mut room));
        });
        rows.add(read, &mut lines)?;
        room = std::mem::replace(&mut batch, following).bytes;
    }
    let file = parser.file;
    match batches.failure() {
        Some(cause) => Err(Error::Io { file: file.to_owned(), cause }),
        None if rows.len() == 0 => Err(Error::NoRows { place: Place { file: file.into(), line: header } }),
        None => Ok(rows),
    }
}

/// The pieces of one batch, taken by the workers one after the other.
struct Task<'a> {
    parser: &'a Parser<'a>,
    form: Form,
    batch: &'a Batch,
    pieces: &'a [Range<usize>],
    number: usize,
    next: AtomicUsize,
}

impl Task<'_> {
    fn work(&self, index: usize, worker: &mut Worker, read: &mut Vec<Piece>) {
        loop {
            let next = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(bytes) = self.pieces.get(next).and_then(|piece| self.batch.bytes.get(piece.clone())) else {
                return;
            };
            let piece = Piece::new(self.number + next, index, self.parser.columns.names.len());
            read.push(PieceReader::new(self.parser, self.form, bytes, (&mut *worker, piece)).read());
        }
    }
}

impl FileRows {
    pub(crate) fn len(&self) -> usize {
        self.pieces.iter().map(Piece::len).sum()
    }

    /// Adds the pieces of a batch, or gives the first failure in the order of the file.
    fn add(&mut self, read: Vec<Vec<Piece>>, lines: &mut u64) -> Result<(), Error> {
        let mut pieces: Vec<Piece> = read.into_iter().flatten().collect();
        pieces.sort_by_key(|piece| piece.number);
        for mut piece in pieces {
            if let Some(failure) = piece.failure {
                return Err(failure.moved_down(*lines));
            }
            piece.lines.before = *lines;
            *lines += piece.lines.n_lines;
            self.pieces.push(piece);
        }
        Ok(())
    }
}
