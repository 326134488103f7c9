//! Pieces and threads change nothing, and a plain reader gives the same ledger.

use std::collections::BTreeMap;

use fincoach_core::chrono::{NaiveDate, NaiveDateTime};
use fincoach_core::{Ledger, Money, Transaction, rng};
use proptest::prelude::*;

use super::{Form, Reading, Sizes};
use crate::columns::Columns;
use crate::error::Place;
use crate::plan::Plan;
use crate::{CsvReader, Import, Layout, OptionalColumn, RowPolicy, TextCleaning, Users};

const HEADER: &str = "Transaction Date,Transaction Type,Transaction Description,Debit Amount,Credit Amount,Balance,\
                      Location City,Account,User";
const TEXTS: [&str; 9] =
    ["LIDL", "LIDL, GB", "two\nlines", "say \"\"hi\"\"", "é£", " pad ", "", "two\r\nlines", "swansea"];
const CITIES: [&str; 5] = ["Swansea", "swansea ", "SWANSEA", "Leeds", ""];

/// A file of several users and accounts with all that quotes allow; users have texts of their own.
fn export(seed: u64, n_rows: usize) -> String {
    let mut rng = rng::stream(seed, 0);
    let line_ends = ["\n", "\r\n", "\n\n", "\r\n\r\n"];
    let line_end = |rng: &mut rng::Rng| line_ends[if rng.bernoulli(0.8) { 0 } else { rng.below(4) }];
    let mut text = format!("{HEADER}{}", line_end(&mut rng));
    for _ in 0..n_rows {
        let description = TEXTS[rng.below(TEXTS.len())];
        let quote = if description.contains([',', '\n', '"']) || rng.bernoulli(0.1) { "\"" } else { "" };
        let (day, kind) = (1 + rng.below(28), ["DEB", "\"BGC\"", ""][rng.below(3)]);
        let amount = Money::from_minor(i64::try_from(rng.below(5000)).unwrap());
        let amounts = if rng.bernoulli(0.5) { format!("{amount},") } else { format!(",{amount}") };
        let balance = if rng.bernoulli(0.8) { Money::from_minor(-5).to_string() } else { String::new() };
        let (city, user) = (CITIES[rng.below(5)], rng.below(7));
        let account = ["current", "savings", ""][rng.below(3)];
        let end = line_end(&mut rng);
        text += &format!(
            "{day:02}/03/2024,{kind},{quote}{description}{quote},{amounts},{balance},{city},{account},u{user}{end}"
        );
    }
    text
}

fn reader(cleaning: TextCleaning) -> CsvReader {
    let layout = Layout::lloyds().with_optional(OptionalColumn::User, "User");
    CsvReader::new(layout).with_cleaning(cleaning)
}

fn with_accounts(reader: &CsvReader) -> CsvReader {
    let layout = reader.layout().clone().with_optional(OptionalColumn::Account, "Account");
    CsvReader::new(layout).with_cleaning(reader.cleaning())
}

fn read(reader: &CsvReader, bytes: &[u8], (batch, piece): (usize, usize)) -> Result<Import, String> {
    reader.read_in_pieces(bytes, "f.csv", Sizes { batch, piece }).map_err(|error| format!("{error:?}"))
}

/// The same in a pool of this many threads.
fn read_on(
    n_threads: usize,
    reader: &CsvReader,
    bytes: &[u8],
    sizes: (usize, usize),
) -> Result<Import, String> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
    pool.install(|| read(reader, bytes, sizes))
}

const ALL_AT_ONCE: (usize, usize) = (1 << 22, 1 << 22);

