//! Choosing by value, and values as probabilities.

use fincoach_core::ndarray::ArrayView2;
use fincoach_core::{Action, DataError};

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

/// The softmax of Q-values at a temperature: `exp(qᵢ/T) / Σⱼ exp(qⱼ/T)`.
pub(crate) fn softmax<const N: usize>(q: [f64; N], temperature: f64) -> [f64; N] {
    let top = q.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights = q.map(|value| ((value - top) / temperature).exp());
    let total: f64 = weights.iter().sum();
    weights.map(|weight| weight / total)
}

/// The mean of `-ln p(logged action)` with `p` the softmax at a temperature, in nats.
pub(crate) fn log_loss(q: &[[f64; 5]], actions: &[Action], temperature: f64) -> f64 {
    let row = |(q, action): (&[f64; 5], &Action)| {
        let top = q.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = q.iter().map(|value| ((value - top) / temperature).exp()).sum();
        total.ln() - (q[action.index()] - top) / temperature
    };
    q.iter().zip(actions).map(row).sum::<f64>() / q.len() as f64
}

/// The temperature between 0.01 and 100 under which the softmax of `q` says best what was logged.
///
/// The log loss is convex in `1/T` and so has one minimum in `ln T`, found by golden section to 1e-6.
pub(crate) fn calibrate(q: &[[f64; 5]], actions: &[Action]) -> f64 {
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (0.01_f64.ln(), 100.0_f64.ln());
    let loss = |log_temperature: f64| log_loss(q, actions, log_temperature.exp());
    while high - low > 1e-6 {
        let (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
        if loss(left) <= loss(right) { high = right } else { low = left }
    }
    f64::midpoint(low, high).exp()
}

/// Rows of five as arrays.
pub(crate) fn rows_of_five(q: ArrayView2<'_, f64>) -> Result<Vec<[f64; 5]>, DataError> {
    DataError::ensure_len("q-values of a row", 5, q.ncols())?;
    Ok(q.rows().into_iter().map(|row| [row[0], row[1], row[2], row[3], row[4]]).collect())
}

#[cfg(test)]
mod tests {
    use fincoach_core::rng::stream;

    use super::*;

    #[test]
    fn the_lowest_of_equals_is_the_largest() {
        assert_eq!(argmax(&[1.0, 3.0, 3.0]), 1);
        assert_eq!(argmax(&[]), 0);
    }

    #[test]
    fn softmax_survives_large_values() {
        assert_eq!(softmax([1e6, 0.0], 1.0), [1.0, 0.0]);
        assert_eq!(softmax([2.0, 2.0], 0.01), [0.5, 0.5]);
    }

    #[test]
    fn calibration_finds_the_temperature_that_made_the_log() {
        let mut rng = stream(3, 0);
        let q: Vec<[f64; 5]> = (0..20_000).map(|_| [(); 5].map(|()| 3.0 * rng.normal())).collect();
        let actions: Vec<Action> = q.iter().map(|q| Action::ALL[rng.weighted(&softmax(*q, 2.5))]).collect();
        let found = calibrate(&q, &actions);
        assert!((found - 2.5).abs() < 0.1, "{found}");
        assert!(log_loss(&q, &actions, found) <= log_loss(&q, &actions, 1.0));
    }
}
