//! How often a payment comes.

use std::fmt;

use chrono::{Days, Months, NaiveDate};
use fincoach_core::chrono;
use serde::{Deserialize, Serialize};

/// How often a payment comes, and how many days it may be off.
///
/// | period | days | tolerance in days |
/// | --- | --: | --: |
/// | `weekly` | 7 | 2 |
/// | `fortnightly` | 14 | 3 |
/// | `monthly` | 30.4375 | 5 |
/// | `four_weekly` | 28 | 3 |
/// | `quarterly` | 91.3125 | 10 |
/// | `yearly` | 365.25 | 15 |
///
/// The tolerance covers weekends (a bank that books nothing on them moves a payment by up to two days) and, for the
/// calendar's periods, months of 28 to 31 days.
///
/// # Examples
/// ```
/// use fincoach_features::Period;
/// assert_eq!(Period::Monthly.days(), 30.4375);
/// assert_eq!(Period::FourWeekly.tolerance(), 3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Period {
    /// Every 7 days.
    Weekly,
    /// Every 14 days.
    Fortnightly,
    /// Once a calendar month.
    Monthly,
    /// Every 28 days.
    FourWeekly,
    /// Every three calendar months.
    Quarterly,
    /// Once a calendar year.
    Yearly,
}

impl Period {
    /// Every period, in the order in which the first of equally good ones is taken.
    pub const ALL: [Self; 6] =
        [Self::Weekly, Self::Fortnightly, Self::Monthly, Self::FourWeekly, Self::Quarterly, Self::Yearly];

    /// The mean length in days.
    #[must_use]
    pub fn days(self) -> f64 {
        f64::from(self.sixteenths()) / 16.0
    }

    /// How many days a payment may be off.
    #[must_use]
    pub const fn tolerance(self) -> u32 {
        match self {
            Self::Weekly => 2,
            Self::Fortnightly | Self::FourWeekly => 3,
            Self::Monthly => 5,
            Self::Quarterly => 10,
            Self::Yearly => 15,
        }
    }

    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::Fortnightly => "fortnightly",
            Self::Monthly => "monthly",
            Self::FourWeekly => "four_weekly",
            Self::Quarterly => "quarterly",
            Self::Yearly => "yearly",
        }
    }

    /// The mean length in sixteenths of a day: whole numbers, as a year has 365.25 days.
    pub(crate) const fn sixteenths(self) -> i32 {
        match self {
            Self::Weekly => 7 * 16,
            Self::Fortnightly => 14 * 16,
            Self::Monthly => 487,
            Self::FourWeekly => 28 * 16,
            Self::Quarterly => 1461,
            Self::Yearly => 5844,
        }
    }

    /// The fewest occurrences that show this period: short ones are more easily a coincidence.
    pub(crate) const fn fewest(self, min_occurrences: u32) -> u32 {
        match self {
            Self::Weekly | Self::Fortnightly => min_occurrences + 1,
            _ => min_occurrences,
        }
    }

    /// The day that lies `steps` periods from `day` by the calendar, days counted from 1970-01-01.
    pub(crate) fn step(self, day: i32, steps: i32) -> i32 {
        match self {
            Self::Weekly => day + 7 * steps,
            Self::Fortnightly => day + 14 * steps,
            Self::FourWeekly => day + 28 * steps,
            Self::Monthly => months(day, steps),
            Self::Quarterly => months(day, 3 * steps),
            Self::Yearly => months(day, 12 * steps),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The same day of another month, or that month's last day.
fn months(day: i32, months: i32) -> i32 {
    let distance = Months::new(months.unsigned_abs());
    let moved = date(day).and_then(|date| {
        if months < 0 { date.checked_sub_months(distance) } else { date.checked_add_months(distance) }
    });
    moved.map_or(day, number)
}

/// The date of a day counted from 1970-01-01.
pub(crate) fn date(day: i32) -> Option<NaiveDate> {
    let distance = Days::new(u64::from(day.unsigned_abs()));
    if day < 0 {
        NaiveDate::default().checked_sub_days(distance)
    } else {
        NaiveDate::default().checked_add_days(distance)
    }
}

/// Days from 1970-01-01 to a date.
pub(crate) fn number(date: NaiveDate) -> i32 {
    // chrono's dates span fewer than 2^28 days.
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> i32 {
        number(NaiveDate::from_ymd_opt(year, month, day).unwrap())
    }

    #[test]
    fn months_end_on_their_last_day() {
        assert_eq!(Period::Monthly.step(day(2024, 1, 31), 1), day(2024, 2, 29));
        assert_eq!(Period::Monthly.step(day(2024, 1, 31), 2), day(2024, 3, 31));
        assert_eq!(Period::Monthly.step(day(2024, 3, 31), -1), day(2024, 2, 29));
        assert_eq!(Period::Quarterly.step(day(2023, 11, 15), 1), day(2024, 2, 15));
        assert_eq!(Period::Yearly.step(day(2024, 2, 29), 1), day(2025, 2, 28));
        assert_eq!(Period::FourWeekly.step(day(2024, 2, 1), 1), day(2024, 2, 29));
    }

    #[test]
    fn days_and_dates_are_one_another() {
        for number_of_day in [-800_000, -1, 0, 1, 19_000, 800_000] {
            assert_eq!(number(date(number_of_day).unwrap()), number_of_day);
        }
    }
}
