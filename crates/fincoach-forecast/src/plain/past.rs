//! One column of one series up to an origin.

use fincoach_core::chrono::{Datelike, NaiveDate};

use crate::Frequency;
use crate::fill::median;

/// What a plain model sees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Past<'a> {
    pub(crate) start: NaiveDate,
    pub(crate) frequency: Frequency,
    pub(crate) values: &'a [f64],
}

impl Past<'_> {
    pub(super) const fn n(&self) -> usize {
        self.values.len()
    }

    /// The mean of the last `days` values, of all for 0.
    pub(super) fn mean(&self, days: usize) -> f64 {
        mean(last(self.values, days))
    }

    /// The values at the place of the season that lies `ahead + 1` steps ahead: the last `seasons` of them,
    /// all for 0.
    pub(super) fn season(&self, ahead: usize, seasons: usize) -> Vec<f64> {
        let season = self.frequency.season();
        let phase = (self.n() + ahead) % season;
        let all: Vec<f64> = self.values.iter().skip(phase).step_by(season).copied().collect();
        last(&all, seasons).to_vec()
    }

    pub(super) fn season_mean(&self, ahead: usize, seasons: usize) -> f64 {
        mean(&self.season(ahead, seasons))
    }

    pub(super) fn season_median(&self, ahead: usize, seasons: usize) -> f64 {
        median(self.season(ahead, seasons)).unwrap_or(0.0)
    }

    /// The mean over the last `months` (all for 0) of what was spent on that day of the month; the last
    /// day of a month stands for the days it does not have.
    pub(super) fn monthday_mean(&self, ahead: usize, months: usize) -> f64 {
        let target = self.frequency.after(self.start, self.n() + ahead);
        let mut found = Vec::new();
        let mut month = target;
        while let Some(before) = month_before(month) {
            month = before;
            let nominal = target.day().min(days_in(month));
            let Some(date) = month.with_day(nominal) else { break };
            let Ok(place) = usize::try_from((date - self.start).num_days()) else { break };
            if let Some(value) = self.values.get(place) {
                found.push(*value);
            }
            if !found.is_empty() && found.len() == months {
                break;
            }
        }
        mean(&found)
    }
}

/// The first day of the month before.
fn month_before(date: NaiveDate) -> Option<NaiveDate> {
    date.with_day(1)?.pred_opt()?.with_day(1)
}

fn days_in(date: NaiveDate) -> u32 {
    (28..=31).rev().find(|day| date.with_day(*day).is_some()).unwrap_or(28)
}

pub(super) fn last(values: &[f64], n: usize) -> &[f64] {
    if n == 0 { values } else { &values[values.len().saturating_sub(n)..] }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of values")]
pub(super) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}
