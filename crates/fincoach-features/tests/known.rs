//! Every feature of a ledger small enough to check by hand.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops at the first surprise")]

use fincoach_core::chrono::{NaiveDate, NaiveDateTime};
use fincoach_core::{Category, Ledger, Money, Transaction};
use fincoach_features::{Error, Snapshots, V1Params, schema_v1};

fn at(month: u32, day: u32, hour: u32, minute: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2024, month, day).unwrap().and_hms_opt(hour, minute, 0).unwrap()
}

type Line = (NaiveDateTime, i64, i64, Category, &'static str, Option<&'static str>);

/// Pence; the first row lies one minute before the look-back of 30 days.
const EXPECTED_ROWS: usize = 6;
fn lines() -> [Line; 7] {
    [
        (at(1, 4, 9, 59), -99_999, 100, Category::Bills, "OLD", Some("Rome")),
        (at(1, 4, 10, 0), 100_000, 100_100, Category::Income, "JOB", None), // Thursday, morning
        (at(1, 5, 18, 0), -2_000, 98_100, Category::Groceries, "LIDL", Some("Leeds")), // Friday, evening
        (at(1, 6, 11, 59), -3_000, 95_100, Category::Groceries, "LIDL", Some("Leeds")), // Saturday, morning
        (at(1, 6, 12, 58), -10_000, 85_100, Category::Savings, "", Some("York")), // Saturday, 59 minutes later
        (at(2, 3, 9, 0), 500, 85_600, Category::Groceries, "LIDL", None), // Saturday, morning, a refund
        (at(2, 3, 10, 0), -5_000, 80_600, Category::DineOut, "CAFE", Some("Leeds")), // an hour later to the second
    ]
}

fn ledger(user: &str, lines: &[Line]) -> Ledger {
    let mut builder = Ledger::builder();
    for (time, pence, balance, category, description, city) in lines {
        let mut row = Transaction::new(user, *time, Money::from_minor(*pence));
        row.balance = Some(Money::from_minor(*balance));
        (row.category, row.description, row.city) = (*category, description, *city);
        builder.push(&row).unwrap();
    }
    builder.finish()
}

