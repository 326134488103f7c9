//! Runs of rows and columns. (`ndarray`'s `s!` expands to an `allow(unsafe_code)`, which this workspace forbids.)

use std::ops::Range;

use fincoach_core::ndarray::{ArrayBase, Axis, Ix2, RawData, Slice};

/// The rows of a view.
pub(crate) fn rows<S: RawData>(view: ArrayBase<S, Ix2>, range: Range<usize>) -> ArrayBase<S, Ix2> {
    along(view, Axis(0), range)
}

/// The columns of a view.
pub(crate) fn columns<S: RawData>(view: ArrayBase<S, Ix2>, range: Range<usize>) -> ArrayBase<S, Ix2> {
    along(view, Axis(1), range)
}

fn along<S: RawData>(mut view: ArrayBase<S, Ix2>, axis: Axis, range: Range<usize>) -> ArrayBase<S, Ix2> {
    view.slice_axis_inplace(axis, Slice::from(range));
    view
}
