//! Every column of schema v2 on the worked example of `docs/features-v2.md`, against values worked out by hand.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops at the first surprise")]

use fincoach_core::chrono::{NaiveDate, NaiveDateTime};
use fincoach_core::{Category, Currency, Ledger, LedgerBuilder, Money, Role, TimePrecision, Transaction};
use fincoach_features::{
    Budgets, Flow, Period, RecurringParams, Snapshots, V2Params, detect_recurring, schema_v2,
    schema_v2_examples, schema_v2_table,
};

fn day(year: i32, month: u32, day: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(year, month, day).unwrap().into()
}

/// Noon of the last day of March 2024, a Sunday.
fn as_of() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2024, 3, 31).unwrap().and_hms_opt(12, 0, 0).unwrap()
}

fn row(time: NaiveDateTime, pounds: i64, category: Category, merchant: &'static str) -> Transaction<'static> {
    let mut row = Transaction::new("anna", time, Money::from_minor(100 * pounds));
    (row.category, row.description, row.account) = (category, merchant, Some("current"));
    row
}

fn timed(
    hour: u32,
    minute: u32,
    city: Option<&'static str>,
    row: Transaction<'static>,
) -> Transaction<'static> {
    let mut row = row;
    row.time = row.time.date().and_hms_opt(hour, minute, 0).unwrap();
    (row.precision, row.city) = (TimePrecision::Second, city);
    row
}

/// The 28th of February 2023 to the 1st of March 2024.
fn past() -> Vec<Transaction<'static>> {
    let months: Vec<(i32, u32)> = (3..=12).map(|month| (2023, month)).chain([(2024, 1), (2024, 2)]).collect();
    let each = |on: u32, pounds, category, merchant| -> Vec<Transaction<'static>> {
        months.iter().map(|(y, m)| row(day(*y, *m, on), pounds, category, merchant)).collect()
    };
    let mut rows = vec![row(day(2023, 2, 28), 2000, Category::Income, "ACME LTD")];
    rows.extend(each(28, 2000, Category::Income, "ACME LTD"));
    rows.extend(each(5, -800, Category::Bills, "RENT CO"));
    rows.extend(each(15, -10, Category::Entertainment, "STREAM"));
    rows.extend(each(20, -30, Category::Fitness, "GYM"));
    rows.push(row(day(2024, 1, 8), -20, Category::Bills, "PHONE"));
    rows.push(row(day(2024, 2, 8), -20, Category::Bills, "PHONE"));
    for (y, m, d) in
        [(2023, 4, 2), (2023, 5, 20), (2023, 7, 1), (2023, 8, 30), (2023, 10, 12), (2023, 12, 24)]
    {
        rows.push(row(day(y, m, d), -100, Category::Groceries, "GREENS"));
    }
    rows.push(row(day(2024, 1, 29), -100, Category::Groceries, "GREENS"));
    rows.push(row(day(2024, 2, 14), -100, Category::Groceries, "GREENS"));
    // The only balance of the current account; the rows after it move it.
    let last_pay = rows.iter_mut().find(|row| row.time == day(2024, 2, 28)).unwrap();
    last_pay.balance = Some(Money::from_minor(150_000));
    rows
}

/// The window: the 2nd to the 31st of March 2024.
fn window() -> Vec<Transaction<'static>> {
    let march = |on| day(2024, 3, on);
    let mut refund = row(march(22), 500, Category::Shopping, "SOFA SHOP");
    refund.role = Role::Refund;
    let mut out = row(march(30), -150, Category::Other, "TO POT");
    let mut pot = row(march(30), 150, Category::Other, "FROM CURRENT");
    (out.role, pot.role) = (Role::Transfer, Role::Transfer);
    (pot.account, pot.balance) = (Some("pot"), Some(Money::from_minor(15_000)));
    vec![
        timed(10, 0, Some("Leeds"), row(march(2), -60, Category::Groceries, "GREENS")), // Saturday
        timed(10, 30, Some("Leeds"), row(march(2), -40, Category::DineOut, "CAFE")),
        row(march(5), -800, Category::Bills, "RENT CO"), // Tuesday
        row(march(8), -20, Category::Bills, "PHONE"),    // Friday
        timed(19, 0, Some("York"), row(march(9), -100, Category::Groceries, "GREENS")), // Saturday
        row(march(15), -12, Category::Entertainment, "STREAM"), // Friday
        timed(13, 0, Some("Leeds"), row(march(18), -900, Category::Shopping, "SOFA SHOP")), // Monday
        refund,
        timed(8, 0, None, row(march(28), 2000, Category::Income, "ACME LTD")), // Thursday
        row(march(29), -200, Category::Savings, "SAVER"),
        out,
        pot,
    ]
}

