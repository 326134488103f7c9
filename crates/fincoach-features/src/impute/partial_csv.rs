//! Tables with missing values as CSV files: a missing value is an empty cell.

use std::io::{Read, Write};

use super::PartialTable;
use crate::Error;
use crate::significant::seventeen_digits;
use crate::table_csv::{KEY_NAMES, Row, TIME_FORMAT, header_of, refused};

/// Writes a table: `user`, `as_of`, then the columns, numbers with 17 significant digits and nothing where a value is
/// missing.
///
/// # Errors
/// [`Error::Io`] when the writer fails.
///
/// # Examples
/// ```
/// use fincoach_core::{RowKey, chrono::NaiveDate};
/// use fincoach_features::{PartialTable, read_partial_csv, write_partial_csv};
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().and_hms_opt(23, 59, 59).unwrap();
/// let keys = vec![RowKey { user: "anna".into(), as_of }];
/// let table = PartialTable::new(keys, ["income", "balance"], vec![Some(0.5), None])?;
/// let mut file = Vec::new();
/// write_partial_csv(&table, &mut file)?;
/// assert_eq!(String::from_utf8_lossy(&file), "user,as_of,income,balance\nanna,2024-01-31 23:59:59,0.5,\n");
/// assert_eq!(read_partial_csv(file.as_slice())?, table);
/// # Ok::<(), fincoach_features::Error>(())
/// ```
pub fn write_partial_csv(table: &PartialTable, target: impl Write) -> Result<(), Error> {
    let mut writer = csv::Writer::from_writer(target);
    let header = KEY_NAMES.into_iter().chain(table.columns().iter().map(String::as_str));
    writer.write_record(header).map_err(refused)?;
    for (row, key) in table.keys().iter().enumerate() {
        let mut record = vec![key.user.clone(), key.as_of.format(TIME_FORMAT).to_string()];
        record.extend(table.row(row).iter().map(|value| value.map_or_else(String::new, seventeen_digits)));
        writer.write_record(&record).map_err(refused)?;
    }
    Ok(writer.flush()?)
}

/// Reads a table that [`write_partial_csv`] wrote; every value has the bits it was written with.
///
/// # Errors
/// As [`read_csv`](crate::read_csv); an empty cell is a missing value.
pub fn read_partial_csv(source: impl Read) -> Result<PartialTable, Error> {
    let mut reader = csv::Reader::from_reader(source);
    let header = header_of(&mut reader)?;
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let row = Row::new(&header, record.map_err(refused)?);
        keys.push(row.key()?);
        for position in KEY_NAMES.len()..header.len() {
            values.push(if row.text(position).is_empty() { None } else { Some(row.number(position)?) });
        }
    }
    Ok(PartialTable::new(keys, header.iter().skip(KEY_NAMES.len()), values)?)
}
