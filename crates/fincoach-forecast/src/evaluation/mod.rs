//! How good forecasts are, on days that no fit has seen.

mod params;
mod report;
mod scores;
mod verdict;

pub use params::{EvaluationParams, Measure};
pub use report::Evaluation;
pub use scores::{MethodScores, PartScores, Scores};
pub use verdict::Verdict;
