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

/// How dates are written: the order of the parts, never guessed, and the one character between them.
///
/// Days and months have one or two digits, years four, from 1900 to 2199. In files it is a text like
/// `dd/mm/yyyy`.
///
/// # Examples
/// ```
/// use fincoach_core::chrono::NaiveDate;
/// use fincoach_transform::DateFormat;
/// let format: DateFormat = "dd/mm/yyyy".parse()?;
/// assert_eq!(format.parse("25/07/2022"), NaiveDate::from_ymd_opt(2022, 7, 25));
/// assert_eq!(format.parse("07/25/2022"), None);
/// # Ok::<(), fincoach_transform::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DateFormat {
    order: DateOrder,
    separator: char,
}

impl DateFormat {
    /// `dd/mm/yyyy`.
    pub const UK: Self = Self { order: DateOrder::DayMonthYear, separator: '/' };
    /// `yyyy-mm-dd`.
    pub const ISO: Self = Self { order: DateOrder::YearMonthDay, separator: '-' };

    /// The order of the parts.
    #[must_use]
    pub const fn order(&self) -> DateOrder {
        self.order
    }

    /// The character between the parts.
    #[must_use]
    pub const fn separator(&self) -> char {
        self.separator
    }

    /// The date a text gives, `None` where it is none in this format.
    #[must_use]
    pub fn parse(&self, text: &str) -> Option<NaiveDate> {
        let mut parts = text.split(self.separator);
        let [a, b, c] = [parts.next()?, parts.next()?, parts.next()?];
        if parts.next().is_some() {
            return None;
        }
        let (day, month, year) = match self.order {
            DateOrder::DayMonthYear => (a, b, c),
            DateOrder::MonthDayYear => (b, a, c),
            DateOrder::YearMonthDay => (c, b, a),
        };
        let year = digits(year, 4..=4).filter(|year| (1900..2200).contains(year))?;
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, digits(month, 1..=2)?, digits(day, 1..=2)?)
    }
}

impl fmt::Display for DateFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = match self.order {
            DateOrder::DayMonthYear => ["dd", "mm", "yyyy"],
            DateOrder::MonthDayYear => ["mm", "dd", "yyyy"],
            DateOrder::YearMonthDay => ["yyyy", "mm", "dd"],
        };
        let [a, b, c] = parts;
        let separator = self.separator;
        write!(f, "{a}{separator}{b}{separator}{c}")
    }
}

impl FromStr for DateFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let separator = text.chars().find(|character| !character.is_alphanumeric());
        let format = separator.and_then(|separator| {
            let parts: Vec<&str> = text.split(separator).collect();
            let order = match parts.as_slice() {
                ["dd", "mm", "yyyy"] => DateOrder::DayMonthYear,
                ["mm", "dd", "yyyy"] => DateOrder::MonthDayYear,
                ["yyyy", "mm", "dd"] => DateOrder::YearMonthDay,
                _ => return None,
            };
            Some(Self { order, separator })
        });
        format.ok_or_else(|| Error::DateFormat { text: text.to_owned() })
    }
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
        for text in ["dd/mm/yyyy", "mm/dd/yyyy", "yyyy-mm-dd", "dd.mm.yyyy"] {
            let format: DateFormat = text.parse().unwrap();
            assert_eq!(format.to_string(), text);
            let json = serde_json::to_string(&format).unwrap();
            assert_eq!(serde_json::from_str::<DateFormat>(&json).unwrap(), format);
        }
        for text in ["", "ddmmyyyy", "dd/mm", "dd/mm-yyyy", "yy/mm/dd", "dd/mm/yyyy/"] {
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