fn ledger_in(builder: LedgerBuilder) -> Ledger {
    let mut builder = builder;
    for row in past().iter().chain(&window()) {
        builder.push(row).unwrap();
    }
    // What comes later on the day of `as_of` does not count.
    let evening = timed(12, 1, None, row(as_of(), -77, Category::Health, "LATE"));
    builder.push(&evening).unwrap();
    builder.finish()
}

fn values(params: &V2Params, ledger: &Ledger) -> Vec<Option<f64>> {
    let features = params.compute_snapshots(ledger, &Snapshots::at(vec![as_of()])).unwrap();
    features.table().row(0).to_vec()
}

#[test]
#[allow(clippy::too_many_lines, reason = "one line for each column")]
fn each_column_has_the_value_worked_out_by_hand() {
    let expected = [
        ("spending", 1432.0),
        ("income", 2000.0),
        ("net_flow", 568.0),
        ("refunds", 500.0),
        ("spending_per_day", 1432.0 / 30.0),
        ("transaction_count", 12.0),
        ("purchase_count", 7.0),
        ("purchase_day_share", 6.0 / 30.0),
        ("mean_purchase", 1932.0 / 7.0),
        ("purchase_deviation", (6_527_584.0_f64 / 42.0).sqrt()),
        ("purchase_variation", (6_527_584.0_f64 / 42.0).sqrt() / 276.0),
        ("saving_rate", 568.0 / 2000.0),
        ("saving_rate_quarter", 2648.0 / 6000.0),
        ("saving_rate_trend", (0.284 - 0.52) / 2.0),
        ("put_aside", 200.0),
        ("put_aside_rate", 0.1),
        ("deposit_count", 1.0),
        ("groceries_spending", 160.0),
        ("dine_out_spending", 40.0),
        ("entertainment_spending", 12.0),
        ("bills_spending", 820.0),
        ("transport_spending", 0.0),
        ("shopping_spending", 400.0),
        ("health_spending", 0.0),
        ("fitness_spending", 0.0),
        ("other_spending", 0.0),
        ("groceries_share", 160.0 / 1432.0),
        ("dine_out_share", 40.0 / 1432.0),
        ("entertainment_share", 12.0 / 1432.0),
        ("bills_share", 820.0 / 1432.0),
        ("transport_share", 0.0),
        ("shopping_share", 400.0 / 1432.0),
        ("health_share", 0.0),
        ("fitness_share", 0.0),
        ("other_share", 0.0),
        (
            "category_entropy",
            1432.0_f64.log2()
                - [160.0_f64, 40.0, 12.0, 820.0, 400.0].map(|s| s * s.log2()).iter().sum::<f64>() / 1432.0,
        ),
        ("category_gini", 9680.0 / 12_888.0),
        ("top_category_share", 820.0 / 1432.0),
        ("monday_share", 900.0 / 1932.0),
        ("tuesday_share", 800.0 / 1932.0),
        ("wednesday_share", 0.0),
        ("thursday_share", 0.0),
        ("friday_share", 32.0 / 1932.0),
        ("weekday_spending_share", 1732.0 / 1932.0),
        ("weekend_spending_share", 200.0 / 1932.0),
        ("weekend_income_share", 0.0),
        ("night_spending_share", 0.0),
        ("morning_spending_share", 100.0 / 1100.0),
        ("afternoon_spending_share", 900.0 / 1100.0),
        ("evening_spending_share", 100.0 / 1100.0),
        ("morning_income_share", 1.0),
        ("rapid_purchase_share", 0.25),
        ("budget_used", 992.0 / (10_920.0 * 30.0 / 365.0)),
        ("budget_overspend", 992.0 - 10_560.0 * 30.0 / 365.0),
        ("budget_adherence", 1.0 - (992.0 - 10_560.0 * 30.0 / 365.0) / (10_920.0 * 30.0 / 365.0)),
        ("budgets_kept_share", 0.25),
        ("recurring_count", 3.0),
        ("recurring_cost", 30.0 * 830.0 / 30.4375),
        ("recurring_share", 832.0 / 1932.0),
        ("recurring_new", 1.0),
        ("recurring_lost", 1.0),
        ("recurring_due", 800.0),
        ("days_to_recurring", 5.0),
        ("recurring_change", 832.0 / 830.0 - 1.0),
        ("regular_income_share", 1.0),
        ("income_source_count", 1.0),
        ("payday_period", 30.4375),
        ("days_since_payday", 3.0),
        ("days_to_payday", 28.0),
        ("payday_regularity", 1.0 / (1.0 + 26.0_f64.sqrt() / 213.0)),
        ("pay_variation", 0.0),
        ("payday_effect", (300.0 / 49.0) / (1340.0 / 164.0)),
        ("balance", 1868.0),
        ("balance_change", 368.0),
        ("lowest_balance", -432.0),
        ("mean_balance", 17_216.0 / 30.0),
        ("balance_deviation", (449_259_584.0_f64 / 870.0).sqrt()),
        ("days_overdrawn", 4.0),
        ("overdrawn", 0.0),
        ("buffer_days", 1868.0 / (1432.0 / 30.0)),
        ("buffer_past_payday", 1868.0 / (1432.0 / 30.0) - 28.0),
        ("stress", 0.0),
        ("merchant_count", 6.0),
        ("top_merchant_share", 900.0 / 1932.0),
        ("merchant_concentration", 1_477_744.0 / 3_732_624.0),
        ("new_merchant_share", 940.0 / 1932.0),
        ("city_count", 2.0),
        ("top_city_share", 0.75),
        ("large_purchase_share", 900.0 / 1932.0),
        ("large_purchase_rate", 1.0 / 7.0),
        ("spending_change", 1432.0 / 960.0 - 1.0),
        ("spending_vs_baseline", (1432.0 / 30.0) / (10_920.0 / 365.0) - 1.0),
        ("income_vs_baseline", (2000.0 / 30.0) / (24_000.0 / 365.0) - 1.0),
        ("recent_pace", -1.0),
        ("spending_slope", -12_988.0 / 2247.5),
        ("spending_slope_quarter", -13_752.0 / 62_790.0),
        ("category_shift", 600.0 / 1432.0 - 800.0 / 10_920.0),
        ("season_factor", (840.0 / 30.0) / (10_920.0 / 365.0)),
        ("season_ahead_factor", (940.0 / 30.0) / (10_920.0 / 365.0)),
        ("history_days", 398.0),
        ("quiet_days", 1.0),
    ];
    let values = values(&V2Params::default(), &ledger_in(Ledger::builder()));
    assert_eq!(
        expected.map(|(name, _)| name).to_vec(),
        schema_v2().iter().map(|spec| spec.name).collect::<Vec<_>>()
    );
    for ((name, expected), got) in expected.into_iter().zip(values) {
        let got = got.unwrap_or_else(|| panic!("{name} is missing"));
        assert!(
            (got - expected).abs() <= 1e-12 * (1.0 + expected.abs()),
            "{name}: {got}, expected {expected}"
        );
    }
}

