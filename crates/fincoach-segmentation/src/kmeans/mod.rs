//! K-means: seeding, Lloyd's iterations, single-point transfers, restarts; all with bounds on distances.

mod bounds;
mod lloyd;
mod model;
mod params;
mod points;
mod restart;
mod sampled;
mod seeding;
mod transfer;

pub use model::KMeans;
pub(crate) use model::{matrix_of, places_by_centre};
pub use params::{KMeansParams, Starts};
pub(crate) use points::{BLOCK, Points, add, compare, nearest, nearest_two, squared_distance};
