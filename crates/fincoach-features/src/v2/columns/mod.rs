//! The columns, group by group: name, meaning and code stand together, so that none can drift from the others.

mod budget;
mod categories;
mod examples;
mod income;
mod merchants;
mod recurring;
mod reserve;
mod saving;
mod timing;
mod totals;
mod trend;

use super::facts::float;
use super::schema::V2Spec;

/// Every column in its place.
pub(crate) fn all() -> Vec<V2Spec> {
    let mut all = [
        &totals::COLUMNS[..],
        &saving::COLUMNS,
        &categories::COLUMNS,
        &timing::COLUMNS,
        &budget::COLUMNS,
        &recurring::COLUMNS,
        &income::COLUMNS,
        &reserve::COLUMNS,
        &merchants::COLUMNS,
        &merchants::LARGE,
        &trend::COLUMNS,
        &trend::SEASON,
        &trend::HISTORY,
    ]
    .concat();
    for spec in &mut all {
        *spec = spec.example(examples::of(spec.name));
    }
    all
}

/// `part / whole`, missing unless the whole is positive.
fn share(part: i128, whole: i128) -> Option<f64> {
    (whole > 0).then(|| float(part) / float(whole))
}

/// `value / other − 1`, missing unless the other is positive.
fn change(value: f64, other: f64) -> Option<f64> {
    (other > 0.0).then(|| value / other - 1.0)
}

fn count(n: i64) -> Option<f64> {
    Some(float(i128::from(n)))
}

fn flag(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}
