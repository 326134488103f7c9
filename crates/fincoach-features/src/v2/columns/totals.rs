//! Sums of the window.

use super::count;
use crate::schema::Interval;
use crate::v2::facts::{Facts, float};
use crate::v2::schema::{V2Group, V2Source, V2Spec, V2Unit};

const fn spec(name: &'static str, formula: &'static str) -> V2Spec {
    V2Spec::new(V2Group::Totals, name, formula)
}

pub(super) static COLUMNS: [V2Spec; 11] = [
    spec("spending", "S = P − R")
        .of(V2Unit::Money, Interval::ANY)
        .from(V2Source::V1("total_spending"))
        .by(|f| Some(f.major(f.flows.spending()))),
    spec("income", "I")
        .of(V2Unit::Money, Interval::NOT_NEGATIVE)
        .from(V2Source::V1("total_income"))
        .by(|f| Some(f.major(f.flows.income))),
    spec("net_flow", "I − S")
        .of(V2Unit::Money, Interval::ANY)
        .from(V2Source::Practice)
        .by(|f| Some(f.major(f.flows.income - f.flows.spending()))),
    spec("refunds", "R")
        .of(V2Unit::Money, Interval::NOT_NEGATIVE)
        .from(V2Source::Own)
        .by(|f| Some(f.major(f.flows.refunds))),
    spec("spending_per_day", "S / w")
        .of(V2Unit::MoneyPerDay, Interval::ANY)
        .from(V2Source::Practice)
        .by(|f| Some(f.major(f.flows.spending()) / f64::from(f.days))),
    spec("transaction_count", "rows, transfers included")
        .of(V2Unit::Count, Interval::NOT_NEGATIVE)
        .from(V2Source::V1("transaction_count"))
        .by(|f| count(f.window().n)),
    spec("purchase_count", "purchases n")
        .of(V2Unit::Count, Interval::NOT_NEGATIVE)
        .from(V2Source::Practice)
        .by(|f| count(f.window().n_purchases)),
    spec("purchase_day_share", "days with a purchase / w")
        .of(V2Unit::Ratio, Interval::UNIT)
        .from(V2Source::Own)
        .by(|f| Some(float(i128::from(f.flows.purchase_days)) / f64::from(f.days))),
    spec("mean_purchase", "P / n")
        .of(V2Unit::Money, Interval::NOT_NEGATIVE)
        .missing("no purchase")
        .from(V2Source::V1("spending_velocity"))
        .by(|f| {
            let n = f.window().n_purchases;
            (n > 0).then(|| f.major(f.flows.purchases) / float(i128::from(n)))
        }),
    spec("purchase_deviation", "standard deviation of the purchases, dividing by n − 1")
        .of(V2Unit::Money, Interval::NOT_NEGATIVE)
        .missing("fewer than two purchases")
        .from(V2Source::V1("spending_volatility"))
        .by(|f| deviation(f).map(|deviation| f.major_of(deviation))),
    spec("purchase_variation", "`purchase_deviation` / `mean_purchase`")
        .of(V2Unit::Ratio, Interval::NOT_NEGATIVE)
        .missing("fewer than two purchases")
        .from(V2Source::V1("spending_consistency"))
        .by(|f| Some(deviation(f)? * float(i128::from(f.window().n_purchases)) / float(f.window().cut))),
];

/// In minor units: `√((n Σp² − (Σp)²) / (n (n − 1)))`, whole numbers up to the division.
fn deviation(facts: &Facts<'_>) -> Option<f64> {
    let window = facts.window();
    let n = window.n_purchases;
    if n < 2 {
        return None;
    }
    let above = u128::from(n.unsigned_abs())
        .wrapping_mul(window.squares)
        .wrapping_sub(window.cut.unsigned_abs().wrapping_mul(window.cut.unsigned_abs()));
    #[expect(clippy::cast_precision_loss, reason = "the one rounding step of a deviation")]
    let variance = above as f64 / float(i128::from(n) * i128::from(n - 1));
    Some(variance.sqrt())
}
