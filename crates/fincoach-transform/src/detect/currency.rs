//! The currency a file names.

use fincoach_core::Currency;

use super::finding::{Notes, Topic};
use super::names::Purpose;
use super::numbers::parts;
use super::table::{Profile, Table, values};

/// What a file says about its currency.
#[derive(Clone, Debug, Default)]
pub(super) struct Currencies {
    /// The one of all amounts.
    pub(super) one: Option<Currency>,
    /// The column with the code of each row.
    pub(super) column: Option<usize>,
}

impl Currencies {
    pub(super) fn decimals(&self) -> Option<u32> {
        self.one.map(|currency| u32::from(currency.decimals()))
    }

    pub(super) fn of(table: &Table, notes: &mut Notes) -> Self {
        if let Some(column) = code_column(table) {
            return Self::of_column(column, notes);
        }
        if let Some((currency, text)) = in_names(table).or_else(|| in_amounts(table)) {
            notes.reason(Topic::Currency, format!("{currency}: {text}"));
            return Self { one: Some(currency), column: None };
        }
        notes.doubt(Topic::Currency, "the file names no currency: two decimals are taken");
        Self::default()
    }

    fn of_column(column: &Profile, notes: &mut Notes) -> Self {
        let codes: Vec<&str> = column.distinct.iter().map(String::as_str).collect();
        let shown = column.shown();
        let one = if let [code] = codes.as_slice() { code.parse().ok() } else { None };
        if let Some(currency) = one {
            notes.reason(Topic::Currency, format!("{currency}: it stands in every row of {shown}"));
        } else {
            let codes = codes.join(", ");
            notes.doubt(
                Topic::Currency,
                format!("{shown} has several currencies ({codes}), and a ledger one: split the file"),
            );
        }
        Self { one, column: Some(column.position) }
    }
}

fn code_column(table: &Table) -> Option<&Profile> {
    let known = |column: &&Profile| column.distinct.iter().all(|code| is_common(code));
    table.named(Purpose::Currency).find(|column| column.is_currency()).or_else(|| {
        // `Valuta` is a currency in one language and a date in another.
        let open = |column: &&Profile| column.named.is_none() || column.is_named(Purpose::OtherDate);
        table.columns.iter().filter(|column| column.is_currency()).filter(open).find(known)
    })
}

const COMMON: [&str; 22] = [
    "GBP", "EUR", "USD", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN", "CAD", "AUD", "NZD",
    "JPY", "INR", "ZAR", "TRY", "SGD", "HKD", "MXN",
];

fn is_common(code: &str) -> bool {
    COMMON.contains(&code)
}

/// A code in the name of an amount or a balance, such as `Amount (EUR)`.
fn in_names(table: &Table) -> Option<(Currency, String)> {
    let money = [Purpose::Amount, Purpose::Debit, Purpose::Credit, Purpose::Balance];
    let columns = table.columns.iter().filter(|column| money.iter().any(|purpose| column.is_named(*purpose)));
    let code = |column: &Profile| {
        let words = column.name.as_deref()?.split(|c: char| !c.is_ascii_alphabetic());
        words.into_iter().find(|word| is_common(word)).and_then(|word| word.parse().ok())
    };
    columns
        .into_iter()
        .find_map(|column| code(column).map(|code| (code, format!("the name of {} says so", column.shown()))))
}

/// A symbol or code beside the amounts.
fn in_amounts(table: &Table) -> Option<(Currency, String)> {
    let columns = table.columns.iter().filter(|column| column.is_numeric());
    columns.into_iter().find_map(|column| {
        let texts = values(&table.shape, column.position);
        let mut symbols = texts.iter().filter_map(|(_, text)| parts(text)?.symbol);
        let first = symbols.next()?;
        let code = match first {
            "£" => "GBP",
            "€" => "EUR",
            "US$" => "USD",
            "zł" => "PLN",
            "Kč" => "CZK",
            "Ft" => "HUF",
            "₹" => "INR",
            "₺" => "TRY",
            code if is_common(code) => code,
            _ => return None,
        };
        let same = symbols.all(|symbol| symbol == first);
        same.then(|| {
            Some((code.parse().ok()?, format!("`{first}` stands beside the amounts of {}", column.shown())))
        })?
    })
}
