//! Schema v2 against a slow scan of all rows, one row at a time, and what must hold for any ledger.
#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    missing_docs,
    reason = "a test stops at the first surprise and counts small things"
)]

mod slow;

use fincoach_core::chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use fincoach_core::{Category, DataError, Ledger, Money, Role, TimePrecision, Transaction};
use fincoach_features::{
    Error, Flow, PartialFeatures, RecurringParams, RecurringPayment, Snapshots, V2Params, V2State, V2Unit,
    detect_recurring, read_partial_csv, schema_v2, write_partial_csv,
};
use proptest::prelude::*;
use slow::Slow;

/// Columns that need the detection of recurring payments, which the scan does not have.
const DETECTED: [&str; 17] = [
    "recurring_count",
    "recurring_cost",
    "recurring_share",
    "recurring_new",
    "recurring_lost",
    "recurring_due",
    "days_to_recurring",
    "recurring_change",
    "regular_income_share",
    "income_source_count",
    "payday_period",
    "days_since_payday",
    "days_to_payday",
    "payday_regularity",
    "pay_variation",
    "payday_effect",
    "buffer_past_payday",
];

#[derive(Clone, Debug)]
struct Row {
    user: u8,
    minutes: i64,
    timed: bool,
    pence: i64,
    balance: Option<i64>,
    category: usize,
    role: Role,
    account: u8,
    shop: u8,
    city: u8,
}

const DAYS: i64 = 520;

fn row() -> impl Strategy<Value = Row> {
    let minutes = prop_oneof![3 => 0_i64..DAYS * 1440, 1 => (0_i64..DAYS).prop_map(|day| day * 1440)];
    let role = prop_oneof![8 => Just(Role::Ordinary), 1 => Just(Role::Transfer), 1 => Just(Role::Refund)];
    let pence = prop_oneof![3 => -50_000_i64..0, 1 => 0_i64..80_000];
    let balance = prop::option::of(-30_000_i64..300_000);
    let texts = (0_u8..2, 0_u8..7, 0_u8..4);
    (0_u8..2, minutes, any::<bool>(), pence, balance, 0_usize..11, role, texts).prop_map(
        |(user, minutes, timed, pence, balance, category, role, (account, shop, city))| Row {
            user,
            minutes,
            timed,
            pence,
            balance,
            category,
            role,
            account,
            shop,
            city,
        },
    )
}

/// Random rows, and for some users a salary and a rent, so that something recurs.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let regular = (0_i64..10, 1_i64..18, 0_i64..4, any::<bool>()).prop_map(|(start, n, jitter, pay)| {
        (0..n)
            .map(|month| Row {
                user: 0,
                minutes: 1440 * (start + 30 * month + (month * 7 + jitter) % 4) + 540,
                timed: pay,
                pence: if pay { 200_000 + 100 * month } else { -70_000 },
                balance: None,
                category: if pay { 9 } else { 3 },
                role: Role::Ordinary,
                account: 0,
                shop: if pay { 100 } else { 101 },
                city: 0,
            })
            .collect::<Vec<_>>()
    });
    (prop::collection::vec(row(), 1..150), prop::collection::vec(regular, 0..3)).prop_map(
        |(mut rows, regular)| {
            rows.extend(regular.into_iter().flatten());
            rows
        },
    )
}

fn moment(minutes: i64) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2022, 11, 1).unwrap().and_time(Default::default()) + TimeDelta::minutes(minutes)
}

fn ledger_times(rows: &[Row], factor: i64) -> Ledger {
    let mut builder = Ledger::builder();
    for row in rows {
        let (user, shop, city) =
            (row.user.to_string(), format!("shop {}", row.shop), format!("city {}", row.city));
        let account = format!("account {}", row.account);
        let mut transaction =
            Transaction::new(&user, moment(row.minutes), Money::from_minor(row.pence * factor));
        transaction.balance = row.balance.map(|balance| Money::from_minor(balance * factor));
        transaction.category = Category::ALL[row.category];
        transaction.role = row.role;
        transaction.precision = if row.timed { TimePrecision::Second } else { TimePrecision::Day };
        transaction.account = Some(&account);
        transaction.description = if row.shop == 0 { "" } else { &shop };
        transaction.merchant = (row.shop > 3).then_some(&shop);
        transaction.city = (row.city > 0).then_some(&city);
        builder.push(&transaction).unwrap();
    }
    builder.finish()
}

fn ledger(rows: &[Row]) -> Ledger {
    ledger_times(rows, 1)
}

