//! From the bytes of a piece to its rows.

use super::fast_rows::{FastRows, RawFields, text};
use super::marks::Marks;
use super::piece::{Piece, Values, Worker};
use super::record_end::Form;
use super::text_columns::{OfTexts, positions, texts};
use crate::fields::CutFields;
use crate::plan::{Entry, Fields, Parsed, Plan};
use crate::record::{MAX_RECORD, Record, Records};
use crate::{Error, RowPolicy, TextCleaning};

/// Bytes of a short row: what room for rows is made by.
const SHORT_ROW: usize = 64;

/// Reads the rows of one piece.
pub(super) struct PieceReader<'a> {
    plan: &'a Plan<'a>,
    policy: RowPolicy,
    form: Form,
    bytes: &'a [u8],
    /// The bytes as text; where they are none, every record is looked at by itself.
    text: Option<&'a str>,
    marks: Marks<'a>,
    fast: Option<FastRows>,
    text_columns: OfTexts<Option<usize>>,
    worker: &'a mut Worker,
    piece: Piece,
    n_fields: usize,
    line: u64,
    record: u64,
}

/// How a record was cut into fields.
enum Cut {
    /// The bounds are known; the position behind the record.
    Fields(usize),
    /// A line without anything in it; the position behind it.
    Blank(usize),
    /// The strict reader has to look at it.
    Odd,
}

