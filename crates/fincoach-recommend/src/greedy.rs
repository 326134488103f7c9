//! Choosing by value, and values as probabilities.

use fincoach_core::DataError;
use fincoach_core::ndarray::ArrayView2;

/// The position of the largest value; the lowest of equals, 0 of none.
pub(crate) fn argmax(values: &[f64]) -> usize {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = index;
        }
    }
    best
}

/// The position of the largest value among those allowed, the lowest of equals; none where nothing is allowed.
pub(crate) fn argmax_among(values: &[f64], allowed: &[bool]) -> Option<usize> {
    let mut best: Option<usize> = None;
    for (index, (value, allowed)) in values.iter().zip(allowed).enumerate() {
        if *allowed && best.is_none_or(|best| *value > values[best]) {
            best = Some(index);
        }
    }
    best
}

/// [`softmax`] over what is allowed; everything else has 0.
pub(crate) fn softmax_among(q: [f64; 5], allowed: [bool; 5], temperature: f64) -> [f64; 5] {
    let mut masked = q;
    for (value, allowed) in masked.iter_mut().zip(allowed) {
        *value = if allowed { *value } else { f64::NEG_INFINITY };
    }
    softmax(masked, temperature)
}

/// The softmax of Q-values at a temperature: `exp(qᵢ/T) / Σⱼ exp(qⱼ/T)`.
pub(crate) fn softmax<const N: usize>(q: [f64; N], temperature: f64) -> [f64; N] {
    let top = q.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights = q.map(|value| ((value - top) / temperature).exp());
    let total: f64 = weights.iter().sum();
    weights.map(|weight| weight / total)
}

/// Rows of five as arrays.
pub(crate) fn rows_of_five(q: ArrayView2<'_, f64>) -> Result<Vec<[f64; 5]>, DataError> {
    DataError::ensure_len("q-values of a row", 5, q.ncols())?;
    Ok(q.rows().into_iter().map(|row| [row[0], row[1], row[2], row[3], row[4]]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_of_equals_is_the_largest() {
        assert_eq!(argmax(&[1.0, 3.0, 3.0]), 1);
        assert_eq!(argmax(&[]), 0);
    }

    #[test]
    fn only_allowed_values_are_chosen() {
        assert_eq!(argmax_among(&[9.0, 3.0, 3.0], &[false, true, true]), Some(1));
        assert_eq!(argmax_among(&[9.0, f64::NEG_INFINITY], &[false, true]), Some(1));
        assert_eq!(argmax_among(&[9.0], &[false]), None);
    }

    #[test]
    fn softmax_survives_large_values() {
        assert_eq!(softmax([1e6, 0.0], 1.0), [1.0, 0.0]);
        assert_eq!(softmax([2.0, 2.0], 0.01), [0.5, 0.5]);
    }
}
