//! Statement files of each format against numbers worked out by hand.
#![cfg(all(feature = "ofx", feature = "qif", feature = "mt940", feature = "camt"))]
#![allow(clippy::unwrap_used, reason = "a test")]

use fincoach_core::{Category, Currency, Direction, Money, TimePrecision, Transaction};
use fincoach_transform::{
    DateOrder, Error, FileOrder, Import, RowPolicy, StatementFormat, StatementReader, StatementReport,
};

fn path(name: &str) -> String {
    format!("{}/tests/fixtures/statements/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn fixture(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

/// The text of a fixture in Windows-1252.
fn fixture_bytes(name: &str) -> String {
    std::fs::read(path(name)).unwrap().into_iter().map(char::from).collect()
}

fn reader() -> StatementReader {
    StatementReader::new().with_date_order(DateOrder::DayMonthYear)
}

fn read(name: &str) -> Import {
    reader().read(path(name)).unwrap()
}

fn read_text(text: &str) -> Result<Import, Error> {
    reader().read_from(text.as_bytes(), "file")
}

fn message(text: &str) -> String {
    read_text(text).unwrap_err().to_string()
}

fn rows(import: &Import) -> Vec<Transaction<'_>> {
    import.ledger.all().iter().collect()
}

fn report(import: &Import) -> &StatementReport {
    import.quality.statement.as_ref().unwrap()
}

/// Date, amount, balance.
fn money(import: &Import) -> Vec<(String, i64, Option<i64>)> {
    let row = |row: Transaction<'_>| {
        (row.time.date().to_string(), row.amount.minor(), row.balance.map(Money::minor))
    };
    rows(import).into_iter().map(row).collect()
}

fn day(text: &str, amount: i64, balance: impl Into<Option<i64>>) -> (String, i64, Option<i64>) {
    (text.to_owned(), amount, balance.into())
}

#[test]
fn a_bank_account_in_ofx_1_is_turned_round_and_balanced() {
    let import = read("bank.ofx");
    // Balances from the closing 1,987.60 backwards: the list reaches to its day.
    let expected = [
        day("2024-03-01", 150_000, 250_000),
        day("2024-03-15", -50_000, 200_000),
        day("2024-03-28", -1240, 198_760),
    ];
    assert_eq!(money(&import), expected);
    let rows = rows(&import);
    assert_eq!(rows[0].description, "ACME LTD & SONS");
    assert_eq!(rows[1].description, "LANDLORD FLAT 2");
    assert_eq!(rows[2].description, "CAFÉ ROUGE LONDON");
    assert_eq!(rows[0].account, Some("20000012345678"));
    assert_eq!(rows[0].reference, Some("202403010001"));
    assert_eq!((rows[0].raw_type, rows[0].direction), (Some("DIRECTDEP"), Direction::Credit));
    assert_eq!((rows[2].raw_type, rows[2].direction), (Some("POS"), Direction::Debit));
    // Noon everywhere is no time of day.
    assert!(rows.iter().all(|row| row.precision == TimePrecision::Day));
    assert_eq!(import.ledger.currency(), Some(Currency::GBP));
    assert_eq!(import.ledger.users(), ["0"]);
    assert_eq!((import.quality.order, import.quality.balance_breaks), (FileOrder::NewestFirst, 0));
    assert_eq!(report(&import).encoding, "windows-1252");
}

