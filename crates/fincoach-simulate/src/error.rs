//! What can go wrong.

use fincoach_core::{DataError, ParamError};

/// Errors of the simulator and its writers.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter outside its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// The ledger refused a row.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Not one for each household.
    #[error("{got} {what} for {expected} households")]
    Length {
        /// What there should be one of for each.
        what: &'static str,
        /// Households.
        expected: usize,
        /// What was given.
        got: usize,
    },
    /// A policy gave something that is no distribution over the five actions.
    #[error("chances {chances:?} of household {household} are not a distribution")]
    Chances {
        /// Position of the household in its batch.
        household: usize,
        /// What was given.
        chances: [f64; 5],
    },
    /// The writer refused the bytes.
    #[error("cannot write the simulated data")]
    Write(#[source] std::io::Error),
}

impl Error {
    pub(crate) fn same_length(what: &'static str, expected: usize, got: usize) -> Result<(), Self> {
        if expected == got { Ok(()) } else { Err(Self::Length { what, expected, got }) }
    }
}

impl From<std::io::Error> for Error {
    fn from(source: std::io::Error) -> Self {
        Self::Write(source)
    }
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
