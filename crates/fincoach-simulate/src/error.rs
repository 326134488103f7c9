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
    /// The writer refused the bytes.
    #[error("cannot write the simulated data")]
    Write(#[source] std::io::Error),
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
