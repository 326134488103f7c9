//! The network as training sees it: all weights in one slice, products of whole batches, gradients by hand.
//!
//! Weights and biases lie layer after layer, `(n_inputs, n_outputs)` and `(n_outputs)`: the other way round than in PyTorch,
//! because each step has two or three forward passes, whose products read along the outputs, and one backward pass.

use std::ops::Range;

use fincoach_core::ArtifactError;
use fincoach_core::ndarray::linalg::general_mat_mul;
use fincoach_core::ndarray::{ArrayView2, ArrayViewMut2};
use fincoach_core::nn::{Dropout, StateDict};
use fincoach_core::rng::Rng;

use crate::q_network::LAYERS;

/// The sizes of a network and where its weights lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Inputs, hidden units twice, outputs.
    sizes: [usize; 4],
}

/// One layer of a plan.
#[derive(Clone, Debug)]
struct Layer {
    n_inputs: usize,
    n_outputs: usize,
    weight: Range<usize>,
    bias: Range<usize>,
}

impl Plan {
    pub(crate) const fn new([n_inputs, hidden, n_outputs]: [usize; 3]) -> Self {
        Self { sizes: [n_inputs, hidden, hidden, n_outputs] }
    }

    pub(crate) const fn n_inputs(&self) -> usize {
        self.sizes[0]
    }

    pub(crate) const fn hidden(&self) -> usize {
        self.sizes[1]
    }

    pub(crate) const fn n_outputs(&self) -> usize {
        self.sizes[3]
    }

    /// All weights and biases.
    pub(crate) fn n_weights(&self) -> usize {
        self.layers()[2].bias.end
    }

    fn layers(&self) -> [Layer; 3] {
        let mut start = 0;
        [0, 1, 2].map(|layer| {
            let (n_inputs, n_outputs) = (self.sizes[layer], self.sizes[layer + 1]);
            let weight = start..start + n_inputs * n_outputs;
            let bias = weight.end..weight.end + n_outputs;
            start = bias.end;
            Layer { n_inputs, n_outputs, weight, bias }
        })
    }

    /// The weights in a state dict whose shapes have been checked, under names with this prefix.
    pub(crate) fn take(&self, state: &StateDict, prefix: &str) -> Result<Vec<f32>, ArtifactError> {
        let mut weights = Vec::with_capacity(self.n_weights());
        for (name, layer) in LAYERS.iter().zip(self.layers()) {
            let weight = &state.require(&format!("{prefix}{name}.weight"))?.data;
            weights.extend(matrix(weight, layer.n_inputs).t().iter());
            weights.extend_from_slice(&state.require(&format!("{prefix}{name}.bias"))?.data);
        }
        Ok(weights)
    }

    /// Puts weights into a state dict, under names with this prefix.
    pub(crate) fn put(
        &self,
        weights: &[f32],
        prefix: &str,
        state: &mut StateDict,
    ) -> Result<(), ArtifactError> {
        for (name, layer) in LAYERS.iter().zip(self.layers()) {
            let shape = [layer.n_outputs, layer.n_inputs];
            let weight = matrix(&weights[layer.weight], layer.n_outputs);
            let weight = weight.t().iter().copied().collect();
            state.insert(&format!("{prefix}{name}.weight"), &shape, weight)?;
            state.insert(&format!("{prefix}{name}.bias"), &shape[..1], weights[layer.bias].to_vec())?;
        }
        Ok(())
    }

    /// The outputs of rows of inputs, and the hidden units on the way.
    pub(crate) fn forward(
        &self,
        (weights, inputs): (&[f32], &[f32]),
        flow: &mut Flow,
        mut dropped: Option<(Dropout, &mut Rng)>,
    ) {
        let n_rows = inputs.len() / self.n_inputs();
        let [first, second, last] = self.layers();
        let Flow { hidden: [low, high], outputs } = flow;
        let (low, high) = (&mut low[..n_rows * self.hidden()], &mut high[..n_rows * self.hidden()]);
        first.forward(weights, inputs, low);
        activate(low, &mut dropped);
        second.forward(weights, low, high);
        activate(high, &mut dropped);
        last.forward(weights, high, &mut outputs[..n_rows * self.n_outputs()]);
    }

    /// The gradients of all weights, from those of the outputs of a forward pass.
    pub(crate) fn backward(&self, (weights, inputs): (&[f32], &[f32]), flow: &Flow, back: &mut Back) {
        let n_rows = inputs.len() / self.n_inputs();
        let [first, second, last] = self.layers();
        let n_units = n_rows * self.hidden();
        let [low, high] = [0, 1].map(|layer| &flow.hidden[layer][..n_units]);
        let Back { outputs, hidden: [of_low, of_high], gradients, factor } = back;
        let (of_low, of_high) = (&mut of_low[..n_units], &mut of_high[..n_units]);
        let outputs = &outputs[..n_rows * self.n_outputs()];

        last.gradients(high, outputs, gradients);
        last.backward(weights, outputs, of_high);
        deactivate(of_high, high, *factor);
        second.gradients(low, of_high, gradients);
        second.backward(weights, of_high, of_low);
        deactivate(of_low, low, *factor);
        first.gradients(inputs, of_low, gradients);
    }
}

