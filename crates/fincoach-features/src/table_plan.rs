//! Which rows a table has, and filling them in parallel.

use chrono::{DateTime, NaiveDateTime};
use fincoach_core::ndarray::Array2;
use fincoach_core::{DataError, FeatureTable, Ledger, LedgerView, RowKey, chrono};
use rayon::prelude::*;

use crate::snapshots::Schedule;
use crate::{Error, Features, LeftOut};

/// The rows of a table, known before any value: who has one, at what date, and who has too few transactions.
#[derive(Debug)]
pub(crate) struct TablePlan<'a> {
    ledger: &'a Ledger,
    pieces: Vec<Piece>,
    left_out: Vec<LeftOut>,
}

/// The rows of some users that stand one after the other; the unit of parallel work. How the users are cut into
/// pieces has no influence on any row.
#[derive(Debug)]
struct Piece {
    first_user: usize,
    /// Rows of each user.
    n_rows: Vec<usize>,
    keys: Vec<RowKey>,
    left_out: Vec<LeftOut>,
}

/// The rows of one user that are to be written.
#[derive(Debug)]
pub(crate) struct UserRows<'a> {
    /// All rows of the user's, those after the dates as well.
    pub(crate) user: LedgerView<'a>,
    /// The dates, ascending.
    pub(crate) keys: &'a [RowKey],
    /// Room for the values of one date after the other.
    pub(crate) values: &'a mut [f64],
}

/// How the values of a schema are written.
pub(crate) trait Schema: Sync {
    /// Memory used for one user after the other; its content must not matter.
    type Scratch;

    /// Names of the columns.
    fn names(&self) -> impl ExactSizeIterator<Item = &'static str>;

    /// Memory for users of this ledger.
    fn scratch(&self, ledger: &Ledger) -> Self::Scratch;

    /// Writes the rows of one user.
    fn write(&self, scratch: &mut Self::Scratch, rows: UserRows<'_>) -> Result<(), Error>;
}

impl<'a> TablePlan<'a> {
    /// A row for each user and date of the schedule with at least `min_transactions` rows up to it.
    pub(crate) fn new(
        ledger: &'a Ledger,
        min_transactions: usize,
        schedule: &Schedule,
    ) -> Result<Self, Error> {
        if ledger.is_empty() {
            return Err(DataError::Empty { what: "transactions" }.into());
        }
        let n_users = ledger.n_users();
        let per_piece = n_users.div_ceil(16 * rayon::current_num_threads()).max(1);
        let mut pieces: Vec<Piece> = (0..n_users.div_ceil(per_piece))
            .into_par_iter()
            .map(|piece| piece * per_piece..((piece + 1) * per_piece).min(n_users))
            .map(|users| Piece::new(ledger, users, (min_transactions, schedule)))
            .collect();
        let left_out: Vec<LeftOut> = pieces.iter_mut().flat_map(|piece| piece.left_out.drain(..)).collect();
        if pieces.iter().all(|piece| piece.keys.is_empty()) {
            return Err(no_users(n_users, min_transactions, &left_out));
        }
        Ok(Self { ledger, pieces, left_out })
    }

    /// The table of these rows.
    pub(crate) fn fill(mut self, schema: &impl Schema) -> Result<Features, Error> {
        let n_columns = schema.names().len();
        let n_rows: usize = self.pieces.iter().map(|piece| piece.keys.len()).sum();
        let mut values = vec![0.0; n_rows * n_columns];
        let mut work = Vec::with_capacity(self.pieces.len());
        let mut rest = values.as_mut_slice();
        for piece in &self.pieces {
            let (room, after) = std::mem::take(&mut rest).split_at_mut(piece.keys.len() * n_columns);
            rest = after;
            work.push((piece, room));
        }
        let done: Vec<Result<(), Error>> = work
            .into_par_iter()
            .map_init(
                || schema.scratch(self.ledger),
                |scratch, work| work.0.fill(self.ledger, (schema, scratch), work.1),
            )
            .collect();
        // The first error in the order of the users, whichever thread met one first.
        done.into_iter().collect::<Result<(), Error>>()?;
        let values = Array2::from_shape_vec((n_rows, n_columns), values)
            .map_err(|error| DataError::Inconsistent { what: "feature table", reason: error.to_string() })?;
        let mut keys = Vec::with_capacity(n_rows);
        self.pieces.iter_mut().for_each(|piece| keys.append(&mut piece.keys));
        Ok(Features::new(FeatureTable::new(keys, schema.names(), values)?, self.left_out))
    }
}

impl Piece {
    fn new(ledger: &Ledger, users: std::ops::Range<usize>, rule: (usize, &Schedule)) -> Self {
        let (min_transactions, schedule) = rule;
        let mut piece = Self {
            first_user: users.start,
            n_rows: Vec::with_capacity(users.len()),
            keys: Vec::new(),
            left_out: Vec::new(),
        };
        let mut dates = Vec::new();
        for (name, user) in ledger.users()[users.clone()].iter().zip(users) {
            let times = ledger.user(user).times();
            schedule.dates(times, &mut dates);
            let (n_before, mut n_past) = (piece.keys.len(), 0);
            for as_of in &dates {
                n_past = n_until(times, n_past, *as_of);
                let (user, as_of) = (name.clone(), *as_of);
                if n_past < min_transactions {
                    piece.left_out.push(LeftOut { user, as_of, n_transactions: n_past });
                } else {
                    piece.keys.push(RowKey { user, as_of });
                }
            }
            piece.n_rows.push(piece.keys.len() - n_before);
        }
        piece
    }

    fn fill<S: Schema>(
        &self,
        ledger: &Ledger,
        writer: (&S, &mut S::Scratch),
        mut values: &mut [f64],
    ) -> Result<(), Error> {
        let (schema, scratch) = writer;
        let n_columns = schema.names().len();
        let mut keys = self.keys.as_slice();
        for (user, n_rows) in (self.first_user..).zip(&self.n_rows) {
            let (own_keys, other_keys) = keys.split_at(*n_rows);
            let (room, rest) = std::mem::take(&mut values).split_at_mut(n_rows * n_columns);
            (keys, values) = (other_keys, rest);
            if *n_rows > 0 {
                schema.write(scratch, UserRows { user: ledger.user(user), keys: own_keys, values: room })?;
            }
        }
        Ok(())
    }
}

/// The second up to and including which a date looks.
pub(crate) fn second(as_of: NaiveDateTime) -> i64 {
    as_of.and_utc().timestamp()
}

/// The moment of a time.
pub(crate) fn moment(seconds: i64) -> NaiveDateTime {
    DateTime::from_timestamp(seconds, 0).map_or(NaiveDateTime::MIN, |time| time.naive_utc())
}

/// How many times are not after a date, of which at least the first `n_known` are not. Over ascending dates, together
/// `O(rows + dates)`.
pub(crate) fn n_until(times: &[i64], n_known: usize, as_of: NaiveDateTime) -> usize {
    let last = second(as_of);
    if times.last().is_none_or(|time| *time <= last) {
        return times.len();
    }
    n_known + times.iter().skip(n_known).take_while(|time| **time <= last).count()
}

/// The error that nobody has enough transactions.
pub(crate) fn no_users(n_users: usize, min_transactions: usize, left_out: &[LeftOut]) -> Error {
    // The last of equals is the first in reverse.
    let fullest = left_out.iter().rev().max_by_key(|row| row.n_transactions);
    let (user, most) = fullest.map_or((String::new(), 0), |row| (row.user.clone(), row.n_transactions));
    Error::NoUsers { n_users, min_transactions, user, most }
}
