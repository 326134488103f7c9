//! One LSTM layer as a single operation of the tensor library, with its own backward pass.
//!
//! Step by step, a layer of 7 days is about a hundred small tensors; here all days go through one matrix
//! product, the recurrence through one product a day, and what the backward pass needs is kept.

use std::sync::{Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};
use fincoach_core::ndarray::linalg::general_mat_mul;
use fincoach_core::ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};
use fincoach_core::nn::{matrix, tensor, with_matrix};

use super::activation::{gates, tanh};
use crate::slicing::{columns, rows};

/// A layer on inputs `(days, batch, n_inputs)`. All weights come in one tensor of `4·hidden` rows: columns of
/// the inputs, columns of the state, and one of the sum of the biases. Gives the states
/// `(days, batch, hidden)`.
pub(super) struct FusedLayer {
    hidden: usize,
    /// Filled by the forward pass, used by the backward pass.
    kept: Mutex<Option<Kept>>,
}

/// What the backward pass needs; rows are days times batch.
struct Kept {
    batch: usize,
    /// `(rows, 4·hidden)`, after the activations.
    gates: Array2<f32>,
    /// `(rows, hidden)`.
    cells: Array2<f32>,
    tanh_cells: Array2<f32>,
    states: Array2<f32>,
}

/// The gradients of the inputs and of the weights.
struct Gradients {
    inputs: Array2<f32>,
    weights: Array2<f32>,
}

impl FusedLayer {
    pub(super) const fn new(hidden: usize) -> Self {
        Self { hidden, kept: Mutex::new(None) }
    }

    fn forward(&self, inputs: ArrayView2<'_, f32>, weights: ArrayView2<'_, f32>, batch: usize) -> Kept {
        let (n_rows, hidden, n_inputs) = (inputs.nrows(), self.hidden, inputs.ncols());
        let bias = weights.column(n_inputs + hidden).to_owned();
        let mut kept = Kept {
            batch,
            gates: Array2::zeros((n_rows, 4 * hidden)),
            cells: Array2::zeros((n_rows, hidden)),
            tanh_cells: Array2::zeros((n_rows, hidden)),
            states: Array2::zeros((n_rows, hidden)),
        };
        kept.gates += &bias;
        general_mat_mul(1.0, &inputs, &columns(weights, 0..n_inputs).t(), 1.0, &mut kept.gates);
        let recurrent = columns(weights, n_inputs..n_inputs + hidden);
        for day in (0..n_rows).step_by(batch.max(1)) {
            if day > 0 {
                let before = rows(kept.states.view(), day - batch..day);
                let mut today = rows(kept.gates.view_mut(), day..day + batch);
                general_mat_mul(1.0, &before, &recurrent.t(), 1.0, &mut today);
            }
            for row in day..day + batch {
                kept.step(row, hidden);
            }
        }
        kept
    }
}

impl Kept {
    /// From the sums of one row to its cell and state.
    fn step(&mut self, row: usize, hidden: usize) {
        let at = |row: usize| row * hidden..(row + 1) * hidden;
        let (Some(all), Some(cells)) = (self.gates.as_slice_mut(), self.cells.as_slice_mut()) else { return };
        let (Some(tanhs), Some(states)) = (self.tanh_cells.as_slice_mut(), self.states.as_slice_mut()) else {
            return;
        };
        let sums = &mut all[row * 4 * hidden..(row + 1) * 4 * hidden];
        gates(sums);
        let (input, rest) = sums.split_at(hidden);
        let (forget, rest) = rest.split_at(hidden);
        let (candidate, output) = rest.split_at(hidden);
        let (past, now) = cells.split_at_mut(row * hidden);
        let (now, tanhs, states) = (&mut now[..hidden], &mut tanhs[at(row)], &mut states[at(row)]);
        match row.checked_sub(self.batch) {
            Some(before) => {
                let before = &past[at(before)];
                for unit in 0..hidden {
                    now[unit] = forget[unit] * before[unit] + input[unit] * candidate[unit];
                }
            }
            None => {
                for unit in 0..hidden {
                    now[unit] = input[unit] * candidate[unit];
                }
            }
        }
        for unit in 0..hidden {
            tanhs[unit] = tanh(now[unit]);
            states[unit] = output[unit] * tanhs[unit];
        }
    }

