//! Files of every form a layout can describe.
#![allow(clippy::unwrap_used, reason = "a test")]

use fincoach_core::{Currency, Money, TimePrecision};
use fincoach_transform::{
    CsvReader, DateFormat, Encoding, Error, Import, Layout, NumberFormat, OptionalColumn, SignRule, TimeZone,
};
use proptest::prelude::*;

fn signed() -> SignRule {
    SignRule::Signed { amount: "amount".into() }
}

fn plain() -> Layout {
    Layout::new("date", DateFormat::ISO, "text", signed())
}

fn read(layout: &Layout, text: impl AsRef<[u8]>) -> Result<Import, Error> {
    CsvReader::new(layout.clone()).read_from(text.as_ref(), "f.csv")
}

fn rows(layout: &Layout, text: impl AsRef<[u8]>) -> Vec<(String, i64, String)> {
    let import = read(layout, text).unwrap();
    let row = |row: fincoach_core::Transaction<'_>| {
        (row.time.to_string(), row.amount.minor(), row.description.to_owned())
    };
    import.ledger.user(0).iter().map(row).collect()
}

fn message(layout: &Layout, text: &str) -> String {
    read(layout, text).unwrap_err().to_string()
}

#[test]
fn lines_around_the_table_are_left_out_and_line_numbers_stay_true() {
    let layout = plain().with_skip_before(2).with_skip_after(1);
    let text =
        "\"Account \"broken\nfrom,to\n\ndate,text,amount\n2024-03-01,a,1\n2024-03-02,b,2\n\nTotal,3\n\n";
    assert_eq!(rows(&layout, text).len(), 2);
    let error = message(&layout, &text.replace(",b,2", ",b,x"));
    assert!(error.starts_with("f.csv: line 6, column `amount`: `x`"), "{error}");
    // More lines to skip than there are.
    assert!(matches!(read(&plain().with_skip_before(99), text), Err(Error::EmptyFile { .. })));
    assert!(matches!(read(&plain().with_skip_after(99), text), Err(Error::EmptyFile { .. })));
}

#[test]
fn columns_can_go_by_position_with_or_without_a_header() {
    let amount = SignRule::Signed { amount: 3.into() };
    let layout = Layout::new(1, DateFormat::UK, 2, amount).with_optional(OptionalColumn::Balance, 4);
    let table = "01/03/2024,a,1.00,5.00\n02/03/2024,b,-1.00,4.00\n";
    let expected = rows(&layout, format!("w,x,y,z\n{table}"));
    assert_eq!(expected[1], ("2024-03-02 00:00:00".to_owned(), -100, "b".to_owned()));
    assert_eq!(rows(&layout.clone().without_header(), table), expected);
    let error = message(&layout.clone().without_header(), "01/03/2024,a,1.00\n");
    assert_eq!(error, "f.csv: line 1: no column 4, the last one is 3");
    let error = message(&layout.clone().without_header(), "01/03/2024,a,1.00,5.00\n02/03/2024,b,1\n");
    assert_eq!(error, "f.csv: line 2: 3 fields, expected 4 as in the header");
    let users = layout.without_header().with_optional(OptionalColumn::User, 2);
    assert_eq!(read(&users, table).unwrap().ledger.users(), ["a", "b"]);
}

#[test]
fn other_quotes_and_none() {
    let layout = plain().with_delimiter(';').with_quote(Some('\''));
    assert_eq!(rows(&layout, "date;text;amount\n2024-03-01;'a;''b\"';1\n")[0].2, "a;'b\"");
    let layout = plain().with_quote(None);
    assert_eq!(rows(&layout, "date,text,amount\n2024-03-01,5\" pipe \"x\",1\n")[0].2, "5\" pipe \"x\"");
}

#[test]
fn the_same_table_in_every_encoding() {
    let text = "date,text,amount\n2024-03-01,Café £,1\n";
    let expected = rows(&plain(), text);
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert_eq!(rows(&plain().with_encoding(Encoding::Windows1252), latin), expected);
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(rows(&plain().with_encoding(Encoding::Utf16), &utf_16), expected);
    assert_eq!(rows(&plain(), [b"\xFF\xFE".as_slice(), &utf_16].concat()), expected);
}

