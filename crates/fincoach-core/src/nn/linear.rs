//! A linear layer as it answers: plain loops in a fixed order.

use super::StateDict;
use crate::ArtifactError;

/// Outputs computed side by side: their sums stay in registers while the inputs pass.
const LANES: usize = 32;

/// `W·x + b`, with `W` stored in blocks of 32 outputs, within a block input by input: the compiler
/// vectorises over outputs, and every sum runs over the inputs in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    n_inputs: usize,
    n_outputs: usize,
    blocks: Vec<[f32; LANES]>,
    bias: Vec<f32>,
}

impl Linear {
    /// A layer of weights in PyTorch's layout `(n_outputs, n_inputs)`, `n_outputs` being the number of biases.
    #[must_use]
    pub fn new(n_inputs: usize, weight: &[f32], bias: Vec<f32>) -> Self {
        let n_outputs = bias.len();
        let mut blocks = vec![[0.0; LANES]; n_outputs.div_ceil(LANES) * n_inputs];
        for (at, value) in weight.iter().enumerate() {
            let (row, column) = (at / n_inputs, at % n_inputs);
            blocks[row / LANES * n_inputs + column][row % LANES] = *value;
        }
        Self { n_inputs, n_outputs, blocks, bias }
    }

    /// The layer of two tensors whose shapes have been checked.
    ///
    /// # Errors
    /// [`ArtifactError::Tensor`] when one is missing.
    pub fn from_state(state: &StateDict, weight: &str, bias: &str) -> Result<Self, ArtifactError> {
        let (weight, bias) = (state.require(weight)?, state.require(bias)?);
        let n_inputs = weight.shape.get(1).copied().unwrap_or(0);
        Ok(Self::new(n_inputs, &weight.data, bias.data.clone()))
    }

    /// Numbers it takes.
    #[must_use]
    pub const fn n_inputs(&self) -> usize {
        self.n_inputs
    }

    /// Numbers it gives.
    #[must_use]
    pub const fn n_outputs(&self) -> usize {
        self.n_outputs
    }

    /// The weights in PyTorch's layout.
    #[must_use]
    pub fn weight(&self) -> Vec<f32> {
        let row = |row: usize| {
            let block = &self.blocks[row / LANES * self.n_inputs..][..self.n_inputs];
            block.iter().map(move |weights| weights[row % LANES])
        };
        (0..self.n_outputs).flat_map(row).collect()
    }

    /// The weights that one input has in the outputs, in their order; none for an input that is not there.
    pub fn of_input(&self, input: usize) -> impl Iterator<Item = f32> + '_ {
        let blocks = self.blocks.chunks_exact(self.n_inputs.max(1));
        blocks.filter_map(move |block| block.get(input)).flatten().copied().take(self.n_outputs)
    }

    /// The biases.
    #[must_use]
    pub fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// The outputs for one row of inputs.
    #[must_use]
    pub fn run(&self, inputs: &[f32]) -> Vec<f32> {
        let mut sums = self.sums();
        self.add(inputs, &mut sums);
        sums.truncate(self.n_outputs);
        sums
    }

    /// Sums that hold the biases so far; there may be more than outputs.
    #[must_use]
    pub fn sums(&self) -> Vec<f32> {
        let mut sums = vec![0.0; self.n_outputs.div_ceil(LANES) * LANES];
        self.start(&mut sums);
        sums
    }

    /// Puts the biases into [sums](Self::sums).
    pub fn start(&self, sums: &mut [f32]) {
        sums[..self.n_outputs].copy_from_slice(&self.bias);
    }

    /// Adds the biases to [sums](Self::sums).
    pub fn add_bias(&self, sums: &mut [f32]) {
        for (sum, bias) in sums.iter_mut().zip(&self.bias) {
            *sum += bias;
        }
    }

    /// Adds `W·x` to [sums](Self::sums). Inlined, so that a caller who knows of wider vectors has it compiled for them.
    #[inline(always)]
    pub fn add(&self, inputs: &[f32], sums: &mut [f32]) {
        let blocks = self.blocks.chunks_exact(self.n_inputs.max(1));
        for (block, sums) in blocks.zip(sums.as_chunks_mut::<LANES>().0) {
            let mut total = *sums;
            for (input, weights) in inputs.iter().zip(block) {
                for lane in 0..LANES {
                    total[lane] += input * weights[lane];
                }
            }
            *sums = total;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_gives_the_sums_worked_out_by_hand() {
        let layer = Linear::new(2, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], vec![0.5, 0.0, -1.0]);
        assert_eq!(layer.run(&[1.0, 10.0]), [21.5, 43.0, 64.0]);
        assert_eq!((layer.n_inputs(), layer.n_outputs()), (2, 3));
    }

    #[test]
    fn weights_come_back_in_pytorchs_layout() {
        let weight: Vec<f32> = (0_u8..3 * 70).map(f32::from).collect();
        let layer = Linear::new(3, &weight, vec![0.0; 70]);
        assert_eq!(layer.weight(), weight);
        assert_eq!(
            layer.of_input(1).collect::<Vec<_>>(),
            weight.iter().skip(1).step_by(3).copied().collect::<Vec<_>>()
        );
        assert_eq!(layer.of_input(3).count(), 0);
        // Row 69 holds 207, 208 and 209.
        assert_eq!(layer.run(&[1.0, 1.0, 1.0])[69], 624.0);
    }
}
