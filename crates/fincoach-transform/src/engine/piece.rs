//! The rows of one piece of a file, by column.

use fincoach_core::{Money, TimePrecision};

use super::column_texts::{ColumnTexts, RowAt};
use crate::Error;
use crate::rows::{N_TEXTS, Parsed};

/// In place of a balance that is not there: no parser gives this amount.
pub(super) const NO_BALANCE: i64 = i64::MIN;

/// What one worker keeps from piece to piece.
#[derive(Debug, Default)]
pub(super) struct Worker {
    pub(super) texts: [ColumnTexts; N_TEXTS],
    pub(super) record: crate::record::Record,
    pub(super) bounds: Vec<(usize, usize)>,
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
    pub(super) texts: [Vec<u32>; N_TEXTS],
    pub(super) lines: Lines,
    pub(super) tally: Tally,
    /// The first row that could not be read; nothing behind it was.
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

impl From<&Parsed<'_>> for Values {
    fn from(row: &Parsed<'_>) -> Self {
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
            lines: Lines::default(),
            tally: Tally::new(n_columns),
            failure: None,
        }
    }

    /// Makes room for rows with texts in some columns.
    pub(super) fn reserve(&mut self, n_rows: usize, with_texts: [bool; N_TEXTS]) {
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
    pub(super) fn push(&mut self, values: Values, line: u64) {
        self.lines.push(self.times.len(), line);
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

/// The line each row begins on, counted from the beginning of the piece.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Lines before the piece.
    pub(super) before: u64,
    /// Lines of the piece.
    pub(super) n_lines: u64,
    /// Filled only where rows and lines do not run together.
    rows: Vec<u32>,
}

impl Lines {
    /// Notes the line, the first being 0, of a row.
    #[inline]
    fn push(&mut self, row: usize, line: u64) {
        if line != row as u64 || !self.rows.is_empty() {
            self.note(row, line);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a piece has some mebibytes")]
    fn note(&mut self, row: usize, line: u64) {
        let regular = self.rows.len() as u32..row as u32;
        self.rows.extend(regular);
        self.rows.push(line as u32);
    }

    /// The line of the file of a row, the first line being 1.
    fn line(&self, row: usize) -> u64 {
        self.before + 1 + self.rows.get(row).map_or(row as u64, |line| u64::from(*line))
    }
}

/// The lines of all rows of a file.
#[derive(Debug)]
pub(super) struct RowLines(Vec<(Lines, usize)>);

impl RowLines {
    pub(super) fn of(pieces: &mut [Piece]) -> Self {
        Self(pieces.iter_mut().map(|piece| (std::mem::take(&mut piece.lines), piece.times.len())).collect())
    }

    /// The line of the file of a row, the first row being 0; 0 when there is none.
    pub(super) fn line(&self, mut row: usize) -> u64 {
        for (lines, n_rows) in &self.0 {
            if row < *n_rows {
                return lines.line(row);
            }
            row -= n_rows;
        }
        0
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
