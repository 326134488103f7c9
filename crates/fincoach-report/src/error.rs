//! What cannot be drawn.

use fincoach_core::{DataError, ParamError};

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing to draw, numbers that are not finite or too large, lengths that differ.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A setting outside its range.
    #[error(transparent)]
    Param(#[from] ParamError),
}

/// Checks that numbers can be drawn: there are some, all finite and none beyond 10³⁰⁰, so that no span overflows.
pub(crate) fn ensure_drawable(name: &str, values: &[f64]) -> Result<(), Error> {
    if values.is_empty() {
        return Err(DataError::Empty { what: "values to draw" }.into());
    }
    for (row, value) in values.iter().copied().enumerate() {
        if !value.is_finite() {
            return Err(DataError::NotFinite { row, column: name.to_owned(), value }.into());
        }
        if value.abs() > 1e300 {
            return Err(out_of_range(row, "value to draw", "between -1e300 and 1e300", value));
        }
    }
    Ok(())
}

pub(crate) fn out_of_range(row: usize, what: &'static str, allowed: &'static str, value: f64) -> Error {
    DataError::OutOfRange { row, what, allowed, value }.into()
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
