//! Amounts as exports write them, read exactly: through no float.

use fincoach_core::{Currency, Money};

use crate::{Minus, NumberFormat};

/// Whether an amount may have a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signs {
    Allowed,
    Refused,
}

/// A [`NumberFormat`] with the decimals of a currency, made ready once per file.
#[derive(Clone, Debug)]
pub(crate) struct AmountText {
    format: NumberFormat,
    decimals: usize,
    /// The mark before the decimals, where it is one byte.
    mark: Option<u8>,
    signed_form: String,
    unsigned_form: String,
}

impl AmountText {
    pub(crate) fn new(format: &NumberFormat, currency: Option<Currency>) -> Self {
        let decimals = currency.map_or(2, |currency| usize::from(currency.decimals()));
        let example = example(format, decimals);
        let minus = match format.minus() {
            Minus::Leading => format!("-{example}"),
            Minus::Trailing => format!("{example}-"),
            Minus::Parentheses => format!("({example})"),
        };
        let signed_form = format!("an amount like {example} or {minus}");
        let unsigned_form = format!("an amount like {example} without a sign");
        let mark = u8::try_from(format.decimal()).ok().filter(u8::is_ascii);
        Self { format: format.clone(), decimals, mark, signed_form, unsigned_form }
    }

    /// What an amount should look like, for people.
    pub(crate) fn form(&self, signs: Signs) -> &str {
        match signs {
            Signs::Allowed => &self.signed_form,
            Signs::Refused => &self.unsigned_form,
        }
    }

    /// The amount of a text without spaces at its ends; `None` where it is none.
    pub(crate) fn parse(&self, text: &str, signs: Signs) -> Option<Money> {
        if let Some(minor) = self.common(text.as_bytes()) {
            return Some(Money::from_minor(minor));
        }
        let (negative, digits) = self.strip(text)?;
        if negative.is_some() && signs == Signs::Refused {
            return None;
        }
        let minor = self.magnitude(digits)?;
        Some(Money::from_minor(if negative == Some(true) { -minor } else { minor }))
    }

    /// Minor units of digits, the mark and all decimals, as most amounts are written; `None` for anything else,
    /// which may be an amount all the same.
    fn common(&self, text: &[u8]) -> Option<i64> {
        // With 6 decimals at most, so few digits cannot leave the range of i64.
        let whole = text.len().checked_sub(self.decimals + 1).filter(|whole| (1..=9).contains(whole))?;
        if self.decimals == 0 || text.get(whole).copied() != self.mark {
            return None;
        }
        let mut minor = 0;
        for (at, byte) in text.iter().enumerate() {
            if at != whole {
                minor = minor * 10 + i64::from(byte.is_ascii_digit().then(|| byte - b'0')?);
            }
        }
        Some(minor)
    }

