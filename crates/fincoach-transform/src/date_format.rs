//! Dates and times of day as exports write them.

use std::fmt;
use std::str::FromStr;

use fincoach_core::chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::Error;

/// The order of day, month and year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DateOrder {
    /// 25/07/2022
    DayMonthYear,
    /// 07/25/2022
    MonthDayYear,
    /// 2022-07-25
    YearMonthDay,
}

/// How the parts of a date are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Month {
    Number,
    Name,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Year {
    TwoDigits,
    FourDigits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Clock {
    Without,
    /// A time behind the date, with this character between.
    After(char),
}

/// How dates are written: the order of the parts, never guessed, and the one character between them, if any.
///
/// In files it is a text:
///
/// | text | reads |
/// | --- | --- |
/// | `dd/mm/yyyy`, `mm/dd/yyyy`, `yyyy-mm-dd`, `dd.mm.yyyy`, ... | 25/07/2022; days and months may have one digit, years have four, from 1900 to 2199 |
/// | `dd/mm/yy` | 25/07/22; years 00 to 68 are 2000 to 2068, 69 to 99 are 1969 to 1999, as POSIX has it |
/// | `yyyymmdd`, `ddmmyyyy`, `ddmmyy`, ... | 20220725; every part has all its digits |
/// | `dd mmm yyyy`, `dd-mmm-yy`, `mmm dd, yyyy` | 25 Jul 2022, 25-JUL-22, July 25, 2022: English names, short or full; a comma behind the day is optional |
/// | `yyyy-mm-dd hh:mm`, `dd/mm/yyyy hh:mm` | a time behind the date: 14:03 or 14:03:22, decimals of the second ignored, an offset such as `Z`, `+01:00`, `+0100` or `UTC` optional |
/// | `yyyy-mm-ddThh:mm` | the same with a T between |
///
/// # Examples
/// ```
/// use fincoach_core::chrono::NaiveDate;
/// use fincoach_transform::DateFormat;
/// let format: DateFormat = "dd/mm/yyyy".parse()?;
/// assert_eq!(format.parse("25/07/2022"), NaiveDate::from_ymd_opt(2022, 7, 25));
/// assert_eq!(format.parse("07/25/2022"), None);
/// let format: DateFormat = "yyyy-mm-ddThh:mm".parse()?;
/// assert_eq!(format.parse("2022-07-25T14:03:22Z"), NaiveDate::from_ymd_opt(2022, 7, 25));
/// # Ok::<(), fincoach_transform::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DateFormat {
    order: DateOrder,
    separator: Option<char>,
    month: Month,
    year: Year,
    clock: Clock,
}

impl DateFormat {
    /// `dd/mm/yyyy`.
    pub const UK: Self = Self::new(DateOrder::DayMonthYear, Some('/'));
    /// `mm/dd/yyyy`.
    pub const US: Self = Self::new(DateOrder::MonthDayYear, Some('/'));
    /// `yyyy-mm-dd`.
    pub const ISO: Self = Self::new(DateOrder::YearMonthDay, Some('-'));

    /// Dates of this order with this character between the parts, or none; months are numbers, years have four
    /// digits, no time follows.
    #[must_use]
    pub const fn new(order: DateOrder, separator: Option<char>) -> Self {
        Self { order, separator, month: Month::Number, year: Year::FourDigits, clock: Clock::Without }
    }

    /// The same with years of two digits.
    #[must_use]
    pub const fn with_two_digit_years(mut self) -> Self {
        self.year = Year::TwoDigits;
        self
    }

    /// The same with English names of months.
    #[must_use]
    pub const fn with_month_names(mut self) -> Self {
        self.month = Month::Name;
        self
    }

    /// The same with a time of day behind the date and this character, a space or a T, between.
    #[must_use]
    pub const fn with_time_after(mut self, between: char) -> Self {
        self.clock = Clock::After(between);
        self
    }

    /// The order of the parts.
    #[must_use]
    pub const fn order(&self) -> DateOrder {
        self.order
    }

