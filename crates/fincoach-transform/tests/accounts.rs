//! Exports that do not say of which account they are.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use fincoach_core::{Ledger, Role};
use fincoach_transform::{
    CsvReader, Error, Layout, OptionalColumn, RefundParams, TransferParams, link_refunds, match_transfers,
    merge,
};

const HEADER: &str = "Transaction Date,Transaction Description,Debit Amount,Credit Amount,Balance\n";
const CURRENT: &str = "\
01/03/2024,TESCO,20.00,,80.00
02/03/2024,TO SAVINGS,50.00,,30.00
08/03/2024,TESCO,,20.00,50.00
";
/// The first row is alike one of the current account, to the day.
const SAVINGS: &str = "\
01/03/2024,TESCO,20.00,,980.00
02/03/2024,FROM CURRENT,,50.00,1030.00
09/03/2024,INTEREST,,0.10,1030.10
";

fn export(rows: &str) -> String {
    // Without the balance column, which would tell the first rows apart.
    let cut = |line: &str| line.rsplit_once(',').map(|(kept, _)| format!("{kept}\n"));
    format!("{HEADER}{rows}").lines().filter_map(cut).collect()
}

fn read(rows: &str, account: &str) -> Ledger {
    let reader = CsvReader::new(Layout::lloyds()).with_account(account);
    reader.read_from(export(rows).as_bytes(), account).unwrap().ledger
}

fn rows_of<'a>(ledger: &'a Ledger, account: &str) -> Vec<(&'a str, i64)> {
    let all = ledger.all();
    let of_account = (0..all.len()).map(|row| all.row(row)).filter(|row| row.account == Some(account));
    of_account.map(|row| (row.description, row.amount.minor())).collect()
}

#[test]
fn two_named_accounts_keep_all_rows_and_their_transfer_is_found() {
    let (current, savings) = (read(CURRENT, "current"), read(SAVINGS, "savings"));
    let merged = merge(&[&current, &savings]).unwrap();
    assert_eq!(merged.ledger.len(), 6);
    assert_eq!(merged.report.inputs.iter().map(|input| input.matched).sum::<u64>(), 0);
    assert_eq!(
        rows_of(&merged.ledger, "current"),
        [("TESCO", -2000), ("TO SAVINGS", -5000), ("TESCO", 2000)]
    );
    assert_eq!(
        rows_of(&merged.ledger, "savings"),
        [("TESCO", -2000), ("FROM CURRENT", 5000), ("INTEREST", 10)]
    );

    let transfers = match_transfers(merged.ledger, &TransferParams::default()).unwrap();
    assert_eq!(transfers.report.pairs.len(), 1);
    let found = link_refunds(transfers.ledger, &RefundParams::default()).unwrap();
    let all = found.ledger.all();
    let role = |text: &str, minor: i64| {
        let row = (0..all.len()).map(|row| all.row(row));
        row.filter(|row| (row.description, row.amount.minor()) == (text, minor))
            .map(|row| row.role)
            .collect::<Vec<_>>()
    };
    assert_eq!(role("TO SAVINGS", -5000), [Role::Transfer]);
    assert_eq!(role("FROM CURRENT", 5000), [Role::Transfer]);
    assert_eq!(role("TESCO", 2000), [Role::Refund]);
    assert_eq!(role("TESCO", -2000), [Role::Ordinary, Role::Ordinary]);
}

#[test]
fn with_balances_each_account_keeps_its_chain() {
    let read = |rows: &str, account: &str| {
        let reader = CsvReader::new(Layout::lloyds()).with_account(account);
        reader.read_from(format!("{HEADER}{rows}").as_bytes(), account).unwrap()
    };
    let (current, savings) = (read(CURRENT, "current"), read(SAVINGS, "savings"));
    assert_eq!((current.quality.balance_breaks, savings.quality.balance_breaks), (0, 0));
    let merged = merge(&[&savings.ledger, &current.ledger]).unwrap().ledger;
    for (account, balances) in [("current", [8000, 3000, 5000]), ("savings", [98_000, 103_000, 103_010])] {
        let all = merged.all();
        let of_account = (0..all.len()).map(|row| all.row(row)).filter(|row| row.account == Some(account));
        let found: Vec<i64> = of_account.map(|row| row.balance.unwrap().minor()).collect();
        assert_eq!(found, balances, "{account}");
    }
}

#[test]
fn a_name_may_be_a_text_of_the_file_and_need_not_be() {
    for name in ["TESCO", "elsewhere"] {
        let ledger = read(CURRENT, name);
        assert_eq!(rows_of(&ledger, name).len(), 3);
        assert_eq!(ledger.all().row(0).description, "TESCO");
    }
}

#[test]
fn the_account_column_of_a_file_wins() {
    let layout = Layout::lloyds().with_optional(OptionalColumn::Account, "Account Number");
    let reader = CsvReader::new(layout).with_account("named");
    let rows = "Transaction Date,Transaction Description,Debit Amount,Credit Amount,Account Number\n\
                01/03/2024,TESCO,20.00,,123\n02/03/2024,TESCO,20.00,,\n";
    let ledger = reader.read_from(rows.as_bytes(), "f").unwrap().ledger;
    let mut accounts: Vec<_> = (0..2).map(|row| ledger.all().row(row).account).collect();
    accounts.sort_unstable();
    assert_eq!(accounts, [None, Some("123")]);
}

#[test]
fn a_blank_name_is_refused_and_the_setting_survives_the_disk() {
    let reader = CsvReader::new(Layout::lloyds()).with_account(" ");
    assert!(matches!(reader.read_from(export(CURRENT).as_bytes(), "f"), Err(Error::Param(_))));
    let reader = CsvReader::new(Layout::lloyds()).with_account("current");
    let text = serde_json::to_string(&reader).unwrap();
    assert_eq!(serde_json::from_str::<CsvReader>(&text).unwrap(), reader);
    let older = text.replacen(r#""account":"current","#, "", 1);
    assert_ne!(older, text);
    assert_eq!(serde_json::from_str::<CsvReader>(&older).unwrap().account(), None);
}

#[cfg(feature = "qif")]
#[test]
fn a_statement_that_names_no_account_takes_the_given_one() {
    use fincoach_transform::{DateOrder, StatementReader};
    let reader = StatementReader::new().with_date_order(DateOrder::DayMonthYear).with_account("cash");
    let bare = "!Type:Bank\nD01/03/2024\nT-20.00\nPTESCO\n^\n";
    let named = "!Account\nNCurrent\nTBank\n^\n!Type:Bank\nD01/03/2024\nT-20.00\nPTESCO\n^\n";
    let account = |file: &str| {
        reader.read_from(file.as_bytes(), "f").unwrap().ledger.all().row(0).account.map(str::to_owned)
    };
    assert_eq!(account(bare).as_deref(), Some("cash"));
    assert_eq!(account(named).as_deref(), Some("Current"));
    let blank = reader.clone().with_account("");
    assert!(matches!(blank.read_from(bare.as_bytes(), "f"), Err(Error::Param(_))));
}
