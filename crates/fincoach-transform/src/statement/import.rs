//! From bookings to an [`Import`]: the one place where statement files meet the ledger's machinery.

use std::collections::BTreeMap;

use fincoach_core::{Currency, Direction, Ledger, LedgerBuilder, Transaction};

use super::booking::{Booking, Statement};
use super::reader::StatementReader;
use crate::error::Place;
use crate::order::true_order;
use crate::quality::Counted;
use crate::rows::{Row, Rows};
use crate::texts::TextId;
use crate::{ColumnBlanks, Error, Import, QualityReport, TextCleaning};

/// Brings the bookings of each account into true order and hands them to the ledger.
pub(super) fn import(
    statements: &[Statement],
    currency: Option<Currency>,
    (reader, file): (&StatementReader, &str),
) -> Result<Import, Error> {
    let bookings: Vec<(&str, &Booking)> = statements
        .iter()
        .flat_map(|statement| statement.bookings.iter().map(|booking| (statement.account.as_str(), booking)))
        .collect();
    let rows = rows(&bookings, reader.cleaning(), file)?;
    let counted = Counted {
        types: bookings.iter().any(|(_, booking)| !booking.type_code.is_empty()),
        categories: bookings.iter().any(|(_, booking)| !booking.category.is_empty()),
    };
    let mut quality = QualityReport::of_rows(file, &rows, counted, reader.categories());
    quality.blanks = blanks(&bookings, reader.cleaning());
    let mut builder = match currency {
        Some(currency) => Ledger::builder().with_currency(currency),
        None => Ledger::builder(),
    };
    for (_, file_order) in accounts(&rows.rows) {
        let (ordered, order) = true_order(&rows.rows, file_order);
        quality.add_account(&rows.rows, &ordered, order);
        for number in ordered {
            if let Some(booking) = bookings.get(number) {
                push(&mut builder, (number, *booking), reader)?;
            }
        }
    }
    let ledger = builder.finish();
    quality.rows_in_ledger = ledger.len() as u64;
    quality.users = ledger.n_users() as u64;
    Ok(Import { ledger, quality })
}

fn rows(bookings: &[(&str, &Booking)], cleaning: TextCleaning, file: &str) -> Result<Rows, Error> {
    let mut rows = Rows::new(0);
    for (account, booking) in bookings {
        let mut text = |text: &str| {
            let place = || Place { file: file.into(), line: booking.line };
            rows.texts.intern(text).ok_or_else(|| Error::TooManyRows { place: place() })
        };
        let row = Row {
            time: booking.time,
            precision: booking.precision,
            amount: booking.amount,
            balance: booking.balance,
            type_code: text(&booking.type_code)?,
            category: text(&booking.category)?,
            description: text(cleaning.apply(&booking.description))?,
            city: 0,
            country: 0,
            account: text(account)?,
            reference: text(&booking.reference)?,
            user: 0,
            number: u32::try_from(rows.rows.len() + 1).unwrap_or(u32::MAX),
            line: booking.line,
        };
        rows.rows.push(row);
    }
    Ok(rows)
}

fn accounts(rows: &[Row]) -> BTreeMap<TextId, Vec<usize>> {
    let mut accounts: BTreeMap<TextId, Vec<usize>> = BTreeMap::new();
    for (number, row) in rows.iter().enumerate() {
        accounts.entry(row.account).or_default().push(number);
    }
    accounts
}

/// The columns a statement file can leave blank.
fn blanks(bookings: &[(&str, &Booking)], cleaning: TextCleaning) -> Vec<ColumnBlanks> {
    let count = |column: &str, text: for<'a> fn(&(&'a str, &'a Booking)) -> &'a str| {
        let rows = bookings.iter().filter(|booking| cleaning.apply(text(booking)).is_empty()).count() as u64;
        ColumnBlanks { column: column.to_owned(), rows }
    };
    vec![
        count("account", |(account, _)| account),
        count("type", |(_, booking)| &booking.type_code),
        count("category", |(_, booking)| &booking.category),
        count("description", |(_, booking)| &booking.description),
        count("reference", |(_, booking)| &booking.reference),
    ]
}

fn push(
    builder: &mut LedgerBuilder,
    (number, (account, booking)): (usize, (&str, &Booking)),
    reader: &StatementReader,
) -> Result<(), Error> {
    let known = |text: &'_ str| !text.is_empty();
    let mut row = Transaction::new(reader.user(), booking.time, booking.amount);
    row.precision = booking.precision;
    row.balance = booking.balance;
    row.direction = match reader.types().direction(&booking.type_code) {
        Direction::Other => booking.direction,
        told => told,
    };
    row.category = reader.categories().category(&booking.category);
    row.account = Some(account).filter(|text| known(text));
    row.raw_type = Some(booking.type_code.as_str()).filter(|text| known(text));
    row.raw_category = Some(booking.category.as_str()).filter(|text| known(text));
    row.description = reader.cleaning().apply(&booking.description);
    row.reference = Some(booking.reference.as_str()).filter(|text| known(text));
    row.source_row = u32::try_from(number + 1).unwrap_or(u32::MAX);
    Ok(builder.push(&row)?)
}
