use fincoach_core::chrono::{Days, NaiveDate};
use fincoach_core::{Category, Money, Transaction};
use proptest::prelude::*;

use super::*;

/// Day, amount, text, account.
type Booking = (u64, i64, &'static str, &'static str);

fn day(day: u64) -> fincoach_core::chrono::NaiveDateTime {
    NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().checked_add_days(Days::new(day)).unwrap().into()
}

/// A ledger whose balances, where it has some, are those of each account.
fn ledger(bookings: &[Booking], with_balances: bool) -> Ledger {
    let mut balances = std::collections::BTreeMap::from([("", 1000), ("a", 0), ("b", 0)]);
    let mut builder = Ledger::builder();
    for (number, (date, amount, text, account)) in bookings.iter().enumerate() {
        let balance = balances.get_mut(account).unwrap();
        *balance += amount;
        let mut row = Transaction::new("anna", day(*date), Money::from_minor(*amount));
        row.description = text;
        row.balance = with_balances.then_some(Money::from_minor(*balance));
        row.account = Some(*account).filter(|account| !account.is_empty());
        row.source_row = u32::try_from(number + 1).unwrap();
        builder.push(&row).unwrap();
    }
    builder.finish()
}

fn rows(ledger: &Ledger) -> Vec<Transaction<'_>> {
    ledger.all().iter().collect()
}

fn cut(ledger: &Ledger, keep: std::ops::Range<usize>) -> Ledger {
    cut_with(ledger, keep, |_| ())
}

