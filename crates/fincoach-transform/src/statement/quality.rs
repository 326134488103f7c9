//! What is counted about the bookings of a statement file.

use std::collections::BTreeMap;

use fincoach_core::{Category, Money};

use super::booking::Booking;
use super::import::Entry;
use super::reader::StatementReader;
use crate::order::Chain;
use crate::quality::LISTED_BREAKS;
use crate::{
    BalanceBreak, CategoryCount, CategoryMap, ColumnBlanks, FileOrder, Flow, QualityReport, TextCleaning,
    TextCount,
};

/// The figures that do not depend on order.
pub(super) fn of_entries(entries: &[Entry<'_>], (reader, file): (&StatementReader, &str)) -> QualityReport {
    let dates = || entries.iter().map(|(_, booking)| booking.time.date());
    let raw_categories = text_counts(entries, |booking| &booking.category);
    QualityReport {
        source: file.to_owned(),
        currency: None,
        rows_read: entries.len() as u64,
        rows_in_ledger: 0,
        rows_refused: 0,
        rows_not_booked: 0,
        users: 0,
        accounts: 0,
        first_date: dates().min().unwrap_or_default(),
        last_date: dates().max().unwrap_or_default(),
        order: FileOrder::Unknown,
        money_in: flow(
            entries.iter().map(|(_, booking)| booking.amount).filter(|amount| amount.is_positive()),
        ),
        money_out: flow(
            entries.iter().map(|(_, booking)| booking.amount).filter(|amount| amount.is_negative()),
        ),
        blanks: blanks(entries, reader.cleaning()),
        types: text_counts(entries, |booking| &booking.type_code),
        categories: category_counts(entries, reader.categories()),
        raw_categories,
        duplicates: 0,
        rows_without_balance: entries.iter().filter(|(_, booking)| booking.balance.is_none()).count() as u64,
        balance_breaks: 0,
        first_breaks: Vec::new(),
        refused: Vec::new(),
        not_booked: Vec::new(),
        statement: None,
    }
}

/// Adds an account whose entries are in their true order.
pub(super) fn add_account(
    quality: &mut QualityReport,
    (entries, ordered): (&[Entry<'_>], &[usize]),
    (order, cleaning): (FileOrder, TextCleaning),
) {
    quality.order = if quality.accounts == 0 { order } else { quality.order.with(order) };
    quality.accounts += 1;
    let mut seen: BTreeMap<_, u64> = BTreeMap::new();
    let mut chain = Chain::default();
    for (_, booking) in ordered.iter().map(|number| entries[*number]) {
        *seen.entry((booking.time, booking.amount, cleaning.apply(&booking.description))).or_default() += 1;
        let Some(expected) = chain.step(booking.amount, booking.balance) else { continue };
        quality.balance_breaks += 1;
        if quality.first_breaks.len() < LISTED_BREAKS {
            let found = booking.balance.unwrap_or(Money::ZERO);
            quality.first_breaks.push(BalanceBreak { line: booking.line, expected, found });
        }
    }
    quality.duplicates += seen.values().map(|rows| rows - 1).sum::<u64>();
}

fn flow(amounts: impl Iterator<Item = Money>) -> Flow {
    let (mut rows, mut total) = (0, Money::ZERO);
    for amount in amounts {
        rows += 1;
        total += amount.abs();
    }
    Flow::new(rows, total)
}

/// The rows of each text, most frequent first, then by text; nothing where no row has one.
fn text_counts(entries: &[Entry<'_>], text: for<'a> fn(&'a Booking) -> &'a str) -> Vec<TextCount> {
    let mut rows_of: BTreeMap<Option<&str>, u64> = BTreeMap::new();
    for (_, booking) in entries {
        *rows_of.entry(Some(text(booking)).filter(|text| !text.is_empty())).or_default() += 1;
    }
    if rows_of.keys().all(Option::is_none) {
        return Vec::new();
    }
    let counts = rows_of.into_iter();
    let mut counts: Vec<TextCount> =
        counts.map(|(text, rows)| TextCount { text: text.map(str::to_owned), rows }).collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.rows));
    counts
}

fn category_counts(entries: &[Entry<'_>], map: &CategoryMap) -> Vec<CategoryCount> {
    let mut totals = [0; Category::ALL.len()];
    for (_, booking) in entries {
        totals[map.category(&booking.category).index()] += 1;
    }
    Category::ALL.into_iter().zip(totals).map(|(category, rows)| CategoryCount { category, rows }).collect()
}

/// The columns a statement file can leave blank.
fn blanks(entries: &[Entry<'_>], cleaning: TextCleaning) -> Vec<ColumnBlanks> {
    let count = |column: &str, text: for<'a> fn(&Entry<'a>) -> &'a str| {
        let rows = entries.iter().filter(|entry| cleaning.apply(text(entry)).is_empty()).count() as u64;
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
