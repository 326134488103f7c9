//! Segments of users: scaling, K-means, profiles and names in one model.

mod model;
mod params;
mod portrait;
mod reach;
mod saved;

pub use model::{Assignment, Segmentation};
pub use params::SegmentationParams;
pub(crate) use portrait::{describe, key_columns};
pub(crate) use reach::reach_of;
pub(crate) use saved::check_reach;
