//! Turns a [`Ledger`](fincoach_core::Ledger) into behavioural features, each row knowing only its own past.
//!
//! ```
//! use fincoach_core::{Ledger, Money, Transaction, chrono::NaiveDate};
//! use fincoach_features::V1Params;
//!
//! let mut builder = Ledger::builder();
//! for (day, pence, balance) in [(1, 200_000, 250_000), (2, -90_000, 160_000), (3, -2_500, 157_500)] {
//!     let time = NaiveDate::from_ymd_opt(2024, 1, day).unwrap().into();
//!     let mut row = Transaction::new("anna", time, Money::from_minor(pence));
//!     row.balance = Some(Money::from_minor(balance));
//!     builder.push(&row)?;
//! }
//! let features = V1Params::default().with_min_transactions(3).compute(&builder.finish())?;
//! let table = features.table();
//! assert_eq!(table.column("current_balance")?[0], 1575.0);
//! assert_eq!(table.column("total_spending")?[0], 925.0);
//! assert_eq!(table.column("savings_rate")?[0], (2000.0 - 925.0) / 2000.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//! - [`V1Params`] computes schema v1: one row per user ([`V1Params::compute`]) or one per user and date
//!   ([`V1Params::compute_snapshots`], dates chosen by [`Snapshots`]). [`Features`] holds the table and who was
//!   left out ([`LeftOut`]).
//! - [`V1State`] gives the same rows from a state that takes one transaction at a time.
//! - [`schema_v1`] is the list of the 35 features: name, group, unit, range, formula.
//!   [`schema_table`] renders such a list as Markdown.
//! - [`V2Params`] computes schema v2, 101 columns of which a value may be missing ([`PartialTable`]); [`V2State`] takes
//!   one transaction at a time. [`schema_v2`] is the list of the columns, each with an example.
//! - [`ImputerParams`] and [`Imputer`] make a complete table of one with missing values.
//! - [`detect_recurring`] lists the payments that come again.
//! - [`write_csv`] and [`read_csv`] carry a table through a file without changing a bit.
//!
//! # Limits
//! - Schema v1 needs a running balance on every row it looks at; without one, [`Error::MissingBalance`].
//! - It keeps the quirks of the schema it reproduces (see [`schema_v1`]); a model trained on it elsewhere must meet
//!   the same numbers here.
//! - Schema v2 takes roles (transfer, refund) as the ledger has them; a later row may have decided one.
//! - Sums of schema v1 are exact for amounts below 2⁴⁰ minor units; beyond, they stay finite but are rounded.

mod booking;
mod error;
mod features;
mod impute;
mod last_window;
mod params;
mod recurring;
mod schema;
mod significant;
mod slide;
mod sliding;
mod snapshots;
mod state;
mod state_repr;
mod state_user;
mod table_csv;
mod table_plan;
mod texts;
mod v1;
mod v1_rows;
mod v2;
mod window;

pub use error::Error;
pub use features::{Features, LeftOut};
pub use impute::{
    Filling, Imputer, ImputerParams, Indicators, PartialTable, read_partial_csv, write_partial_csv,
};
pub use params::V1Params;
pub use recurring::{Flow, Period, RecurringParams, RecurringPayment, detect_recurring};
pub use schema::{FeatureSpec, Group, Interval, Unit, schema_table};
pub use snapshots::Snapshots;
pub use state::V1State;
pub use table_csv::{AsOf, read_csv, write_csv};
pub use v1::schema_v1;
pub use v2::{
    Budgets, PartialFeatures, V2Group, V2Params, V2Source, V2Spec, V2State, V2Unit, schema_v2,
    schema_v2_examples, schema_v2_table,
};
