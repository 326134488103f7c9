//! Gaussian mixtures, fitted by linfa.

mod gaussian;
mod model;
mod params;
mod stretch;

pub use model::GaussianMixture;
pub use params::MixtureParams;
