//! One name for all spellings of a merchant.

mod alias;
mod builtin;
mod normaliser;
mod places;
mod rules;
#[cfg(test)]
mod table;
mod words;

pub use alias::{AliasMatch, MerchantAlias};
pub use normaliser::MerchantNormaliser;
