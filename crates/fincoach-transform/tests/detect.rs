//! Layouts proposed for exports of many forms.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use fincoach_transform::{
    CsvReader, DateOrder, Detection, Encoding, Error, ExportFormat, Import, Layout, Question, SignReading,
    StatementFormat, Topic, detect, detect_from,
};

fn of(text: &str) -> Detection {
    detect_from(text.as_bytes(), "export.csv").unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn read(detection: &Detection, bytes: &[u8]) -> Import {
    let layout = detection.layout().unwrap_or_else(|error| panic!("{error}\n{detection}")).clone();
    CsvReader::new(layout)
        .read_from(bytes, "export.csv")
        .unwrap_or_else(|error| panic!("{error}\n{detection}"))
}

fn amounts(import: &Import) -> Vec<i64> {
    import.ledger.all().amounts().iter().map(|amount| amount.minor()).collect()
}

const LLOYDS: &str = "\
Transaction Date,Transaction Type,Transaction Description,Debit Amount,Credit Amount,Balance
25/03/2024,DEB,LIDL GB,15.02,,984.98
24/03/2024,DD,LANDLORD,500.00,,1000.00
24/03/2024,BGC,ACME LTD PAY,,1500.00,1500.00
";

#[test]
fn an_export_of_a_shipped_layout_gets_that_layout() {
    let detection = of(LLOYDS);
    assert_eq!(detection.preset(), Some("lloyds"), "{detection}");
    assert_eq!(detection.layout().unwrap(), &Layout::lloyds());
    assert!(detection.questions().is_empty());
    let chain = detection.reasons().iter().find(|reason| reason.topic == Topic::Balance).unwrap();
    assert!(chain.text.contains("column 6 `Balance`"), "{chain}");
    assert!(chain.text.contains("holds for 100.0 % of 2 steps, newest first"), "{chain}");
}

#[test]
fn days_up_to_twelve_are_a_question_and_no_guess() {
    let text = LLOYDS.replace("25/03", "05/03").replace("24/03", "04/03");
    let detection = of(&text);
    let [Question::DateOrder { column, example, formats, .. }] = detection.questions() else {
        panic!("{detection}");
    };
    assert_eq!((column.as_str(), example.as_str(), formats.len()), ("Transaction Date", "05/03/2024", 2));
    let error = detection.layout().unwrap_err();
    assert!(matches!(error, Error::OpenQuestions { n_questions: 1, .. }), "{error}");
    assert!(error.to_string().contains("dd/mm/yyyy or mm/dd/yyyy"), "{error}");
    // An order that is not among the possible ones answers nothing.
    let still = detection.clone().answer(DateOrder::YearMonthDay).unwrap();
    assert_eq!(still.questions().len(), 1);
    let day_first = detection.clone().answer(DateOrder::DayMonthYear).unwrap();
    assert_eq!((day_first.preset(), day_first.layout().unwrap()), (Some("lloyds"), &Layout::lloyds()));
    let month_first = detection.answer(DateOrder::MonthDayYear).unwrap();
    let last = read(&month_first, text.as_bytes()).quality.last_date;
    assert_eq!(last.to_string(), "2024-05-03");
}

#[test]
fn a_german_export_is_read_with_its_marks_and_the_lines_around_it() {
    let text = "\
Umsatzanzeige;Girokonto
Kunde;Erika Mustermann

Buchung;Auftraggeber/Empfänger;Verwendungszweck;Saldo;Betrag;Währung
27.01.2024;REWE;Einkauf;2.487,66;-12,34;EUR
26.01.2024;ACME;Gehalt;2.500,00;2.000,00;EUR
25.01.2024;Vermieter;Miete;500,00;-1.500,00;EUR
";
    let detection = of(text);
    let layout = detection.layout().unwrap();
    assert_eq!((layout.delimiter(), layout.skip_before()), (';', 3), "{detection}");
    assert_eq!((layout.numbers().decimal(), layout.numbers().thousands()), (',', Some('.')));
    assert_eq!(layout.currency().unwrap().code(), "EUR");
    assert_eq!(amounts(&read(&detection, text.as_bytes())), [-150_000, 200_000, -1234]);
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    let detection = detect_from(&*latin, "export.csv").unwrap();
    assert_eq!(detection.layout().unwrap().encoding(), Encoding::Windows1252);
    assert!(detection.doubts().iter().any(|doubt| doubt.topic == Topic::Encoding));
    assert_eq!(read(&detection, &latin).ledger.len(), 3);
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let detection = detect_from(utf16.as_slice(), "export.csv").unwrap();
    assert_eq!(detection.layout().unwrap().encoding(), Encoding::Utf16);
    assert_eq!(read(&detection, &utf16).ledger.len(), 3);
}

#[test]
fn columns_without_names_are_known_by_the_balance_chain() {
    let text = "\
2024-01-25,RENT FLAT 4,-500.00,500.00
2024-01-26,LIDL LONDON,-15.02,484.98
2024-01-27,ACME PAY,1500.00,1984.98
2024-01-28,BUS,-2.50,1982.48
";
    let detection = of(text);
    let layout = detection.layout().unwrap();
    assert!(!layout.header(), "{detection}");
    let import = read(&detection, text.as_bytes());
    assert_eq!(amounts(&import), [-50_000, -1502, 150_000, -250]);
    assert_eq!((import.quality.balance_breaks, import.quality.rows_without_balance), (0, 0));
}

#[test]
fn two_columns_without_names_are_told_by_the_chain_or_asked_for() {
    let text = "\
2024-01-25,RENT FLAT 4,,500.00,500.00
2024-01-26,LIDL LONDON,,15.02,484.98
2024-01-27,ACME PAY,1500.00,,1984.98
2024-01-28,BUS,,2.50,1982.48
";
    assert_eq!(amounts(&read(&of(text), text.as_bytes())), [-50_000, -1502, 150_000, -250]);
    let without: String =
        text.lines().map(|line| format!("{}\n", line.rsplit_once(',').unwrap().0)).collect();
    let detection = of(&without);
    assert!(matches!(detection.questions(), [Question::Sign { .. }]), "{detection}");
    let detection = detection.answer(SignReading::Inverted).unwrap();
    assert_eq!(amounts(&read(&detection, without.as_bytes())), [-50_000, -1502, 150_000, -250]);
}

#[test]
fn words_say_which_way_money_goes() {
    let text = "\
\"Datum\";\"Naam\";\"Af Bij\";\"Bedrag (EUR)\"
\"20240125\";\"Albert Heijn\";\"Af\";\"15,02\"
\"20240126\";\"Werkgever\";\"Bij\";\"1500,00\"
";
    let detection = of(text);
    assert_eq!(amounts(&read(&detection, text.as_bytes())), [-1502, 150_000], "{detection}");
}

#[test]
fn amounts_above_zero_only_are_a_question() {
    let text = "\
Date,Description,Amount
25/01/2024,LIDL,15.02
26/01/2024,BUS,2.50
27/01/2024,REFUND,-2.50
28/01/2024,BUS,2.50
";
    let detection = of(text);
    let sign = |question: &Question| matches!(question, Question::Sign { .. });
    assert!(detection.questions().iter().any(sign) || detection.preset().is_some(), "{detection}");
    let detection = detection.answer(SignReading::Inverted).unwrap();
    assert_eq!(amounts(&read(&detection, text.as_bytes())), [-1502, -250, 250, -250], "{detection}");
}

#[test]
fn three_digits_behind_the_only_mark_are_a_question_unless_the_currency_tells() {
    let text = "Date,Text,Amount\n25/01/2024,a,\"-1,234\"\n26/01/2024,b,\"-12\"\n27/01/2024,c,-5\n";
    let detection = of(text);
    assert!(matches!(detection.questions(), [Question::DecimalMark { .. }]), "{detection}");
    let detection = detection.answer('.').unwrap();
    assert_eq!(amounts(&read(&detection, text.as_bytes())), [-123_400, -1200, -500]);
    let detection = of(&text.replace("Amount", "Amount (GBP)"));
    assert_eq!(amounts(&read(&detection, text.replace("Amount", "Amount (GBP)").as_bytes()))[0], -123_400);
    assert!(detection.doubts().iter().any(|doubt| doubt.text.contains("not as cents")), "{detection}");
}

#[test]
fn statement_formats_are_named() {
    let mt940 = ":20:STMT\n:25:12345678\n:28C:1/1\n:60F:C240101GBP100,00\n:61:2401250125D15,02NMSC\n:62F:C240125GBP84,98\n";
    for (text, format) in [
        ("OFXHEADER:100\nDATA:OFXSGML\n\n<OFX></OFX>", StatementFormat::Ofx),
        ("<?xml version=\"1.0\"?>\n<?OFX OFXHEADER=\"200\"?>\n<OFX/>", StatementFormat::Ofx),
        ("!Clear:AutoSwitch\n!Type:Bank\nD25/01/2024\nT-1\n^\n", StatementFormat::Qif),
        ("!Type:Bank\nD25/01/2024\nT-1\n^\n", StatementFormat::Qif),
        (mt940, StatementFormat::Mt940),
        (
            "<?xml version=\"1.0\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"/>",
            StatementFormat::Camt,
        ),
    ] {
        let detection = of(text);
        assert_eq!(detection.format(), ExportFormat::Statement(format));
        assert_eq!(StatementFormat::sniff(text), Some(format));
        assert!(matches!(detection.layout(), Err(Error::NotDelimited { .. })));
        assert_eq!(detection.reasons().last().unwrap().topic, Topic::Format);
    }
}

#[test]
fn what_is_no_export_is_an_error_of_its_own() {
    let error = |bytes: &[u8]| detect_from(bytes, "file").unwrap_err();
    assert!(matches!(error(b""), Error::EmptyFile { .. }));
    assert!(matches!(error(b" \n\r\n"), Error::EmptyFile { .. }));
    assert!(error(b"PK\x03\x04....").to_string().contains("workbook"));
    assert!(matches!(error(b"%PDF-1.4"), Error::NotText { .. }));
    assert!(matches!(error(b"a\x00\x00\x00b,c"), Error::NotText { .. }));
    assert!(matches!(error(b"just a letter\nwith two lines\n"), Error::NoLayout { .. }));
    assert!(error(b"<!DOCTYPE html><html></html>").to_string().contains("HTML"));
    let page = "<html><p>Get OFX, not camt.053</p></html>";
    assert!(error(page.as_bytes()).to_string().contains("HTML"));
    assert_eq!(StatementFormat::sniff(page), None);
    assert!(error(b"{\"a\": 1}").to_string().contains("JSON"));
    assert!(matches!(detect("no such file").unwrap_err(), Error::Io { .. }));
}

/// Answers every question the way a layout has it.
fn answered(mut detection: Detection, layout: &Layout) -> Detection {
    for _ in 0..4 {
        let sign = if layout.inverted() { SignReading::Inverted } else { SignReading::AsWritten };
        detection = match detection.questions().first() {
            None => return detection,
            Some(Question::DateOrder { .. }) => detection.answer(layout.date_format().order()).unwrap(),
            Some(Question::DecimalMark { .. }) => detection.answer(layout.numbers().decimal()).unwrap(),
            Some(Question::Sign { .. }) => detection.answer(sign).unwrap(),
            Some(other) => panic!("{other}"),
        };
    }
    panic!("questions stay open: {detection}");
}

/// What a ledger says about money: time, amount, balance, description of every row.
fn rows(import: &Import) -> Vec<(String, i64, Option<i64>, String)> {
    let row = |row: fincoach_core::Transaction<'_>| {
        let balance = row.balance.map(fincoach_core::Money::minor);
        (row.time.to_string(), row.amount.minor(), balance, row.description.to_owned())
    };
    import.ledger.all().iter().map(row).collect()
}