fn params() -> V2Params {
    V2Params::default().with_min_transactions(1).with_window_days(25).with_baseline_days(200)
}

/// The bits of each row with its key; a missing value has none.
type Bits = Vec<(String, NaiveDateTime, Vec<Option<u64>>)>;

fn bits(features: Result<PartialFeatures, Error>) -> Bits {
    match features {
        Err(Error::NoUsers { .. }) => Vec::new(),
        other => {
            let table = other.unwrap().into_table();
            let bits = |row: usize| table.row(row).iter().map(|value| value.map(f64::to_bits)).collect();
            table
                .keys()
                .iter()
                .enumerate()
                .map(|(row, key)| (key.user.clone(), key.as_of, bits(row)))
                .collect()
        }
    }
}

fn close(got: Option<f64>, expected: Option<f64>) -> bool {
    match (got, expected) {
        (None, None) => true,
        // A difference of nearly equal values is wrong by the rounding of those.
        (Some(got), Some(expected)) => (got - expected).abs() <= 1e-9 * (1.0 + expected.abs()),
        _ => false,
    }
}

/// Columns in which nothing but whole numbers come before one division: equal to the bit.
fn is_exact(name: &str) -> bool {
    name.ends_with("_spending")
        || name.ends_with("_share")
        || name.ends_with("_count")
        || ["spending", "income", "net_flow", "balance", "lowest_balance", "saving_rate", "days_overdrawn"]
            .contains(&name)
}

