use fincoach_core::chrono::{Days, NaiveDate};
use fincoach_core::{Money, Transaction};
use proptest::prelude::*;

use super::*;

/// Account, day, amount, text, type.
type Booking = (&'static str, u64, i64, &'static str, &'static str);

fn day(day: u64) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().checked_add_days(Days::new(day)).unwrap().into()
}

fn ledger(bookings: &[Booking]) -> Ledger {
    let mut builder = Ledger::builder();
    for (account, date, amount, text, code) in bookings {
        let mut row = Transaction::new("anna", day(*date), Money::from_minor(*amount));
        row.account = Some(*account).filter(|account| !account.is_empty());
        (row.description, row.raw_type) = (text, Some(*code).filter(|code| !code.is_empty()));
        builder.push(&row).unwrap();
    }
    builder.finish()
}

fn matched(bookings: &[Booking]) -> Transfers {
    match_transfers(ledger(bookings), &TransferParams::default()).unwrap()
}

/// (row that leaves, row that arrives) of each pair.
fn pairs(found: &Transfers) -> Vec<(usize, usize)> {
    found.report.pairs.iter().map(|pair| (pair.out_row, pair.in_row)).collect()
}

#[test]
fn the_nearest_day_is_the_other_side() {
    let found =
        matched(&[("a", 0, -50, "", ""), ("b", 1, 50, "", ""), ("b", 2, 50, "", ""), ("a", 3, -50, "", "")]);
    assert_eq!(pairs(&found), [(0, 1), (3, 2)]);
    assert_eq!(found.known_from()[0], day(1).and_utc().timestamp());
    assert_eq!(found.known_from()[1], day(1).and_utc().timestamp());
}

#[test]
fn other_amounts_days_accounts_and_users_are_no_transfers() {
    for other in [("b", 0, 49, "", ""), ("b", 5, 50, "", ""), ("a", 0, 50, "", ""), ("b", 0, -50, "", "")] {
        assert_eq!(pairs(&matched(&[("a", 0, -50, "", ""), other])), [], "{other:?}");
    }
    let wide = TransferParams::default().with_max_days(5);
    let rows = [("a", 0, -50, "", ""), ("b", 5, 50, "", "")];
    assert_eq!(match_transfers(ledger(&rows), &wide).unwrap().report.pairs[0].days, 5);
    let mut builder = Ledger::builder();
    for (user, account, amount) in [("anna", "a", -50), ("ben", "b", 50)] {
        let mut row = Transaction::new(user, day(0), Money::from_minor(amount));
        row.account = Some(account);
        builder.push(&row).unwrap();
    }
    let found = match_transfers(builder.finish(), &TransferParams::default()).unwrap();
    assert_eq!(found.report, TransferReport::default());
}

#[test]
fn hints_decide_within_a_day() {
    let found = matched(&[
        ("a", 0, -50, "TFR TO POT", ""),
        ("b", 0, 50, "SALE", ""),
        ("c", 0, 50, "FROM A", "TFR"),
        ("d", 0, 50, "GIFT", ""),
    ]);
    assert_eq!(pairs(&found), [(0, 2)]);
    assert_eq!(found.report.pairs[0].hints, 2);
    let found =
        matched(&[("current", 0, -50, "TO ISA-7", ""), ("b", 0, 50, "", ""), ("isa-7", 0, 50, "", "")]);
    assert_eq!(pairs(&found), [(0, 2)], "the description names the account");
}

#[test]
fn a_card_payment_needs_a_hint() {
    assert_eq!(pairs(&matched(&[("a", 0, -50, "SHOP", "DEB"), ("b", 0, 50, "", "")])), []);
    assert_eq!(pairs(&matched(&[("a", 0, -50, "SHOP", "deb"), ("b", 0, 50, "TOP-UP", "")])), [(0, 1)]);
}

#[test]
fn what_nothing_tells_apart_is_left_alone_and_listed() {
    let found =
        matched(&[("a", 0, -50, "", ""), ("b", 1, 50, "", ""), ("c", 1, 50, "", ""), ("a", 2, -50, "", "")]);
    assert_eq!(pairs(&found), []);
    assert_eq!(found.report.ambiguous[0].rows, [0, 1, 2]);
    // Twins of one account are alike, and where all find a side there is nothing to choose.
    assert_eq!(
        pairs(&matched(&[("a", 0, -50, "", ""), ("b", 0, 50, "", ""), ("b", 0, 50, "", "")])),
        [(0, 1)]
    );
    let crossed = [("a", 0, -50, "", ""), ("b", 0, -50, "", ""), ("c", 0, 50, "", ""), ("b", 0, 50, "", "")];
    assert_eq!(pairs(&matched(&crossed)), [(0, 3), (1, 2)], "the second could not take the last");
}