    fn backward(
        mut self,
        inputs: ArrayView2<'_, f32>,
        weights: ArrayView2<'_, f32>,
        mut grad: Array2<f32>,
    ) -> Gradients {
        let (n_rows, hidden) = grad.dim();
        let (batch, n_inputs) = (self.batch, inputs.ncols());
        let recurrent = columns(weights, n_inputs..n_inputs + hidden);
        let mut grad_cell = vec![0.0; batch * hidden];
        for day in (0..n_rows).step_by(batch.max(1)).rev() {
            for row in day..day + batch {
                let grad_state = grad.row(row);
                let cell = &mut grad_cell[(row - day) * hidden..(row - day + 1) * hidden];
                self.step_back(row, grad_state.as_slice().unwrap_or(&[]), cell);
            }
            if day > 0 {
                let mut before = rows(grad.view_mut(), day - batch..day);
                general_mat_mul(
                    1.0,
                    &rows(self.gates.view(), day..day + batch),
                    &recurrent,
                    1.0,
                    &mut before,
                );
            }
        }
        // From here on `gates` holds the gradient of the sums.
        let sums = self.gates;
        let mut weights_grad = Array2::zeros(weights.dim());
        product_into(sums.t(), inputs, columns(weights_grad.view_mut(), 0..n_inputs));
        let (later, earlier) =
            (rows(sums.view(), batch..n_rows), rows(self.states.view(), 0..n_rows - batch));
        product_into(later.t(), earlier, columns(weights_grad.view_mut(), n_inputs..n_inputs + hidden));
        weights_grad.column_mut(n_inputs + hidden).assign(&sums.sum_axis(Axis(0)));
        let inputs = sums.dot(&columns(weights, 0..n_inputs));
        Gradients { inputs, weights: weights_grad }
    }

    /// Replaces the gates of one row by the gradient of the sums they came from; `grad_cell` is what the
    /// next day sends back, and becomes what goes to the day before.
    fn step_back(&mut self, row: usize, grad_state: &[f32], grad_cell: &mut [f32]) {
        let hidden = grad_cell.len();
        let (Some(gates), Some(tanhs)) = (self.gates.as_slice_mut(), self.tanh_cells.as_slice()) else {
            return;
        };
        let Some(cells) = self.cells.as_slice() else { return };
        let zeros = vec![0.0; if row < self.batch { hidden } else { 0 }];
        let before = match row.checked_sub(self.batch) {
            Some(before) => &cells[before * hidden..(before + 1) * hidden],
            None => &zeros[..],
        };
        let tanhs = &tanhs[row * hidden..(row + 1) * hidden];
        let (input, rest) = gates[row * 4 * hidden..(row + 1) * 4 * hidden].split_at_mut(hidden);
        let (forget, rest) = rest.split_at_mut(hidden);
        let (candidate, output) = rest.split_at_mut(hidden);
        let (candidate, output) = (&mut candidate[..hidden], &mut output[..hidden]);
        let (before, grad_state) = (&before[..hidden], &grad_state[..hidden]);
        for unit in 0..hidden {
            let (i, f, g, o) = (input[unit], forget[unit], candidate[unit], output[unit]);
            let (c, dh) = (tanhs[unit], grad_state[unit]);
            let dc = grad_cell[unit] + dh * o * (1.0 - c * c);
            input[unit] = dc * g * i * (1.0 - i);
            forget[unit] = dc * before[unit] * f * (1.0 - f);
            candidate[unit] = dc * i * (1.0 - g * g);
            output[unit] = dh * c * o * (1.0 - o);
            grad_cell[unit] = dc * f;
        }
    }
}

fn product_into(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>, mut out: ArrayViewMut2<'_, f32>) {
    general_mat_mul(1.0, &a, &b, 0.0, &mut out);
}

impl CustomOp2 for FusedLayer {
    fn name(&self) -> &'static str {
        "lstm-layer"
    }

    fn cpu_fwd(
        &self,
        inputs: &CpuStorage,
        inputs_layout: &Layout,
        weights: &CpuStorage,
        weights_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (days, batch, _) = inputs_layout.shape().dims3()?;
        let kept = self.forward(matrix(inputs, inputs_layout)?, matrix(weights, weights_layout)?, batch);
        let states = kept.states.iter().copied().collect();
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok((CpuStorage::F32(states), Shape::from((days, batch, self.hidden))))
    }

    fn bwd(
        &self,
        inputs: &Tensor,
        weights: &Tensor,
        _states: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let Some(kept) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            bail!("backward pass of an LSTM layer without its forward pass")
        };
        let gradients = with_matrix(inputs, |x| {
            with_matrix(weights, |w| with_matrix(grad, |grad| Ok(kept.backward(x, w, grad.to_owned()))))
        })?;
        let inputs = tensor(gradients.inputs, inputs.shape())?;
        Ok((Some(inputs), Some(tensor(gradients.weights, weights.shape())?)))
    }
}

#[cfg(test)]
mod tests;
