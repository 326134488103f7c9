//! What days of a kind have in common over many series.

use std::collections::BTreeMap;

use fincoach_core::chrono::{Datelike, NaiveDate, TimeDelta};

use super::bank_holidays::easter_sunday;
use super::is_bank_holiday;
use crate::plain::Past;

/// Days of the centred window that gives the level of a series: eight weeks.
const WINDOW: usize = 56;

/// The bounds of an effect: days of the calendar raise or lower spending, they do not turn it off.
const BOUNDS: (f64, f64) = (0.1, 10.0);

/// A day that is unlike others of its weekday.
///
/// Days are counted from Easter Sunday or from another holiday; the weeks around Christmas by their date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Easter(i64),
    Holiday(i64),
    Christmas(u32, u32),
}

impl Event {
    fn of(date: NaiveDate) -> Option<Self> {
        let from_easter = easter_sunday(date.year()).map(|easter| (date - easter).num_days());
        if let Some(days) = from_easter.filter(|days| (-4..=2).contains(days)) {
            return Some(Self::Easter(days));
        }
        let (month, day) = (date.month(), date.day());
        if (month == 12 && day >= 15) || (month == 1 && day <= 3) {
            return Some(Self::Christmas(month, day));
        }
        let is_near =
            |offset: &i64| date.checked_sub_signed(TimeDelta::days(*offset)).is_some_and(is_bank_holiday);
        (-3..=1).find(is_near).map(Self::Holiday)
    }
}

/// Factors by which days of the calendar differ from an ordinary day of the same weekday.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Effects {
    events: BTreeMap<Event, f64>,
    monthdays: BTreeMap<u32, f64>,
}

impl Effects {
    /// The effects that series of one target share.
    ///
    /// Each series is divided by its level (mean of the eight weeks around the day) and its weekday's mean; the mean over the
    /// series of that ratio is the day's. An effect is the mean of its days, drawn towards 1 by the noise of
    /// the ratio on ordinary days (empirical Bayes), so that one noisy series has none and a hundred have theirs.
    pub(crate) fn of(series: &[Past<'_>]) -> Self {
        let days = ratios(series);
        let ordinary =
            |(date, ratio): (&NaiveDate, &f64)| Event::of(*date).is_none().then_some((date.day(), *ratio));
        let monthdays = shrunk(days.iter().filter_map(ordinary), 0.0);
        let effects = Self { events: BTreeMap::new(), monthdays };
        let rest: Vec<f64> = days
            .iter()
            .filter(|(date, _)| Event::of(**date).is_none())
            .map(|(date, ratio)| ratio / effects.factor(*date))
            .collect();
        let event = |(date, ratio): (&NaiveDate, &f64)| {
            Event::of(*date).map(|event| (event, ratio / effects.monthday(*date)))
        };
        let events = shrunk(days.iter().filter_map(event), variance(&rest));
        Self { events, ..effects }
    }

    /// The factor of a day.
    pub(crate) fn factor(&self, date: NaiveDate) -> f64 {
        let event = Event::of(date).and_then(|event| self.events.get(&event)).copied().unwrap_or(1.0);
        (event * self.monthday(date)).clamp(BOUNDS.0, BOUNDS.1)
    }

    fn monthday(&self, date: NaiveDate) -> f64 {
        self.monthdays.get(&date.day()).copied().unwrap_or(1.0)
    }
}

/// The mean ratio of each day to what level and weekday make one expect.
fn ratios(series: &[Past<'_>]) -> BTreeMap<NaiveDate, f64> {
    let mut sums: BTreeMap<NaiveDate, (f64, f64)> = BTreeMap::new();
    for past in series.iter().filter(|past| past.values.len() >= WINDOW) {
        let season = past.frequency.season();
        let ratios = over_level(past.values);
        let profile: Vec<f64> =
            (0..season).map(|phase| mean(ratios.iter().skip(phase).step_by(season))).collect();
        for (step, ratio) in ratios.iter().enumerate() {
            let sum = sums.entry(past.frequency.after(past.start, step)).or_default();
            *sum = (sum.0 + ratio, sum.1 + profile[step % season]);
        }
    }
    let known = sums.into_iter().filter(|(_, (_, expected))| *expected > 0.0);
    known.map(|(date, (found, expected))| (date, found / expected)).collect()
}

/// Each value over the mean of the window around it; at the ends over that of the first or last window.
#[expect(clippy::cast_precision_loss, reason = "days of a window")]
fn over_level(values: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0];
    for value in values {
        sums.push(sums[sums.len() - 1] + value);
    }
    let level = |day: usize| {
        let first = day.saturating_sub(WINDOW / 2).min(values.len() - WINDOW);
        (sums[first + WINDOW] - sums[first]) / WINDOW as f64
    };
    let ratio = |(day, value): (usize, &f64)| Some(value / level(day)).filter(|ratio| ratio.is_finite());
    values.iter().enumerate().map(|one| ratio(one).unwrap_or(0.0)).collect()
}

/// The mean of each kind, drawn towards 1: `1 + (mean - 1)·τ²/(τ² + σ²/n)`, with the variance `σ²` within kinds
/// (at least `noise`) and `τ²` between them beyond what noise explains.
#[expect(clippy::cast_precision_loss, reason = "numbers of days")]
fn shrunk<K: Ord>(days: impl Iterator<Item = (K, f64)>, noise: f64) -> BTreeMap<K, f64> {
    let mut kinds: BTreeMap<K, Vec<f64>> = BTreeMap::new();
    for (kind, ratio) in days {
        kinds.entry(kind).or_default().push(ratio);
    }
    let within: f64 = kinds.values().map(|days| variance(days) * days.len() as f64).sum();
    let freedom = kinds.values().map(|days| days.len() - 1).sum::<usize>();
    let sigma = if freedom > 0 { (within / freedom as f64).max(noise) } else { noise };
    let excess = kinds.values().map(|days| {
        let off = mean(days.iter()) - 1.0;
        off * off - sigma / days.len() as f64
    });
    let tau = (excess.sum::<f64>() / kinds.len().max(1) as f64).max(0.0);
    let pull = |days: Vec<f64>| {
        let weight = tau / (tau + sigma / days.len() as f64);
        1.0 + (mean(days.iter()) - 1.0) * if weight.is_finite() { weight } else { 0.0 }
    };
    kinds.into_iter().map(|(kind, days)| (kind, pull(days))).collect()
}

#[expect(clippy::cast_precision_loss, reason = "numbers of days")]
fn mean<'a>(values: impl Iterator<Item = &'a f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0_usize), |(sum, n), value| (sum + value, n + 1));
    if n == 0 { 0.0 } else { sum / n as f64 }
}