#[test]
fn each_documented_example_ends_with_the_value() {
    let values = values(&V2Params::default(), &ledger_in(Ledger::builder()));
    for (spec, value) in schema_v2().iter().zip(values) {
        let (_, last) =
            spec.example.rsplit_once("= ").unwrap_or_else(|| panic!("{} has no example", spec.name));
        let told: f64 = last.replace('−', "-").parse().unwrap();
        assert!((told - value.unwrap()).abs() <= 5.1e-5, "{}: {last}, in truth {value:?}", spec.name);
        assert!(spec.range.contains(told), "{}", spec.name);
    }
}

#[test]
fn a_currency_without_decimals_has_its_own_scale() {
    let yen = values(
        &V2Params::default(),
        &ledger_in(Ledger::builder().with_currency("JPY".parse::<Currency>().unwrap())),
    );
    let at = |name: &str| schema_v2().iter().position(|spec| spec.name == name).unwrap();
    assert_eq!(yen[at("spending")], Some(143_200.0));
    assert_eq!(yen[at("saving_rate")], Some(0.284));
}

#[test]
fn a_given_budget_takes_the_place_of_the_learnt_one() {
    let budgets = Budgets::given([
        (Category::Groceries, Money::from_minor(10_000)),
        (Category::Bills, Money::from_minor(90_000)),
        (Category::Health, Money::ZERO),
    ]);
    let values = values(&V2Params::default().with_budgets(budgets), &ledger_in(Ledger::builder()));
    let value = |name: &str| values[schema_v2().iter().position(|spec| spec.name == name).unwrap()].unwrap();
    assert_eq!(value("budget_used"), 980.0 / 1000.0); // 160 + 820
    assert_eq!(value("budget_overspend"), 60.0);
    assert_eq!(value("budget_adherence"), 1.0 - 60.0 / 1000.0);
    assert_eq!(value("budgets_kept_share"), 2.0 / 3.0); // bills, and nothing for health
}

