use fincoach_core::{Category, Ledger, Money, Role, Transaction};

use super::*;
use crate::synthetic::{account, day, goal};

fn minor(amount: i64) -> Money {
    Money::from_minor(amount)
}

fn refusal(ledger: &Ledger, goal: &Goal) -> Refusal {
    match goal_outcome(ledger, goal) {
        Err(Error::Refused { refusal, .. }) => refusal,
        other => panic!("{other:?}"),
    }
}

const SAVINGS: Category = Category::Savings;

#[test]
fn what_is_drawn_back_counts_against_saving_but_not_after_the_goal_was_reached() {
    let ledger = account(&[
        (0, -500, SAVINGS, None),
        (10, -300, SAVINGS, None),
        (20, 200, SAVINGS, None),
        (30, -250, SAVINGS, None),
        (40, 350, SAVINGS, None),
        (60, -1, Category::Other, None),
    ]);
    let save = |amount, date| goal_outcome(&ledger, &goal(GoalKind::Save(minor(amount)), 5, date)).unwrap();
    assert_eq!(save(300, 50), GoalOutcome::Reached(day(10)));
    assert_eq!(save(350, 50), GoalOutcome::Reached(day(30)));
    assert_eq!(save(351, 50), GoalOutcome::Missed(day(50)));
    assert_eq!(save(350, 29), GoalOutcome::Missed(day(29)), "the date is a day too early");
    assert_eq!(save(350, 30), GoalOutcome::Reached(day(30)), "the date itself counts");
}

#[test]
fn the_start_itself_does_not_count_booked_or_not() {
    let ledger = account(&[(0, -500, SAVINGS, None), (9, -1, SAVINGS, None), (20, -1, SAVINGS, None)]);
    let save = |start| goal_outcome(&ledger, &goal(GoalKind::Save(minor(500)), start, 20)).unwrap();
    assert_eq!(save(-1), GoalOutcome::Reached(day(0)));
    assert_eq!(save(0), GoalOutcome::Missed(day(20)));
    assert_eq!(save(4), GoalOutcome::Missed(day(20)), "a day without bookings");
}

#[test]
fn a_cap_is_missed_on_the_day_it_is_broken_and_kept_only_by_its_date() {
    let dining = Category::DineOut;
    let rows =
        [(0, -100, dining, None), (5, -600, dining, None), (9, 100, dining, None), (12, -500, dining, None)];
    let ledger = account(&rows);
    let cap =
        |amount, date| goal_outcome(&ledger, &goal(GoalKind::Cap(dining, minor(amount)), 0, date)).unwrap();
    assert_eq!(cap(599, 12), GoalOutcome::Missed(day(5)));
    assert_eq!(cap(599, 99), GoalOutcome::Missed(day(5)), "decided before the bookings end");
    assert_eq!(cap(1100, 12), GoalOutcome::Reached(day(12)));
    assert_eq!(cap(1100, 13), GoalOutcome::Censored(day(12)));
    let other = goal(GoalKind::Cap(Category::Shopping, Money::ZERO), 0, 12);
    assert_eq!(goal_outcome(&ledger, &other).unwrap(), GoalOutcome::Reached(day(12)));
}

#[test]
fn a_refund_lowers_spending_and_a_transfer_is_nothing() {
    let mut builder = Ledger::builder();
    for (number, amount, role) in [
        (1, -500, Role::Ordinary),
        (1, 200, Role::Refund),
        (2, -900, Role::Transfer),
        (3, -1, Role::Ordinary),
    ] {
        let mut row = Transaction::new("anna", day(number).into(), minor(amount));
        (row.category, row.role) = (Category::Shopping, role);
        builder.push(&row).unwrap();
    }
    let ledger = builder.finish();
    let cap = |amount| {
        goal_outcome(&ledger, &goal(GoalKind::Cap(Category::Shopping, minor(amount)), 0, 3)).unwrap()
    };
    assert_eq!(cap(301), GoalOutcome::Reached(day(3)));
    assert_eq!(cap(300), GoalOutcome::Missed(day(3)));
}