#[test]
fn card_accounts_in_ofx_2_keep_their_times_and_corrections() {
    let import = read("cards.qfx");
    let expected = [
        day("2024-03-02", -2000, None),
        day("2024-03-05", 2000, None),
        day("2024-03-06", -750, None),
        day("2024-03-31", -100, None),
    ];
    assert_eq!(money(&import), expected);
    let rows = rows(&import);
    assert_eq!(rows[0].time.to_string(), "2024-03-02 09:30:15");
    assert_eq!((rows[0].precision, rows[3].precision), (TimePrecision::Second, TimePrecision::Day));
    assert_eq!(rows[1].description, "TRADER JOE'S REFUND");
    assert_eq!((rows[2].account, rows[3].account), (Some("4111"), Some("5500")));
    assert_eq!((import.quality.accounts, import.quality.users), (2, 1));
    let not_booked = &import.quality.not_booked;
    let listed: Vec<_> = not_booked
        .iter()
        .map(|entry| (entry.state.as_str(), entry.record.split(" | ").nth(1).unwrap()))
        .collect();
    assert_eq!(listed, [("pending", "-3.00"), ("replaced by the bank", "-7.25")]);
    // The card's balance is of 2 April, two days beyond the list: no row can be balanced from it.
    assert_eq!(report(&import).statements[0].closing, Some(Money::from_minor(-10_750)));
    assert!(!report(&import).statements[0].derived_balances);
}

#[test]
fn qif_accounts_begin_at_their_opening_balance() {
    let import = read("household.qif");
    let expected = [
        day("2024-01-25", 123_450, 148_450),
        day("2024-01-26", -4525, 143_925),
        day("2024-01-26", -1500, 142_425),
        day("2024-01-28", -10_000, 132_425),
        day("2024-01-29", -450, None),
    ];
    assert_eq!(money(&import), expected);
    let rows = rows(&import);
    assert_eq!((rows[1].raw_category, rows[1].category), (Some("Groceries"), Category::Groceries));
    assert_eq!((rows[2].raw_category, rows[2].category), (Some("Health"), Category::Health));
    assert_eq!((rows[1].description, rows[2].description), ("Tesco Weekly shop", "Tesco Vitamins"));
    assert_eq!((rows[3].raw_category, rows[3].account), (Some("[Cash]"), Some("Current")));
    assert_eq!(
        (rows[4].description, rows[4].category, rows[4].account),
        ("Café", Category::DineOut, Some("Cash"))
    );
    assert_eq!(import.ledger.currency(), None);
    let pounds = reader().with_currency(Currency::GBP).read(path("household.qif")).unwrap();
    assert_eq!(pounds.ledger.currency(), Some(Currency::GBP));
    assert!(matches!(StatementReader::new().read(path("household.qif")), Err(Error::DateOrderNeeded { .. })));
    let american = reader().with_date_order(DateOrder::MonthDayYear).read(path("household.qif")).unwrap_err();
    assert!(american.to_string().contains("line 21, field D: `25/1'24`"), "{american}");
}

#[test]
fn mt940_crosses_the_year_and_knows_reversals() {
    let import = read("german.sta");
    let expected = [
        day("2023-12-29", -4990, 95_010),
        day("2024-01-02", 250_000, 345_010),
        day("2024-01-02", 1005, 346_015),
        day("2024-01-05", -350_000, -3985),
    ];
    assert_eq!(money(&import), expected);
    let rows = rows(&import);
    assert_eq!(rows[0].description, "Stadtwerke GmbH Abschlag Strom 12");
    assert_eq!(rows[1].description, "ACME AG Lohn Dezember");
    assert_eq!((rows[2].description, rows[2].direction), ("Sportverein", Direction::Debit));
    assert_eq!(rows[3].description, "Vermieter Miete Januar");
    assert_eq!((rows[0].raw_type, rows[0].reference), (Some("NDDT"), Some("2312290017")));
    assert!(rows.iter().all(|row| row.account == Some("37040044/0532013000")));
    assert_eq!(import.ledger.currency(), Some(Currency::EUR));
    assert_eq!(import.quality.balance_breaks, 0);
    let report = report(&import);
    assert_eq!((report.statements.len(), report.mismatches().count()), (2, 0));
    assert_eq!(import.quality.not_booked.len(), 1);
    assert_eq!((import.quality.not_booked[0].state.as_str(), import.quality.not_booked[0].line), ("ED", 14));
    assert!(import.quality.not_booked[0].record.ends_with(" | Vermieter"));
}

