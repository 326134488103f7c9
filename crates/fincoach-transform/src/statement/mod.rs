//! Statement files with a form of their own: OFX, QIF, MT940 and camt.053.

#[cfg(any(feature = "ofx", feature = "qif", feature = "mt940", feature = "camt"))]
mod amount;
mod booking;
#[cfg(feature = "camt")]
mod camt;
#[cfg(feature = "camt")]
mod camt_entry;
mod check;
#[cfg(any(feature = "ofx", feature = "qif", feature = "mt940", feature = "camt"))]
mod day;
mod format;
mod import;
#[cfg(feature = "mt940")]
mod mt940;
#[cfg(feature = "mt940")]
mod mt940_information;
#[cfg(feature = "mt940")]
mod mt940_line;
#[cfg(feature = "ofx")]
mod ofx;
#[cfg(feature = "ofx")]
mod ofx_sgml;
#[cfg(feature = "ofx")]
mod ofx_transaction;
#[cfg(feature = "qif")]
mod qif;
#[cfg(feature = "qif")]
mod qif_record;
mod quality;
mod reader;
mod report;
mod source;
#[cfg(any(feature = "ofx", feature = "camt"))]
mod tree;
#[cfg(any(feature = "ofx", feature = "camt"))]
mod xml;

pub use format::StatementFormat;
pub use reader::StatementReader;
pub use report::{StatementReport, StatementSummary};
