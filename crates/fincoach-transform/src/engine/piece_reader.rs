//! From the bytes of a piece to its rows.

use fincoach_core::TimePrecision;

use super::column_texts::ColumnTexts;
use super::fast_fields::{FastDates, amount, trimmed, unsigned_amount};
use super::marks::Marks;
use super::piece::{NO_BALANCE, Piece, Values, Worker};
use super::record_end::Form;
use crate::record::{MAX_RECORD, Records};
use crate::rows::{CLEANED, Fields, N_TEXTS, Parsed, Parser};
use crate::{Error, TextCleaning};

/// Bytes of a short row: what room for rows is made by.
const SHORT_ROW: usize = 64;

/// Reads the rows of one piece.
pub(super) struct PieceReader<'a> {
    parser: &'a Parser<'a>,
    form: Form,
    bytes: &'a [u8],
    /// The bytes as text; where they are none, every record is looked at by itself.
    text: Option<&'a str>,
    marks: Marks<'a>,
    dates: Option<FastDates>,
    text_columns: [Option<usize>; N_TEXTS],
    worker: &'a mut Worker,
    piece: Piece,
    line: u64,
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
        parser: &'a Parser<'a>,
        form: Form,
        bytes: &'a [u8],
        (worker, mut piece): (&'a mut Worker, Piece),
    ) -> Self {
        let text_columns = parser.columns.texts();
        let n_rows = bytes.len() / SHORT_ROW;
        piece.reserve(n_rows, text_columns.map(|column| column.is_some()));
        worker.bounds.clear();
        worker.bounds.resize(parser.columns.names.len(), (0, 0));
        Self {
            parser,
            form,
            bytes,
            text: std::str::from_utf8(bytes).ok(),
            marks: Marks::new(bytes, form.delimiter, form.quote),
            dates: FastDates::of(parser.date_format).filter(|_| parser.columns.time.is_none()),
            text_columns,
            worker,
            piece,
            line: 0,
        }
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
        self.piece.lines.n_lines = self.line;
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
            if mark == self.form.quote {
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
                let next = field.min(self.bytes.len());
                return match n_fields {
                    1 if content == (start, start) => Cut::Blank(next),
                    _ if n_fields == self.worker.bounds.len() => Cut::Fields(next),
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
                byte if byte == self.form.quote => break at,
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

    fn field(&self, position: usize) -> &'a [u8] {
        let bounds = self.worker.bounds.get(position);
        bounds.and_then(|(start, end)| self.bytes.get(*start..*end)).unwrap_or_default()
    }

    /// Reads a row in the most common form; `false` leaves everything as it was.
    #[inline]
    fn fast_row(&mut self, line: u64) -> bool {
        let Some(values) = self.fast_values() else { return false };
        let trims = self.parser.cleaning == TextCleaning::Trim;
        let user = self.parser.columns.user.map(|position| self.field(position));
        if user.is_some_and(|user| user.is_empty() || trims && trimmed(user).is_empty()) {
            return false;
        }
        self.count_blanks(trims);
        let at = self.piece.next_row();
        for (column, position) in self.text_columns.iter().enumerate() {
            let Some(position) = position else { continue };
            let field = self.field(*position);
            let text = if trims && CLEANED[column] { trimmed(field) } else { field };
            self.piece.texts[column].push(self.worker.texts[column].number(text, at));
        }
        self.piece.push(values, line);
        true
    }

    #[inline]
    fn fast_values(&mut self) -> Option<Values> {
        let columns = self.parser.columns;
        let (debit, credit) = (self.field(columns.debit), self.field(columns.credit));
        let amount_of_row = match (debit.is_empty(), credit.is_empty()) {
            (false, true) => -unsigned_amount(debit)?,
            (true, false) => unsigned_amount(credit)?,
            _ => return None,
        };
        let balance = match columns.balance.map(|position| self.field(position)) {
            None | Some([]) => NO_BALANCE,
            Some(text) => amount(text)?,
        };
        let date = self.field(columns.date);
        let time = self.dates.as_mut()?.midnight(date)?;
        Some(Values { time, precision: TimePrecision::Day, amount: amount_of_row, balance })
    }

    #[inline]
    fn count_blanks(&mut self, trims: bool) {
        let Self { bytes, worker, piece, .. } = self;
        for (count, (start, end)) in piece.tally.blanks.iter_mut().zip(&worker.bounds) {
            let blank = match bytes.get(*start) {
                _ if start == end => true,
                Some(b'!'..=b'~') => false,
                _ => trims && trimmed(&bytes[*start..*end]).is_empty(),
            };
            *count += u64::from(blank);
        }
    }

    /// Reads a row that was cut and is not in the most common form.
    fn general_row(&mut self, text: &'a str, line: u64) -> Result<(), Error> {
        let Self { parser, worker, piece, .. } = self;
        let Worker { texts, bounds, .. } = &mut **worker;
        let fields = Fields::new(text, bounds, line + 1);
        let row = parser.row(&fields)?;
        add_row(parser, piece, texts, (&fields, &row));
        Ok(())
    }

    /// Reads the next record at a position strictly; the position behind it.
    fn odd_row(&mut self, at: usize, line: u64) -> Result<usize, Error> {
        let Self { parser, worker, piece, .. } = self;
        let Worker { texts, record, .. } = &mut **worker;
        let rest = self.bytes.get(at..).unwrap_or_default();
        let mut records = Records::new(rest, parser.file, self.form.delimiter).within(line, &parser.columns.names);
        let read = records.read(record);
        self.line = records.line();
        if read? {
            let fields = record.as_fields();
            let row = parser.row(&fields)?;
            add_row(parser, piece, texts, (&fields, &row));
        }
        let next = self.bytes.len() - records.into_source().len();
        self.marks.go_to(next);
        Ok(next)
    }
}

fn add_row(
    parser: &Parser<'_>,
    piece: &mut Piece,
    texts: &mut [ColumnTexts; N_TEXTS],
    (fields, row): (&Fields<'_>, &Parsed<'_>),
) {
    for (position, count) in piece.tally.blanks.iter_mut().enumerate() {
        *count += u64::from(parser.cleaning.apply(fields.field(position)).is_empty());
    }
    let at = piece.next_row();
    for (column, text) in row.texts.iter().enumerate() {
        if let Some(text) = text {
            piece.texts[column].push(texts[column].number(text.as_bytes(), at));
        }
    }
    piece.push(Values::from(row), fields.line() - 1);
}
