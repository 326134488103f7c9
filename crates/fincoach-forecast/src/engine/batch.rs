//! Batches through the network: cut into fixed pieces, which threads share, and added up in order.

use fincoach_core::nn::Dropout;
use fincoach_core::rng::{Rng, stream};
use rayon::prelude::*;

use super::layer::{LayerRoom, Pass};
use super::loss::{Pointwise, Targets};
use super::plan::{Place, Plan};
use super::product::{Left, Matrix, MatrixMut, Size, add_product};
use super::wide::wide;

/// Examples of one piece come in multiples of this.
const FEWEST: usize = 8;
/// Pieces of a batch, at most: each has its own gradients, which have to be added up.
const PIECES: usize = 4;
/// Examples of a piece that go through the network at once: what a pass keeps then stays in the cache.
const AT_ONCE: usize = 16;

/// A level that no table knows.
pub(crate) const UNKNOWN: usize = usize::MAX;

/// One example as the network takes it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Example {
    /// `(steps, n_inputs)`.
    pub(crate) inputs: Vec<f32>,
    /// One for each table; [`UNKNOWN`] gives zeros.
    pub(crate) levels: Vec<usize>,
    /// `(head_steps, n_outputs)` without the shares, as the next two.
    pub(crate) values: Vec<f32>,
    pub(crate) bases: Vec<f32>,
    pub(crate) weights: Vec<f32>,
}

/// What has examples.
pub(crate) trait Batch: Sync {
    /// Writes one, into room of the right size.
    fn write(&self, which: usize, into: &mut Example);
}

/// Where dropout comes from: each piece of each step draws from its own stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chances {
    pub(crate) dropout: Dropout,
    pub(crate) seed: u64,
    pub(crate) step: u64,
}

/// The rooms in which batches are worked on.
pub(crate) struct Workers {
    plan: Plan,
    places: Vec<Place>,
    loss: Pointwise,
    /// The weights the other way round.
    turned: Vec<f32>,
    rooms: Vec<Room>,
}

#[derive(Default)]
struct Room {
    /// `(steps·rows, width)`.
    inputs: Vec<f32>,
    layers: Vec<LayerRoom>,
    /// What each layer gives to the next, or the last to the head: states times `masks`.
    given: Vec<Vec<f32>>,
    masks: Vec<Vec<f32>>,
    /// `(head_steps·rows, n_outputs)`.
    outputs: Vec<f32>,
    spare: Vec<f32>,
    gradients: Vec<f32>,
    targets: Vec<Example>,
}

impl Workers {
    pub(crate) fn new(plan: &Plan, loss: Pointwise) -> Self {
        Self { plan: plan.clone(), places: plan.places(), loss, turned: Vec::new(), rooms: Vec::new() }
    }

    /// The mean loss of a batch with dropout; the gradients of all weights are left in [`Self::gradients`].
    pub(crate) fn learn(
        &mut self,
        weights: &[f32],
        (batch, which): (&dyn Batch, &[usize]),
        chances: Chances,
    ) -> f64 {
        let scale = self.scale(which.len());
        Plan::turn(&self.places, weights, &mut self.turned);
        let total = self.each(which, |net, piece, which, room| {
            let mut rng = stream(chances.seed, chances.step * PIECES as u64 + piece as u64);
            room.gradients.clear();
            room.gradients.resize(net.plan.n_weights(), 0.0);
            let mut total = 0.0;
            for which in which.chunks(AT_ONCE) {
                room.fill(net, batch, which);
                room.forward(net, weights, Some((chances.dropout, &mut rng)));
                total += room.slopes(net, scale);
                room.backward(net);
            }
            total
        });
        if let Some((first, rest)) = self.rooms.split_first_mut() {
            for room in &rest[..pieces(which.len()) - 1] {
                wide(|| first.gradients.iter_mut().zip(&room.gradients).for_each(|(sum, more)| *sum += more));
            }
        }
        total * f64::from(scale)
    }

