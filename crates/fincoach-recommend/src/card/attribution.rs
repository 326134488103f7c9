//! Which inputs of a network made the difference.

use fincoach_core::ArtifactError;
use fincoach_core::nn::StateDict;

/// Points at which the gradient is taken on the way from the average state to the user's.
const N_POINTS: usize = 128;

/// How much each input of a network adds to a weighted sum of its outputs, beside an input of zeros.
///
/// Integrated gradients (Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", 2017): the input
/// times the mean gradient on the straight way from zero to it. The contributions add up to the difference of the
/// sums at both ends, but for the error of the mean over [`N_POINTS`] points. States are standardised, so zero is
/// the average of the data the network was trained on. `O(N_POINTS · weights)`.
pub(super) fn contributions(
    network: &StateDict,
    layers: [&str; 3],
    (input, direction): (&[f64], &[f64]),
) -> Result<Vec<f64>, ArtifactError> {
    let layers: Vec<Layer> = layers.iter().map(|name| Layer::of(network, name)).collect::<Result<_, _>>()?;
    let mut total = vec![0.0; input.len()];
    for point in 0..N_POINTS {
        let share = (point as f64 + 0.5) / N_POINTS as f64;
        let at: Vec<f64> = input.iter().map(|value| value * share).collect();
        for (sum, slope) in total.iter_mut().zip(gradient(&layers, &at, direction)) {
            *sum += slope;
        }
    }
    // Plus 0, so that what moved nothing is 0 and not −0.
    Ok(total.iter().zip(input).map(|(sum, value)| sum / N_POINTS as f64 * value + 0.0).collect())
}

/// Weights in PyTorch's layout `(n_outputs, n_inputs)`.
struct Layer<'a> {
    weight: &'a [f32],
    bias: &'a [f32],
}

impl<'a> Layer<'a> {
    fn of(network: &'a StateDict, name: &str) -> Result<Self, ArtifactError> {
        let tensor = |part: &str| Ok(&network.require(&format!("{name}.{part}"))?.data);
        Ok(Self { weight: tensor("weight")?, bias: tensor("bias")? })
    }

    fn rows(&self) -> impl Iterator<Item = (&'a [f32], &'a f32)> {
        self.weight.chunks_exact(self.weight.len() / self.bias.len().max(1)).zip(self.bias)
    }

    fn forward(&self, inputs: &[f64]) -> Vec<f64> {
        let sum = |row: &[f32]| row.iter().zip(inputs).map(|(w, x)| f64::from(*w) * x).sum::<f64>();
        self.rows().map(|(row, bias)| f64::from(*bias) + sum(row)).collect()
    }

    /// What the slopes of the outputs are for the inputs.
    fn backward(&self, slopes: &[f64]) -> Vec<f64> {
        let n_inputs = self.weight.len() / self.bias.len().max(1);
        let mut back = vec![0.0; n_inputs];
        for ((row, _), slope) in self.rows().zip(slopes).filter(|(_, slope)| **slope != 0.0) {
            for (sum, weight) in back.iter_mut().zip(row) {
                *sum += f64::from(*weight) * slope;
            }
        }
        back
    }
}

/// The gradient of `direction · network(input)`, with `ReLU` between the layers.
fn gradient(layers: &[Layer<'_>], input: &[f64], direction: &[f64]) -> Vec<f64> {
    let (mut flow, mut sums) = (input.to_vec(), Vec::with_capacity(layers.len()));
    for layer in layers {
        let sum = layer.forward(&flow);
        flow = sum.iter().map(|value| value.max(0.0)).collect();
        sums.push(sum);
    }
    // Nothing is cut off after the last layer.
    let mut slopes = direction.to_vec();
    for (depth, layer) in layers.iter().enumerate().rev() {
        slopes = layer.backward(&slopes);
        if let Some(below) = depth.checked_sub(1).and_then(|depth| sums.get(depth)) {
            for (slope, sum) in slopes.iter_mut().zip(below) {
                if *sum <= 0.0 {
                    *slope = 0.0;
                }
            }
        }
    }
    slopes
}
