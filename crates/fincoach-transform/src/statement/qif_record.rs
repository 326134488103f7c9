//! One record of a QIF file.

use fincoach_core::Money;
use fincoach_core::chrono::NaiveDate;

use super::amount;
use super::booking::{Booking, Statement};
use super::day::{self, number};
use super::source::Source;
use crate::{DateOrder, Error};

/// Fields of a booking. Addresses, flags, the number of a cheque and whether it is reconciled say nothing of the
/// money: they are allowed and not kept.
const FIELDS: &str = "DTUCNPMALSE$%FKXQ";

/// Lines of one record in the order of the file: line, letter, value.
#[derive(Debug, Default)]
pub(super) struct Record<'a>(Vec<(u64, char, &'a str)>);

impl<'a> Record<'a> {
    pub(super) fn add(&mut self, line: u64, letter: char, value: &'a str) {
        self.0.push((line, letter, value.trim()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The line it begins on.
    pub(super) fn line(&self) -> Option<u64> {
        self.0.first().map(|(line, ..)| *line)
    }

    /// The first value of this letter, empty where there is none.
    pub(super) fn text(&self, letter: char) -> &'a str {
        self.get(letter).map_or("", |(_, value)| value)
    }

    fn get(&self, letter: char) -> Option<(u64, &'a str)> {
        self.0.iter().find(|(_, own, _)| *own == letter).map(|(line, _, value)| (*line, *value))
    }
}

/// A part of a booking, with a category of its own.
#[derive(Debug)]
struct Split<'a> {
    line: u64,
    category: &'a str,
    memo: &'a str,
    amount: Option<Money>,
}

/// Adds the bookings of a record: one, or one for each split. The first record of an account may be its opening
/// balance, which is no booking.
pub(super) fn bookings(
    record: &Record<'_>,
    statement: &mut Statement,
    (order, decimals): (DateOrder, u8),
    source: Source<'_>,
) -> Result<(), Error> {
    let line = record.line().unwrap_or_default();
    check_fields(record, source)?;
    let (date_line, date) =
        record.get('D').ok_or_else(|| source.wrong((line, "field D"), "", "a date in every record"))?;
    let date = parse_date(date, order)
        .ok_or_else(|| source.wrong((date_line, "field D"), date, expected_date(order)))?;
    let total = total(record, decimals, source)?;
    if is_opening(record, statement) {
        statement.opening = Some(total);
        return Ok(());
    }
    let mut whole = Booking::new(line, day::whole_day(date), total);
    whole.description = described(record.text('P'), record.text('M'));
    record.text('L').clone_into(&mut whole.category);
    let splits = splits(record, decimals, source)?;
    if splits.is_empty() {
        statement.bookings.push(whole);
        return Ok(());
    }
    let sum: Money = splits.iter().filter_map(|split| split.amount).sum();
    if sum != total {
        let at = splits.first().map_or(line, |split| split.line);
        return Err(source.wrong(
            (at, "field $"),
            &sum.to_string(),
            format!("splits that add up to {total}"),
        ));
    }
    statement.bookings.extend(splits.into_iter().map(|split| Booking {
        line: split.line,
        amount: split.amount.unwrap_or_default(),
        category: split.category.to_owned(),
        description: described(
            record.text('P'),
            if split.memo.is_empty() { record.text('M') } else { split.memo },
        ),
        ..whole.clone()
    }));
    Ok(())
}

fn check_fields(record: &Record<'_>, source: Source<'_>) -> Result<(), Error> {
    for (line, letter, value) in &record.0 {
        if !FIELDS.contains(*letter) {
            let tag = format!("field {letter}");
            return Err(source.wrong((*line, &tag), value, format!("one of the fields {FIELDS}")));
        }
        if "DTP".contains(*letter) && record.get(*letter).is_some_and(|(first, _)| first != *line) {
            let tag = format!("field {letter}");
            return Err(source.wrong(
                (*line, &tag),
                value,
                "this field once in a record, and ^ after each record",
            ));
        }
    }
    Ok(())
}

/// The amount of field T; field U repeats it with more room.
fn total(record: &Record<'_>, decimals: u8, source: Source<'_>) -> Result<Money, Error> {
    let line = record.line().unwrap_or_default();
    let parse = |letter: char| {
        let Some((line, text)) = record.get(letter) else { return Ok(None) };
        let tag = format!("field {letter}");
        let expected = format!("an amount like -1,234.56 with at most {decimals} decimals");
        amount::qif(text, decimals).map(Some).ok_or_else(|| source.wrong((line, &tag), text, expected))
    };
    match (parse('T')?, parse('U')?) {
        (Some(t), Some(u)) if t != u => {
            Err(source.wrong((line, "field U"), record.text('U'), format!("the amount {t} of field T")))
        }
        (Some(amount), _) | (None, Some(amount)) => Ok(amount),
        (None, None) => Err(source.wrong((line, "field T"), "", "an amount in every record")),
    }
}

/// Quicken begins an account with a record of this name whose category is the account itself.
fn is_opening(record: &Record<'_>, statement: &Statement) -> bool {
    let own_account = record.text('L').strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    statement.opening.is_none()
        && statement.bookings.is_empty()
        && record.text('P').eq_ignore_ascii_case("opening balance")
        && own_account.is_some_and(|name| statement.account.is_empty() || name == statement.account)
}

fn described(payee: &str, memo: &str) -> String {
    match (payee, memo) {
        (payee, memo) if memo.is_empty() || payee == memo => payee.to_owned(),
        ("", memo) => memo.to_owned(),
        (payee, memo) => format!("{payee} {memo}"),
    }
}

/// Each `S` begins a split; `E` and `$` belong to the one above. Shares without an amount are refused: rounding
/// them would be a guess.
fn splits<'a>(record: &Record<'a>, decimals: u8, source: Source<'_>) -> Result<Vec<Split<'a>>, Error> {
    let mut splits: Vec<Split<'a>> = Vec::new();
    for (line, letter, value) in record.0.iter().copied() {
        match (letter, splits.last_mut()) {
            ('S', _) => splits.push(Split { line, category: value, memo: "", amount: None }),
            ('E', Some(split)) => split.memo = value,
            ('$', Some(split)) => {
                split.amount = Some(
                    amount::qif(value, decimals)
                        .ok_or_else(|| source.wrong((line, "field $"), value, "an amount like -1,234.56"))?,
                );
            }
            ('E' | '$', None) => {
                return Err(source.wrong(
                    (line, &format!("field {letter}")),
                    value,
                    "field S of a split before",
                ));
            }
            _ => {}
        }
    }
    match splits.iter().find(|split| split.amount.is_none()) {
        Some(split) => {
            Err(source.wrong((split.line, "field S"), split.category, "a split with its amount in field $"))
        }
        None => Ok(splits),
    }
}

/// `25/7/2022`, `7/25'22`, `25.07.22`, `2022-07-25`, with spaces for leading zeros. An apostrophe stands before
/// years from 2000 on; other years of two digits are 1969 to 2068.
fn parse_date(text: &str, order: DateOrder) -> Option<NaiveDate> {
    let separator = |c: char| matches!(c, '/' | '-' | '.' | '\'');
    let mut parts = text.split(separator).map(str::trim);
    let [a, b, c] = [parts.next()?, parts.next()?, parts.next()?];
    if parts.next().is_some() {
        return None;
    }
    let (day, month, year) = match order {
        DateOrder::DayMonthYear => (a, b, c),
        DateOrder::MonthDayYear => (b, a, c),
        DateOrder::YearMonthDay => (c, b, a),
    };
    if day.len() > 2 || month.len() > 2 {
        return None;
    }
    let value = number(year)?;
    let year = match year.len() {
        4 => value,
        1 | 2 if text.contains('\'') => 2000 + value,
        2 => crate::date_format::full_year(value),
        _ => return None,
    };
    day::date(year, number(month)?, number(day)?)
}

fn expected_date(order: DateOrder) -> String {
    let form = match order {
        DateOrder::DayMonthYear => "dd/mm/yyyy",
        DateOrder::MonthDayYear => "mm/dd/yyyy",
        DateOrder::YearMonthDay => "yyyy-mm-dd",
    };
    format!("a date in the order {form} from 1900 to 2199")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_follow_the_order_that_is_given() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day);
        for (text, order, date) in [
            ("25/7/2022", DateOrder::DayMonthYear, day(2022, 7, 25)),
            ("7/25'22", DateOrder::MonthDayYear, day(2022, 7, 25)),
            (" 7/ 5' 1", DateOrder::MonthDayYear, day(2001, 7, 5)),
            ("25.07.99", DateOrder::DayMonthYear, day(1999, 7, 25)),
            ("2022-07-25", DateOrder::YearMonthDay, day(2022, 7, 25)),
            ("03/04/2022", DateOrder::DayMonthYear, day(2022, 4, 3)),
            ("03/04/2022", DateOrder::MonthDayYear, day(2022, 3, 4)),
            ("7/25/2022", DateOrder::DayMonthYear, None),
            ("25/7", DateOrder::DayMonthYear, None),
            ("25/7/2022/1", DateOrder::DayMonthYear, None),
            ("25/7/022", DateOrder::DayMonthYear, None),
            ("25/7/1'", DateOrder::DayMonthYear, None),
            ("", DateOrder::DayMonthYear, None),
        ] {
            assert_eq!(parse_date(text, order), date, "{text}");
        }
    }
}
