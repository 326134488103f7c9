//! Exact amounts as statement files write them.

use fincoach_core::{Currency, Money};

/// The decimals of an unknown currency.
pub(super) fn decimals(currency: Option<Currency>) -> u8 {
    currency.map_or(2, Currency::decimals)
}

/// Digits before and after the mark, as minor units. Digits beyond the currency's decimals must be zeros.
pub(super) fn unsigned(whole: &str, fraction: &str, decimals: u8) -> Option<Money> {
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let places = usize::from(decimals);
    let kept = fraction.get(..places).unwrap_or(fraction);
    let beyond = fraction.get(places..).unwrap_or_default();
    if !beyond.bytes().all(|byte| byte == b'0') {
        return None;
    }
    let missing = 10_i64.checked_pow(u32::try_from(places.checked_sub(kept.len())?).ok()?)?;
    let digits = whole.bytes().chain(kept.bytes());
    let minor = digits.into_iter().try_fold(0_i64, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })?;
    minor.checked_mul(missing).map(Money::from_minor)
}

/// An amount without a sign and one mark, if any: `12.34`.
#[cfg(any(feature = "mt940", feature = "camt", feature = "ofx"))]
pub(super) fn with_mark(text: &str, mark: char, decimals: u8) -> Option<Money> {
    let (whole, fraction) = text.split_once(mark).unwrap_or((text, ""));
    unsigned(whole, fraction, decimals)
}

/// The sign and what follows it.
#[cfg(any(feature = "qif", feature = "ofx"))]
pub(super) fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// The amount with its sign.
#[cfg(any(feature = "qif", feature = "ofx", feature = "camt", feature = "mt940"))]
pub(super) fn signed(negative: bool, amount: Money) -> Money {
    if negative { -amount } else { amount }
}

/// OFX: a sign, and a point or a comma; no thousands mark.
#[cfg(feature = "ofx")]
pub(super) fn ofx(text: &str, decimals: u8) -> Option<Money> {
    let (negative, digits) = split_sign(text);
    let mark = if digits.contains(',') { ',' } else { '.' };
    with_mark(digits, mark, decimals).map(|amount| signed(negative, amount))
}

/// QIF: `-1,234.56`, or with the marks the other way about where that is the only reading.
///
/// A comma followed by three digits divides thousands; followed by one or two at the end, of a currency with two
/// decimals, it is the decimal mark. A lone point is always the decimal mark.
#[cfg(feature = "qif")]
pub(super) fn qif(text: &str, decimals: u8) -> Option<Money> {
    let (negative, digits) = split_sign(text);
    let with_point = || {
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        unsigned(&without_groups(whole, ',')?, fraction, decimals)
    };
    let with_comma = || {
        let (whole, fraction) = digits.rsplit_once(',')?;
        let sure = decimals == 2 && (1..=2).contains(&fraction.len());
        sure.then(|| unsigned(&without_groups(whole, '.')?, fraction, decimals)).flatten()
    };
    with_point().or_else(with_comma).map(|amount| signed(negative, amount))
}

/// The digits without their thousands marks; every group but the first has three digits.
#[cfg(feature = "qif")]
fn without_groups(text: &str, mark: char) -> Option<String> {
    let mut groups = text.split(mark);
    let first = groups.next()?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 || first.is_empty() || first.len() > 3 {
            return None;
        }
        digits.push_str(group);
    }
    Some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_those_of_the_currency() {
        assert_eq!(unsigned("12", "3", 2), Some(Money::from_minor(1230)));
        assert_eq!(unsigned("12", "", 0), Some(Money::from_minor(12)));
        assert_eq!(unsigned("12", "00", 0), Some(Money::from_minor(12)));
        assert_eq!(unsigned("12", "340", 2), Some(Money::from_minor(1234)));
        assert_eq!(unsigned("12", "345", 2), None);
        assert_eq!(unsigned("12", "345", 3), Some(Money::from_minor(12_345)));
        assert_eq!(unsigned("", "5", 2), Some(Money::from_minor(50)));
        for (whole, fraction) in [("", ""), ("1 ", ""), ("-1", ""), ("99999999999999999999", ""), ("1", "é0")]
        {
            assert_eq!(unsigned(whole, fraction, 2), None, "{whole}.{fraction}");
        }
    }

    #[cfg(feature = "ofx")]
    #[test]
    fn ofx_has_a_point_or_a_comma() {
        for (text, minor) in [("-12.50", -1250), ("+3", 300), ("1234,5", 123_450), (".07", 7), ("-0.00", 0)] {
            assert_eq!(ofx(text, 2), Some(Money::from_minor(minor)), "{text}");
        }
        for text in ["", "-", "1,234.50", "1.234,50", "1e3", "--1", "12.345", "$5", "1 000"] {
            assert_eq!(ofx(text, 2), None, "{text}");
        }
    }

    #[cfg(feature = "qif")]
    #[test]
    fn qif_marks_have_one_reading_or_none() {
        for (text, minor) in [
            ("-1,234.56", -123_456),
            ("1,234,567.8", 123_456_780),
            ("1,234", 123_400),
            ("12,34", 1234),
            ("1.234,56", 123_456),
            ("-0,5", -50),
            ("1234.5", 123_450),
            ("7", 700),
        ] {
            assert_eq!(qif(text, 2), Some(Money::from_minor(minor)), "{text}");
        }
        for text in ["1.234", "1,2345", "12,3456.00", "1,23,456", ",123", "1.234.567", "", "1,234,5.6", "£5"]
        {
            assert_eq!(qif(text, 2), None, "{text}");
        }
        assert_eq!(qif("1,5", 3), None);
    }
}
