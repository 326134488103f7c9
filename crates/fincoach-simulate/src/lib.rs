//! Simulated households with known archetypes: bank accounts as data, and the truth behind them.
//!
//! ```
//! use fincoach_simulate::{Archetype, SimulationParams};
//! let params = SimulationParams::default().with_n_households(5).with_n_months(3).with_seed(7);
//! let simulation = params.simulate()?;
//! assert_eq!(simulation.ledger().n_users(), 5);
//! assert_eq!(simulation.truth()[0].user, "household-1");
//! // Each household was told something at the beginning of each of the 12 full weeks of 90 days.
//! assert_eq!(simulation.interventions().len(), 5 * 12);
//! // The same seed gives the same households.
//! assert_eq!(params.simulate()?, simulation);
//! # Ok::<(), fincoach_simulate::Error>(())
//! ```
//!
//! # Map
//! - What to simulate: [`SimulationParams`]. What comes out: [`Simulation`].
//! - The truth: [`HouseholdTruth`], [`Archetype`], [`PayPattern`], [`Effect`]. The log: [`Intervention`].
//! - Week by week: [`Household`], [`Households`], [`Week`]; what a bank sees: [`Observation`]; what is true:
//!   [`Expected`]. What a week is worth: [`Objective`].
//! - Policies: [`Policy`], [`Constant`], [`LoggingPolicy`] and its [`rule`], [`Myopic`], the reference
//!   [`Planner`]. What they are worth: [`RolloutParams`], [`Rollout`], [`Estimate`].
//! - Files: [`write_csv`], [`write_truth_csv`], [`write_interventions_csv`]; larger than memory:
//!   [`stream_csv`], [`stream_csv_with`].
//!
//! # Limits
//! UK accounts in pounds, one current account each; no bank holidays, no inflation, no changes of job or
//! home. Effects of actions last seven days; only fatigue outlasts the week. Amounts lie between the first
//! and the 99th percentile of one real account, scaled by household. The response is made up: policies can
//! be compared, what they would gain with people cannot be read off. Formulas and measured values are in
//! `docs/models/simulate.md`.

mod account;
mod ahead;
mod archetype;
mod basket;
mod calendar;
mod csv_row;
mod error;
mod export;
mod history;
mod household;
mod households;
mod kind;
mod life;
mod luck;
mod objective;
mod params;
mod places;
mod planner;
mod policies;
mod policy;
mod purchases;
mod quantile_curve;
mod response;
mod rollout;
mod simulation;
mod standing;
mod stream;
mod truth;
mod week;

pub use ahead::Expected;
pub use archetype::Archetype;
pub use error::Error;
pub use export::{write_csv, write_interventions_csv, write_truth_csv};
pub use household::Household;
pub use households::Households;
pub use objective::Objective;
pub use params::SimulationParams;
pub use planner::Planner;
pub use policies::{Constant, LoggingPolicy, Moment, Myopic, Policy, best, certain};
pub use policy::{Intervention, Observation, rule};
pub use response::Effect;
pub use rollout::{Estimate, Rollout, RolloutParams};
pub use simulation::Simulation;
pub use stream::{Streamed, stream_csv, stream_csv_with};
pub use truth::{HouseholdTruth, PayPattern};
pub use week::Week;
