//! A forest for more than two classes.

mod examples;
mod grow;
mod model;
mod out_of_bag;
mod saved;
mod split;
#[cfg(test)]
mod tests;

pub use examples::ClassExamples;
pub use model::ClassForest;
pub use out_of_bag::ClassOutOfBag;
