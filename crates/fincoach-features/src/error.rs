//! What can go wrong between a ledger and a feature table.

use chrono::NaiveDateTime;
use fincoach_core::{DataError, ParamError, chrono};

/// Why there are no features, or no file of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter outside its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// Data of the wrong form.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A row within the look-back has no running balance.
    #[error(
        "user `{user}`, row {row} of {time} (source row {source_row}): no balance, and schema v1 needs one on every row"
    )]
    MissingBalance {
        /// The user.
        user: String,
        /// Position among the user's rows, counted from 0.
        row: usize,
        /// Row of the source file, counted from 1; 0 where there is no file.
        source_row: u32,
        /// Time of the row.
        time: NaiveDateTime,
    },
    /// Nobody has enough transactions.
    #[error(
        "none of {n_users} users has the {min_transactions} transactions that features need; user `{user}` has most, {most}"
    )]
    NoUsers {
        /// Users in the ledger.
        n_users: usize,
        /// The fewest transactions a row needs.
        min_transactions: usize,
        /// The first user with the most transactions.
        user: String,
        /// Their number.
        most: usize,
    },
    /// A transaction that comes after a later one of the same user.
    #[error(
        "user `{user}`: a transaction of {time} comes after one of {last}; they must come in the order of time"
    )]
    NotInOrder {
        /// The user.
        user: String,
        /// Time of the transaction.
        time: NaiveDateTime,
        /// Time of the last one before it.
        last: NaiveDateTime,
    },
    /// A date before transactions that have been counted already.
    #[error("user `{user}` cannot be looked at as of {as_of}: there is a transaction of {last}")]
    AlreadyLater {
        /// The user.
        user: String,
        /// The date asked for.
        as_of: NaiveDateTime,
        /// Time of the user's last transaction.
        last: NaiveDateTime,
    },
    /// A cell of a feature file that cannot be read.
    #[error("line {line}, column `{column}`: `{value}` is not {expected}")]
    Cell {
        /// Line of the file, counted from 1.
        line: u64,
        /// Name of the column.
        column: String,
        /// The text found.
        value: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A feature file whose rows do not have the form of its header.
    #[error("line {line}: {reason}")]
    Line {
        /// Line of the file, counted from 1; 0 where it is not known.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A file that does not begin with the columns `user` and `as_of`.
    #[error("column {position} is `{got}`, expected `{expected}`")]
    Header {
        /// Position of the column, counted from 0.
        position: usize,
        /// Name expected.
        expected: &'static str,
        /// Name found; empty where there is no such column.
        got: String,
    },
    /// The reader or writer failed.
    #[error("a feature table cannot be read or written")]
    Io(#[from] std::io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_travel_between_threads() {
        fn travels<T: Send + Sync + 'static>() {}
        travels::<Error>();
    }
}
