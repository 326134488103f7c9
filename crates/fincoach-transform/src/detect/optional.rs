//! Descriptions and the columns a file may have or lack.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Notes, Topic};
use super::names::{Purpose, booked};
use super::table::{Profile, Table, values};
use crate::{Layout, OptionalColumn, StatusRule};

/// The columns of texts, in the order in which they are joined.
pub(super) fn descriptions(table: &Table, used: &[usize], notes: &mut Notes) -> Option<Vec<usize>> {
    let open = |column: &&Profile| !used.contains(&column.position) && column.n_filled > 0;
    let mostly = |column: &&Profile| column.n_filled * 2 >= table.n_rows();
    let best = table.named(Purpose::Description).filter(open).find(mostly);
    let columns: Vec<&Profile> = match best {
        Some(best) => vec![best],
        None => table
            .named(Purpose::Description)
            .chain(table.named(Purpose::Party))
            .filter(open)
            .take(3)
            .collect(),
    };
    if columns.is_empty() {
        let texts =
            table.columns.iter().filter(open).filter(|column| column.is_text() && column.named.is_none());
        // The first of equals: `max_by_key` takes the last.
        let widest = texts.rev().max_by_key(|column| column.mean_len.min(40) * column.distinct.len());
        let widest = widest.or_else(|| table.columns.iter().filter(open).find(|column| column.is_text()))?;
        notes.reason(
            Topic::Columns,
            format!("{} is the description: it has the longest and most various texts", widest.shown()),
        );
        if widest.name.is_some() {
            notes.doubt(
                Topic::Columns,
                format!("the name of {} does not say that it is the description", widest.shown()),
            );
        }
        return Some(vec![widest.position]);
    }
    let names: Vec<String> = columns.iter().map(|column| column.shown()).collect();
    notes.reason(Topic::Columns, format!("{} is the description, by its name", names.join(" and ")));
    Some(columns.into_iter().map(|column| column.position).collect())
}

/// The column that keeps accounts apart, where one does.
pub(super) fn account_column(table: &Table) -> Option<usize> {
    let fits = |column: &&Profile| column.n_filled == table.n_rows();
    let named = |purpose| table.named(purpose).find(fits);
    // A user's accounts are told apart by the account.
    named(Purpose::Account).or_else(|| named(Purpose::User)).map(|column| column.position)
}

/// Columns that are known by their names, if their values fit.
pub(super) fn optional_columns(table: &Table, notes: &mut Notes) -> BTreeMap<OptionalColumn, usize> {
    let mut found = BTreeMap::new();
    for (column, purpose) in [
        (OptionalColumn::Number, Purpose::Number),
        (OptionalColumn::Time, Purpose::Time),
        (OptionalColumn::Type, Purpose::Type),
        (OptionalColumn::Category, Purpose::Category),
        (OptionalColumn::City, Purpose::City),
        (OptionalColumn::Country, Purpose::Country),
        (OptionalColumn::User, Purpose::User),
        (OptionalColumn::Account, Purpose::Account),
        (OptionalColumn::Reference, Purpose::Reference),
    ] {
        if let Some(profile) = table.named(purpose).find(|profile| fits(table, profile, purpose)) {
            notes.reason(Topic::Columns, format!("{} is {}, by its name", profile.shown(), purpose.name()));
            found.insert(column, profile.position);
        }
    }
    if let Some(profile) = codes(table) {
        let n = profile.distinct.len();
        notes.reason(Topic::Columns, format!("{} is the type: {n} short codes", profile.shown()));
        notes.doubt(Topic::Columns, format!("the codes of {} are taken as types", profile.shown()));
        found.entry(OptionalColumn::Type).or_insert(profile.position);
    }
    found
}

/// Whether the values of a column go with its name.
fn fits(table: &Table, column: &Profile, purpose: Purpose) -> bool {
    match purpose {
        Purpose::Time => column.is_time(),
        Purpose::User => column.n_filled == table.n_rows(),
        Purpose::Account => column.n_filled > 0 && column.distinct.len() * 2 <= table.n_rows().max(2),
        Purpose::Reference => is_unique(table, column),
        Purpose::Number => true,
        // A type of words may be one that only says debit or credit: it is kept as the type, too.
        _ => column.n_filled == 0 || !column.is_numeric() && column.dates.is_none(),
    }
}

fn is_unique(table: &Table, column: &Profile) -> bool {
    let values = values(&table.shape, column.position);
    let distinct: BTreeSet<&str> = values.iter().map(|(_, text)| *text).collect();
    !values.is_empty() && distinct.len() == values.len()
}

/// A column without a name whose few short values come again and again.
fn codes(table: &Table) -> Option<&Profile> {
    let short = |column: &&Profile| {
        let n = column.distinct.len();
        let code = |text: &String| (2..=4).contains(&text.len()) && text.chars().all(char::is_uppercase);
        column.name.is_none()
            && column.is_text()
            && !column.is_currency()
            && n > 1
            && n * 3 <= table.n_rows()
            && column.distinct.iter().all(code)
    };
    table.columns.iter().find(short)
}

/// The layout with the rule which rows are booked, where a column tells.
pub(super) fn with_status(layout: Layout, table: &Table, notes: &mut Notes) -> Layout {
    let Some(column) = table.named(Purpose::Status).find(|column| column.n_filled > 0) else { return layout };
    let (shown, words) = (column.shown(), &column.distinct);
    if words.iter().any(|word| booked(word).is_none()) || column.n_filled < table.n_rows() {
        if words.len() > 1 {
            notes.doubt(Topic::Columns, format!("{shown} may say which rows are booked; every row is taken"));
        }
        return layout;
    }
    let (yes, no): (Vec<&String>, Vec<&String>) = words.iter().partition(|word| booked(word) == Some(true));
    if yes.is_empty() {
        notes.doubt(Topic::Columns, format!("by {shown} no row is booked; every row is taken"));
        return layout;
    }
    notes.reason(Topic::Columns, format!("{shown} says which rows are booked: {yes:?}, and not {no:?}"));
    layout.with_status(StatusRule::new(table.place(column.position), yes.into_iter().cloned()))
}
