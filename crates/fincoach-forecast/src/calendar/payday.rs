//! When money comes in.

use fincoach_core::chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::is_bank_holiday;

/// Days looked ahead and back for a payday: two months hold one of each kind.
const REACH: u64 = 62;

/// The rule by which somebody is paid.
///
/// # Examples
/// ```
/// use fincoach_core::chrono::NaiveDate;
/// use fincoach_forecast::Payday;
/// let day = |month, day| NaiveDate::from_ymd_opt(2024, month, day).unwrap();
/// // The 31st is a Sunday after Good Friday: the Thursday before pays.
/// assert!(Payday::LastWorkingDay.is_payday(day(3, 28)));
/// assert_eq!(Payday::LastWorkingDay.days_to(day(3, 25)), Some(3));
/// assert_eq!(Payday::DayOfMonth(25).days_since(day(3, 27)), Some(2));
/// assert!(Payday::EveryDays { first: day(1, 5), days: 28 }.is_payday(day(2, 2)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Payday {
    /// The last day of the month that is neither on a weekend nor a bank holiday.
    #[default]
    LastWorkingDay,
    /// A day of the month, the last in shorter months; on a weekend or bank holiday the working day before.
    DayOfMonth(u32),
    /// Every so many days from a first one on, such as 7, 14 or 28.
    EveryDays {
        /// A payday.
        first: NaiveDate,
        /// Days from one to the next; 0 is never.
        days: u32,
    },
}

impl Payday {
    /// Whether money comes in on a day.
    #[must_use]
    pub fn is_payday(&self, date: NaiveDate) -> bool {
        let day = match *self {
            Self::EveryDays { first, days } => {
                return days > 0 && (date - first).num_days().rem_euclid(i64::from(days)) == 0;
            }
            Self::DayOfMonth(day) => day,
            Self::LastWorkingDay => 31,
        };
        // A working day before the 1st lies in the month before.
        let of_next = date.checked_add_days(Days::new(7)).and_then(|later| working_day(later, day));
        working_day(date, day) == Some(date) || of_next == Some(date)
    }

    /// Days to the next payday, 0 on one; `None` where none lies within two months.
    #[must_use]
    pub fn days_to(&self, date: NaiveDate) -> Option<u64> {
        (0..=REACH)
            .find(|ahead| date.checked_add_days(Days::new(*ahead)).is_some_and(|day| self.is_payday(day)))
    }

    /// Days since the last payday, 0 on one; `None` where none lies within two months.
    #[must_use]
    pub fn days_since(&self, date: NaiveDate) -> Option<u64> {
        (0..=REACH)
            .find(|back| date.checked_sub_days(Days::new(*back)).is_some_and(|day| self.is_payday(day)))
    }
}

/// The working day on or before a day of the month of `within`.
fn working_day(within: NaiveDate, day: u32) -> Option<NaiveDate> {
    let last = (28..=31).rev().find_map(|day| within.with_day(day))?;
    let nominal = within.with_day(day.clamp(1, last.day()))?;
    let is_working = |date: &NaiveDate| date.weekday().num_days_from_monday() < 5 && !is_bank_holiday(*date);
    (0..10).filter_map(|back| nominal.checked_sub_days(Days::new(back))).find(is_working)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payday_that_is_no_working_day_comes_earlier_even_in_the_month_before() {
        let date = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let first = Payday::DayOfMonth(1);
        // 2024-01-01 is a bank holiday, 2023-12-30 and 31 a weekend.
        assert!(first.is_payday(date(2023, 12, 29)) && !first.is_payday(date(2024, 1, 1)));
        assert_eq!(first.days_since(date(2024, 1, 2)), Some(4));
        assert!(Payday::DayOfMonth(31).is_payday(date(2023, 2, 28)));
        let never = Payday::EveryDays { first: date(2024, 1, 1), days: 0 };
        assert_eq!((never.days_to(date(2024, 1, 1)), never.days_since(date(2024, 1, 1))), (None, None));
    }
}