#[test]
fn the_three_versions_of_camt_give_the_same_rows() {
    let import = read("statement-02.xml");
    let expected = [
        day("2024-03-04", -45_000, 5000),
        day("2024-03-04", -15_000, -10_000),
        day("2024-03-05", 15_000, 5000),
        day("2024-03-08", -449, 4551),
    ];
    assert_eq!(money(&import), expected);
    let rows = rows(&import);
    assert_eq!(rows[0].description, "Vermieter Miete März");
    assert_eq!(rows[1].description, "Stadtwerke & Co RF18");
    assert_eq!((rows[2].description, rows[2].direction), ("Stadtwerke & Co Storno", Direction::Debit));
    assert_eq!(rows[3].description, "Kontoführung");
    let references: Vec<_> = rows.iter().map(|row| row.reference).collect();
    assert_eq!(references, [Some("R-600/1"), Some("R-600/2"), Some("2024-10/2"), None]);
    let types: Vec<_> = rows.iter().map(|row| row.raw_type).collect();
    assert_eq!(types, [Some("PMNT-ICDT-ESCT"), Some("PMNT-ICDT-ESCT"), None, Some("NCHG")]);
    assert_eq!(rows[0].account, Some("DE89370400440532013000"));
    assert_eq!(import.quality.not_booked[0].state, "PDNG");
    for other in ["statement-04.xml", "statement-08.xml"] {
        let other = read(other);
        assert_eq!(other.ledger, import.ledger);
        assert_eq!(other.quality.not_booked, import.quality.not_booked);
    }
}

#[test]
fn a_batch_that_does_not_add_up_stays_whole() {
    let import =
        read_text(&fixture("statement-02.xml").replace("150.00</Amt></TxAmt>", "149.00</Amt></TxAmt>"))
            .unwrap();
    assert_eq!(money(&import)[0], day("2024-03-04", -60_000, -10_000));
    assert_eq!(rows(&import)[0].reference, Some("R-600"));
    let foreign = fixture("statement-02.xml").replace("<Amt Ccy=\"EUR\">450.00", "<Amt Ccy=\"USD\">450.00");
    assert_eq!(money(&read_text(&foreign).unwrap()).len(), 3);
}

#[test]
fn balances_that_do_not_hold_are_reported_and_not_passed_on() {
    let import = read_text(&fixture("german.sta").replace("EUR39,85", "EUR39,86")).unwrap();
    let mismatches: Vec<_> = report(&import).mismatches().collect();
    assert_eq!(mismatches.len(), 1);
    assert_eq!((mismatches[0].line, mismatches[0].closing), (19, Some(Money::from_minor(-3986))));
    assert_eq!(mismatches[0].expected_closing, Some(Money::from_minor(-3985)));
    assert_eq!(money(&import)[3], day("2024-01-05", -350_000, None));
    assert!(import.quality.to_string().contains("line 19: closes at -39.86, expected -39.85"));
    // A statement between the two is missing: the second opens elsewhere.
    let gap = fixture("german.sta")
        .replace("00002", "00003")
        .replace("C240102EUR3460,15\r\n:61:240105", "C240104EUR3461,15\r\n:61:240105");
    let gap = read_text(&gap.replace("D240105EUR39,85", "D240105EUR38,85")).unwrap();
    assert_eq!((report(&gap).mismatches().count(), gap.quality.balance_breaks), (0, 1));
}

#[test]
fn several_currencies_need_a_choice() {
    let two =
        fixture("german.sta").replace("C240102EUR3460,15\r\n:61:240105", "C240102USD3460,15\r\n:61:240105");
    let two = two.replace("D240105EUR", "D240105USD");
    assert_eq!(
        message(&two),
        "file: line 19: a statement in USD after one in EUR, expected one currency or to be told which"
    );
    let dollars = reader().with_currency(Currency::USD).read_from(two.as_bytes(), "file").unwrap();
    assert_eq!(money(&dollars), [day("2024-01-05", -350_000, -3985)]);
    assert_eq!(dollars.ledger.currency(), Some(Currency::USD));
    let left_out: Vec<_> = report(&dollars).statements.iter().map(|statement| statement.left_out).collect();
    assert_eq!(left_out, [true, false]);
    let pounds = reader().with_currency(Currency::GBP).read_from(two.as_bytes(), "file").unwrap();
    assert!(
        pounds.ledger.is_empty() && report(&pounds).statements.iter().all(|statement| statement.left_out)
    );
    let yen = fixture("german.sta").replace("EUR", "JPY").replace(",15", ",").replace(",85", ",");
    let yen = yen.replace(",90", ",").replace(",05", ",");
    assert_eq!(money(&read_text(&yen).unwrap())[0].1, -49);
}

