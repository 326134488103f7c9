//! What a ledger shows: cuts by date, texts, names; and what a damaged one does.
#![allow(clippy::unwrap_used, reason = "a test ends where something fails")]

use fincoach_core::chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use fincoach_core::{Category, DataError, Ledger, Money, Symbol, TimePrecision, Transaction};

fn at(day: u32, hour: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2024, 3, day).unwrap().and_hms_opt(hour, 0, 0).unwrap()
}

/// User 2 on days 1, 2 (twice) and 5; user 10 on day 3.
fn ledger() -> Ledger {
    let mut builder = Ledger::builder();
    for (user, time, minor, description) in [
        ("10", at(3, 0), -100, "LIDL"),
        ("2", at(1, 0), 5000, ""),
        ("2", at(2, 9), -200, "LIDL"),
        ("2", at(2, 18), -300, "BUS"),
        ("2", at(5, 0), -400, "LIDL"),
    ] {
        let mut row = Transaction::new(user, time, Money::from_minor(minor));
        row.description = description;
        row.precision = TimePrecision::Second;
        row.category = Category::Groceries;
        row.balance = Some(Money::from_minor(minor));
        row.city = Some("Swansea");
        row.source_row = 7;
        builder.push(&row).unwrap();
    }
    builder.finish()
}

#[test]
fn a_cut_by_date_includes_the_moment_itself() {
    let ledger = ledger();
    let view = ledger.user_named("2").unwrap();
    assert_eq!(view.len(), 4);
    assert_eq!(view.until(at(2, 9)).len(), 2);
    assert_eq!(view.until(at(2, 9) - TimeDelta::milliseconds(1)).len(), 1);
    assert_eq!(view.since(at(2, 9)).len(), 3);
    assert_eq!(view.since(at(2, 9) + TimeDelta::milliseconds(1)).len(), 2);
    assert!(view.until(at(1, 0) - TimeDelta::seconds(1)).is_empty());
    assert!(view.since(at(6, 0)).is_empty());
    assert_eq!(view.since(at(2, 0)).until(at(2, 23)).amounts(), [-200, -300].map(Money::from_minor));
}

#[test]
fn a_row_is_what_was_pushed() {
    let ledger = ledger();
    let row = ledger.user(0).row(2);
    assert_eq!((row.user, row.time, row.amount.minor()), ("2", at(2, 18), -300));
    assert_eq!((row.description, row.city, row.country), ("BUS", Some("Swansea"), None));
    assert_eq!(
        (row.category, row.precision, row.source_row),
        (Category::Groceries, TimePrecision::Second, 7)
    );
    assert_eq!(ledger.all().iter().map(|row| row.user).collect::<Vec<_>>(), ["2", "2", "2", "2", "10"]);
}

#[test]
fn equal_texts_are_equal_symbols() {
    let ledger = ledger();
    let shops = ledger.all().descriptions();
    assert_eq!(shops[0], Symbol::MISSING);
    assert_eq!((shops[1], shops[1]), (shops[3], shops[4]));
    assert_ne!(shops[1], shops[2]);
    assert_eq!(ledger.text(shops[2]), Some("BUS"));
    assert_eq!(ledger.n_symbols(), 3);
}

#[test]
fn an_unknown_user_is_named_with_those_there_are() {
    let error = ledger().user_named("alexander").unwrap_err();
    assert_eq!(error.to_string(), "no user `alexander`; there are: 2, 10");
}

#[test]
fn a_view_without_rows_has_no_user() {
    let ledger = ledger();
    assert_eq!(ledger.user(0).slice(1..1).user(), "");
    assert_eq!(ledger.user(1).user(), "10");
}

#[test]
fn a_damaged_ledger_is_an_error_or_a_ledger_but_no_panic() {
    let text = serde_json::to_vec(&ledger()).unwrap();
    for place in 0..text.len() {
        assert!(serde_json::from_slice::<Ledger>(&text[..place]).is_err(), "cut at {place}");
        for change in [0x01, 0x02, 0x10] {
            let mut damaged = text.clone();
            damaged[place] ^= change;
            if let Ok(ledger) = serde_json::from_slice::<Ledger>(&damaged) {
                // Whatever is accepted can be read to the last row.
                assert_eq!(ledger.iter_users().map(|view| view.iter().count()).sum::<usize>(), ledger.len());
            }
        }
    }
}

#[test]
fn parts_that_contradict_each_other_are_refused() {
    let written = serde_json::to_value(ledger()).unwrap();
    let read = |change: fn(&mut serde_json::Value)| {
        let mut value = written.clone();
        change(&mut value);
        serde_json::from_value::<Ledger>(value).unwrap_err().to_string()
    };
    let error = read(|value| value["offsets"] = serde_json::json!([0, 0, 5]));
    assert!(error.contains("a user has no rows"), "{error}");
    let error = read(|value| value["offsets"] = serde_json::json!([0, 4, 6]));
    assert!(error.contains("the users do not cover the rows"), "{error}");
    let error = read(|value| value["users"] = serde_json::json!(["10", "2"]));
    assert!(error.contains("not in natural order"), "{error}");
    let error = read(|value| value["columns"]["times"][1] = serde_json::json!(0));
    assert!(error.contains("not in the order of time"), "{error}");
    let error = read(|value| value["columns"]["cities"][1] = serde_json::json!(9));
    assert!(error.contains("a symbol has no text"), "{error}");
    let error = read(|value| value["texts"][1] = value["texts"][0].clone());
    assert!(error.contains("a text stands twice"), "{error}");
    let error = read(|value| value["extra"] = serde_json::json!(1));
    assert!(error.contains("unknown field"), "{error}");
}

#[test]
fn a_builder_counts_its_rows() {
    let mut builder = Ledger::builder();
    assert!(builder.is_empty());
    let nameless = builder.push(&Transaction::new("", at(1, 0), Money::ZERO));
    assert!(matches!(nameless, Err(DataError::Empty { .. })));
    builder.push(&Transaction::new("a", at(1, 0), Money::ZERO)).unwrap();
    assert_eq!(builder.len(), 1);
}
