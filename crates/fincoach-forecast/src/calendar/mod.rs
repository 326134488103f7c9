//! What is known of days to come: their place in week, month and year, paydays, bank holidays.

mod bank_holidays;
mod known;
mod payday;

pub use bank_holidays::{bank_holidays, is_bank_holiday};
pub use known::KnownInputs;
pub use payday::Payday;
