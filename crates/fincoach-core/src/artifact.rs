//! Models on disk.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{ArtifactError, write_atomic};

/// A model that can be saved and read back bit for bit.
///
/// The same model always gives the same bytes; reading checks kind, format and every invariant of the
/// model, so that a damaged file is an error and never a wrong model that answers.
pub trait Artifact: Sized {
    /// What the file holds, for example `kmeans`.
    const KIND: &'static str;
    /// Version of the form on disk.
    const FORMAT: u32;

    /// The bytes of the file.
    ///
    /// # Errors
    /// [`ArtifactError::Unwritable`] when the model holds what the form on disk cannot.
    fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError>;

    /// The model in the bytes of a file.
    ///
    /// # Errors
    /// [`ArtifactError::Kind`], [`ArtifactError::Format`] or [`ArtifactError::Damaged`].
    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError>;

    /// Writes the file whole or not at all.
    ///
    /// # Errors
    /// As [`Artifact::to_bytes`], and [`ArtifactError::Io`].
    fn save(&self, path: impl AsRef<Path>) -> Result<(), ArtifactError> {
        write_atomic(path.as_ref(), &self.to_bytes()?)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// As [`Artifact::from_bytes`], and [`ArtifactError::Io`].
    fn load(path: impl AsRef<Path>) -> Result<Self, ArtifactError> {
        let path = path.as_ref();
        Self::from_bytes(&fs::read(path).map_err(|source| ArtifactError::io(path, source))?)
    }
}

/// Makes a type that serde reads and writes an [`Artifact`] in JSON, by its kind and the version of its form.
///
/// # Examples
/// ```
/// use fincoach_core::{Artifact, json_artifact};
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Threshold {
///     pounds: u32,
/// }
/// json_artifact!(Threshold, "threshold", 1);
/// let bytes = Threshold { pounds: 100 }.to_bytes()?;
/// assert_eq!(bytes, b"{\"kind\":\"threshold\",\"format\":1,\"model\":{\"pounds\":100}}\n");
/// assert_eq!(Threshold::from_bytes(&bytes)?.pounds, 100);
/// # Ok::<(), fincoach_core::ArtifactError>(())
/// ```
#[macro_export]
macro_rules! json_artifact {
    ($model:ty, $kind:literal, $format:expr) => {
        #[doc = concat!("JSON of kind `", $kind, "`.")]
        impl $crate::Artifact for $model {
            const KIND: &'static str = $kind;
            const FORMAT: u32 = $format;

            fn to_bytes(&self) -> Result<Vec<u8>, $crate::ArtifactError> {
                $crate::artifact::to_json::<Self, _>(self)
            }

            fn from_bytes(bytes: &[u8]) -> Result<Self, $crate::ArtifactError> {
                $crate::artifact::from_json::<Self, Self>(bytes)
            }
        }
    };
}

#[derive(Serialize)]
struct EnvelopeOut<'a, T> {
    kind: &'static str,
    format: u32,
    model: &'a T,
}

/// The first part of a file: read before the rest, so that a file of another kind is named as such.
#[derive(Deserialize)]
struct Head {
    kind: String,
    format: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvelopeIn<T> {
    #[serde(rename = "kind")]
    _kind: String,
    #[serde(rename = "format")]
    _format: u32,
    model: T,
}

/// The bytes of a model in JSON under `kind` and `format`: the form of every artifact that is no network.
///
/// # Errors
/// [`ArtifactError::Unwritable`] when the model cannot be written as JSON.
pub fn to_json<A: Artifact, T: Serialize>(model: &T) -> Result<Vec<u8>, ArtifactError> {
    let envelope = EnvelopeOut { kind: A::KIND, format: A::FORMAT, model };
    let mut bytes = serde_json::to_vec(&envelope)
        .map_err(|error| ArtifactError::Unwritable { kind: A::KIND, reason: error.to_string() })?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads what [`to_json`] wrote, after checking kind and format.
///
/// # Errors
/// [`ArtifactError::Kind`], [`ArtifactError::Format`] or [`ArtifactError::Damaged`].
pub fn from_json<A: Artifact, T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ArtifactError> {
    let damaged =
        |error: serde_json::Error| ArtifactError::Damaged { kind: A::KIND, reason: error.to_string() };
    let head: Head = serde_json::from_slice(bytes).map_err(damaged)?;
    check_head::<A>(&head.kind, head.format)?;
    serde_json::from_slice::<EnvelopeIn<T>>(bytes).map(|envelope| envelope.model).map_err(damaged)
}

/// Checks kind and format of a file against those of `A`.
///
/// # Errors
/// [`ArtifactError::Kind`] or [`ArtifactError::Format`].
pub fn check_head<A: Artifact>(kind: &str, format: u32) -> Result<(), ArtifactError> {
    if kind != A::KIND {
        return Err(ArtifactError::Kind { expected: A::KIND, got: kind.to_owned() });
    }
    if format != A::FORMAT {
        return Err(ArtifactError::Format { expected: A::FORMAT, got: format });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Threshold(f64);

    impl Artifact for Threshold {
        const KIND: &'static str = "threshold";
        const FORMAT: u32 = 2;

        fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
            to_json::<Self, _>(&self.0)
        }

        fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
            from_json::<Self, f64>(bytes).map(Self)
        }
    }

    #[test]
    fn kind_and_format_are_checked_before_the_rest() {
        let read = |text: &str| Threshold::from_bytes(text.as_bytes());
        assert!(matches!(
            read(r#"{"kind":"forest","format":2,"model":[]}"#),
            Err(ArtifactError::Kind { .. })
        ));
        assert!(matches!(
            read(r#"{"kind":"threshold","format":3,"model":[]}"#),
            Err(ArtifactError::Format { got: 3, .. })
        ));
        assert!(matches!(
            read(r#"{"kind":"threshold","format":2,"model":[]}"#),
            Err(ArtifactError::Damaged { .. })
        ));
    }

    #[test]
    fn a_float_comes_back_to_the_bit() {
        let model = Threshold(0.1 + 0.2);
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("threshold.json");
        model.save(&path).unwrap();
        assert_eq!(Threshold::load(&path).unwrap(), model);
    }
}
