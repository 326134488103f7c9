//! What is written comes back as it was.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::io::{self, Write};

use fincoach_core::chrono::{NaiveDate, NaiveDateTime};
use fincoach_core::{Category, Direction, Ledger, Money, TimePrecision, Transaction, rng};
use fincoach_transform::{CategoryMap, CsvReader, Error, Layout, write_transactions_csv};

const TEXTS: [&str; 8] =
    ["a", "comma, inside", "\"quoted\"", "two\nlines", "cr\r\n", " spaces ", "é£", "'=1+1"];

fn text(rng: &mut rng::Rng) -> Option<&'static str> {
    TEXTS.get(rng.below(TEXTS.len() + 2)).copied()
}

fn random_ledger(seed: u64) -> Ledger {
    let mut rng = rng::stream(seed, 0);
    let mut builder = Ledger::builder();
    for number in 0..200 {
        let user = TEXTS[rng.below(3)];
        let day = NaiveDate::from_yo_opt(2024, 1 + u32::try_from(rng.below(366)).unwrap()).unwrap();
        let pence = i64::try_from(rng.below(2_000_000)).unwrap() - 1_000_000;
        let mut row = Transaction::new(user, day.into(), Money::from_minor(pence));
        if rng.bernoulli(0.5) {
            row.time = day.and_hms_opt(13, 5, 59).unwrap();
            row.precision = TimePrecision::Second;
        }
        row.balance = rng.bernoulli(0.5).then(|| Money::from_minor(-pence));
        row.direction = [Direction::Debit, Direction::Credit, Direction::Other][rng.below(3)];
        row.category = Category::ALL[rng.below(11)];
        (row.raw_type, row.raw_category) = (text(&mut rng), text(&mut rng));
        (row.city, row.country) = (text(&mut rng), text(&mut rng));
        row.description = text(&mut rng).unwrap_or("");
        row.source_row = number;
        builder.push(&row).unwrap();
    }
    builder.finish()
}

fn written(ledger: &Ledger) -> Vec<u8> {
    let mut out = Vec::new();
    write_transactions_csv(ledger, &mut out).unwrap();
    out
}

/// The ledger in the file, read by the csv crate alone.
fn read_back(bytes: &[u8]) -> Ledger {
    let mut builder = Ledger::builder();
    for record in csv::Reader::from_reader(bytes).records() {
        let record = record.unwrap();
        let filled = |at: usize| Some(&record[at]).filter(|text| !text.is_empty());
        let (time, precision) = match NaiveDateTime::parse_from_str(&record[1], "%Y-%m-%dT%H:%M:%S") {
            Ok(time) => (time, TimePrecision::Second),
            Err(_) => (record[1].parse::<NaiveDate>().unwrap().into(), TimePrecision::Day),
        };
        let mut row = Transaction::new(&record[0], time, record[2].parse().unwrap());
        row.precision = precision;
        row.balance = filled(3).map(|text| text.parse().unwrap());
        row.direction = [Direction::Debit, Direction::Credit, Direction::Other]
            .into_iter()
            .find(|direction| direction.name() == &record[4])
            .unwrap();
        row.category = record[5].parse().unwrap();
        (row.raw_type, row.raw_category, row.description) = (filled(6), filled(7), &record[8]);
        (row.city, row.country) = (filled(9), filled(10));
        row.source_row = record[11].parse().unwrap();
        builder.push(&row).unwrap();
    }
    builder.finish()
}

#[test]
fn a_written_ledger_comes_back_equal() {
    for seed in 0..20 {
        let ledger = random_ledger(seed);
        let bytes = written(&ledger);
        let back = read_back(&bytes);
        // Texts are numbered in another order where users differ, so rows are compared.
        assert_eq!(back.users(), ledger.users());
        assert!(back.all().iter().eq(ledger.all().iter()), "seed {seed}");
        assert_eq!(written(&back), bytes);
    }
}

#[test]
fn the_header_is_fixed() {
    let text = String::from_utf8(written(&Ledger::builder().finish())).unwrap();
    assert_eq!(
        text,
        "user,date,amount,balance,direction,category,raw_type,raw_category,description,city,country,source_row,account,merchant,reference,role\n"
    );
}

#[test]
fn standard_names_read_back_as_themselves() {
    let export = "Transaction Date,Transaction Description,Debit Amount,Credit Amount,Category\n01/03/2024,x,1,,dine_out\n";
    let reader = CsvReader::new(Layout::lloyds()).with_categories(CategoryMap::standard());
    let ledger = reader.read_from(export.as_bytes(), "f").unwrap().ledger;
    assert_eq!(ledger.user(0).row(0).category, Category::DineOut);
}

#[test]
fn a_full_disk_is_an_error() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::StorageFull))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    assert!(matches!(write_transactions_csv(&random_ledger(0), Full), Err(Error::Io { .. })));
}

#[test]
fn amounts_have_the_decimals_of_their_currency() {
    let day = fincoach_core::chrono::NaiveDate::from_ymd_opt(2024, 3, 1).unwrap();
    for (currency, text) in [("JPY", "-1502"), ("GBP", "-15.02"), ("KWD", "-1.502")] {
        let mut builder = Ledger::builder().with_currency(currency.parse().unwrap());
        builder
            .push(&fincoach_core::Transaction::new("a", day.into(), fincoach_core::Money::from_minor(-1502)))
            .unwrap();
        let text_of = String::from_utf8(written(&builder.finish())).unwrap();
        assert_eq!(text_of.lines().nth(1).unwrap().split(',').nth(2), Some(text), "{currency}");
    }
}
