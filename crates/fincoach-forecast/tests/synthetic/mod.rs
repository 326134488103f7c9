//! Panels whose rule is known.
#![allow(dead_code, clippy::unwrap_used, reason = "shared by test files, each of which uses a part")]

use fincoach_core::chrono::{Days, NaiveDate};
use fincoach_core::ndarray::Array2;
use fincoach_core::rng::stream;
use fincoach_forecast::{Panel, Series};

/// Three categories with a weekly habit: shopping on Saturdays, lunch on working days, and noise.
pub(crate) fn weekly(n_users: usize, n_days: usize, seed: u64) -> Panel {
    let series = (0..n_users).map(|user| {
        let mut rng = stream(seed, user as u64);
        // Users start on different weekdays: the day of the week has to be read from the window.
        let shift = rng.below(7);
        let values = Array2::from_shape_fn((n_days, 3), |(day, category)| {
            let weekday = (day + shift) % 7;
            let habit = match category {
                0 if weekday == 5 => 60.0,
                1 if weekday < 5 => 8.0,
                2 => 5.0,
                _ => 0.0,
            };
            (habit * (1.0 + 0.2 * rng.normal())).max(0.0)
        });
        Series::new(user.to_string(), NaiveDate::from_ymd_opt(2024, 1, 1).unwrap(), values).unwrap()
    });
    let categories = ["groceries", "dine_out", "other"].map(str::to_owned).to_vec();
    Panel::new(categories, series.collect()).unwrap()
}

/// [`weekly`], each user beginning `apart` days after the one before: the days of most parts are not
/// everybody's.
pub(crate) fn staggered(n_users: usize, n_days: usize, apart: usize) -> Panel {
    let panel = weekly(n_users, n_days, 2);
    let series = panel.series().iter().enumerate().map(|(user, series)| {
        let start = series.start() + Days::new((user * apart) as u64);
        Series::new(series.user(), start, series.values().to_owned()).unwrap()
    });
    Panel::new(panel.categories().to_vec(), series.collect()).unwrap()
}

/// The same panel with the amounts changed from a date on, for all users.
pub(crate) fn changed_from(panel: &Panel, date: NaiveDate) -> Panel {
    changed(panel, |series| {
        let first = usize::try_from((date - series.start()).num_days()).unwrap_or(0);
        first.min(series.n_days())..series.n_days()
    })
}

/// The same panel with the amounts of some days changed.
pub(crate) fn changed(panel: &Panel, days: impl Fn(&Series) -> std::ops::Range<usize>) -> Panel {
    let series = panel.series().iter().map(|series| {
        let mut values = series.values().to_owned();
        for day in days(series) {
            values.row_mut(day).mapv_inplace(|amount| 1000.0 - amount);
        }
        Series::new(series.user(), series.start(), values).unwrap()
    });
    Panel::new(panel.categories().to_vec(), series.collect()).unwrap()
}
