//! Statement files cut short, with bytes changed, or of no sense at all: an answer or an error, never a panic.
#![cfg(all(feature = "ofx", feature = "qif", feature = "mt940", feature = "camt"))]
#![allow(clippy::unwrap_used, reason = "a test")]

use fincoach_transform::{DateOrder, Error, Import, RowPolicy, StatementReader};
use proptest::prelude::*;

const FILES: [&str; 5] = ["bank.ofx", "cards.qfx", "household.qif", "german.sta", "statement-08.xml"];

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/statements/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn read(bytes: &[u8]) -> Result<Import, Error> {
    let reader = StatementReader::new().with_date_order(DateOrder::DayMonthYear);
    let import = reader.read_from(bytes, "damaged");
    // Skipping must hold too, and give no more than there is.
    if let (Ok(skipping), Ok(strict)) =
        (reader.with_policy(RowPolicy::Collect).read_from(bytes, "damaged"), &import)
    {
        assert_eq!(&skipping, strict);
    }
    import
}

/// An error of the content names the file.
fn check(result: Result<Import, Error>) {
    if let Err(error) = result {
        assert!(error.to_string().starts_with("damaged"), "{error}");
    }
}

#[test]
fn a_file_cut_anywhere_is_read_whole_or_refused() {
    for name in FILES {
        let whole = fixture(name);
        let rows = read(&whole).unwrap().ledger.len();
        for end in 0..whole.len() {
            match read(&whole[..end]) {
                // A cut between two statements or records leaves a file that is whole in itself.
                Ok(import) => {
                    let between = ["household.qif", "german.sta"].contains(&name);
                    let only_spaces = whole[end..].iter().all(u8::is_ascii_whitespace);
                    assert!(between || only_spaces, "{name} cut at {end}");
                    assert!(import.ledger.len() <= rows);
                }
                Err(error) => assert!(error.to_string().starts_with("damaged"), "{error}"),
            }
        }
    }
}

#[test]
fn a_cut_within_a_record_names_its_last_line() {
    let qif = read(b"!Type:Bank\nD1/2/2024\nT5.00").unwrap_err();
    assert_eq!(
        qif.to_string(),
        "damaged: line 3: the file ends within a record without its ^, which begins on line 2"
    );
    let swift = read(b":20:A\n:25:1\n:28C:1\n:60F:C240101EUR5,\n:61:240102D1,NMSCX").unwrap_err();
    assert_eq!(
        swift.to_string(),
        "damaged: line 5: the file ends within the statement without its field :62F:, which begins on line 1"
    );
    let sgml = read(b"OFXHEADER:100\n\n<OFX>\n<BANKMSGSRSV1>\n<STMTTRNRS>\n<STATUS>").unwrap_err();
    assert_eq!(sgml.to_string(), "damaged: line 6: the file ends within <STATUS>, which begins on line 6");
}

#[test]
fn changed_bytes_never_panic() {
    for name in FILES {
        let whole = fixture(name);
        let step = 1 + whole.len() / 400;
        for at in (0..whole.len()).step_by(step) {
            for new in [0, b'\n', b'<', b'&', b'9', b':', b',', 0xc3, 0xff] {
                let mut changed = whole.clone();
                changed[at] = new;
                check(read(&changed));
            }
            let mut shorter = whole.clone();
            shorter.remove(at);
            check(read(&shorter));
        }
    }
}

#[test]
fn elements_without_end_and_amounts_without_limit_are_refused() {
    let deep = format!("OFXHEADER:100\n{}", "<A>".repeat(100_000));
    assert!(read(deep.as_bytes()).unwrap_err().to_string().contains("at most 64 deep"));
    let deep = format!("<?OFX OFXHEADER=\"200\"?>{}", "<A>".repeat(100_000));
    assert!(read(deep.as_bytes()).is_err());
    let huge = String::from_utf8(fixture("german.sta"))
        .unwrap()
        .replace("3500,00", &format!("{},00", "9".repeat(40)));
    assert!(read(huge.as_bytes()).unwrap_err().to_string().contains("an amount like"));
    // As large as an amount can be: sums saturate and the balances are reported as not holding.
    let large = String::from_utf8(fixture("german.sta")).unwrap().replace("3500,00", "92233720368547758,07");
    let import = read(large.as_bytes()).unwrap();
    assert_eq!(import.quality.statement.unwrap().mismatches().count(), 1);
}

/// Pieces that mean something to one of the formats, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "OFXHEADER:100\n",
        "<OFX>",
        "</OFX>",
        "<BANKMSGSRSV1>",
        "<STMTTRNRS>",
        "<STMTRS>",
        "<STMTTRN>",
        "</STMTTRN>",
        "<TRNAMT>-1.5",
        "<DTPOSTED>20240229",
        "<FITID>1",
        "<?xml version=\"1.0\"?>",
        "<![CDATA[",
        "]]>",
        "&amp;",
        "<!--",
        ":20:A\n",
        ":25:1\n",
        ":60F:C240101EUR1,5\n",
        ":61:2401010102D1,5NMSCX//Y\n",
        ":86:105?20a?32b\n",
        "?",
        "é",
        ":62F:C240101EUR0,\n",
        "-\n",
        "!Type:Bank\n",
        "!Account\n",
        "D1/2'24\n",
        "T-1,5\n",
        "Sx\n",
        "$-1.5\n",
        "^\n",
        "<Document xmlns=\"camt.053.001.02\">",
        "<BkToCstmrStmt>",
        "<Stmt>",
        "</Stmt>",
        "<Ntry>",
        "\u{feff}",
        "\0",
        "\r\n",
    ]);
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), start in 0_usize..6) {
        let starts = ["", "OFXHEADER:100\n<OFX>", "<?OFX?>", "!Type:Bank\n", ":20:A\n", "<Document xmlns='camt.053.001.02'>"];
        let mut file = starts[start].as_bytes().to_vec();
        file.extend(bytes);
        check(read(&file));
    }

    #[test]
    fn no_order_of_known_pieces_makes_a_reader_panic(text in pieces()) {
        check(read(text.as_bytes()));
    }
}
