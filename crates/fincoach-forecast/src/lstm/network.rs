//! The network as it answers: plain loops in a fixed order.

use std::path::Path;

use fincoach_core::nn::{Linear, StateDict};
use fincoach_core::{ArtifactError, DataError};
use pulp::{Arch, Simd, WithSimd};

use super::activation::{gates, tanh};

/// An LSTM with a linear layer on its last state: PyTorch's `nn.LSTM(inputs, hidden, layers)` followed by
/// `nn.Linear(hidden, outputs)`.
///
/// Gate order i, f, g, o and two biases a layer, as in PyTorch. Every sum runs in one order, so an answer
/// does not depend on what else is asked, or on the number of threads. One window of 7 × 11 through 2 × 64
/// units takes microseconds.
///
/// # Examples
/// ```
/// use fincoach_forecast::LstmNetwork;
/// let missing = LstmNetwork::read_pth("no-such-file.pth".as_ref());
/// assert!(missing.is_err());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LstmNetwork {
    n_inputs: usize,
    hidden: usize,
    layers: Vec<Layer>,
    head: Linear,
}

#[derive(Clone, Debug, PartialEq)]
struct Layer {
    from_input: Linear,
    from_state: Linear,
}

impl LstmNetwork {
    /// Reads a state dict that PyTorch saved with `torch.save`: `lstm.weight_ih_l0` and so on, `fc.weight`,
    /// `fc.bias`. Sizes are taken from the tensors; the notebook's `spending_predictor.pth` is one.
    ///
    /// # Errors
    /// [`ArtifactError::Io`], [`ArtifactError::Damaged`], and [`ArtifactError::Tensor`] for a tensor that is
    /// missing, extra or misshapen.
    pub fn read_pth(path: &Path) -> Result<Self, ArtifactError> {
        Self::from_state(&StateDict::read_pth(path)?)
    }

    /// The network of these weights, which must be complete and nothing else.
    pub(crate) fn from_state(state: &StateDict) -> Result<Self, ArtifactError> {
        let size = |name: &str, axis: usize| -> Result<usize, ArtifactError> {
            Ok(state.require(name)?.shape.get(axis).copied().unwrap_or(0))
        };
        let (hidden, n_outputs) = (size("fc.weight", 1)?, size("fc.weight", 0)?);
        let n_inputs = size("lstm.weight_ih_l0", 1)?;
        let n_layers = state.iter().filter(|(name, _)| name.starts_with("lstm.weight_ih_l")).count();
        let params = super::LstmParams::default().with_hidden(hidden).with_layers(n_layers);
        let shapes = params.shapes(n_inputs, n_outputs);
        let shapes: Vec<_> = shapes.iter().map(|(name, shape)| (name.as_str(), shape.clone())).collect();
        state.expect("lstm", &shapes)?;
        let layers = (0..n_layers).map(|layer| Layer::from_state(state, layer)).collect::<Result<_, _>>()?;
        let head = Linear::from_state(state, "fc.weight", "fc.bias")?;
        Ok(Self { n_inputs, hidden, layers, head })
    }

    /// Numbers a day brings.
    #[must_use]
    pub const fn n_inputs(&self) -> usize {
        self.n_inputs
    }

    /// Units of each layer.
    #[must_use]
    pub const fn hidden(&self) -> usize {
        self.hidden
    }

    /// LSTM layers.
    #[must_use]
    pub fn n_layers(&self) -> usize {
        self.layers.len()
    }

    /// Numbers it answers with.
    #[must_use]
    pub const fn n_outputs(&self) -> usize {
        self.head.n_outputs()
    }

    /// The answer to one window, days one after the other, oldest first: `n_days·n_inputs` numbers in,
    /// `n_outputs` out. `O(n_days·layers·hidden²)`.
    ///
    /// # Errors
    /// [`DataError::Length`] when the numbers are no whole days.
    pub fn run(&self, window: &[f32]) -> Result<Vec<f32>, DataError> {
        let n_days = window.len() / self.n_inputs.max(1);
        DataError::ensure_len("numbers of a window", n_days * self.n_inputs, window.len())?;
        Ok(Arch::new().dispatch(Run { network: self, window }))
    }
}

/// The loops compiled for the machine at hand: sums run in the same order on all of them.
struct Run<'a> {
    network: &'a LstmNetwork,
    window: &'a [f32],
}

impl WithSimd for Run<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Vec<f32> {
        let mut sequence = self.window.to_vec();
        for layer in &self.network.layers {
            sequence = layer.run(&sequence);
        }
        self.network.head.run(&sequence[sequence.len().saturating_sub(self.network.hidden)..])
    }
}

impl Layer {
    fn from_state(state: &StateDict, layer: usize) -> Result<Self, ArtifactError> {
        let linear = |part: &str| {
            Linear::from_state(
                state,
                &format!("lstm.weight_{part}_l{layer}"),
                &format!("lstm.bias_{part}_l{layer}"),
            )
        };
        Ok(Self { from_input: linear("ih")?, from_state: linear("hh")? })
    }

    /// The states of all steps, from those of the layer below.
    #[inline(always)]
    fn run(&self, inputs: &[f32]) -> Vec<f32> {
        let (n_inputs, hidden) = (self.from_input.n_inputs().max(1), self.from_state.n_inputs());
        let mut sums = self.from_input.sums();
        let (mut state, mut cell) = (vec![0.0_f32; hidden], vec![0.0_f32; hidden]);
        let mut states = Vec::with_capacity(inputs.len() / n_inputs * hidden);
        for input in inputs.chunks_exact(n_inputs) {
            self.from_input.start(&mut sums);
            self.from_input.add(input, &mut sums);
            self.from_state.add_bias(&mut sums);
            self.from_state.add(&state, &mut sums);
            let row = &mut sums[..4 * hidden];
            gates(row);
            for unit in 0..hidden {
                cell[unit] = row[hidden + unit] * cell[unit] + row[unit] * row[2 * hidden + unit];
                state[unit] = row[3 * hidden + unit] * tanh(cell[unit]);
            }
            states.extend_from_slice(&state);
        }
        states
    }
}
