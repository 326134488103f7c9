//! The recurrent network: parameters, training, forecasting, saving.

mod activation;
mod examples;
mod forecaster;
mod fused;
pub(crate) mod graph;
mod machine;
mod network;
mod params;
mod saved;
mod training;

pub(crate) use activation::{gates, tanh};
pub use forecaster::{LstmForecaster, WindowCounts};
pub use network::LstmNetwork;
pub use params::{Centring, Engine, Loss, LstmParams};
