//! Made-up exports of random forms: what is detected reads them as they were written, asks, or doubts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use fincoach_core::chrono::{Days, NaiveDate};
use fincoach_transform::{
    Answer, CsvReader, DateOrder, Detection, Error, Layout, Question, RowPolicy, SignReading, Topic,
    detect_from,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// How an export is written.
#[derive(Clone, Debug)]
struct Form {
    delimiter: char,
    date: (&'static str, &'static str),
    marks: (char, Option<char>),
    sign: SignForm,
    balance: bool,
    header: Option<usize>,
    newest_first: bool,
    lines_before: usize,
    encoding: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum SignForm {
    Signed,
    Inverted,
    Two,
    Words,
}

/// Day from a start, amount in pence, description.
type Row = (u64, i64, String);

/// Date, text, amount, debit, credit, direction, balance.
const NAMES: [[&str; 7]; 5] = [
    ["Date", "Description", "Amount", "Money out", "Money in", "Direction", "Balance"],
    ["Buchungstag", "Verwendungszweck", "Betrag", "Soll", "Haben", "Soll/Haben", "Saldo"],
    ["Datum", "Omschrijving", "Bedrag", "Af", "Bij", "Af Bij", "Saldo na mutatie"],
    ["Date opération", "Libellé", "Montant", "Débit", "Crédit", "Sens", "Solde"],
    ["Fecha", "Concepto", "Importe", "Cargo", "Abono", "Signo", "Saldo"],
];

const DATES: [(&str, &str); 8] = [
    ("%d/%m/%Y", "dd/mm/yyyy"),
    ("%m/%d/%Y", "mm/dd/yyyy"),
    ("%Y-%m-%d", "yyyy-mm-dd"),
    ("%d.%m.%Y", "dd.mm.yyyy"),
    ("%d.%m.%y", "dd.mm.yy"),
    ("%d %b %Y", "dd mmm yyyy"),
    ("%Y%m%d", "yyyymmdd"),
    ("%Y-%m-%dT10:30:00", "yyyy-mm-ddThh:mm"),
];

fn forms() -> impl Strategy<Value = Form> {
    let signs = prop::sample::select(vec![
        SignForm::Signed,
        SignForm::Signed,
        SignForm::Inverted,
        SignForm::Two,
        SignForm::Words,
    ]);
    let marks = prop::sample::select(vec![
        ('.', None),
        ('.', Some(',')),
        (',', None),
        (',', Some('.')),
        (',', Some(' ')),
    ]);
    let first =
        (prop::sample::select(vec![',', ';', '\t', '|']), prop::sample::select(DATES.to_vec()), marks, signs);
    (first, any::<bool>(), prop::option::weighted(0.8, 0..NAMES.len()), any::<bool>(), 0..3_usize, 0..4_usize)
        .prop_map(
            |((delimiter, date, marks, sign), balance, header, newest_first, lines_before, encoding)| Form {
                delimiter,
                date,
                marks,
                sign,
                // A balance that goes against the amounts is another test's.
                balance: balance && sign != SignForm::Inverted,
                header,
                newest_first,
                lines_before,
                encoding,
            },
        )
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let amount = prop_oneof![-250_000..-1_i64, -250_000..-1_i64, 1..250_000_i64];
    prop::collection::vec((0..12_u64, amount, "[A-Z]{3,8}( [A-Zé,;\"]{2,6}){1,3}"), 4..24)
}

fn number(minor: i64, (decimal, thousands): (char, Option<char>)) -> String {
    let (whole, cents) = (minor.abs() / 100, minor.abs() % 100);
    let whole = match thousands {
        Some(mark) if whole >= 1000 => format!("{}{mark}{:03}", whole / 1000, whole % 1000),
        _ => whole.to_string(),
    };
    format!("{}{whole}{decimal}{cents:02}", if minor < 0 { "-" } else { "" })
}

/// What a row says: date, amount and balance.
type Said = (NaiveDate, i64, Option<i64>);

/// The rows as they happened.
fn truth(form: &Form, rows: &[Row]) -> Vec<Said> {
    let (mut date, mut balance) = (NaiveDate::from_ymd_opt(2023, 1, 5).unwrap(), 100_000);
    let said = rows.iter().map(|(gap, amount, _)| {
        date = date + Days::new(*gap);
        balance += amount;
        (date, *amount, form.balance.then_some(balance))
    });
    said.collect()
}

fn written(form: &Form, rows: &[Row]) -> Vec<u8> {
    let quoted = |text: &str| {
        let needs = text.contains([form.delimiter, '"']);
        if needs { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
    };
    let line = |said: &Said, text: &str| {
        let (date, amount, balance) = said;
        let number = |minor: i64| quoted(&number(minor, form.marks));
        let mut fields = vec![date.format(form.date.0).to_string(), quoted(text)];
        match form.sign {
            SignForm::Signed => fields.push(number(*amount)),
            SignForm::Inverted => fields.push(number(-*amount)),
            SignForm::Two if *amount < 0 => fields.extend([number(-*amount), String::new()]),
            SignForm::Two => fields.extend([String::new(), number(*amount)]),
            SignForm::Words => {
                let word = if *amount < 0 { "debit" } else { "credit" };
                fields.extend([number(amount.abs()), word.to_owned()]);
            }
        }
        fields.extend(balance.map(number));
        fields.join(&form.delimiter.to_string())
    };
    let said = truth(form, rows);
    let mut lines: Vec<String> = said.iter().zip(rows).map(|(said, (_, _, text))| line(said, text)).collect();
    if form.newest_first {
        lines.reverse();
    }
    let header = form.header.map(|language| {
        let [date, text, amount, debit, credit, direction, balance] = NAMES[language];
        let mut names = vec![date, text];
        match form.sign {
            SignForm::Signed | SignForm::Inverted => names.push(amount),
            SignForm::Two => names.extend([debit, credit]),
            SignForm::Words => names.extend([amount, direction]),
        }
        names.extend(form.balance.then_some(balance));
        names.join(&form.delimiter.to_string())
    });
    let before =
        ["Account statement", "Customer: A. Person"].into_iter().take(form.lines_before).map(str::to_owned);
    let text: String = before.chain(header).chain(lines).map(|line| format!("{line}\r\n")).collect();
    match form.encoding {
        0 => text.into_bytes(),
        1 => format!("\u{feff}{text}").into_bytes(),
        2 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
    }
}

fn answer(question: &Question, form: &Form, rows: &[Row]) -> Answer {
    match question {
        Question::DateOrder { .. } => match form.date.1.get(..2) {
            Some("dd") => DateOrder::DayMonthYear.into(),
            Some("mm") => DateOrder::MonthDayYear.into(),
            _ => DateOrder::YearMonthDay.into(),
        },
        Question::DecimalMark { .. } => form.marks.0.into(),
        // One of two columns is blank throughout, and the other one is money that leaves.
        Question::Sign { hint, .. } if !hint.contains("as written") && out_only(form, rows) => {
            SignReading::Inverted.into()
        }
        _ if form.sign == SignForm::Inverted => SignReading::Inverted.into(),
        _ => SignReading::AsWritten.into(),
    }
}

fn out_only(form: &Form, rows: &[Row]) -> bool {
    form.sign == SignForm::Two && rows.iter().all(|(_, amount, _)| *amount < 0)
}

/// What came of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Right { asked: bool },
    Doubted,
    Refused,
    SilentlyWrong,
}

fn outcome(form: &Form, rows: &[Row]) -> (Outcome, String) {
    let bytes = written(form, rows);
    let mut detection = match detect_from(bytes.as_slice(), "made up") {
        Ok(detection) => detection,
        Err(error) => return (Outcome::Refused, error.to_string()),
    };
    let asked = !detection.questions().is_empty();
    for _ in 0..3 {
        let Some(question) = detection.questions().first().cloned() else { break };
        detection = detection.answer(answer(&question, form, rows)).unwrap();
    }
    let shown = format!("{detection}{}", String::from_utf8_lossy(&bytes));
    let read = detection.layout().and_then(|layout| said(layout, &bytes));
    let outcome = match read {
        Ok(said) if said == truth(form, rows) => Outcome::Right { asked },
        Ok(_) if doubted(&detection) => Outcome::Doubted,
        Ok(_) => Outcome::SilentlyWrong,
        Err(_) => Outcome::Refused,
    };
    (outcome, shown)
}

fn said(layout: &Layout, bytes: &[u8]) -> Result<Vec<Said>, Error> {
    let ledger = CsvReader::new(layout.clone()).read_from(bytes, "made up")?.ledger;
    let row = |row: fincoach_core::Transaction<'_>| {
        (row.time.date(), row.amount.minor(), row.balance.map(fincoach_core::Money::minor))
    };
    Ok(ledger.all().iter().map(row).collect())
}

/// Whether a doubt is about what amounts, dates or rows are; the usual ones on encoding and currency do not count.
fn doubted(detection: &Detection) -> bool {
    let usual = |topic| matches!(topic, Topic::Encoding | Topic::Currency);
    detection.doubts().iter().any(|doubt| !usual(doubt.topic))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_reading_is_silently_wrong(form in forms(), rows in rows()) {
        let (outcome, shown) = outcome(&form, &rows);
        prop_assert_ne!(outcome, Outcome::SilentlyWrong, "{}", shown);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = detect_from(bytes.as_slice(), "any");
    }

    #[test]
    fn no_table_makes_it_panic_and_what_it_proposes_is_a_layout(text in "([0-9./,;\"a-zA-Z£ -]{0,12}[,;\n]){0,60}") {
        let Ok(detection) = detect_from(text.as_bytes(), "any") else { return Ok(()) };
        if let Ok(layout) = detection.layout() {
            prop_assert!(layout.check().is_ok(), "{detection}");
            let read = CsvReader::new(layout.clone()).with_policy(RowPolicy::Fail).read_from(text.as_bytes(), "any");
            let told = detection.doubts().iter().any(|doubt| doubt.topic == Topic::Sample);
            prop_assert!(read.is_ok() || told, "{detection}");
        }
    }
}

#[test]
fn nearly_every_made_up_export_is_read_right() {
    let mut runner = TestRunner::deterministic();
    let mut draw = || {
        (forms().new_tree(&mut runner).unwrap().current(), rows().new_tree(&mut runner).unwrap().current())
    };
    let outcomes: Vec<(Outcome, String)> =
        (0..200).map(|_| draw()).map(|(form, rows)| outcome(&form, &rows)).collect();
    let count = |wanted: fn(&Outcome) -> bool| outcomes.iter().filter(|(outcome, _)| wanted(outcome)).count();
    let right = count(|outcome| matches!(outcome, Outcome::Right { .. }));
    let asked = count(|outcome| *outcome == Outcome::Right { asked: true });
    let odd: Vec<&(Outcome, String)> =
        outcomes.iter().filter(|(outcome, _)| !matches!(outcome, Outcome::Right { .. })).collect();
    println!("{right} of 200 right, {asked} of them after a question\n");
    for (outcome, shown) in &odd {
        println!("{outcome:?}\n{shown}");
    }
    assert!(right >= 180, "{right} of 200");
}
