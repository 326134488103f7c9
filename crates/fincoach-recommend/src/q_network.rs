//! The network that values actions.

use std::path::Path;

use fincoach_core::ndarray::{Array2, ArrayView2, Axis};
use fincoach_core::nn::{Linear, StateDict, uniform};
use fincoach_core::rng::Rng;
use fincoach_core::{ArtifactError, DataError};

/// Names of the three layers, as PyTorch numbers them in `Sequential(Linear, ReLU, Dropout, …)`.
pub(crate) const LAYERS: [&str; 3] = ["network.0", "network.3", "network.6"];

const KIND: &str = "q-network";

/// A network state → hidden → hidden → one value an action, with `ReLU` between; or several values an action, one a head.
///
/// Answers come from plain sums of `f32` in a fixed order: a row's answer has the same bits in any batch,
/// on any number of threads, and nothing is dropped out. Loads what PyTorch saved of
/// `Sequential(Linear, ReLU, Dropout, Linear, ReLU, Dropout, Linear)` under the name `network`.
#[derive(Clone, Debug, PartialEq)]
pub struct QNetwork {
    layers: [Linear; 3],
    n_heads: usize,
}

/// What the heads of a network say of each action, both `(n_rows, n_actions)`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct QEstimates {
    /// The mean of the heads: the value.
    pub mean: Array2<f64>,
    /// Their standard deviation, 0 for one head: how much they disagree, and so how little the log says.
    pub deviation: Array2<f64>,
}

/// Weights `(n_outputs, n_inputs)` and biases of a layer.
pub type QLayer = (Array2<f32>, Vec<f32>);

impl QNetwork {
    /// Reads the weights that PyTorch saved with `torch.save(model.state_dict(), path)`.
    ///
    /// # Errors
    /// [`ArtifactError::Io`], [`ArtifactError::Damaged`], and [`ArtifactError::Tensor`] for a tensor that is
    /// missing, extra or of another shape.
    pub fn load_pth(path: impl AsRef<Path>) -> Result<Self, ArtifactError> {
        Self::from_state(&StateDict::read_pth(path.as_ref())?, 1)
    }

    /// A network of one head with these weights, in PyTorch's layout.
    ///
    /// # Errors
    /// [`ArtifactError::Tensor`] when a layer does not fit the one before, [`ArtifactError::Damaged`] for a weight that is no
    /// number.
    pub fn from_layers(layers: [QLayer; 3]) -> Result<Self, ArtifactError> {
        let mut state = StateDict::new();
        for (name, (weight, bias)) in LAYERS.iter().zip(layers) {
            let shape = [weight.nrows(), weight.ncols()];
            state.insert(&format!("{name}.weight"), &shape, weight.iter().copied().collect())?;
            state.insert(&format!("{name}.bias"), &[bias.len()], bias)?;
        }
        Self::from_state(&state, 1)
    }

    /// The number of columns of a state.
    #[must_use]
    pub const fn n_inputs(&self) -> usize {
        self.layers[0].n_inputs()
    }

    /// The width of the hidden layers.
    #[must_use]
    pub const fn hidden(&self) -> usize {
        self.layers[0].n_outputs()
    }

    /// The number of actions.
    #[must_use]
    pub const fn n_outputs(&self) -> usize {
        self.layers[2].n_outputs() / self.n_heads
    }

    /// The number of heads, each with a value of its own for every action.
    #[must_use]
    pub const fn n_heads(&self) -> usize {
        self.n_heads
    }

    /// The values of all actions, `(n_rows, n_outputs)`, the mean of the heads, of states `(n_rows, n_inputs)` as the network takes
    /// them, standardised if it was trained so. `O(hidden² + hidden·n_inputs)` a row.
    ///
    /// # Errors
    /// [`DataError::Length`] for another number of columns, [`DataError::NotFinite`] when a state is so far
    /// out that its value is no number.
    pub fn q_values(&self, states: ArrayView2<'_, f64>) -> Result<Array2<f64>, DataError> {
        let values = self.head_values(states)?;
        if self.n_heads == 1 {
            return Ok(values);
        }
        Ok(self.q_estimates_of(&values).mean)
    }

    /// The mean of the heads and how much they disagree.
    ///
    /// # Errors
    /// As [`QNetwork::q_values`].
    pub fn q_estimates(&self, states: ArrayView2<'_, f64>) -> Result<QEstimates, DataError> {
        Ok(self.q_estimates_of(&self.head_values(states)?))
    }

