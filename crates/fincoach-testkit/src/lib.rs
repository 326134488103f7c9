//! Checks that every FinCoach model must pass, called from the tests of each model's crate.
//!
//! ```
//! use fincoach_core::artifact::{from_json, to_json};
//! use fincoach_core::chrono::NaiveDate;
//! use fincoach_core::ndarray::{Array2, Axis};
//! use fincoach_core::{Artifact, ArtifactError, DataError, FeatureTable, Fit, Predict, Progress, RowKey};
//!
//! /// How far each row's first value lies above the mean of the rows it was fitted on.
//! #[derive(Clone, Debug, PartialEq)]
//! struct AboveMean;
//!
//! #[derive(Clone, Debug, PartialEq)]
//! struct Mean(f64);
//!
//! impl Fit<FeatureTable> for AboveMean {
//!     type Model = Mean;
//!     type Error = DataError;
//!
//!     fn fit_with(&self, table: &FeatureTable, _: &mut dyn Progress) -> Result<Mean, DataError> {
//!         let means = table.values().mean_axis(Axis(0)).ok_or(DataError::Empty { what: "rows" })?;
//!         Ok(Mean(means[0]))
//!     }
//! }
//!
//! impl Predict<FeatureTable> for Mean {
//!     type Output = Vec<f64>;
//!     type Error = DataError;
//!
//!     fn predict(&self, table: &FeatureTable) -> Result<Vec<f64>, DataError> {
//!         Ok(table.values().column(0).iter().map(|value| value - self.0).collect())
//!     }
//! }
//!
//! impl Artifact for Mean {
//!     const KIND: &'static str = "mean";
//!     const FORMAT: u32 = 1;
//!
//!     fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
//!         to_json::<Self, f64>(&self.0)
//!     }
//!
//!     fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
//!         from_json::<Self, f64>(bytes).map(Self)
//!     }
//! }
//!
//! let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
//! let keys = (0..5).map(|user| RowKey { user: user.to_string(), as_of }).collect();
//! let values = Array2::from_shape_fn((5, 1), |(row, _)| [1.0, 0.1, 7.5, -2.0, 3.3][row]);
//! let table = FeatureTable::new(keys, ["spending"], values)?;
//!
//! let model = fincoach_testkit::check_estimator(&AboveMean, &table);
//! assert!((model.0 - 1.98).abs() < 1e-15);
//! fincoach_testkit::check_damage::<Mean>(&model.to_bytes()?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//! - Everything at once: [`check_estimator`], [`check_fit_and_predict`].
//! - The fit: [`check_refit`], [`check_threads`], [`check_progress`], [`check_refused`].
//! - Saved models: [`check_round_trip`], [`check_damage`], [`check_stored`]; parameters: [`check_params`].
//! - Answers: [`check_rows_independent`], [`check_rows_independent_with`], [`check_columns`].
//!
//! A check fails by a panic of the form `type: check: what`, at the line that called it.
//!
//! # Limits
//! Equal means `==`: a model whose answers may be NaN fails, as it should. Whether a model is any good is
//! not checked here.

mod answering;
mod estimator;
mod failure;
mod fitting;
mod parameters;
mod rows;
mod saving;

pub use answering::{check_columns, check_rows_independent, check_rows_independent_with};
pub use estimator::{check_estimator, check_fit_and_predict};
pub use fitting::{check_progress, check_refit, check_refused, check_threads};
pub use parameters::check_params;
pub use rows::Rows;
pub use saving::{check_damage, check_round_trip, check_stored};
