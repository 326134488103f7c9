//! Feature tables as CSV files.

use std::io::{Read, Write};

use chrono::NaiveDateTime;
use fincoach_core::ndarray::Array2;
use fincoach_core::{FeatureTable, RowKey, chrono};

use crate::Error;
use crate::significant::seventeen_digits;

pub(crate) const TIME_FORMAT: &str = "%Y-%m-%d %H:%M:%S%.f";

/// The columns that say whose row it is, and from when.
pub(crate) const KEY_NAMES: [&str; 2] = ["user", "as_of"];

/// Whether a file has a column `as_of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// Columns `user`, then the features.
    Omit,
    /// Columns `user`, `as_of` (`2024-01-31 23:59:59`), then the features.
    Include,
}

/// Writes a table: `user`, perhaps `as_of`, then the columns, numbers with 17 significant digits as `%.17g` prints
/// them. Names with commas, quotes or line breaks are quoted.
///
/// # Errors
/// [`Error::Io`] when the writer fails.
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, RowKey, chrono::NaiveDate, ndarray::array};
/// use fincoach_features::{AsOf, read_csv, write_csv};
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().and_hms_opt(23, 59, 59).unwrap();
/// let keys = vec![RowKey { user: "Smith, A".into(), as_of }];
/// let table = FeatureTable::new(keys, ["income"], array![[0.1]])?;
/// let mut file = Vec::new();
/// write_csv(&table, AsOf::Include, &mut file)?;
/// assert_eq!(String::from_utf8_lossy(&file),
///     "user,as_of,income\n\"Smith, A\",2024-01-31 23:59:59,0.10000000000000001\n");
/// assert_eq!(read_csv(file.as_slice())?, table);
/// # Ok::<(), fincoach_features::Error>(())
/// ```
pub fn write_csv(table: &FeatureTable, as_of: AsOf, target: impl Write) -> Result<(), Error> {
    let mut writer = csv::Writer::from_writer(target);
    let key_names: &[&str] = if as_of == AsOf::Include { &["user", "as_of"] } else { &["user"] };
    let header = key_names.iter().copied().chain(table.columns().iter().map(String::as_str));
    writer.write_record(header).map_err(refused)?;
    for (key, values) in table.keys().iter().zip(table.values().rows()) {
        let mut record = vec![key.user.clone()];
        if as_of == AsOf::Include {
            record.push(key.as_of.format(TIME_FORMAT).to_string());
        }
        record.extend(values.iter().map(|value| seventeen_digits(*value)));
        writer.write_record(&record).map_err(refused)?;
    }
    Ok(writer.flush()?)
}

/// Reads a table that [`write_csv`] wrote with [`AsOf::Include`]; every value has the bits it was written with.
///
/// # Errors
/// [`Error::Header`] unless the first columns are `user` and `as_of`, [`Error::Cell`] for a text that is no number or
/// date, [`Error::Line`] for a row of another length or broken UTF-8, [`Error::Data`] for doubled keys or columns and
/// for NaN and infinity, [`Error::Io`] when the reader fails.
pub fn read_csv(source: impl Read) -> Result<FeatureTable, Error> {
    let mut reader = csv::Reader::from_reader(source);
    let header = header_of(&mut reader)?;
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let row = Row::new(&header, record.map_err(refused)?);
        keys.push(row.key()?);
        for position in 2..header.len() {
            values.push(row.number(position)?);
        }
    }
    let values = Array2::from_shape_vec((keys.len(), header.len() - 2), values)
        .map_err(|error| Error::Line { line: 0, reason: error.to_string() })?;
    Ok(FeatureTable::new(keys, header.iter().skip(2), values)?)
}

/// The header, which must begin with user and date.
pub(crate) fn header_of(reader: &mut csv::Reader<impl Read>) -> Result<csv::StringRecord, Error> {
    let header = reader.headers().map_err(refused)?.clone();
    for (position, expected) in KEY_NAMES.into_iter().enumerate() {
        let got = header.get(position).unwrap_or("");
        if got != expected {
            return Err(Error::Header { position, expected, got: got.to_owned() });
        }
    }
    Ok(header)
}

/// One record of a file.
pub(crate) struct Row<'a> {
    header: &'a csv::StringRecord,
    record: csv::StringRecord,
}

impl<'a> Row<'a> {
    pub(crate) const fn new(header: &'a csv::StringRecord, record: csv::StringRecord) -> Self {
        Self { header, record }
    }

    pub(crate) fn key(&self) -> Result<RowKey, Error> {
        Ok(RowKey { user: self.user()?, as_of: self.as_of()? })
    }

    fn user(&self) -> Result<String, Error> {
        match self.record.get(0) {
            Some(user) if !user.is_empty() => Ok(user.to_owned()),
            _ => Err(self.refuse(0, "the name of a user")),
        }
    }

    fn as_of(&self) -> Result<NaiveDateTime, Error> {
        NaiveDateTime::parse_from_str(self.text(1), TIME_FORMAT)
            .map_err(|_| self.refuse(1, "a time like 2024-01-31 23:59:59"))
    }

    pub(crate) fn number(&self, position: usize) -> Result<f64, Error> {
        self.text(position).parse().map_err(|_| self.refuse(position, "a number"))
    }

    pub(crate) fn text(&self, position: usize) -> &str {
        self.record.get(position).unwrap_or("")
    }

    fn refuse(&self, position: usize, expected: &'static str) -> Error {
        Error::Cell {
            line: self.record.position().map_or(0, csv::Position::line),
            column: self.header.get(position).unwrap_or("").to_owned(),
            value: self.text(position).to_owned(),
            expected,
        }
    }
}

pub(crate) fn refused(error: csv::Error) -> Error {
    let line = error.position().map_or(0, csv::Position::line);
    let reason = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(source) => Error::Io(source),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            Error::Line { line, reason: format!("{len} cells, expected {expected_len}") }
        }
        csv::ErrorKind::Utf8 { .. } => Error::Line { line, reason: "not UTF-8".to_owned() },
        _ => Error::Line { line, reason },
    }
}
