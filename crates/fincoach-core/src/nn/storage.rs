//! The numbers inside a tensor.

use candle_core::{CpuStorage, Error, Layout, Result, Storage, Tensor, bail};
use ndarray::ArrayView2;

/// The values of a contiguous tensor.
pub(super) fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let (start, end) = range(layout)?;
    Ok(&storage.as_slice::<f32>()?[start..end])
}

/// The values of a contiguous tensor, to write to.
pub(super) fn values_mut<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    let (start, end) = range(layout)?;
    match storage {
        CpuStorage::F32(all) => Ok(&mut all[start..end]),
        _ => bail!("weights have to be f32"),
    }
}

fn range(layout: &Layout) -> Result<(usize, usize)> {
    layout.contiguous_offsets().ok_or_else(|| Error::Msg("tensors have to be contiguous".to_owned()))
}

/// A contiguous tensor as a matrix: its last axis across, all others down.
///
/// # Errors
/// When it is not contiguous, not of `f32`, or has no axis.
pub fn matrix<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<ArrayView2<'a, f32>> {
    let Some(width) = layout.dims().last() else { bail!("a number is no matrix") };
    let values = values(storage, layout)?;
    ArrayView2::from_shape((values.len() / (*width).max(1), *width), values).map_err(Error::wrap)
}

/// What `work` gives for a tensor as a matrix; see [`matrix`].
///
/// # Errors
/// As [`matrix`] except that any layout will do, and those of `work`.
pub fn with_matrix<T>(tensor: &Tensor, work: impl FnOnce(ArrayView2<'_, f32>) -> Result<T>) -> Result<T> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => work(matrix(storage, layout)?),
        _ => bail!("networks run on the CPU"),
    }
}
