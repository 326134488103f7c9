//! Named weights.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{DType, Tensor};

use crate::ArtifactError;

/// One tensor in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Sizes of the axes.
    pub shape: Vec<usize>,
    /// Values, as many as the product of the sizes.
    pub data: Vec<f32>,
}

/// Weights by name, in the order of the names; names and layout are PyTorch's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StateDict(BTreeMap<String, Weights>);

impl StateDict {
    /// A dict without weights.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts in one tensor.
    ///
    /// # Errors
    /// [`ArtifactError::Tensor`] when the data does not fill the shape.
    pub fn insert(&mut self, name: &str, shape: &[usize], data: Vec<f32>) -> Result<(), ArtifactError> {
        if shape.iter().product::<usize>() != data.len() {
            return Err(mismatch(name, Some(shape), Some(&[data.len()])));
        }
        self.0.insert(name.to_owned(), Weights { shape: shape.to_vec(), data });
        Ok(())
    }

    /// One tensor.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Weights> {
        self.0.get(name)
    }

    /// One tensor that has to be there.
    ///
    /// # Errors
    /// [`ArtifactError::Tensor`] when it is not.
    pub fn require(&self, name: &str) -> Result<&Weights, ArtifactError> {
        self.get(name).ok_or_else(|| mismatch(name, Some(&[]), None))
    }

    /// All tensors in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Weights)> {
        self.0.iter().map(|(name, weights)| (name.as_str(), weights))
    }

    /// Checks that the dict holds exactly these tensors, of these shapes, with finite values.
    ///
    /// # Errors
    /// [`ArtifactError::Tensor`] for the first one missing, extra or of another shape;
    /// [`ArtifactError::Damaged`] for a value that is NaN or infinite.
    pub fn expect(&self, kind: &'static str, expected: &[(&str, Vec<usize>)]) -> Result<(), ArtifactError> {
        for (name, shape) in expected {
            let got = self.get(name).map(|weights| weights.shape.as_slice());
            if got != Some(shape) {
                return Err(mismatch(name, Some(shape), got));
            }
        }
        for (name, weights) in self.iter() {
            if !expected.iter().any(|(known, _)| *known == name) {
                return Err(mismatch(name, None, Some(&weights.shape)));
            }
            if let Some(at) = weights.data.iter().position(|value| !value.is_finite()) {
                let reason = format!("tensor `{name}`, value {at} is {}", weights.data[at]);
                return Err(ArtifactError::Damaged { kind, reason });
            }
        }
        Ok(())
    }

    /// Reads a state dict that PyTorch saved with `torch.save`.
    ///
    /// # Errors
    /// [`ArtifactError::Damaged`] when the file cannot be read as one.
    pub fn read_pth(path: &Path) -> Result<Self, ArtifactError> {
        // Opened first, so that a missing file is told apart from a damaged one.
        std::fs::File::open(path).map_err(|source| ArtifactError::io(path, source))?;
        let damaged = |error: candle_core::Error| ArtifactError::Damaged {
            kind: "pth file",
            reason: format!("{}: {error}", path.display()),
        };
        let mut weights = Self::new();
        for (name, tensor) in candle_core::pickle::read_all(path).map_err(damaged)? {
            weights.insert_tensor(&name, &tensor).map_err(damaged)?;
        }
        Ok(weights)
    }

    pub(super) fn insert_tensor(&mut self, name: &str, tensor: &Tensor) -> candle_core::Result<()> {
        let data = tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?;
        self.0.insert(name.to_owned(), Weights { shape: tensor.dims().to_vec(), data });
        Ok(())
    }
}

fn mismatch(name: &str, expected: Option<&[usize]>, got: Option<&[usize]>) -> ArtifactError {
    let told =
        |shape: Option<&[usize]>| shape.map_or_else(|| "none".to_owned(), |shape| format!("{shape:?}"));
    ArtifactError::Tensor { name: name.to_owned(), expected: told(expected), got: told(got) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dict() -> StateDict {
        let mut dict = StateDict::new();
        dict.insert("fc.weight", &[1, 2], vec![0.5, -1.0]).unwrap();
        dict.insert("fc.bias", &[1], vec![0.0]).unwrap();
        dict
    }

    #[test]
    fn loading_is_strict_about_names_and_shapes() {
        let told = |expected: &[(&str, Vec<usize>)]| dict().expect("net", expected).unwrap_err().to_string();
        assert!(dict().expect("net", &[("fc.weight", vec![1, 2]), ("fc.bias", vec![1])]).is_ok());
        assert_eq!(told(&[("fc.weight", vec![1, 2])]), "tensor `fc.bias`: expected none, got [1]");
        assert_eq!(told(&[("fc.weight", vec![2, 1])]), "tensor `fc.weight`: expected [2, 1], got [1, 2]");
        assert_eq!(told(&[("out", vec![3])]), "tensor `out`: expected [3], got none");
    }

    #[test]
    fn data_must_fill_the_shape_and_be_finite() {
        let mut dict = StateDict::new();
        assert!(dict.insert("w", &[2, 2], vec![0.0; 3]).is_err());
        dict.insert("w", &[1], vec![f32::NAN]).unwrap();
        assert!(matches!(dict.expect("net", &[("w", vec![1])]), Err(ArtifactError::Damaged { .. })));
    }

    #[test]
    fn a_missing_pth_file_is_an_io_error() {
        assert!(matches!(StateDict::read_pth(Path::new("no.pth")), Err(ArtifactError::Io { .. })));
    }

    #[test]
    fn a_file_that_is_no_pth_is_damaged() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"not a zip archive").unwrap();
        assert!(matches!(StateDict::read_pth(file.path()), Err(ArtifactError::Damaged { .. })));
    }
}
