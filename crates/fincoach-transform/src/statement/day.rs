//! Dates and times as statement files write them.

use fincoach_core::TimePrecision;
use fincoach_core::chrono::{NaiveDate, NaiveDateTime, NaiveTime};

#[cfg(feature = "mt940")]
use crate::date_format::full_year;

/// A time and how exactly it is known.
pub(super) type Moment = (NaiveDateTime, TimePrecision);

/// The number that 1 to 9 digits stand for.
pub(super) fn number(digits: &str) -> Option<u32> {
    let plain = !digits.is_empty() && digits.len() < 10 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// A day without a time.
pub(super) fn whole_day(date: NaiveDate) -> Moment {
    (date.and_time(NaiveTime::MIN), TimePrecision::Day)
}

/// A date of the years 1900 to 2199.
pub(super) fn date(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    let year = i32::try_from(year).ok().filter(|year| (1900..2200).contains(year))?;
    NaiveDate::from_ymd_opt(year, month, day)
}

/// `YYYYMMDD` at the start of a text.
#[cfg(feature = "ofx")]
pub(super) fn compact_date(text: &str) -> Option<NaiveDate> {
    date(number(text.get(..4)?)?, number(text.get(4..6)?)?, number(text.get(6..8)?)?)
}

/// `HHMMSS` or `HH:MM:SS` of separate parts; a leap second is the second before it.
#[cfg(any(feature = "ofx", feature = "camt"))]
pub(super) fn time(hour: &str, minute: &str, second: &str) -> Option<NaiveTime> {
    NaiveTime::from_hms_opt(number(hour)?, number(minute)?, number(second)?.min(59))
}

/// OFX: `YYYYMMDD`, `YYYYMMDDHHMM[SS]`, then `.XXX` and `[-5:EST]`. The time is the local one that is written.
#[cfg(feature = "ofx")]
pub(super) fn ofx(text: &str) -> Option<Moment> {
    let (written, zone) = text.split_once('[').unwrap_or((text, "]"));
    let (whole, fraction) = written.trim_end().split_once('.').unwrap_or((written.trim_end(), "0"));
    if !zone.ends_with(']') || number(fraction).is_none() {
        return None;
    }
    let date = compact_date(whole)?;
    match whole.len() {
        8 => Some(whole_day(date)),
        12 | 14 => {
            let second = whole.get(12..).filter(|second| !second.is_empty()).unwrap_or("00");
            let time = time(whole.get(8..10)?, whole.get(10..12)?, second)?;
            Some((date.and_time(time), TimePrecision::Second))
        }
        _ => None,
    }
}

/// `YYYY-MM-DD`, with or without a time zone behind it.
#[cfg(feature = "camt")]
pub(super) fn iso_date(text: &str) -> Option<NaiveDate> {
    let zone = text.get(10..)?;
    let known = zone.is_empty() || zone == "Z" || zone.starts_with(['+', '-']) && zone.len() == 6;
    let dashes = text.get(4..5)? == "-" && text.get(7..8)? == "-";
    let parts = (number(text.get(..4)?)?, number(text.get(5..7)?)?, number(text.get(8..10)?)?);
    (known && dashes).then(|| date(parts.0, parts.1, parts.2)).flatten()
}

/// `YYYY-MM-DDTHH:MM:SS`, with or without a fraction and a zone. The time is the local one that is written.
#[cfg(feature = "camt")]
pub(super) fn iso_time(text: &str) -> Option<Moment> {
    let (day, clock) = text.split_once('T')?;
    let date = iso_date(day).filter(|_| day.len() == 10)?;
    let marks = clock.get(2..3)? == ":" && clock.get(5..6)? == ":";
    let rest = clock.get(8..)?;
    let known = rest.is_empty() || rest.starts_with(['Z', '.', '+', '-']);
    let time = time(clock.get(..2)?, clock.get(3..5)?, clock.get(6..8)?)?;
    (marks && known).then(|| (date.and_time(time), TimePrecision::Second))
}

/// `YYMMDD` at the start of a text.
#[cfg(feature = "mt940")]
pub(super) fn swift(text: &str) -> Option<NaiveDate> {
    date(full_year(number(text.get(..2)?)?), number(text.get(2..4)?)?, number(text.get(4..6)?)?)
}

/// The day `MMDD` that is nearest to another one: the year is not written, and it may be the year before or
/// after around New Year. The earlier one where two are as near.
#[cfg(feature = "mt940")]
pub(super) fn nearest(month_day: &str, to: NaiveDate) -> Option<NaiveDate> {
    use fincoach_core::chrono::Datelike;
    let (month, day) = (number(month_day.get(..2)?)?, number(month_day.get(2..4)?)?);
    let year = u32::try_from(to.year()).ok()?;
    (year - 1..=year + 1)
        .filter_map(|year| date(year, month, day))
        .min_by_key(|candidate| (*candidate - to).num_days().abs())
}

#[cfg(test)]
#[cfg(all(feature = "ofx", feature = "camt", feature = "mt940"))]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn ofx_times_are_read_as_written() {
        let noon = (day(2024, 3, 1).and_hms_opt(12, 0, 5).unwrap(), TimePrecision::Second);
        for text in
            ["20240301120005", "20240301120005.123", "20240301120005[-5:EST]", "20240301120005.0[0:GMT]"]
        {
            assert_eq!(ofx(text), Some(noon), "{text}");
        }
        assert_eq!(ofx("20240301"), Some(whole_day(day(2024, 3, 1))));
        assert_eq!(ofx("202403011200").unwrap().0, day(2024, 3, 1).and_hms_opt(12, 0, 0).unwrap());
        for text in [
            "",
            "2024030",
            "20240230",
            "2024030112",
            "20240301250000",
            "20240301[-5",
            "20240301x",
            "2024é301",
        ] {
            assert_eq!(ofx(text), None, "{text}");
        }
    }

    #[test]
    fn iso_dates_and_times_are_read_as_written() {
        for text in ["2024-03-01", "2024-03-01Z", "2024-03-01+01:00"] {
            assert_eq!(iso_date(text), Some(day(2024, 3, 1)), "{text}");
        }
        let moment = Some((day(2024, 3, 1).and_hms_opt(9, 30, 0).unwrap(), TimePrecision::Second));
        for text in ["2024-03-01T09:30:00", "2024-03-01T09:30:00.000+01:00", "2024-03-01T09:30:00Z"] {
            assert_eq!(iso_time(text), moment, "{text}");
        }
        for text in ["2024-3-1", "2024/03/01", "01-03-2024", "2024-03-01x", "2024-02-30", "é024-03-01"] {
            assert_eq!(iso_date(text), None, "{text}");
        }
        assert_eq!(iso_time("2024-03-01 09:30:00"), None);
        assert_eq!(iso_time("2024-03-01T9:30:00"), None);
    }

    #[test]
    fn an_entry_date_lies_near_its_value_date() {
        assert_eq!(nearest("0102", day(2023, 12, 31)), Some(day(2024, 1, 2)));
        assert_eq!(nearest("1230", day(2024, 1, 1)), Some(day(2023, 12, 30)));
        assert_eq!(nearest("0229", day(2023, 12, 1)), Some(day(2024, 2, 29)));
        assert_eq!(nearest("0230", day(2024, 2, 28)), None);
        assert_eq!(swift("991231"), Some(day(1999, 12, 31)));
        assert_eq!(swift("240101"), Some(day(2024, 1, 1)));
        // As in delimited exports.
        assert_eq!(swift("690101"), Some(day(1969, 1, 1)));
        assert_eq!(swift("680101"), Some(day(2068, 1, 1)));
    }
}
