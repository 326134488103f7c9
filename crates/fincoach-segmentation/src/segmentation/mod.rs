//! Segments of users: scaling, K-means, profiles and names in one model.

mod model;
mod params;
mod portrait;
mod reach;
mod saved;

pub use model::{Assignment, Segmentation};
pub use params::SegmentationParams;