fn cut_with(ledger: &Ledger, keep: std::ops::Range<usize>, change: impl Fn(&mut Transaction<'_>)) -> Ledger {
    let mut builder = Ledger::builder();
    for mut row in ledger.all().slice(keep).iter() {
        change(&mut row);
        builder.push(&row).unwrap();
    }
    builder.finish()
}

/// One row changed by `change`.
fn changed(ledger: &Ledger, row: usize, change: impl Fn(&mut Transaction<'_>)) -> Ledger {
    let mut builder = Ledger::builder();
    for (number, mut booking) in ledger.all().iter().enumerate() {
        if number == row {
            change(&mut booking);
        }
        builder.push(&booking).unwrap();
    }
    builder.finish()
}

fn merged(ledgers: &[&Ledger]) -> Merged {
    let merged = merge(ledgers).unwrap();
    let report = &merged.report;
    assert_eq!(report.rows, merged.ledger.len() as u64);
    assert_eq!(report.rows, report.inputs.iter().map(|input| input.added).sum::<u64>());
    assert!(report.inputs.iter().all(|input| input.rows == input.matched + input.added));
    merged
}

const WEEK: [Booking; 8] = [
    (0, 5000, "PAY", ""),
    (1, -240, "BUS", ""),
    (1, -240, "BUS", ""),
    (1, -300, "COFFEE", ""),
    (2, -700, "TESCO STORES 3051", ""),
    (2, -240, "BUS", ""),
    (3, -240, "BUS", ""),
    (4, -900, "CINEMA", ""),
];

#[test]
fn twins_that_are_real_stay_and_rows_read_twice_do_not() {
    for with_balances in [true, false] {
        let all = ledger(&WEEK, with_balances);
        for (to, from) in [(8, 0), (5, 4), (6, 4), (7, 2), (3, 2), (4, 2), (8, 7)] {
            let joined = merged(&[&cut(&all, 0..to), &cut(&all, from..8)]);
            assert_eq!(rows(&joined.ledger), rows(&all), "up to {to}, from {from}");
            assert_eq!(joined.report.inputs[1].matched, (to - from) as u64);
            assert_eq!((joined.report.conflicts.len(), joined.report.respelt.len()), (0, 0));
        }
    }
}

#[test]
fn balances_tell_twins_of_adjoining_exports_apart() {
    let all = ledger(&WEEK, true);
    let joined = merged(&[&cut(&all, 2..8), &cut(&all, 0..2)]);
    assert_eq!(rows(&joined.ledger), rows(&all), "one bus ticket in each");
    let plain = ledger(&WEEK, false);
    assert_eq!(merged(&[&cut(&plain, 2..8), &cut(&plain, 0..2)]).ledger.len(), 7, "nothing tells");
}

#[test]
fn balances_find_rows_whose_text_was_cut() {
    let all = ledger(&WEEK, true);
    let short = changed(&all, 4, |row| row.description = "TESCO ST");
    let joined = merged(&[&short, &all]);
    assert_eq!(rows(&joined.ledger), rows(&all));
    assert_eq!(joined.report.respelt.len(), 1);
    assert_eq!(
        (joined.report.respelt[0].kept.as_str(), joined.report.respelt[0].other.as_str()),
        ("TESCO STORES 3051", "TESCO ST")
    );
}

#[test]
fn pending_rows_become_the_booked_ones() {
    let all = ledger(&WEEK, false);
    // The older export ends while the shop and the bus are still pending.
    let older = changed(&cut(&all, 0..6), 4, |row| row.description = "PENDING TESCO");
    let joined = merged(&[&older, &all]);
    assert_eq!(rows(&joined.ledger), rows(&all));
    assert_eq!(joined.report.respelt[0].other, "PENDING TESCO");
    // Another text on the last day of an export may well be another purchase of the same price.
    let other = changed(&cut(&all, 0..6), 4, |row| row.description = "ALDI");
    assert_eq!(merged(&[&other, &all]).ledger.len(), 9);
    // Within both exports it cannot be: each of them is complete there.
    let inner = changed(&all, 4, |row| row.description = "ALDI");
    assert_eq!(merged(&[&inner, &all]).ledger.len(), 8);
}

#[test]
fn references_go_before_all_else() {
    let numbered = |row: usize, reference: &'static str, base: &Ledger| {
        changed(base, row, |row| row.reference = Some(reference))
    };
    let one = numbered(1, "r1", &cut(&ledger(&WEEK, false), 0..2));
    let other = numbered(0, "r2", &cut(&ledger(&WEEK, false), 1..2));
    assert_eq!(merged(&[&one, &other]).ledger.len(), 3, "twins with numbers of their own");
    let moved = changed(&numbered(0, "r1", &cut(&ledger(&WEEK, false), 1..2)), 0, |row| row.time = day(3));
    assert_eq!(merged(&[&one, &moved]).ledger.len(), 2, "booked two days later");
    let dearer = changed(&numbered(0, "r1", &cut(&ledger(&WEEK, false), 1..2)), 0, |row| {
        row.amount = Money::from_minor(-250);
    });
    let joined = merged(&[&one, &dearer]);
    assert_eq!(joined.ledger.len(), 2);
    assert!(matches!(&joined.report.conflicts[..], [MergeConflict::Amount { kept, other, .. }]
        if kept.minor() == -250 && other.minor() == -240));
}

#[test]
fn a_reference_used_twice_identifies_nothing() {
    let rent: [Booking; 3] = [(0, -500, "RENT", ""), (30, -500, "RENT", ""), (60, -510, "RENT", "")];
    let with = |base: &Ledger| {
        (0..base.len())
            .fold(base.clone(), |base, row| changed(&base, row, |row| row.reference = Some("rent")))
    };
    let all = with(&ledger(&rent, false));
    assert_eq!(rows(&merged(&[&all, &cut(&all, 1..3)]).ledger), rows(&all));
}

#[test]
fn a_restated_balance_is_listed_and_doubles_nothing() {
    let all = ledger(&WEEK, true);
    let restated = changed(&all, 4, |row| row.balance = Some(Money::from_minor(1)));
    let joined = merged(&[&all, &restated]);
    assert_eq!(joined.ledger.len(), 8);
    assert!(matches!(joined.report.conflicts[..], [MergeConflict::Balance { .. }]));
}

#[test]
fn blanks_are_filled_from_the_other_export() {
    let plain = ledger(&WEEK, true);
    let full = changed(&plain, 3, |row| (row.category, row.city) = (Category::DineOut, Some("Leeds")));
    let bare = cut(&ledger(&WEEK, false), 0..4);
    for inputs in [[&plain, &full, &bare], [&bare, &full, &plain], [&full, &bare, &plain]] {
        assert_eq!(rows(&merged(&inputs).ledger), rows(&full));
    }
}

#[test]
fn nothing_and_other_currencies() {
    let none = merge(&[]).unwrap();
    assert_eq!((none.ledger.len(), none.report), (0, MergeReport::default()));
    let of = |currency: &str| Ledger::builder().with_currency(currency.parse().unwrap()).finish();
    assert!(matches!(merge(&[&of("GBP"), &of("EUR")]), Err(Error::Data(DataError::Inconsistent { .. }))));
    assert_eq!(merge(&[&of("GBP"), &ledger(&WEEK, true)]).unwrap().ledger.currency(), Some(Currency::GBP));
}

fn bookings(accounts: &'static [&'static str]) -> impl Strategy<Value = Vec<Booking>> {
    let texts = prop::sample::select(vec!["BUS", "COFFEE", "LIDL"]);
    let booking =
        (0_u64..6, prop::sample::select(vec![-3, -2, -1, 1, 2]), texts, prop::sample::select(accounts));
    prop::collection::vec(booking, 1..40).prop_map(|mut rows| {
        rows.sort_by_key(|row| row.0);
        rows
    })
}

