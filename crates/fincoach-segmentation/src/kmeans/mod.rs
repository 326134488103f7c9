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

pub(crate) use lloyd::by_size;
pub use model::KMeans;
pub(crate) use model::{by_centre, matrix_of, places_by_centre, rows_of};
pub use params::{KMeansParams, Starts};
#[cfg(feature = "linfa")]
pub(crate) use points::compare;
pub(crate) use points::{BLOCK, Points, add, nearest, squared_distance};