    fn q_estimates_of(&self, values: &Array2<f64>) -> QEstimates {
        let (n_rows, n_heads) = (values.nrows(), self.n_heads as f64);
        let of_head =
            |row: usize, action: usize, head: usize| values[(row, head * self.n_outputs() + action)];
        let mean = Array2::from_shape_fn((n_rows, self.n_outputs()), |(row, action)| {
            (0..self.n_heads).map(|head| of_head(row, action, head)).sum::<f64>() / n_heads
        });
        let deviation = Array2::from_shape_fn(mean.dim(), |(row, action)| {
            let square = |head| (of_head(row, action, head) - mean[(row, action)]).powi(2);
            ((0..self.n_heads).map(square).sum::<f64>() / n_heads).sqrt()
        });
        QEstimates { mean, deviation }
    }

    /// All outputs, `(n_rows, n_heads·n_actions)`, head by head.
    fn head_values(&self, states: ArrayView2<'_, f64>) -> Result<Array2<f64>, DataError> {
        DataError::ensure_len("columns of the state", self.n_inputs(), states.ncols())?;
        let mut values = Array2::zeros((states.nrows(), self.layers[2].n_outputs()));
        for (state, mut row) in states.rows().into_iter().zip(values.axis_iter_mut(Axis(0))) {
            #[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
            let state: Vec<f32> = state.iter().map(|value| *value as f32).collect();
            for (to, value) in row.iter_mut().zip(self.forward(&state)) {
                *to = f64::from(value);
            }
        }
        match values.indexed_iter().find(|(_, value)| !value.is_finite()) {
            None => Ok(values),
            Some(((row, output), value)) => {
                let column = format!("value of action {}", output % self.n_outputs());
                Err(DataError::NotFinite { row, column, value: *value })
            }
        }
    }

    /// The three layers; the last has the outputs of all heads, head by head.
    pub(crate) const fn layers(&self) -> &[Linear; 3] {
        &self.layers
    }

    fn forward(&self, state: &[f32]) -> Vec<f32> {
        let [first, second, last] = &self.layers;
        last.run(&relu(second.run(&relu(first.run(state)))))
    }

    /// Start weights as PyTorch draws them: uniform within `±1/√fan_in`, weights and biases. One head; more are outputs.
    pub(crate) fn start(sizes: [usize; 3], rng: &mut Rng) -> Self {
        let [n_inputs, hidden, n_outputs] = sizes;
        let mut layer = |n_inputs: usize, n_outputs: usize| {
            let bound = 1.0 / (n_inputs as f64).sqrt();
            let weight = uniform(rng, n_inputs * n_outputs, bound);
            Linear::new(n_inputs, &weight, uniform(rng, n_outputs, bound))
        };
        let layers = [layer(n_inputs, hidden), layer(hidden, hidden), layer(hidden, n_outputs)];
        Self { layers, n_heads: 1 }
    }

    /// The weights under PyTorch's names.
    pub(crate) fn state(&self) -> Result<StateDict, ArtifactError> {
        let mut state = StateDict::new();
        for (name, layer) in LAYERS.iter().zip(&self.layers) {
            let shape = [layer.n_outputs(), layer.n_inputs()];
            state.insert(&format!("{name}.weight"), &shape, layer.weight())?;
            state.insert(&format!("{name}.bias"), &shape[..1], layer.bias().to_vec())?;
        }
        Ok(state)
    }

    /// A network of these weights; sizes are those of the first and the last layer, shared among the heads.
    pub(crate) fn from_state(state: &StateDict, n_heads: usize) -> Result<Self, ArtifactError> {
        let size = |name: &str, axis: usize| {
            let weights = state.require(name)?;
            match weights.shape.as_slice() {
                [rows, columns] if *rows > 0 && *columns > 0 => Ok([*rows, *columns][axis]),
                other => Err(ArtifactError::Tensor {
                    name: name.to_owned(),
                    expected: "two axes, none of them 0".to_owned(),
                    got: format!("{other:?}"),
                }),
            }
        };
        let (hidden, n_inputs) = (size("network.0.weight", 0)?, size("network.0.weight", 1)?);
        let n_outputs = size("network.6.weight", 0)?;
        if n_heads == 0 || !n_outputs.is_multiple_of(n_heads) {
            return Err(ArtifactError::Tensor {
                name: "network.6.weight".to_owned(),
                expected: format!("as many rows for each of {n_heads} heads"),
                got: format!("{n_outputs} rows"),
            });
        }
        state.expect(
            KIND,
            &[
                ("network.0.weight", vec![hidden, n_inputs]),
                ("network.0.bias", vec![hidden]),
                ("network.3.weight", vec![hidden, hidden]),
                ("network.3.bias", vec![hidden]),
                ("network.6.weight", vec![n_outputs, hidden]),
                ("network.6.bias", vec![n_outputs]),
            ],
        )?;
        let layer = |name| Linear::from_state(state, &format!("{name}.weight"), &format!("{name}.bias"));
        let [first, second, last] = LAYERS.map(layer);
        Ok(Self { layers: [first?, second?, last?], n_heads })
    }
}

