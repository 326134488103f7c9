//! Groups of users by any method: preparation, clusters, profiles and names in one model.

mod model;
mod params;

pub use model::Grouping;
pub use params::GroupingParams;
