//! OFX 1.x (SGML) and 2.x (XML) bank and card statements.

use super::amount;
use super::booking::{Closing, Statement};
use super::day;
use super::ofx_transaction::{correct, transaction};
use super::source::Source;
use super::tree::{Element, ensure_home};
use super::{ofx_sgml, xml};
use crate::Error;

/// Responses that hold other things than bookings of an account.
const REFUSED: [&str; 3] = ["INVSTMTMSGSRSV1", "LOANMSGSRSV1", "SECLISTMSGSRSV1"];

/// Where bookings and what holds them may stand. Some banks leave out the list.
const HOMES: [(&str, &[&str]); 7] = [
    ("STMTTRN", &["BANKTRANLIST", "STMTRS", "CCSTMTRS"]),
    ("BANKTRANLIST", &["STMTRS", "CCSTMTRS"]),
    ("STMTRS", &["STMTTRNRS"]),
    ("CCSTMTRS", &["CCSTMTTRNRS"]),
    ("STMTTRNRS", &["BANKMSGSRSV1"]),
    ("CCSTMTTRNRS", &["CREDITCARDMSGSRSV1"]),
    ("STMTTRNP", &["BANKTRANLISTP"]),
];

pub(super) fn statements(source: Source<'_>) -> Result<Vec<Statement>, Error> {
    let root = document(source)?;
    if root.name != "OFX" {
        return Err(source.wrong((root.line, "root"), root.name, "OFX"));
    }
    if let Some(status) = root.get(&["SIGNONMSGSRSV1", "SONRS", "STATUS"]) {
        accepted(status, source)?;
    }
    let mut statements = Vec::new();
    for set in &root.children {
        match set.name {
            "BANKMSGSRSV1" => responses(set, ["STMTTRNRS", "STMTRS"], source, &mut statements)?,
            "CREDITCARDMSGSRSV1" => responses(set, ["CCSTMTTRNRS", "CCSTMTRS"], source, &mut statements)?,
            name if REFUSED.contains(&name) => {
                return Err(source.wrong((set.line, "message set"), name, "bank or card statements only"));
            }
            _ => {}
        }
    }
    ensure_home(&root, &HOMES, source)?;
    Ok(statements)
}

/// The elements; which of the two forms it is stands in the header.
fn document(source: Source<'_>) -> Result<Element<'_>, Error> {
    let start = source.text.find('<').unwrap_or(source.text.len());
    let header = source.text.get(..start).unwrap_or_default().trim();
    let rest = source.text.get(start..).unwrap_or_default();
    if rest.starts_with("<?") {
        return xml::parse(source);
    }
    // Some banks write the header on one line, without anything between its parts.
    if !header.is_empty() && !header.starts_with("OFXHEADER:100") {
        return Err(source.wrong((1, "OFXHEADER"), header, "OFXHEADER:100, or an XML declaration"));
    }
    ofx_sgml::parse(source, start)
}

/// A response is refused with the words of the server.
fn accepted(status: &Element<'_>, source: Source<'_>) -> Result<(), Error> {
    match status.text(&["SEVERITY"]) {
        Some("ERROR") => {
            let code = status.text(&["CODE"]).unwrap_or("none");
            let message = status.text(&["MESSAGE"]).unwrap_or("no message");
            Err(source.wrong((status.line, "STATUS"), &format!("{code}: {message}"), "a statement"))
        }
        _ => Ok(()),
    }
}

fn responses(
    set: &Element<'_>,
    [response, name]: [&str; 2],
    source: Source<'_>,
    statements: &mut Vec<Statement>,
) -> Result<(), Error> {
    for response in set.all(response) {
        if let Some(status) = response.get(&["STATUS"]) {
            accepted(status, source)?;
        }
        for element in response.all(name) {
            statements.push(statement(element, source)?);
        }
    }
    Ok(())
}

fn statement(element: &Element<'_>, source: Source<'_>) -> Result<Statement, Error> {
    let mut statement = Statement::new(element.line);
    let currency = element.need(&["CURDEF"], source)?;
    statement.currency =
        Some(currency.text.parse().map_err(|_| currency.wrong(source, "a currency like GBP"))?);
    let holder = element.get(&["BANKACCTFROM"]).or_else(|| element.get(&["CCACCTFROM"]));
    let account = match holder {
        Some(holder) => holder.need(&["ACCTID"], source)?,
        None => element.need(&["BANKACCTFROM", "ACCTID"], source)?,
    };
    statement.account = account.text.to_string();
    let pending = element.all("BANKTRANLISTP").flat_map(|list| list.all("STMTTRNP"));
    let mut read = Vec::new();
    for entry in entries(element).chain(pending) {
        match transaction(&mut statement, entry, source) {
            Ok(()) => read.push(entry),
            Err(error) => statement.bad.push(error),
        }
    }
    correct(&mut statement, &read);
    statement.closing = closing(element, amount::decimals(statement.currency), source)?;
    Ok(statement)
}

/// The transactions, within their list or beside it.
fn entries<'t, 'a>(element: &'t Element<'a>) -> impl Iterator<Item = &'t Element<'a>> {
    let listed = element.all("BANKTRANLIST").flat_map(|list| list.all("STMTTRN"));
    listed.chain(element.all("STMTTRN"))
}

/// The ledger balance. It is often that of the day of the download, while the bookings are of a span long past: it
/// belongs to them only where the span reaches to its day.
fn closing(element: &Element<'_>, decimals: u8, source: Source<'_>) -> Result<Option<Closing>, Error> {
    let Some(balance) = element.get(&["LEDGERBAL"]) else { return Ok(None) };
    let text = balance.need(&["BALAMT"], source)?;
    // Banks that have no balance to give write the element without one.
    if text.text.is_empty() {
        return Ok(None);
    }
    let amount =
        amount::ofx(&text.text, decimals).ok_or_else(|| text.wrong(source, "an amount like 12.34"))?;
    let day_of = |element: &Element<'_>| {
        day::ofx(&element.text).ok_or_else(|| element.wrong(source, "a date like 20240301"))
    };
    let as_of = balance.get(&["DTASOF"]).map(day_of).transpose()?;
    let end = element.get(&["BANKTRANLIST", "DTEND"]).map(day_of).transpose()?;
    let complete_to = match (as_of, end) {
        (Some((as_of, _)), Some((end, _))) if as_of.date() <= end.date() => Some(as_of.date()),
        _ => None,
    };
    Ok(Some(Closing { amount, line: balance.line, complete_to }))
}
