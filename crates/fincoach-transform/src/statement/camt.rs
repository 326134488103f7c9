//! camt.053 bank-to-customer statements, versions 02, 04 and 08.

use fincoach_core::{Currency, Money};

use super::amount;
use super::booking::{Closing, Statement};
use super::camt_entry::entry;
use super::source::Source;
use super::tree::{Element, ensure_home};
use super::xml;
use crate::Error;

/// The versions whose elements these are.
const VERSIONS: [&str; 3] = ["camt.053.001.02", "camt.053.001.04", "camt.053.001.08"];

/// Where entries and what holds them may stand.
const HOMES: [(&str, &[&str]); 3] =
    [("Ntry", &["Stmt"]), ("Stmt", &["BkToCstmrStmt"]), ("BkToCstmrStmt", &["Document"])];

pub(super) fn statements(source: Source<'_>) -> Result<Vec<Statement>, Error> {
    let root = xml::parse(source)?;
    let space = root.attribute("xmlns").unwrap_or_default();
    if !VERSIONS.iter().any(|version| space.ends_with(version)) {
        let expected = format!("one of {}", VERSIONS.join(", "));
        return Err(source.wrong((root.line, "xmlns"), space, expected));
    }
    ensure_home(&root, &HOMES, source)?;
    let message = root.need(&["BkToCstmrStmt"], source)?;
    message.all("Stmt").map(|element| statement(element, source)).collect()
}

fn statement(element: &Element<'_>, source: Source<'_>) -> Result<Statement, Error> {
    let mut statement = Statement::new(element.line);
    let account = element.need(&["Acct", "Id"], source)?;
    let number = account.text(&["IBAN"]).or_else(|| account.text(&["Othr", "Id"]));
    let number = number.ok_or_else(|| account.wrong(source, "`IBAN` or `Othr/Id` within"))?;
    number.clone_into(&mut statement.account);
    currency(&mut statement, element, source)?;
    let decimals = amount::decimals(statement.currency);
    // The balance the bank carried over serves where there is no opening one of its own.
    let opening = balance(element, "OPBD", source, decimals)?;
    statement.opening = match opening {
        Some((amount, _)) => Some(amount),
        None => balance(element, "PRCD", source, decimals)?.map(|(amount, _)| amount),
    };
    statement.closing = balance(element, "CLBD", source, decimals)?.map(|(amount, line)| Closing {
        amount,
        line,
        complete_to: None,
    });
    let id = element.text(&["Id"]).unwrap_or_default();
    for child in element.all("Ntry") {
        if let Err(error) = entry(&mut statement, (child, id), source) {
            statement.bad.push(error);
        }
    }
    Ok(statement)
}

/// The currency of the account, else of its balances, which must have one, else of the first entry that names one.
fn currency(statement: &mut Statement, element: &Element<'_>, source: Source<'_>) -> Result<(), Error> {
    if let Some(currency) = element.get(&["Acct", "Ccy"]) {
        let code = currency.text.parse().map_err(|_| currency.wrong(source, "a currency like EUR"))?;
        statement.currency = Some(code);
    }
    for balance in element.all("Bal") {
        let code = own_currency(statement, balance, source)?;
        statement.currency = Some(code);
    }
    if statement.currency.is_none() {
        let mut entries = element.all("Ntry");
        statement.currency = entries.find_map(|entry| own_currency(statement, entry, source).ok());
    }
    Ok(())
}

/// The currency of the amount within, which must be that of the statement where it has one.
pub(super) fn own_currency(
    statement: &Statement,
    element: &Element<'_>,
    source: Source<'_>,
) -> Result<Currency, Error> {
    let amount = element.need(&["Amt"], source)?;
    let told = amount.attribute("Ccy").unwrap_or_default();
    let wrong = |expected: String| source.wrong((amount.line, "Amt"), told, expected);
    let code = told.parse().map_err(|_| wrong("a currency like EUR in the attribute Ccy".to_owned()))?;
    match statement.currency {
        Some(first) if first != code => Err(wrong(format!("an amount in {first}, as the account"))),
        _ => Ok(code),
    }
}

/// The balance of this kind and its line.
fn balance(
    element: &Element<'_>,
    kind: &str,
    source: Source<'_>,
    decimals: u8,
) -> Result<Option<(Money, u64)>, Error> {
    let of_kind = |balance: &&Element<'_>| balance.text(&["Tp", "CdOrPrtry", "Cd"]) == Some(kind);
    let Some(balance) = element.all("Bal").find(of_kind) else { return Ok(None) };
    let (amount, negative) = (money(balance, source, decimals)?, is_debit(balance, source)?);
    Ok(Some((amount::signed(negative, amount), balance.line)))
}

/// The amount within, which has no sign.
pub(super) fn money(element: &Element<'_>, source: Source<'_>, decimals: u8) -> Result<Money, Error> {
    let amount = element.need(&["Amt"], source)?;
    amount::with_mark(&amount.text, '.', decimals).ok_or_else(|| {
        amount.wrong(source, format!("an amount like 12.34 without a sign, with at most {decimals} decimals"))
    })
}

/// Whether money leaves.
pub(super) fn is_debit(element: &Element<'_>, source: Source<'_>) -> Result<bool, Error> {
    let mark = element.need(&["CdtDbtInd"], source)?;
    match mark.text.as_ref() {
        "DBIT" => Ok(true),
        "CRDT" => Ok(false),
        _ => Err(mark.wrong(source, "CRDT or DBIT")),
    }
}
