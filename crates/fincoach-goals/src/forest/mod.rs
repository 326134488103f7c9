//! A random forest of CART trees.

mod classes;
mod contributions;
mod grow;
mod model;
mod options;
mod out_of_bag;
mod params;
mod permutation;
mod quadrature;
mod ranks;
mod split;
#[cfg(test)]
mod tests;
mod tree;

pub use classes::{ClassExamples, ClassForest, ClassOutOfBag};
pub use contributions::Contributions;
pub use model::Forest;
pub(crate) use model::ensure_columns;
pub use options::{ClassWeight, MaxFeatures, Monotone, Sampling, Splitter};
pub use out_of_bag::OutOfBag;
pub use params::ForestParams;
pub use permutation::{ImportanceScore, PermutationImportances, PermutationParams};