impl<'a> PieceReader<'a> {
    pub(super) fn new(
        (plan, policy): (&'a Plan<'a>, RowPolicy),
        form: Form,
        bytes: &'a [u8],
        (worker, mut piece): (&'a mut Worker, Piece),
    ) -> Self {
        let text_columns = positions(plan.columns);
        let n_rows = bytes.len() / SHORT_ROW;
        piece.reserve(n_rows, text_columns.map(|column| column.is_some()));
        worker.bounds.clear();
        // One more than there are columns: a layout may have a delimiter at the end of each row.
        worker.bounds.resize(plan.columns.names.len() + 1, (0, 0));
        Self {
            plan,
            policy,
            form,
            bytes,
            text: std::str::from_utf8(bytes).ok(),
            marks: Marks::new(bytes, form),
            fast: FastRows::of(plan),
            text_columns,
            worker,
            piece,
            n_fields: 0,
            line: 0,
            record: 0,
        }
    }

    /// The piece of one record that was read before.
    pub(super) fn read_one(mut self, record: &Record) -> Piece {
        // Its line is counted from the beginning of the file, as the piece is the first one.
        self.line = record.line() - 1;
        if let Err(failure) = self.add_record(record, self.line) {
            self.piece.failure = Some(failure);
        }
        self.line = 0;
        self.ended()
    }

    pub(super) fn read(mut self) -> Piece {
        let mut at = 0;
        while at < self.bytes.len() {
            at = match self.read_record(at) {
                Ok(next) => next,
                Err(failure) => {
                    self.piece.failure = Some(failure);
                    break;
                }
            };
        }
        self.ended()
    }

    fn ended(mut self) -> Piece {
        self.piece.lines.n = self.line;
        self.piece.records.n = self.record;
        self.piece
    }

    /// Reads the record at a position; the position behind it.
    #[inline]
    fn read_record(&mut self, at: usize) -> Result<usize, Error> {
        let line = self.line;
        match (self.cut(at), self.text) {
            (Cut::Blank(next), _) => Ok(next),
            (Cut::Fields(next), Some(text)) if next - at <= MAX_RECORD => {
                if !self.fast_row(line) {
                    self.general_row(text, line)?;
                }
                Ok(next)
            }
            _ => self.odd_row(at, line),
        }
    }

    /// Cuts the record at a position into fields.
    #[inline]
    fn cut(&mut self, start: usize) -> Cut {
        if self.text.is_none() {
            return Cut::Odd;
        }
        let (mut n_fields, mut field) = (0, start);
        loop {
            let mut at = self.marks.next().unwrap_or(self.bytes.len());
            let mut mark = self.bytes.get(at).copied().unwrap_or(b'\n');
            let mut content = (field, at);
            if Some(mark) == self.form.quote {
                let Some((close, next)) = self.close(field, at) else { return Cut::Odd };
                (content, at) = ((field + 1, close), next);
                mark = self.bytes.get(at).copied().unwrap_or(b'\n');
            } else if mark == b'\n' && at > field && self.bytes[at - 1] == b'\r' {
                content.1 -= 1;
            }
            if let Some(bounds) = self.worker.bounds.get_mut(n_fields) {
                *bounds = content;
            }
            n_fields += 1;
            field = at + 1;
            if mark == b'\n' {
                self.line += 1;
                self.n_fields = n_fields;
                let next = field.min(self.bytes.len());
                return match n_fields {
                    1 if content == (start, start) => Cut::Blank(next),
                    _ if n_fields <= self.worker.bounds.len() => Cut::Fields(next),
                    _ => Cut::Odd,
                };
            }
        }
    }

    /// Where a field that a quote opens is closed, and the mark behind it; `None` for one that does not stand
    /// in the file as it is meant.
    fn close(&mut self, field: usize, open: usize) -> Option<(usize, usize)> {
        if field != open {
            return None;
        }
        let close = loop {
            let at = self.marks.next()?;
            match self.bytes[at] {
                b'\n' => self.line += 1,
                byte if Some(byte) == self.form.quote => break at,
                _ => {}
            }
        };
        let next = match self.bytes.get(close + 1) {
            Some(b'\r') => close + 2,
            _ => close + 1,
        };
        match self.bytes.get(next) {
            None => Some((close, next)),
            Some(b'\n') => self.marks.next().map(|at| (close, at)),
            Some(byte) if *byte == self.form.delimiter && next == close + 1 => {
                self.marks.next().map(|at| (close, at))
            }
            Some(_) => None,
        }
    }

    /// Reads a row in the most common form; `false` leaves everything as it was.
    #[inline]
    fn fast_row(&mut self, line: u64) -> bool {
        let n_columns = self.plan.columns.names.len();
        let Some(fast) = self.fast.as_mut().filter(|_| self.n_fields == n_columns) else { return false };
        let row = RawFields { bytes: self.bytes, bounds: &self.worker.bounds };
        let Some(values) = fast.values(row) else { return false };
        let at = self.piece.next_row();
        for (column, position) in fast.texts.iter().enumerate() {
            let Some((position, trims)) = position else { continue };
            let text = text(row.field(*position), *trims);
            self.piece.texts[column].push(self.worker.texts[column].number(text, at));
        }
        let trims = self.plan.cleaning == TextCleaning::Trim;
        count_blanks(&mut self.piece.tally.blanks, &fast.watched, row, trims);
        self.piece.push(values, (line, self.record));
        self.record += 1;
        true
    }

    /// Reads a row that was cut and is not in the most common form.
    fn general_row(&mut self, text: &str, line: u64) -> Result<(), Error> {
        let bounds = std::mem::take(&mut self.worker.bounds);
        let fields = bounds.get(..self.n_fields).unwrap_or_default();
        let added = self.add_record(&CutFields::new(text, fields, line + 1), line);
        self.worker.bounds = bounds;
        added
    }

    /// Reads the next record at a position strictly; the position behind it.
    fn odd_row(&mut self, at: usize, line: u64) -> Result<usize, Error> {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let records = Records::new(rest, self.plan.file, self.form.delimiter).with_quote(self.form.quote);
        let mut records = records.within(line, &self.plan.columns.names);
        let mut record = std::mem::take(&mut self.worker.record);
        match records.read(&mut record) {
            Ok(true) => self.add_record(&record, record.line() - 1)?,
            Ok(false) => {}
            Err(error) => {
                self.piece.left_out.refuse(self.policy, error, None::<&Record>)?;
                self.record += 1;
            }
        }
        self.worker.record = record;
        self.line = records.lines();
        let next = self.bytes.len() - records.source().len();
        self.marks.go_to(next);
        Ok(next)
    }

    /// Adds a row, or lists it as one that does not reach the ledger.
    fn add_record(&mut self, record: &impl Fields, line: u64) -> Result<(), Error> {
        let mut scratch = std::mem::take(&mut self.worker.scratch);
        match self.plan.parse(record, &mut scratch) {
            Ok(Parsed::Booked(entry)) => self.add_entry(&entry, record, line),
            Ok(Parsed::NotBooked(state)) => self.piece.left_out.add_not_booked(state, record),
            Err(error) => self.piece.left_out.refuse(self.policy, error, Some(record))?,
        }
        self.worker.scratch = scratch;
        self.record += 1;
        Ok(())
    }

    fn add_entry(&mut self, entry: &Entry<'_>, record: &impl Fields, line: u64) {
        for (position, count) in self.piece.tally.blanks.iter_mut().enumerate() {
            *count += u64::from(self.plan.cleaning.apply(record.field(position)).is_empty());
        }
        let at = self.piece.next_row();
        for (column, text) in texts(entry).into_iter().enumerate() {
            if self.text_columns[column].is_some() {
                self.piece.texts[column].push(self.worker.texts[column].number(text.as_bytes(), at));
            }
        }
        self.piece.push(Values::from(entry), (line, self.record));
    }
}

/// Counts the blank fields of some columns.
#[inline]
fn count_blanks(counts: &mut [u64], watched: &[usize], row: RawFields<'_>, trims: bool) {
    for position in watched {
        let field = row.field(*position);
        let blank = match field.first() {
            None => true,
            Some(b'!'..=b'~') => false,
            Some(_) => text(field, trims).is_empty(),
        };
        if blank && let Some(count) = counts.get_mut(*position) {
            *count += 1;
        }
    }
}
