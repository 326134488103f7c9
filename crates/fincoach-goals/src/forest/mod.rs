//! A random forest of exact CART trees.

mod grow;
mod model;
mod params;
mod ranks;
mod split;
#[cfg(test)]
mod tests;
mod tree;

pub use model::Forest;
pub(crate) use model::ensure_columns;
pub use params::{ClassWeight, ForestParams, MaxFeatures, Sampling};