#[test]
fn each_feature_has_the_value_worked_out_by_hand() {
    let features = V1Params::default().compute(&ledger("anna", &lines())).unwrap();
    let table = features.table();
    let n = EXPECTED_ROWS as f64;
    // Spent: 20, 30, 100, 50; mean 50; squared distances 900 + 400 + 2500 + 0 = 3800.
    let std_spent = (3800.0_f64 / 3.0).sqrt();
    let balances = [1001.0, 981.0, 951.0, 851.0, 856.0, 806.0];
    let mean = balances.iter().sum::<f64>() / n;
    let std_balance = (balances.iter().map(|b| (b - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let expected = [
        ("current_balance", 806.0),
        ("total_spending", 200.0),
        ("total_income", 1005.0),
        ("transaction_count", 6.0),
        ("groceries_spending", 50.0),
        ("dine_out_spending", 50.0),
        ("entertainment_spending", 0.0),
        ("bills_spending", 0.0),
        ("transport_spending", 0.0),
        ("shopping_spending", 0.0),
        ("health_spending", 0.0),
        ("fitness_spending", 0.0),
        ("savings_spending", 100.0),
        ("income_spending", 0.0),
        ("other_spending", 0.0),
        ("savings_rate", 805.0 / 1005.0),
        ("spending_velocity", 200.0 / 6.0),
        ("weekday_spending_ratio", 980.0 / 200.0), // 1000 - 20
        ("weekend_spending_ratio", 175.0 / 200.0), // -30 - 100 + 5 - 50
        ("morning_spending_ratio", 925.0 / 200.0), // 1000 - 30 + 5 - 50
        ("evening_spending_ratio", 20.0 / 200.0),
        ("spending_volatility", std_spent),
        ("large_transaction_ratio", 1.0 / 4.0), // the quantile is 50 + 0.4 * 50 = 70
        ("impulse_buying_score", 1.0 / 6.0),    // 59 minutes; a full hour does not count
        // Groceries 3 of 6, income, savings, dine_out 1 of 6 each.
        ("category_diversity", 0.5 + 0.5 * 6.0_f64.log2()),
        ("spending_consistency", 1.0 / (1.0 + std_spent / 50.0)),
        ("budget_adherence_score", 1.0),
        ("savings_consistency", 1.0 / 6.0),
        ("emergency_fund_ratio", 806.0 / 3000.0), // 200 / 6 * 30 = 1000 a month
        ("debt_indicator", 0.0),
        ("merchant_loyalty_score", 3.0 / 6.0),
        ("location_diversity", 2.0 / 6.0),
        ("seasonal_spending_factor", 1.1), // January, sin 30° = 1/2
        ("balance_volatility", std_balance),
        ("financial_stress_indicator", 0.0),
    ];
    assert_eq!(expected.map(|(name, _)| name).to_vec(), table.columns());
    for (name, expected) in expected {
        let got = table.column(name).unwrap()[0];
        assert!((got - expected).abs() <= 1e-12 * expected.abs(), "{name}: {got}, expected {expected}");
    }
    assert_eq!(table.keys()[0].as_of, at(2, 3, 10, 0));
    assert!(features.left_out().is_empty());
}

#[test]
fn the_look_back_is_measured_to_the_second() {
    let count = |days| {
        let table = V1Params::default().with_lookback_days(days).compute(&ledger("a", &lines())).unwrap();
        table.table().column("transaction_count").unwrap()[0]
    };
    assert_eq!([count(28), count(29), count(30), count(31)], [4.0, 5.0, 6.0, 7.0]);
}

#[test]
fn a_user_without_spending_has_no_volatility_and_debt_and_stress_show() {
    let day = |day| at(3, day, 0, 0);
    let income =
        [(day(1), 10, -500, Category::Income, "", None), (day(2), 20, -480, Category::Income, "", None)];
    let params = V1Params::default().with_min_transactions(2);
    let features = params.compute(&ledger("a", &income)).unwrap();
    let value = |name: &str| features.table().column(name).unwrap()[0];
    for zero in [
        "total_spending",
        "spending_volatility",
        "large_transaction_ratio",
        "spending_consistency",
        "category_diversity",
        "merchant_loyalty_score",
        "location_diversity",
        "financial_stress_indicator", // nothing spent, so not more than came in
    ] {
        assert_eq!(value(zero).to_bits(), 0, "{zero}");
    }
    assert_eq!(value("debt_indicator"), 1.0);
    assert_eq!(value("savings_rate"), 0.3); // 0.30 over max(0.30, 1)
    assert_eq!(value("emergency_fund_ratio"), -4.8);
    assert_eq!(value("weekday_spending_ratio"), 0.1);

    let spending =
        [(day(1), -10, 9_999, Category::Other, "", None), (day(1), -20, 9_979, Category::Other, "", None)];
    let features = params.compute(&ledger("a", &spending)).unwrap();
    let value = |name: &str| features.table().column(name).unwrap()[0];
    assert_eq!(value("financial_stress_indicator"), 1.0);
    assert_eq!(value("savings_rate"), -0.3);
    assert_eq!(value("impulse_buying_score"), 0.5);
    assert_eq!(value("evening_spending_ratio"), 0.0);
    assert_eq!(value("morning_spending_ratio"), 0.3);
}

#[test]
fn of_months_equally_frequent_the_smallest_counts() {
    let rows = [
        (at(3, 30, 0, 0), -10, 0, Category::Other, "", None),
        (at(4, 2, 0, 0), -10, 0, Category::Other, "", None),
    ];
    let features = V1Params::default().with_min_transactions(2).compute(&ledger("a", &rows)).unwrap();
    assert_eq!(features.table().column("seasonal_spending_factor").unwrap()[0], 1.2); // March
}

#[test]
fn users_with_few_rows_are_listed() {
    let few = ledger("a", &lines()[..4]);
    assert!(matches!(
        V1Params::default().compute(&few),
        Err(Error::NoUsers { n_users: 1, min_transactions: 5, user, most: 4 }) if user == "a"
    ));
    let weekly =
        V1Params::default().compute_snapshots(&ledger("a", &lines()), &Snapshots::every_days(2)).unwrap();
    let left_out: Vec<_> = weekly.left_out().iter().map(|row| (row.as_of, row.n_transactions)).collect();
    let end =
        |month, day| NaiveDate::from_ymd_opt(2024, month, day).unwrap().and_hms_opt(23, 59, 59).unwrap();
    assert_eq!(left_out, [(end(1, 4), 2)]);
    assert_eq!(weekly.table().keys()[0].as_of, end(1, 6));
    assert_eq!(weekly.table().keys().last().unwrap().as_of, end(2, 3));
    assert_eq!(weekly.table().n_rows(), 15);
}

#[test]
fn a_missing_balance_is_named_where_it_matters() {
    let build = |missing: usize| {
        let mut builder = Ledger::builder();
        for (index, line) in lines().iter().enumerate() {
            let mut row = Transaction::new("anna", line.0, Money::from_minor(line.1));
            row.balance = (index != missing).then_some(Money::ZERO);
            row.source_row = 70 + u32::try_from(index).unwrap();
            builder.push(&row).unwrap();
        }
        V1Params::default().compute(&builder.finish())
    };
    let error = build(3).unwrap_err().to_string();
    assert_eq!(
        error,
        "user `anna`, row 3 of 2024-01-06 11:59:00 (source row 73): no balance, and schema v1 needs one on every row"
    );
    assert!(build(0).is_ok(), "the first row lies outside the look-back");
}

#[test]
fn ranges_hold_on_the_known_ledger() {
    let features = V1Params::default().compute(&ledger("anna", &lines())).unwrap();
    for (spec, value) in schema_v1().iter().zip(features.table().row(0)) {
        assert!(spec.range.contains(*value), "{}: {value} not in {}", spec.name, spec.range);
    }
}
