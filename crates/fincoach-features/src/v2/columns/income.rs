//! Regular income and its days.

use super::share;
use crate::schema::Interval;
use crate::v2::schema::{V2Group, V2Source, V2Spec, V2Unit};

const NONE: &str = "no income recurs";

const fn spec(name: &'static str, formula: &'static str) -> V2Spec {
    V2Spec::new(V2Group::Income, name, formula).missing(NONE)
}

pub(super) static COLUMNS: [V2Spec; 8] = [
    spec("regular_income_share", "income that recurred when it was booked / I [last 91 days]")
        .of(V2Unit::Ratio, Interval::UNIT)
        .missing("history below 91 days, or no income in them")
        .from(V2Source::Practice)
        .by(|f| f.quarter().and_then(|quarter| share(quarter.flows.regular, quarter.flows.income))),
    spec("income_source_count", "incomes that recur and are not lost")
        .of(V2Unit::Count, Interval::NOT_NEGATIVE)
        .missing("")
        .from(V2Source::Practice)
        .by(|f| Some(f64::from(f.recurring.n_incomes))),
    spec("payday_period", "mean days of the period of the income that brings most a year: the pay")
        .of(V2Unit::Days, Interval::between(7.0, 365.25))
        .from(V2Source::Own)
        .by(|f| f.payday.map(|payday| payday.period.days())),
    spec("days_since_payday", "days since the last pay")
        .of(V2Unit::Days, Interval::NOT_NEGATIVE)
        .from(V2Source::Practice)
        .by(|f| f.payday.map(|payday| f64::from(f.today() - payday.last))),
    spec("days_to_payday", "days to the next pay expected; 0 where it is overdue")
        .of(V2Unit::Days, Interval::NOT_NEGATIVE)
        .from(V2Source::Practice)
        .by(|f| f.payday.map(|payday| f64::from((payday.next - f.today()).max(0)))),
    spec("payday_regularity", "1 / (1 + v), v the standard deviation (over n) of the gaps of the last eight pays, a gap with one left out halved, over their mean")
        .of(V2Unit::Ratio, Interval::UNIT)
        .from(V2Source::Own)
        .by(|f| f.payday.map(|payday| 1.0 / (1.0 + payday.gap_variation))),
    spec("pay_variation", "standard deviation (over n) of the last eight pays over their mean")
        .of(V2Unit::Ratio, Interval::NOT_NEGATIVE)
        .from(V2Source::Paper("Hannagan and Morduch 2015"))
        .by(|f| f.payday.map(|payday| payday.amount_variation)),
    spec("payday_effect", "purchases a day that do not recur, in the 7 days from a pay on / in the days until the next one [full cycles of the last eight pays begun within 365 days]")
        .of(V2Unit::Ratio, Interval::NOT_NEGATIVE)
        .missing("no income recurs at more than 7 days, or nothing was bought in the far days")
        .from(V2Source::Paper("Gelman et al. 2014"))
        .by(|f| f.payday.and_then(|payday| payday.effect)),
];
