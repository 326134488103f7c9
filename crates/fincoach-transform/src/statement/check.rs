//! Whether the balances of a statement follow from its bookings, and what follows from them.

use std::collections::BTreeMap;

use fincoach_core::chrono::{NaiveDateTime, NaiveTime};
use fincoach_core::{Money, TimePrecision};

use super::booking::{Booking, Statement};
use crate::StatementSummary;

/// What the file says of a statement, and whether it holds.
pub(super) fn check(statement: &mut Statement) -> StatementSummary {
    drop_constant_times(&mut statement.bookings);
    StatementSummary {
        line: statement.line,
        account: Some(statement.account.clone()).filter(|account| !account.is_empty()),
        currency: statement.currency,
        bookings: statement.bookings.len() as u64,
        opening: statement.opening,
        closing: statement.closing.map(|closing| closing.amount),
        expected_closing: statement.opening.map(|opening| opening + statement.total()),
        derived_balances: false,
        left_out: false,
    }
}

/// Works out the balance after each booking where that is sure.
///
/// It is sure with an opening balance that does not contradict the closing one. Without an opening balance the
/// closing one serves, where the file says that it lists every booking up to the day of it. Statements of one account
/// that follow on one another are taken together: their dates may overlap. Bookings are taken in the order of their
/// times, those of one time in the order of the file; read backwards where more go down than up.
pub(super) fn derive_balances(statements: &mut [Statement], summaries: &mut [StatementSummary]) {
    let mut accounts: BTreeMap<String, Vec<Sound>> = BTreeMap::new();
    for (number, (statement, summary)) in statements.iter().zip(&mut *summaries).enumerate() {
        // A skipped entry leaves a hole that every later balance would hide.
        let whole = statement.n_bad == 0 && !summary.is_mismatch() && !summary.left_out;
        let Some(opening) = opening(statement).filter(|_| whole) else { continue };
        summary.derived_balances = true;
        let sound = Sound { number, opening, closing: opening + statement.total() };
        accounts.entry(statement.account.clone()).or_default().push(sound);
    }
    for mut account in accounts.into_values() {
        if newest_first(&account) {
            account.reverse();
        }
        for run in account.chunk_by(|before, after| before.closing == after.opening) {
            derive(statements, run);
        }
    }
}

/// A statement whose balances may be trusted.
#[derive(Clone, Copy, Debug)]
struct Sound {
    number: usize,
    opening: Money,
    closing: Money,
}

/// Whether more statements follow on the one below them in the file than on the one above.
fn newest_first(account: &[Sound]) -> bool {
    let pairs = || account.iter().zip(account.iter().skip(1));
    let up = pairs().filter(|(above, below)| above.closing == below.opening).count();
    let down = pairs().filter(|(above, below)| below.closing == above.opening).count();
    down > up
}

fn opening(statement: &Statement) -> Option<Money> {
    if statement.opening.is_some() {
        return statement.opening;
    }
    let closing = statement.closing?;
    let last = statement.bookings.iter().map(|booking| booking.time.date()).max()?;
    closing.complete_to.filter(|complete_to| last <= *complete_to).map(|_| closing.amount - statement.total())
}

