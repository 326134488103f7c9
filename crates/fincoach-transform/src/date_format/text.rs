//! Date formats as texts like `dd/mm/yyyy`.

use std::fmt;
use std::str::FromStr;

use super::{Clock, DateFormat, DateOrder, Month, Year, split};
use crate::Error;

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
            let between =
                rest.chars().last().filter(|between| *between == 'T' || !between.is_alphanumeric())?;
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
