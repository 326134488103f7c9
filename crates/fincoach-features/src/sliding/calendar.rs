//! Days, weekdays and months from seconds since 1970-01-01 00:00, in a few integer operations.

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// The day of a time, counted from 1970-01-01.
pub(crate) const fn day(time: i64) -> i64 {
    time.div_euclid(DAY)
}

/// The hour of a time, 0 to 23.
pub(crate) const fn hour(time: i64) -> i64 {
    time.rem_euclid(DAY) / 3600
}

/// Whether a day is a Saturday or Sunday.
pub(crate) const fn is_weekend(day: i64) -> bool {
    // Day 0 was a Thursday; Monday is 0.
    (day + 3).rem_euclid(7) >= 5
}

/// The month of a day, 0 for January to 11.
///
/// Years are taken to begin in March, which puts the leap day at their end; then months follow from the day of the
/// year alone. See Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`.
pub(crate) const fn month0(day: i64) -> usize {
    let of_era = (day + 719_468).rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    ((from_march + 2) % 12) as usize
}

#[cfg(test)]
mod tests {
    use fincoach_core::chrono::{DateTime, Datelike, Timelike};

    use super::*;

    #[test]
    fn days_have_the_months_weekdays_and_hours_of_the_calendar() {
        // 1601 to 2338, every day, at an hour that moves on.
        for n in -134_774..=134_774_i64 {
            let time = n * DAY + (n * 3571).rem_euclid(DAY);
            let date = DateTime::from_timestamp(time, 0).unwrap();
            assert_eq!(day(time), n);
            assert_eq!(month0(n), date.month0() as usize, "{date}");
            assert_eq!(is_weekend(n), date.weekday().num_days_from_monday() >= 5, "{date}");
            assert_eq!(hour(time), i64::from(date.hour()));
        }
    }
}
