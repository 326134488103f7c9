//! One LSTM layer, forwards and backwards, for some rows of a batch; rows lie step after step.

use pulp::{Arch, Simd, WithSimd};

use super::plan::LayerPlace;
use super::product::{Left, Matrix, MatrixMut, Size, add_product};
use super::wide::wide;
use crate::lstm::{gates, tanh};

/// Room for one layer.
#[derive(Default)]
pub(super) struct LayerRoom {
    /// `(steps·rows, 4·hidden)`: sums, then gates, then on the way back the gradients of the sums.
    gates: Vec<f32>,
    /// `(steps·rows, hidden)`, as the next three.
    cells: Vec<f32>,
    tanh_cells: Vec<f32>,
    pub(super) states: Vec<f32>,
    /// The gradients of the states.
    pub(super) of_states: Vec<f32>,
    /// `(rows, hidden)`.
    of_cell: Vec<f32>,
}

/// The sizes of a pass.
#[derive(Clone, Copy)]
pub(super) struct Pass {
    pub(super) rows: usize,
    pub(super) steps: usize,
    pub(super) hidden: usize,
}

impl LayerRoom {
    pub(super) fn reserve(&mut self, pass: Pass) {
        let n = pass.rows * pass.steps;
        self.gates.resize(n * 4 * pass.hidden, 0.0);
        for part in [&mut self.cells, &mut self.tanh_cells, &mut self.states, &mut self.of_states] {
            part.resize(n * pass.hidden, 0.0);
        }
        self.of_cell.resize(pass.rows * pass.hidden, 0.0);
    }

    /// The states of all steps.
    pub(super) fn forward(&mut self, (place, weights): (&LayerPlace, &[f32]), inputs: &[f32], pass: Pass) {
        let Pass { rows, steps, hidden } = pass;
        let width = 4 * hidden;
        let [first, second] = &place.biases;
        let bias: Vec<f32> =
            weights[first.clone()].iter().zip(&weights[second.clone()]).map(|(a, b)| a + b).collect();
        self.gates.chunks_exact_mut(width).for_each(|row| row.copy_from_slice(&bias));
        let left = Left::Plain(Matrix { data: inputs, stride: place.n_inputs });
        let right = Matrix { data: &weights[place.inputs.clone()], stride: width };
        let size = Size { rows: rows * steps, columns: width, inner: place.n_inputs };
        add_product(left, right, MatrixMut { data: &mut self.gates, stride: width }, size);
        let recurrent = Matrix { data: &weights[place.state.clone()], stride: width };
        for step in 0..steps {
            let sums = &mut self.gates[step * rows * width..(step + 1) * rows * width];
            if step > 0 {
                let before = &self.states[(step - 1) * rows * hidden..step * rows * hidden];
                let left = Left::Plain(Matrix { data: before, stride: hidden });
                let size = Size { rows, columns: width, inner: hidden };
                add_product(left, recurrent, MatrixMut { data: sums, stride: width }, size);
            }
            self.advance(step, pass);
        }
    }

    /// From the sums of a step to its cells and states.
    fn advance(&mut self, step: usize, Pass { rows, hidden, .. }: Pass) {
        let (from, to) = (step * rows * hidden, (step + 1) * rows * hidden);
        let sums = &mut self.gates[4 * from..4 * to];
        let (past, now) = self.cells.split_at_mut(from);
        let past = &past[from.saturating_sub(rows * hidden)..];
        let (now, tanhs) = (&mut now[..to - from], &mut self.tanh_cells[from..to]);
        let past = if step > 0 { past } else { &[] };
        Arch::new().dispatch(Advance { sums, past, now, tanhs, states: &mut self.states[from..to], hidden });
    }

