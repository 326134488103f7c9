//! Payments that come again.

use super::{change, share};
use crate::schema::Interval;
use crate::v2::facts::float;
use crate::v2::schema::{V2Group, V2Source, V2Spec, V2Unit};

const NONE: &str = "no payment recurs";

const fn spec(name: &'static str, formula: &'static str) -> V2Spec {
    V2Spec::new(V2Group::Recurring, name, formula).from(V2Source::Practice)
}

pub(super) static COLUMNS: [V2Spec; 8] = [
    spec("recurring_count", "payments that recur and are not lost")
        .of(V2Unit::Count, Interval::NOT_NEGATIVE)
        .by(|f| Some(f64::from(f.recurring.n))),
    spec("recurring_cost", "Σ 30 · median amount / days of the period")
        .of(V2Unit::Money, Interval::NOT_NEGATIVE)
        .by(|f| Some(f.major_of(f.recurring.monthly))),
    spec("recurring_share", "purchases that recurred when they were booked / P")
        .of(V2Unit::Ratio, Interval::UNIT)
        .missing("no purchase")
        .by(|f| share(f.window().recurring, f.flows.purchases)),
    spec("recurring_new", "payments that recur, first seen to do so in the window")
        .of(V2Unit::Count, Interval::NOT_NEGATIVE)
        .by(|f| Some(f64::from(f.recurring.n_new))),
    spec("recurring_lost", "payments that were overdue beyond the tolerance in the window")
        .of(V2Unit::Count, Interval::NOT_NEGATIVE)
        .by(|f| Some(f64::from(f.recurring.n_lost))),
    spec("recurring_due", "Σ median amount of the payments expected within 7 days or overdue, not lost")
        .of(V2Unit::Money, Interval::NOT_NEGATIVE)
        .by(|f| Some(f.major(f.recurring.due))),
    spec("days_to_recurring", "days to the next payment expected; 0 where one is overdue")
        .of(V2Unit::Days, Interval::NOT_NEGATIVE)
        .missing(NONE)
        .by(|f| f.recurring.next.map(|next| f64::from((next - f.today()).max(0)))),
    spec("recurring_change", "Σ last amount / Σ median amount − 1")
        .of(V2Unit::Ratio, Interval::from(-1.0))
        .missing(NONE)
        .from(V2Source::Own)
        .by(|f| change(float(f.recurring.last_amounts), float(f.recurring.amounts))),
];