#[test]
fn a_time_in_the_column_of_the_date_and_zones() {
    let layout = plain().with_date_format("yyyy-mm-ddThh:mm".parse().unwrap());
    let text = "date,text,amount\n2024-07-01T23:30:00Z,a,1\n2024-07-01T20:00:00.123+01:00,b,2\n2024-07-01T21:15,c,3\n";
    let times = |layout: &Layout| {
        rows(layout, text).into_iter().map(|row| format!("{} {}", row.2, row.0)).collect::<Vec<_>>()
    };
    assert_eq!(times(&layout), ["b 2024-07-01 20:00:00", "c 2024-07-01 21:15:00", "a 2024-07-01 23:30:00"]);
    let london = layout.with_local_zone("Europe/London".parse().unwrap());
    assert_eq!(times(&london), ["b 2024-07-01 20:00:00", "c 2024-07-01 21:15:00", "a 2024-07-02 00:30:00"]);
    let from_utc = london.with_file_zone(TimeZone::UTC);
    assert_eq!(times(&from_utc), ["b 2024-07-01 20:00:00", "c 2024-07-01 22:15:00", "a 2024-07-02 00:30:00"]);
    let error = message(&from_utc, "date,text,amount\n2024-07-01,a,1\n");
    assert_eq!(
        error,
        "f.csv: line 2, column `date`: `2024-07-01`, expected a date like yyyy-mm-ddThh:mm from 1900 to 2199"
    );
}

#[test]
fn an_hour_that_did_not_come_is_refused() {
    let layout = plain()
        .with_date_format("yyyy-mm-dd hh:mm".parse().unwrap())
        .with_file_zone("Europe/London".parse().unwrap())
        .with_local_zone(TimeZone::UTC);
    let error = message(&layout, "date,text,amount\n2024-03-31 01:30,a,1\n");
    assert!(
        error.ends_with("`2024-03-31 01:30`, expected a time that there was in Europe/London"),
        "{error}"
    );
}

#[test]
fn a_row_with_a_date_only_keeps_its_date_in_every_zone() {
    let zoned = plain()
        .with_optional(OptionalColumn::Time, "time")
        .with_file_zone(TimeZone::UTC)
        .with_local_zone("Europe/London".parse().unwrap());
    let import = read(&zoned, "date,time,text,amount\n2024-07-01,,a,1\n2024-07-01,23:30,b,1\n").unwrap();
    let rows: Vec<_> =
        import.ledger.user(0).iter().map(|row| (row.time.to_string(), row.precision)).collect();
    let day = |text: &str, precision| (text.to_owned(), precision);
    assert_eq!(
        rows,
        [day("2024-07-01 00:00:00", TimePrecision::Day), day("2024-07-02 00:30:00", TimePrecision::Second)]
    );
}

#[test]
fn amounts_have_the_decimals_of_their_currency() {
    let yen = plain()
        .with_currency("JPY".parse().unwrap())
        .with_numbers(NumberFormat::default().with_thousands(','));
    let import = read(&yen, "date,text,amount\n2024-03-01,a,\"-12,450\"\n").unwrap();
    assert_eq!(import.ledger.user(0).row(0).amount, Money::from_minor(-12_450));
    assert_eq!(import.ledger.currency().unwrap().code(), "JPY");
    let error = message(&yen, "date,text,amount\n2024-03-01,a,12.5\n");
    assert!(error.ends_with("`12.5`, expected an amount like 1,234 or -1,234"), "{error}");
}

#[test]
fn a_row_in_another_currency_is_refused() {
    let text = "date,text,amount,code\n2024-03-01,a,1.00,EUR\n2024-03-02,b,1.00,USD\n";
    let layout = plain().with_optional(OptionalColumn::Currency, "code");
    assert_eq!(
        message(&layout, text),
        "f.csv: line 3, column `code`: `USD`, expected EUR, as all amounts of a ledger have one currency"
    );
    let error = message(&layout.clone().with_currency(Currency::USD), text);
    assert!(error.starts_with("f.csv: line 2, column `code`: `EUR`, expected USD"), "{error}");
    let import = read(&layout, "date,text,amount,code\n2024-03-01,a,1.234,KWD\n").unwrap();
    assert_eq!(import.ledger.user(0).row(0).amount.minor(), 1234);
    assert!(
        message(&layout, "date,text,amount,code\n2024-03-01,a,1,pounds\n")
            .contains("expected the code of a currency")
    );
}

