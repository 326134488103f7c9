//! Models in the past, scored by what came.

mod blocks;
mod params;
mod replay;
mod scores;
mod skill;

pub use blocks::Backtest;
pub(crate) use blocks::{Block, Said};
pub use params::{BacktestParams, Refit};
pub use scores::{BacktestScores, Forecasted, Gaps, Loss as ScoreLoss, Scope};
pub use skill::Skill;
pub(crate) use skill::quantile;
