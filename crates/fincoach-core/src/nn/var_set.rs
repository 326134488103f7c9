//! Trainable weights of a candle network.

use std::collections::BTreeMap;

use candle_core::{Device, Error, Result, Tensor, Var};

use super::StateDict;

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

    /// Moves every variable towards its namesake: `(1 - tau)·self + tau·source`; `tau` 1 copies.
    ///
    /// # Errors
    /// When `source` lacks a variable or has another shape.
    pub fn soft_update(&self, source: &Self, tau: f64) -> Result<()> {
        for (name, var) in &self.0 {
            let moved = ((var.as_tensor() * (1.0 - tau))? + (source.get(name)? * tau)?)?;
            var.set(&moved)?;
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
    }
}
