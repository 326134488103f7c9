//! Pieces of a network as the tensor library sees it: what training differentiates.

use candle_core::{CpuStorage, CustomOp3, Device, Layout, Result, Shape, Tensor, bail};
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, Axis};

use super::chance::dropout_mask;
use super::storage::{matrix, values, with_matrix};
use crate::rng::Rng;

/// `x·Wᵀ + b` for `x` `(n_rows, n_inputs)`, `W` `(n_outputs, n_inputs)` and `b` `(n_outputs)`.
///
/// The tensor library's own product asks the system for the number of processors every time, which takes
/// longer than the product of a small batch. This one stays on its thread: fits run side by side already.
///
/// # Errors
/// When the shapes do not fit.
pub fn linear(inputs: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    inputs.apply_op3(weight, bias, LinearOp)
}

/// Inverted dropout of a share of the values; without a generator nothing is dropped.
///
/// # Errors
/// When the tensor library fails.
pub fn dropout(values: Tensor, share: f64, rng: Option<&mut Rng>) -> Result<Tensor> {
    match rng {
        Some(rng) if share > 0.0 => {
            let mask = dropout_mask(rng, values.elem_count(), share);
            values.mul(&Tensor::from_vec(mask, values.shape(), &Device::Cpu)?)
        }
        _ => Ok(values),
    }
}

struct LinearOp;

impl CustomOp3 for LinearOp {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(
        &self,
        inputs: &CpuStorage,
        inputs_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (inputs, weight) = (matrix(inputs, inputs_layout)?, matrix(weight, weight_layout)?);
        let bias = values(bias, bias_layout)?;
        if inputs.ncols() != weight.ncols() || bias.len() != weight.nrows() {
            bail!("inputs {:?} and biases {} for weights {:?}", inputs.dim(), bias.len(), weight.dim())
        }
        let (n_rows, n_outputs) = (inputs.nrows(), weight.nrows());
        let started = std::iter::repeat_n(bias, n_rows).flatten().copied().collect();
        let mut sums = Array2::from_shape_vec((n_rows, n_outputs), started).map_err(wrapped)?;
        general_mat_mul(1.0, &inputs, &weight.t(), 1.0, &mut sums);
        Ok((CpuStorage::F32(sums.into_raw_vec_and_offset().0), Shape::from((n_rows, n_outputs))))
    }

    fn bwd(
        &self,
        inputs: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _sums: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        with_matrix(gradient, |gradient| {
            // Data have no gradient: the first layer need not work one out.
            let of_inputs = || with_matrix(weight, |w| tensor(gradient.dot(&w), inputs.shape()));
            Ok((
                inputs.track_op().then(of_inputs).transpose()?,
                Some(with_matrix(inputs, |x| tensor(gradient.t().dot(&x), weight.shape()))?),
                Some(Tensor::from_vec(gradient.sum_axis(Axis(0)).to_vec(), bias.shape(), &Device::Cpu)?),
            ))
        })
    }
}

/// A matrix as a tensor; a product may come out column by column.
///
/// # Errors
/// When the shape has another number of values.
pub fn tensor(matrix: Array2<f32>, shape: &Shape) -> Result<Tensor> {
    let matrix = if matrix.is_standard_layout() { matrix } else { matrix.as_standard_layout().into_owned() };
    Tensor::from_vec(matrix.into_raw_vec_and_offset().0, shape, &Device::Cpu)
}

fn wrapped(error: ndarray::ShapeError) -> candle_core::Error {
    candle_core::Error::wrap(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{StateDict, VarSet, uniform};
    use crate::rng::stream;

    fn tensors() -> (Tensor, VarSet) {
        let draw = |n| uniform(&mut stream(1, n as u64), n, 1.0);
        let inputs = Tensor::from_vec(draw(12), (4, 3), &Device::Cpu).unwrap();
        let mut state = StateDict::new();
        state.insert("below", &[3, 3], draw(9)).unwrap();
        state.insert("weight", &[2, 3], draw(6)).unwrap();
        state.insert("bias", &[2], draw(2)).unwrap();
        (inputs, VarSet::new(&state).unwrap())
    }

    #[test]
    fn values_and_gradients_equal_those_of_the_tensor_library() {
        let (inputs, vars) = tensors();
        let [below, weight, bias] = ["below", "weight", "bias"].map(|name| vars.get(name).unwrap());
        let states = inputs.matmul(below).unwrap();
        let ours = linear(&states, weight, bias).unwrap();
        let theirs = states.matmul(&weight.t().unwrap()).unwrap().broadcast_add(bias).unwrap();
        let near = |a: &Tensor, b: &Tensor| {
            let values = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            assert_eq!(a.dims(), b.dims());
            assert!(values(a).iter().zip(values(b)).all(|(a, b)| (a - b).abs() < 1e-6), "{a} {b}");
        };
        near(&ours, &theirs);
        let gradients = |outputs: &Tensor| outputs.sqr().unwrap().sum_all().unwrap().backward().unwrap();
        let (ours, theirs) = (gradients(&ours), gradients(&theirs));
        for var in [below, weight, bias] {
            near(ours.get(var).unwrap(), theirs.get(var).unwrap());
        }
    }

    #[test]
    fn shapes_that_do_not_fit_are_an_error_not_a_panic() {
        let (inputs, vars) = tensors();
        let get = |name| vars.get(name).unwrap();
        assert!(linear(&inputs, get("weight"), get("below")).is_err());
        assert!(linear(get("bias"), get("weight"), get("bias")).is_err());
    }

    #[test]
    fn without_a_generator_nothing_is_dropped() {
        let (inputs, _) = tensors();
        let values = |rng| dropout(inputs.clone(), 0.5, rng).unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(values(None), inputs.to_vec2::<f32>().unwrap());
        assert!(values(Some(&mut stream(1, 0))).concat().contains(&0.0));
    }
}
