//! One entry of a camt.053 statement, with the details of what is booked in it.

use fincoach_core::{Direction, Money};

use super::amount;
use super::booking::Unbooked;
use super::booking::{Booking, Statement};
use super::camt::{is_debit, money, own_currency};
use super::day::{self, Moment};
use super::source::Source;
use super::tree::Element;
use crate::Error;

/// Adds an entry, or the parts of a batch where they are given and add up, to its statement.
///
/// `CdtDbtInd` is the direction in which the money goes, also where `RvslInd` says that it takes back an earlier
/// entry: it turns round only the direction in the bank's words, so that a debit taken back is a debit with money
/// that arrives.
pub(super) fn entry(
    statement: &mut Statement,
    (element, statement_id): (&Element<'_>, &str),
    source: Source<'_>,
) -> Result<(), Error> {
    own_currency(statement, element, source)?;
    let decimals = amount::decimals(statement.currency);
    let debit = is_debit(element, source)?;
    let amount = amount::signed(debit, money(element, source, decimals)?);
    let reversal = matches!(element.text(&["RvslInd"]), Some("true" | "1"));
    let status = element.need(&["Sts"], source)?;
    // Version 08 has the code one level deeper.
    let code = status.text(&["Cd"]).or_else(|| status.text(&[])).unwrap_or_default();
    let mut booking = Booking::new(element.line, moment(element, source, code)?, amount);
    booking.direction = if debit == reversal { Direction::Credit } else { Direction::Debit };
    booking.type_code = type_code(element);
    booking.reference = reference(element, statement_id);
    let details: Vec<&Element<'_>> = element.all("NtryDtls").flat_map(|group| group.all("TxDtls")).collect();
    booking.description = match details.as_slice() {
        [only] => describe(only, &booking).unwrap_or_default(),
        _ => String::new(),
    };
    if booking.description.is_empty() {
        booking.description = element.text(&["AddtlNtryInf"]).unwrap_or_default().to_owned();
    }
    match code {
        "BOOK" => {
            match parts(&booking, (&details, statement), decimals) {
                Some(parts) => statement.bookings.extend(parts),
                None => statement.bookings.push(with_reference(booking, &details)),
            }
            Ok(())
        }
        "PDNG" | "INFO" | "FUTR" => {
            statement.not_booked.push(Unbooked {
                line: booking.line,
                status: code.to_owned(),
                date: Some(booking.time.date()).filter(|_| element.get(&["BookgDt"]).is_some()),
                amount: Some(amount),
                description: booking.description,
            });
            Ok(())
        }
        _ => Err(source.wrong((status.line, "Sts"), code, "BOOK, PDNG, INFO or FUTR")),
    }
}

/// The booking date, else the value date. An entry that is not booked may have neither.
fn moment(element: &Element<'_>, source: Source<'_>, status: &str) -> Result<Moment, Error> {
    let dates = ["BookgDt", "ValDt"].into_iter().find_map(|name| element.get(&[name]));
    let Some(date) = dates else {
        if status != "BOOK" {
            return Ok((Default::default(), Default::default()));
        }
        return Err(element.wrong(source, "a booking date `BookgDt`"));
    };
    if let Some(day) = date.get(&["Dt"]) {
        return day::iso_date(&day.text)
            .map(day::whole_day)
            .ok_or_else(|| day.wrong(source, "a date like 2024-03-01 from 1900 to 2199"));
    }
    let time = date.need(&["DtTm"], source)?;
    day::iso_time(&time.text).ok_or_else(|| time.wrong(source, "a time like 2024-03-01T09:30:00"))
}

/// `PMNT-RCDT-ESCT`, or the bank's own code.
fn type_code(element: &Element<'_>) -> String {
    let Some(code) = element.get(&["BkTxCd"]) else { return String::new() };
    let paths = [&["Domn", "Cd"][..], &["Domn", "Fmly", "Cd"], &["Domn", "Fmly", "SubFmlyCd"]];
    let levels: Vec<&str> = paths.into_iter().filter_map(|path| code.text(path)).collect();
    match levels.as_slice() {
        [] => code.text(&["Prtry", "Cd"]).unwrap_or_default().to_owned(),
        levels => levels.join("-"),
    }
}

/// The number the bank gave the entry; the running number of an entry only with the statement it runs in.
fn reference(element: &Element<'_>, statement_id: &str) -> String {
    match (element.text(&["AcctSvcrRef"]), element.text(&["NtryRef"])) {
        (Some(own), _) => own.to_owned(),
        (None, Some(running)) => format!("{statement_id}/{running}"),
        (None, None) => String::new(),
    }
}

/// An entry without a number has that of its only part.
fn with_reference(mut booking: Booking, details: &[&Element<'_>]) -> Booking {
    if let ([only], true) = (details, booking.reference.is_empty()) {
        only.text(&["Refs", "AcctSvcrRef"]).unwrap_or_default().clone_into(&mut booking.reference);
    }
    booking
}

/// The bookings of a batch, where each part has an amount in the account's currency and they add up.
fn parts(
    whole: &Booking,
    (details, statement): (&[&Element<'_>], &Statement),
    decimals: u8,
) -> Option<Vec<Booking>> {
    if details.len() < 2 {
        return None;
    }
    let mut parts = Vec::with_capacity(details.len());
    for (number, part) in (1..).zip(details) {
        let mut booking = whole.clone();
        booking.line = part.line;
        booking.amount = part_amount(part, whole, (statement, decimals))?;
        booking.reference = match (part.text(&["Refs", "AcctSvcrRef"]), whole.reference.as_str()) {
            (Some(own), of_whole) if own != of_whole => own.to_owned(),
            (_, "") => String::new(),
            (_, of_whole) => format!("{of_whole}/{number}"),
        };
        if let Some(text) = describe(part, &booking) {
            booking.description = text;
        }
        parts.push(booking);
    }
    let sum: Money = parts.iter().map(|part| part.amount).sum();
    (sum == whole.amount).then_some(parts)
}

fn part_amount(
    part: &Element<'_>,
    whole: &Booking,
    (statement, decimals): (&Statement, u8),
) -> Option<Money> {
    let element = part.get(&["Amt"]).or_else(|| part.get(&["AmtDtls", "TxAmt", "Amt"]))?;
    let currency = element.attribute("Ccy").and_then(|code| code.parse().ok());
    let amount = amount::with_mark(&element.text, '.', decimals)?;
    let debit = match part.text(&["CdtDbtInd"]) {
        Some(mark) => mark == "DBIT",
        None => whole.amount.is_negative(),
    };
    (currency == statement.currency).then(|| amount::signed(debit, amount))
}

/// Who is on the other side, and what for; `None` where the details say neither.
fn describe(part: &Element<'_>, booking: &Booking) -> Option<String> {
    // In the bank's words the money went this way at first; the other side kept its role.
    let party = if booking.direction == Direction::Debit { "Cdtr" } else { "Dbtr" };
    let name =
        part.text(&["RltdPties", party, "Nm"]).or_else(|| part.text(&["RltdPties", party, "Pty", "Nm"]));
    let mut texts: Vec<&str> = name.into_iter().collect();
    let purposes: Vec<&Element<'_>> = part.all("RmtInf").collect();
    texts.extend(purposes.iter().flat_map(|purpose| purpose.all("Ustrd")).map(|text| text.text.as_ref()));
    let structured = purposes.iter().flat_map(|purpose| purpose.all("Strd"));
    texts.extend(structured.filter_map(|text| text.text(&["CdtrRefInf", "Ref"])));
    if texts.is_empty() {
        texts.extend(part.text(&["AddtlTxInf"]));
    }
    let joined = texts.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    Some(joined).filter(|text| !text.is_empty())
}
