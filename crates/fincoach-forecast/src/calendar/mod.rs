//! What is known of days to come: their place in week, month and year, paydays, bank holidays.

mod bank_holidays;
mod effects;
mod known;
mod payday;

pub use bank_holidays::{bank_holidays, is_bank_holiday};
pub(crate) use effects::Effects;
pub use known::KnownInputs;
pub use payday::Payday;