    /// After [`Self::learn`].
    pub(crate) fn gradients(&self) -> &[f32] {
        self.rooms.first().map_or(&[], |room| &room.gradients)
    }

    /// The mean loss of some examples.
    pub(crate) fn loss(&mut self, weights: &[f32], batch: &dyn Batch, which: &[usize]) -> f64 {
        let mut total = 0.0;
        for which in which.chunks(256) {
            total += self.each(which, |net, _, which, room| {
                room.fill(net, batch, which);
                room.forward(net, weights, None);
                room.slopes(net, 0.0)
            });
        }
        total * f64::from(self.scale(which.len()))
    }

    /// The outputs of some examples, `(which.len(), head_steps·n_outputs)`.
    pub(crate) fn outputs(&mut self, weights: &[f32], batch: &dyn Batch, which: &[usize]) -> Vec<f32> {
        let mut all = Vec::new();
        for which in which.chunks(256) {
            self.each(which, |net, _, which, room| {
                room.fill(net, batch, which);
                room.forward(net, weights, None);
                0.0
            });
            let (rows, n_outputs) = (rows_of_a_piece(which.len()), self.plan.n_outputs);
            for (room, which) in self.rooms.iter().zip(which.chunks(rows)) {
                for row in 0..which.len() {
                    for step in 0..self.plan.head_steps {
                        let start = (step * which.len() + row) * n_outputs;
                        all.extend_from_slice(&room.outputs[start..start + n_outputs]);
                    }
                }
            }
        }
        all
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of outputs")]
    fn scale(&self, rows: usize) -> f32 {
        1.0 / (rows * self.plan.head_steps * self.plan.n_outputs).max(1) as f32
    }

    /// Does the same with every piece, and adds up what comes of it in their order.
    fn each(
        &mut self,
        which: &[usize],
        work: impl Fn(&Net<'_>, usize, &[usize], &mut Room) -> f64 + Sync,
    ) -> f64 {
        let n_pieces = pieces(which.len());
        while self.rooms.len() < n_pieces {
            self.rooms.push(Room::default());
        }
        let net = Net { plan: &self.plan, places: &self.places, loss: &self.loss, turned: &self.turned };
        let rows = rows_of_a_piece(which.len());
        if let ([room], true) = (&mut self.rooms[..n_pieces], n_pieces == 1) {
            return work(&net, 0, which, room);
        }
        let tasks = self.rooms[..n_pieces].par_iter_mut().zip(which.par_chunks(rows)).enumerate();
        let losses: Vec<f64> = tasks.map(|(piece, (room, which))| work(&net, piece, which, room)).collect();
        losses.iter().sum()
    }
}

fn rows_of_a_piece(rows: usize) -> usize {
    rows.div_ceil(PIECES).next_multiple_of(FEWEST)
}

fn pieces(rows: usize) -> usize {
    rows.div_ceil(rows_of_a_piece(rows.max(1))).max(1)
}

struct Net<'a> {
    plan: &'a Plan,
    places: &'a [Place],
    loss: &'a Pointwise,
    turned: &'a [f32],
}

impl Net<'_> {
    fn head(&self) -> [std::ops::Range<usize>; 2] {
        [0, 1].map(|part| self.places[4 * self.plan.layers + part].range.clone())
    }

    const fn pass(&self, rows: usize) -> Pass {
        Pass { rows, steps: self.plan.steps, hidden: self.plan.hidden }
    }
}

impl Room {
    fn rows(&self, net: &Net<'_>) -> usize {
        self.inputs.len() / (net.plan.steps * net.plan.width()).max(1)
    }

