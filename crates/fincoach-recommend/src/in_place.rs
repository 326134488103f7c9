//! Updates that write into the weights instead of making new tensors: half the time of a small step would
//! go into allocating.

use std::sync::{Mutex, PoisonError};

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, Error, InplaceOp2, Layout, Result, Var};

/// Adam (Kingma and Ba, 2015) as in PyTorch: β 0.9 and 0.999, ε 1e-8, no weight decay.
pub(crate) struct Adam {
    learning_rate: f64,
    steps: i32,
    moments: Vec<Mutex<Moments>>,
}

/// Running means of a weight's gradient and of its square.
struct Moments {
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Adam {
    pub(crate) fn new(variables: &[Var], learning_rate: f64) -> Self {
        let zeros = |var: &Var| vec![0.0; var.elem_count()];
        let moments = |var| Mutex::new(Moments { first: zeros(var), second: zeros(var) });
        Self { learning_rate, steps: 0, moments: variables.iter().map(moments).collect() }
    }

    /// One step down the gradients; `variables` in the order they were given to [`Adam::new`].
    pub(crate) fn step(&mut self, variables: &[Var], gradients: &GradStore) -> Result<()> {
        self.steps = self.steps.saturating_add(1);
        let corrected = |beta: f64| 1.0 - beta.powi(self.steps);
        #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
        let (rate, scale) =
            ((self.learning_rate / corrected(0.9)) as f32, (1.0 / corrected(0.999).sqrt()) as f32);
        for (var, moments) in variables.iter().zip(&self.moments) {
            if let Some(gradient) = gradients.get(var.as_tensor()) {
                let step = AdamStep { moments, rate, scale };
                var.as_tensor().inplace_op2(&gradient.contiguous()?, &step)?;
            }
        }
        Ok(())
    }
}

struct AdamStep<'a> {
    moments: &'a Mutex<Moments>,
    rate: f32,
    scale: f32,
}

impl InplaceOp2 for AdamStep<'_> {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn cpu_fwd(&self, s1: &mut CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<()> {
        let (weights, gradients) = (values_mut(s1, l1)?, values(s2, l2)?);
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        let Moments { first, second } = &mut *moments;
        let both = first.iter_mut().zip(second);
        for ((weight, gradient), (first, second)) in weights.iter_mut().zip(gradients).zip(both) {
            *first = 0.9 * *first + 0.1 * gradient;
            *second = 0.999 * *second + 0.001 * gradient * gradient;
            *weight -= self.rate * *first / (second.sqrt() * self.scale + 1e-8);
        }
        Ok(())
    }
}

/// Moves each target a share `tau` of the way to its source.
pub(crate) fn soft_update(targets: &[Var], sources: &[Var], tau: f64) -> Result<()> {
    for (target, source) in targets.iter().zip(sources) {
        target.as_tensor().inplace_op2(source.as_tensor(), &SoftUpdate(tau))?;
    }
    Ok(())
}

struct SoftUpdate(f64);

impl InplaceOp2 for SoftUpdate {
    fn name(&self) -> &'static str {
        "soft-update"
    }

    fn cpu_fwd(&self, s1: &mut CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<()> {
        #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
        let (kept, moved) = ((1.0 - self.0) as f32, self.0 as f32);
        for (target, source) in values_mut(s1, l1)?.iter_mut().zip(values(s2, l2)?) {
            *target = kept * *target + moved * source;
        }
        Ok(())
    }
}

fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let (start, end) = range(layout)?;
    Ok(&storage.as_slice::<f32>()?[start..end])
}

fn values_mut<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    let (start, end) = range(layout)?;
    match storage {
        CpuStorage::F32(all) => Ok(&mut all[start..end]),
        _ => Err(Error::Msg("weights have to be f32".to_owned())),
    }
}

fn range(layout: &Layout) -> Result<(usize, usize)> {
    layout.contiguous_offsets().ok_or_else(|| Error::Msg("weights have to be contiguous".to_owned()))
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};
    use candle_nn::{AdamW, Optimizer, ParamsAdamW};

    use super::*;

    fn var(values: &[f32]) -> Var {
        Var::new(values, &Device::Cpu).unwrap()
    }

    #[test]
    fn adam_follows_the_one_of_the_tensor_library() {
        let (ours, theirs) = (var(&[1.0, -2.0, 0.5]), var(&[1.0, -2.0, 0.5]));
        let loss = |var: &Var| {
            let target = Tensor::new(&[3.0_f32, 0.0, -1.0], &Device::Cpu).unwrap();
            (var.as_tensor() - target).unwrap().sqr().unwrap().sum_all().unwrap()
        };
        let mut adam = Adam::new(std::slice::from_ref(&ours), 0.05);
        let params = ParamsAdamW { lr: 0.05, weight_decay: 0.0, ..ParamsAdamW::default() };
        let mut reference = AdamW::new(vec![theirs.clone()], params).unwrap();
        for _ in 0..100 {
            adam.step(std::slice::from_ref(&ours), &loss(&ours).backward().unwrap()).unwrap();
            reference.backward_step(&loss(&theirs)).unwrap();
        }
        let (ours, theirs) = (ours.to_vec1::<f32>().unwrap(), theirs.to_vec1::<f32>().unwrap());
        for (a, b) in ours.iter().zip(&theirs) {
            assert!((a - b).abs() < 1e-5, "{ours:?} {theirs:?}");
        }
        assert!((ours[0] - 3.0).abs() < 0.5);
    }

    #[test]
    fn a_soft_update_moves_a_part_of_the_way() {
        let (target, source) = (var(&[0.0, 4.0]), var(&[8.0, 8.0]));
        soft_update(std::slice::from_ref(&target), std::slice::from_ref(&source), 0.25).unwrap();
        assert_eq!(target.to_vec1::<f32>().unwrap(), [2.0, 5.0]);
        soft_update(std::slice::from_ref(&target), std::slice::from_ref(&source), 1.0).unwrap();
        assert_eq!(target.to_vec1::<f32>().unwrap(), [8.0, 8.0]);
    }
}