/// Reads a file row by row with the csv crate: exact, slow and short.
fn plain(text: &str) -> Ledger {
    struct Row {
        time: NaiveDateTime,
        amount: Money,
        balance: Option<Money>,
        fields: csv::StringRecord,
        number: u32,
    }
    let mut users: Vec<(String, Vec<Row>)> = Vec::new();
    for (number, fields) in (1..).zip(csv::Reader::from_reader(text.as_bytes()).records()) {
        let fields = fields.unwrap();
        let amount = match &fields[3] {
            "" => fields[4].parse().unwrap(),
            debit => -debit.parse::<Money>().unwrap(),
        };
        let date = NaiveDate::parse_from_str(&fields[0], "%d/%m/%Y").unwrap();
        let (user, time, balance) = (fields[8].to_owned(), date.into(), fields[5].parse().ok());
        let row = Row { time, amount, balance, fields, number };
        match users.iter_mut().find(|(name, _)| *name == user) {
            Some((_, rows)) => rows.push(row),
            None => users.push((user, vec![row])),
        }
    }
    let n_breaks = |rows: &[&Row]| {
        let mut before: Option<Money> = None;
        let mut n_breaks = 0;
        for row in rows {
            let expected = before.map(|before| before + row.amount);
            n_breaks += usize::from(expected.is_some_and(|e| row.balance.is_some_and(|b| b != e)));
            before = row.balance.or(expected);
        }
        n_breaks
    };
    let mut builder = Ledger::builder().with_currency(fincoach_core::Currency::GBP);
    for (user, rows) in &users {
        let (mut down, mut up): (Vec<&Row>, Vec<&Row>) = (rows.iter().collect(), rows.iter().rev().collect());
        let steps = |order| rows.windows(2).filter(|pair| pair[0].time.cmp(&pair[1].time) == order).count();
        let newest_first = steps(std::cmp::Ordering::Greater) > steps(std::cmp::Ordering::Less);
        down.sort_by_key(|row| row.time);
        up.sort_by_key(|row| row.time);
        let (breaks_down, breaks_up) = (n_breaks(&down), n_breaks(&up));
        let upwards = breaks_up < breaks_down || breaks_up == breaks_down && newest_first;
        let codes: BTreeMap<&str, fincoach_core::Direction> =
            [("DEB", fincoach_core::Direction::Debit), ("BGC", fincoach_core::Direction::Credit)].into();
        for row in if upwards { up } else { down } {
            let filled = |at: usize| Some(&row.fields[at]).filter(|text| !text.is_empty());
            let mut transaction = Transaction::new(user, row.time, row.amount);
            transaction.balance = row.balance;
            transaction.raw_type = filled(1);
            transaction.direction = filled(1).map(|code| codes[code]).unwrap_or_default();
            transaction.description = &row.fields[2];
            transaction.city = filled(6);
            transaction.source_row = row.number;
            builder.push(&transaction).unwrap();
        }
    }
    builder.finish()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_plain_reader_gives_the_same_ledger(seed in any::<u64>(), n_rows in 1_usize..80, piece in 1_usize..2000) {
        let text = export(seed, n_rows);
        let import = read(&reader(TextCleaning::Keep), text.as_bytes(), (3 * piece, piece)).unwrap();
        prop_assert_eq!(&import.ledger, &plain(&text));
    }

    #[test]
    fn pieces_and_threads_change_nothing(
        seed in any::<u64>(),
        n_rows in 1_usize..80,
        (batch, piece) in (1_usize..3000, 1_usize..1000),
        n_threads in 1_usize..4,
    ) {
        let text = export(seed, n_rows);
        let by_user = reader(TextCleaning::Trim);
        let timeline = by_user.clone().with_users(Users::Timeline(3));
        for reader in [with_accounts(&by_user), by_user, timeline] {
            let whole = read(&reader, text.as_bytes(), ALL_AT_ONCE);
            prop_assert!(whole.is_ok());
            prop_assert_eq!(read_on(n_threads, &reader, text.as_bytes(), (batch, piece)), whole);
        }
    }

    /// Damaged files, too, give the same ledger or the same first error.
    #[test]
    fn damage_is_found_where_it_is(
        seed in any::<u64>(),
        n_changes in 1_usize..6,
        (batch, piece) in (1_usize..2000, 1_usize..500),
        collect in any::<bool>(),
    ) {
        let mut bytes = export(seed, 40).into_bytes();
        let mut rng = rng::stream(seed, 1);
        for _ in 0..n_changes {
            let at = HEADER.len() + 2 + rng.below(bytes.len() - HEADER.len() - 4);
            bytes[at] = b"\",\n\r\xff x"[rng.below(7)];
        }
        let policy = if collect { RowPolicy::Collect } else { RowPolicy::Fail };
        let reader = reader(TextCleaning::Trim).with_policy(policy);
        prop_assert_eq!(read_on(3, &reader, &bytes, (batch, piece)), read(&reader, &bytes, ALL_AT_ONCE));
    }
}

#[test]
fn pieces_do_not_keep_their_counts() {
    let reader = reader(TextCleaning::Keep);
    let names: Vec<String> = HEADER.split(',').map(str::to_owned).collect();
    let place = Place { file: "f".into(), line: 1 };
    let columns = Columns::find(names, &place, reader.layout(), Some("User")).unwrap();
    let mut plan = Plan::new("f", &columns, (reader.layout(), TextCleaning::Keep));
    let form = Form { delimiter: b',', quote: Some(b'"') };
    let reading = Reading { form, policy: RowPolicy::Fail, sizes: Sizes { batch: 500, piece: 100 } };
    let rows = export(1, 50).split_off(HEADER.len() + 1);
    let rows = reading.rows(rows.as_bytes(), &mut plan, (None, 1)).unwrap();
    assert!(rows.pieces.len() > 5 && rows.pieces.iter().all(|piece| piece.tally.blanks.is_empty()));
    assert_eq!(rows.tally.rows_in + rows.tally.rows_out, 50);
    assert_eq!(rows.tally.blanks.len(), 9);
}

#[test]
fn a_source_that_fails_is_an_error_behind_what_was_read() {
    struct Failing<'a>(&'a [u8]);
    impl std::io::Read for Failing<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            if self.0.is_empty() { Err(std::io::Error::other("unplugged")) } else { self.0.read(out) }
        }
    }
    let text = export(1, 20);
    let read = |text: &str| {
        let sizes = Sizes { batch: 100, piece: 50 };
        reader(TextCleaning::Keep)
            .read_in_pieces(Failing(text.as_bytes()), "f", sizes)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(read(&text), "f: unplugged");
    assert_eq!(read(text.trim_end()), "f: unplugged");
    let damaged = text.replacen("/03/2024", "/13/2024", 1);
    assert!(read(&damaged).contains("expected a date"), "{}", read(&damaged));
}
