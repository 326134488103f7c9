//! From bookings to an [`Import`]: the one place where statement files meet the ledger's machinery.

use fincoach_core::{Currency, Direction, Ledger, LedgerBuilder, Money, Transaction};
use foldhash::fast::FixedState;
use indexmap::IndexMap;

use super::booking::{Booking, Statement};
use super::quality;
use super::reader::StatementReader;
use crate::order::{Bookings, Reading, TrueOrder};
use crate::{Error, Import};

/// A booking and its account.
pub(super) type Entry<'a> = (&'a str, &'a Booking);

/// Brings the bookings of each account into true order and hands them to the ledger.
pub(super) fn import(
    statements: &[Statement],
    currency: Option<Currency>,
    (reader, file): (&StatementReader, &str),
) -> Result<Import, Error> {
    let entries: Vec<Entry<'_>> = statements
        .iter()
        .flat_map(|statement| statement.bookings.iter().map(|booking| (statement.account.as_str(), booking)))
        .collect();
    let mut quality = quality::of_entries(&entries, (reader, file));
    let mut builder = match currency {
        Some(currency) => Ledger::builder().with_currency(currency),
        None => Ledger::builder(),
    };
    for account in accounts(&entries) {
        let found = true_order(&entries, &account);
        let ordered = ordered(&account, &found.reading);
        quality::add_account(&mut quality, (&entries, &ordered), (found.order, reader.cleaning()));
        for number in ordered {
            push(&mut builder, (number, entries[number]), reader)?;
        }
    }
    let ledger = builder.finish();
    quality.currency = currency;
    quality.rows_in_ledger = ledger.len() as u64;
    quality.users = ledger.n_users() as u64;
    Ok(Import { ledger, quality })
}

/// The entries of each account by number, accounts in the order the file names them.
fn accounts(entries: &[Entry<'_>]) -> Vec<Vec<usize>> {
    let mut accounts: IndexMap<&str, Vec<usize>, FixedState> = IndexMap::default();
    for (number, (account, _)) in entries.iter().enumerate() {
        accounts.entry(*account).or_default().push(number);
    }
    accounts.into_values().collect()
}

fn true_order(entries: &[Entry<'_>], account: &[usize]) -> TrueOrder {
    let of = |number: &usize| entries[*number].1;
    let times: Vec<i64> = account.iter().map(|number| of(number).time.and_utc().timestamp()).collect();
    let amounts: Vec<Money> = account.iter().map(|number| of(number).amount).collect();
    let balances: Vec<Option<Money>> = account.iter().map(|number| of(number).balance).collect();
    Bookings { times: &times, amounts: &amounts, balances: &balances }.true_order()
}

fn ordered(account: &[usize], reading: &Reading) -> Vec<usize> {
    match reading {
        Reading::Downwards => account.to_vec(),
        Reading::Upwards => account.iter().rev().copied().collect(),
        Reading::Sorted(rows) => rows.iter().map(|row| account[*row as usize]).collect(),
    }
}

fn push(
    builder: &mut LedgerBuilder,
    (number, (account, booking)): (usize, Entry<'_>),
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
