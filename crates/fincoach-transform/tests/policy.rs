//! Rows that cannot be read: all of them are listed, and counts always add up.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use fincoach_core::Currency;
use fincoach_transform::{CsvReader, Error, Layout, RowPolicy, StatusRule};
use proptest::prelude::*;

const HEADER: &str = "Transaction Date,Transaction Description,Debit Amount,Credit Amount,Balance\n";
const BAD: &str = "\
01/03/2024,fine,1.00,,99.00
31/02/2024,no such day,1.00,,98.00
01/03/2024,too many,1.00,,98.00,
02/03/2024,both,1.00,2.00,98.00
02/03/2024,neither,,,98.00
02/03/2024,no sum,1.2.3,,98.00
03/03/2024,fine,1.00,,98.00
";

fn read(policy: RowPolicy, text: &[u8]) -> Result<fincoach_transform::Import, Error> {
    CsvReader::new(Layout::lloyds()).with_policy(policy).read_from(text, "f.csv")
}

fn bad() -> Vec<u8> {
    let mut text = format!("{HEADER}{BAD}").into_bytes();
    text.extend(b"04/03/2024,CAF\xC9,1.00,,97.00\n");
    text
}

#[test]
fn collecting_lists_every_row_and_reads_the_others() {
    let import = read(RowPolicy::Collect, &bad()).unwrap();
    let quality = &import.quality;
    assert_eq!((quality.rows_read, quality.rows_in_ledger, quality.rows_refused), (8, 2, 6));
    let listed: Vec<String> = quality.refused.iter().map(ToString::to_string).collect();
    assert_eq!(
        listed,
        [
            "line 3, column `Transaction Date`: `31/02/2024`, expected a date like dd/mm/yyyy from 1900 to 2199",
            "line 4: 6 fields, expected 5 as in the header",
            "line 5, column `Debit Amount`: `1.00`, expected nothing, as there is `2.00` in column `Credit Amount`",
            "line 6, column `Debit Amount`: ``, expected an amount there or in column `Credit Amount`",
            "line 7, column `Debit Amount`: `1.2.3`, expected an amount like 12.34 without a sign",
            "line 9, column `Transaction Description`: `CAF\u{fffd}`, expected UTF-8",
        ]
    );
    assert_eq!(quality.refused[0].record, "31/02/2024 | no such day | 1.00 |  | 98.00");
    // The balance chain and the row numbers are those of the rows that were read.
    assert_eq!(quality.balance_breaks, 0);
    let numbers: Vec<u32> = import.ledger.user(0).iter().map(|row| row.source_row).collect();
    assert_eq!(numbers, [1, 7]);
    let text = quality.to_string();
    assert!(text.contains("refused    6 rows\n  line 3, column"), "{text}");
    let json = serde_json::to_string(quality).unwrap();
    assert_eq!(serde_json::from_str::<fincoach_transform::QualityReport>(&json).unwrap(), *quality);
}

#[test]
fn skipping_has_a_limit() {
    assert_eq!(read(RowPolicy::Skip { at_most: 6 }, &bad()).unwrap().quality.refused.len(), 6);
    let error = read(RowPolicy::Skip { at_most: 2 }, &bad()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "f.csv: 6 rows cannot be read, at most 2 may be left out; the first: line 3, column `Transaction Date`: \
         `31/02/2024`, expected a date like dd/mm/yyyy from 1900 to 2199"
    );
    assert!(matches!(error, Error::TooManyRefused { refused: 6, at_most: 2, .. }));
    assert!(matches!(read(RowPolicy::Skip { at_most: 0 }, &bad()), Err(Error::TooManyRefused { .. })));
    assert!(matches!(read(RowPolicy::Fail, &bad()), Err(Error::Field { .. })));
}

#[test]
fn where_the_next_row_begins_is_never_guessed() {
    for policy in [RowPolicy::Fail, RowPolicy::Skip { at_most: 9 }, RowPolicy::Collect] {
        let text = format!("{HEADER}01/03/2024,\"open,1.00,,99.00\n02/03/2024,x,1.00,,98.00\n");
        assert!(matches!(read(policy, text.as_bytes()), Err(Error::Quote { .. })), "{policy:?}");
        assert!(matches!(read(policy, b"a,b\n"), Err(Error::MissingColumn { .. })), "{policy:?}");
        assert!(matches!(read(policy, HEADER.as_bytes()), Err(Error::NoRows { .. })), "{policy:?}");
    }
}

#[test]
fn a_file_without_one_good_row_gives_an_empty_ledger() {
    let import = read(RowPolicy::Collect, format!("{HEADER}x,y,z,,\n").as_bytes()).unwrap();
    assert!(import.ledger.is_empty());
    assert_eq!((import.quality.rows_read, import.quality.rows_refused), (1, 1));
}

