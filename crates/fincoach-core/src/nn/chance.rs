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

/// Inverted dropout that takes 16 bits of a draw for each value: the share is rounded to a multiple of 2⁻¹⁶, and the
/// factor of what is kept makes up for exactly that share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    threshold: u16,
    factor: f32,
}

impl Dropout {
    /// For a share in `[0, 1)`.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 65535")]
    pub fn new(share: f64) -> Self {
        let threshold = (share * 65536.0).round().clamp(0.0, 65535.0) as u16;
        Self { threshold, factor: (65536.0 / (65536.0 - f64::from(threshold))) as f32 }
    }

    /// By what a value that is kept is multiplied.
    #[must_use]
    pub const fn factor(self) -> f32 {
        self.factor
    }

    /// Drops values out; draws once for each four of them, and not at all for a share of 0.
    pub fn apply(self, values: &mut [f32], rng: &mut Rng) {
        if self.threshold == 0 {
            return;
        }
        for four in values.chunks_mut(4) {
            let bits = rng.bits();
            for (at, value) in four.iter_mut().enumerate() {
                let kept = (bits >> (16 * at)) as u16 >= self.threshold;
                *value *= if kept { self.factor } else { 0.0 };
            }
        }
    }
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
    fn dropout_by_sixteen_bits_keeps_the_mean() {
        let dropout = Dropout::new(0.2);
        let mut values = vec![1.0; 100_001];
        dropout.apply(&mut values, &mut stream(1, 0));
        let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / 100_001.0;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
        assert!(values.iter().all(|value| *value == 0.0 || *value == dropout.factor()));
        assert!((dropout.factor() - 1.25).abs() < 1e-4);
        let mut rng = stream(1, 0);
        Dropout::new(0.0).apply(&mut values, &mut rng);
        assert_eq!(rng, stream(1, 0));
    }

    #[test]
    fn start_weights_stay_within_the_bound() {
        assert!(uniform(&mut stream(1, 0), 1000, 0.5).iter().all(|weight| weight.abs() <= 0.5));
    }
}
