//! Inputs that are known for any day, past or to come.

use std::f64::consts::TAU;

use fincoach_core::chrono::{Datelike, NaiveDate, TimeDelta};
use fincoach_core::ndarray::{Array2, ArrayView2};

use super::{Payday, is_bank_holiday};
use crate::Frequency;

/// Names of the columns, in order.
const NAMES: [&str; 15] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "year_sin",
    "year_cos",
    "month_sin",
    "month_cos",
    "payday_soon",
    "payday_past",
    "bank_holiday",
    "bank_holiday_near",
];

/// Numbers that describe the days of a calendar and need nothing but their dates: inputs of models that
/// take them, for the past and for the days to forecast alike.
///
/// | columns | value |
/// | --- | --- |
/// | `monday` … `sunday` | 1 on that weekday |
/// | `year_sin`, `year_cos` | place in the year on a circle |
/// | `month_sin`, `month_cos` | place in the month on a circle |
/// | `payday_soon`, `payday_past` | `exp(-d/5)` with `d` days to the next and since the last payday |
/// | `bank_holiday` | 1 on a bank holiday of England and Wales |
/// | `bank_holiday_near` | 1 on the three days before one and the day after |
///
/// A row of a weekly calendar describes the first day of its week, and counts a bank holiday anywhere in it.
///
/// # Examples
/// ```
/// use fincoach_core::chrono::NaiveDate;
/// use fincoach_forecast::{Frequency, KnownInputs, Payday};
/// let christmas_eve = NaiveDate::from_ymd_opt(2024, 12, 24).unwrap();
/// let known = KnownInputs::new(christmas_eve, Frequency::Daily, 2, Payday::default());
/// assert_eq!(known.values().row(1).to_vec()[..3], [0.0, 0.0, 1.0]);
/// assert_eq!(known.column("bank_holiday"), Some(vec![0.0, 1.0]));
/// assert_eq!(known.column("bank_holiday_near"), Some(vec![1.0, 1.0]));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct KnownInputs {
    values: Array2<f64>,
}

impl KnownInputs {
    /// The inputs of `n` rows from a date on.
    #[must_use]
    pub fn new(start: NaiveDate, frequency: Frequency, n: usize, payday: Payday) -> Self {
        let mut values = Array2::zeros((n, NAMES.len()));
        for (step, mut row) in values.rows_mut().into_iter().enumerate() {
            let date = frequency.after(start, step);
            for (cell, value) in row.iter_mut().zip(describe(date, frequency, payday)) {
                *cell = value;
            }
        }
        Self { values }
    }

    /// Names of the columns.
    #[must_use]
    pub const fn names() -> &'static [&'static str] {
        &NAMES
    }

    /// The numbers, `(n_rows, n_columns)`.
    #[must_use]
    pub fn values(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// One column by name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<Vec<f64>> {
        let place = NAMES.iter().position(|one| *one == name)?;
        Some(self.values.column(place).to_vec())
    }
}

fn describe(date: NaiveDate, frequency: Frequency, payday: Payday) -> [f64; NAMES.len()] {
    let mut row = [0.0; NAMES.len()];
    row[date.weekday().num_days_from_monday() as usize] = 1.0;
    let year = TAU * f64::from(date.ordinal0()) / 365.25;
    let month = TAU * f64::from(date.day0()) / 31.0;
    (row[7], row[8], row[9], row[10]) = (year.sin(), year.cos(), month.sin(), month.cos());
    (row[11], row[12]) = (nearness(payday.days_to(date)), nearness(payday.days_since(date)));
    let holiday = |offset: i64| date.checked_add_signed(TimeDelta::days(offset)).is_some_and(is_bank_holiday);
    let days = i64::try_from(frequency.days()).unwrap_or(1);
    row[13] = f64::from(u8::from((0..days).any(holiday)));
    row[14] = f64::from(u8::from((1..days + 3).any(holiday) || holiday(-1)));
    row
}

#[expect(clippy::cast_precision_loss, reason = "days of two months")]
fn nearness(days: Option<u64>) -> f64 {
    days.map_or(0.0, |days| (-(days as f64) / 5.0).exp())
}
