//! One decision, laid open.

mod advice_card;
mod attribution;
mod policy_card;
#[cfg(test)]
mod tests;

pub use advice_card::{AdviceCard, StrategyChance};
pub use policy_card::{ActionValue, Moved, PolicyCard};
