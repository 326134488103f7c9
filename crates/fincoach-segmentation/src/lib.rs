//! Groups of people who handle money alike: K-means on standardised features, Gaussian mixtures and DBSCAN beside it,
//! the choice of k, profiles with names, and a view in two dimensions.
//!
//! ```
//! use fincoach_core::{FeatureTable, Fit, Predict, RowKey, chrono::NaiveDate, ndarray::array};
//! use fincoach_segmentation::{Pca, SegmentationParams};
//!
//! let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
//! let keys = (0..6).map(|user| RowKey { user: user.to_string(), as_of }).collect();
//! let values = array![
//!     [0.30, 4.0, 800.0], [0.28, 5.0, 900.0], [0.33, 4.5, 850.0],
//!     [-0.1, 0.2, 2900.0], [-0.2, 0.1, 3100.0], [-0.1, 0.0, 3000.0],
//! ];
//! let table = FeatureTable::new(keys, ["savings_rate", "emergency_fund_ratio", "total_spending"], values)?;
//!
//! let params = SegmentationParams::default();
//! let k = params.choose_k(&table, 2..=10)?.best_by_silhouette();
//! let model = params.with_n_clusters(k).fit(&table)?;
//! let place = model.predict(&table)?[0];
//! let profile = &model.profiles()[place.segment];
//! assert_eq!((k, profile.size, profile.name.as_str()), (2, 3, "Conservative Savers"));
//! assert!(profile.evidence.contains(&"saves 30 % of income".to_owned()));
//!
//! let pca = Pca::fit(model.standardised(&table)?.view(), 2)?;
//! assert!(pca.explained_variance_ratio()[0] > 0.9);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//! - Users: [`SegmentationParams`] → [`Segmentation`] → [`Assignment`]; [`SegmentProfile`],
//!   [`FeatureSummary`], [`Archetype`].
//! - Matrices: [`KMeansParams`] ([`Starts`]) → [`KMeans`]; [`choose_k`], [`choose_k_with`] → [`KChoice`] of [`KRow`]s;
//!   [`Pca`]. Rows that do not fit into memory: [`MiniBatchParams`] → [`MiniBatchKMeans`].
//! - Other methods behind one trait, [`Clusters`] → [`Place`]: [`MixtureParams`] → [`GaussianMixture`],
//!   [`DbscanParams`] → [`Dbscan`] (both with the feature `linfa`, on by default); of users, with preparation and
//!   names: [`GroupingParams`] → [`Grouping`].
//! - Errors: [`Error`].
//!
//! # Limits
//! Squared distances: a segment is round in standardised columns, and one extreme user can be a segment of
//! one. All data is in memory, but for mini-batches. The best of the restarts is not proved to be the best there is.

mod archetype;
mod choice;
mod clusters;
#[cfg(feature = "linfa")]
mod density;
mod error;
mod evidence;
mod grouping;
mod indices;
mod kmeans;
mod mini_batch;
#[cfg(feature = "linfa")]
mod mixture;
mod movement;
mod naming;
mod pca;
mod preparation;
mod profile;
mod recommendation;
mod segmentation;
mod silhouettes;
mod stability;

pub use archetype::Archetype;
pub use choice::{KChoice, KRow, choose_k, choose_k_with};
pub use clusters::{Clusters, Place};
#[cfg(feature = "linfa")]
pub use density::{Dbscan, DbscanParams};
pub use error::Error;
pub use grouping::{Grouping, GroupingParams};
pub use indices::{Gap, calinski_harabasz, davies_bouldin, gap_statistic};
pub use kmeans::{KMeans, KMeansParams, Starts};
pub use mini_batch::{MiniBatchKMeans, MiniBatchParams};
#[cfg(feature = "linfa")]
pub use mixture::{GaussianMixture, MixtureParams};
pub use movement::Movement;
pub use pca::Pca;
pub use preparation::{Amounts, Preparation, PreparationParams, Scaling};
pub use profile::{FeatureSummary, SegmentProfile};
pub use recommendation::{KEvidence, Recommendation, recommend_k};
pub use segmentation::{Assignment, Segmentation, SegmentationParams};
pub use silhouettes::{sampled_silhouette, silhouette, silhouette_samples};
pub use stability::{bootstrap_stability, jaccard};