/// Whether no two rows of a day have the same amount and balance.
fn is_told_apart(ledger: &Ledger, on: i64) -> bool {
    let all = ledger.all();
    let mut keys: Vec<_> = (0..all.len())
        .filter(|row| all.times()[*row] == on)
        .map(|row| (all.amounts()[row], all.balances()[row]))
        .collect();
    let n_rows = keys.len();
    keys.sort();
    keys.dedup();
    keys.len() == n_rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_ledger_merged_with_itself_is_itself(bookings in bookings(&["a", "b", ""]), with_balances: bool) {
        let all = ledger(&bookings, with_balances);
        for inputs in [&[&all][..], &[&all, &all], &[&all, &all, &all]] {
            let joined = merged(inputs);
            prop_assert_eq!(rows(&joined.ledger), rows(&all));
        }
    }

    #[test]
    fn any_two_overlapping_exports_give_the_whole(
        bookings in bookings(&[""]), with_balances: bool, from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(),
    ) {
        let all = ledger(&bookings, with_balances);
        let (a, b) = (from.index(all.len()), to.index(all.len()));
        let (from, to) = (a.min(b), a.max(b) + 1);
        let times = all.all().times();
        // Where both cuts fall in one day, rows that nothing tells apart leave several answers.
        prop_assume!(times[from] != times[to - 1] || with_balances && is_told_apart(&all, times[from]));
        let (first, second) = (cut(&all, 0..to), cut(&all, from..all.len()));
        for inputs in [[&first, &second], [&second, &first]] {
            let joined = merged(&inputs);
            prop_assert_eq!(rows(&joined.ledger), rows(&all), "up to {}, from {}", to, from);
            prop_assert_eq!(joined.report.inputs[1].matched, (to - from) as u64);
        }
    }

    #[test]
    fn a_part_adds_nothing_to_the_whole(
        bookings in bookings(&[""]), with_balances: bool, from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(),
    ) {
        let all = ledger(&bookings, with_balances);
        let (a, b) = (from.index(all.len()), to.index(all.len()));
        let part = cut(&all, a.min(b)..a.max(b) + 1);
        let joined = merged(&[&part, &all]);
        // Which of two equal rows the part holds, nothing tells: the rows of the file are left out.
        let plain = |ledger: &Ledger| cut_with(ledger, 0..ledger.len(), |row| row.source_row = 0);
        let (joined, all) = (plain(&joined.ledger), plain(&all));
        prop_assert_eq!(rows(&joined), rows(&all));
    }

    #[test]
    fn references_and_pending_texts_do_not_make_the_order_matter(
        inputs in prop::collection::vec(prop::collection::vec((0_u64..4, -3_i64..0, 0_usize..6, 0_usize..4), 0..10), 3),
    ) {
        let ledgers: Vec<Ledger> = inputs.iter().map(|rows| {
            let mut builder = Ledger::builder();
            for (date, amount, reference, text) in rows {
                let mut row = Transaction::new("anna", day(*date), Money::from_minor(*amount));
                row.reference = [None, None, Some("1"), Some("2"), Some("3"), Some("4")][*reference];
                row.description = ["BUS", "PENDING BUS", "LIDL GB LEEDS", "LIDL GB"][*text];
                builder.push(&row).unwrap();
            }
            builder.finish()
        }).collect();
        let first = merged(&[&ledgers[0], &ledgers[1], &ledgers[2]]);
        for [a, b, c] in [[0, 2, 1], [1, 0, 2], [2, 1, 0], [1, 2, 0]] {
            let joined = merged(&[&ledgers[a], &ledgers[b], &ledgers[c]]);
            prop_assert_eq!(rows(&joined.ledger), rows(&first.ledger));
            prop_assert_eq!(&joined.report.conflicts, &first.report.conflicts);
        }
        for ledger in &ledgers {
            let twice = merged(&[ledger, ledger]);
            prop_assert_eq!(rows(&twice.ledger), rows(ledger));
        }
    }

    #[test]
    fn no_row_of_any_input_is_lost(one in bookings(&["", "a"]), other in bookings(&["", "a"]), with_balances: bool) {
        let inputs = [ledger(&one, with_balances), ledger(&other, true)];
        let joined = merged(&[&inputs[0], &inputs[1]]);
        let keys = |ledger: &Ledger| {
            let mut keys: Vec<_> = ledger.all().iter().map(|row| (row.time, row.account.map(str::to_owned), row.amount)).collect();
            keys.sort();
            keys
        };
        for input in &inputs {
            let mut left = keys(&joined.ledger);
            for key in keys(input) {
                let at = left.binary_search(&key);
                prop_assert!(at.is_ok(), "{:?} is lost", key);
                left.remove(at.unwrap());
            }
        }
    }

    #[test]
    fn the_order_of_the_inputs_does_not_matter(
        bookings in bookings(&["a", "b"]), other in bookings(&["a", "b"]), with_balances: bool, at in any::<prop::sample::Index>(),
    ) {
        let (all, other) = (ledger(&bookings, with_balances), ledger(&other, false));
        let part = cut(&all, at.index(all.len())..all.len());
        let first = merged(&[&all, &other, &part]);
        for inputs in [[&other, &part, &all], [&part, &all, &other], [&all, &part, &other], [&part, &other, &all]] {
            let joined = merged(&inputs);
            prop_assert_eq!(rows(&joined.ledger), rows(&first.ledger));
        }
    }
}