impl Layer {
    fn forward(&self, weights: &[f32], inputs: &[f32], outputs: &mut [f32]) {
        for row in outputs.chunks_exact_mut(self.n_outputs) {
            row.copy_from_slice(&weights[self.bias.clone()]);
        }
        let weight = matrix(&weights[self.weight.clone()], self.n_outputs);
        let inputs = matrix(inputs, self.n_inputs);
        general_mat_mul(1.0, &inputs, &weight, 1.0, &mut matrix_mut(outputs, self.n_outputs));
    }

    /// From the gradients of the outputs to those of the inputs.
    fn backward(&self, weights: &[f32], of_outputs: &[f32], of_inputs: &mut [f32]) {
        let weight = matrix(&weights[self.weight.clone()], self.n_outputs);
        let of_outputs = matrix(of_outputs, self.n_outputs);
        general_mat_mul(1.0, &of_outputs, &weight.t(), 0.0, &mut matrix_mut(of_inputs, self.n_inputs));
    }

    /// From the gradients of the outputs to those of the weights.
    fn gradients(&self, inputs: &[f32], of_outputs: &[f32], gradients: &mut [f32]) {
        let of_bias = &mut gradients[self.bias.clone()];
        of_bias.fill(0.0);
        for row in of_outputs.chunks_exact(self.n_outputs) {
            for (sum, value) in of_bias.iter_mut().zip(row) {
                *sum += value;
            }
        }
        let mut of_weight = matrix_mut(&mut gradients[self.weight.clone()], self.n_outputs);
        let (inputs, of_outputs) = (matrix(inputs, self.n_inputs), matrix(of_outputs, self.n_outputs));
        general_mat_mul(1.0, &inputs.t(), &of_outputs, 0.0, &mut of_weight);
    }
}

/// Room for what a forward pass gives, for a number of rows.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    hidden: [Vec<f32>; 2],
    pub(crate) outputs: Vec<f32>,
}

impl Flow {
    pub(crate) fn new(plan: &Plan, n_rows: usize) -> Self {
        let hidden = [(); 2].map(|()| vec![0.0; n_rows * plan.hidden()]);
        Self { hidden, outputs: vec![0.0; n_rows * plan.n_outputs()] }
    }
}

/// Room for a backward pass, for a number of rows.
#[derive(Clone, Debug)]
pub(crate) struct Back {
    /// Gradients of the outputs, with which it begins.
    pub(crate) outputs: Vec<f32>,
    hidden: [Vec<f32>; 2],
    /// Gradients of the weights, with which it ends.
    pub(crate) gradients: Vec<f32>,
    /// By what dropout multiplied the units that it kept.
    factor: f32,
}

impl Back {
    pub(crate) fn new(plan: &Plan, n_rows: usize, dropout: Dropout) -> Self {
        let Flow { hidden, outputs } = Flow::new(plan, n_rows);
        Self { outputs, hidden, gradients: vec![0.0; plan.n_weights()], factor: dropout.factor() }
    }
}

fn activate(values: &mut [f32], dropped: &mut Option<(Dropout, &mut Rng)>) {
    for value in &mut *values {
        // Not `max`: a NaN has to stay one, so that the loss shows it.
        *value = if *value < 0.0 { 0.0 } else { *value };
    }
    if let Some((dropout, rng)) = dropped {
        dropout.apply(values, rng);
    }
}

/// From gradients behind the activation to those before it: a unit that is 0 was off or dropped out.
fn deactivate(gradients: &mut [f32], units: &[f32], factor: f32) {
    for (gradient, unit) in gradients.iter_mut().zip(units) {
        *gradient *= if *unit > 0.0 { factor } else { 0.0 };
    }
}

/// Rows of this width. Slices are cut to whole rows where they are made; were one not, the product would say so.
fn matrix(values: &[f32], width: usize) -> ArrayView2<'_, f32> {
    let shape = (values.len() / width, width);
    ArrayView2::from_shape(shape, values).unwrap_or_else(|_| ArrayView2::from(&[[0.0; 0]; 0]))
}

/// The same to write to.
fn matrix_mut(values: &mut [f32], width: usize) -> ArrayViewMut2<'_, f32> {
    let shape = (values.len() / width, width);
    ArrayViewMut2::from_shape(shape, values).unwrap_or_else(|_| ArrayViewMut2::from(&mut [[0.0; 0]; 0]))
}
