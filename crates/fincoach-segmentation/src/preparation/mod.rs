//! Columns of money made fit for squared distances.

mod fitted;
mod params;
mod rule;

pub use fitted::Preparation;
pub use params::{Amounts, PreparationParams, Scaling};
pub(crate) use rule::leanings;
