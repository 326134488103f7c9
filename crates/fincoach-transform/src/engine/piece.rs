//! The rows of one piece of a file, by column.

use fincoach_core::{Money, TimePrecision};

use super::column_texts::{ColumnTexts, RowAt};
use super::text_columns::OfTexts;
use crate::Error;
use crate::plan::Entry;
use crate::policy::LeftOut;
use crate::record::Record;

/// In place of a balance that is not there: no parser gives this amount.
pub(super) const NO_BALANCE: i64 = i64::MIN;

/// What one worker keeps from piece to piece.
#[derive(Debug, Default)]
pub(super) struct Worker {
    pub(super) texts: OfTexts<ColumnTexts>,
    pub(super) record: Record,
    pub(super) bounds: Vec<(usize, usize)>,
    pub(super) scratch: String,
}

/// Rows of a piece in the order of the file.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) number: usize,
    /// The worker whose numbers the texts have.
    pub(super) worker: usize,
    pub(super) times: Vec<i64>,
    pub(super) amounts: Vec<Money>,
    pub(super) balances: Vec<i64>,
    /// Empty where no row has a time of day.
    pub(super) precisions: Vec<TimePrecision>,
    /// Empty for columns the file does not have.
    pub(super) texts: OfTexts<Vec<u32>>,
    /// Line of the piece each row begins on.
    pub(super) lines: Numbers,
    /// Record of the piece each row is.
    pub(super) records: Numbers,
    pub(super) tally: Tally,
    pub(super) left_out: LeftOut,
    /// The error that ended the piece; nothing behind it was read.
    pub(super) failure: Option<Error>,
}

/// Values of a row that are no texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values {
    pub(super) time: i64,
    pub(super) precision: TimePrecision,
    pub(super) amount: i64,
    pub(super) balance: i64,
}

impl From<&Entry<'_>> for Values {
    fn from(row: &Entry<'_>) -> Self {
        Self {
            time: row.time.and_utc().timestamp(),
            precision: row.precision,
            amount: row.amount.minor(),
            balance: row.balance.map_or(NO_BALANCE, Money::minor),
        }
    }
}

impl Piece {
    pub(super) fn new(number: usize, worker: usize, n_columns: usize) -> Self {
        Self {
            number,
            worker,
            times: Vec::new(),
            amounts: Vec::new(),
            balances: Vec::new(),
            precisions: Vec::new(),
            texts: Default::default(),
            lines: Numbers::default(),
            records: Numbers::default(),
            tally: Tally::new(n_columns),
            left_out: LeftOut::default(),
            failure: None,
        }
    }

    /// Makes room for rows with texts in some columns.
    pub(super) fn reserve(&mut self, n_rows: usize, with_texts: OfTexts<bool>) {
        self.times.reserve(n_rows);
        self.amounts.reserve(n_rows);
        self.balances.reserve(n_rows);
        for (column, _) in self.texts.iter_mut().zip(with_texts).filter(|(_, with)| *with) {
            column.reserve(n_rows);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.times.len()
    }

    /// Where the next row stands.
    #[expect(clippy::cast_possible_truncation, reason = "a file of 2^32 pieces has 2^50 bytes")]
    pub(super) fn next_row(&self) -> RowAt {
        RowAt { piece: self.number as u32, row: self.len() as u32 }
    }

    /// Adds the values of a row whose texts were added.
    #[inline]
    pub(super) fn push(&mut self, values: Values, (line, record): (u64, u64)) {
        self.lines.push(self.times.len(), line);
        self.records.push(self.times.len(), record);
        if values.precision != TimePrecision::Day || !self.precisions.is_empty() {
            self.precisions.resize(self.times.len(), TimePrecision::Day);
            self.precisions.push(values.precision);
        }
        self.times.push(values.time);
        self.amounts.push(Money::from_minor(values.amount));
        self.balances.push(values.balance);
        self.tally.add(values);
    }
}

/// A number for each row that most often grows by one from row to row; counted from the beginning of the piece.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// The numbers of the file before the piece.
    pub(super) before: u64,
    /// How many numbers the piece has.
    pub(super) n: u64,
    /// Filled only where rows and numbers do not run together.
    rows: Vec<u32>,
}

