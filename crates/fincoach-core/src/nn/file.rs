//! Networks as safetensors files.

use std::borrow::Cow;

use safetensors::tensor::{Dtype, SafeTensors, View};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{StateDict, Weights};
use crate::artifact::check_head;
use crate::{Artifact, ArtifactError};

/// The one metadata entry. There is only one because the format keeps them in a map without order, and the
/// same model has to give the same bytes.
const ENTRY: &str = "fincoach";

#[derive(Serialize)]
struct MetaOut<'a, M> {
    kind: &'static str,
    format: u32,
    model: &'a M,
}

#[derive(Deserialize)]
struct Head {
    kind: String,
    format: u32,
}

#[derive(Deserialize)]
struct MetaIn<M> {
    model: M,
}

struct Bytes(Vec<usize>, Vec<u8>);

impl View for Bytes {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }
    fn shape(&self) -> &[usize] {
        &self.0
    }
    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.1)
    }
    fn data_len(&self) -> usize {
        self.1.len()
    }
}

/// The bytes of a safetensors file: the weights under their names, everything else about the model as JSON
/// in the metadata, which readers of other languages skip.
///
/// # Errors
/// [`ArtifactError::Unwritable`] when `meta` cannot be written as JSON.
pub fn to_safetensors<A: Artifact, M: Serialize>(
    weights: &StateDict,
    meta: &M,
) -> Result<Vec<u8>, ArtifactError> {
    let unwritable = |reason: String| ArtifactError::Unwritable { kind: A::KIND, reason };
    let meta = MetaOut { kind: A::KIND, format: A::FORMAT, model: meta };
    let meta = serde_json::to_string(&meta).map_err(|error| unwritable(error.to_string()))?;
    let tensors = weights.iter().map(|(name, weights)| {
        let bytes = weights.data.iter().flat_map(|value| value.to_le_bytes()).collect();
        (name, Bytes(weights.shape.clone(), bytes))
    });
    let entries = [(ENTRY.to_owned(), meta)].into_iter().collect();
    safetensors::serialize(tensors, Some(entries)).map_err(|error| unwritable(error.to_string()))
}

/// Reads what [`to_safetensors`] wrote: kind and format first, then metadata and weights. The caller checks
/// the names and shapes with [`StateDict::expect`].
///
/// # Errors
/// [`ArtifactError::Kind`], [`ArtifactError::Format`] or [`ArtifactError::Damaged`].
pub fn from_safetensors<A: Artifact, M: DeserializeOwned>(
    bytes: &[u8],
) -> Result<(StateDict, M), ArtifactError> {
    let damaged = |reason: String| ArtifactError::Damaged { kind: A::KIND, reason };
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| damaged(error.to_string()))?;
    let entry = header.metadata().as_ref().and_then(|entries| entries.get(ENTRY));
    let entry = entry.ok_or_else(|| damaged(format!("no metadata entry `{ENTRY}`")))?;
    let head: Head = serde_json::from_str(entry).map_err(|error| damaged(error.to_string()))?;
    check_head::<A>(&head.kind, head.format)?;
    let meta: MetaIn<M> = serde_json::from_str(entry).map_err(|error| damaged(error.to_string()))?;
    Ok((read_weights::<A>(bytes)?, meta.model))
}

fn read_weights<A: Artifact>(bytes: &[u8]) -> Result<StateDict, ArtifactError> {
    let damaged = |reason: String| ArtifactError::Damaged { kind: A::KIND, reason };
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| damaged(error.to_string()))?;
    let mut weights = StateDict::new();
    for (name, tensor) in tensors.tensors() {
        if tensor.dtype() != Dtype::F32 {
            return Err(damaged(format!("tensor `{name}` is {:?}, expected F32", tensor.dtype())));
        }
        let Weights { shape, data } = Weights { shape: tensor.shape().to_vec(), data: floats(tensor.data()) };
        weights.insert(&name, &shape, data)?;
    }
    Ok(weights)
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let (words, _) = bytes.as_chunks::<4>();
    words.iter().map(|word| f32::from_le_bytes(*word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Net(StateDict, f64);

    impl Artifact for Net {
        const KIND: &'static str = "net";
        const FORMAT: u32 = 1;

        fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
            to_safetensors::<Self, _>(&self.0, &self.1)
        }

        fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
            let (weights, meta) = from_safetensors::<Self, f64>(bytes)?;
            weights.expect(Self::KIND, &[("a", vec![2]), ("b", vec![1, 1])])?;
            Ok(Self(weights, meta))
        }
    }

    fn net() -> Net {
        let mut weights = StateDict::new();
        weights.insert("b", &[1, 1], vec![0.1]).unwrap();
        weights.insert("a", &[2], vec![-0.0, f32::MIN_POSITIVE]).unwrap();
        Net(weights, 0.1 + 0.2)
    }

    #[test]
    fn a_network_comes_back_to_the_bit_and_gives_the_same_bytes() {
        let bytes = net().to_bytes().unwrap();
        for _ in 0..20 {
            assert_eq!(net().to_bytes().unwrap(), bytes);
        }
        let read = Net::from_bytes(&bytes).unwrap();
        assert_eq!(read, net());
        assert_eq!(read.to_bytes().unwrap(), bytes);
    }

    #[test]
    fn damage_is_an_error_or_a_valid_network_but_never_a_panic() {
        let bytes = net().to_bytes().unwrap();
        for at in 0..bytes.len() {
            assert!(Net::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
            for flip in [1, 0x80, 0xff] {
                let mut damaged = bytes.clone();
                damaged[at] ^= flip;
                let _ = Net::from_bytes(&damaged);
            }
        }
    }

    #[test]
    fn another_kind_is_named() {
        #[derive(Debug)]
        struct Other;
        impl Artifact for Other {
            const KIND: &'static str = "other";
            const FORMAT: u32 = 1;
            fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
                to_safetensors::<Self, _>(&StateDict::new(), &())
            }
            fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
                from_safetensors::<Self, ()>(bytes).map(|_| Self)
            }
        }
        let error = Other::from_bytes(&net().to_bytes().unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "kind is `net`, expected `other`");
    }
}
