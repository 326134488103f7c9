//! Schema v1: 35 features.

use std::f64::consts::PI;

use fincoach_core::Category;

use crate::schema::{FeatureSpec, Group, Interval, Unit};
use crate::window::Window;

/// The 35 features of schema v1, in column order.
///
#[doc = include_str!("schema_v1.md")]
///
/// # Notation
/// All rows are those of the look-back: dated no more than `lookback_days` before the user's last transaction, to the
/// second, both ends included. `n` is their number. A row spends when its amount is negative (whatever the bank calls
/// it); `s` are the amounts spent, as positive numbers. `B`, `S` and `I` are the first three features: balance, spending
/// and income. `std` divides by the count less one and is 0 for fewer than two values.
///
/// # Quirks
/// Kept, because models trained on this schema elsewhere expect them:
/// - The four `…_ratio` columns of the temporal group take the *net* flow, income less spending, not spending. A row
///   without a time of day counts as midnight: on date-only data `morning_spending_ratio` holds the whole net flow and
///   `evening_spending_ratio` is 0.
/// - `impulse_buying_score` counts gaps below one hour; on date-only data, all rows of a day but its first.
/// - `budget_adherence_score` is always 1: the schema knows no budget.
/// - `emergency_fund_ratio` takes spending *per transaction* times 30 for a month's spending, whatever the look-back.
/// - `seasonal_spending_factor` is a sine of the calendar month, not learnt from the user.
/// - `income_spending` is money that *leaves* under the category income, most often 0.
///
/// # Examples
/// ```
/// let schema = fincoach_features::schema_v1();
/// assert_eq!(schema.len(), 35);
/// assert_eq!(schema[26].name, "budget_adherence_score");
/// ```
#[must_use]
pub fn schema_v1() -> &'static [FeatureSpec] {
    &V1
}

const fn spec(group: Group, name: &'static str, formula: &'static str) -> FeatureSpec {
    FeatureSpec::new(group, name, formula)
}

const fn category(name: &'static str, compute: fn(&Window) -> f64) -> FeatureSpec {
    spec(Group::Base, name, "Σ s over the rows of the category")
        .of(Unit::Money, Interval::NOT_NEGATIVE)
        .by(compute)
}