    /// Lays the examples side by side, step after step.
    fn fill(&mut self, net: &Net<'_>, batch: &dyn Batch, which: &[usize]) {
        let (plan, rows) = (net.plan, which.len());
        let (width, n_inputs) = (plan.width(), plan.n_inputs);
        let n_values = plan.head_steps * plan.n_outputs / net.loss.n_shares();
        self.inputs.resize(plan.steps * rows * width, 0.0);
        self.targets.resize_with(rows.max(self.targets.len()), Example::default);
        for (row, one) in which.iter().enumerate() {
            let example = &mut self.targets[row];
            example.inputs.resize(plan.steps * n_inputs, 0.0);
            example.levels.resize(plan.tables.len(), UNKNOWN);
            for part in [&mut example.values, &mut example.bases, &mut example.weights] {
                part.resize(n_values, 0.0);
            }
            batch.write(*one, example);
            for step in 0..plan.steps {
                let to = &mut self.inputs[(step * rows + row) * width..][..width];
                to[..n_inputs].copy_from_slice(&example.inputs[step * n_inputs..(step + 1) * n_inputs]);
            }
        }
    }

    /// Copies the learnt numbers of each example's levels beside its inputs.
    fn look_up(&mut self, net: &Net<'_>, weights: &[f32], rows: usize) {
        let (width, mut column) = (net.plan.width(), net.plan.n_inputs);
        for (at, table) in net.plan.tables.iter().enumerate() {
            let place = net.places[4 * net.plan.layers + 2 + at].range.clone();
            for (place_in_batch, row) in self.inputs.chunks_exact_mut(width).enumerate() {
                let level = self.targets[place_in_batch % rows].levels[at];
                let to = &mut row[column..column + table.width];
                match weights[place.clone()].chunks_exact(table.width).nth(level) {
                    Some(learnt) => to.copy_from_slice(learnt),
                    None => to.fill(0.0),
                }
            }
            column += table.width;
        }
    }

    fn forward(&mut self, net: &Net<'_>, weights: &[f32], mut chances: Option<(Dropout, &mut Rng)>) {
        let (plan, rows) = (net.plan, self.rows(net));
        let pass = net.pass(rows);
        self.look_up(net, weights, rows);
        for list in [&mut self.given, &mut self.masks] {
            list.resize_with(plan.layers, Vec::new);
        }
        self.layers.resize_with(plan.layers, LayerRoom::default);
        for layer in 0..plan.layers {
            let place = Plan::layer(net.places, layer);
            let inputs = if layer == 0 { &self.inputs } else { &self.given[layer - 1] };
            self.layers[layer].reserve(pass);
            self.layers[layer].forward((&place, weights), inputs, pass);
            let states = &self.layers[layer].states;
            let states = if layer + 1 < plan.layers { &states[..] } else { last(states, net, rows) };
            let (given, mask) = (&mut self.given[layer], &mut self.masks[layer]);
            given.clear();
            given.extend_from_slice(states);
            mask.clear();
            if let Some((dropout, rng)) = &mut chances {
                mask.resize(given.len(), 1.0);
                dropout.apply(mask, rng);
                times(given, mask);
            }
        }
        self.answer(net, weights, rows);
    }

    /// The linear layer.
    fn answer(&mut self, net: &Net<'_>, weights: &[f32], rows: usize) {
        let (n_outputs, hidden) = (net.plan.n_outputs, net.plan.hidden);
        let [weight, bias] = net.head();
        let rows = net.plan.head_steps * rows;
        self.outputs.clear();
        self.outputs.extend(std::iter::repeat_n(&weights[bias], rows).flatten());
        let Some(given) = self.given.last() else { return };
        let left = Left::Plain(Matrix { data: given, stride: hidden });
        let right = Matrix { data: &weights[weight], stride: n_outputs };
        let size = Size { rows, columns: n_outputs, inner: hidden };
        add_product(left, right, MatrixMut { data: &mut self.outputs, stride: n_outputs }, size);
    }

    /// The sum of the losses; outputs become slopes.
    fn slopes(&mut self, net: &Net<'_>, scale: f32) -> f64 {
        let rows = self.rows(net);
        let n_values = net.plan.n_outputs / net.loss.n_shares();
        let mut total = 0.0;
        for (place, outputs) in self.outputs.chunks_exact_mut(net.plan.n_outputs).enumerate() {
            let (step, example) = (place / rows, &self.targets[place % rows]);
            let at = step * n_values..(step + 1) * n_values;
            let targets = Targets {
                values: &example.values[at.clone()],
                bases: &example.bases[at.clone()],
                weights: &example.weights[at],
            };
            total += net.loss.slopes(outputs, targets, scale);
        }
        total
    }

