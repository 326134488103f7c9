//! Balance and how long it lasts.

use super::flag;
use crate::schema::Interval;
use crate::v2::facts::{Facts, float};
use crate::v2::schema::{V2Group, V2Source, V2Spec, V2Unit};

const NO_BALANCE: &str = "no balance known";

/// Days of buffer beyond which more make no difference.
const LONGEST_BUFFER: f64 = 3650.0;

const fn spec(name: &'static str, formula: &'static str) -> V2Spec {
    V2Spec::new(V2Group::Reserve, name, formula).missing(NO_BALANCE)
}

pub(super) static COLUMNS: [V2Spec; 10] = [
    spec(
        "balance",
        "B = Σ over the accounts of the last balance known, moved by the rows since that had none",
    )
    .of(V2Unit::Money, Interval::ANY)
    .from(V2Source::V1("current_balance"))
    .by(|f| f.balance().map(|balance| f.major(i128::from(balance)))),
    spec("balance_change", "B − B at the end of the day before the window")
        .of(V2Unit::Money, Interval::ANY)
        .missing("no balance known before the window")
        .from(V2Source::Practice)
        .by(|f| Some(f.major(i128::from(f.balance()?) - i128::from(f.balance_before_window()?)))),
    spec("lowest_balance", "lowest B at the end of a day of the window, the last day ending at `as_of`")
        .of(V2Unit::Money, Interval::ANY)
        .from(V2Source::Practice)
        .by(|f| f.lowest_balance().map(|lowest| f.major(i128::from(lowest)))),
    spec("mean_balance", "mean B at the ends of the days of the window")
        .of(V2Unit::Money, Interval::ANY)
        .from(V2Source::Practice)
        .by(|f| (f.closings.days > 0).then(|| f.major(f.closings.sum) / float(i128::from(f.closings.days)))),
    spec(
        "balance_deviation",
        "standard deviation (over the days less one) of B at the ends of the days of the window",
    )
    .of(V2Unit::Money, Interval::NOT_NEGATIVE)
    .missing("no balance known on two days of the window")
    .from(V2Source::V1("balance_volatility"))
    .by(deviation),
    spec("days_overdrawn", "days of the window that end with B < 0")
        .of(V2Unit::Days, Interval::NOT_NEGATIVE)
        .from(V2Source::Practice)
        .by(|f| (f.closings.days > 0).then(|| float(i128::from(f.closings.overdrawn)))),
    spec("overdrawn", "1 where B < 0")
        .of(V2Unit::Flag, Interval::UNIT)
        .from(V2Source::V1("debt_indicator"))
        .by(|f| f.balance().map(|balance| flag(balance < 0))),
    spec("buffer_days", "min(max(B, 0) / (S / w), 3650)")
        .of(V2Unit::Days, Interval::between(0.0, LONGEST_BUFFER))
        .missing("no balance known, or S ≤ 0")
        .from(V2Source::Paper("Farrell and Wheat 2016"))
        .by(buffer),
    spec("buffer_past_payday", "`buffer_days` − `days_to_payday`")
        .of(V2Unit::Days, Interval::up_to(LONGEST_BUFFER))
        .missing("`buffer_days` or `days_to_payday` missing")
        .from(V2Source::Own)
        .by(|f| Some(buffer(f)? - f64::from((f.payday?.next - f.today()).max(0)))),
    spec("stress", "1 where S > I and B lasts less than 7 days at S / w")
        .of(V2Unit::Flag, Interval::UNIT)
        .missing("no balance known")
        .from(V2Source::V1("financial_stress_indicator"))
        .by(|f| {
            f.balance()?;
            let short = buffer(f).is_some_and(|days| days < 7.0);
            Some(flag(short && f.flows.spending() > f.flows.income))
        }),
];

fn buffer(facts: &Facts<'_>) -> Option<f64> {
    let balance = float(i128::from(facts.balance()?.max(0)));
    let daily = facts.covered().daily_spending();
    (daily > 0.0).then(|| (balance / daily).min(LONGEST_BUFFER))
}

/// Whole numbers up to the division.
fn deviation(facts: &Facts<'_>) -> Option<f64> {
    let ends = facts.closings;
    if ends.days < 2 {
        return None;
    }
    let n = u128::from(ends.days.unsigned_abs());
    let sum = ends.sum.unsigned_abs();
    let above = n.wrapping_mul(ends.squares).wrapping_sub(sum.wrapping_mul(sum));
    #[expect(clippy::cast_precision_loss, reason = "the one rounding step of a deviation")]
    let variance = above as f64 / (n * (n - 1)) as f64;
    Some(facts.major_of(variance.sqrt()))
}
