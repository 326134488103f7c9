//! Adam, in place: with new tensors for every weight, half the time of a small step would go into allocating.

use std::cell::RefCell;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, InplaceOp2, Layout, Result, Var};

use super::VarSet;
use super::storage::{values, values_mut};

/// Adam (Kingma and Ba, 2015) as in PyTorch: β 0.9 and 0.999, ε 1e-8, no weight decay.
#[derive(Debug)]
pub struct Adam {
    weights: Vec<(Var, Moments)>,
    learning_rate: f64,
    n_steps: u64,
}

/// Running means of the gradients of some weights and of their squares.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// Of the gradients.
    pub first: Vec<f32>,
    /// Of their squares.
    pub second: Vec<f32>,
}

impl Moments {
    /// Those of `n` weights before the first step.
    #[must_use]
    pub fn at_rest(n: usize) -> Self {
        Self { first: vec![0.0; n], second: vec![0.0; n] }
    }

    /// One step of as many weights, in place.
    pub fn step(&mut self, weights: &mut [f32], gradients: &[f32], rates: AdamRates) {
        let AdamRates { rate, scale, kept } = rates;
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((weight, gradient), (first, second)) in weights.iter_mut().zip(gradients).zip(moments) {
            *first = flushed(0.9 * *first + 0.1 * gradient);
            *second = flushed(0.999 * *second + 0.001 * gradient * gradient);
            *weight = kept * *weight - rate * *first / (second.sqrt() * scale + 1e-8);
        }
    }
}

/// The number, or 0 where it is smaller than a normal number of 32 bits: the moments of a unit that is never on would
/// shrink to such numbers and stay there, and each costs as much as a hundred others.
fn flushed(value: f32) -> f32 {
    if value.abs() < f32::MIN_POSITIVE { 0.0 } else { value }
}

/// What every weight of one step has in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamRates {
    /// Step size over the correction of the first moment.
    rate: f32,
    /// What corrects the root of the second.
    scale: f32,
    /// Share of a weight that the decay leaves.
    kept: f32,
}

impl AdamRates {
    /// Those of step `n`, counted from 1.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
    pub fn of_step(n: u64, learning_rate: f64) -> Self {
        let corrected = |beta: f64| 1.0 - beta.powi(i32::try_from(n).unwrap_or(i32::MAX));
        Self {
            rate: (learning_rate / corrected(0.9)) as f32,
            scale: (1.0 / corrected(0.999).sqrt()) as f32,
            kept: 1.0,
        }
    }

    /// The same with decoupled weight decay (Loshchilov and Hutter, 2019): a step also takes `learning_rate · decay` of
    /// every weight away.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
    pub fn with_decay(self, learning_rate: f64, decay: f64) -> Self {
        Self { kept: (1.0 - learning_rate * decay) as f32, ..self }
    }
}

impl Adam {
    /// An optimiser of these weights before its first step.
    #[must_use]
    pub fn new(weights: &VarSet, learning_rate: f64) -> Self {
        let at_rest = |var: Var| {
            let moments = Moments::at_rest(var.elem_count());
            (var, moments)
        };
        Self { weights: weights.all().into_iter().map(at_rest).collect(), learning_rate, n_steps: 0 }
    }

    /// One step down the gradients; weights without one stay as they are.
    ///
    /// # Errors
    /// When the tensor library fails.
    pub fn step(&mut self, gradients: &GradStore) -> Result<()> {
        self.n_steps = self.n_steps.saturating_add(1);
        let rates = AdamRates::of_step(self.n_steps, self.learning_rate);
        for (var, moments) in &mut self.weights {
            if let Some(gradient) = gradients.get(var.as_tensor()) {
                let update = Update { moments: RefCell::new(moments), rates };
                var.inplace_op2(&gradient.contiguous()?, &update)?;
            }
        }
        Ok(())
    }
}

struct Update<'a> {
    moments: RefCell<&'a mut Moments>,
    rates: AdamRates,
}

impl InplaceOp2 for Update<'_> {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn cpu_fwd(&self, s1: &mut CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<()> {
        let (weights, gradients) = (values_mut(s1, l1)?, values(s2, l2)?);
        self.moments.borrow_mut().step(weights, gradients, self.rates);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};
    use candle_nn::{AdamW, Optimizer, ParamsAdamW};

    use super::*;
    use crate::nn::StateDict;

    fn start() -> VarSet {
        let mut weights = StateDict::new();
        weights.insert("w", &[3], vec![1.0, -2.0, 0.5]).unwrap();
        weights.insert("x", &[1, 1], vec![4.0]).unwrap();
        VarSet::new(&weights).unwrap()
    }

    /// A loss that the weight `x` has no part in.
    fn loss(weights: &VarSet) -> Tensor {
        let target = Tensor::new(&[3.0_f32, 0.0, -1.0], &Device::Cpu).unwrap();
        (weights.get("w").unwrap() - target).unwrap().sqr().unwrap().sum_all().unwrap()
    }

    #[test]
    fn steps_follow_those_of_the_tensor_library() {
        let (ours, theirs) = (start(), start());
        let mut adam = Adam::new(&ours, 0.05);
        let params = ParamsAdamW { lr: 0.05, weight_decay: 0.0, ..ParamsAdamW::default() };
        let mut reference = AdamW::new(theirs.all(), params).unwrap();
        for _ in 0..100 {
            adam.step(&loss(&ours).backward().unwrap()).unwrap();
            reference.backward_step(&loss(&theirs)).unwrap();
        }
        let values = |weights: &VarSet| weights.get("w").unwrap().to_vec1::<f32>().unwrap();
        for (a, b) in values(&ours).iter().zip(values(&theirs)) {
            assert!((a - b).abs() < 1e-5, "{ours:?} {theirs:?}");
        }
        assert!((values(&ours)[0] - 3.0).abs() < 0.5);
    }

    #[test]
    fn moments_of_a_weight_that_is_left_alone_come_to_nothing() {
        let mut moments = Moments::at_rest(1);
        let mut weights = [1.0];
        for n in 1..=2000 {
            moments.step(&mut weights, &[if n == 1 { 1.0 } else { 0.0 }], AdamRates::of_step(n, 0.01));
        }
        assert_eq!(moments.first, [0.0]);
        assert!(moments.second[0] > 1e-4);
    }

    #[test]
    fn weights_decay_by_the_rate_times_the_decay() {
        let (mut moments, mut weights) = (Moments::at_rest(1), [2.0]);
        moments.step(&mut weights, &[0.0], AdamRates::of_step(1, 0.5).with_decay(0.5, 0.1));
        assert!((weights[0] - 1.9).abs() < 1e-6);
    }

    #[test]
    fn a_weight_without_a_gradient_stays() {
        let weights = start();
        Adam::new(&weights, 0.05).step(&loss(&weights).backward().unwrap()).unwrap();
        assert_eq!(weights.state().unwrap().get("x").unwrap().data, [4.0]);
    }
}
