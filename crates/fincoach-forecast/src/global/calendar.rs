//! Known future inputs of the calendar.

use fincoach_core::chrono::{Datelike, Days, NaiveDate};
use fincoach_core::ndarray::Array2;

/// The weekday as a point on a circle: `(n_days, 2)`, sine and cosine of `2π·weekday / 7`, Monday being 0.
///
/// # Examples
/// ```
/// use fincoach_core::chrono::NaiveDate;
/// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let inputs = fincoach_forecast::weekday_inputs(monday, 8);
/// assert_eq!((inputs[[0, 0]], inputs[[0, 1]]), (0.0, 1.0));
/// assert_eq!(inputs.row(7), inputs.row(0));
/// ```
#[must_use]
pub fn weekday_inputs(first: NaiveDate, n_days: usize) -> Array2<f64> {
    circle(first, n_days, |date| f64::from(date.weekday().num_days_from_monday()) / 7.0)
}

/// The day of the year as a point on a circle: `(n_days, 2)`, sine and cosine of `2π·(day - 1) / 365.25`.
///
/// With two years of history or less a network learns from it what only those years had; see the model page.
///
/// # Examples
/// ```
/// use fincoach_core::chrono::NaiveDate;
/// let new_year = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// assert_eq!(fincoach_forecast::year_inputs(new_year, 1)[[0, 1]], 1.0);
/// ```
#[must_use]
pub fn year_inputs(first: NaiveDate, n_days: usize) -> Array2<f64> {
    circle(first, n_days, |date| f64::from(date.ordinal0()) / 365.25)
}

/// Days beyond the calendar of the library stay at its last one.
fn circle(first: NaiveDate, n_days: usize, turn: impl Fn(NaiveDate) -> f64) -> Array2<f64> {
    let date = |day: usize| first.checked_add_days(Days::new(day as u64)).unwrap_or(NaiveDate::MAX);
    Array2::from_shape_fn((n_days, 2), |(day, part)| {
        let angle = std::f64::consts::TAU * turn(date(day));
        if part == 0 { angle.sin() } else { angle.cos() }
    })
}