    fn backward(&mut self, net: &Net<'_>) {
        let (plan, rows) = (net.plan, self.rows(net));
        let pass = net.pass(rows);
        self.unanswer(net, rows);
        for layer in (0..plan.layers).rev() {
            let place = Plan::layer(net.places, layer);
            let inputs = if layer == 0 { &self.inputs } else { &self.given[layer - 1] };
            let room = &mut self.layers[layer];
            room.backward((&place, net.turned), (inputs, &mut self.gradients), pass);
            if layer > 0 {
                let (below, room) = self.layers.split_at_mut(layer);
                let of_states = &mut below[layer - 1].of_states;
                room[0].of_inputs((&place, net.turned), of_states, pass);
                times(of_states, &self.masks[layer - 1]);
            } else if !plan.tables.is_empty() {
                self.spare.resize(self.inputs.len(), 0.0);
                room.of_inputs((&place, net.turned), &mut self.spare, pass);
                self.unlook(net, rows);
            }
        }
    }

    /// The gradients of the linear layer and of the states below it.
    fn unanswer(&mut self, net: &Net<'_>, rows: usize) {
        let (n_outputs, hidden) = (net.plan.n_outputs, net.plan.hidden);
        let [weight, bias] = net.head();
        let (given, mask) = (&self.given[net.plan.layers - 1], &self.masks[net.plan.layers - 1]);
        let slopes = Matrix { data: &self.outputs, stride: n_outputs };
        let n_rows = net.plan.head_steps * rows;
        let size = Size { rows: hidden, columns: n_outputs, inner: n_rows };
        let out = MatrixMut { data: &mut self.gradients[weight.clone()], stride: n_outputs };
        add_product(Left::Transposed(Matrix { data: given, stride: hidden }), slopes, out, size);
        for row in self.outputs.chunks_exact(n_outputs) {
            self.gradients[bias.clone()].iter_mut().zip(row).for_each(|(sum, slope)| *sum += slope);
        }
        let of_states = &mut self.layers[net.plan.layers - 1].of_states;
        of_states.fill(0.0);
        let start = of_states.len() - n_rows * hidden;
        let out = MatrixMut { data: &mut of_states[start..], stride: hidden };
        let size = Size { rows: n_rows, columns: hidden, inner: n_outputs };
        add_product(Left::Plain(slopes), Matrix { data: &net.turned[weight], stride: hidden }, out, size);
        times(&mut of_states[start..], mask);
    }

    /// The gradients of the tables, from those of the inputs.
    fn unlook(&mut self, net: &Net<'_>, rows: usize) {
        let (width, mut column) = (net.plan.width(), net.plan.n_inputs);
        for (at, table) in net.plan.tables.iter().enumerate() {
            let place = net.places[4 * net.plan.layers + 2 + at].range.clone();
            for (place_in_batch, row) in self.spare.chunks_exact(width).enumerate() {
                let level = self.targets[place_in_batch % rows].levels[at];
                let learnt = self.gradients[place.clone()].chunks_exact_mut(table.width).nth(level);
                for (sum, slope) in learnt.into_iter().flatten().zip(&row[column..]) {
                    *sum += slope;
                }
            }
            column += table.width;
        }
    }
}

/// The states of the steps that give outputs.
fn last<'a>(states: &'a [f32], net: &Net<'_>, rows: usize) -> &'a [f32] {
    &states[states.len() - net.plan.head_steps * rows * net.plan.hidden..]
}

/// Nothing is dropped by an empty mask.
fn times(values: &mut [f32], mask: &[f32]) {
    wide(|| values.iter_mut().zip(mask).for_each(|(value, factor)| *value *= factor));
}

#[cfg(test)]
mod tests;