    /// The character between the parts, if there is one.
    #[must_use]
    pub const fn separator(&self) -> Option<char> {
        self.separator
    }

    /// Whether a time of day follows the date.
    #[must_use]
    pub const fn has_time(&self) -> bool {
        matches!(self.clock, Clock::After(_))
    }

    /// The date a text gives, `None` where it is none in this format. A time behind it must be one, too.
    #[must_use]
    pub fn parse(&self, text: &str) -> Option<NaiveDate> {
        self.stamp(text).map(|stamp| stamp.date)
    }

    /// Date, time and offset of a text.
    pub(crate) fn stamp(&self, text: &str) -> Option<Stamp> {
        let Clock::After(between) = self.clock else {
            return Some(Stamp { date: self.date(text)?, clock: None });
        };
        // With a T or a space the date itself may hold the character, a month name or a space, so the last one
        // before the first colon counts.
        let colon = text.find(':')?;
        let (date, _) = text.get(..colon)?.rsplit_once(between)?;
        let clock = text.get(date.len() + between.len_utf8()..)?;
        Some(Stamp { date: self.date(date)?, clock: Some(clock_of(clock)?) })
    }

    fn date(&self, text: &str) -> Option<NaiveDate> {
        let [a, b, c] = match self.separator {
            Some(separator) => split(text, separator)?,
            None => self.cut(text)?,
        };
        let (day, month, year) = match self.order {
            DateOrder::DayMonthYear => (a, b, c),
            DateOrder::MonthDayYear => (b, a, c),
            DateOrder::YearMonthDay => (c, b, a),
        };
        // `Jul 25, 2022`: the comma belongs to no part.
        let day = match self.month {
            Month::Name => day.strip_suffix(',').unwrap_or(day),
            Month::Number => day,
        };
        let month = match self.month {
            Month::Number => digits(month, 1..=2)?,
            Month::Name => month_of(month)?,
        };
        NaiveDate::from_ymd_opt(i32::try_from(self.year_of(year)?).ok()?, month, digits(day, 1..=2)?)
    }

    /// The parts of a date without separators.
    fn cut<'a>(&self, text: &'a str) -> Option<[&'a str; 3]> {
        let width = |part: &str| match part {
            "y" => self.year_width(),
            "m" if self.month == Month::Name => 3,
            _ => 2,
        };
        let [a, b, c] = self.letters().map(width);
        if !text.is_ascii() || text.len() != a + b + c {
            return None;
        }
        Some([text.get(..a)?, text.get(a..a + b)?, text.get(a + b..)?])
    }

    const fn letters(&self) -> [&'static str; 3] {
        match self.order {
            DateOrder::DayMonthYear => ["d", "m", "y"],
            DateOrder::MonthDayYear => ["m", "d", "y"],
            DateOrder::YearMonthDay => ["y", "m", "d"],
        }
    }

    const fn year_width(&self) -> usize {
        match self.year {
            Year::TwoDigits => 2,
            Year::FourDigits => 4,
        }
    }

    fn year_of(&self, text: &str) -> Option<u32> {
        match self.year {
            Year::FourDigits => digits(text, 4..=4).filter(|year| (1900..2200).contains(year)),
            Year::TwoDigits => {
                digits(text, 2..=2).map(|year| if year < 69 { 2000 + year } else { 1900 + year })
            }
        }
    }
}

/// Date and, where the format has one, time of day and offset of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) date: NaiveDate,
    /// Time of day, and seconds east of UTC where they are told.
    pub(crate) clock: Option<(NaiveTime, Option<i32>)>,
}

fn split(text: &str, separator: char) -> Option<[&str; 3]> {
    let mut parts = text.split(separator);
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(three)
}

/// The number of an English month, its first three letters or all.
fn month_of(text: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let text = text.strip_suffix('.').unwrap_or(text);
    let is = |name: &&str| {
        let short = name.get(..3).is_some_and(|short| short.eq_ignore_ascii_case(text));
        short
            || name.eq_ignore_ascii_case(text)
            || (*name == "september" && text.eq_ignore_ascii_case("sept"))
    };
    (1..).zip(NAMES).find(|(_, name)| is(name)).map(|(number, _)| number)
}

