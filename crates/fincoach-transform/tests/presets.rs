//! Every shipped layout reads a small file of its bank: dates, amounts, signs, balances, texts and order.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::{Path, PathBuf};

use fincoach_core::TimePrecision;
use fincoach_transform::{CsvReader, FileOrder, Import, Layout};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(format!("{name}.csv"))
}

fn read(name: &str) -> Import {
    let import = CsvReader::new(Layout::preset(name).unwrap()).read(fixture(name)).unwrap();
    let quality = &import.quality;
    assert_eq!(quality.rows_read, quality.rows_in_ledger + quality.rows_refused + quality.rows_not_booked);
    assert_eq!((quality.rows_refused, quality.balance_breaks), (0, 0), "{name}: {quality}");
    import
}

/// Each row of the ledger as `time amount balance text`, a time only where the file has one.
fn rows(import: &Import) -> Vec<String> {
    let row = |row: fincoach_core::Transaction<'_>| {
        let form = if row.precision == TimePrecision::Day { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M:%S" };
        let balance = row.balance.map_or("-".to_owned(), |balance| balance.to_string());
        format!("{} {} {balance} {}", row.time.format(form), row.amount, row.description)
    };
    import.ledger.user(0).iter().map(row).collect()
}

/// One further field of each row.
fn texts<'a>(
    import: &'a Import,
    field: fn(&fincoach_core::Transaction<'a>) -> Option<&'a str>,
) -> Vec<&'a str> {
    import.ledger.user(0).iter().map(|row| field(&row).unwrap_or("")).collect()
}

fn currency(import: &Import) -> String {
    import.ledger.currency().map_or_else(String::new, |currency| currency.code().to_owned())
}

#[test]
fn every_preset_has_a_fixture_and_says_what_it_reads() {
    for name in Layout::preset_names() {
        assert!(fixture(name).is_file(), "{name}");
        let text = Layout::preset_toml(name).unwrap();
        assert!(text.starts_with("# "), "{name}");
        assert_eq!(Layout::from_toml(text).unwrap(), Layout::preset(name).unwrap(), "{name}");
    }
    assert_eq!(Layout::preset_names().len(), 15);
}

#[test]
fn lloyds() {
    let import = read("lloyds");
    assert_eq!(
        rows(&import),
        [
            "2024-03-01 1500.00 1500.00 ACME LTD PAY",
            "2024-03-05 -200.00 1300.00 THAMES WATER",
            "2024-03-05 -15.02 1284.98 LIDL GB LONDON",
        ]
    );
    assert_eq!(import.quality.order, FileOrder::NewestFirst);
}

#[test]
fn barclays() {
    let import = read("barclays");
    assert_eq!(
        rows(&import),
        [
            "2024-07-15 2450.00 - ACME LTD SALARY",
            "2024-07-22 -10.99 - NETFLIX.COM",
            "2024-07-22 -51.30 - TESCO STORES 3021\tON 21 JUL BCC",
        ]
    );
    assert_eq!(texts(&import, |row| row.account), ["20-00-00 12345678"; 3]);
    assert_eq!(texts(&import, |row| row.raw_type), ["DIRECTDEP", "DIRECTDEBIT", "PAYMENT"]);
    assert_eq!((currency(&import).as_str(), import.quality.order), ("GBP", FileOrder::NewestFirst));
}

#[test]
fn hsbc() {
    let import = read("hsbc");
    assert_eq!(
        rows(&import),
        [
            "2024-03-04 2450.00 - ACME LTD SALARY              CR",
            "2024-03-05 -4.50 - ))) PRET A MANGER            VIS",
            "2024-03-05 -1120.00 - COUNCIL TAX                  DD",
        ]
    );
    assert_eq!(import.quality.order, FileOrder::OldestFirst);
    assert_eq!(import.ledger.user(0).row(0).source_row, 1);
    let columns: Vec<&str> = import.quality.blanks.iter().map(|blanks| blanks.column.as_str()).collect();
    assert_eq!(columns, ["1", "2", "3"]);
}

#[test]
fn nationwide() {
    let import = read("nationwide");
    assert_eq!(
        rows(&import),
        [
            "2024-10-01 3000.00 3000.00 ACME LTD",
            "2024-10-02 -12.40 2987.60 Café Zoé",
            "2024-10-04 -31.15 2956.45 City Water",
        ]
    );
    assert_eq!(texts(&import, |row| row.raw_type), ["Bank credit", "Visa purchase", "Direct debit"]);
}

#[test]
fn monzo() {
    let import = read("monzo");
    assert_eq!(
        rows(&import),
        [
            "2024-10-15 02:09:11 -3.21 - Grab ride, late",
            "2024-10-16 09:00:00 450.00 - Kwame Logistics",
            "2024-10-16 18:30:05 -24.10 - Tesco",
        ]
    );
    assert_eq!(texts(&import, |row| row.reference), ["tx_0001", "tx_0002", "tx_0003"]);
    assert_eq!(texts(&import, |row| row.raw_category), ["Eating out", "Income", "Groceries"]);
}