#[test]
fn thousands_of_one_amount_on_one_day_are_paired() {
    let sides = [("a", 0, -50, "", ""), ("b", 0, 50, "", "")];
    let rows: Vec<Booking> = sides.iter().flat_map(|side| vec![*side; 2_000]).collect();
    let found = matched(&rows);
    assert_eq!(found.report.pairs.len(), 2_000);
    assert_eq!(found.report.ambiguous, []);
}

#[test]
fn accounts_that_are_not_in_the_data_are_marked_by_rule_only() {
    let rows = [("", 0, -50, "ESAVINGS ACCOUNT", "SO"), ("", 1, -50, "THE ESAVINGS ACCOUNTANT", "")];
    assert_eq!(matched(&rows).report, TransferReport::default());
    let own = |user: Option<&str>| OwnAccount {
        user: user.map(str::to_owned),
        text: "esavings account".to_owned(),
    };
    let params = TransferParams::default().with_own_account(own(None));
    let found = match_transfers(ledger(&rows), &params).unwrap();
    assert_eq!(found.report.by_rule, [0]);
    assert_eq!(found.role_at(0, day(0)), Role::Transfer);
    let others = TransferParams::default().with_own_account(own(Some("ben")));
    assert!(match_transfers(ledger(&rows), &others).unwrap().report.by_rule.is_empty());
}

#[test]
fn matching_again_changes_nothing_and_refunds_are_left() {
    let rows = [("a", 0, -50, "", ""), ("b", 1, 50, "", ""), ("b", 2, 70, "", ""), ("a", 2, -70, "", "")];
    let first = matched(&rows);
    let again = match_transfers(first.ledger.clone(), &TransferParams::default()).unwrap();
    assert_eq!(again, first);
    let with_refund =
        ledger(&rows).with_roles(vec![Role::Ordinary, Role::Refund, Role::Transfer, Role::Ordinary]);
    let found = match_transfers(with_refund.unwrap(), &TransferParams::default()).unwrap();
    assert_eq!(found.ledger.all().roles(), [Role::Ordinary, Role::Refund, Role::Transfer, Role::Transfer]);
}

#[test]
fn parameters_are_checked_and_survive_the_disk() {
    let params = TransferParams::default().with_max_days(32);
    assert!(matches!(match_transfers(ledger(&[]), &params), Err(Error::Param(_))));
    let text = serde_json::to_string(&params).unwrap();
    assert_eq!(serde_json::from_str::<TransferParams>(&text).unwrap(), params);
}

fn bookings() -> impl Strategy<Value = Vec<Booking>> {
    let account = prop::sample::select(vec!["a", "b", "c", ""]);
    let text = prop::sample::select(vec!["", "", "TFR"]);
    let code = prop::sample::select(vec!["", "", "DEB"]);
    let amount = prop::sample::select(vec![-20, -10, 10, 20]);
    prop::collection::vec((account, 0_u64..12, amount, text, code), 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn pairs_are_what_they_are_meant_to_be(bookings in bookings()) {
        let found = matched(&bookings);
        let all = found.ledger.all();
        let mut used = BTreeSet::new();
        for pair in &found.report.pairs {
            let (out, into) = (all.row(pair.out_row), all.row(pair.in_row));
            prop_assert_eq!(out.amount, -into.amount);
            prop_assert!(out.amount.is_negative() && out.account != into.account);
            prop_assert!((out.time - into.time).num_days().unsigned_abs() == u64::from(pair.days) && pair.days <= 4);
            prop_assert!(used.insert(pair.out_row) && used.insert(pair.in_row), "each row once");
        }
        let marked: Vec<usize> = (0..all.len()).filter(|row| all.roles()[*row] == Role::Transfer).collect();
        prop_assert_eq!(marked, used.iter().copied().collect::<Vec<_>>());
        prop_assert!(found.report.ambiguous.iter().flat_map(|group| &group.rows).all(|row| !used.contains(row)));
    }

    #[test]
    fn what_is_known_at_a_date_does_not_depend_on_what_comes_later(bookings in bookings(), last in 0_u64..12) {
        let full = matched(&bookings);
        let known: Vec<Booking> = bookings.iter().filter(|row| row.1 <= last).copied().collect();
        let cut = matched(&known);
        // One user, rows in order of time: the cut ledger is the beginning of the full one.
        let (all, part) = (full.ledger.all(), cut.ledger.all());
        for row in 0..part.len() {
            prop_assert_eq!(full.role_at(row, day(last)), part.roles()[row], "row {}", row);
        }
        let full_pairs: Vec<_> = full.report.pairs.iter().filter(|pair| pair.known_from <= day(last)).collect();
        prop_assert_eq!(full_pairs, cut.report.pairs.iter().collect::<Vec<_>>());
        let honest = full.as_known_at(day(last)).unwrap();
        prop_assert_eq!(&honest.all().roles()[..part.len()], part.roles());
        prop_assert!(all.len() >= part.len());
    }
}
