//! How the amounts of a file are written.

use std::collections::BTreeSet;

use crate::{Minus, NumberFormat};

/// A number taken apart: where its minus stands, its symbol, its digits and marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) minus: Option<Minus>,
    pub(super) plus: bool,
    pub(super) symbol: Option<&'a str>,
    pub(super) body: &'a str,
}

const MARKS: [char; 8] = ['.', ',', ' ', '\'', '\u{2019}', '\u{a0}', '\u{202f}', '_'];
const SYMBOLS: [&str; 14] = ["£", "€", "$", "¥", "₹", "₺", "zł", "kr", "kr.", "Kč", "Ft", "US$", "R$", "Fr."];

/// The parts of a text that may be a number.
pub(super) fn parts(text: &str) -> Option<Parts<'_>> {
    let mut rest = text.trim();
    let (mut minus, mut plus, mut symbol) = (None, false, None);
    if let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (minus, rest) = (Some(Minus::Parentheses), inner.trim());
    }
    // A sign and a symbol may stand in either order.
    for _ in 0..2 {
        if let Some(signed) = rest.strip_prefix(['-', '\u{2212}']).filter(|_| minus.is_none() && !plus) {
            (minus, rest) = (Some(Minus::Leading), signed.trim_start());
        } else if let Some(signed) = rest.strip_prefix('+').filter(|_| minus.is_none() && !plus) {
            (plus, rest) = (true, signed.trim_start());
        }
        let end = rest.find(|c: char| c.is_ascii_digit() || c.is_whitespace() || "-+.,".contains(c));
        if let Some((before, after)) = rest.split_at_checked(end?).filter(|(before, _)| is_symbol(before)) {
            (symbol, rest) = (Some(before), after.trim_start());
        }
    }
    let end = rest.rfind(|c: char| c.is_ascii_digit())? + 1;
    let (body, mut behind) = rest.split_at_checked(end)?;
    behind = behind.trim();
    if let Some(unsigned) = behind.strip_suffix('-').filter(|_| minus.is_none() && !plus) {
        (minus, behind) = (Some(Minus::Trailing), unsigned.trim());
    }
    if is_symbol(behind) && symbol.is_none() {
        (symbol, behind) = (Some(behind), "");
    }
    let fit = behind.is_empty() && body.chars().all(|c| c.is_ascii_digit() || MARKS.contains(&c));
    fit.then_some(Parts { minus, plus, symbol, body })
}

fn is_symbol(text: &str) -> bool {
    SYMBOLS.contains(&text) || text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// The marks of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Marks {
    pub(super) decimal: char,
    pub(super) thousands: Option<char>,
}

impl Marks {
    /// All forms, those without a mark between thousands first.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let thousands = std::iter::once(None).chain(MARKS.into_iter().filter(|mark| *mark != '_').map(Some));
        thousands
            .flat_map(|thousands| ['.', ','].into_iter().map(move |decimal| Self { decimal, thousands }))
            .filter(|marks| marks.thousands != Some(marks.decimal))
    }

    /// The value of a body in units of 10^-decimals; `None` where it has another form or more decimals.
    pub(super) fn value(self, body: &str, decimals: u32) -> Option<i64> {
        let mut halves = body.split(self.decimal);
        let (whole, fraction) =
            (halves.next()?, halves.next().map(|fraction| without_zeros(fraction, decimals)));
        let fraction_len = u32::try_from(fraction.unwrap_or("").len()).ok()?;
        if halves.next().is_some() || fraction_len > decimals || fraction == Some("") && whole.is_empty() {
            return None;
        }
        let whole = self.whole(whole)?;
        let fraction =
            digits(fraction.unwrap_or(""))?.checked_mul(10_i64.checked_pow(decimals - fraction_len)?)?;
        whole.checked_mul(10_i64.checked_pow(decimals)?)?.checked_add(fraction)
    }

    fn whole(self, text: &str) -> Option<i64> {
        let Some(mark) = self.thousands.filter(|mark| text.contains(*mark)) else { return digits(text) };
        let mut value = 0_i64;
        for (place, group) in text.split(mark).enumerate() {
            let fit = if place == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
            value = value.checked_mul(1000)?.checked_add(digits(group).filter(|_| fit)?)?;
        }
        Some(value)
    }
}

