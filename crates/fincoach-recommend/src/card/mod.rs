//! One decision of a policy, laid open.

mod attribution;
mod policy_card;
#[cfg(test)]
mod tests;

pub use policy_card::{ActionValue, Moved, PolicyCard};
