//! What every household keeps to.

use std::collections::BTreeMap;

use fincoach_core::chrono::{Datelike, NaiveDate, Weekday};
use fincoach_core::{Category, Control, Direction, Money, Step, TimePrecision};
use fincoach_simulate::{Archetype, PayPattern, Simulation, SimulationParams, write_csv};
use proptest::prelude::*;

fn params(n_households: usize, n_months: u32, seed: u64) -> SimulationParams {
    SimulationParams::default().with_n_households(n_households).with_n_months(n_months).with_seed(seed)
}

fn check_accounts(simulation: &Simulation) {
    let (ledger, truth) = (simulation.ledger(), simulation.truth());
    assert_eq!(ledger.n_users(), truth.len());
    for (user, truth) in ledger.iter_users().zip(truth) {
        assert_eq!(user.user(), truth.user);
        let mut balance = truth.opening_balance;
        for row in user.iter() {
            balance += row.amount;
            assert_eq!(row.balance, Some(balance), "{row:?}");
            assert!(balance + truth.overdraft_limit >= Money::ZERO, "{row:?}");
            assert_ne!(row.amount, Money::ZERO, "{row:?}");
            assert_eq!(row.precision, TimePrecision::Second);
            assert_eq!(row.direction == Direction::Credit, row.amount.is_positive(), "{row:?}");
            assert_eq!(row.city.is_some(), row.country.is_some());
        }
        assert!(user.times().windows(2).all(|pair| pair[0] < pair[1]), "times increase along the account");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_balance_is_the_exact_sum(seed in any::<u64>(), day in 0_u64..3000, n_months in 1_u32..6) {
        let start = NaiveDate::from_ymd_opt(2016, 1, 1).unwrap() + fincoach_core::chrono::Days::new(day);
        let simulation = params(12, n_months, seed).with_start_date(start).simulate().unwrap();
        check_accounts(&simulation);
        let view = simulation.ledger().all();
        let (first, last) = (view.times().iter().min().unwrap(), view.times().iter().max().unwrap());
        let midnight = start.and_time(fincoach_core::chrono::NaiveTime::MIN).and_utc().timestamp();
        prop_assert!(*first >= midnight);
        prop_assert!(*last < midnight + i64::from(n_months) * 31 * 86_400);
    }
}

#[test]
fn raw_categories_lie_in_their_standard_category() {
    let expected: BTreeMap<&str, Category> = [
        ("Amazon", Category::Shopping),
        ("Bills", Category::Bills),
        ("Cash", Category::Other),
        ("Clothes", Category::Shopping),
        ("Dine Out", Category::DineOut),
        ("Entertainment", Category::Entertainment),
        ("Fitness", Category::Fitness),
        ("Groceries", Category::Groceries),
        ("Health", Category::Health),
        ("Home Improvement", Category::Other),
        ("Insurance", Category::Health),
        ("Interest", Category::Income),
        ("Investment", Category::Savings),
        ("Mortgage", Category::Bills),
        ("Other Shopping", Category::Shopping),
        ("Others", Category::Other),
        ("Paycheck", Category::Income),
        ("Rent", Category::Bills),
        ("Savings", Category::Savings),
        ("Services", Category::Other),
        ("Supplementary Income", Category::Income),
        ("Travel", Category::Transport),
    ]
    .into();
    let simulation = params(60, 12, 1).simulate().unwrap();
    let mut seen = BTreeMap::new();
    for row in simulation.ledger().all().iter() {
        seen.insert(row.raw_category.unwrap().to_owned(), row.category);
    }
    let seen: BTreeMap<&str, Category> =
        seen.iter().map(|(raw, category)| (raw.as_str(), *category)).collect();
    assert_eq!(seen, expected);
}

#[test]
fn monthly_wages_come_on_the_payday_or_the_working_day_before() {
    let simulation = params(40, 12, 3).simulate().unwrap();
    let mut n_checked = 0;
    for (user, truth) in simulation.ledger().iter_users().zip(simulation.truth()) {
        let dates: Vec<NaiveDate> = user
            .iter()
            .filter(|row| row.raw_category == Some("Paycheck"))
            .map(|row| row.time.date())
            .collect();
        let PayPattern::Monthly { day } = truth.pay_pattern else {
            assert!(dates.iter().all(|date| !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)));
            assert!(dates.len() >= 15, "{truth:?}");
            continue;
        };
        let expected: Vec<NaiveDate> = (1..=12)
            .map(|month| NaiveDate::from_ymd_opt(2023, month, day).unwrap())
            .map(|date| match date.weekday() {
                Weekday::Sat => date.pred_opt().unwrap(),
                Weekday::Sun => date.pred_opt().unwrap().pred_opt().unwrap(),
                _ => date,
            })
            .filter(|date| date.year() == 2023)
            .collect();
        // A payday on the first may be moved into the year from the next one's January.
        assert_eq!(dates[..expected.len()], expected, "{truth:?}");
        assert!(dates.len() <= expected.len() + 1);
        n_checked += 1;
    }
    assert!(n_checked > 15, "{n_checked} households paid monthly");
}

