//! Dates and times of day as exports write them.

mod clock;
#[cfg(test)]
mod tests;
mod text;

use fincoach_core::chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use clock::clock_of;
pub(crate) use clock::parse_time;

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

    /// The same with a time of day behind the date and this character, a space, a T or another mark, between.
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

    /// The order and the separator of dates that have nothing but numbers, years of four digits, and one ASCII
    /// character between.
    pub(crate) fn plain(&self) -> Option<(DateOrder, u8)> {
        let plain = (self.month, self.year, self.clock) == (Month::Number, Year::FourDigits, Clock::Without);
        let separator = u8::try_from(self.separator.filter(|_| plain)?).ok()?;
        separator.is_ascii().then_some((self.order, separator))
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
            Year::TwoDigits => digits(text, 2..=2).map(full_year),
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

/// The year of two digits, in every format: 00 to 68 are of this century, 69 to 99 of the last, as POSIX has it.
pub(crate) const fn full_year(short: u32) -> u32 {
    if short < 69 { 2000 + short } else { 1900 + short }
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

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<u32> {
    if !length.contains(&text.len()) {
        return None;
    }
    text.bytes().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
}
