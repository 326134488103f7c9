//! Every kind of bad file is a typed error that names place, value and what was expected.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use fincoach_core::rng;
use fincoach_transform::{CsvReader, Error, Layout, QuoteFault, Users};
use proptest::prelude::*;

const HEADER: &str =
    "Transaction Date,Transaction Type,Transaction Description,Debit Amount,Credit Amount,Balance";

fn lloyds() -> CsvReader {
    CsvReader::new(Layout::lloyds())
}

fn error_of(bytes: &[u8]) -> Error {
    lloyds().read_from(bytes, "f.csv").unwrap_err()
}

/// The error of a file whose third line is this row.
fn error_of_row(row: &str) -> Error {
    error_of(format!("{HEADER}\n01/03/2024,DEB,fine,1.00,,99.00\n{row}\n").as_bytes())
}

#[test]
fn a_missing_file_is_named() {
    let error = lloyds().read("no/such/file.csv").unwrap_err();
    assert!(matches!(&error, Error::Io { file, .. } if file == "no/such/file.csv"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(lloyds().read(folder.path()), Err(Error::Io { .. })));
}

#[test]
fn a_file_on_disk_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, format!("{HEADER}\n01/03/2024,DEB,fine,1.00,,99.00\n")).unwrap();
    let import = lloyds().read(&path).unwrap();
    assert_eq!(import.quality.source, path.display().to_string());
}

#[test]
fn a_file_without_rows_is_told_from_an_empty_one() {
    for empty in ["", "\n\r\n\n", "\u{feff}"] {
        assert!(matches!(error_of(empty.as_bytes()), Error::EmptyFile { .. }), "{empty:?}");
    }
    let error = error_of(format!("\n{HEADER}\n\n").as_bytes());
    assert_eq!(error.to_string(), "f.csv: line 2: there are no rows below the header");
}

#[test]
fn a_missing_column_names_the_nearest_and_those_there_are() {
    let header = HEADER.replace("Debit Amount", "Debit Amnt");
    let error = error_of(format!("{header}\n").as_bytes());
    assert_eq!(
        error.to_string(),
        "f.csv: line 1: no column `Debit Amount`; did you mean `Debit Amnt`? The columns are: Transaction Date, \
         Transaction Type, Transaction Description, Debit Amnt, Credit Amount, Balance"
    );
    let error = error_of(b"a;b\n1;2\n");
    assert_eq!(error.to_string(), "f.csv: line 1: no column `Transaction Date`; there are: a;b");
    let text = format!("{HEADER},Debit Amount\n");
    let error = error_of(text.as_bytes());
    assert_eq!(error.to_string(), "f.csv: line 1: column `Debit Amount` stands twice");
}

#[test]
fn an_unknown_user_column_is_named_as_one() {
    let reader = lloyds().with_users(Users::Column("Balanse".into()));
    let error = reader.read_from(HEADER.as_bytes(), "f.csv").unwrap_err();
    assert!(
        error.to_string().starts_with("f.csv: line 1: no user column `Balanse`; did you mean `Balance`?")
    );
}

#[test]
fn a_row_without_its_user_is_refused() {
    let text = format!("{HEADER},User\n01/03/2024,DEB,fine,1.00,,99.00, \n");
    let reader = lloyds().with_users(Users::Column("User".into()));
    let error = reader.read_from(text.as_bytes(), "f.csv").unwrap_err();
    assert_eq!(
        error.to_string(),
        "f.csv: line 2, column `User`: ` `, expected the name of a user in every row"
    );
}

