//! Training of a recurrent network by hand-written passes: what the tensor library does, without its tensors.
//!
//! The graph of the tensor library in `lstm/graph.rs` is the reference; the gradients are tested against it.

mod batch;
mod layer;
mod loss;
mod optimiser;
mod plan;
mod product;
mod wide;

pub(crate) use batch::{Batch, Chances, Example, UNKNOWN, Workers};
pub(crate) use loss::Pointwise;
pub(crate) use optimiser::{Optimiser, Step};
pub(crate) use plan::{Plan, Table};
