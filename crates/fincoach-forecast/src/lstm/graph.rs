//! The network as the tensor library sees it: what training differentiates.

use candle_core::{Result, Tensor};
use fincoach_core::nn::{VarSet, dropout, linear};
use fincoach_core::rng::Rng;

use super::fused::FusedLayer;
use super::{Loss, LstmParams};

/// The outputs `(batch, n_outputs)` for windows `(days, batch, n_inputs)`; dropout only where a generator
/// is given: between the layers and before the linear layer, as in `nn.LSTM(dropout=..)` and `nn.Dropout`.
pub(crate) fn outputs(
    params: &LstmParams,
    vars: &VarSet,
    windows: &Tensor,
    mut rng: Option<&mut Rng>,
) -> Result<Tensor> {
    let mut states = windows.clone();
    for layer in 0..params.layers() {
        let weights = packed(vars, layer)?;
        if layer > 0 {
            states = dropout(states, params.dropout(), rng.as_deref_mut())?;
        }
        states = states.apply_op2(&weights, FusedLayer::new(params.hidden()))?;
    }
    let last = states.get(states.dim(0)? - 1)?;
    let last = dropout(last, params.dropout(), rng)?;
    linear(&last, vars.get("fc.weight")?, vars.get("fc.bias")?)
}

/// All weights of one layer side by side.
fn packed(vars: &VarSet, layer: usize) -> Result<Tensor> {
    let get = |part: &str| vars.get(&format!("lstm.{part}_l{layer}"));
    let bias = (get("bias_ih")? + get("bias_hh")?)?.unsqueeze(1)?;
    Tensor::cat(&[get("weight_ih")?, get("weight_hh")?, &bias], 1)
}

/// The mean loss over all outputs.
pub(crate) fn loss(kind: Loss, outputs: &Tensor, targets: &Tensor) -> Result<Tensor> {
    let error = (outputs - targets)?;
    match kind {
        Loss::Squared => error.sqr()?.mean_all(),
        Loss::Huber => {
            // With q = min(|e|, 1): ½q² + (|e| - q).
            let size = error.abs()?;
            let near = size.minimum(&size.ones_like()?)?;
            ((near.sqr()? * 0.5)? + (size - &near)?)?.mean_all()
        }
    }
}
