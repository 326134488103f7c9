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
mod fast_rows;
mod file_texts;
mod marks;
mod numbering;
mod ordering;
mod piece;
mod piece_reader;
mod places;
mod record_end;
mod report;
#[cfg(test)]
mod tests;
mod text_columns;
mod user_spans;

use std::io::Read;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) use assembly::Assembly;
use batches::{Batch, Batches};
use piece::{Piece, Tally, Worker};
use piece_reader::PieceReader;
pub(crate) use record_end::Form;

use crate::plan::Plan;
use crate::policy::LeftOut;
use crate::record::{Record, Records};
use crate::{Error, RowPolicy};

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
}

/// How the records of a file are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub(crate) form: Form,
    pub(crate) policy: RowPolicy,
    pub(crate) sizes: Sizes,
}

/// The rows of a file, in pieces in its order.
#[derive(Debug)]
pub(crate) struct FileRows {
    pieces: Vec<Piece>,
    workers: Vec<Worker>,
    left_out: LeftOut,
    tally: Tally,
    /// Lines and records so far.
    lines: u64,
    records: u64,
}

impl Reading {
    /// Reads all rows behind the first lines; `first` is a record of these lines that is a row.
    pub(crate) fn rows(
        &self,
        source: impl Read,
        plan: &mut Plan<'_>,
        (first, lines): (Option<&Record>, u64),
    ) -> Result<FileRows, Error> {
        let mut batches = Batches::new(source, self.form, self.sizes.batch);
        let mut rows = FileRows::new(lines, plan.columns.names.len());
        if let Some(first) = first {
            if plan.needs_currency() {
                plan.take_currency(first);
            }
            rows.read_first(self, plan, first)?;
        }
        let (mut batch, mut room) = (batches.next(Vec::new()), Vec::new());
        while !batch.bytes.is_empty() {
            let bytes = self.settle_currency(&mut rows, plan, &batch)?;
            let mut following = Batch::default();
            rows.read((self, plan), bytes, || following = batches.next(std::mem::take(&mut room)))?;
            room = std::mem::replace(&mut batch, following).bytes;
        }
        match batches.failure() {
            Some(cause) => Err(Error::Io { file: plan.file.to_owned(), cause }),
            None => Ok(rows),
        }
    }

    /// Reads the records before the first one that tells the currency, where that is still to be told; the rest.
    fn settle_currency<'b>(
        &self,
        rows: &mut FileRows,
        plan: &mut Plan<'_>,
        batch: &'b Batch,
    ) -> Result<Part<'b>, Error> {
        let whole = Part { bytes: &batch.bytes, quoted: batch.quoted };
        if !plan.needs_currency() {
            return Ok(whole);
        }
        let mut records = Records::new(whole.bytes, plan.file, self.form.delimiter)
            .with_quote(self.form.quote)
            .within(0, &[]);
        let mut record = Record::default();
        let mut start = 0;
        loop {
            match records.read(&mut record) {
                Ok(true) if plan.currency_of(&record).is_some() => break,
                Ok(false) => break,
                // What is wrong with a record is told when it is read for good.
                Ok(true) | Err(_) => start = whole.bytes.len() - records.source().len(),
            }
        }
        let (before, rest) = whole.bytes.split_at(start);
        rows.read((self, plan), Part { bytes: before, ..whole }, || ())?;
        plan.take_currency(&record);
        Ok(Part { bytes: rest, ..whole })
    }
}

/// Whole records of a batch.
#[derive(Clone, Copy, Debug)]
struct Part<'a> {
    bytes: &'a [u8],
    quoted: bool,
}

/// The pieces of a part, taken by the workers one after the other.
struct Task<'a> {
    reading: &'a Reading,
    plan: &'a Plan<'a>,
    bytes: &'a [u8],
    pieces: &'a [Range<usize>],
    number: usize,
    next: AtomicUsize,
}

impl Task<'_> {
    fn work(&self, index: usize, worker: &mut Worker, read: &mut Vec<Piece>) {
        loop {
            let next = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(bytes) = self.pieces.get(next).and_then(|piece| self.bytes.get(piece.clone())) else {
                return;
            };
            let piece = Piece::new(self.number + next, index, self.plan.columns.names.len());
            let how = (self.plan, self.reading.policy);
            read.push(PieceReader::new(how, self.reading.form, bytes, (&mut *worker, piece)).read());
        }
    }
}

impl FileRows {
    fn new(lines: u64, n_columns: usize) -> Self {
        let workers = (0..rayon::current_num_threads()).map(|_| Worker::default()).collect();
        let (left_out, tally) = (LeftOut::default(), Tally::new(n_columns));
        Self { pieces: Vec::new(), workers, left_out, tally, lines, records: 0 }
    }

    /// Whether there is no record at all.
    pub(crate) const fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Reads a part of the file on all threads, and meanwhile does something else on this one.
    fn read(
        &mut self,
        (reading, plan): (&Reading, &Plan<'_>),
        part: Part<'_>,
        meanwhile: impl FnOnce(),
    ) -> Result<(), Error> {
        let pieces = reading.form.pieces(part.bytes, part.quoted, reading.sizes.piece);
        let (number, next) = (self.pieces.len(), AtomicUsize::new(0));
        let task = Task { reading, plan, bytes: part.bytes, pieces: &pieces, number, next };
        let mut read: Vec<Vec<Piece>> = Vec::new();
        read.resize_with(self.workers.len(), Vec::new);
        rayon::in_place_scope(|scope| {
            for (index, (worker, read)) in self.workers.iter_mut().zip(&mut read).enumerate() {
                let task = &task;
                scope.spawn(move |_| task.work(index, worker, read));
            }
            meanwhile();
        });
        let mut pieces: Vec<Piece> = read.into_iter().flatten().collect();
        pieces.sort_by_key(|piece| piece.number);
        pieces.into_iter().try_for_each(|piece| self.add(piece))
    }

    /// Reads a record that stands among the first lines.
    fn read_first(&mut self, reading: &Reading, plan: &Plan<'_>, first: &Record) -> Result<(), Error> {
        let lines = std::mem::take(&mut self.lines);
        let Some(worker) = self.workers.first_mut() else { return Ok(()) };
        let piece = Piece::new(0, 0, plan.columns.names.len());
        let how = (plan, reading.policy);
        let piece = PieceReader::new(how, reading.form, &[], (worker, piece)).read_one(first);
        self.add(piece)?;
        self.lines = lines;
        Ok(())
    }

    /// Adds the next piece, or gives its failure.
    fn add(&mut self, mut piece: Piece) -> Result<(), Error> {
        if let Some(failure) = piece.failure {
            return Err(failure.moved_down(self.lines));
        }
        self.left_out.append(std::mem::take(&mut piece.left_out), self.lines);
        // Its own counts go: a file may have many pieces and as many columns.
        self.tally.merge(&std::mem::replace(&mut piece.tally, Tally::new(0)));
        (piece.lines.before, piece.records.before) = (self.lines, self.records);
        self.lines += piece.lines.n;
        self.records += piece.records.n;
        self.pieces.push(piece);
        Ok(())
    }
}
