//! Exact amounts of money.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An exact amount in the minor units of a currency: pence, cents, yen.
///
/// What a minor unit is, a [`Currency`](crate::Currency) says; printed without one, it is a hundredth.
///
/// Money is never a float: sums are exact and independent of their order. It becomes one only as a
/// feature or a tensor, through [`Money::to_major`].
///
/// # Examples
/// ```
/// use fincoach_core::Money;
/// let paid: Money = "15.02".parse()?;
/// assert_eq!(paid.minor(), 1502);
/// assert_eq!((paid + Money::from_minor(98)).to_string(), "16.00");
/// assert_eq!(paid.to_major(), 15.02);
/// # Ok::<(), fincoach_core::ParseMoneyError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[repr(transparent)]
pub struct Money(i64);

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// The amount of so many minor units.
    #[must_use]
    pub const fn from_minor(minor: i64) -> Self {
        Self(minor)
    }

    /// The amount in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// The amount in major units of a currency with two decimals, correctly rounded: the same `f64` as reading the
    /// printed amount gives (for amounts below 2⁵³ minor units).
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "amounts stay far below 2^53 pence")]
    pub fn to_major(self) -> f64 {
        self.0 as f64 / 100.0
    }

    /// The amount in major units of a currency that has `minor_per_major` minor units in a major one
    /// ([`Ledger::minor_per_major`](crate::Ledger::minor_per_major)); for 100 the same bits as [`Money::to_major`].
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "amounts stay far below 2^53 minor units")]
    pub fn to_major_of(self, minor_per_major: f64) -> f64 {
        self.0 as f64 / minor_per_major
    }

    /// The amount as text in a currency with so many decimals; more than 18 are taken as 18.
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::Money;
    /// let amount = Money::from_minor(-1502);
    /// assert_eq!([0, 2, 3].map(|decimals| amount.to_text(decimals)), ["-1502", "-15.02", "-1.502"]);
    /// ```
    #[must_use]
    pub fn to_text(self, decimals: u8) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (minor, width) = (self.0.unsigned_abs(), usize::from(decimals.min(18)));
        match 10_u64.pow(u32::from(decimals.min(18))) {
            1 => format!("{sign}{minor}"),
            unit => format!("{sign}{}.{:0width$}", minor / unit, minor % unit),
        }
    }

    /// The amount without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// Whether money leaves the account.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether money reaches the account.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// The sum, or `None` where it leaves the range of `i64`.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(minor) => Some(Self(minor)),
            None => None,
        }
    }
}

// Saturating, so that no input can make a library panic or wrap: 2^63 is more money than there is.
impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(2))
    }
}

/// A text that is not an amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not an amount like 12.34")]
pub struct ParseMoneyError {
    /// The text that was read.
    pub value: String,
}

impl FromStr for Money {
    type Err = ParseMoneyError;

    /// Reads `[+-]digits[.d[d]]`, through no float. More than two decimals are refused, not rounded.
    fn from_str(text: &str) -> Result<Self, ParseMoneyError> {
        parse_minor(text).map(Self).ok_or_else(|| ParseMoneyError { value: text.to_owned() })
    }
}

fn parse_minor(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.len() > 2 {
        return None;
    }
    let hundredths = if fraction.len() == 1 { digits_value(fraction)? * 10 } else { digits_value(fraction)? };
    let minor = digits_value(whole)?.checked_mul(100)?.checked_add(hundredths)?;
    Some(if negative { -minor } else { minor })
}

fn digits_value(digits: &str) -> Option<i64> {
    digits.bytes().try_fold(0_i64, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_exactly() {
        for (text, minor) in [
            ("0.5", 50),
            ("3.11", 311),
            ("1000", 100_000),
            ("-0.01", -1),
            (".5", 50),
            ("7.", 700),
            ("+2", 200),
        ] {
            assert_eq!(text.parse(), Ok(Money::from_minor(minor)), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in
            ["", ".", "-", "1.2.3", "1,000", "1.234", "£5", "1e3", " 1", "--1", "99999999999999999999", "١"]
        {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn printing_and_reading_give_the_same_amount(minor in -(1_i64 << 53)..(1_i64 << 53)) {
            let money = Money::from_minor(minor);
            prop_assert_eq!(money.to_string().parse::<Money>(), Ok(money));
        }

        #[test]
        fn the_float_is_the_one_that_reading_the_text_gives(minor in -(1_i64 << 50)..(1_i64 << 50)) {
            let money = Money::from_minor(minor);
            let read: f64 = money.to_string().parse().unwrap();
            prop_assert_eq!(money.to_major().to_bits(), if minor == 0 { 0.0_f64.to_bits() } else { read.to_bits() });
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".*") {
            let _ = text.parse::<Money>();
        }
    }
}