// Name, meaning and code of a feature stand together, so that none can drift from the others.
static V1: [FeatureSpec; 35] = [
    spec(Group::Base, "current_balance", "B = the balance after the last row")
        .of(Unit::Money, Interval::ANY)
        .by(Window::balance),
    spec(Group::Base, "total_spending", "S = Σ s").of(Unit::Money, Interval::NOT_NEGATIVE).by(Window::spending),
    spec(Group::Base, "total_income", "I = Σ of the positive amounts")
        .of(Unit::Money, Interval::NOT_NEGATIVE)
        .by(Window::income),
    spec(Group::Base, "transaction_count", "n").of(Unit::Transactions, Interval::from(1.0)).by(Window::n),
    category("groceries_spending", |w| w.spent_on(Category::Groceries)),
    category("dine_out_spending", |w| w.spent_on(Category::DineOut)),
    category("entertainment_spending", |w| w.spent_on(Category::Entertainment)),
    category("bills_spending", |w| w.spent_on(Category::Bills)),
    category("transport_spending", |w| w.spent_on(Category::Transport)),
    category("shopping_spending", |w| w.spent_on(Category::Shopping)),
    category("health_spending", |w| w.spent_on(Category::Health)),
    category("fitness_spending", |w| w.spent_on(Category::Fitness)),
    category("savings_spending", |w| w.spent_on(Category::Savings)),
    category("income_spending", |w| w.spent_on(Category::Income)),
    category("other_spending", |w| w.spent_on(Category::Other)),
    spec(Group::Base, "savings_rate", "(I − S) / max(I, 1)")
        .of(Unit::Ratio, Interval::up_to(1.0))
        .by(|w| (w.income() - w.spending()) / w.income().max(1.0)),
    spec(Group::Base, "spending_velocity", "S / n")
        .of(Unit::MoneyPerTransaction, Interval::NOT_NEGATIVE)
        .by(|w| w.spending() / w.n()),
    spec(
        Group::Temporal,
        "weekday_spending_ratio",
        "abs(Σ amounts from Monday to Friday) / max(S, 1)",
    )
    .of(Unit::Ratio, Interval::NOT_NEGATIVE)
    .by(|w| w.weekday_net().abs() / w.spending().max(1.0)),
    spec(
        Group::Temporal,
        "weekend_spending_ratio",
        "abs(Σ amounts on Saturday and Sunday) / max(S, 1)",
    )
    .of(Unit::Ratio, Interval::NOT_NEGATIVE)
    .by(|w| w.weekend_net().abs() / w.spending().max(1.0)),
    spec(Group::Temporal, "morning_spending_ratio", "abs(Σ amounts before 12:00) / max(S, 1)")
        .of(Unit::Ratio, Interval::NOT_NEGATIVE)
        .by(|w| w.morning_net().abs() / w.spending().max(1.0)),
    spec(Group::Temporal, "evening_spending_ratio", "abs(Σ amounts from 18:00) / max(S, 1)")
        .of(Unit::Ratio, Interval::NOT_NEGATIVE)
        .by(|w| w.evening_net().abs() / w.spending().max(1.0)),
    spec(Group::Behaviour, "spending_volatility", "std(s)")
        .of(Unit::Money, Interval::NOT_NEGATIVE)
        .by(Window::spends_std),
    spec(
        Group::Behaviour,
        "large_transaction_ratio",
        "share of s above their 0.8 quantile (linear interpolation); 0 without s",
    )
    .of(Unit::Ratio, Interval::between(0.0, 0.5))
    .by(|w| w.n_large() / w.n_spends().max(1.0)),
    spec(
        Group::Behaviour,
        "impulse_buying_score",
        "rows less than one hour after the row before, none for the first / n",
    )
    .of(Unit::Ratio, Interval::UNIT)
    .by(|w| w.n_short_gaps() / w.n()),
    spec(
        Group::Behaviour,
        "category_diversity",
        "−Σ p log₂ p, p the share of rows in each of the 11 categories",
    )
    .of(Unit::Bits, Interval::between(0.0, 3.46))
    .by(category_entropy),
    spec(Group::Behaviour, "spending_consistency", "1 / (1 + std(s) / max(mean(s), 1)); 0 without s")
        .of(Unit::Ratio, Interval::UNIT)
        .by(spending_consistency),
    spec(Group::Discipline, "budget_adherence_score", "1")
        .of(Unit::Ratio, Interval::between(1.0, 1.0))
        .by(|_| 1.0),
    spec(Group::Discipline, "savings_consistency", "rows of category savings / n")
        .of(Unit::Ratio, Interval::UNIT)
        .by(|w| w.n_in(Category::Savings) / w.n()),
    spec(
        Group::Discipline,
        "emergency_fund_ratio",
        "B / max(3 · 30 · S / n, 1)",
    )
    .of(Unit::Ratio, Interval::ANY)
    .by(|w| w.balance() / (w.spending() * (30.0 / w.n()) * 3.0).max(1.0)),
    spec(Group::Discipline, "debt_indicator", "1 where B < 0")
        .of(Unit::Flag, Interval::UNIT)
        .by(|w| flag(w.balance() < 0.0)),
    spec(
        Group::Context,
        "merchant_loyalty_score",
        "rows of the most frequent description / n; missing descriptions do not count, 0 where all are missing",
    )
    .of(Unit::Ratio, Interval::UNIT)
    .by(|w| w.n_top_merchant() / w.n()),
    spec(Group::Context, "location_diversity", "distinct cities, missing ones not counted / n")
        .of(Unit::Ratio, Interval::UNIT)
        .by(|w| w.n_cities() / w.n()),
    spec(
        Group::Context,
        "seasonal_spending_factor",
        "1 + 0.2 · sin(2π · month / 12), month the one with most rows, the smallest (1 to 12) of equals",
    )
    .of(Unit::Ratio, Interval::between(0.8, 1.2))
    .by(|w| 1.0 + 0.2 * (2.0 * PI * f64::from(w.month()) / 12.0).sin()),
    spec(Group::Risk, "balance_volatility", "std of the balances after each row")
        .of(Unit::Money, Interval::NOT_NEGATIVE)
        .by(Window::balances_std),
    spec(
        Group::Risk,
        "financial_stress_indicator",
        "1 where B < 100 and S > I",
    )
    .of(Unit::Flag, Interval::UNIT)
    .by(|w| flag(w.balance() < 100.0 && w.spending() > w.income())),
];

fn flag(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

fn category_entropy(window: &Window) -> f64 {
    let shares = Category::ALL.map(|category| window.n_in(category) / window.n());
    // `0.0 -` rather than a minus sign: one category alone has entropy 0, not -0.
    0.0 - shares.iter().filter(|share| **share > 0.0).map(|share| share * share.log2()).sum::<f64>()
}

fn spending_consistency(window: &Window) -> f64 {
    if window.has_spends() { 1.0 / (1.0 + window.spends_std() / window.spends_mean().max(1.0)) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema_table;

    #[test]
    fn names_are_unique_and_categories_in_their_order() {
        let names: std::collections::BTreeSet<_> = V1.iter().map(|spec| spec.name).collect();
        assert_eq!(names.len(), 35);
        for (category, spec) in Category::ALL.iter().zip(&V1[4..15]) {
            assert_eq!(spec.name, format!("{category}_spending"));
        }
    }

    #[test]
    fn the_documented_table_is_the_rendered_one() {
        assert_eq!(include_str!("schema_v1.md"), schema_table(schema_v1()));
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/features.md");
        // A crate taken from a registry comes without the pages of the workspace.
        if let Ok(page) = std::fs::read_to_string(page) {
            assert!(page.contains(&schema_table(schema_v1())), "docs/features.md has an old table");
        }
    }
}
