//! The largest regular income and what happens around its days.

use super::state::{Core, YEAR};
use crate::recurring::{Found, Occurrence, Period, Series, Side};

/// Days from a payday on whose spending is compared with the other days.
const NEAR: i32 = 7;

/// The largest income that recurs and is not lost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payday {
    pub(crate) period: Period,
    pub(crate) last: i32,
    pub(crate) next: i32,
    /// Standard deviation of the gaps, left-out ones halved, over their mean.
    pub(crate) gap_variation: f64,
    /// Standard deviation of the amounts over their mean.
    pub(crate) amount_variation: f64,
    pub(crate) effect: Option<f64>,
}

impl Payday {
    pub(crate) fn of(core: &Core) -> Option<Self> {
        let incomes = core.book.recurring().filter(|((_, side), _)| *side == Side::In);
        let active = incomes
            .flat_map(|(_, entry)| entry.recurring())
            .filter(|(_, found)| core.today < found.lost_on());
        // The first of equals.
        let (series, found) = active.reduce(|best, next| if dearer(next.1, best.1) { next } else { best })?;
        Some(Self {
            period: found.period,
            last: series.last()?.day,
            next: found.next,
            gap_variation: variation(&gaps(series, found.period)),
            amount_variation: variation(&amounts(series)),
            effect: effect(core, series),
        })
    }
}

/// Whether it brings more a year.
fn dearer(one: &Found, other: &Found) -> bool {
    let yearly = |found: &Found, by: &Found| i128::from(found.amount) * i128::from(by.period.sixteenths());
    yearly(one, other) > yearly(other, one)
}

fn gaps(series: &Series, period: Period) -> Vec<i64> {
    let pairs = series.occurrences().windows(2);
    let gap = |pair: &[Occurrence]| match pair {
        [earlier, later] => later.day - earlier.day,
        _ => 0,
    };
    // In halves of a day, so that a gap of two periods is a whole number when it is halved.
    pairs
        .map(gap)
        .map(|gap| i64::from(if 32 * gap > 3 * period.sixteenths() { gap } else { 2 * gap }))
        .collect()
}

fn amounts(series: &Series) -> Vec<i64> {
    series.occurrences().iter().map(|occurrence| occurrence.amount).collect()
}

/// Standard deviation (dividing by the count) over the mean; 0 where the mean is 0.
#[expect(clippy::cast_precision_loss, reason = "a ratio of at most eight amounts")]
fn variation(values: &[i64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().map(|value| *value as f64).sum::<f64>() / n;
    let variance = values.iter().map(|value| (*value as f64 - mean).powi(2)).sum::<f64>() / n;
    if mean > 0.0 { variance.sqrt() / mean } else { 0.0 }
}

/// Spending a day, without what recurs, in the seven days from a payday on over that of the days until the next one;
/// over the full cycles among the last eight paydays that began within a year.
fn effect(core: &Core, series: &Series) -> Option<f64> {
    let (mut near, mut far) = ((0, 0), (0, 0));
    for pair in series.occurrences().windows(2) {
        let [start, end] = pair else { continue };
        if end.day - start.day <= NEAR || start.day <= core.today - YEAR {
            continue;
        }
        near.0 += core.days.between(start.day, start.day + NEAR - 1).free;
        near.1 += NEAR;
        far.0 += core.days.between(start.day + NEAR, end.day - 1).free;
        far.1 += end.day - start.day - NEAR;
    }
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    let daily = |(money, days): (i128, i32)| money as f64 / f64::from(days);
    (far.0 > 0).then(|| daily(near) / daily(far))
}
