//! Standardised transactions as a file.

use std::io::Write;

use fincoach_core::{Ledger, TimePrecision, Transaction};

use crate::Error;

const HEADER: [&str; 16] = [
    "user",
    "date",
    "amount",
    "balance",
    "direction",
    "category",
    "raw_type",
    "raw_category",
    "description",
    "city",
    "country",
    "source_row",
    "account",
    "merchant",
    "reference",
    "role",
];

/// Writes the rows of a ledger, users one after the other, as comma-separated text.
///
/// Columns: `user`, `date` (`2022-07-25`, or `2022-07-25T13:05:00` where the time of day is known), `amount` and
/// `balance` (with the decimals of the currency, negative leaves the account), `direction`, `category`, `raw_type`,
/// `raw_category`, `description`, `city`, `country`, `source_row`, `account`, `merchant`, `reference`, `role`
/// (`ordinary`, `transfer` or `refund`). What is not known is blank. Quotes, commas and
/// line breaks within texts are quoted, so every value comes back as it was.
///
/// # Errors
/// [`Error::Io`] when `out` cannot be written.
///
/// # Examples
/// ```
/// use fincoach_core::{Ledger, Transaction, chrono::NaiveDate};
/// use fincoach_transform::write_transactions_csv;
/// let day = NaiveDate::from_ymd_opt(2024, 3, 1).unwrap();
/// let mut shop = Transaction::new("anna", day.into(), "-15.02".parse()?);
/// shop.description = "Salt, pepper";
/// let mut builder = Ledger::builder();
/// builder.push(&shop)?;
/// let mut out = Vec::new();
/// write_transactions_csv(&builder.finish(), &mut out)?;
/// let text = String::from_utf8(out)?;
/// assert_eq!(text.lines().last(), Some("anna,2024-03-01,-15.02,,other,other,,,\"Salt, pepper\",,,0,,,,ordinary"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_transactions_csv(ledger: &Ledger, out: impl Write) -> Result<(), Error> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(HEADER).map_err(failed)?;
    for row in ledger.all().iter() {
        write_row(&mut writer, &row, ledger.decimals()).map_err(failed)?;
    }
    writer.flush().map_err(|cause| failed(cause.into()))
}

fn write_row(writer: &mut csv::Writer<impl Write>, row: &Transaction<'_>, decimals: u8) -> csv::Result<()> {
    let date = match row.precision {
        TimePrecision::Day => row.time.date().to_string(),
        TimePrecision::Second => row.time.format("%Y-%m-%dT%H:%M:%S").to_string(),
    };
    let balance = row.balance.map_or_else(String::new, |balance| balance.to_text(decimals));
    writer.write_record([
        row.user,
        &date,
        &row.amount.to_text(decimals),
        &balance,
        row.direction.name(),
        row.category.name(),
        row.raw_type.unwrap_or(""),
        row.raw_category.unwrap_or(""),
        row.description,
        row.city.unwrap_or(""),
        row.country.unwrap_or(""),
        &row.source_row.to_string(),
        row.account.unwrap_or(""),
        row.merchant.unwrap_or(""),
        row.reference.unwrap_or(""),
        row.role.name(),
    ])
}

fn failed(error: csv::Error) -> Error {
    let reason = error.to_string();
    let cause = match error.into_kind() {
        csv::ErrorKind::Io(cause) => cause,
        _ => std::io::Error::other(reason),
    };
    Error::Io { file: "transactions".to_owned(), cause }
}
