//! The sizes of a network and where its weights lie.

use std::ops::Range;

use fincoach_core::ArtifactError;
use fincoach_core::nn::{StateDict, uniform};
use fincoach_core::rng::Rng;

use super::product::{Matrix, transpose};

/// Numbers learnt for each level of a category that does not change with time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) levels: usize,
    pub(crate) width: usize,
}

/// A network: tables, LSTM layers over some steps, and a linear layer on the states of the last of them.
///
/// All weights lie in one slice. Those of a layer stand `(n_inputs, 4·hidden)` and `(hidden, 4·hidden)`, the
/// other way round than in PyTorch, because products read along the outputs; two biases a layer as there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    /// Numbers of a step that are not learnt.
    pub(crate) n_inputs: usize,
    pub(crate) tables: Vec<Table>,
    pub(crate) hidden: usize,
    pub(crate) layers: usize,
    /// Numbers given at each step that gives any.
    pub(crate) n_outputs: usize,
    pub(crate) steps: usize,
    /// Steps that give outputs: the last ones.
    pub(crate) head_steps: usize,
}

/// Where a matrix lies that PyTorch stores `(rows, columns)` and that lies here `(columns, rows)`, or a bias.
pub(super) struct Place {
    name: String,
    shape: Vec<usize>,
    pub(super) range: Range<usize>,
}

/// Where the weights of one layer lie.
pub(super) struct LayerPlace {
    pub(super) n_inputs: usize,
    pub(super) inputs: Range<usize>,
    pub(super) state: Range<usize>,
    pub(super) biases: [Range<usize>; 2],
}

impl Plan {
    /// Numbers of a step with those of the tables.
    pub(crate) fn width(&self) -> usize {
        self.n_inputs + self.tables.iter().map(|table| table.width).sum::<usize>()
    }

    pub(crate) fn n_weights(&self) -> usize {
        self.places().last().map_or(0, |place| place.range.end)
    }

    /// Everything in the order in which it lies: four places a layer, two of the head, one a table.
    pub(super) fn places(&self) -> Vec<Place> {
        let gates = 4 * self.hidden;
        let mut shapes = Vec::new();
        for layer in 0..self.layers {
            let width = if layer == 0 { self.width() } else { self.hidden };
            shapes.push((format!("lstm.weight_ih_l{layer}"), vec![gates, width]));
            shapes.push((format!("lstm.weight_hh_l{layer}"), vec![gates, self.hidden]));
            shapes.push((format!("lstm.bias_ih_l{layer}"), vec![gates]));
            shapes.push((format!("lstm.bias_hh_l{layer}"), vec![gates]));
        }
        shapes.push(("fc.weight".to_owned(), vec![self.n_outputs, self.hidden]));
        shapes.push(("fc.bias".to_owned(), vec![self.n_outputs]));
        for (at, table) in self.tables.iter().enumerate() {
            // The other way round than a layer, so that the numbers of one level lie together.
            shapes.push((format!("embedding.{at}.weight"), vec![table.levels, table.width]));
        }
        let mut start = 0;
        let placed = shapes.into_iter().map(|(name, shape)| {
            let range = start..start + shape.iter().product::<usize>();
            start = range.end;
            Place { name, shape, range }
        });
        placed.collect()
    }

    pub(super) fn layer(places: &[Place], layer: usize) -> LayerPlace {
        let at = |part: usize| places[4 * layer + part].range.clone();
        let n_inputs = places[4 * layer].shape[1];
        LayerPlace { n_inputs, inputs: at(0), state: at(1), biases: [at(2), at(3)] }
    }

    /// Every matrix of a layer the other way round, as the way back needs it; biases and tables are left out.
    pub(super) fn turn(places: &[Place], weights: &[f32], turned: &mut Vec<f32>) {
        turned.resize(weights.len(), 0.0);
        for place in places.iter().filter(|place| place.is_matrix()) {
            place.copy(&weights[place.range.clone()], &mut turned[place.range.clone()], true);
        }
    }

    /// Names and shapes as PyTorch has them.
    pub(crate) fn shapes(&self) -> Vec<(String, Vec<usize>)> {
        self.places().into_iter().map(|place| (place.name, place.shape)).collect()
    }

    /// Start weights: uniform within ±1/√hidden, as in PyTorch, drawn in its layout. `head` scales those of the
    /// linear layer: at 0 the network starts by answering 0.
    #[expect(clippy::cast_precision_loss, reason = "layer sizes")]
    pub(crate) fn start(&self, rng: &mut Rng, head: f32) -> Result<StateDict, ArtifactError> {
        let bound = 1.0 / (self.hidden as f64).sqrt();
        let mut state = StateDict::new();
        for place in self.places() {
            let mut values = uniform(rng, place.range.len(), bound);
            if place.name.starts_with("fc.") {
                values.iter_mut().for_each(|value| *value *= head);
            }
            state.insert(&place.name, &place.shape, values)?;
        }
        Ok(state)
    }

    /// The weights in a state dict.
    pub(crate) fn take(&self, state: &StateDict) -> Result<Vec<f32>, ArtifactError> {
        let mut weights = vec![0.0; self.n_weights()];
        for place in self.places() {
            let given = state.require(&place.name)?;
            if given.data.len() != place.range.len() {
                let [expected, got] = [&place.shape, &given.shape].map(|shape| format!("{shape:?}"));
                return Err(ArtifactError::Tensor { name: place.name, expected, got });
            }
            place.copy(&given.data, &mut weights[place.range.clone()], false);
        }
        Ok(weights)
    }

    /// The state dict of weights.
    pub(crate) fn put(&self, weights: &[f32]) -> Result<StateDict, ArtifactError> {
        let mut state = StateDict::new();
        for place in self.places() {
            let mut values = vec![0.0; place.range.len()];
            place.copy(&weights[place.range.clone()], &mut values, true);
            state.insert(&place.name, &place.shape, values)?;
        }
        Ok(state)
    }
}

impl Place {
    fn is_matrix(&self) -> bool {
        self.shape.len() == 2 && !self.name.starts_with("embedding")
    }

    fn copy(&self, from: &[f32], to: &mut [f32], out: bool) {
        match self.shape[..] {
            [rows, columns] if self.is_matrix() => {
                let (rows, columns) = if out { (columns, rows) } else { (rows, columns) };
                transpose(Matrix { data: from, stride: columns }, to, (rows, columns));
            }
            _ => to.copy_from_slice(from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fincoach_core::rng::stream;

    #[test]
    fn weights_come_back_as_they_were() {
        let tables = vec![Table { levels: 3, width: 2 }];
        let plan = Plan { n_inputs: 3, tables, hidden: 5, layers: 2, n_outputs: 4, steps: 2, head_steps: 1 };
        let state = plan.start(&mut stream(1, 0), 1.0).unwrap();
        assert_eq!(plan.put(&plan.take(&state).unwrap()).unwrap(), state);
        assert_eq!(state.get("lstm.weight_ih_l0").unwrap().shape, [20, 5]);
        let mut short = state.clone();
        short.insert("fc.bias", &[1], vec![0.0]).unwrap();
        assert!(plan.take(&short).is_err());
    }
}
