//! What can go wrong here.

use fincoach_core::chrono::NaiveDate;
use fincoach_core::{DataError, ParamError};

/// Why a panel, a fit or a forecast was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter outside its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// Data of the wrong form.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The bookings of a user lie too far apart, most likely because of a mistyped year.
    #[error("user {user:?} has bookings from {first} to {last}: {n_days} days, at most {most} are taken")]
    TooManyDays {
        /// Whose bookings.
        user: String,
        /// The day of the first.
        first: NaiveDate,
        /// The day of the last.
        last: NaiveDate,
        /// Days from the first to the last, both counted.
        n_days: usize,
        /// The most that are taken.
        most: usize,
    },
    /// A field of a table that is not what its column holds.
    #[error("line {line}{}: {value:?} is not {expected}", in_column(column))]
    Csv {
        /// Line of the file, counted from 1.
        line: u64,
        /// Name of the column; empty where the whole line is meant.
        column: String,
        /// The text found.
        value: String,
        /// What the column holds.
        expected: &'static str,
    },
    /// No user has enough days before the validation part for one window and its target.
    #[error(
        "no training window: {needed} days before the validation part are needed, the user with most has {longest}"
    )]
    NoWindows {
        /// Days a window and its target take.
        needed: usize,
        /// Training days of the user with most.
        longest: usize,
    },
    /// More days asked for than the model was trained to give.
    #[error("a forecast of {asked} days was asked, the model gives {fitted}")]
    Horizon {
        /// Days asked for.
        asked: usize,
        /// Days the model gives.
        fitted: usize,
    },
    /// The loss left the finite numbers.
    #[error("training diverged in epoch {epoch}: the loss is not finite; lower the learning rate")]
    Diverged {
        /// Epoch, counted from 1.
        epoch: usize,
    },
    /// The tensor library failed: a bug of ours or an exhausted machine.
    #[error("tensor computation failed: {reason}")]
    Computation {
        /// What the library said.
        reason: String,
    },
}

impl Error {
    pub(crate) fn computation(error: &candle_core::Error) -> Self {
        Self::Computation { reason: error.to_string() }
    }
}

fn in_column(column: &str) -> String {
    if column.is_empty() { String::new() } else { format!(", column `{column}`") }
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
