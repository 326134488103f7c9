//! What the two networks of the workspace share: named weights with strict loading, seeded start weights and
//! dropout masks, linear layers, in-place updates. Not a public API: it follows what the networks need.

mod adam;
mod chance;
mod file;
mod graph;
mod linear;
mod state_dict;
mod storage;
mod var_set;

pub use adam::{Adam, AdamRates, Moments};
pub use chance::{Dropout, dropout_mask, uniform};
pub use file::{from_safetensors, to_safetensors};
pub use graph::{dropout, linear, tensor};
pub use linear::Linear;
pub use state_dict::{StateDict, Weights};
pub use storage::{matrix, with_matrix};
pub use var_set::VarSet;

use crate::ArtifactError;

/// An error of the tensor library as an error of this workspace; it means a bug or an exhausted machine.
#[must_use]
pub fn tensor_error(error: &candle_core::Error) -> ArtifactError {
    ArtifactError::Damaged { kind: "tensor computation", reason: error.to_string() }
}