#[test]
fn a_state_in_neither_list_is_not_guessed() {
    let rule = StatusRule::new("state", ["done"]).with_not_booked(["open"]);
    let reader = CsvReader::new(Layout::preset("plain").unwrap().with_status(rule));
    let text = "date,description,amount,state\n2024-03-01,a,1,Done\n,b,,OPEN\n2024-03-03,c,3,lost\n";
    let error = reader.read_from(text.as_bytes(), "f.csv").unwrap_err();
    assert_eq!(error.to_string(), "f.csv: line 4, column `state`: `lost`, expected one of done, open");
    let quality = reader.with_policy(RowPolicy::Collect).read_from(text.as_bytes(), "f.csv").unwrap().quality;
    assert_eq!(
        (quality.rows_read, quality.rows_in_ledger, quality.rows_refused, quality.rows_not_booked),
        (3, 1, 1, 1)
    );
}

#[test]
fn the_currency_of_a_file_is_that_of_its_booked_rows() {
    let row = |currency: &str, state: &str| {
        format!(
            "CARD_PAYMENT,Current,2024-03-01 09:00:00,2024-03-01 10:00:00,x,-1.00,0.00,{currency},{state},9.00\n"
        )
    };
    let header = "Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance\n";
    let cut = "CARD_PAYMENT,Current,2024-03-01 09:00:00,2024-03-01 10:00:00,x,-1.00,0.00,EUR\n";
    let reader = CsvReader::new(Layout::preset("revolut").unwrap()).with_policy(RowPolicy::Collect);
    for before in [row("USD", "REVERTED"), cut.to_owned(), row("USD", "PENDING") + cut] {
        let text = format!("{header}{before}{}{}", row("GBP", "COMPLETED"), row("GBP", "COMPLETED"));
        let import = reader.read_from(text.as_bytes(), "f.csv").unwrap();
        assert_eq!(import.ledger.currency(), Some(Currency::GBP), "{before}");
        assert_eq!(import.quality.rows_in_ledger, 2, "{before}");
    }
    let reverted =
        reader.read_from(format!("{header}{}", row("USD", "REVERTED")).as_bytes(), "f.csv").unwrap();
    assert_eq!((reverted.ledger.currency(), reverted.quality.rows_not_booked), (None, 1));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn counts_always_add_up(
        rows in prop::collection::vec(
            prop_oneof![
                Just("2024-03-01,fine,1.00,done"),
                Just("2024-03-02,\"fine, too\",-2.50,done"),
                Just("2024-03-32,no day,1.00,done"),
                Just("2024-03-01,no sum,1.0O,done"),
                Just("2024-03-01,short"),
                Just("2024-03-01,not yet,1.00,open"),
                Just("2024-03-01,what,1.00,what"),
                Just(""),
            ],
            0..40,
        ),
        at_most in 0_u64..12,
    ) {
        let text = format!("date,description,amount,state\n{}\n", rows.join("\n"));
        let rule = StatusRule::new("state", ["done"]).with_not_booked(["open"]);
        let reader = CsvReader::new(Layout::preset("plain").unwrap().with_status(rule));
        let n_rows = rows.iter().filter(|row| !row.is_empty()).count() as u64;
        let n_bad = rows.iter().filter(|row| ["3-32", "1.0O", "short", "what"].iter().any(|bad| row.contains(bad))).count() as u64;
        let read = |policy| reader.clone().with_policy(policy).read_from(text.as_bytes(), "f");
        match read(RowPolicy::Collect) {
            Ok(import) => {
                let quality = &import.quality;
                prop_assert_eq!(quality.rows_read, n_rows);
                prop_assert_eq!(quality.rows_refused, n_bad);
                prop_assert_eq!(quality.rows_read, quality.rows_in_ledger + quality.rows_refused + quality.rows_not_booked);
                prop_assert_eq!(quality.refused.len() as u64, quality.rows_refused);
                prop_assert_eq!(quality.not_booked.len() as u64, quality.rows_not_booked);
                prop_assert_eq!(import.ledger.len() as u64, quality.rows_in_ledger);
                prop_assert!(quality.refused.windows(2).all(|pair| pair[0].line < pair[1].line));
                let blank_none = quality.blanks.iter().all(|blanks| blanks.rows == 0);
                prop_assert!(blank_none);
            }
            Err(error) => prop_assert!(n_rows == 0 && matches!(error, Error::NoRows { .. }), "{error}"),
        }
        if n_rows > 0 {
            prop_assert_eq!(read(RowPolicy::Skip { at_most }).is_ok(), n_bad <= at_most);
            prop_assert_eq!(read(RowPolicy::Fail).is_ok(), n_bad == 0);
        }
    }
}
