//! Schema v2: one state per user, fed a booking at a time; every way to a row goes through it.

mod balances;
mod columns;
mod counter;
mod days;
mod facts;
mod history;
mod params;
mod payday;
mod rows;
mod run;
mod schema;
mod state;
mod window;

pub use params::{Budgets, V2Params};
pub use run::PartialFeatures;
pub use schema::{V2Group, V2Source, V2Spec, V2Unit, schema_v2, schema_v2_examples, schema_v2_table};
pub use state::V2State;