#[test]
fn unreadable_entries_stop_the_read_or_are_listed() {
    let bad = fixture("german.sta").replace("0102RD10,05", "0102RX10.05");
    let error = "file: line 11, field :61:: `2401020102RX10.05NMSCNONREF//2401020005`, \
                 expected a mark C, D, RC, RD, EC or ED after the dates";
    assert_eq!(message(&bad), error);
    let skipping = |n| reader().with_policy(RowPolicy::Skip { at_most: n }).read_from(bad.as_bytes(), "file");
    assert!(skipping(0).is_err());
    let import = skipping(1).unwrap();
    let [refused] = import.quality.refused.as_slice() else { panic!("one entry is refused") };
    assert_eq!((refused.line, refused.column.as_str()), (11, "field :61:"));
    assert!(error.ends_with(&format!("`{}`, expected {}", refused.value, refused.expected)), "{refused}");
    let quality = &import.quality;
    assert_eq!(quality.rows_read, quality.rows_in_ledger + quality.rows_refused + quality.rows_not_booked);
    assert_eq!(money(&import).len(), 3);
    assert_eq!(report(&import).mismatches().count(), 1);
    // The text of the skipped entry must not describe the one before it.
    assert_eq!(rows(&import)[1].description, "ACME AG Lohn Dezember");
}

/// A fixture, what is changed in it, and what the error says then.
const REFUSED: &[(&str, &str, &str, &str)] = &[
    (
        "bank.ofx",
        "<CODE>0<SEVERITY>INFO</STATUS>\r\n<STMTRS>",
        "<CODE>2000<SEVERITY>ERROR<MESSAGE>No</STATUS>\r\n<STMTRS>",
        "STATUS: `2000: No`",
    ),
    ("bank.ofx", "BANKMSGSRSV1", "INVSTMTMSGSRSV1", "bank or card statements only"),
    ("bank.ofx", "-12.40", "-12.4.0", "line 27, TRNAMT: `-12.4.0`, expected an amount like -12.34"),
    ("bank.ofx", "20240328120000", "20240332", "line 26, DTPOSTED: `20240332`"),
    ("bank.ofx", "<CURDEF>GBP", "<CURDEF>", "CURDEF"),
    ("bank.ofx", "OFXHEADER:100", "OFXHEADER:300", "expected OFXHEADER:100"),
    (
        "cards.qfx",
        "<NAME>FEE",
        "<CURRENCY><CURRATE>1</CURRATE><CURSYM>EUR</CURSYM></CURRENCY><NAME>FEE",
        "CURSYM: `EUR`, expected an amount in USD",
    ),
    ("cards.qfx", "<OFX>", "<!DOCTYPE OFX SYSTEM \"http://x/ofx.dtd\"><OFX>", "DOCTYPE"),
    ("household.qif", "!Type:Cash", "!Type:Invst", "line 48, heading: `Type:Invst`"),
    ("household.qif", "$-45.25", "$-45.20", "expected splits that add up to -60.25"),
    ("household.qif", "T-100.00", "T-1.00.00", "line 40, field T: `-1.00.00`"),
    ("household.qif", "T-100.00", "T-100.00\nT-1", "this field once in a record"),
    ("household.qif", "U1,234.50", "U1,234.51", "field U: `1,234.51`, expected the amount 1234.50"),
    ("household.qif", "N101", "Z101", "field Z: `101`"),
    ("german.sta", ":28C:", ":34F:", "MT942"),
    ("german.sta", ":62F:C240102EUR3460,15", ":62F:C240102USD3460,15", "expected a balance in EUR"),
    (
        "german.sta",
        ":62F:C240102EUR3460,15\r\n:64:C240102EUR3460,15\r\n",
        "",
        "ends within the statement without its field :62F:",
    ),
    (
        "german.sta",
        ":20:STARTUMSE\r\n:25:37040044/0532013000\r\n:28C:00002",
        ":28C:00002",
        "expected field :20: first",
    ),
    (
        "statement-08.xml",
        "camt.053.001.08",
        "camt.052.001.08",
        "expected one of camt.053.001.02, camt.053.001.04, camt.053.001.08",
    ),
    (
        "statement-08.xml",
        "4.49",
        "-4.49",
        "line 29, Amt: `-4.49`, expected an amount like 12.34 without a sign",
    ),
    ("statement-08.xml", "\"EUR\">4.49", "\"USD\">4.49", "line 29, Amt: `USD`, expected an amount in EUR"),
    ("statement-08.xml", "<Cd>PDNG</Cd>", "<Cd>LATE</Cd>", "Sts: `LATE`, expected BOOK, PDNG, INFO or FUTR"),
    (
        "statement-08.xml",
        "2024-03-08</Dt></BookgDt>",
        "08.03.2024</Dt></BookgDt>",
        "line 30, Dt: `08.03.2024`",
    ),
    ("statement-08.xml", "M1", "&M1;", "entity: `&M1;`"),
];

