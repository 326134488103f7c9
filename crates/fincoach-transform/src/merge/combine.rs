//! One row of all the rows that are the same booking.

use std::cmp::{Ordering, Reverse};

use fincoach_core::{Category, Role, TimePrecision, Transaction};

use super::report::{MergeConflict, MergeReport, Respelling};
use super::texts::is_pending;
use crate::text_map::fold;

/// The row of an item, given its rows and the numbers of their inputs, and what of them is lost, in the report. It
/// depends on the set of rows alone, not on their order.
pub(super) fn combine<'a>(rows: &[(usize, Transaction<'a>)], report: &mut MergeReport) -> Transaction<'a> {
    let earliest = rows.iter().map(|(input, _)| *input).min();
    for (input, _) in rows {
        if let Some(counts) = report.inputs.get_mut(*input) {
            let added = Some(*input) == earliest;
            counts.added += u64::from(added);
            counts.matched += u64::from(!added);
        }
    }
    let mut ranked: Vec<&Transaction<'a>> = rows.iter().map(|(_, row)| row).collect();
    ranked.sort_by(|a, b| by_worth(a, b));
    let (Some(best), others) = (ranked.first().copied(), ranked.get(1..).unwrap_or_default()) else {
        return Transaction::new(
            "",
            fincoach_core::chrono::NaiveDateTime::default(),
            fincoach_core::Money::ZERO,
        );
    };
    others.iter().for_each(|other| list_differences(best, other, report));
    others.iter().fold(*best, |row, other| filled(row, other))
}

/// The better row first: booked, with a balance, a reference, a time, a category, a long text. What is as good is
/// ordered by what it says.
fn by_worth(a: &Transaction<'_>, b: &Transaction<'_>) -> Ordering {
    let worth = |row: &Transaction<'_>| {
        (
            !is_pending(row.description),
            row.balance.is_some(),
            row.reference.is_some(),
            row.precision == TimePrecision::Second,
            row.category != Category::Other || row.raw_category.is_some(),
            row.description.chars().count(),
        )
    };
    let rest = |row: &Transaction<'_>| (Reverse(row.time), row.amount.abs(), row.balance, row.role);
    worth(b)
        .cmp(&worth(a))
        .then_with(|| rest(b).cmp(&rest(a)))
        .then_with(|| a.description.cmp(b.description))
        .then_with(|| (a.raw_category, a.raw_type, a.city).cmp(&(b.raw_category, b.raw_type, b.city)))
        .then_with(|| (a.country, a.merchant, a.source_row).cmp(&(b.country, b.merchant, b.source_row)))
}

/// The row, its blanks filled from another.
fn filled<'a>(row: Transaction<'a>, other: &Transaction<'a>) -> Transaction<'a> {
    let mut row = row;
    row.balance = row.balance.or(other.balance);
    row.raw_type = row.raw_type.or(other.raw_type);
    row.merchant = row.merchant.or(other.merchant);
    row.reference = row.reference.or(other.reference);
    if row.raw_type == other.raw_type && row.direction == fincoach_core::Direction::Other {
        row.direction = other.direction;
    }
    // What belongs together comes from one row.
    if row.category == Category::Other && row.raw_category.is_none() {
        (row.category, row.raw_category) = (other.category, other.raw_category);
    }
    if row.city.is_none() && row.country.is_none() {
        (row.city, row.country) = (other.city, other.country);
    }
    if row.description.is_empty() {
        row.description = other.description;
    }
    if row.role == Role::Ordinary {
        row.role = other.role;
    }
    row
}

fn list_differences(kept: &Transaction<'_>, other: &Transaction<'_>, report: &mut MergeReport) {
    let (user, date) = (kept.user.to_owned(), kept.time.date());
    let account = || kept.account.map(str::to_owned);
    if kept.amount != other.amount {
        report.conflicts.push(MergeConflict::Amount {
            user: user.clone(),
            account: account(),
            date,
            reference: kept.reference.or(other.reference).unwrap_or_default().to_owned(),
            kept: kept.amount,
            other: other.amount,
        });
    } else if let Some((balance, other)) = kept.balance.zip(other.balance).filter(|(a, b)| a != b) {
        let (user, amount) = (user.clone(), kept.amount);
        report.conflicts.push(MergeConflict::Balance {
            user,
            account: account(),
            date,
            amount,
            kept: balance,
            other,
        });
    }
    if fold(kept.description) != fold(other.description) && !other.description.is_empty() {
        report.respelt.push(Respelling {
            user,
            date,
            amount: kept.amount,
            kept: kept.description.to_owned(),
            other: other.description.to_owned(),
        });
    }
}
