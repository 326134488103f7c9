//! Trainable weights of a candle network.

use std::collections::BTreeMap;

use candle_core::{CpuStorage, Device, Error, InplaceOp2, Layout, Result, Tensor, Var, bail};

use super::StateDict;
use super::storage::{values, values_mut};

/// Variables in the order of their names: the order in which an optimiser visits them never changes.
#[derive(Debug)]
pub struct VarSet(BTreeMap<String, Var>);

impl VarSet {
    /// Variables that start at these weights, on the CPU.
    ///
    /// # Errors
    /// When the tensor library fails.
    pub fn new(weights: &StateDict) -> Result<Self> {
        let var = |data: &[f32], shape: &[usize]| Var::from_slice(data, shape, &Device::Cpu);
        weights
            .iter()
            .map(|(name, weights)| Ok((name.to_owned(), var(&weights.data, &weights.shape)?)))
            .collect::<Result<_>>()
            .map(Self)
    }

    /// One variable as a tensor that gradients flow to.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn get(&self, name: &str) -> Result<&Tensor> {
        self.0.get(name).map(Var::as_tensor).ok_or_else(|| Error::Msg(format!("no variable `{name}`")))
    }

    /// All variables in the order of their names.
    #[must_use]
    pub fn all(&self) -> Vec<Var> {
        self.0.values().cloned().collect()
    }

    /// The weights as they are now.
    ///
    /// # Errors
    /// When the tensor library fails.
    pub fn state(&self) -> Result<StateDict> {
        let mut weights = StateDict::new();
        for (name, var) in &self.0 {
            weights.insert_tensor(name, var.as_tensor())?;
        }
        Ok(weights)
    }

    /// Moves every variable, in place, towards its namesake: `(1 - tau)·self + tau·source`; `tau` 1 copies.
    ///
    /// # Errors
    /// When `source` lacks a variable or has another shape.
    pub fn soft_update(&self, source: &Self, tau: f64) -> Result<()> {
        for (name, var) in &self.0 {
            var.inplace_op2(source.get(name)?, &SoftUpdate(tau))?;
        }
        Ok(())
    }
}

struct SoftUpdate(f64);

impl InplaceOp2 for SoftUpdate {
    fn name(&self) -> &'static str {
        "soft-update"
    }

    #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
    fn cpu_fwd(&self, s1: &mut CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<()> {
        if l1.shape() != l2.shape() {
            bail!("a variable of shape {:?} cannot follow one of {:?}", l1.shape(), l2.shape())
        }
        let (kept, moved) = ((1.0 - self.0) as f32, self.0 as f32);
        for (target, source) in values_mut(s1, l1)?.iter_mut().zip(values(s2, l2)?) {
            *target = kept * *target + moved * source;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(value: f32) -> StateDict {
        let mut weights = StateDict::new();
        weights.insert("w", &[1, 2], vec![value, -value]).unwrap();
        weights
    }

    #[test]
    fn weights_pass_through_unchanged() {
        assert_eq!(VarSet::new(&weights(0.1)).unwrap().state().unwrap(), weights(0.1));
    }

    #[test]
    fn a_soft_update_moves_a_part_of_the_way() {
        let target = VarSet::new(&weights(0.0)).unwrap();
        target.soft_update(&VarSet::new(&weights(8.0)).unwrap(), 0.25).unwrap();
        assert_eq!(target.state().unwrap(), weights(2.0));
        target.soft_update(&VarSet::new(&weights(8.0)).unwrap(), 1.0).unwrap();
        assert_eq!(target.state().unwrap(), weights(8.0));
    }

    #[test]
    fn a_soft_update_from_another_shape_is_refused() {
        let mut other = StateDict::new();
        other.insert("w", &[2, 1], vec![1.0, 1.0]).unwrap();
        let target = VarSet::new(&weights(0.0)).unwrap();
        assert!(target.soft_update(&VarSet::new(&other).unwrap(), 0.5).is_err());
        assert!(target.soft_update(&VarSet::new(&StateDict::new()).unwrap(), 0.5).is_err());
    }
}
