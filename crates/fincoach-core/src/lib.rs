//! The types that every FinCoach crate shares: exact money, ledgers of bookings, tables of features, the
//! life of a model, seeds, metrics and errors.
//!
//! ```
//! use fincoach_core::{Category, Ledger, Money, Transaction, chrono::NaiveDate};
//!
//! let day = NaiveDate::from_ymd_opt(2024, 3, 1).unwrap();
//! let mut builder = Ledger::builder();
//! let mut shop = Transaction::new("anna", day.into(), "-15.02".parse()?);
//! shop.category = Category::Groceries;
//! builder.push(&shop)?;
//! let ledger = builder.finish();
//! assert_eq!(ledger.user(0).amounts(), [Money::from_minor(-1502)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//! - Money and bookings: [`Money`], [`Currency`], [`Transaction`], [`Role`], [`Direction`], [`TimePrecision`],
//!   [`Ledger`], [`LedgerBuilder`], [`LedgerView`], [`natural_cmp`], [`Category`], [`Action`], [`ActionSet`]; a ledger taken apart:
//!   [`LedgerParts`], [`LedgerColumns`], [`Symbol`].
//! - Features: [`FeatureTable`], [`RowKey`], [`StandardScaler`].
//! - Models: [`Fit`], [`Predict`], [`Artifact`], [`FitReport`], [`Progress`].
//! - Figures of merit: [`metrics`]. Chance: [`rng`]. Errors: [`ParamError`], [`DataError`], [`ArtifactError`].
//! - Files: [`write_atomic`], [`StagedDir`].
//! - With the feature `linfa`: `FeatureTable::to_linfa`, `FeatureTable::to_linfa_with`.
//!
//! # Limits
//! One currency per ledger; times are local to the source and kept to the second.

mod action;
mod action_set;
pub mod artifact;
mod category;
mod currency;
mod error;
mod estimator;
mod feature_table;
mod ledger;
#[cfg(feature = "linfa")]
mod linfa_dataset;
pub mod metrics;
mod money;
#[cfg(feature = "nn")]
#[doc(hidden)]
pub mod nn;
mod order;
mod parameters;
mod progress;
pub mod rng;
mod scaler;
mod staged;
mod transaction;

pub use action::Action;
pub use action_set::ActionSet;
pub use artifact::Artifact;
pub use category::Category;
pub use currency::Currency;
pub use error::{ArtifactError, DataError, ParamError};
pub use estimator::{Curve, Fit, FitReport, Outcome, Predict};
pub use feature_table::{FeatureTable, RowKey};
pub use ledger::{Ledger, LedgerBuilder, LedgerColumns, LedgerParts, LedgerView, Symbol};
#[cfg(feature = "linfa")]
pub use linfa;
pub use money::{Money, ParseMoneyError};
pub use order::natural_cmp;
pub use progress::{Control, Progress, Silent, Step};
pub use scaler::StandardScaler;
pub use staged::{StagedDir, write_atomic};
pub use transaction::{Direction, Role, TimePrecision, Transaction};
pub use {chrono, ndarray};