    /// From the gradients of the states to those of the weights, added up; the weights are given
    /// turned. Afterwards [`Self::gates`] holds those of
    /// the sums.
    pub(super) fn backward(
        &mut self,
        (place, turned): (&LayerPlace, &[f32]),
        (inputs, gradients): (&[f32], &mut [f32]),
        pass: Pass,
    ) {
        let Pass { rows, steps, hidden } = pass;
        let (width, one) = (4 * hidden, rows * hidden);
        self.of_cell.fill(0.0);
        for step in (0..steps).rev() {
            self.retreat(step, pass);
            if step > 0 {
                let left = Matrix { data: &self.gates[4 * step * one..4 * (step + 1) * one], stride: width };
                let out = &mut self.of_states[(step - 1) * one..step * one];
                let right = Matrix { data: &turned[place.state.clone()], stride: hidden };
                let size = Size { rows, columns: hidden, inner: width };
                add_product(Left::Plain(left), right, MatrixMut { data: out, stride: hidden }, size);
            }
        }
        let right = |from: usize| Matrix { data: &self.gates[from..], stride: width };
        let left = Left::Transposed(Matrix { data: inputs, stride: place.n_inputs });
        let size = Size { rows: place.n_inputs, columns: width, inner: rows * steps };
        let out = MatrixMut { data: &mut gradients[place.inputs.clone()], stride: width };
        add_product(left, right(0), out, size);
        let left = Left::Transposed(Matrix { data: &self.states, stride: hidden });
        let size = Size { rows: hidden, columns: width, inner: rows * (steps - 1) };
        let out = MatrixMut { data: &mut gradients[place.state.clone()], stride: width };
        add_product(left, right((4 * one).min(self.gates.len())), out, size);
        let sums = &self.gates;
        wide(|| {
            let of_bias = &mut gradients[place.biases[0].clone()];
            for row in sums.chunks_exact(width) {
                of_bias.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
        });
        // Both biases have one gradient.
        gradients.copy_within(place.biases[0].clone(), place.biases[1].start);
    }

    /// Replaces the gates of a step by the gradients of the sums that they came from.
    fn retreat(&mut self, step: usize, Pass { rows, hidden, .. }: Pass) {
        let (from, to) = (step * rows * hidden, (step + 1) * rows * hidden);
        let gates = &mut self.gates[4 * from..4 * to];
        let tanhs = &self.tanh_cells[from..to];
        let past = &self.cells[from.saturating_sub(rows * hidden)..from];
        let (of_states, of_cells) = (&self.of_states[from..to], &mut self.of_cell[..]);
        Arch::new().dispatch(Retreat { gates, past, tanhs, of_states, of_cells, hidden });
    }

    /// The gradients of the inputs, after a backward pass.
    pub(super) fn of_inputs(
        &self,
        (place, turned): (&LayerPlace, &[f32]),
        out: &mut [f32],
        Pass { rows, steps, hidden }: Pass,
    ) {
        let (width, n_inputs) = (4 * hidden, place.n_inputs);
        out.fill(0.0);
        let left = Left::Plain(Matrix { data: &self.gates, stride: width });
        let size = Size { rows: rows * steps, columns: n_inputs, inner: width };
        let right = Matrix { data: &turned[place.inputs.clone()], stride: n_inputs };
        add_product(left, right, MatrixMut { data: out, stride: n_inputs }, size);
    }
}

/// The cells and states of some rows; without a past where there is no step before.
struct Advance<'a> {
    sums: &'a mut [f32],
    past: &'a [f32],
    now: &'a mut [f32],
    tanhs: &'a mut [f32],
    states: &'a mut [f32],
    hidden: usize,
}

/// A closure would be compiled by itself, for the oldest machine: these are inlined where the dispatch is.
impl WithSimd for Advance<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { sums, past, now, tanhs, states, hidden } = self;
        for row in 0..now.len() / hidden {
            let at = row * hidden..(row + 1) * hidden;
            let sums = &mut sums[4 * row * hidden..4 * (row + 1) * hidden];
            gates(sums);
            let (input, rest) = sums.split_at(hidden);
            let (forget, rest) = rest.split_at(hidden);
            let (candidate, output) = rest.split_at(hidden);
            let (now, tanhs) = (&mut now[at.clone()], &mut tanhs[at.clone()]);
            for (now, (i, g)) in now.iter_mut().zip(input.iter().zip(candidate)) {
                *now = i * g;
            }
            if !past.is_empty() {
                for (now, (f, past)) in now.iter_mut().zip(forget.iter().zip(&past[at.clone()])) {
                    *now += f * past;
                }
            }
            for (tanhs, now) in tanhs.iter_mut().zip(&*now) {
                *tanhs = tanh(*now);
            }
            for (state, (o, t)) in states[at].iter_mut().zip(output.iter().zip(&*tanhs)) {
                *state = o * t;
            }
        }
    }
}

/// The gradients of the sums of some rows in place of their gates.
struct Retreat<'a> {
    gates: &'a mut [f32],
    past: &'a [f32],
    tanhs: &'a [f32],
    of_states: &'a [f32],
    of_cells: &'a mut [f32],
    hidden: usize,
}

impl WithSimd for Retreat<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { gates, past, tanhs, of_states, of_cells, hidden } = self;
        for row in 0..tanhs.len() / hidden {
            let at = row * hidden..(row + 1) * hidden;
            let (input, rest) = gates[4 * row * hidden..4 * (row + 1) * hidden].split_at_mut(hidden);
            let (forget, rest) = rest.split_at_mut(hidden);
            let (candidate, output) = rest.split_at_mut(hidden);
            let (candidate, output) = (&mut candidate[..hidden], &mut output[..hidden]);
            let before = if past.is_empty() { &tanhs[at.clone()] } else { &past[at.clone()] };
            let (tanhs, of_state) = (&tanhs[at.clone()], &of_states[at.clone()]);
            let of_cell = &mut of_cells[at];
            for unit in 0..hidden {
                let (i, f, g, o) = (input[unit], forget[unit], candidate[unit], output[unit]);
                let (c, dh) = (tanhs[unit], of_state[unit]);
                let dc = of_cell[unit] + dh * o * (1.0 - c * c);
                input[unit] = dc * g * i * (1.0 - i);
                forget[unit] = dc * before[unit] * f * (1.0 - f);
                candidate[unit] = dc * i * (1.0 - g * g);
                output[unit] = dh * c * o * (1.0 - o);
                of_cell[unit] = dc * f;
            }
            if past.is_empty() {
                // Before the first step there is no cell.
                forget.fill(0.0);
            }
        }
    }
}
