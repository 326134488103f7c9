//! When money is spent and earned: spending and income apart, never their difference.

use super::share;
use crate::schema::Interval;
use crate::v2::facts::{Facts, float};
use crate::v2::schema::{V2Group, V2Source, V2Spec, V2Unit};

const NO_PURCHASE: &str = "no purchase";
const NO_WEEKEND: &str =
    "no purchase, or a source that books nothing on weekends: no row on one in window and baseline";
const NO_TIME: &str = "no purchase with a time of day";

const fn spec(name: &'static str, formula: &'static str) -> V2Spec {
    V2Spec::new(V2Group::Timing, name, formula).of(V2Unit::Ratio, Interval::UNIT)
}

const fn weekday(name: &'static str, compute: fn(&Facts<'_>) -> Option<f64>) -> V2Spec {
    spec(name, "purchases on the day / P").missing(NO_PURCHASE).from(V2Source::Practice).by(compute)
}

const fn hours(name: &'static str, formula: &'static str) -> V2Spec {
    spec(name, formula).missing(NO_TIME).from(V2Source::Practice)
}

pub(super) static COLUMNS: [V2Spec; 14] = [
    weekday("monday_share", |f| on(f, 0)),
    weekday("tuesday_share", |f| on(f, 1)),
    weekday("wednesday_share", |f| on(f, 2)),
    weekday("thursday_share", |f| on(f, 3)),
    weekday("friday_share", |f| on(f, 4)),
    spec("weekday_spending_share", "purchases from Monday to Friday / P")
        .missing(NO_WEEKEND)
        .from(V2Source::V1("weekday_spending_ratio"))
        .by(|f| weekend(f, f.flows.purchases - on_weekends(f), f.flows.purchases)),
    spec("weekend_spending_share", "purchases on Saturday and Sunday / P")
        .missing(NO_WEEKEND)
        .from(V2Source::V1("weekend_spending_ratio"))
        .by(|f| weekend(f, on_weekends(f), f.flows.purchases)),
    spec("weekend_income_share", "income on Saturday and Sunday / I")
        .missing("no income, or a source that books nothing on weekends")
        .from(V2Source::V1("weekend_spending_ratio"))
        .by(|f| weekend(f, f.window().weekend_income, f.flows.income)),
    hours("night_spending_share", "purchases from 00:00 to 05:59 / purchases with a time of day")
        .by(|f| at(f, 0)),
    hours("morning_spending_share", "purchases from 06:00 to 11:59 / purchases with a time of day")
        .from(V2Source::V1("morning_spending_ratio"))
        .by(|f| at(f, 1)),
    hours("afternoon_spending_share", "purchases from 12:00 to 17:59 / purchases with a time of day")
        .by(|f| at(f, 2)),
    hours("evening_spending_share", "purchases from 18:00 on / purchases with a time of day")
        .from(V2Source::V1("evening_spending_ratio"))
        .by(|f| at(f, 3)),
    spec("morning_income_share", "income before 12:00 / income with a time of day")
        .missing("no income with a time of day")
        .from(V2Source::V1("morning_spending_ratio"))
        .by(|f| share(f.window().morning_income, f.window().timed_income)),
    spec(
        "rapid_purchase_share",
        "purchases less than one hour after the purchase before / purchases, of those with a time of day",
    )
    .missing(NO_TIME)
    .from(V2Source::V1("impulse_buying_score"))
    .by(|f| share(i128::from(f.window().n_rapid), i128::from(f.window().n_timed))),
];

fn on(facts: &Facts<'_>, weekday: usize) -> Option<f64> {
    share(*facts.window().by_weekday.get(weekday)?, facts.flows.purchases)
}

fn on_weekends(facts: &Facts<'_>) -> i128 {
    facts.window().by_weekday.iter().skip(5).sum()
}

fn weekend(facts: &Facts<'_>, part: i128, whole: i128) -> Option<f64> {
    facts.has_weekends().then(|| share(part, whole)).flatten()
}

fn at(facts: &Facts<'_>, quarter: usize) -> Option<f64> {
    let timed = facts.window().by_quarter;
    let whole: i128 = timed.iter().sum();
    (whole > 0).then_some(float(*timed.get(quarter)?) / float(whole))
}