/// The columns are sums over the list.
fn check_sums_of_recurring(
    row: &[Option<f64>],
    found: &[RecurringPayment],
    as_of: NaiveDateTime,
) -> Result<(), TestCaseError> {
    let value = |name: &str| row[schema_v2().iter().position(|spec| spec.name == name).unwrap()];
    let spending: Vec<_> = found.iter().filter(|payment| payment.flow == Flow::Spending).collect();
    let days_to = |payment: &RecurringPayment| (payment.next - as_of.date()).num_days();
    let due =
        spending.iter().filter(|payment| days_to(payment) <= 7).map(|payment| payment.amount.to_major());
    let monthly = spending.iter().map(|payment| 30.0 * payment.amount.to_major() / payment.period.days());
    let next = spending.iter().map(|payment| days_to(payment).max(0) as f64).reduce(f64::min);
    let is_new = |payment: &&&RecurringPayment| (as_of.date() - payment.since).num_days() < 25;
    let incomes = found.iter().filter(|payment| payment.flow == Flow::Income);
    let pay = incomes.clone().next();
    for (name, expected) in [
        ("recurring_count", Some(spending.len() as f64)),
        ("recurring_cost", Some(monthly.sum())),
        ("recurring_due", Some(due.sum())),
        ("days_to_recurring", next),
        ("recurring_new", Some(spending.iter().filter(is_new).count() as f64)),
        ("income_source_count", Some(incomes.clone().count() as f64)),
        ("payday_period", pay.map(|pay| pay.period.days())),
        ("days_since_payday", pay.map(|pay| (as_of.date() - pay.last).num_days() as f64)),
        ("days_to_payday", pay.map(|pay| days_to(pay).max(0) as f64)),
    ] {
        prop_assert!(close(value(name), expected), "{}: {:?}, expected {:?}", name, value(name), expected);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_column_is_that_of_a_slow_scan(all in rows(), ends in prop::collection::vec(0..DAYS * 1440 + 90 * 1440, 3)) {
        let ledger = ledger(&all);
        let at = Snapshots::at(ends.iter().map(|end| moment(*end)).collect());
        let Ok(features) = params().compute_snapshots(&ledger, &at) else { return Ok(()) };
        let table = features.table();
        for (row, key) in table.keys().iter().enumerate() {
            let user = ledger.user_named(&key.user).unwrap();
            let slow = Slow::new(user, key.as_of.and_utc().timestamp(), (25, 200), 0.9).values();
            for (spec, got) in schema_v2().iter().zip(table.row(row)) {
                match slow.get(spec.name) {
                    Some(expected) if is_exact(spec.name) => {
                        prop_assert_eq!(got.map(f64::to_bits), expected.map(f64::to_bits), "{}: {:?} {:?}", spec.name, got, expected);
                    }
                    Some(expected) => {
                        prop_assert!(close(*got, *expected), "{}: {:?}, expected {:?}", spec.name, got, expected);
                    }
                    None => prop_assert!(DETECTED.contains(&spec.name), "{} is not scanned", spec.name),
                }
            }
        }
    }

    #[test]
    fn one_booking_at_a_time_gives_the_same_bits(all in rows(), step in 1_u32..40) {
        let ledger = ledger(&all);
        let steps = bits(params().compute_snapshots(&ledger, &Snapshots::every_days(step)));
        for user in ledger.iter_users() {
            let mut state = V2State::new(&params(), None).unwrap();
            let mut next = 0;
            for (_, as_of, expected) in steps.iter().filter(|row| row.0 == user.user()) {
                let end = user.until(*as_of).len();
                for row in user.slice(next..end).iter() {
                    state.push(&row).unwrap();
                    // Looking on the way must not leave a trace.
                    state.row(row.time).unwrap();
                }
                next = end;
                let row: Vec<Option<u64>> = state.row(*as_of).unwrap().iter().map(|value| value.map(f64::to_bits)).collect();
                prop_assert_eq!(&row, expected);
                let found = detect_recurring(user, *as_of, &RecurringParams::default()).unwrap();
                prop_assert_eq!(&state.recurring(), &found);
                check_sums_of_recurring(&state.row(*as_of).unwrap(), &found, *as_of)?;
            }
            prop_assert_eq!(state.n_transactions(), next);
        }
    }

    #[test]
    fn what_comes_after_as_of_cannot_change_a_bit(
        past in rows(), future in rows(), cut in 0_i64..DAYS * 1440,
    ) {
        let keep = |rows: &[Row], late: bool| -> Vec<Row> {
            rows.iter().filter(|row| (row.minutes > cut) == late).cloned().collect()
        };
        let before = keep(&past, false);
        prop_assume!(!before.is_empty());
        // Later rows go in at the front, so that text numbers change as well.
        let with = ledger(&[keep(&future, true), before.clone()].concat());
        let at = Snapshots::at(vec![moment(cut)]);
        let alone = bits(params().compute_snapshots(&ledger(&before), &at));
        let mut together = bits(params().compute_snapshots(&with, &at));
        together.retain(|(user, _, _)| alone.iter().any(|row| row.0 == *user));
        prop_assert_eq!(together, alone);
    }

    #[test]
    fn values_lie_in_their_range_and_go_through_a_file(all in rows(), step in 3_u32..60) {
        let Ok(features) = params().compute_snapshots(&ledger(&all), &Snapshots::every_days(step)) else { return Ok(()) };
        let table = features.table();
        for row in 0..table.n_rows() {
            for (spec, value) in schema_v2().iter().zip(table.row(row)) {
                match value {
                    Some(value) => prop_assert!(spec.range.contains(*value), "{}: {} not in {}", spec.name, value, spec.range),
                    None => prop_assert!(spec.is_optional(), "{} is missing", spec.name),
                }
            }
        }
        let mut file = Vec::new();
        write_partial_csv(table, &mut file).unwrap();
        prop_assert_eq!(&read_partial_csv(file.as_slice()).unwrap(), table);
    }

    #[test]
    fn ten_times_the_money_gives_ten_times_the_money(all in rows(), end in 0_i64..DAYS * 1440) {
        let at = Snapshots::at(vec![moment(end)]);
        let Ok(one) = params().compute_snapshots(&ledger(&all), &at) else { return Ok(()) };
        let ten = params().compute_snapshots(&ledger_times(&all, 10), &at).unwrap();
        for row in 0..one.table().n_rows() {
            for ((spec, one), ten) in schema_v2().iter().zip(one.table().row(row)).zip(ten.table().row(row)) {
                let money = matches!(spec.unit, V2Unit::Money | V2Unit::MoneyPerDay | V2Unit::MoneyPerDaySquared);
                let expected = one.map(|one| if money { 10.0 * one } else { one });
                prop_assert!(close(*ten, expected), "{}: {:?}, expected {:?}", spec.name, ten, expected);
            }
        }
    }

    #[test]
    fn no_file_makes_the_reader_panic(text in "(user,as_of,x\n)?[a,\"\n0-9:. -]{0,60}") {
        let _: Result<_, Error> = read_partial_csv(text.as_bytes());
    }
}

#[test]
fn threads_and_the_order_of_users_change_nothing() {
    let mut rng = fincoach_core::rng::stream(5, 0);
    let mut below = |n: usize| i64::try_from(rng.below(n)).unwrap();
    let mut rows: Vec<Row> = (0..5000)
        .map(|_| Row {
            user: u8::try_from(below(40)).unwrap(),
            minutes: below(400 * 1440),
            timed: below(2) == 0,
            pence: below(30_000) - 20_000,
            balance: Some(below(400_000) - 50_000),
            category: usize::try_from(below(11)).unwrap(),
            role: Role::Ordinary,
            account: u8::try_from(below(2)).unwrap(),
            shop: u8::try_from(below(9)).unwrap(),
            city: u8::try_from(below(4)).unwrap(),
        })
        .collect();
    let on = |threads: usize, ledger: &Ledger| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| V2Params::default().compute_snapshots(ledger, &Snapshots::every_days(30))).unwrap()
    };
    let one = on(1, &ledger(&rows));
    assert!(one.table().n_rows() > 400);
    for threads in [2, 5] {
        assert_eq!(on(threads, &ledger(&rows)), one);
    }
    // Users come in another order of first rows; the rows of each keep theirs.
    rows.sort_by_key(|row| std::cmp::Reverse(row.user));
    assert_eq!(on(2, &ledger(&rows)), one);
}

