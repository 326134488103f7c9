//! The recurrent network: parameters, training, forecasting, saving.

mod activation;
mod examples;
mod forecaster;
mod fused;
mod graph;
mod network;
mod params;
mod saved;
mod training;

pub use forecaster::{LstmForecaster, WindowCounts};
pub use network::LstmNetwork;
pub use params::{Centring, Loss, LstmParams};
