//! The network as training sees it: all weights in one slice, products of whole batches, gradients by hand.
//!
//! Weights lie input by input, each row filled up to whole vectors (see [`padded`]); the filling is 0 and stays so, as
//! its gradients are 0 too. For the backward pass the second and the third layer are also kept the other way round.

use std::ops::Range;

use fincoach_core::ArtifactError;
use fincoach_core::nn::{Begin, Dropout, Left, Out, StateDict, padded, product};
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
pub(crate) struct Layer {
    pub(crate) n_inputs: usize,
    pub(crate) n_outputs: usize,
    /// Stored numbers of a row of outputs.
    pub(crate) width: usize,
    /// Where the weights lie among all, `(n_inputs, width)`.
    pub(crate) weight: Range<usize>,
    /// Where the biases lie among all, `width` of them.
    pub(crate) bias: Range<usize>,
}

impl Plan {
    pub(crate) const fn new([n_inputs, hidden, n_outputs]: [usize; 3]) -> Self {
        Self { sizes: [n_inputs, hidden, hidden, n_outputs] }
    }

    pub(crate) const fn n_inputs(&self) -> usize {
        self.sizes[0]
    }

    /// Stored numbers of a row of hidden units.
    pub(crate) const fn hidden_width(&self) -> usize {
        padded(self.sizes[1])
    }

    /// Stored numbers of a row of outputs.
    pub(crate) const fn output_width(&self) -> usize {
        padded(self.sizes[3])
    }

    pub(crate) fn layers(&self) -> [Layer; 3] {
        let mut start = 0;
        [0, 1, 2].map(|layer| {
            let (n_inputs, n_outputs) = (self.sizes[layer], self.sizes[layer + 1]);
            let width = padded(n_outputs);
            let weight = start..start + n_inputs * width;
            let bias = weight.end..weight.end + width;
            start = bias.end;
            Layer { n_inputs, n_outputs, width, weight, bias }
        })
    }

    /// Stored numbers of all weights and biases.
    pub(crate) fn n_weights(&self) -> usize {
        self.layers()[2].bias.end
    }

    /// The weights of a network in PyTorch's layout and names, as they are stored here.
    pub(crate) fn weights(&self, state: &StateDict) -> Result<Vec<f32>, ArtifactError> {
        let mut weights = vec![0.0; self.n_weights()];
        for (name, layer) in LAYERS.iter().zip(self.layers()) {
            let (weight, bias) =
                (state.require(&format!("{name}.weight"))?, state.require(&format!("{name}.bias"))?);
            for (output, row) in weight.data.chunks(layer.n_inputs).enumerate() {
                for (input, value) in row.iter().enumerate() {
                    weights[layer.weight.start + input * layer.width + output] = *value;
                }
            }
            weights[layer.bias][..layer.n_outputs].copy_from_slice(&bias.data);
        }
        Ok(weights)
    }

    /// Puts stored weights into a state dict, in PyTorch's layout and names after a prefix.
    pub(crate) fn put(
        &self,
        weights: &[f32],
        prefix: &str,
        state: &mut StateDict,
    ) -> Result<(), ArtifactError> {
        for (name, layer) in LAYERS.iter().zip(self.layers()) {
            let stored = &weights[layer.weight.clone()];
            let rows = (0..layer.n_outputs)
                .flat_map(|output| (0..layer.n_inputs).map(move |input| (input, output)))
                .map(|(input, output)| stored[input * layer.width + output]);
            let shape = [layer.n_outputs, layer.n_inputs];
            state.insert(&format!("{prefix}{name}.weight"), &shape, rows.collect())?;
            let bias = weights[layer.bias][..layer.n_outputs].to_vec();
            state.insert(&format!("{prefix}{name}.bias"), &shape[..1], bias)?;
        }
        Ok(())
    }

    /// Stored numbers of the layers the other way round.
    pub(crate) fn n_turned(&self) -> usize {
        let [_, second, last] = self.layers();
        second.n_outputs * padded(second.n_inputs) + last.n_outputs * padded(last.n_inputs)
    }

    /// Writes the second and the third layer the other way round, output by output.
    pub(crate) fn turn(&self, weights: &[f32], turned: &mut [f32]) {
        let [_, second, last] = self.layers();
        let (of_second, of_last) = turned.split_at_mut(second.n_outputs * padded(second.n_inputs));
        for (layer, turned) in [(second, of_second), (last, of_last)] {
            transpose(&weights[layer.weight.clone()], &layer, turned);
        }
    }

