//! What of the income is kept.

use super::{count, share};
use crate::schema::Interval;
use crate::v2::schema::{V2Group, V2Source, V2Spec, V2Unit};

const fn spec(name: &'static str, formula: &'static str) -> V2Spec {
    V2Spec::new(V2Group::Saving, name, formula)
}

pub(super) static COLUMNS: [V2Spec; 6] = [
    spec("saving_rate", "(I − S) / I")
        .missing("no income")
        .from(V2Source::V1("savings_rate"))
        .by(|f| f.covered().saving_rate()),
    spec("saving_rate_quarter", "(I − S) / I [last 91 days]")
        .missing("history below 91 days, or no income in them")
        .from(V2Source::Practice)
        .by(|f| f.quarter()?.saving_rate()),
    spec(
        "saving_rate_trend",
        "(saving rate − saving rate [window before last]) / 2: the least-squares slope over three windows",
    )
    .of(V2Unit::RatioPerWindow, Interval::ANY)
    .missing("history below three windows, or one of the three without income")
    .from(V2Source::Own)
    .by(|f| {
        f.earlier(1)?.saving_rate()?;
        Some((f.earlier(0)?.saving_rate()? - f.earlier(2)?.saving_rate()?) / 2.0)
    }),
    spec("put_aside", "A")
        .of(V2Unit::Money, Interval::ANY)
        .from(V2Source::V1("savings_spending"))
        .by(|f| Some(f.major(f.window().aside))),
    spec("put_aside_rate", "A / I")
        .missing("no income")
        .from(V2Source::Practice)
        .by(|f| share(f.window().aside, f.flows.income)),
    spec("deposit_count", "rows that put money aside")
        .of(V2Unit::Count, Interval::NOT_NEGATIVE)
        .from(V2Source::V1("savings_consistency"))
        .by(|f| count(f.window().n_deposits)),
];
