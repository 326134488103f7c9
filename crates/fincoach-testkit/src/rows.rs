//! Data of which rows can be taken.

use fincoach_core::FeatureTable;

use crate::failure::worked;

/// Data made of rows that can be chosen and put into another order.
///
/// Implemented for [`FeatureTable`]; a crate whose models take other data implements it in its own tests,
/// for a wrapper if need be.
pub trait Rows {
    /// The number of rows.
    fn n_rows(&self) -> usize;

    /// The data of these rows alone, in this order; each row is asked for at most once.
    #[must_use]
    fn take(&self, rows: &[usize]) -> Self;
}

impl Rows for FeatureTable {
    fn n_rows(&self) -> usize {
        Self::n_rows(self)
    }

    fn take(&self, rows: &[usize]) -> Self {
        worked(Self::take(self, rows), "FeatureTable", "take")
    }
}