#[test]
fn what_recurs_is_listed_with_its_next_day() {
    let ledger = ledger_in(Ledger::builder());
    let found = detect_recurring(ledger.user(0), as_of(), &RecurringParams::default()).unwrap();
    let told: Vec<_> =
        found.iter().map(|p| (p.merchant.as_str(), p.flow, p.period, p.next.to_string(), p.n)).collect();
    let monthly = |merchant, flow, next: &str, n| (merchant, flow, Period::Monthly, next.to_owned(), n);
    assert_eq!(
        told,
        [
            monthly("ACME LTD", Flow::Income, "2024-04-28", 14),
            monthly("RENT CO", Flow::Spending, "2024-04-05", 13),
            monthly("PHONE", Flow::Spending, "2024-04-08", 3),
            monthly("STREAM", Flow::Spending, "2024-04-15", 13),
        ]
    );
    assert_eq!((found[3].amount, found[3].last_amount), (Money::from_minor(1000), Money::from_minor(1200)));
}

#[test]
fn a_quiet_user_spends_nothing_and_what_cannot_be_known_is_missing() {
    let mut builder = Ledger::builder();
    for on in 1..=5 {
        builder.push(&row(day(2024, 1, on), -10, Category::Groceries, "")).unwrap();
    }
    let june = Snapshots::at(vec![day(2024, 6, 1)]);
    let features = V2Params::default().compute_snapshots(&builder.finish(), &june).unwrap();
    let value = |name: &str| features.table().column(name).unwrap()[0];
    for zero in
        ["spending", "income", "transaction_count", "purchase_day_share", "put_aside", "recurring_count"]
    {
        assert_eq!(value(zero), Some(0.0), "{zero}");
    }
    for missing in [
        "balance",
        "days_overdrawn",
        "saving_rate",
        "mean_purchase",
        "groceries_share",
        "monday_share",
        "weekend_spending_share",
        "morning_spending_share",
        "days_to_payday",
        "merchant_count",
        "city_count",
        "large_purchase_share",
        "season_factor",
    ] {
        assert_eq!(value(missing), None, "{missing}");
    }
    assert_eq!(value("quiet_days"), Some(148.0)); // 26 + 29 + 31 + 30 + 31 + 1
    assert_eq!(value("spending_vs_baseline"), Some(-1.0));
}

#[test]
fn the_documented_tables_are_the_rendered_ones() {
    assert_eq!(include_str!("../src/v2/schema_v2.md"), schema_v2_table());
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/features-v2.md");
    // A crate taken from a registry comes without the pages of the workspace.
    if let Ok(page) = std::fs::read_to_string(page) {
        assert!(page.contains(&schema_v2_table()), "docs/features-v2.md has an old table");
        assert!(page.contains(&schema_v2_examples()), "docs/features-v2.md has old examples");
    }
    let names: std::collections::BTreeSet<_> = schema_v2().iter().map(|spec| spec.name).collect();
    assert_eq!(names.len(), schema_v2().len());
    assert!(names.len() >= 60);
}
