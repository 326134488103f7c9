//! Whether the balances of a statement follow from its bookings, and what follows from them.

use std::collections::BTreeMap;

use fincoach_core::chrono::{NaiveDateTime, NaiveTime};
use fincoach_core::{Money, TimePrecision};

use super::booking::{Booking, Statement};
use crate::StatementSummary;

/// Checks a statement and works out the balance after each booking where that is sure.
///
/// It is sure with an opening balance that does not contradict the closing one. Without an opening balance the
/// closing one serves, where the file says that it lists every booking up to the day of it. Bookings are taken in
/// the order of their times, those of one time in the order of the file; read backwards where more dates go down
/// than up.
pub(super) fn check(statement: &mut Statement) -> StatementSummary {
    drop_constant_times(&mut statement.bookings);
    let total = statement.total();
    let expected_closing = statement.opening.map(|opening| opening + total);
    let mut summary = StatementSummary {
        line: statement.line,
        account: Some(statement.account.clone()).filter(|account| !account.is_empty()),
        currency: statement.currency,
        bookings: statement.bookings.len() as u64,
        opening: statement.opening,
        closing: statement.closing.map(|closing| closing.amount),
        expected_closing,
        derived_balances: false,
        left_out: false,
    };
    let opening = match statement.opening {
        Some(_) if summary.is_mismatch() => None,
        Some(opening) => Some(opening),
        None => opening_from_closing(statement, total),
    };
    // A skipped entry leaves a hole that every later balance would hide.
    if let Some(opening) = opening.filter(|_| statement.bad.is_empty()) {
        derive(&mut statement.bookings, opening);
        summary.derived_balances = true;
    }
    summary
}

fn opening_from_closing(statement: &Statement, total: Money) -> Option<Money> {
    let closing = statement.closing?;
    let last = statement.bookings.iter().map(|booking| booking.time.date()).max()?;
    closing.complete_to.filter(|complete_to| last <= *complete_to).map(|_| closing.amount - total)
}

fn derive(bookings: &mut [Booking], opening: Money) {
    let mut order: Vec<usize> = (0..bookings.len()).collect();
    if runs_down(bookings) {
        order.reverse();
    }
    let time_of = |number: &usize| bookings.get(*number).map(|booking| booking.time);
    order.sort_by_key(time_of);
    let mut balance = opening;
    for number in order {
        if let Some(booking) = bookings.get_mut(number) {
            balance += booking.amount;
            booking.balance = Some(balance);
        }
    }
}

/// Whether more steps of the file go down in time than up.
fn runs_down(bookings: &[Booking]) -> bool {
    let steps = || bookings.iter().zip(bookings.iter().skip(1));
    let down = steps().filter(|(before, after)| after.time < before.time).count();
    let up = steps().filter(|(before, after)| after.time > before.time).count();
    down > up
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
        assert!(check(&mut up).derived_balances);
        assert_eq!(balances(&up), [Some(105), Some(103), Some(113)]);
        let mut down = statement(&[(3, 10), (1, -2), (1, 5)]);
        down.opening = Some(Money::from_minor(100));
        check(&mut down);
        assert_eq!(balances(&down), [Some(113), Some(103), Some(105)]);
    }

    #[test]
    fn a_contradiction_is_reported_and_nothing_is_derived_from_it() {
        let mut wrong = statement(&[(1, 5)]);
        wrong.opening = Some(Money::from_minor(100));
        wrong.closing = Some(Closing { amount: Money::from_minor(104), line: 9, complete_to: None });
        let summary = check(&mut wrong);
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
        check(&mut covered);
        assert_eq!(balances(&covered), [Some(43), Some(50)]);
        let mut older = statement(&[(1, 5), (2, 7)]);
        older.closing = closing(1);
        check(&mut older);
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
