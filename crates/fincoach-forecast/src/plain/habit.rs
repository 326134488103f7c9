//! A level with the habits of weekdays and of due dates.

mod due;
mod effects;

use super::past::{Past, last};
use crate::Frequency;
use due::{Days, Settling};
use effects::{Effects, Moments};

/// Days from which habits are told: eight weeks, in which every day of the month was there.
const FEWEST: usize = 56;

/// How much less has to be left unexplained before due dates are taken to move off weekends.
const BETTER: f64 = 0.98;

/// The level plus what weekday and due date add to it, from the last `days` days (0: all); `None` for weeks and for
/// short pasts.
pub(super) fn habit(past: &Past<'_>, days: usize, horizon: usize) -> Option<Vec<f64>> {
    let values = last(past.values, days);
    if values.len() < FEWEST || past.frequency != Frequency::Daily {
        return None;
    }
    if values.iter().all(|value| *value == values[0]) {
        return Some(vec![values[0]; horizon]);
    }
    let first = past.frequency.after(past.start, past.n() - values.len());
    let mut best: Option<(f64, Days, Moments, Effects)> = None;
    for settling in [Settling::AsDated, Settling::Forward, Settling::Back] {
        let days = Days::new(first, values.len() + horizon, settling);
        let moments = Moments::of(&days, values);
        let effects = moments.first_look()?;
        let left = moments.left(&effects);
        if best.as_ref().is_none_or(|(least, ..)| left < BETTER * least) {
            best = Some((left, days, moments, effects));
        }
    }
    let (_, days, moments, effects) = best?;
    let effects = moments.refined(effects)?;
    let coming = values.len()..values.len() + horizon;
    Some(coming.map(|day| moments.expected(&effects, days.columns(day)).max(0.0)).collect())
}
