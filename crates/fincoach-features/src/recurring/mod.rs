//! Payments that come again: found merchant by merchant, one booking at a time.

mod book;
mod detect;
mod params;
mod payment;
mod period;
mod series;

pub(crate) use book::{Book, Seen, Side};
pub use detect::detect_recurring;
pub(crate) use detect::{note, payments};
pub use params::RecurringParams;
pub use payment::{Flow, RecurringPayment};
pub use period::Period;
pub(crate) use series::{Found, Occurrence, Series};