#[test]
fn rent_and_bills_are_never_booked_on_weekends() {
    let simulation = params(30, 6, 4).simulate().unwrap();
    for row in simulation.ledger().all().iter() {
        let raw_type = row.raw_type.unwrap();
        if raw_type == "DD" || raw_type == "SO" || row.raw_category == Some("Paycheck") {
            assert!(!matches!(row.time.weekday(), Weekday::Sat | Weekday::Sun), "{row:?}");
        }
    }
}

#[test]
fn threads_change_nothing() {
    let files: Vec<(Simulation, Vec<u8>)> = [1, 2, 5]
        .into_iter()
        .map(|n_threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
            let simulation = pool.install(|| params(300, 2, 9).simulate()).unwrap();
            let mut file = Vec::new();
            write_csv(simulation.ledger(), &mut file).unwrap();
            (simulation, file)
        })
        .collect();
    assert!(files[0] == files[1] && files[0] == files[2]);
}

#[test]
fn another_seed_gives_other_households() {
    let first = params(5, 3, 1).simulate().unwrap();
    assert_eq!(first, params(5, 3, 1).simulate().unwrap());
    assert_ne!(first.truth()[0], params(5, 3, 2).simulate().unwrap().truth()[0]);
}

#[test]
fn a_larger_simulation_begins_with_the_smaller() {
    let (small, large) = (params(3, 2, 5).simulate().unwrap(), params(12, 2, 5).simulate().unwrap());
    assert_eq!(small.truth(), &large.truth()[..3]);
    for user in 0..3 {
        let (a, b) = (small.ledger().user(user), large.ledger().user(user));
        assert!(a.iter().eq(b.iter()));
    }
}

#[test]
fn a_later_end_only_adds() {
    let (short, long) = (params(4, 3, 6).simulate().unwrap(), params(4, 12, 6).simulate().unwrap());
    // The last week of the short run is cut, and its household is told nothing in it: compare before.
    let until = NaiveDate::from_ymd_opt(2023, 3, 26).unwrap().into();
    for user in 0..4 {
        let (a, b) = (short.ledger().user(user).until(until), long.ledger().user(user).until(until));
        let plain = |row: fincoach_core::Transaction<'_>| (row.time, row.amount, row.balance);
        assert!(a.len() > 50 && a.iter().map(plain).eq(b.iter().map(plain)));
    }
}

#[test]
fn a_simulation_that_is_stopped_keeps_what_is_done() {
    let mut steps = Vec::new();
    let mut stop_early = |step: &Step<'_>| {
        steps.push((step.done, step.total));
        Control::Stop
    };
    let simulation = params(600, 1, 7).simulate_with(&mut stop_early).unwrap();
    assert_eq!(steps, [(256, 600)]);
    assert_eq!((simulation.truth().len(), simulation.ledger().n_users()), (256, 256));
}

#[test]
fn a_mix_of_one_gives_one_archetype() {
    let simulation = params(20, 1, 8).with_archetype_mix([0.0, 0.0, 0.0, 0.0, 2.0]).simulate().unwrap();
    assert!(simulation.truth().iter().all(|truth| truth.archetype == Archetype::HighSpender));
}

#[test]
fn twenty_years_stay_sane() {
    let simulation = params(5, 240, 10).simulate().unwrap();
    check_accounts(&simulation);
    for (user, truth) in simulation.ledger().iter_users().zip(simulation.truth()) {
        let highest = user.balances().iter().flatten().max().unwrap().to_major();
        let scale = truth.opening_balance.to_major() + 12.0 * truth.monthly_income.to_major();
        assert!(highest < scale, "{highest} of {scale}");
    }
}

#[test]
fn parameters_are_read_strictly() {
    let read: SimulationParams = serde_json::from_str(r#"{"n_households": 7}"#).unwrap();
    assert_eq!(read, SimulationParams::default().with_n_households(7));
    assert!(serde_json::from_str::<SimulationParams>(r#"{"n_housholds": 7}"#).is_err());
    let text = serde_json::to_string(&read).unwrap();
    assert_eq!(serde_json::from_str::<SimulationParams>(&text).unwrap(), read);
}