#[test]
fn amounts_beyond_all_money_stay_finite() {
    let extreme = |pence: i64, minutes: i64| Row {
        user: 0,
        minutes,
        timed: true,
        pence,
        balance: Some(pence),
        category: 0,
        role: Role::Ordinary,
        account: 0,
        shop: 1,
        city: 1,
    };
    let rows: Vec<Row> =
        (0..400).map(|i| extreme(if i % 2 == 0 { i64::MAX } else { i64::MIN }, 1440 * i)).collect();
    let features = V2Params::default().compute_snapshots(&ledger(&rows), &Snapshots::every_days(30)).unwrap();
    for row in 0..features.table().n_rows() {
        for (spec, value) in schema_v2().iter().zip(features.table().row(row)) {
            assert!(value.is_none_or(|value| spec.range.contains(value)), "{}: {value:?}", spec.name);
        }
    }
}

#[test]
fn a_state_takes_nothing_out_of_order() {
    let day = |day| NaiveDate::from_ymd_opt(2024, 3, day).unwrap().and_hms_opt(12, 0, 0).unwrap();
    let row = |day_of_month, user| Transaction::new(user, day(day_of_month), Money::from_minor(-100));
    let mut state = V2State::new(&V2Params::default(), None).unwrap();
    assert!(matches!(state.row(day(1)), Err(Error::Data(_))), "there is nothing to tell yet");
    assert!(matches!(state.push(&row(1, "")), Err(Error::Data(DataError::Empty { .. }))));
    state.push(&row(5, "anna")).unwrap();
    assert!(matches!(state.push(&row(4, "anna")), Err(Error::NotInOrder { .. })));
    assert!(matches!(state.push(&row(6, "ben")), Err(Error::Data(_))));
    assert!(matches!(state.row(day(4)), Err(Error::AlreadyLater { .. })));
    let before = state.row(day(9)).unwrap();
    // The day of the row is still open, the days before it are not.
    assert!(matches!(state.push(&row(8, "anna")), Err(Error::NotInOrder { .. })));
    assert_eq!(state.row(day(9)).unwrap(), before);
    state.push(&row(9, "anna")).unwrap();
    assert_eq!(state.n_transactions(), 2);
    assert!(V2State::new(&V2Params::default().with_window_days(6), None).is_err());
}

#[test]
fn parameters_outside_their_range_are_refused() {
    let ledger = ledger(&[]);
    let given = |category, pence| fincoach_features::Budgets::given([(category, Money::from_minor(pence))]);
    for params in [
        V2Params::default().with_window_days(6),
        V2Params::default().with_window_days(367),
        V2Params::default().with_baseline_days(29),
        V2Params::default().with_min_transactions(0),
        V2Params::default().with_large_quantile(f64::NAN),
        V2Params::default().with_large_quantile(1.0),
        V2Params::default().with_budgets(given(Category::Savings, 1)),
        V2Params::default().with_budgets(given(Category::Bills, -1)),
        V2Params::default().with_recurring(RecurringParams::default().with_min_occurrences(2)),
        V2Params::default().with_recurring(RecurringParams::default().with_amount_tolerance(f64::NAN)),
    ] {
        assert!(matches!(params.compute(&ledger), Err(Error::Param(_))), "{params:?}");
    }
    assert!(matches!(V2Params::default().compute(&ledger), Err(Error::Data(_))));
    let text = r#"{"window_days":28,"budgets":{"given":{"dine_out":15000}}}"#;
    let read: V2Params = serde_json::from_str(text).unwrap();
    assert_eq!(read, V2Params::default().with_window_days(28).with_budgets(given(Category::DineOut, 15_000)));
    assert!(serde_json::from_str::<V2Params>(r#"{"window": 7}"#).is_err());
}