/// With divisor n.
fn variance(values: &[f64]) -> f64 {
    let centre = mean(values.iter());
    let squares: Vec<f64> = values.iter().map(|value| (value - centre) * (value - centre)).collect();
    mean(squares.iter())
}

#[cfg(test)]
mod tests {
    use fincoach_core::rng::stream;

    use super::*;
    use crate::Frequency;

    /// Two years of series that double on the first of the month and halve on Good Friday.
    fn made(n_series: u64, noise: f64) -> Effects {
        let start = NaiveDate::from_ymd_opt(2022, 1, 1).unwrap();
        let factor = |date: NaiveDate| {
            let first = if date.day() == 1 { 2.0 } else { 1.0 };
            if Event::of(date) == Some(Event::Easter(-2)) { 0.5 } else { first }
        };
        let values: Vec<Vec<f64>> = (0..n_series)
            .map(|unit| {
                let mut rng = stream(3, unit);
                let day = |step: usize| {
                    let weekday = 10.0 + (step % 7) as f64;
                    weekday
                        * factor(Frequency::Daily.after(start, step))
                        * (1.0 + noise * rng.normal()).max(0.0)
                };
                (0..730).map(day).collect()
            })
            .collect();
        let pasts: Vec<Past<'_>> =
            values.iter().map(|values| Past { start, frequency: Frequency::Daily, values }).collect();
        Effects::of(&pasts)
    }

    #[test]
    fn effects_that_many_series_share_are_found_and_noise_of_one_is_not_taken_for_one() {
        let date = |month, day| NaiveDate::from_ymd_opt(2024, month, day).unwrap();
        let shared = made(100, 0.5);
        assert!((shared.factor(date(2, 1)) - 2.0).abs() < 0.15, "{}", shared.factor(date(2, 1)));
        assert!((shared.factor(date(3, 29)) - 0.5).abs() < 0.15, "{}", shared.factor(date(3, 29)));
        assert!((shared.factor(date(2, 14)) - 1.0).abs() < 0.1);
        let alone = made(1, 1.5);
        assert!((alone.factor(date(2, 14)) - 1.0).abs() < 0.25, "{}", alone.factor(date(2, 14)));
        assert_eq!(Effects::of(&[]).factor(date(2, 1)), 1.0);
    }
}
