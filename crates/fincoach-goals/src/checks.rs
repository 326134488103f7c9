//! Checks of probabilities.

use fincoach_core::DataError;

/// Checks that there is one probability in `[0, 1]` per label, and at least one.
pub(crate) fn ensure_probabilities(probabilities: &[f64], labels: &[bool]) -> Result<(), DataError> {
    DataError::ensure_len("probabilities", labels.len(), probabilities.len())?;
    if labels.is_empty() {
        return Err(DataError::Empty { what: "probabilities" });
    }
    match probabilities.iter().position(|p| !(0.0..=1.0).contains(p)) {
        None => Ok(()),
        Some(row) => {
            let value = probabilities[row];
            Err(DataError::OutOfRange { row, what: "probability", allowed: "in [0, 1]", value })
        }
    }
}