#[test]
fn fields_that_cannot_be_read_name_line_column_value_and_form() {
    let amount = "expected an amount like 12.34 without a sign";
    for (row, message) in [
        (
            "31/02/2024,DEB,x,1,,1",
            "column `Transaction Date`: `31/02/2024`, expected a date like dd/mm/yyyy from 1900 to 2199",
        ),
        (",DEB,x,1,,1", "column `Transaction Date`: ``, expected a date like dd/mm/yyyy from 1900 to 2199"),
        (
            "01/03/0024,DEB,x,1,,1",
            "column `Transaction Date`: `01/03/0024`, expected a date like dd/mm/yyyy from 1900 to 2199",
        ),
        ("01/03/2024,DEB,x,1.2.3,,1", &format!("column `Debit Amount`: `1.2.3`, {amount}")),
        ("01/03/2024,DEB,x,-1.20,,1", &format!("column `Debit Amount`: `-1.20`, {amount}")),
        ("01/03/2024,DEB,x,,£5,1", &format!("column `Credit Amount`: `£5`, {amount}")),
        ("01/03/2024,DEB,x,,1.234,1", &format!("column `Credit Amount`: `1.234`, {amount}")),
        ("01/03/2024,DEB,x,,\"1,234.00\",1", &format!("column `Credit Amount`: `1,234.00`, {amount}")),
        ("01/03/2024,DEB,x,1,,nan", "column `Balance`: `nan`, expected an amount like 12.34 or -12.34"),
    ] {
        assert_eq!(error_of_row(row).to_string(), format!("f.csv: line 3, {message}"), "{row}");
    }
}

#[test]
fn a_time_that_is_none_is_refused() {
    let text = format!("Transaction Time,{HEADER}\n25:00,01/03/2024,DEB,x,1,,1\n");
    let message = error_of(text.as_bytes()).to_string();
    assert!(
        message.starts_with("f.csv: line 2, column `Transaction Time`: `25:00`, expected a time"),
        "{message}"
    );
}

#[test]
fn one_amount_is_needed_and_only_one() {
    assert_eq!(
        error_of_row("01/03/2024,DEB,x,1.00,2.00,1").to_string(),
        "f.csv: line 3: `1.00` in column `Debit Amount` and `2.00` in column `Credit Amount`, expected only one of them"
    );
    assert_eq!(
        error_of_row("01/03/2024,DEB,x,, ,1").to_string(),
        "f.csv: line 3: nothing in columns `Debit Amount` and `Credit Amount`, expected an amount in one of them"
    );
}

#[test]
fn ragged_rows_are_refused() {
    assert_eq!(
        error_of_row("01/03/2024,DEB,x,1,").to_string(),
        "f.csv: line 3: 5 fields, expected 6 as in the header"
    );
    assert!(matches!(error_of_row("01/03/2024,DEB,x,1,,1,"), Error::FieldCount { expected: 6, got: 7, .. }));
    assert!(matches!(error_of_row("   "), Error::FieldCount { got: 1, .. }));
}

#[test]
fn broken_quotes_are_refused_where_they_begin() {
    for (row, fault) in [
        ("01/03/2024,DEB,\"open,1,,1", QuoteFault::Unclosed),
        ("01/03/2024,DEB,in\"side,1,,1", QuoteFault::InsideField),
        ("01/03/2024,DEB,\"a\"b,1,,1", QuoteFault::TextAfter),
    ] {
        let error = error_of_row(row);
        let Error::Quote { place, column, fault: found } = &error else { panic!("{error}") };
        assert_eq!((place.line, column.as_str(), *found), (3, "Transaction Description", fault), "{row}");
    }
}

#[test]
fn other_encodings_are_refused() {
    let mut text = format!("{HEADER}\n01/03/2024,DEB,CAF").into_bytes();
    text.extend(b"\xC9,1,,1\n");
    assert_eq!(
        error_of(&text).to_string(),
        "f.csv: line 2, column `Transaction Description`: `CAF\u{fffd}` is not UTF-8, expected a file in UTF-8"
    );
    // Without its mark nothing tells that this is UTF-16.
    let utf16: Vec<u8> = "Transaction Date\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(matches!(error_of(&utf16), Error::MissingColumn { .. }));
    let half = b"\xFF\xFEa".as_slice();
    assert!(matches!(error_of(half), Error::Io { .. }));
}

#[test]
fn absurdly_long_fields_are_refused_or_shortened() {
    let row = format!("01/03/2024,DEB,{},1,,1", "x".repeat(3 << 20));
    assert!(matches!(error_of_row(&row), Error::TooLong { .. }));
    let error = error_of_row(&format!("{},DEB,x,1,,1", "9".repeat(1000)));
    assert!(error.to_string().len() < 250, "{error}");
    let text = format!("{HEADER}\n01/03/2024,DEB,{},1,,1\n", "x".repeat(100_000));
    assert_eq!(
        lloyds().read_from(text.as_bytes(), "f").unwrap().ledger.user(0).row(0).description.len(),
        100_000
    );
}