#[test]
fn a_direction_in_neither_list_is_refused() {
    let amount = SignRule::Directed {
        amount: "amount".into(),
        direction: "way".into(),
        money_out: vec!["debit".into(), "fee".into()],
        money_in: vec!["credit".into()],
    };
    let layout = plain().with_amount(amount);
    let head = "date,text,amount,way\n";
    let read = rows(
        &layout,
        format!("{head}2024-03-01,a,1.00,Debit\n2024-03-02,b,2.00, CREDIT\n2024-03-03,c,3,fee\n"),
    );
    assert_eq!(read.iter().map(|row| row.1).collect::<Vec<_>>(), [-100, 200, -300]);
    let error = message(&layout, &format!("{head}2024-03-01,a,1.00,DR\n"));
    assert!(error.ends_with("column `way`: `DR`, expected one of debit, fee, credit"), "{error}");
    let error = message(&layout, &format!("{head}2024-03-01,a,-1.00,debit\n"));
    assert!(error.ends_with("`-1.00`, expected an amount like 12.34 without a sign"), "{error}");
}

#[test]
fn turning_signs_round_turns_the_balance_too() {
    let layout = plain().with_optional(OptionalColumn::Balance, "balance").with_signs_inverted();
    let import =
        read(&layout, "date,text,amount,balance\n2024-03-01,a,10.00,10.00\n2024-03-02,b,-4.00,6.00\n")
            .unwrap();
    let rows: Vec<_> =
        import.ledger.user(0).iter().map(|row| (row.amount.minor(), row.balance.unwrap().minor())).collect();
    assert_eq!(rows, [(-1000, -1000), (400, -600)]);
    assert_eq!(import.quality.balance_breaks, 0);
}

#[test]
fn accounts_of_one_user_have_their_own_balance_chains() {
    let layout = plain()
        .with_optional(OptionalColumn::Balance, "balance")
        .with_optional(OptionalColumn::Account, "account");
    let text = "date,text,amount,balance,account\n2024-03-01,a,1,11,x\n2024-03-01,b,2,52,y\n2024-03-02,c,3,14,x\n2024-03-02,d,4,56,y\n";
    let import = read(&layout, text).unwrap();
    assert_eq!((import.quality.balance_breaks, import.quality.accounts, import.quality.users), (0, 2, 1));
}

#[test]
fn one_more_delimiter_is_taken_where_the_layout_says_so() {
    let text = "date,text,amount\n2024-03-01,a,1,\n2024-03-02,b,1\n";
    assert!(matches!(read(&plain(), text), Err(Error::FieldCount { .. })));
    let layout = plain().with_trailing_delimiter();
    assert_eq!(rows(&layout, text).len(), 2);
    for row in ["2024-03-01,a,1,x", "2024-03-01,a,1,,", "2024-03-01,a"] {
        assert!(
            matches!(read(&layout, format!("date,text,amount\n{row}\n")), Err(Error::FieldCount { .. })),
            "{row}"
        );
    }
}

#[test]
fn descriptions_of_several_columns_are_joined() {
    let layout = plain().with_descriptions(["who", "what"]);
    let text = "date,who,what,amount\n2024-03-01, A ,b,1\n2024-03-02,,c,1\n2024-03-03,d,,1\n2024-03-04,e,e,1\n2024-03-05,,,1\n";
    let texts: Vec<String> = rows(&layout, text).into_iter().map(|row| row.2).collect();
    assert_eq!(texts, ["A b", "c", "d", "e", ""]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn no_bytes_make_a_preset_panic(
        preset in prop::sample::select(Layout::preset_names()),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        cut in 0_usize..400,
    ) {
        let layout = Layout::preset(preset).unwrap();
        let _ = read(&layout, &bytes);
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{preset}.csv"));
        let mut file = std::fs::read(path).unwrap();
        let cut = cut.min(file.len());
        file.splice(cut..cut, bytes.into_iter().take(3));
        let _ = read(&layout, &file);
    }
}
