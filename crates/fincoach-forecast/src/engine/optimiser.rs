//! Adam over one slice of weights, with clipped gradients.

use fincoach_core::nn::Moments;
use pulp::{Arch, Simd, WithSimd};

use super::wide::wide;

/// Moments of all weights and the steps taken.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Optimiser {
    pub(crate) moments: Moments,
    pub(crate) n_steps: u64,
}

/// What a step does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) learning_rate: f64,
    /// The largest length of the gradient; infinite to leave it as it is.
    pub(crate) clip: f64,
    /// Decoupled weight decay.
    pub(crate) decay: f64,
}

impl Optimiser {
    pub(crate) fn new(n_weights: usize) -> Self {
        Self { moments: Moments::at_rest(n_weights), n_steps: 0 }
    }

    /// One step of Adam as in PyTorch: β 0.9 and 0.999, ε 1e-8.
    #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
    pub(crate) fn step(&mut self, weights: &mut [f32], gradients: &[f32], step: Step) {
        self.n_steps = self.n_steps.saturating_add(1);
        let n = i32::try_from(self.n_steps).unwrap_or(i32::MAX);
        let corrected = |beta: f64| 1.0 - beta.powi(n);
        let rate = (step.learning_rate / corrected(0.9)) as f32;
        let scale = (1.0 / corrected(0.999).sqrt()) as f32;
        let kept = (1.0 - step.learning_rate * step.decay) as f32;
        let shrunk =
            if step.clip.is_finite() { (step.clip / length(gradients)).min(1.0) as f32 } else { 1.0 };
        Arch::new().dispatch(Update {
            moments: &mut self.moments,
            weights,
            gradients,
            rates: [rate, scale, kept, shrunk],
        });
    }
}

struct Update<'a> {
    moments: &'a mut Moments,
    weights: &'a mut [f32],
    gradients: &'a [f32],
    /// Step size, correction of the second moment, what the decay leaves, what clipping leaves.
    rates: [f32; 4],
}

impl WithSimd for Update<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self {
            moments: Moments { first, second },
            weights,
            gradients,
            rates: [rate, scale, kept, shrunk],
        } = self;
        let moments = first.iter_mut().zip(second);
        for ((weight, gradient), (first, second)) in weights.iter_mut().zip(gradients).zip(moments) {
            let gradient = gradient * shrunk;
            *first = flushed(0.9 * *first + 0.1 * gradient);
            *second = flushed(0.999 * *second + 0.001 * gradient * gradient);
            *weight = kept * *weight - rate * *first / (second.sqrt() * scale + 1e-8);
        }
    }
}

/// Numbers too small to be normal cost as much as a hundred others.
#[inline(always)]
fn flushed(value: f32) -> f32 {
    if value.abs() < f32::MIN_POSITIVE { 0.0 } else { value }
}

/// The length of a gradient, summed in eight lanes, in one order.
fn length(gradients: &[f32]) -> f64 {
    let lanes = wide(|| {
        let mut lanes = [0.0_f32; 8];
        let mut sums = [0.0_f64; 8];
        for block in gradients.chunks(4096) {
            lanes.fill(0.0);
            for eight in block.chunks_exact(8) {
                lanes.iter_mut().zip(eight).for_each(|(lane, value)| *lane += value * value);
            }
            for (lane, value) in lanes.iter_mut().zip(block.chunks_exact(8).remainder()) {
                *lane += value * value;
            }
            sums.iter_mut().zip(lanes).for_each(|(sum, lane)| *sum += f64::from(lane));
        }
        sums
    });
    lanes.iter().sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fincoach_core::nn::AdamRates;

    #[test]
    fn steps_are_those_of_the_shared_adam() {
        let (mut ours, mut theirs) = (vec![1.0, -2.0, 0.5], vec![1.0, -2.0, 0.5]);
        let (mut optimiser, mut moments) = (Optimiser::new(3), Moments::at_rest(3));
        for n in 1..=20 {
            let gradients = [0.1, -0.4, ours[2]];
            let step = Step { learning_rate: 0.05, clip: f64::INFINITY, decay: 0.0 };
            optimiser.step(&mut ours, &gradients, step);
            moments.step(&mut theirs, &gradients, AdamRates::of_step(n, 0.05));
        }
        for (a, b) in ours.iter().zip(&theirs) {
            assert!((a - b).abs() < 1e-6);
        }
    }

    #[test]
    fn long_gradients_are_cut_to_length() {
        let step = Step { learning_rate: 0.05, clip: 1.0, decay: 0.0 };
        let (mut optimiser, mut weights) = (Optimiser::new(2), [0.0, 0.0]);
        optimiser.step(&mut weights, &[300.0, 400.0], step);
        assert!((optimiser.moments.first[0] - 0.06).abs() < 1e-6, "{optimiser:?}");
        assert!((length(&[3.0, 4.0]) - 5.0).abs() < 1e-9);
    }
}
