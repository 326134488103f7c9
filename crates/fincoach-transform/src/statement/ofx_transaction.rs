//! One transaction of an OFX statement.

use std::collections::BTreeMap;

use fincoach_core::Direction;

use super::amount;
use super::booking::Unbooked;
use super::booking::{Booking, Statement};
use super::day;
use super::source::Source;
use super::tree::Element;
use crate::Error;

/// Adds the booking, or the entry that is none, to its statement.
pub(super) fn transaction(
    statement: &mut Statement,
    entry: &Element<'_>,
    source: Source<'_>,
) -> Result<(), Error> {
    let kind = entry.need(&["TRNTYPE"], source)?;
    let pending = entry.name == "STMTTRNP" || kind.text == "HOLD";
    let date = if pending && entry.get(&["DTPOSTED"]).is_none() { "DTTRAN" } else { "DTPOSTED" };
    let posted = entry.need(&[date], source)?;
    let moment = day::ofx(&posted.text)
        .ok_or_else(|| posted.wrong(source, "a date like 20240301 or 20240301093000, from 1900 to 2199"))?;
    let decimals = amount::decimals(statement.currency);
    let sum = entry.need(&["TRNAMT"], source)?;
    let amount = amount::ofx(&sum.text, decimals).ok_or_else(|| {
        sum.wrong(source, format!("an amount like -12.34 with at most {decimals} decimals"))
    })?;
    own_currency(statement, entry, source)?;
    let mut booking = Booking::new(entry.line, moment, amount);
    booking.description = description(entry);
    if pending {
        let status = if kind.text == "HOLD" { "HOLD" } else { "pending" };
        statement.not_booked.push(not_booked(&booking, status));
        return Ok(());
    }
    booking.type_code = kind.text.to_string();
    booking.direction = direction(&kind.text);
    booking.reference = entry.text(&["FITID"]).unwrap_or_default().to_owned();
    statement.bookings.push(booking);
    Ok(())
}

/// `CURRENCY` says that the amount itself is in another currency than the statement.
fn own_currency(statement: &Statement, entry: &Element<'_>, source: Source<'_>) -> Result<(), Error> {
    let Some(symbol) = entry.get(&["CURRENCY", "CURSYM"]) else { return Ok(()) };
    match (symbol.text.parse().ok(), statement.currency) {
        (own, of_statement) if own == of_statement => Ok(()),
        (_, of_statement) => {
            let expected = of_statement.map_or_else(|| "a currency".to_owned(), |own| own.to_string());
            Err(symbol.wrong(source, format!("an amount in {expected}, as the statement")))
        }
    }
}

/// What the list of types says; interest, dividends and transfers go either way.
fn direction(kind: &str) -> Direction {
    match kind {
        "CREDIT" | "DEP" | "DIRECTDEP" => Direction::Credit,
        "DEBIT" | "FEE" | "SRVCHG" | "ATM" | "POS" | "CHECK" | "PAYMENT" | "CASH" | "DIRECTDEBIT"
        | "REPEATPMT" => Direction::Debit,
        _ => Direction::Other,
    }
}

/// The name, then the memo unless it only repeats the name.
fn description(entry: &Element<'_>) -> String {
    let name = entry.text(&["NAME"]).or_else(|| entry.text(&["PAYEE", "NAME"])).unwrap_or_default();
    // An extended name is the name at full length.
    let name = entry.text(&["EXTDNAME"]).filter(|long| long.starts_with(name)).unwrap_or(name);
    match entry.text(&["MEMO"]).unwrap_or_default() {
        memo if memo.starts_with(name) => memo.to_owned(),
        memo if memo.is_empty() || name.contains(memo) => name.to_owned(),
        memo => format!("{name} {memo}"),
    }
}

fn not_booked(booking: &Booking, status: &str) -> Unbooked {
    Unbooked {
        line: booking.line,
        status: status.to_owned(),
        date: Some(booking.time.date()),
        amount: Some(booking.amount),
        description: booking.description.clone(),
    }
}

/// Carries out the corrections of a statement: an entry that replaces or deletes another one takes its place. Only
/// entries that could be read do: the booking that a refused one was to replace stays.
pub(super) fn correct(statement: &mut Statement, read: &[&Element<'_>]) {
    let mut gone: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in read.iter().filter(|entry| entry.name == "STMTTRN") {
        let Some(corrected) = entry.text(&["CORRECTFITID"]) else { continue };
        let own = entry.text(&["FITID"]).unwrap_or(corrected);
        if entry.text(&["CORRECTACTION"]) == Some("DELETE") {
            gone.extend([(corrected, "deleted by the bank"), (own, "deletes another")]);
        } else if own != corrected {
            gone.insert(corrected, "replaced by the bank");
        }
    }
    let status = |booking: &Booking| gone.get(booking.reference.as_str()).copied();
    let listed = statement.bookings.iter().filter_map(|booking| Some(not_booked(booking, status(booking)?)));
    statement.not_booked.extend(listed);
    statement.bookings.retain(|booking| status(booking).is_none());
}
