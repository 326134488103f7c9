//! One network for many series: direct forecasts of many days, known future inputs, quantiles.

mod calendar;
mod ensemble;
mod forecast;
mod frame;
mod model;
mod network;
mod params;
mod past;
mod saved;
mod series_set;
mod trainer;

pub use calendar::{weekday_inputs, year_inputs};
pub use ensemble::GlobalEnsemble;
pub use forecast::GlobalForecast;
pub use model::{FittedGlobal, GlobalModel};
pub use network::{GlobalNetwork, Update};
pub use params::{AfterStopping, GlobalParams, Objective, Profile, Schedule};
pub use series_set::SeriesSet;
pub use trainer::{EpochLosses, GlobalTrainer};