/// A time of day with perhaps decimals of the second and an offset.
fn clock_of(text: &str) -> Option<(NaiveTime, Option<i32>)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(text.len());
    let (time, mut rest) = text.split_at_checked(end)?;
    if let Some(decimals) = rest.strip_prefix('.') {
        let end = decimals.find(|c: char| !c.is_ascii_digit()).unwrap_or(decimals.len());
        rest = decimals.get(end..).filter(|_| end > 0)?;
    }
    Some((parse_time(time)?, offset_of(rest.trim_start())?))
}

/// Seconds east of UTC; the outer `None` for what is no offset.
fn offset_of(text: &str) -> Option<Option<i32>> {
    let (sign, digits_of) = match text.as_bytes().first() {
        None => return Some(None),
        Some(b'+') => (1, text.get(1..)?),
        Some(b'-') => (-1, text.get(1..)?),
        Some(_) => return matches!(text, "Z" | "z" | "UTC" | "GMT").then_some(Some(0)),
    };
    let (hours, minutes) = digits_of.split_once(':').or_else(|| digits_of.split_at_checked(2))?;
    let minutes = if minutes.is_empty() { 0 } else { digits(minutes, 2..=2)? };
    let hours = digits(hours, 2..=2).filter(|hours| *hours <= 14 && minutes < 60)?;
    Some(Some(sign * i32::try_from(hours * 3600 + minutes * 60).ok()?))
}

impl fmt::Display for DateFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let month = if self.month == Month::Name { "mmm" } else { "mm" };
        let year = if self.year == Year::TwoDigits { "yy" } else { "yyyy" };
        let comma =
            self.month == Month::Name && self.order == DateOrder::MonthDayYear && self.separator == Some(' ');
        for (place, letter) in self.letters().into_iter().enumerate() {
            if let Some(separator) = self.separator.filter(|_| place > 0) {
                write!(f, "{separator}")?;
            }
            match letter {
                "d" if comma => f.write_str("dd,")?,
                "d" => f.write_str("dd")?,
                "m" => f.write_str(month)?,
                _ => f.write_str(year)?,
            }
        }
        match self.clock {
            Clock::Without => Ok(()),
            Clock::After(between) => write!(f, "{between}hh:mm"),
        }
    }
}

impl FromStr for DateFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        format_of(text).ok_or_else(|| Error::DateFormat { text: text.to_owned() })
    }
}

fn format_of(text: &str) -> Option<DateFormat> {
    let time = text.strip_suffix(":ss").unwrap_or(text).strip_suffix("hh:mm");
    let (date, clock) = match time {
        Some(rest) => {
            let between = rest.chars().last().filter(|between| matches!(between, ' ' | 'T'))?;
            (rest.strip_suffix(between)?, Clock::After(between))
        }
        None => (text, Clock::Without),
    };
    let separator = date.chars().find(|character| !character.is_alphanumeric());
    let parts = match separator {
        Some(separator) => split(date, separator)?,
        None => split_letters(date)?,
    };
    let kind = |part: &str| part.chars().next().unwrap_or(' ');
    let order = match parts.map(kind) {
        ['d', 'm', 'y'] => DateOrder::DayMonthYear,
        ['m', 'd', 'y'] => DateOrder::MonthDayYear,
        ['y', 'm', 'd'] => DateOrder::YearMonthDay,
        _ => return None,
    };
    let mut format = DateFormat { clock, ..DateFormat::new(order, separator) };
    for part in parts {
        match part {
            "dd" | "mm" | "yyyy" => {}
            "dd," if separator == Some(' ') => {}
            "yy" => format.year = Year::TwoDigits,
            "mmm" => format.month = Month::Name,
            _ => return None,
        }
    }
    Some(format)
}

