//! What another policy would have earned, from a log of what one policy did.

mod basis;
mod bounds;
mod decisions;
mod estimate;
mod fitted;
mod importance;
mod linear_q;
mod logged;
mod moments;
mod one_step;
mod overlap;
mod params;
mod ratios;
mod sequence;
mod solve;
mod switch;
mod trajectories;

pub use basis::Basis;
pub use bounds::IntervalMethod;
pub use decisions::Decisions;
pub use estimate::{Estimate, Interval};
pub use linear_q::{FqeReport, LinearQ};
pub use logged::{LoggedReward, ips, snips};
pub use one_step::DecisionEstimator;
pub use overlap::{Overlap, OverlapLimits, OverlapWarning};
pub use params::{Horizon, OffPolicyParams, Scale};
pub use sequence::SequenceEstimator;
pub use trajectories::Trajectories;