#[test]
fn starling() {
    let import = read("starling");
    assert_eq!(
        rows(&import),
        [
            "2024-10-01 1500.00 5500.00 An Employer SALARY",
            "2024-10-02 -1000.00 4500.00 Landlord Rent",
            // Counter party and reference are the same: once is enough.
            "2024-10-02 -10.99 4489.01 Netflix",
        ]
    );
    assert_eq!(texts(&import, |row| row.raw_category), ["INCOME", "PAYMENTS", "ENTERTAINMENT"]);
}

#[test]
fn revolut() {
    let import = read("revolut");
    assert_eq!(
        rows(&import),
        [
            "2024-02-04 17:59:03 200.00 775.46 Payment from A Person",
            "2024-02-06 07:30:04 -39.90 735.56 Sainsbury's",
            "2024-02-08 10:00:01 -100.50 635.06 Exchanged to EUR",
            "2024-02-08 11:00:00 20.00 20.00 To pocket",
        ]
    );
    assert_eq!(texts(&import, |row| row.account), ["Current", "Current", "Current", "Savings"]);
    assert_eq!(currency(&import), "GBP");
    let quality = &import.quality;
    assert_eq!((quality.rows_read, quality.rows_in_ledger, quality.rows_not_booked), (6, 4, 2));
    let listed: Vec<_> = quality.not_booked.iter().map(|row| (row.line, row.state.as_str())).collect();
    assert_eq!(listed, [(4, "REVERTED"), (7, "PENDING")]);
    assert!(quality.not_booked[1].record.contains("| Pret | -4.50 |"));
    // Row numbers are those of the file.
    assert_eq!(import.ledger.user(0).row(2).source_row, 4);
}

#[test]
fn n26() {
    let import = read("n26");
    assert_eq!(
        rows(&import),
        [
            "2024-08-05 -1.85 - DM Drogerie Markt",
            "2024-08-06 374.83 - Bizum: PEDIDO 506",
            "2024-08-31 -49.90 - Werkzeug GmbH Bestellung 4711, Rest",
        ]
    );
    assert_eq!(currency(&import), "EUR");
}

#[test]
fn ing() {
    let import = read("ing");
    assert_eq!(
        rows(&import),
        [
            "2024-09-02 3000.00 3000.00 Werkgever BV Salaris",
            "2024-09-04 -1092.83 1907.17 Woningstichting Huur september",
            "2024-09-04 -30.63 1876.54 Nettorama GORINCHEM Pasvolgnr: 003 04-09-2024 10:00",
        ]
    );
    assert_eq!(texts(&import, |row| row.raw_type), ["OV", "IC", "BA"]);
}

#[test]
fn chase() {
    let import = read("chase");
    assert_eq!(
        rows(&import),
        [
            "2024-01-15 -42.50 1957.50 AMAZON PURCHASE",
            "2024-01-16 3200.00 5157.50 DIRECT DEPOSIT ACME INC",
            "2024-01-18 -6.50 - BLUE BOTTLE COFFEE",
        ]
    );
    assert_eq!((currency(&import).as_str(), import.quality.rows_without_balance), ("USD", 1));
}

#[test]
fn chase_card() {
    let import = read("chase-card");
    assert_eq!(
        rows(&import),
        ["2024-01-17 250.00 - Payment Thank You-Mobile", "2024-01-19 -50.00 - WHOLEFDS MKT #10234 AUSTIN TX"]
    );
}

#[test]
fn american_express() {
    let import = read("american-express");
    assert_eq!(
        rows(&import),
        ["2024-01-14 1250.00 - PAYMENT RECEIVED - THANK YOU", "2024-01-15 -42.50 - AMAZON.CO.UK"]
    );
    assert_eq!(texts(&import, |row| row.city), ["", "LONDON"]);
    assert_eq!(texts(&import, |row| row.reference), ["'AT240140001'", "'AT240150001'"]);
}

#[test]
fn mint() {
    let import = read("mint");
    assert_eq!(
        rows(&import),
        ["2020-07-03 1288.24 - Employer", "2020-07-13 -0.99 - Apple", "2020-07-17 -128.25 - H-E-B ONLINE"]
    );
    let accounts = ["Checking Account", "Credit Card(1234)", "Checking Account"];
    assert_eq!(texts(&import, |row| row.account), accounts);
}

#[test]
fn ynab() {
    let import = read("ynab");
    assert_eq!(
        rows(&import),
        [
            "2024-04-01 2500.00 - Payroll",
            "2024-04-16 -25.50 - Grocer",
            "2024-04-17 -4.50 - Coffee Shop Latte",
        ]
    );
    assert_eq!(texts(&import, |row| row.raw_category), ["Ready to Assign", "Groceries", "Dining"]);
}

#[test]
fn plain() {
    let import = read("plain");
    assert_eq!(
        rows(&import),
        ["2024-03-01 1500.00 - ACME LTD PAY", "2024-03-02 -15.02 - LIDL, LONDON", "2024-03-02 -1.75 - BUS"]
    );
}