    /// The outputs of `n_rows` rows of inputs, and the hidden units on the way.
    pub(crate) fn forward(
        &self,
        weights: &[f32],
        inputs: &[f32],
        flow: &mut Flow,
        mut dropped: Option<(Dropout, &mut Rng)>,
    ) {
        let [first, second, last] = self.layers();
        let n_rows = inputs.len() / first.n_inputs;
        let width = first.width;
        let Flow { hidden: [low, high], outputs } = flow;
        let (low, high) = (&mut low[..n_rows * width], &mut high[..n_rows * width]);
        through(&first, weights, Left::Rows(inputs, first.n_inputs), low);
        activate(low, &mut dropped);
        through(&second, weights, Left::Rows(low, width), high);
        activate(high, &mut dropped);
        through(&last, weights, Left::Rows(high, width), &mut outputs[..n_rows * last.width]);
    }

    /// The gradients of all weights, from those of the outputs; `factor` is that of the dropout of the forward pass.
    pub(crate) fn backward(&self, back: Back<'_>, inputs: &[f32], flow: &Flow, gradients: &mut [f32]) {
        let [first, second, last] = self.layers();
        let n_rows = inputs.len() / first.n_inputs;
        let width = first.width;
        let [low, high] = [0, 1].map(|layer| &flow.hidden[layer][..n_rows * width]);
        let [of_low, of_high] = back.hidden;
        let (of_low, of_high) = (&mut of_low[..n_rows * width], &mut of_high[..n_rows * width]);
        let of_outputs = &back.outputs[..n_rows * last.width];
        let (of_second, of_last) = back.turned.split_at(second.n_outputs * padded(second.n_inputs));

        layer_gradients(&last, Left::Columns(high, width), of_outputs, gradients);
        let out = Out { values: &mut *of_high, width };
        product(Left::Rows(of_outputs, last.width), of_last, Begin::Zero, out);
        deactivate(of_high, high, back.factor);
        layer_gradients(&second, Left::Columns(low, width), of_high, gradients);
        let out = Out { values: &mut *of_low, width };
        product(Left::Rows(of_high, width), of_second, Begin::Zero, out);
        deactivate(of_low, low, back.factor);
        layer_gradients(&first, Left::Columns(inputs, first.n_inputs), of_low, gradients);
    }
}

/// Room for what a forward pass gives, for a number of rows.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    pub(crate) hidden: [Vec<f32>; 2],
    pub(crate) outputs: Vec<f32>,
}

impl Flow {
    pub(crate) fn new(plan: &Plan, n_rows: usize) -> Self {
        let hidden = [(); 2].map(|()| vec![0.0; n_rows * plan.hidden_width()]);
        Self { hidden, outputs: vec![0.0; n_rows * plan.output_width()] }
    }
}

/// What a backward pass begins with and the room it needs.
pub(crate) struct Back<'a> {
    /// The layers the other way round.
    pub(crate) turned: &'a [f32],
    /// Gradients of the outputs.
    pub(crate) outputs: &'a [f32],
    /// Room for those of the hidden units.
    pub(crate) hidden: &'a mut [Vec<f32>; 2],
    /// By what dropout multiplied the units it kept.
    pub(crate) factor: f32,
}

fn through(layer: &Layer, weights: &[f32], inputs: Left<'_>, values: &mut [f32]) {
    let begin = Begin::Row(&weights[layer.bias.clone()]);
    product(inputs, &weights[layer.weight.clone()], begin, Out { values, width: layer.width });
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

fn layer_gradients(layer: &Layer, inputs: Left<'_>, of_outputs: &[f32], gradients: &mut [f32]) {
    let values = &mut gradients[layer.weight.clone()];
    product(inputs, of_outputs, Begin::Zero, Out { values, width: layer.width });
    let of_bias = &mut gradients[layer.bias.clone()];
    of_bias.fill(0.0);
    for row in of_outputs.chunks_exact(layer.width) {
        for (sum, value) in of_bias.iter_mut().zip(row) {
            *sum += value;
        }
    }
}

/// In squares, so that a square stays in the cache while it is read down and written across.
fn transpose(weight: &[f32], layer: &Layer, turned: &mut [f32]) {
    const SIDE: usize = 16;
    let width = padded(layer.n_inputs);
    for first_input in (0..layer.n_inputs).step_by(SIDE) {
        let inputs = first_input..(first_input + SIDE).min(layer.n_inputs);
        for first_output in (0..layer.n_outputs).step_by(SIDE) {
            for output in first_output..(first_output + SIDE).min(layer.n_outputs) {
                let row = &mut turned[output * width..][inputs.clone()];
                for (to, input) in row.iter_mut().zip(inputs.clone()) {
                    *to = weight[input * layer.width + output];
                }
            }
        }
    }
}