#[test]
fn what_is_refused_says_so() {
    for (file, from, to, expected) in REFUSED {
        let bytes = std::fs::read(path(file)).unwrap();
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| error.into_bytes().iter().map(|byte| char::from(*byte)).collect());
        assert!(text.contains(*from), "{file} has no {from}");
        let got = message(&text.replace(from, to));
        assert!(got.contains(*expected), "{from} → {to}: {got}");
    }
}

#[test]
fn formats_are_told_by_content_and_can_be_insisted_on() {
    for name in ["bank.ofx", "cards.qfx", "household.qif", "german.sta", "statement-04.xml"] {
        let found = report(&read(name)).format;
        for format in StatementFormat::ALL {
            let result = reader().with_format(format).read(path(name));
            assert_eq!(result.is_ok(), format == found, "{name} as {format}");
        }
    }
    assert!(message("Date,Amount\n").contains("none of OFX, QIF, MT940 and camt.053"));
    assert!(message("").contains("begins like none"));
    assert!(matches!(reader().read("no such file"), Err(Error::Io { .. })));
    assert!(matches!(reader().with_user("").read(path("bank.ofx")), Err(Error::Param(_))));
}

#[test]
fn bookings_in_odd_places_are_read_or_refused_but_never_lost() {
    let beside = fixture_bytes("bank.ofx").replace("<BANKTRANLIST>", "").replace("</BANKTRANLIST>", "");
    assert_eq!(read_text(&beside).unwrap().ledger.len(), 3);
    let lost = fixture_bytes("bank.ofx").replace("STMTTRNRS>", "OTHER>");
    let lost = message(&lost);
    assert!(lost.ends_with("STMTRS: `within OTHER`, expected it within STMTTRNRS"), "{lost}");
    let lost = message(
        &fixture("statement-02.xml").replace("Stmt>", "Rpt>").replace("BkToCstmrRpt", "BkToCstmrStmt"),
    );
    assert!(lost.contains("Ntry: `within Rpt`, expected it within Stmt"), "{lost}");
}