    /// The digits with their marks, and whether a sign says that they are below 0.
    fn strip<'a>(&self, text: &'a str) -> Option<(Option<bool>, &'a str)> {
        let mut rest = text;
        let (mut negative, mut symbol) = (None, false);
        loop {
            // Nothing to strip is the common case.
            if rest.as_bytes().first()?.is_ascii_digit() && rest.as_bytes().last()?.is_ascii_digit() {
                break;
            }
            rest = if let (None, Some((sign, behind))) = (negative, self.signed(rest)) {
                negative = Some(sign);
                behind.trim()
            } else if let (false, Some(behind)) = (symbol, self.symbol(rest)) {
                symbol = true;
                behind.trim()
            } else {
                break;
            };
        }
        Some((negative, rest))
    }

    /// What is left without a sign, and whether it was a minus.
    fn signed<'a>(&self, text: &'a str) -> Option<(bool, &'a str)> {
        let leading = text.strip_prefix(['-', '\u{2212}']).map(|rest| (true, rest));
        let leading = leading.or_else(|| text.strip_prefix('+').map(|rest| (false, rest)));
        leading.or_else(|| {
            let behind = match self.format.minus() {
                Minus::Leading => None,
                Minus::Trailing => text.strip_suffix(['-', '\u{2212}']),
                Minus::Parentheses => text.strip_prefix('(')?.strip_suffix(')'),
            };
            behind.map(|rest| (true, rest))
        })
    }

    fn symbol<'a>(&self, text: &'a str) -> Option<&'a str> {
        let symbols = self.format.symbols();
        symbols.iter().find_map(|symbol| text.strip_prefix(symbol).or_else(|| text.strip_suffix(symbol)))
    }

    /// Minor units of digits with marks.
    fn magnitude(&self, text: &str) -> Option<i64> {
        let (whole, fraction) = text.split_once(self.format.decimal()).unwrap_or((text, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let fraction = self.fraction(fraction)?;
        let whole = self.whole(whole)?;
        whole.checked_mul(power_of_ten(self.decimals))?.checked_add(fraction)
    }

    fn fraction(&self, text: &str) -> Option<i64> {
        let (kept, beyond) = text.split_at_checked(self.decimals).unwrap_or((text, ""));
        let zeros = self.format.zeros_beyond() && beyond.bytes().all(|byte| byte == b'0');
        if !beyond.is_empty() && !zeros {
            return None;
        }
        append_digits(0, kept)?.checked_mul(power_of_ten(self.decimals.saturating_sub(kept.len())))
    }

    /// Digits, all in groups of three behind the first, or none.
    fn whole(&self, text: &str) -> Option<i64> {
        let Some(mark) = self.format.thousands().filter(|mark| text.contains(*mark)) else {
            return append_digits(0, text);
        };
        let mut groups = text.split(mark);
        let first = groups.next().filter(|first| (1..=3).contains(&first.len()))?;
        groups.try_fold(append_digits(0, first)?, |value, group| {
            (group.len() == 3).then_some(())?;
            append_digits(value, group)
        })
    }
}

fn append_digits(value: i64, digits: &str) -> Option<i64> {
    digits.bytes().try_fold(value, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

/// Exponents are the decimals of a currency, 6 at most.
fn power_of_ten(exponent: usize) -> i64 {
    (0..exponent).fold(1, |power: i64, _| power.saturating_mul(10))
}

fn example(format: &NumberFormat, decimals: usize) -> String {
    let whole = format.thousands().map_or_else(|| "12".to_owned(), |mark| format!("1{mark}234"));
    let digits: String =
        if format.thousands().is_some() { "567890" } else { "345678" }.chars().take(decimals).collect();
    if decimals == 0 { whole } else { format!("{whole}{}{digits}", format.decimal()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(format: &NumberFormat, text: &str) -> Option<i64> {
        AmountText::new(format, None).parse(text, Signs::Allowed).map(Money::minor)
    }

    #[test]
    fn plain_amounts_are_those_of_money() {
        let format = NumberFormat::default();
        for text in [
            "0.5",
            "3.11",
            "1000",
            "-0.01",
            ".5",
            "7.",
            "+2",
            "",
            ".",
            "-",
            "1.2.3",
            "1,000",
            "1.234",
            "£5",
            "1e3",
            " 1",
            "--1",
            "+-1",
            "99999999999999999999",
            "١",
            "12.340",
        ] {
            assert_eq!(read(&format, text), text.parse().ok().map(Money::minor), "{text}");
        }
    }

    #[test]
    fn thousands_marks_stand_in_right_groups_only() {
        let format = NumberFormat::default().with_decimal(',').with_thousands('.');
        for (text, minor) in [
            ("1.234,56", 123_456),
            ("1.234.567", 123_456_700),
            ("1234,5", 123_450),
            ("12", 1200),
            ("-1.000,00", -100_000),
        ] {
            assert_eq!(read(&format, text), Some(minor), "{text}");
        }
        for text in [
            "1.23,45",
            "12.34",
            "1.2345",
            "1234.567,00",
            ".123,00",
            "1..234",
            "1,234.56",
            "1.234,5.6",
            "0.,1",
        ] {
            assert_eq!(read(&format, text), None, "{text}");
        }
        let spaced = NumberFormat::default().with_decimal(',').with_thousands('\u{a0}');
        assert_eq!(read(&spaced, "12\u{a0}450,00"), Some(1_245_000));
    }

    #[test]
    fn symbols_and_signs_stand_before_or_behind() {
        let format = NumberFormat::default().with_thousands(',').with_symbol("£").with_symbol("EUR");
        for (text, minor) in [
            ("£12.34", 1234),
            ("-£1,234.00", -123_400),
            ("£-12.34", -1234),
            ("12.34 EUR", 1234),
            ("−5.00EUR", -500),
        ] {
            assert_eq!(read(&format, text), Some(minor), "{text}");
        }
        for text in ["$12", "££1", "£1£", "12.34-", "(12.34)", "-(1)", "£", "-£", "1 2"] {
            assert_eq!(read(&format, text), None, "{text}");
        }
        let trailing = format.clone().with_minus(Minus::Trailing);
        assert_eq!(read(&trailing, "12.34-"), Some(-1234));
        assert_eq!(read(&trailing, "£12.34-"), Some(-1234));
        assert_eq!(read(&trailing, "-12.34-"), None);
        let brackets = format.with_minus(Minus::Parentheses);
        for (text, minor) in
            [("(12.34)", -1234), ("(£12.34)", -1234), ("£(12.34)", -1234), ("12.34", 1234), ("-1", -100)]
        {
            assert_eq!(read(&brackets, text), Some(minor), "{text}");
        }
        for text in ["(12.34", "12.34)", "(-1)", "()", "((1))"] {
            assert_eq!(read(&brackets, text), None, "{text}");
        }
    }

    #[test]
    fn decimals_are_those_of_the_currency() {
        let of = |code: &str, text: &str| {
            let currency = code.parse().ok();
            AmountText::new(&NumberFormat::default(), currency).parse(text, Signs::Allowed).map(Money::minor)
        };
        assert_eq!(
            (of("JPY", "1250"), of("JPY", "1250.0"), of("JPY", "1250.")),
            (Some(1250), None, Some(1250))
        );
        assert_eq!(
            (of("KWD", "1.2"), of("KWD", "1.234"), of("KWD", "1.2345")),
            (Some(1200), Some(1234), None)
        );
        let padded = NumberFormat::default().with_zeros_beyond();
        assert_eq!((read(&padded, "374.830000000"), read(&padded, "374.831")), (Some(37_483), None));
    }

    #[test]
    fn a_sign_where_none_may_be_is_refused() {
        let text = AmountText::new(&NumberFormat::default(), None);
        for signed in ["-1", "+1"] {
            assert_eq!(text.parse(signed, Signs::Refused), None, "{signed}");
        }
        assert_eq!(text.parse("1", Signs::Refused), Some(Money::from_minor(100)));
        assert_eq!(text.form(Signs::Allowed), "an amount like 12.34 or -12.34");
        let german =
            NumberFormat::default().with_decimal(',').with_thousands('.').with_minus(Minus::Trailing);
        let yen = "JPY".parse().ok();
        assert_eq!(
            AmountText::new(&german, None).form(Signs::Allowed),
            "an amount like 1.234,56 or 1.234,56-"
        );
        assert_eq!(AmountText::new(&german, yen).form(Signs::Refused), "an amount like 1.234 without a sign");
    }

    proptest! {
        #[test]
        fn a_printed_amount_comes_back(minor in -(1_i64 << 53)..(1_i64 << 53)) {
            let plain = Money::from_minor(minor).to_string();
            prop_assert_eq!(read(&NumberFormat::default(), &plain), Some(minor));
            let digits = (minor.unsigned_abs() / 100).to_string();
            let mut grouped = String::new();
            for (place, digit) in digits.chars().enumerate() {
                if place > 0 && (digits.len() - place) % 3 == 0 { grouped.push('.'); }
                grouped.push(digit);
            }
            let text = format!("{}{grouped},{:02}", if minor < 0 { "-" } else { "" }, minor.unsigned_abs() % 100);
            prop_assert_eq!(read(&NumberFormat::default().with_decimal(',').with_thousands('.'), &text), Some(minor));
        }

        #[test]
        fn the_short_way_gives_what_the_long_one_gives(text in "[0-9]{0,11}[.,]?[0-9x]{0,3}") {
            let plain = AmountText::new(&NumberFormat::default(), None);
            if let Some(minor) = plain.common(text.as_bytes()) {
                prop_assert_eq!(plain.magnitude(&text), Some(minor));
            }
            let expected = text.parse().ok().map(Money::minor);
            prop_assert_eq!(read(&NumberFormat::default(), &text), expected);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "[0-9.,£()+−-]{0,9}|.*") {
            let format = NumberFormat::default().with_decimal(',').with_thousands('.').with_symbol("£");
            for minus in [Minus::Leading, Minus::Trailing, Minus::Parentheses] {
                let _ = read(&format.clone().with_minus(minus), &text);
            }
        }
    }
}
