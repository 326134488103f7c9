//! What the two networks of the workspace share: named weights with strict loading, seeded start weights
//! and dropout masks. Not a public API: it follows what the networks need.

mod chance;
mod file;
mod state_dict;
mod var_set;

pub use chance::{dropout_mask, uniform};
pub use file::{from_safetensors, to_safetensors};
pub use state_dict::{StateDict, Weights};
pub use var_set::VarSet;

use crate::ArtifactError;

/// An error of the tensor library as an error of this workspace; it means a bug or an exhausted machine.
#[must_use]
pub fn tensor_error(error: &candle_core::Error) -> ArtifactError {
    ArtifactError::Damaged { kind: "tensor computation", reason: error.to_string() }
}