#[test]
fn a_file_without_one_booking_gives_an_empty_ledger_and_the_lists() {
    let expected =
        ":20:A\n:25:1\n:28C:1\n:60F:C240101EUR5,\n:61:240103ED30,00NDDTNONREF\n:62F:C240102EUR5,\n-\n";
    let import = read_text(expected).unwrap();
    assert!(import.ledger.is_empty());
    assert_eq!((import.quality.rows_read, import.quality.rows_not_booked), (1, 1));
    let bad = expected.replace("ED30,00", "RX30,00");
    let collected = reader().with_policy(RowPolicy::Collect).read_from(bad.as_bytes(), "file").unwrap();
    assert_eq!((collected.ledger.len(), collected.quality.rows_refused), (0, 1));
    assert_eq!(collected.quality.refused[0].line, 5);
    let quiet = fixture_bytes("bank.ofx");
    let (start, end) = (quiet.find("<STMTTRN>").unwrap(), quiet.rfind("</STMTTRN>").unwrap());
    let quiet = format!("{}{}", &quiet[..start], &quiet[end + "</STMTTRN>".len()..]);
    let import = read_text(&quiet).unwrap();
    assert_eq!((import.ledger.len(), import.ledger.currency()), (0, Some(Currency::GBP)));
    assert_eq!(report(&import).statements.len(), 1);
    // Lists of names are no statement.
    assert_eq!(message("!Type:Cat\nNFood\n^\n"), "file: there is no statement in the file");
}

#[test]
fn a_camt_entry_without_amount_or_currency_is_one_bad_entry() {
    let fixture = fixture("statement-08.xml");
    let all = money(&read_text(&fixture).unwrap()).len();
    for (to, what) in [
        ("<Amt Ccy=\"\">4.49", "Amt"),
        ("<Amt>4.49", "Amt"),
        ("<Amt Ccy=\"USD\">4.49", "Amt"),
        ("<Xmt Ccy=\"EUR\">4.49</Xmt><!--", "Ntry"),
    ] {
        let text = fixture.replace("<Amt Ccy=\"EUR\">4.49", to).replace("<!--</Amt>", "");
        assert_ne!(text, fixture);
        let import = reader().with_policy(RowPolicy::Collect).read_from(text.as_bytes(), "file").unwrap();
        assert_eq!(import.quality.refused.len(), 1, "{to}");
        assert_eq!(import.quality.refused[0].column, what, "{to}");
        assert_eq!(money(&import).len(), all - 1, "{to}");
    }
}

#[test]
fn a_correction_that_cannot_be_read_corrects_nothing() {
    let file = fixture_bytes("bank.ofx");
    let collect =
        |text: &str| reader().with_policy(RowPolicy::Collect).read_from(text.as_bytes(), "file").unwrap();
    let correcting = |amount: &str| {
        format!(
            "<STMTTRN><TRNTYPE>DEP<DTPOSTED>20240302<TRNAMT>{amount}<FITID>NEW<CORRECTFITID>202403010001\
             <CORRECTACTION>REPLACE<NAME>X</STMTTRN>\r\n</BANKTRANLIST>"
        )
    };
    let with = |amount: &str| collect(&file.replace("</BANKTRANLIST>", &correcting(amount)));
    let good = with("1.00");
    assert_eq!((good.ledger.len(), good.quality.rows_not_booked, good.quality.rows_refused), (3, 1, 0));
    let bad = with("1.0.0");
    assert_eq!((bad.ledger.len(), bad.quality.rows_not_booked, bad.quality.rows_refused), (3, 0, 1));
    assert!(rows(&bad).iter().any(|row| row.reference == Some("202403010001")));
}

#[test]
fn settings_and_reports_are_files() {
    let reader =
        reader().with_user("anna").with_currency(Currency::EUR).with_policy(RowPolicy::Skip { at_most: 3 });
    let json = serde_json::to_string(&reader).unwrap();
    assert_eq!(serde_json::from_str::<StatementReader>(&json).unwrap(), reader);
    let import = reader.read(path("german.sta")).unwrap();
    assert_eq!(import.ledger.users(), ["anna"]);
    let json = serde_json::to_string(&import.quality).unwrap();
    assert_eq!(serde_json::from_str::<fincoach_transform::QualityReport>(&json).unwrap(), import.quality);
}