/// A fraction without the zeros beyond these decimals; up to three digits stay, as they could be a thousand.
fn without_zeros(fraction: &str, decimals: u32) -> &str {
    match fraction.split_at_checked(decimals as usize) {
        Some((kept, beyond)) if fraction.len() > 3 && beyond.bytes().all(|byte| byte == b'0') => kept,
        _ => fraction,
    }
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().try_fold(0_i64, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

/// Whether a text is a number in any form.
pub(super) fn is_number(text: &str) -> bool {
    parts(text).is_some_and(|parts| Marks::all().any(|marks| marks.value(parts.body, 6).is_some()))
}

/// The value of a text with its sign.
pub(super) fn value(text: &str, marks: Marks, decimals: u32) -> Option<i64> {
    let parts = parts(text)?;
    let value = marks.value(parts.body, decimals)?;
    Some(if parts.minus.is_some() { -value } else { value })
}

/// The forms that read most of the amounts of a file.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    /// The best form.
    pub(super) marks: Marks,
    /// A form with the other decimal mark that no amount tells from the best, and an amount it is about.
    pub(super) rival: Option<(Marks, String)>,
    /// An amount that shows the decimal mark.
    pub(super) proof: Option<String>,
    pub(super) n_read: usize,
    pub(super) n_filled: usize,
    pub(super) first_unread: Option<(usize, String)>,
    symbols: BTreeSet<String>,
    minus: Minus,
    /// Whether there are more decimals than the currency has, all zeros.
    zeros_beyond: bool,
}

impl Numbers {
    /// The format of a layout with these marks.
    pub(super) fn format(&self, marks: Marks) -> NumberFormat {
        let mut format = NumberFormat::default().with_decimal(marks.decimal).with_minus(self.minus);
        if let Some(thousands) = marks.thousands {
            format = format.with_thousands(thousands);
        }
        if self.zeros_beyond {
            format = format.with_zeros_beyond();
        }
        self.symbols.iter().fold(format, NumberFormat::with_symbol)
    }

    pub(super) fn symbols(&self) -> impl Iterator<Item = &str> {
        self.symbols.iter().map(String::as_str)
    }
}

/// The forms of these amounts, given with their lines; `decimals` are those of the currency where it is known.
pub(super) fn numbers(values: &[(usize, &str)], decimals: Option<u32>) -> Option<Numbers> {
    let taken: Vec<Option<Parts<'_>>> = values.iter().map(|(_, text)| parts(text)).collect();
    let bodies: Vec<&str> = taken.iter().flatten().map(|parts| parts.body).collect();
    let most = decimals.unwrap_or(2);
    let n_read = |marks: Marks| bodies.iter().filter(|body| marks.value(body, most).is_some()).count();
    // The first of the best: `max_by_key` would take the last.
    let counted: Vec<(Marks, usize)> = Marks::all().map(|marks| (marks, n_read(marks))).collect();
    let best_count = counted.iter().map(|(_, n)| *n).max().filter(|n| *n > 0)?;
    let (marks, n_read) = *counted.iter().find(|(_, n)| *n == best_count)?;
    let reads = |text: &str| value(text, marks, most).is_some();
    let shows = |body: &&&str| body.contains(marks.decimal);
    let behind =
        |text: &(usize, &str)| parts(text.1).is_some_and(|parts| parts.minus == Some(Minus::Trailing));
    let round =
        |text: &(usize, &str)| parts(text.1).is_some_and(|parts| parts.minus == Some(Minus::Parentheses));
    let minus = if values.iter().any(round) {
        Minus::Parentheses
    } else if values.iter().any(behind) {
        Minus::Trailing
    } else {
        Minus::Leading
    };
    let long = |body: &&str| body.rsplit_once(marks.decimal).is_some_and(|(_, fraction)| fraction.len() > 3);
    Some(Numbers {
        zeros_beyond: bodies.iter().any(long),
        rival: rival(&bodies, marks, decimals),
        proof: bodies.iter().find(shows).map(|body| (*body).to_owned()),
        n_read,
        n_filled: values.len(),
        first_unread: values
            .iter()
            .find(|(_, text)| !reads(text))
            .map(|(line, text)| (*line, (*text).to_owned())),
        symbols: taken.iter().flatten().filter_map(|parts| parts.symbol.map(str::to_owned)).collect(),
        minus,
        marks,
    })
}

/// A form with the other decimal mark that reads every amount too, and differently.
///
/// Where the currency is not known three digits behind the only mark may be decimals or a thousand.
fn rival(bodies: &[&str], best: Marks, decimals: Option<u32>) -> Option<(Marks, String)> {
    let most = decimals.unwrap_or(3);
    let read_all = |marks: &Marks| bodies.iter().all(|body| marks.value(body, most).is_some());
    let differs = |marks: Marks| bodies.iter().find(|body| marks.value(body, most) != best.value(body, most));
    Marks::all()
        .filter(|marks| marks.decimal != best.decimal)
        .filter(read_all)
        .find_map(|marks| differs(marks).map(|body| (marks, (*body).to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str], decimals: Option<u32>) -> Numbers {
        let values: Vec<(usize, &str)> = texts.iter().enumerate().map(|(at, text)| (at + 2, *text)).collect();
        numbers(&values, decimals).unwrap()
    }

    #[test]
    fn numbers_are_taken_apart() {
        let shown = |text| parts(text).map(|parts| (parts.minus, parts.symbol, parts.body));
        assert_eq!(shown("-£1,234.50"), Some((Some(Minus::Leading), Some("£"), "1,234.50")));
        assert_eq!(shown("£-1.50"), Some((Some(Minus::Leading), Some("£"), "1.50")));
        assert_eq!(shown("(12.50)"), Some((Some(Minus::Parentheses), None, "12.50")));
        assert_eq!(shown("1.234,50- EUR"), None);
        assert_eq!(shown("12,50 EUR"), Some((None, Some("EUR"), "12,50")));
        assert_eq!(shown("12,50-"), Some((Some(Minus::Trailing), None, "12,50")));
        for text in ["", "-", "abc", "12a", "01/02/2024", "--1", "£"] {
            assert!(!is_number(text), "{text}");
        }
    }

    #[test]
    fn marks_are_told_by_the_amounts() {
        let marks = |texts: &[&str]| of(texts, None).marks;
        assert_eq!(marks(&["1.50", "2"]), Marks { decimal: '.', thousands: None });
        assert_eq!(marks(&["1,50", "1.234,00"]), Marks { decimal: ',', thousands: Some('.') });
        assert_eq!(marks(&["1,234.5", "-3"]), Marks { decimal: '.', thousands: Some(',') });
        assert_eq!(marks(&["1 234,50"]), Marks { decimal: ',', thousands: Some(' ') });
        assert!(of(&["1.50", "1,234.00"], None).rival.is_none());
    }

    #[test]
    fn three_digits_behind_one_mark_are_open_unless_the_currency_tells() {
        let open = of(&["1,234", "12"], None);
        assert_eq!(open.marks, Marks { decimal: '.', thousands: Some(',') });
        assert_eq!(open.rival, Some((Marks { decimal: ',', thousands: None }, "1,234".to_owned())));
        assert!(of(&["1,234", "12"], Some(2)).rival.is_none());
        assert!(of(&["1,234", "12"], Some(0)).rival.is_none());
        assert!(of(&["1,234", "12"], Some(3)).rival.is_some());
        assert!(of(&["1,234", "1,234,567"], None).rival.is_none());
    }
}
