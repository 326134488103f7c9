//! Bank holidays of England and Wales, from the rules.

use fincoach_core::chrono::{Datelike, Days, NaiveDate, Weekday};

/// The bank holidays of England and Wales in a year, in order of date.
///
/// By rule: New Year's Day (from 1974), Good Friday, Easter Monday, the first Monday of May (from 1978), the
/// last Monday of May (from 1971), the last Monday of August (from 1971), Christmas Day and Boxing Day; a
/// fixed date on a weekend moves to the next working day. By proclamation: the days moved in 1995, 2002, 2012,
/// 2020 and 2022, and the single days of 1977, 1981, 1999, 2002, 2011, 2012, 2022 (two) and 2023. Later
/// proclamations are not known here. Before 1971 the list is that of the rules and not to be relied on.
///
/// # Examples
/// ```
/// use fincoach_forecast::bank_holidays;
/// let days: Vec<String> = bank_holidays(2022).iter().map(ToString::to_string).collect();
/// assert_eq!(days[..4], ["2022-01-03", "2022-04-15", "2022-04-18", "2022-05-02"]);
/// assert_eq!(days[4..], ["2022-06-02", "2022-06-03", "2022-08-29", "2022-09-19", "2022-12-26", "2022-12-27"]);
/// ```
#[must_use]
pub fn bank_holidays(year: i32) -> Vec<NaiveDate> {
    let mut days = Vec::with_capacity(10);
    days.extend(if year >= 1974 { substitute(year, 1, 1, &[]) } else { None });
    let easter = easter_sunday(year);
    days.extend(easter.and_then(|day| day.checked_sub_days(Days::new(2))));
    days.extend(easter.and_then(|day| day.checked_add_days(Days::new(1))));
    days.extend(first_of_may(year));
    days.extend(moved(year).or_else(|| last_monday(year, 5)));
    days.extend(last_monday(year, 8));
    let christmas = substitute(year, 12, 25, &[]);
    days.extend(christmas);
    days.extend(substitute(year, 12, 26, christmas.as_slice()));
    days.extend(single(year).iter().filter_map(|(month, day)| NaiveDate::from_ymd_opt(year, *month, *day)));
    days.sort_unstable();
    days
}

/// Whether a day is a bank holiday in England and Wales.
#[must_use]
pub fn is_bank_holiday(date: NaiveDate) -> bool {
    bank_holidays(date.year()).contains(&date)
}

/// The early May holiday: for the 50th and the 75th anniversary of the end of the war on the 8th.
fn first_of_may(year: i32) -> Option<NaiveDate> {
    match year {
        ..1978 => None,
        1995 | 2020 => NaiveDate::from_ymd_opt(year, 5, 8),
        _ => NaiveDate::from_weekday_of_month_opt(year, 5, Weekday::Mon, 1),
    }
}

/// The spring holiday of jubilee years.
fn moved(year: i32) -> Option<NaiveDate> {
    match year {
        2002 | 2012 => NaiveDate::from_ymd_opt(year, 6, 4),
        2022 => NaiveDate::from_ymd_opt(year, 6, 2),
        _ => None,
    }
}

/// Jubilees, royal weddings, the eve of 2000, a funeral and a coronation.
const fn single(year: i32) -> &'static [(u32, u32)] {
    match year {
        1977 => &[(6, 7)],
        1981 => &[(7, 29)],
        1999 => &[(12, 31)],
        2002 => &[(6, 3)],
        2011 => &[(4, 29)],
        2012 => &[(6, 5)],
        2022 => &[(6, 3), (9, 19)],
        2023 => &[(5, 8)],
        _ => &[],
    }
}

/// A fixed date, or the next day that is neither on a weekend nor taken.
fn substitute(year: i32, month: u32, day: u32, taken: &[NaiveDate]) -> Option<NaiveDate> {
    let is_free = |date: &NaiveDate| date.weekday().num_days_from_monday() < 5 && !taken.contains(date);
    NaiveDate::from_ymd_opt(year, month, day)?.iter_days().find(is_free)
}

fn last_monday(year: i32, month: u32) -> Option<NaiveDate> {
    let fifth = NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Mon, 5);
    fifth.or_else(|| NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Mon, 4))
}

/// Easter Sunday of the Gregorian calendar (the anonymous rule in Meeus, *Astronomical Algorithms*, ch. 8).
pub(super) fn easter_sunday(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e, f) = (b / 4, b % 4, (b + 8) / 25);
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(n / 31).ok()?, u32::try_from(n % 31 + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(year: i32) -> Vec<(u32, u32)> {
        bank_holidays(year).iter().map(|date| (date.month(), date.day())).collect()
    }

    #[test]
    fn the_days_are_those_the_government_lists() {
        assert_eq!(days(2024), [(1, 1), (3, 29), (4, 1), (5, 6), (5, 27), (8, 26), (12, 25), (12, 26)]);
        assert_eq!(days(2021), [(1, 1), (4, 2), (4, 5), (5, 3), (5, 31), (8, 30), (12, 27), (12, 28)]);
        assert_eq!(days(2020), [(1, 1), (4, 10), (4, 13), (5, 8), (5, 25), (8, 31), (12, 25), (12, 28)]);
        assert_eq!(days(2016), [(1, 1), (3, 25), (3, 28), (5, 2), (5, 30), (8, 29), (12, 26), (12, 27)]);
        assert_eq!(days(1998), [(1, 1), (4, 10), (4, 13), (5, 4), (5, 25), (8, 31), (12, 25), (12, 28)]);
        assert!(is_bank_holiday(NaiveDate::from_ymd_opt(2023, 5, 8).unwrap()));
        assert!(!is_bank_holiday(NaiveDate::from_ymd_opt(2023, 5, 9).unwrap()));
    }

    #[test]
    fn easter_is_where_the_tables_have_it() {
        for (year, month, day) in [(1818, 3, 22), (1943, 4, 25), (1997, 3, 30), (2000, 4, 23), (2038, 4, 25)]
        {
            assert_eq!(easter_sunday(year), NaiveDate::from_ymd_opt(year, month, day));
        }
    }
}