/// The three runs of equal letters.
fn split_letters(text: &str) -> Option<[&str; 3]> {
    let end = |text: &str| {
        let first = text.chars().next();
        text.find(|letter| Some(letter) != first).unwrap_or(text.len())
    };
    let (a, rest) = text.split_at_checked(end(text))?;
    let (b, c) = rest.split_at_checked(end(rest))?;
    Some([a, b, c])
}

impl TryFrom<String> for DateFormat {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<DateFormat> for String {
    fn from(format: DateFormat) -> Self {
        format.to_string()
    }
}

/// The time of day in `HH:MM` or `HH:MM:SS`.
pub(crate) fn parse_time(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':');
    let hour = digits(parts.next()?, 1..=2)?;
    let minute = digits(parts.next()?, 2..=2)?;
    let second = parts.next().map_or(Some(0), |second| digits(second, 2..=2))?;
    if parts.next().is_some() {
        return None;
    }
    NaiveTime::from_hms_opt(hour, minute, second)
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<u32> {
    if !length.contains(&text.len()) {
        return None;
    }
    text.bytes().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "25/07",
            "25/07/22",
            "31/02/2022",
            "00/01/2022",
            "25-07-2022",
            "25/07/2022 ",
            "25/07/20222",
            "a5/07/2022",
            "25/07/2022/1",
            "25/07/1899",
            "25/07/2200",
            "25/07/9999",
            "+5/07/2022",
            "２５/07/2022",
        ] {
            assert_eq!(DateFormat::UK.parse(text), None, "{text}");
        }
        assert!(DateFormat::UK.parse("5/7/2022").is_some());
        assert!(DateFormat::UK.parse("29/02/2024").is_some());
    }

    #[test]
    fn formats_are_read_as_they_are_written() {
        for text in [
            "dd/mm/yyyy",
            "mm/dd/yyyy",
            "yyyy-mm-dd",
            "dd.mm.yyyy",
            "yyyymmdd",
            "ddmmyy",
            "dd mmm yyyy",
            "dd-mmm-yy",
            "mmm dd, yyyy",
            "yyyy-mm-dd hh:mm",
            "yyyy-mm-ddThh:mm",
            "dd mmm yyyy hh:mm",
        ] {
            let format: DateFormat = text.parse().unwrap();
            assert_eq!(format.to_string(), text);
            let json = serde_json::to_string(&format).unwrap();
            assert_eq!(serde_json::from_str::<DateFormat>(&json).unwrap(), format);
        }
        for text in [
            "",
            "ddmm",
            "dd/mm",
            "dd/mm-yyyy",
            "yy/dd/mm",
            "dd/mm/yyyy/",
            "dd/dd/yyyy",
            "dd/mm/yyyyhh:mm",
            "d/m/y",
        ] {
            assert!(matches!(text.parse::<DateFormat>(), Err(Error::DateFormat { .. })), "{text}");
        }
    }

    #[test]
    fn times_of_day_have_minutes_and_perhaps_seconds() {
        assert_eq!(parse_time("09:05"), NaiveTime::from_hms_opt(9, 5, 0));
        assert_eq!(parse_time("23:59:59"), NaiveTime::from_hms_opt(23, 59, 59));
        for text in ["", "9", "24:00", "12:60", "12:5", "12:00:60", "12:00:00:00", "12.00"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_date_comes_back(days in 0_u64..109_573) {
            let date = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + fincoach_core::chrono::Days::new(days);
            prop_assert_eq!(DateFormat::UK.parse(&date.format("%d/%m/%Y").to_string()), Some(date));
            prop_assert_eq!(DateFormat::ISO.parse(&date.format("%Y-%m-%d").to_string()), Some(date));
        }

        #[test]
        fn no_text_makes_the_parsers_panic(text in "[0-9/:é-]{0,12}") {
            let _ = (DateFormat::UK.parse(&text), DateFormat::ISO.parse(&text), parse_time(&text));
            let _ = text.parse::<DateFormat>();
        }
    }
}
