//! Against the user's own past.

use super::categories::shares;
use super::change;
use crate::schema::Interval;
use crate::v2::facts::Facts;
use crate::v2::schema::{V2Group, V2Source, V2Spec, V2Unit};

const NO_BASELINE: &str = "no baseline yet, or nothing in it";

const fn spec(name: &'static str, formula: &'static str) -> V2Spec {
    V2Spec::new(V2Group::Trend, name, formula)
}

pub(super) static COLUMNS: [V2Spec; 7] = [
    spec("spending_change", "S / S [the window before] − 1")
        .missing("history below two windows, or S ≤ 0 in the one before")
        .from(V2Source::Practice)
        .by(|f| change(f.earlier(0)?.daily_spending(), f.earlier(1)?.daily_spending())),
    spec("spending_vs_baseline", "(S / w) / (S / b [the baseline]) − 1")
        .missing(NO_BASELINE)
        .from(V2Source::Practice)
        .by(|f| change(f.covered().daily_spending(), f.baseline()?.daily_spending())),
    spec("income_vs_baseline", "(I / w) / (I / b [the baseline]) − 1")
        .of(V2Unit::Ratio, Interval::from(-1.0))
        .missing(NO_BASELINE)
        .from(V2Source::Practice)
        .by(|f| change(f.covered().daily_income(), f.baseline()?.daily_income())),
    spec("recent_pace", "(S / 7 [last 7 days]) / (S / w) − 1")
        .missing("history below a window, or S ≤ 0")
        .from(V2Source::Practice)
        .by(|f| change(f.week()?.daily_spending(), f.covered().daily_spending())),
    spec("spending_slope", "least-squares slope of S of each day of the window against the day")
        .of(V2Unit::MoneyPerDaySquared, Interval::ANY)
        .missing("history below a window")
        .from(V2Source::Own)
        .by(|f| Some(f.major_of(f.earlier(0)?.slope()))),
    spec("spending_slope_quarter", "the same [last 91 days]")
        .of(V2Unit::MoneyPerDaySquared, Interval::ANY)
        .missing("history below 91 days")
        .from(V2Source::Own)
        .by(|f| Some(f.major_of(f.quarter()?.slope()))),
    spec("category_shift", "Σ abs(p − p [the baseline]) / 2 over the nine category shares")
        .of(V2Unit::Ratio, Interval::UNIT)
        .missing("a share missing, or no baseline yet")
        .from(V2Source::Own)
        .by(category_shift),
];

fn category_shift(facts: &Facts<'_>) -> Option<f64> {
    let (now, before) = (shares(&facts.window().spent.0)?, shares(&facts.baseline_by_category()?)?);
    let distance: f64 = now.iter().zip(before).map(|(now, before)| (now - before).abs()).sum();
    // Shares that add up to 1 but for rounding could give a little more.
    Some((distance / 2.0).min(1.0))
}

const fn season(name: &'static str, formula: &'static str) -> V2Spec {
    V2Spec::new(V2Group::Season, name, formula)
        .missing("history below the window and 365 days more, or S ≤ 0 in that year")
        .from(V2Source::V1("seasonal_spending_factor"))
}

pub(super) static SEASON: [V2Spec; 2] = [
    season(
        "season_factor",
        "(S / `window_days` [the window 365 days ago]) / (S / 365 [the 365 days before the window])",
    )
    .by(|f| {
        f.year()
            .and_then(|(year, season, _)| change(season.daily_spending(), year.daily_spending()))
            .map(|c| c + 1.0)
    }),
    season("season_ahead_factor", "the same for the window that followed it").by(|f| {
        f.year()
            .and_then(|(year, _, ahead)| change(ahead.daily_spending(), year.daily_spending()))
            .map(|c| c + 1.0)
    }),
];

const fn history(name: &'static str, formula: &'static str) -> V2Spec {
    V2Spec::new(V2Group::History, name, formula).from(V2Source::Own)
}

pub(super) static HISTORY: [V2Spec; 2] = [
    history("history_days", "days from the user's first booking to `as_of`, both included")
        .of(V2Unit::Days, Interval::from(1.0))
        .by(|f| Some(f64::from(f.history_days()))),
    history("quiet_days", "days since the user's last booking")
        .of(V2Unit::Days, Interval::NOT_NEGATIVE)
        .by(|f| Some(f64::from(f.quiet_days()))),
];
