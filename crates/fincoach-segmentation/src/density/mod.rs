//! Clusters by density (DBSCAN), formed by linfa.

mod model;
mod neighbours;
mod params;

pub use model::Dbscan;
pub use params::DbscanParams;
