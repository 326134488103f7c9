//! What the last days of one series say by themselves: its size, its week, and what is left.

use super::{Profile, SeriesSet};

/// Days after which a profile repeats.
const WEEK: usize = 7;

/// The window before a day, measured by itself alone.
pub(super) struct Past {
    /// The mean size of its values.
    pub(super) scale: f64,
    /// What each day after it would be by the week alone, in scales: day `d` has entry `d mod 7`.
    profile: [f64; WEEK],
    /// Days of the window that are known.
    pub(super) n_known: usize,
}

impl Past {
    /// Of the `window` days before day `origin`.
    #[expect(clippy::cast_precision_loss, reason = "numbers of days")]
    pub(super) fn new(
        (set, kind, floor): (&SeriesSet, Profile, f64),
        (series, target): (usize, usize),
        (origin, window): (isize, usize),
    ) -> Self {
        let mut weeks: [Vec<f64>; WEEK] = Default::default();
        let (mut size, mut n_known) = (0.0, 0);
        for back in 1..=window {
            if let Some(value) = set.get(series, origin.saturating_sub_unsigned(back), target) {
                weeks[(WEEK - back % WEEK) % WEEK].push(value);
                size += value.abs();
                n_known += 1;
            }
        }
        let scale = (size / n_known.max(1) as f64).max(floor);
        let days = weeks.each_mut().map(|values| middle(values, kind).map(|value| value / scale));
        let known: Vec<f64> = days.iter().copied().flatten().collect();
        let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
        Self { scale, profile: days.map(|day| day.unwrap_or(mean)), n_known }
    }

    /// What the week says about a day after the window, or before its end where negative.
    pub(super) fn expected(&self, day: isize) -> f64 {
        self.profile[day.rem_euclid(WEEK as isize).unsigned_abs()]
    }

    /// The mean of a week.
    pub(super) fn level(&self) -> f64 {
        self.profile.iter().sum::<f64>() / 7.0
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of weeks")]
fn middle(values: &mut [f64], kind: Profile) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let n = values.len();
    match kind {
        Profile::WeekdayMean => Some(values.iter().sum::<f64>() / n as f64),
        Profile::WeekdayMedian => {
            values.sort_unstable_by(f64::total_cmp);
            Some(f64::midpoint(values[(n - 1) / 2], values[n / 2]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fincoach_core::ndarray::Array2;

    #[test]
    fn a_week_is_read_from_the_window() {
        let values =
            Array2::from_shape_fn((1, 30), |(_, day)| if day == 23 { 99.0 } else { (day % 7) as f64 });
        let mut observed = Array2::from_elem((1, 30), true);
        observed[[0, 25]] = false;
        let set = SeriesSet::of_one_target(values, observed).unwrap();
        let past = Past::new((&set, Profile::WeekdayMedian, 1e-9), (0, 0), (30, 21));
        assert_eq!(past.n_known, 20);
        for day in 0..14 {
            assert!((past.expected(day) * past.scale - ((30 + day) % 7) as f64).abs() < 1e-9, "{day}");
        }
        assert_eq!(past.expected(-1), past.expected(6));
    }

    #[test]
    fn nothing_known_is_nothing_expected() {
        let set = SeriesSet::of_one_target(Array2::zeros((1, 3)), Array2::from_elem((1, 3), false)).unwrap();
        let past = Past::new((&set, Profile::WeekdayMean, 0.5), (0, 0), (3, 7));
        assert_eq!((past.scale, past.level(), past.n_known), (0.5, 0.0, 0));
    }
}
