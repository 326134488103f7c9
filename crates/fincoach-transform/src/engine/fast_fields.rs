//! Amounts and dates in their most common forms, read from bytes.
//!
//! `None` means only that the form is not the common one: the general parsers decide.

use fincoach_core::chrono::{NaiveDate, NaiveTime};

use crate::{DateFormat, DateOrder};

/// The amount in hundredths of `12`, `12.3`, `12.34` and, with a minus before it, `-12.34`.
#[inline]
pub(super) fn amount(text: &[u8]) -> Option<i64> {
    match text {
        [b'-', digits @ ..] => unsigned_amount(digits).map(|minor| -minor),
        digits => unsigned_amount(digits),
    }
}

/// The same without a sign.
#[inline]
pub(super) fn unsigned_amount(text: &[u8]) -> Option<i64> {
    // Fifteen digits never leave the range of i64.
    if text.is_empty() || text.len() > 15 {
        return None;
    }
    let mut minor = 0_i64;
    for (at, byte) in text.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return if *byte == b'.' && at > 0 { with_fraction(minor, &text[at + 1..]) } else { None };
        }
        minor = minor * 10 + i64::from(digit);
    }
    Some(minor * 100)
}

#[inline]
fn with_fraction(whole: i64, fraction: &[u8]) -> Option<i64> {
    let digit = |byte: u8| Some(byte.wrapping_sub(b'0')).filter(|digit| *digit <= 9).map(i64::from);
    match fraction {
        [a, b] => Some(whole * 100 + digit(*a)? * 10 + digit(*b)?),
        [a] => Some(whole * 100 + digit(*a)? * 10),
        _ => None,
    }
}

/// Dates of ten characters; the last one is remembered, as most rows have the date of the row before.
#[derive(Debug)]
pub(super) struct FastDates {
    order: DateOrder,
    separator: u8,
    last: [u8; 10],
    last_midnight: i64,
}

impl FastDates {
    /// For formats of nothing but numbers.
    pub(super) fn of(format: DateFormat) -> Option<Self> {
        let (order, separator) = format.plain()?;
        // No text has these bytes.
        Some(Self { order, separator, last: [0xff; 10], last_midnight: 0 })
    }

    /// Seconds from 1970 to the midnight the date begins at.
    #[inline]
    pub(super) fn midnight(&mut self, text: &[u8]) -> Option<i64> {
        let text: &[u8; 10] = text.try_into().ok()?;
        if *text != self.last {
            self.last_midnight = self.parse(text)?;
            self.last = *text;
        }
        Some(self.last_midnight)
    }

    fn parse(&self, text: &[u8; 10]) -> Option<i64> {
        let [a, b, c, d, e, f, g, h, i, j] = *text;
        let (first, second, [y0, y1, y2, y3], separators) = match self.order {
            DateOrder::DayMonthYear | DateOrder::MonthDayYear => ([a, b], [d, e], [g, h, i, j], [c, f]),
            DateOrder::YearMonthDay => ([i, j], [f, g], [a, b, c, d], [e, h]),
        };
        if separators != [self.separator; 2] {
            return None;
        }
        let (day, month) =
            if self.order == DateOrder::MonthDayYear { (second, first) } else { (first, second) };
        let year = two_digits([y0, y1])? * 100 + two_digits([y2, y3])?;
        if !(1900..2200).contains(&year) {
            return None;
        }
        let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, two_digits(month)?, two_digits(day)?)?;
        Some(date.and_time(NaiveTime::MIN).and_utc().timestamp())
    }
}

#[inline]
fn two_digits([tens, ones]: [u8; 2]) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then_some(u32::from(tens) * 10 + u32::from(ones))
}

/// The text without spaces at its ends.
#[inline]
pub(super) fn trimmed(text: &[u8]) -> &[u8] {
    let plain = |byte: &u8| (b'!'..=b'~').contains(byte);
    match (text.first(), text.last()) {
        (Some(first), Some(last)) if plain(first) && plain(last) => text,
        _ => std::str::from_utf8(text).unwrap_or_default().trim().as_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::Money;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What is read fast is what the general parser reads.
        #[test]
        fn amounts_agree_with_the_general_parser(text in "[-+]?[0-9.]{0,17}", any in ".{0,6}") {
            for text in [text, any] {
                if let Some(minor) = amount(text.as_bytes()) {
                    prop_assert_eq!(text.parse::<Money>().map(Money::minor), Ok(minor));
                }
            }
        }

        #[test]
        fn dates_agree_with_the_general_parser(
            a in 0_u32..40, b in 0_u32..40, year in 1890_u32..2210, separator in prop::sample::select(vec!['/', '-', 'x']),
        ) {
            for format in ["dd/mm/yyyy", "mm/dd/yyyy", "yyyy/mm/dd"] {
                let format: DateFormat = format.parse().unwrap();
                let mut dates = FastDates::of(format).unwrap();
                for text in [
                    format!("{a:02}{separator}{b:02}{separator}{year}"),
                    format!("{year}{separator}{a:02}{separator}{b:02}"),
                ] {
                    let expected = format.parse(&text).map(|date| date.and_time(NaiveTime::MIN).and_utc().timestamp());
                    prop_assert_eq!(dates.midnight(text.as_bytes()), expected);
                    prop_assert_eq!(dates.midnight(text.as_bytes()), expected);
                }
            }
        }

        #[test]
        fn trimming_is_that_of_texts(text in "[ \t\u{a0}ab\u{1f}é]{0,6}") {
            prop_assert_eq!(trimmed(text.as_bytes()), text.trim().as_bytes());
        }
    }

    #[test]
    fn common_amounts_are_read_fast() {
        for (text, minor) in [("0", 0), ("15.02", 1502), ("-0.5", -50), ("1234567", 123_456_700)] {
            assert_eq!(amount(text.as_bytes()), Some(minor));
        }
    }
}
