//! A step of conservative Q-learning as a graph of the tensor library: what the hand-written training is compared with, in
//! its gradients by the tests and in its speed by the bench.

use candle_core::backprop::GradStore;
use candle_core::{D, DType, Device, Result, Tensor};
use fincoach_core::nn::{Adam, StateDict, VarSet, linear};

/// Names of the layers.
const LAYERS: [&str; 3] = ["network.0", "network.3", "network.6"];

/// What the loss is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// Huber's loss instead of the square.
    pub(crate) huber: bool,
    /// The next action chosen by the trained network.
    pub(crate) double: bool,
    /// Weight of the conservative part.
    pub(crate) alpha: f64,
    /// Heads of the network.
    pub(crate) n_heads: usize,
}

/// The transitions of a step.
pub(crate) struct Batch {
    /// `(n, columns)`.
    pub(crate) states: Tensor,
    /// `(n, columns)`.
    pub(crate) next_states: Tensor,
    /// `(n)`, of `u32`.
    pub(crate) actions: Tensor,
    /// `(n)`.
    pub(crate) rewards: Tensor,
    /// `(n)`.
    pub(crate) discounts: Tensor,
    /// `(n, actions)`, 1 where allowed and 0 elsewhere: now and next.
    pub(crate) allowed: [Tensor; 2],
    /// `(n, heads)`.
    pub(crate) weights: Tensor,
    /// Factors of dropout for both hidden layers, `(n, hidden)`.
    pub(crate) masks: [Tensor; 2],
}

/// Numbers as a tensor.
pub(crate) fn tensor(values: Vec<f32>, shape: &[usize]) -> Tensor {
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
}

/// The network in training.
pub(crate) struct Peer {
    /// What is trained.
    pub(crate) online: VarSet,
    target: VarSet,
    adam: Adam,
    rule: Rule,
}

impl Peer {
    /// Two networks that start at these weights.
    pub(crate) fn new(online: &StateDict, target: &StateDict, rule: Rule) -> Result<Self> {
        let (online, target) = (VarSet::new(online)?, VarSet::new(target)?);
        let adam = Adam::new(&online, 1e-3);
        Ok(Self { online, target, adam, rule })
    }

    /// The parts of the loss.
    pub(crate) fn losses(&self, batch: &Batch) -> Result<[Tensor; 2]> {
        let (n, n_heads) = (batch.states.dim(0)?, self.rule.n_heads);
        let by_head = |q: Tensor| q.reshape((n * n_heads, q.dim(1)? / n_heads));
        // Each transition as many times as there are heads.
        let repeated = |values: &Tensor| {
            let width = values.elem_count() / n;
            values.reshape((n, 1, width))?.broadcast_as((n, n_heads, width))?.reshape((n * n_heads, width))
        };
        let q = by_head(forward(&self.online, &batch.states, Some(&batch.masks))?)?;
        let next = by_head(forward(&self.target, &batch.next_states, None)?)?.detach();
        let chooser = if self.rule.double {
            by_head(forward(&self.online, &batch.next_states, None)?)?.detach()
        } else {
            next.clone()
        };
        let barred = |mask: &Tensor| -> Result<Tensor> { (repeated(mask)? - 1.0)? * 1e30 };
        let best = (chooser + barred(&batch.allowed[1])?)?.argmax_keepdim(D::Minus1)?;
        let worth = (next.gather(&best, 1)? * repeated(&batch.discounts)?)?;
        let actions = repeated(&batch.actions)?;
        let taken = q.gather(&actions, 1)?;
        let error = (&taken - (repeated(&batch.rewards)? + worth)?)?;
        let cost = if self.rule.huber { huber(&error)? } else { error.sqr()? };
        let top = (q + barred(&batch.allowed[0])?)?.log_sum_exp(1)?.reshape(taken.dims())?;
        let weights = batch.weights.reshape((n * n_heads, 1))?;
        let mean = |values: Tensor| (values * &weights)?.mean_all();
        Ok([mean(cost)?, mean((top - taken)?)?])
    }

    /// The gradients of the loss, and its value and parts.
    pub(crate) fn gradients(&self, batch: &Batch) -> Result<(GradStore, [f64; 3])> {
        let [td, conservative] = self.losses(batch)?;
        let loss = (&td + (&conservative * self.rule.alpha)?)?;
        let value = |tensor: &Tensor| tensor.to_dtype(DType::F64)?.to_scalar::<f64>();
        let told = [value(&loss)?, value(&td)?, value(&conservative)?];
        Ok((loss.backward()?, told))
    }

    /// One step of Adam, after which the target moves.
    #[allow(dead_code, reason = "the tests compare gradients only")]
    pub(crate) fn step(&mut self, batch: &Batch, tau: f64) -> Result<[f64; 3]> {
        let (gradients, told) = self.gradients(batch)?;
        self.adam.step(&gradients)?;
        self.target.soft_update(&self.online, tau)?;
        Ok(told)
    }
}

fn huber(error: &Tensor) -> Result<Tensor> {
    let size = error.abs()?;
    let inside = (error.sqr()? * 0.5)?;
    size.le(1.0)?.where_cond(&inside, &(size - 0.5)?)
}

fn forward(weights: &VarSet, states: &Tensor, masks: Option<&[Tensor; 2]>) -> Result<Tensor> {
    let layer = |flow: &Tensor, name: &str| {
        linear(flow, weights.get(&format!("{name}.weight"))?, weights.get(&format!("{name}.bias"))?)
    };
    let mut flow = states.clone();
    for (at, name) in LAYERS[..2].iter().enumerate() {
        flow = layer(&flow, name)?.relu()?;
        if let Some(masks) = masks {
            flow = (flow * &masks[at])?;
        }
    }
    layer(&flow, LAYERS[2])
}
