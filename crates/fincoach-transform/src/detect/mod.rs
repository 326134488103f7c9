//! Which layout an unknown export has.

mod chain;
mod currency;
mod dates;
mod detection;
mod finding;
mod flow;
mod names;
mod numbers;
mod optional;
mod preset;
mod propose;
mod question;
mod sample;
mod shape;
mod sign;
mod split;
mod statement;
mod table;
mod text;

use std::io::Read;
use std::path::Path;

pub use detection::Detection;
pub use finding::{Finding, Topic};
pub use question::{Answer, Question, SignReading};
pub use statement::ExportFormat;

use crate::Error;
use question::Answers;
use sample::Sample;

/// Proposes a layout for a file, with reasons, doubts and, where the file leaves something open on which every
/// date or amount hangs, a question instead of a guess.
///
/// At most the first 1 MiB and the last 64 KiB are looked at, 20,000 rows of them, and the detection says so. Takes
/// `O(bytes looked at)` times a few dozen forms of dates and numbers.
///
/// # Errors
/// [`Error::Io`] when the file cannot be opened or read, [`Error::EmptyFile`], [`Error::NotText`] for a workbook,
/// a PDF and other bytes that are no text, [`Error::NoLayout`] for a text that has no rows with a date and an amount.
pub fn detect(path: impl AsRef<Path>) -> Result<Detection, Error> {
    Detection::of(Sample::of_path(path.as_ref())?, Answers::default())
}

/// Proposes a layout for a source, called `name` in errors, as [`detect`] does; only its first 1 MiB is read.
///
/// # Errors
/// As [`detect`].
///
/// # Examples
/// ```
/// use fincoach_transform::{ExportFormat, StatementFormat, detect_from};
/// let export = "Buchungstag;Verwendungszweck;Betrag (EUR);Saldo\n\
///     25.01.2024;Miete;-1.500,00;500,00\n\
///     26.01.2024;Gehalt;2.000,00;2.500,00\n\
///     27.01.2024;REWE;-12,34;2.487,66\n";
/// let detection = detect_from(export.as_bytes(), "umsaetze.csv")?;
/// let layout = detection.layout()?;
/// assert_eq!((layout.delimiter(), layout.numbers().decimal()), (';', ','));
/// assert_eq!(layout.date_format().to_string(), "dd.mm.yyyy");
/// assert!(detection.reasons().iter().any(|reason| reason.text.contains("holds for 100.0 %")));
///
/// let quicken = detect_from("!Type:Bank\nD25/01/2024\nT-12.34\n^\n".as_bytes(), "bank.qif")?;
/// assert_eq!(quicken.format(), ExportFormat::Statement(StatementFormat::Qif));
/// # Ok::<(), fincoach_transform::Error>(())
/// ```
pub fn detect_from(source: impl Read, name: &str) -> Result<Detection, Error> {
    Detection::of(Sample::of_source(source, name)?, Answers::default())
}