#[test]
fn a_debt_is_paid_down_once_four_weeks_hold_it() {
    let ledger = account(&[
        (0, -1, Category::Other, Some(-50_000)),
        (40, 45_000, Category::Income, Some(-5_000)),
        (50, -1_000, Category::Bills, Some(-6_000)),
        (120, 1, Category::Other, Some(-5_999)),
    ]);
    let down =
        |amount, date| goal_outcome(&ledger, &goal(GoalKind::PayDown(minor(amount)), 30, date)).unwrap();
    // Day 40 to day 67 are the first 28 day ends at −60.00 or better.
    assert_eq!(down(6_000, 119), GoalOutcome::Reached(day(67)));
    assert_eq!(down(6_000, 66), GoalOutcome::Missed(day(66)));
    assert_eq!(down(5_000, 119), GoalOutcome::Missed(day(119)));
    assert_eq!(refusal(&ledger, &goal(GoalKind::PayDown(minor(50_000)), 30, 60)), Refusal::AlreadyReached);
}

#[test]
fn a_buffer_is_measured_by_the_spending_before_the_start() {
    // 91.00 spent in 91 days: a month of it is 30.4375 · 1.00, rounded up 30.44.
    let mut rows = vec![(0, -9_100, Category::Bills, Some(0))];
    rows.push((95, 3_044, Category::Income, Some(3_044)));
    rows.push((160, 1, Category::Income, Some(3_045)));
    let buffer = |months, rows: &[_]| goal_outcome(&account(rows), &goal(GoalKind::Buffer(months), 90, 150));
    assert_eq!(buffer(1.0, &rows).unwrap(), GoalOutcome::Reached(day(122)));
    assert_eq!(buffer(1.01, &rows).unwrap(), GoalOutcome::Missed(day(150)));
    let quiet = goal(GoalKind::Buffer(1.0), 91, 150);
    assert_eq!(
        refusal(&account(&rows), &quiet),
        Refusal::NoSpending,
        "day 0 is 91 days back and counts no more"
    );
    let unknown: Vec<_> = rows.iter().map(|row| (row.0, row.1, row.2, None)).collect();
    assert_eq!(refusal(&account(&unknown), &goal(GoalKind::Buffer(1.0), 90, 150)), Refusal::NoBalance);
}

#[test]
fn a_user_who_is_not_there_is_refused_by_name() {
    let ledger = account(&[(0, -1, SAVINGS, None)]);
    let ben = Goal::new("ben", GoalKind::Save(minor(1)), day(0), day(1)).unwrap();
    let error = goal_outcome(&ledger, &ben).unwrap_err();
    assert_eq!(error.to_string(), "the goal of `ben` from 2024-01-01: no bookings of this user");
}

#[test]
fn a_goal_after_the_bookings_is_open() {
    let ledger = account(&[(0, -1, SAVINGS, None), (3, -1, SAVINGS, None)]);
    let later = goal(GoalKind::Save(minor(1)), 10, 20);
    assert_eq!(goal_outcome(&ledger, &later).unwrap(), GoalOutcome::Censored(day(3)));
}

#[test]
fn an_extra_a_week_is_spread_over_days() {
    let ledger = account(&[(0, -1, SAVINGS, None), (30, -1, SAVINGS, None)]);
    let save = goal(GoalKind::Save(minor(280)), 0, 28);
    let with = |extra| goal_outcome_with(&ledger, &save, minor(extra)).unwrap();
    assert_eq!(with(70), GoalOutcome::Reached(day(28)));
    assert_eq!(with(140), GoalOutcome::Reached(day(14)));
    assert_eq!(with(69), GoalOutcome::Missed(day(28)));
}

#[test]
fn amounts_at_the_edge_of_the_range_do_not_overflow() {
    let ledger = account(&[
        (0, i64::MIN, SAVINGS, Some(i64::MIN)),
        (1, i64::MIN, Category::Bills, Some(i64::MAX)),
        (60, 1, SAVINGS, None),
    ]);
    for kind in [
        GoalKind::Save(minor(i64::MAX)),
        GoalKind::Cap(Category::Bills, minor(i64::MAX)),
        GoalKind::PayDown(minor(i64::MAX)),
        GoalKind::Buffer(120.0),
    ] {
        let _ = goal_outcome(&ledger, &goal(kind, 30, 50));
    }
}
