//! Numbers as people read them.

/// How numbers on axes and bars are written.
///
/// # Examples
/// ```
/// use fincoach_report::NumberFormat;
/// assert_eq!(NumberFormat::money("£").write(-1234.5), "-£1,234.50");
/// assert_eq!(NumberFormat::Percent.write(0.256), "25.6 %");
/// assert_eq!(NumberFormat::Decimals(3).write(0.5), "0.500");
/// assert_eq!(NumberFormat::Plain.write(1234567.0), "1,234,567");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NumberFormat {
    /// Four significant digits at most after the point, thousands separated, powers of ten for the very large and
    /// small.
    #[default]
    Plain,
    /// So many digits after the point, thousands separated.
    Decimals(u8),
    /// Money with its sign or letters in front, two digits after the point.
    Money(String),
    /// A share: 0.256 is `25.6 %`.
    Percent,
}

impl NumberFormat {
    /// Money in the currency of this sign, for example `£`.
    #[must_use]
    pub fn money(currency: impl Into<String>) -> Self {
        Self::Money(currency.into())
    }

    /// One number.
    #[must_use]
    pub fn write(&self, value: f64) -> String {
        match self {
            Self::Plain => plain(value),
            Self::Decimals(decimals) => separated(value, usize::from(*decimals)),
            Self::Money(currency) => with_currency(currency, separated(value, 2)),
            Self::Percent => format!("{} %", separated(value * 100.0, 1)),
        }
    }

    /// A number on an axis whose ticks are `step` apart: as many decimals as the step has.
    pub(crate) fn tick(&self, value: f64, step: f64) -> String {
        let value = if value.abs() < step * 1e-6 { 0.0 } else { value };
        match self {
            Self::Money(currency) => with_currency(currency, separated(value, decimals_of(step))),
            Self::Percent => format!("{} %", separated(value * 100.0, decimals_of(step * 100.0))),
            _ => separated(value, decimals_of(step)),
        }
    }
}

fn with_currency(currency: &str, number: String) -> String {
    match number.strip_prefix('-') {
        Some(digits) => format!("-{currency}{digits}"),
        None => format!("{currency}{number}"),
    }
}

fn decimals_of(step: f64) -> usize {
    // A hair is added so that 0.001, whose logarithm may fall just short of -3, has 3 decimals.
    (0..12)
        .find(|decimals| step >= 10.0_f64.powi(-decimals) * (1.0 - 1e-9))
        .map_or(12, |decimals| decimals as usize)
}

fn plain(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-4..1e12).contains(&size) {
        let decimals =
            (0..4).find(|decimals| size >= 10_f64.powi(3 - decimals)).map_or(4, |decimals| decimals as usize);
        let text = separated(value, decimals);
        let trimmed =
            if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        return trimmed.to_owned();
    }
    scientific(value)
}

fn scientific(value: f64) -> String {
    let text = format!("{value:.2e}");
    match text.split_once('e') {
        Some((digits, exponent)) if digits.contains('.') => {
            format!("{}e{exponent}", digits.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text,
    }
}

/// Fixed decimals with commas between thousands; beyond 10¹² in powers of ten.
fn separated(value: f64, decimals: usize) -> String {
    if value.abs() >= 1e12 || decimals >= 7 {
        return scientific(value);
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let is_zero = text.chars().all(|character| matches!(character, '0' | '.'));
    let sign = if value < 0.0 && !is_zero { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_numbers_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (0.123_456, "0.1235"),
            (12.345_6, "12.35"),
            (-1234.56, "-1,235"),
            (1e12, "1e12"),
            (1.5e-7, "1.5e-7"),
            (-1e300, "-1e300"),
            (f64::MIN_POSITIVE, "2.23e-308"),
        ] {
            assert_eq!(NumberFormat::Plain.write(value), text);
        }
    }

    #[test]
    fn ticks_have_the_decimals_of_their_step() {
        let plain = NumberFormat::Plain;
        assert_eq!(plain.tick(0.3, 0.1), "0.3");
        assert_eq!(plain.tick(1500.0, 500.0), "1,500");
        assert_eq!(plain.tick(1e-17, 0.1), "0.0");
        assert_eq!(plain.tick(0.003, 0.001), "0.003");
        assert_eq!(NumberFormat::money("£").tick(-2000.0, 1000.0), "-£2,000");
        assert_eq!(NumberFormat::Percent.tick(0.25, 0.05), "25 %");
    }

    #[test]
    fn small_negative_numbers_do_not_become_minus_nought() {
        assert_eq!(NumberFormat::Decimals(2).write(-0.001), "0.00");
    }
}
