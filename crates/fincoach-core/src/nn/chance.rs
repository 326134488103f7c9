//! Start weights and dropout masks from our own streams: the tensor library's generator cannot be seeded
//! on the CPU.

use crate::rng::Rng;

/// `n` numbers uniform in `[-bound, bound)`.
///
/// PyTorch starts linear layers with `bound = 1/√fan_in` and recurrent ones with `1/√hidden`.
#[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
pub fn uniform(rng: &mut Rng, n: usize, bound: f64) -> Vec<f32> {
    (0..n).map(|_| rng.range(-bound, bound) as f32).collect()
}

/// `n` factors of inverted dropout: 0 with probability `p`, else `1/(1-p)`, so that the mean stays 1.
#[expect(clippy::cast_possible_truncation, reason = "activations are f32")]
pub fn dropout_mask(rng: &mut Rng, n: usize, p: f64) -> Vec<f32> {
    let kept = (1.0 / (1.0 - p)) as f32;
    (0..n).map(|_| if rng.bernoulli(p) { 0.0 } else { kept }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::stream;

    #[test]
    fn a_mask_keeps_the_mean() {
        let mask = dropout_mask(&mut stream(1, 0), 100_000, 0.2);
        let mean = mask.iter().map(|factor| f64::from(*factor)).sum::<f64>() / 100_000.0;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
        assert!(mask.iter().all(|factor| *factor == 0.0 || *factor == 1.25));
    }

    #[test]
    fn start_weights_stay_within_the_bound() {
        assert!(uniform(&mut stream(1, 0), 1000, 0.5).iter().all(|weight| weight.abs() <= 0.5));
    }
}
