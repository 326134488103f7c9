//! K-means: seeding, Lloyd's iterations, single-point transfers, restarts.

mod lloyd;
mod model;
mod params;
mod points;
mod restart;
mod seeding;
mod transfer;

pub use model::KMeans;
pub(crate) use model::matrix_of;
pub use params::KMeansParams;
pub(crate) use points::{Points, nearest_two};
