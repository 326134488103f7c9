//! Rows of the bank export as bytes, formatted by hand.
//!
//! `cargo bench -p fincoach-simulate -- format` has the same rows through the `csv` crate and `format!` beside
//! it; the bytes are the same.

use fincoach_core::chrono::{Datelike as _, Timelike as _};
use fincoach_core::{Money, TimePrecision, Transaction};

/// Appends one row and its line end.
pub(crate) fn push_row(out: &mut Vec<u8>, number: u64, row: &Transaction<'_>) {
    push_number(out, number);
    out.push(b',');
    push_date(out, row);
    for text in [row.raw_type.unwrap_or(""), row.description] {
        out.push(b',');
        push_text(out, text);
    }
    // Without sign, in one of two columns.
    out.extend_from_slice(if row.amount.is_negative() { b"," } else { b",," });
    push_money(out, row.amount.abs());
    out.extend_from_slice(if row.amount.is_negative() { b",," } else { b"," });
    if let Some(balance) = row.balance {
        push_money(out, balance);
    }
    for text in [row.raw_category, row.city, row.country] {
        out.push(b',');
        push_text(out, text.unwrap_or(""));
    }
    out.push(b',');
    push_time(out, row);
    out.push(b',');
    push_text(out, row.user);
    out.push(b'\n');
}

fn push_date(out: &mut Vec<u8>, row: &Transaction<'_>) {
    let date = row.time.date();
    let year = u32::try_from(date.year()).ok().filter(|year| *year <= 9999);
    let Some(year) = year else {
        out.extend_from_slice(format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year()).as_bytes());
        return;
    };
    let [d, m, c, y] = [date.day(), date.month(), year / 100, year % 100].map(two_digits);
    out.extend_from_slice(&[d[0], d[1], b'/', m[0], m[1], b'/', c[0], c[1], y[0], y[1]]);
}

fn push_time(out: &mut Vec<u8>, row: &Transaction<'_>) {
    if row.precision == TimePrecision::Second {
        let time = row.time.time();
        let [h, m, s] = [time.hour(), time.minute(), time.second()].map(two_digits);
        out.extend_from_slice(&[h[0], h[1], b':', m[0], m[1], b':', s[0], s[1]]);
    }
}

/// The two digits of a number below 100.
fn two_digits(number: u32) -> [u8; 2] {
    let digit = |digit: u32| b'0' + u8::try_from(digit).unwrap_or(0);
    [digit(number / 10 % 10), digit(number % 10)]
}

/// Pounds with two digits of pence, as [`Money`] is displayed.
fn push_money(out: &mut Vec<u8>, money: Money) {
    let minor = money.minor();
    if minor < 0 {
        out.push(b'-');
    }
    let size = minor.unsigned_abs();
    push_number(out, size / 100);
    out.push(b'.');
    out.extend_from_slice(&two_digits(u32::try_from(size % 100).unwrap_or(0)));
}

fn push_number(out: &mut Vec<u8>, number: u64) {
    let (mut digits, mut first, mut left) = ([0; 20], 20, number);
    loop {
        first -= 1;
        digits[first] = b'0' + u8::try_from(left % 10).unwrap_or(0);
        left /= 10;
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[first..]);
}

/// A field, in quotes where it holds a comma, a quote or a line end.
fn push_text(out: &mut Vec<u8>, text: &str) {
    if !text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use fincoach_core::chrono::NaiveDate;

    use super::*;

    /// The same row through the `csv` crate.
    fn through_csv(number: u64, row: &Transaction<'_>) -> Vec<u8> {
        let (date, time, size) = (row.time.date(), row.time.time(), row.amount.abs().to_string());
        let second = row.precision == TimePrecision::Second;
        let mut writer = csv::Writer::from_writer(Vec::new());
        let record = [
            number.to_string(),
            format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year()),
            row.raw_type.unwrap_or("").to_owned(),
            row.description.to_owned(),
            if row.amount.is_negative() { size.clone() } else { String::new() },
            if row.amount.is_negative() { String::new() } else { size },
            row.balance.map_or(String::new(), |balance| balance.to_string()),
            row.raw_category.unwrap_or("").to_owned(),
            row.city.unwrap_or("").to_owned(),
            row.country.unwrap_or("").to_owned(),
            if second { time.to_string() } else { String::new() },
            row.user.to_owned(),
        ];
        writer.write_record(record).unwrap();
        writer.into_inner().unwrap()
    }

    #[test]
    fn the_bytes_are_those_of_the_csv_crate() {
        let day = NaiveDate::from_ymd_opt(987, 2, 9).unwrap();
        let time = day.and_hms_opt(3, 4, 5).unwrap();
        for pence in [0, 1, -1, 99, -100, 123_456_789, -5, 700, i64::MAX, i64::MIN + 1] {
            for text in ["", "plain", "a,b", "a \"b\"", "line\nend", " # ;", "\r"] {
                let mut row = Transaction::new(text, time, Money::from_minor(pence));
                (row.description, row.raw_type, row.city) = (text, Some(text), Some("Ynys Môn"));
                row.balance = (pence % 2 == 0).then_some(Money::from_minor(-pence));
                row.precision = if pence > 0 { TimePrecision::Second } else { TimePrecision::Day };
                let mut bytes = Vec::new();
                push_row(&mut bytes, pence.unsigned_abs(), &row);
                let expected = through_csv(pence.unsigned_abs(), &row);
                assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(&expected));
            }
        }
    }

    #[test]
    fn years_beyond_four_digits_are_written_whole() {
        for year in [-44, 12_345] {
            let day = NaiveDate::from_ymd_opt(year, 12, 31).unwrap();
            let row = Transaction::new("a", day.into(), Money::ZERO);
            let mut bytes = Vec::new();
            push_row(&mut bytes, 1, &row);
            assert_eq!(bytes, through_csv(1, &row));
        }
    }
}