#[test]
fn settings_out_of_range_are_refused_before_the_file_is_read() {
    let error = lloyds().with_users(Users::Timeline(0)).read_from(&b""[..], "f").unwrap_err();
    assert_eq!(error.to_string(), "parameter `users` is 0, must be 1 or more");
    let reader = CsvReader::new(Layout::lloyds().with_delimiter('"'));
    assert!(matches!(reader.read_from(&b""[..], "f"), Err(Error::Param(_))));
}

/// Files that once could have been trouble: each is read or refused, never a panic.
#[test]
fn odd_files_are_read_or_refused() {
    let huge = "92233720368547758.07";
    for row in [
        format!(
            "01/03/2024,DEB,x,{huge},,-{huge}\n01/03/2024,DEB,x,{huge},,-{huge}\n01/03/2024,DEB,x,,{huge},{huge}"
        ),
        "01/03/2024,\0,\u{feff},0,,0".to_owned(),
        "01/03/2024,DEB,\"\",1,,1\r".to_owned(),
        "01/03/2024,DEB,\r,1,,1".to_owned(),
        " 01/03/2024 ,DEB,x, 1 ,, 1 ".to_owned(),
        "29/02/2024,DEB,\"a\r\n\r\nb\",1,,".to_owned(),
    ] {
        let import = lloyds().read_from(format!("{HEADER}\n{row}").as_bytes(), "f").unwrap();
        assert!(!import.quality.to_string().is_empty());
    }
    for row in ["\"\"\"", "\",\"", ",,,,,", "\r\r", "\u{85}", "01/03/2024,DEB,x,99999999999999999999,,1"] {
        assert!(lloyds().read_from(format!("{HEADER}\n{row}").as_bytes(), "f").is_err(), "{row:?}");
    }
}

/// Bytes that mean something to a reader of such files.
const ODD: &[u8] = b"\",\n\r/.-0 9\xff\0\xEF\t;:";

fn sample() -> Vec<u8> {
    format!(
        "{HEADER},User\n03/03/2024,DEB,\"LIDL, GB\",15.02,,970.00,a\n02/03/2024,FPO,\"say \"\"hi\"\"\",10,,985.02,é\n\
         01/03/2024,BGC,ACME,,5.5,995.02,a\r\n01/03/2024,,CAFÉ,0.01,,989.52,a\n"
    )
    .into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]
    /// Bytes of a good file are changed, dropped, doubled, cut and moved: a ledger with every row, or an error.
    #[test]
    fn damaged_files_are_read_or_refused(seed in any::<u64>(), n_changes in 1_usize..12) {
        let mut bytes = sample();
        let mut rng = rng::stream(seed, 0);
        for _ in 0..n_changes {
            if bytes.is_empty() {
                break;
            }
            let at = rng.below(bytes.len());
            let odd = ODD[rng.below(ODD.len())];
            match rng.below(5) {
                0 => bytes[at] = odd,
                1 => bytes.insert(at, odd),
                2 => drop(bytes.remove(at)),
                3 => bytes[at] ^= 1 << rng.below(8),
                _ => bytes.truncate(at),
            }
        }
        for reader in [lloyds(), lloyds().with_users(Users::Column("User".into())), lloyds().with_users(Users::Timeline(2))] {
            match reader.read_from(bytes.as_slice(), "f.csv") {
                Ok(import) => {
                    prop_assert_eq!(import.ledger.len() as u64, import.quality.rows_read);
                    prop_assert!(!import.ledger.is_empty());
                }
                Err(error) => prop_assert!(error.to_string().starts_with("f.csv"), "{}", error),
            }
        }
    }

    #[test]
    fn arbitrary_bytes_are_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = lloyds().read_from(bytes.as_slice(), "f");
        let _ = lloyds().read_from([HEADER.as_bytes(), b"\n", &bytes].concat().as_slice(), "f");
    }
}