/// Gives the bookings of statements that follow on one another their balances.
fn derive(statements: &mut [Statement], run: &[Sound]) {
    let Some(first) = run.first() else { return };
    let mut order: Vec<(NaiveDateTime, usize, usize)> = Vec::new();
    let all = || run.iter().filter_map(|sound| statements.get(sound.number));
    // Some banks list the bookings of a statement by amount: what most statements do counts, not one alone.
    let (up, down) =
        all().map(|statement| steps(&statement.bookings)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    for sound in run {
        let Some(statement) = statements.get(sound.number) else { continue };
        let rows = statement.bookings.iter().enumerate();
        let mut rows: Vec<_> = rows.map(|(row, booking)| (booking.time, sound.number, row)).collect();
        if down > up {
            rows.reverse();
        }
        order.append(&mut rows);
    }
    order.sort_by_key(|(time, ..)| *time);
    let mut balance = first.opening;
    for (_, statement, row) in order {
        let booking = statements.get_mut(statement).and_then(|statement| statement.bookings.get_mut(row));
        if let Some(booking) = booking {
            balance += booking.amount;
            booking.balance = Some(balance);
        }
    }
}

/// How many steps of the file go up in time, and how many down.
fn steps(bookings: &[Booking]) -> (usize, usize) {
    let steps = || bookings.iter().zip(bookings.iter().skip(1));
    let up = steps().filter(|(before, after)| after.time > before.time).count();
    let down = steps().filter(|(before, after)| after.time < before.time).count();
    (up, down)
}

/// Many banks write noon or midnight at every booking. One time of day for all of a statement tells nothing, and
/// is not passed on as one.
fn drop_constant_times(bookings: &mut [Booking]) {
    let known = |booking: &&Booking| booking.precision == TimePrecision::Second;
    let mut times = bookings.iter().filter(known).map(|booking| booking.time.time());
    let Some(first) = times.next() else { return };
    if times.all(|time| time == first) {
        for booking in bookings {
            booking.precision = TimePrecision::Day;
            booking.time = NaiveDateTime::new(booking.time.date(), NaiveTime::MIN);
        }
    }
}

/// Takes away every reference that stands at bookings of different days or amounts of one account: it may be a
/// customer number or the word for none. Returns the number of bookings that lost theirs.
pub(super) fn drop_shared_references(statements: &mut [Statement]) -> u64 {
    let mut first: BTreeMap<(String, String), (NaiveDateTime, Money, bool)> = BTreeMap::new();
    let key = |account: &str, booking: &Booking| (account.to_owned(), booking.reference.clone());
    for statement in &*statements {
        for booking in statement.bookings.iter().filter(|booking| !booking.reference.is_empty()) {
            let (time, amount, shared) = first.entry(key(&statement.account, booking)).or_insert((
                booking.time,
                booking.amount,
                false,
            ));
            *shared |= (*time, *amount) != (booking.time, booking.amount);
        }
    }
    let mut dropped = 0;
    for statement in statements {
        for booking in &mut statement.bookings {
            if first.get(&key(&statement.account, booking)).is_some_and(|(_, _, shared)| *shared) {
                booking.reference.clear();
                dropped += 1;
            }
        }
    }
    dropped
}

#[cfg(test)]
#[cfg(any(feature = "ofx", feature = "qif", feature = "mt940", feature = "camt"))]
mod tests {
    use fincoach_core::chrono::NaiveDate;

    use super::super::booking::Closing;
    use super::*;

    /// Checks one statement and derives its balances.
    fn settle(statement: &mut Statement) -> StatementSummary {
        let mut summaries = [check(statement)];
        derive_balances(std::slice::from_mut(statement), &mut summaries);
        let [summary] = summaries;
        summary
    }

    fn statement(bookings: &[(u32, i64)]) -> Statement {
        let mut statement = Statement::new(1);
        statement.bookings = bookings
            .iter()
            .map(|(day, amount)| {
                let time = NaiveDate::from_ymd_opt(2024, 1, *day).unwrap().into();
                Booking::new(0, (time, TimePrecision::Day), Money::from_minor(*amount))
            })
            .collect();
        statement
    }

    fn balances(statement: &Statement) -> Vec<Option<i64>> {
        statement.bookings.iter().map(|booking| booking.balance.map(Money::minor)).collect()
    }

    #[test]
    fn balances_follow_from_the_opening_one_in_either_direction() {
        let mut up = statement(&[(1, 5), (1, -2), (3, 10)]);
        up.opening = Some(Money::from_minor(100));
        assert!(settle(&mut up).derived_balances);
        assert_eq!(balances(&up), [Some(105), Some(103), Some(113)]);
        let mut down = statement(&[(3, 10), (1, -2), (1, 5)]);
        down.opening = Some(Money::from_minor(100));
        settle(&mut down);
        assert_eq!(balances(&down), [Some(113), Some(103), Some(105)]);
    }

    #[test]
    fn statements_that_follow_on_one_another_share_their_days() {
        // The second one has a booking of a day before the last of the first.
        let ours = || {
            let mut both = [statement(&[(1, 5), (4, 7)]), statement(&[(3, 10), (5, 1)])];
            both[0].opening = Some(Money::from_minor(100));
            both[1].opening = Some(Money::from_minor(112));
            both
        };
        let derived = |mut statements: Vec<Statement>| {
            let mut summaries: Vec<_> = statements.iter_mut().map(check).collect();
            derive_balances(&mut statements, &mut summaries);
            statements.iter().flat_map(balances).collect::<Vec<_>>()
        };
        assert_eq!(derived(ours().into()), [Some(105), Some(122), Some(115), Some(123)]);
        let newest_first = ours().into_iter().rev().collect();
        assert_eq!(derived(newest_first), [Some(115), Some(123), Some(105), Some(122)]);
        let mut apart = ours();
        apart[1].opening = Some(Money::from_minor(200));
        assert_eq!(derived(apart.into()), [Some(105), Some(112), Some(210), Some(211)]);
    }

    #[test]
    fn a_contradiction_is_reported_and_nothing_is_derived_from_it() {
        let mut wrong = statement(&[(1, 5)]);
        wrong.opening = Some(Money::from_minor(100));
        wrong.closing = Some(Closing { amount: Money::from_minor(104), line: 9, complete_to: None });
        let summary = settle(&mut wrong);
        assert!(summary.is_mismatch() && !summary.derived_balances);
        assert_eq!(summary.expected_closing, Some(Money::from_minor(105)));
        assert_eq!(balances(&wrong), [None]);
    }

    #[test]
    fn a_closing_balance_serves_only_for_the_days_it_covers() {
        let closing = |day| {
            let complete_to = NaiveDate::from_ymd_opt(2024, 1, day);
            Some(Closing { amount: Money::from_minor(50), line: 9, complete_to })
        };
        let mut covered = statement(&[(1, 5), (2, 7)]);
        covered.closing = closing(2);
        settle(&mut covered);
        assert_eq!(balances(&covered), [Some(43), Some(50)]);
        let mut older = statement(&[(1, 5), (2, 7)]);
        older.closing = closing(1);
        settle(&mut older);
        assert_eq!(balances(&older), [None, None]);
    }

    #[test]
    fn a_time_that_never_changes_is_no_time() {
        let noon =
            |day, hour| NaiveDate::from_ymd_opt(2024, 1, day).unwrap().and_hms_opt(hour, 0, 0).unwrap();
        let mut constant = statement(&[(1, 5), (2, 7)]);
        for (day, booking) in (1..).zip(&mut constant.bookings) {
            (booking.time, booking.precision) = (noon(day, 12), TimePrecision::Second);
        }
        let mut real = statement(&[]);
        real.bookings = constant.bookings.clone();
        real.bookings[1].time = noon(2, 13);
        check(&mut constant);
        check(&mut real);
        assert!(constant.bookings.iter().all(|booking| booking.precision == TimePrecision::Day));
        assert_eq!(real.bookings[1].time, noon(2, 13));
        assert!(real.bookings.iter().all(|booking| booking.precision == TimePrecision::Second));
    }

    #[test]
    fn a_reference_of_different_bookings_is_none() {
        let mut all = [statement(&[(1, 5), (2, 7), (2, 8)]), statement(&[(1, 5)])];
        for statement in &mut all {
            statement.bookings.iter_mut().for_each(|booking| booking.reference = "A".to_owned());
        }
        all[0].bookings[2].reference = "B".to_owned();
        // The same booking in two overlapping statements keeps its reference.
        all[0].bookings[1].reference.clear();
        assert_eq!(drop_shared_references(&mut all), 0);
        all[0].bookings[1].reference = "A".to_owned();
        assert_eq!(drop_shared_references(&mut all), 3);
        assert_eq!(all[0].bookings[2].reference, "B");
    }
}
