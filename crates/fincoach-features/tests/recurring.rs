//! Recurring payments of simulated households, whose standing payments are known.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops at the first surprise")]

use fincoach_core::LedgerView;
use fincoach_core::chrono::{NaiveDate, NaiveDateTime};
use fincoach_features::{Flow, Period, RecurringParams, RecurringPayment, detect_recurring};
use fincoach_simulate::{PayPattern, Simulation, SimulationParams};

/// What the simulation books every month on its day, a weekend aside; some are left out in the two months without
/// council tax.
const STANDING: [&str; 22] = [
    "LETTINGS LTD RENT",
    "PARK ESTATES RENT",
    "A PATEL RENT",
    "SANTANDER MORTGAGE",
    "NATWEST BANK",
    "PRINCIPALITY BS",
    "CITY COUNCIL C.TAX",
    "OCTOPUS ENERGY",
    "BRITISH GAS",
    "WATER PLC",
    "VIRGIN MEDIA PYMTS",
    "TV LICENCE MBP",
    "TALKTALK LIMITED",
    "ACCOUNT FEE",
    "AVIVA LIFE",
    "CAR INSURANCE",
    "HOME INSURANCE",
    "O2",
    "PURE GYM LTD",
    "NETFLIX.COM",
    "SPOTIFY UK",
    "Audible UK",
];

fn simulation() -> Simulation {
    SimulationParams::default().with_n_households(240).with_n_months(12).with_seed(11).simulate().unwrap()
}

fn end(user: LedgerView<'_>) -> NaiveDateTime {
    user.row(user.len() - 1).time
}

fn found(user: LedgerView<'_>) -> Vec<RecurringPayment> {
    detect_recurring(user, end(user), &RecurringParams::default()).unwrap()
}

#[test]
fn standing_payments_are_found_and_little_else() {
    let simulation = simulation();
    let (mut n_standing, mut n_found, mut n_right) = (0.0, 0.0, 0.0);
    for user in simulation.ledger().iter_users() {
        let since = end(user).date() - fincoach_core::chrono::Days::new(125);
        let recent = user.since(since.into());
        let n_bookings = |name: &str| recent.iter().filter(|row| row.description == name).count();
        let standing: Vec<&str> = STANDING.into_iter().filter(|name| n_bookings(name) >= 4).collect();
        let found = found(user);
        let payments: Vec<_> = found.iter().filter(|payment| payment.flow == Flow::Spending).collect();
        let has = |name: &&&str| payments.iter().any(|p| p.merchant == **name && p.period == Period::Monthly);
        n_standing += standing.len() as f64;
        n_right += standing.iter().filter(has).count() as f64;
        n_found +=
            payments.iter().filter(|payment| !STANDING.contains(&payment.merchant.as_str())).count() as f64;
    }
    assert!(n_standing > 400.0, "{n_standing}");
    println!("standing {n_standing}, of these found {n_right}, others found {n_found}");
    assert!(n_right / n_standing > 0.97, "{n_right} of {n_standing}");
    assert!(n_found / (n_found + n_right) < 0.1, "{n_found} besides {n_right}");
}

#[test]
fn the_pay_has_the_rhythm_it_was_given() {
    let simulation = simulation();
    let (mut regular, mut right, mut irregular, mut quiet) = (0.0, 0.0, 0.0, 0.0);
    for (user, truth) in simulation.ledger().iter_users().zip(simulation.truth()) {
        let found = found(user);
        // Interest and sales of a few pounds are no pay.
        let is_pay =
            |payment: &&RecurringPayment| payment.flow == Flow::Income && payment.amount.minor() > 5000;
        let pay = found.iter().find(is_pay);
        match truth.pay_pattern {
            PayPattern::Monthly { .. } => {
                regular += 1.0;
                right += f64::from(u8::from(pay.is_some_and(|pay| pay.period == Period::Monthly)));
            }
            PayPattern::Weekly => {
                regular += 1.0;
                right += f64::from(u8::from(pay.is_some_and(|pay| pay.period == Period::Weekly)));
            }
            _ => {
                irregular += 1.0;
                quiet += f64::from(u8::from(pay.is_none()));
            }
        }
    }
    println!("regular {regular}, right {right}; irregular {irregular}, not called regular {quiet}");
    assert!(regular > 40.0 && irregular > 0.0);
    assert!(right / regular > 0.97, "{right} of {regular}");
    assert!(quiet / irregular > 0.8, "{quiet} of {irregular}");
}

#[test]
fn the_next_day_is_met() {
    let simulation = simulation();
    let (mut n, mut near) = (0.0, 0.0);
    for user in simulation.ledger().iter_users() {
        let cut = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap().max(end(user).date())
            - fincoach_core::chrono::Days::new(45);
        for payment in detect_recurring(user, cut.into(), &RecurringParams::default()).unwrap() {
            if payment.period != Period::Monthly || !STANDING.contains(&payment.merchant.as_str()) {
                continue;
            }
            let after = user.since((cut + fincoach_core::chrono::Days::new(1)).into());
            let Some(next) = after.iter().find(|row| row.description == payment.merchant) else { continue };
            n += 1.0;
            near += f64::from(u8::from((next.time.date() - payment.next).num_days().abs() <= 3));
        }
    }
    println!("{near} of {n} within three days");
    assert!(n > 300.0);
    assert!(near / n > 0.95, "{near} of {n}");
}
