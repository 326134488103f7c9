//! K-means over blocks of rows, for data that does not fit into memory.

mod descent;
mod model;
mod params;
mod reservoir;

pub use model::MiniBatchKMeans;
pub use params::MiniBatchParams;
