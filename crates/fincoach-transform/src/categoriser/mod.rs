//! Categories for exports that have none.

mod baselines;
mod clues;
mod evaluation;
mod fill;
mod guess;
mod labelled_rows;
mod model;
mod params;
mod rules;
mod saved;
mod scores;
mod softmax;
mod temperature;
mod training;

pub use baselines::Baseline;
pub use evaluation::{CategoriserEvaluation, CategoriserReport, Spread};
pub use fill::{CategoryFiller, CategorySource, FillReport};
pub use guess::{Choice, Guess};
pub use labelled_rows::LabelledRows;
pub use model::Categoriser;
pub use params::CategoriserParams;
pub use rules::{AmountSign, CategoryRule, TextTest, UserRules};
pub use scores::{CategoriserScores, CoveragePoint};