impl Numbers {
    /// Notes the number, the first being 0, of a row.
    #[inline]
    fn push(&mut self, row: usize, number: u64) {
        if number != row as u64 || !self.rows.is_empty() {
            self.note(row, number);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a piece has some mebibytes")]
    fn note(&mut self, row: usize, number: u64) {
        if self.rows.is_empty() {
            self.rows.extend(0..row as u32);
        }
        self.rows.push(number as u32);
    }

    /// The number of a row in the file, the first being 1.
    fn of_file(&self, row: usize) -> u64 {
        self.before + 1 + self.rows.get(row).map_or(row as u64, |number| u64::from(*number))
    }

    /// The row with this number of the file.
    fn row(&self, number: u64) -> Option<usize> {
        let number = number.checked_sub(self.before + 1)?;
        if self.rows.is_empty() {
            return usize::try_from(number).ok();
        }
        u32::try_from(number).ok().and_then(|number| self.rows.binary_search(&number).ok())
    }
}

/// Where in the file the rows of all pieces stand.
#[derive(Debug)]
pub(super) struct FilePlaces(Vec<PiecePlaces>);

#[derive(Debug)]
struct PiecePlaces {
    lines: Numbers,
    records: Numbers,
    n_rows: usize,
}

impl FilePlaces {
    pub(super) fn of(pieces: &mut [Piece]) -> Self {
        let places = |piece: &mut Piece| PiecePlaces {
            lines: std::mem::take(&mut piece.lines),
            records: std::mem::take(&mut piece.records),
            n_rows: piece.times.len(),
        };
        Self(pieces.iter_mut().map(places).collect())
    }

    /// How many records the file has below its header.
    pub(super) fn n_records(&self) -> u64 {
        self.0.last().map_or(0, |piece| piece.records.before + piece.records.n)
    }

    /// The record each row of each piece is, the first one below the header being 1.
    #[expect(clippy::cast_possible_truncation, reason = "asked for once they are known to fit")]
    pub(super) fn records(&self) -> Vec<impl Iterator<Item = u32>> {
        self.0.iter().map(|piece| (0..piece.n_rows).map(|row| piece.records.of_file(row) as u32)).collect()
    }

    /// The line a record begins on; 0 for one that is no row.
    pub(super) fn line(&self, record: u32) -> u64 {
        let number = u64::from(record);
        let place = self.0.iter().rfind(|piece| piece.records.before < number);
        place.and_then(|piece| piece.records.row(number).map(|row| piece.lines.of_file(row))).unwrap_or(0)
    }
}

/// What is counted on the way.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    pub(super) first_time: i64,
    pub(super) last_time: i64,
    pub(super) rows_in: u64,
    pub(super) total_in: Money,
    pub(super) rows_out: u64,
    pub(super) total_out: Money,
    pub(super) without_balance: u64,
    /// Blank fields of each column of the file.
    pub(super) blanks: Vec<u64>,
}

impl Tally {
    pub(super) fn new(n_columns: usize) -> Self {
        Self {
            first_time: i64::MAX,
            last_time: i64::MIN,
            rows_in: 0,
            total_in: Money::ZERO,
            rows_out: 0,
            total_out: Money::ZERO,
            without_balance: 0,
            blanks: vec![0; n_columns],
        }
    }

    #[inline]
    fn add(&mut self, values: Values) {
        self.first_time = self.first_time.min(values.time);
        self.last_time = self.last_time.max(values.time);
        self.without_balance += u64::from(values.balance == NO_BALANCE);
        let amount = Money::from_minor(values.amount);
        if amount.is_positive() {
            self.rows_in += 1;
            self.total_in += amount;
        } else if amount.is_negative() {
            self.rows_out += 1;
            self.total_out += amount.abs();
        }
    }

    /// Adds what another piece counted; sums that saturate do so in any order.
    pub(super) fn merge(&mut self, other: &Self) {
        self.first_time = self.first_time.min(other.first_time);
        self.last_time = self.last_time.max(other.last_time);
        self.rows_in += other.rows_in;
        self.total_in += other.total_in;
        self.rows_out += other.rows_out;
        self.total_out += other.total_out;
        self.without_balance += other.without_balance;
        self.blanks.iter_mut().zip(&other.blanks).for_each(|(sum, rows)| *sum += rows);
    }
}