#[test]
fn every_shipped_layout_is_found_by_its_example() {
    for name in Layout::preset_names() {
        let path = format!("{}/tests/fixtures/{name}.csv", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(&path).unwrap();
        let preset = Layout::preset(name).unwrap();
        let expected = CsvReader::new(preset.clone()).read_from(bytes.as_slice(), "export.csv").unwrap();
        let detection = detect(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        println!("== {name}\n{detection}");
        let detection = answered(detection, &preset);
        let found = read(&detection, &bytes);
        assert_eq!(rows(&found), rows(&expected), "{name}: {detection}");
    }
}

#[test]
fn columns_a_shipped_layout_does_not_know_are_kept() {
    let text = "\
Account,Date,Counter Party,Reference,Type,Amount (GBP),Balance (GBP),Spending Category,Notes
11111111,21/10/2024,An Employer,SALARY,FASTER PAYMENT,1500.00,5500.00,INCOME,
22222222,21/10/2024,Landlord,Rent,FASTER PAYMENT,-1000.00,200.00,PAYMENTS,
11111111,22/10/2024,Corner Shop,Food,CARD,-10.00,5490.00,GROCERIES,
22222222,22/10/2024,Corner Shop,Food,CARD,-20.00,180.00,GROCERIES,
11111111,23/10/2024,Corner Shop,Food,CARD,-30.00,5460.00,GROCERIES,
22222222,23/10/2024,Corner Shop,Food,CARD,-40.00,140.00,GROCERIES,
";
    let detection = of(text);
    assert_eq!(detection.preset(), Some("starling"), "{detection}");
    let import = read(&detection, text.as_bytes());
    assert_eq!(import.quality.balance_breaks, 0, "{detection}");
    assert!(import.ledger.all().iter().all(|row| row.account.is_some()));
    // A text the layout joins to its description is no reference as well.
    assert!(import.ledger.all().iter().all(|row| row.description.contains(' ')));
}

#[test]
fn lines_behind_more_rows_than_are_looked_at_are_skipped() {
    let rows = "2024-01-25,RENT,-5.10,x\n2024-01-26,PAY,15.20,y\n".repeat(12_000);
    let text = format!("Date,Text,Amount,Note\n{rows}Closing balance,121200.00\nEnd of file\n");
    assert!(text.len() < 1 << 20);
    let detection = of(&text);
    let import = read(&detection, text.as_bytes());
    assert_eq!((detection.layout().unwrap().skip_after(), import.ledger.len()), (2, 24_000), "{detection}");
    let of_sample = |finding: &&fincoach_transform::Finding| finding.topic == Topic::Sample;
    let doubt = detection.doubts().iter().find(of_sample).unwrap();
    assert!(doubt.text.contains("only the first 20000 rows and the end"), "{detection}");
    let reason = detection.reasons().iter().find(of_sample).unwrap();
    assert!(reason.text.starts_with("all but"), "{detection}");
}
