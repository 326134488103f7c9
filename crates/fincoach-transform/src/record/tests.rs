use proptest::prelude::*;

use super::*;

fn read_all(bytes: &[u8]) -> Result<Vec<(u64, Vec<String>)>, Error> {
    let mut records = Records::new(bytes, "file", b',');
    let mut record = Record::default();
    let mut all = Vec::new();
    while records.read(&mut record)? {
        all.push((record.line(), record.fields().map(str::to_owned).collect()));
    }
    Ok(all)
}

fn fault(text: &str) -> (u64, String, QuoteFault) {
    match read_all(text.as_bytes()) {
        Err(Error::Quote { place, column, fault }) => (place.line, column, fault),
        other => panic!("{other:?}"),
    }
}

#[test]
fn lines_are_those_of_the_file() {
    let records = read_all(b"\xEF\xBB\xBFa,b\r\n\r\n\n1,\"x\ny\"\r\n,\n\"\"\"q\"\"\",2").unwrap();
    let expected: [(u64, [&str; 2]); 4] =
        [(1, ["a", "b"]), (4, ["1", "x\ny"]), (6, ["", ""]), (7, ["\"q\"", "2"])];
    for ((line, fields), (expected_line, expected_fields)) in records.iter().zip(expected) {
        assert_eq!((*line, fields.as_slice()), (expected_line, &expected_fields.map(str::to_owned)[..]));
    }
    assert_eq!(records.len(), 4);
}

#[test]
fn broken_quotes_are_told_apart_and_placed() {
    assert_eq!(fault("a,b\n1,\"open\n2,3\n"), (2, "2".to_owned(), QuoteFault::Unclosed));
    assert_eq!(fault("a,b\n1,in\"side\n"), (2, "2".to_owned(), QuoteFault::InsideField));
    assert_eq!(fault("a,b\n\"x\"y,1\n"), (2, "1".to_owned(), QuoteFault::TextAfter));
    assert_eq!(fault("a,b\n\"x\ny\" ,1\n"), (2, "1".to_owned(), QuoteFault::TextAfter));
    assert_eq!(fault("\""), (1, "1".to_owned(), QuoteFault::Unclosed));
}

#[test]
fn an_open_quote_stops_after_a_mebibyte() {
    let text = format!("a,b\n1,\"{}", "x\n".repeat(MAX_RECORD));
    assert_eq!(fault(&text), (2, "2".to_owned(), QuoteFault::Unclosed));
}

#[test]
fn an_endless_line_is_refused() {
    let text = format!("a,b\n1,{}", "x".repeat(2 * MAX_RECORD));
    let error = read_all(text.as_bytes()).unwrap_err();
    assert!(matches!(error, Error::TooLong { place: Place { line: 2, .. }, limit: MAX_RECORD }), "{error}");
    let longest = "x".repeat(MAX_RECORD - 1);
    assert_eq!(read_all(format!("{longest}\n").as_bytes()).unwrap()[0].1, [longest]);
}

#[test]
fn bytes_that_are_no_text_are_placed() {
    let error = read_all(b"a,b\n1,caf\xe9\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "file: line 2, column `2`: `caf\u{fffd}` is not UTF-8, expected a file in UTF-8"
    );
}

fn field() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "é", "\"", ",", "\n", "\r\n", " ", "1"]), 0..5)
        .prop_map(|parts| parts.concat())
}

proptest! {
    /// The independent reference: what the csv crate writes and reads, we read.
    #[test]
    fn well_formed_files_are_read_as_the_csv_crate_reads_them(
        rows in prop::collection::vec(prop::collection::vec(field(), 3), 1..6),
        crlf in any::<bool>(),
    ) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
        rows.iter().for_each(|row| writer.write_record(row).unwrap());
        let bytes = writer.into_inner().unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
        let theirs: Vec<Vec<String>> =
            reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
        let ours: Vec<Vec<String>> = read_all(&bytes).unwrap().into_iter().map(|(_, fields)| fields).collect();
        prop_assert_eq!(&ours, &theirs);
        prop_assert_eq!(ours, rows);
    }

    #[test]
    fn no_bytes_make_it_panic_and_lines_only_grow(bytes in prop::collection::vec(
        prop::sample::select(b"a\",\n\r\xe9 \xEF\xBB\xBF\0".to_vec()), 0..60)) {
        if let Ok(records) = read_all(&bytes) {
            prop_assert!(records.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }
}