fn relu(mut values: Vec<f32>) -> Vec<f32> {
    for value in &mut values {
        // Not `max`: a NaN has to stay one, so that the check at the end sees it.
        if *value < 0.0 {
            *value = 0.0;
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use fincoach_core::ndarray::array;
    use fincoach_core::rng::stream;

    use super::*;

    #[test]
    fn a_small_network_gives_the_value_worked_out_by_hand() {
        let mut state = StateDict::new();
        state.insert("network.0.weight", &[2, 1], vec![2.0, -1.0]).unwrap();
        state.insert("network.0.bias", &[2], vec![0.0, 0.5]).unwrap();
        state.insert("network.3.weight", &[2, 2], vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        state.insert("network.3.bias", &[2], vec![0.0, -7.0]).unwrap();
        state.insert("network.6.weight", &[1, 2], vec![1.0, 10.0]).unwrap();
        state.insert("network.6.bias", &[1], vec![0.25]).unwrap();
        let network = QNetwork::from_state(&state, 1).unwrap();
        // x = 1: hidden (2, 0) → (2, -1 → 0) → 2.25; x = -1: (0, 1.5) → (3, -1 → 0) → 3.25.
        assert_eq!(network.q_values(array![[1.0], [-1.0]].view()).unwrap(), array![[2.25], [3.25]]);
        assert_eq!(network.state().unwrap(), state);
    }

    #[test]
    fn start_weights_come_back_in_pytorchs_layout() {
        let network = QNetwork::start([3, 4, 2], &mut stream(1, 0));
        let state = network.state().unwrap();
        assert_eq!(state.get("network.6.weight").unwrap().shape, [2, 4]);
        assert!(state.get("network.6.weight").unwrap().data.iter().all(|weight| weight.abs() <= 0.5));
        assert_eq!(QNetwork::from_state(&state, 1).unwrap(), network);
    }

    #[test]
    fn loading_names_the_tensor_that_is_wrong() {
        let good = QNetwork::start([3, 4, 2], &mut stream(1, 0)).state().unwrap();
        let told = |state: &StateDict| QNetwork::from_state(state, 1).unwrap_err().to_string();
        let without = |left_out: &str| {
            let mut state = StateDict::new();
            for (name, weights) in good.iter().filter(|(name, _)| *name != left_out) {
                state.insert(name, &weights.shape, weights.data.clone()).unwrap();
            }
            state
        };
        assert!(told(&without("network.3.bias")).contains("`network.3.bias`"));
        assert!(told(&without("network.0.weight")).contains("`network.0.weight`"));
        let mut extra = good.clone();
        extra.insert("network.9.bias", &[1], vec![0.0]).unwrap();
        assert_eq!(told(&extra), "tensor `network.9.bias`: expected none, got [1]");
        let mut misshapen = good.clone();
        misshapen.insert("network.3.weight", &[2, 8], vec![0.0; 16]).unwrap();
        assert_eq!(told(&misshapen), "tensor `network.3.weight`: expected [4, 4], got [2, 8]");
        let mut flat = good.clone();
        flat.insert("network.0.weight", &[12], vec![0.0; 12]).unwrap();
        assert!(told(&flat).contains("two axes"));
        let mut infinite = good;
        infinite.insert("network.6.bias", &[2], vec![0.0, f32::INFINITY]).unwrap();
        assert!(told(&infinite).contains("inf"));
    }

    #[test]
    fn a_state_far_out_is_an_error_and_not_a_nan() {
        let network = QNetwork::start([1, 4, 2], &mut stream(1, 0));
        assert!(matches!(network.q_values(array![[1e300]].view()), Err(DataError::NotFinite { row: 0, .. })));
        assert!(network.q_values(array![[1.0, 2.0]].view()).is_err());
    }
}
