//! Adam, in place.

use std::cell::RefCell;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, InplaceOp2, Layout, Result, Var, bail};

/// Adam (Kingma and Ba 2015) with PyTorch's defaults: β = (0.9, 0.999), ε = 1e-8, no weight decay.
///
/// The tensor library's own allocates a dozen tensors a variable and step; this one allocates none.
pub(super) struct Adam {
    vars: Vec<(Var, RefCell<Moments>)>,
    learning_rate: f64,
    n_steps: i32,
}

struct Moments {
    first: Vec<f32>,
    second: Vec<f32>,
}

const BETA: (f64, f64) = (0.9, 0.999);
const EPSILON: f32 = 1e-8;

impl Adam {
    pub(super) fn new(vars: Vec<Var>, learning_rate: f64) -> Self {
        let moments = |var: &Var| {
            let n = var.elem_count();
            RefCell::new(Moments { first: vec![0.0; n], second: vec![0.0; n] })
        };
        let vars =
            vars.into_iter().map(|var| (moments(&var), var)).map(|(moments, var)| (var, moments)).collect();
        Self { vars, learning_rate, n_steps: 0 }
    }

    #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
    pub(super) fn step(&mut self, gradients: &GradStore) -> Result<()> {
        self.n_steps += 1;
        let corrected = |beta: f64| 1.0 - beta.powi(self.n_steps);
        let rate = (self.learning_rate / corrected(BETA.0)) as f32;
        let root = corrected(BETA.1).sqrt() as f32;
        for (var, moments) in &self.vars {
            if let Some(gradient) = gradients.get(var) {
                var.inplace_op2(&gradient.contiguous()?, &Update { moments, rate, root })?;
            }
        }
        Ok(())
    }
}

struct Update<'a> {
    moments: &'a RefCell<Moments>,
    /// Step size over the correction of the first moment.
    rate: f32,
    /// Root of the correction of the second.
    root: f32,
}

impl InplaceOp2 for Update<'_> {
    fn name(&self) -> &'static str {
        "adam"
    }

    #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
    fn cpu_fwd(
        &self,
        weights: &mut CpuStorage,
        weights_layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> Result<()> {
        const FIRST: f32 = BETA.0 as f32;
        const SECOND: f32 = BETA.1 as f32;
        let (CpuStorage::F32(weights), CpuStorage::F32(gradient)) = (weights, gradient) else {
            bail!("Adam takes f32")
        };
        let (Some(at), Some(from)) =
            (weights_layout.contiguous_offsets(), gradient_layout.contiguous_offsets())
        else {
            bail!("Adam takes contiguous tensors")
        };
        let moments = &mut *self.moments.borrow_mut();
        let weights = weights[at.0..at.1].iter_mut().zip(&gradient[from.0..from.1]);
        for ((weight, gradient), (m, v)) in weights.zip(moments.first.iter_mut().zip(&mut moments.second)) {
            *m = FIRST * *m + (1.0 - FIRST) * gradient;
            *v = SECOND * *v + (1.0 - SECOND) * gradient * gradient;
            *weight -= self.rate * *m / (v.sqrt() / self.root + EPSILON);
        }
        Ok(())
    }
}
