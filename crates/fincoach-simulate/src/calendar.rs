//! Working days and months.

use fincoach_core::chrono::{Datelike, Days, NaiveDate, Weekday};

/// Which working day stands in for a day off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shift {
    /// The one before: wages.
    Back,
    /// The one after: direct debits and standing orders.
    Forward,
}

pub(crate) fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The date itself or, on a weekend, the working day beside it.
pub(crate) fn working_day(date: NaiveDate, shift: Shift) -> NaiveDate {
    let (saturday, sunday) = match shift {
        Shift::Back => (-1, -2),
        Shift::Forward => (2, 1),
    };
    match date.weekday() {
        Weekday::Sat => plus(date, saturday),
        Weekday::Sun => plus(date, sunday),
        _ => date,
    }
}

/// The date `days` later; the last date there is where the calendar ends.
pub(crate) fn plus(date: NaiveDate, days: i64) -> NaiveDate {
    let moved = if days < 0 {
        date.checked_sub_days(Days::new(days.unsigned_abs()))
    } else {
        date.checked_add_days(Days::new(days.unsigned_abs()))
    };
    moved.unwrap_or(NaiveDate::MAX)
}

/// Months since year 0.
pub(crate) fn month_number(date: NaiveDate) -> i32 {
    date.year() * 12 + date.month0().cast_signed()
}

/// The given day of a month, or the month's last where it is shorter.
pub(crate) fn day_of_month(month: i32, day: u32) -> NaiveDate {
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12).unsigned_abs() + 1);
    (28..=day.max(28))
        .rev()
        .chain(std::iter::once(day))
        .filter(|candidate| *candidate <= day)
        .find_map(|candidate| NaiveDate::from_ymd_opt(year, month, candidate))
        .unwrap_or(NaiveDate::MAX)
}

/// The date `months` later, on the same day or the month's last.
pub(crate) fn plus_months(date: NaiveDate, months: u32) -> NaiveDate {
    day_of_month(month_number(date).saturating_add_unsigned(months), date.day())
}

/// Seconds from 1970-01-01 00:00 to the date's midnight.
pub(crate) fn midnight(date: NaiveDate) -> i64 {
    date.and_time(fincoach_core::chrono::NaiveTime::MIN).and_utc().timestamp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn wages_move_back_and_debits_forward_off_a_weekend() {
        let (saturday, sunday, monday) = (date(2023, 1, 28), date(2023, 1, 29), date(2023, 1, 30));
        assert_eq!(working_day(saturday, Shift::Back), date(2023, 1, 27));
        assert_eq!(working_day(sunday, Shift::Back), date(2023, 1, 27));
        assert_eq!(working_day(saturday, Shift::Forward), monday);
        assert_eq!(working_day(sunday, Shift::Forward), monday);
        assert_eq!(working_day(monday, Shift::Back), monday);
    }

    #[test]
    fn a_short_month_ends_on_its_last_day() {
        assert_eq!(day_of_month(2023 * 12 + 1, 31), date(2023, 2, 28));
        assert_eq!(day_of_month(2024 * 12 + 1, 31), date(2024, 2, 29));
        assert_eq!(day_of_month(2024 * 12, 5), date(2024, 1, 5));
        assert_eq!(plus_months(date(2023, 1, 31), 13), date(2024, 2, 29));
        assert_eq!(plus_months(date(2023, 12, 1), 1), date(2024, 1, 1));
    }
}
