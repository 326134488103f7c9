//! MT940 customer statements.

use fincoach_core::{Currency, Money};

use super::amount;
use super::booking::{Closing, Statement};
use super::day;
use super::mt940_information::describe;
use super::mt940_line::statement_line;
use super::source::Source;
use crate::Error;

/// The longest line between statements: envelopes name banks, dates and file types.
const LONGEST_ENVELOPE: usize = 200;

/// One tag and all its lines.
#[derive(Debug)]
pub(super) struct Field<'a> {
    pub(super) tag: &'a str,
    pub(super) line: u64,
    /// The first begins behind the tag.
    pub(super) lines: Vec<&'a str>,
}

impl<'a> Field<'a> {
    pub(super) fn first(&self) -> &'a str {
        self.lines.first().copied().unwrap_or_default()
    }

    pub(super) fn wrong(&self, source: Source<'_>, expected: impl Into<String>) -> Error {
        source.wrong((self.line, &format!("field :{}:", self.tag)), self.first(), expected)
    }
}

pub(super) fn statements(source: Source<'_>) -> Result<Vec<Statement>, Error> {
    let mut statements = Vec::new();
    let mut fields: Vec<Field<'_>> = Vec::new();
    let mut line_number = 0;
    for line in source.text.lines() {
        line_number += 1;
        let line = line.trim_end_matches('\r');
        match tag_of(line) {
            // A new statement without the mark that ends the last one.
            Some(("20", rest)) => {
                finish(&mut fields, &mut statements, source)?;
                fields.push(Field { tag: "20", line: line_number, lines: vec![rest] });
            }
            Some((tag, rest)) => {
                let field = Field { tag, line: line_number, lines: vec![rest] };
                if fields.is_empty() {
                    return Err(field.wrong(source, "field :20: first in a statement"));
                }
                fields.push(field);
            }
            None if line == "-" || line.starts_with("-}") => finish(&mut fields, &mut statements, source)?,
            None => match fields.last_mut() {
                Some(field) => field.lines.push(line),
                None if line.len() <= LONGEST_ENVELOPE => {}
                None => return Err(source.wrong((line_number, "text"), line, "field :20: of a statement")),
            },
        }
    }
    finish(&mut fields, &mut statements, source)?;
    Ok(statements)
}

/// `:20:` or `:60F:` at the start of a line, and what follows. One may follow the opening of a SWIFT block.
fn tag_of(line: &str) -> Option<(&str, &str)> {
    let line = line.rsplit_once("{4:").map_or(line, |(_, rest)| rest);
    let (tag, rest) = line.strip_prefix(':')?.split_once(':')?;
    let plain = match tag.as_bytes() {
        b"NS" => true,
        [a, b] | [a, b, b'A'..=b'Z'] => a.is_ascii_digit() && b.is_ascii_digit(),
        _ => false,
    };
    plain.then_some((tag, rest))
}

fn finish<'a>(
    fields: &mut Vec<Field<'a>>,
    statements: &mut Vec<Statement>,
    source: Source<'a>,
) -> Result<(), Error> {
    let Some(first) = fields.first() else { return Ok(()) };
    let mut parser = Parser { source, statement: Statement::new(first.line), stage: Stage::Head };
    for field in fields.drain(..) {
        parser.add(&field)?;
    }
    let (statement, stage) = (parser.statement, parser.stage);
    if stage != Stage::Tail {
        return Err(source.truncated("the statement without its field :62F:", statement.line));
    }
    statements.push(statement);
    Ok(())
}

/// How far in its order of fields a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Before the opening balance.
    Head,
    /// After it.
    Bookings,
    /// After a line that could not be read: its information is not that of the booking before.
    BadBooking,
    /// Directly after a line that is an expected entry.
    Expected,
    /// Directly after a booking, which the next field may describe.
    Booked,
    /// After the closing balance.
    Tail,
}

struct Parser<'a> {
    source: Source<'a>,
    statement: Statement,
    stage: Stage,
}

impl Parser<'_> {
    fn add(&mut self, field: &Field<'_>) -> Result<(), Error> {
        let head = self.stage == Stage::Head;
        let tail = self.stage == Stage::Tail;
        match field.tag {
            "20" | "21" | "28" | "28C" | "NS" => {}
            "25" | "25P" if head => field.first().trim().clone_into(&mut self.statement.account),
            "60F" | "60M" if head => {
                let opening = self.balance(field)?;
                self.statement.opening = Some(opening);
                self.stage = Stage::Bookings;
            }
            "61" if !head && !tail => self.stage = self.booking(field),
            "86" => self.information(field),
            "62F" | "62M" if !head && !tail => {
                let amount = self.balance(field)?;
                self.statement.closing = Some(Closing { amount, line: field.line, complete_to: None });
                self.stage = Stage::Tail;
            }
            "64" | "65" if tail => {
                self.balance(field)?;
            }
            "13D" | "34F" | "90C" | "90D" => {
                return Err(field.wrong(self.source, "an MT940; this is a field of interim reports (MT942)"));
            }
            _ => {
                return Err(field
                    .wrong(self.source, "the fields 20, 25, 28C, 60F, (61, 86), 62F, 64, 65 in this order"));
            }
        }
        Ok(())
    }

    /// `C240301EUR1234,56`.
    fn balance(&mut self, field: &Field<'_>) -> Result<Money, Error> {
        let text = field.first().trim_end();
        let negative = match text.get(..1) {
            Some("C") => Some(false),
            Some("D") => Some(true),
            _ => None,
        };
        let date = text.get(1..7).and_then(day::swift);
        let currency = text.get(7..10).and_then(|code| code.parse::<Currency>().ok());
        let (Some(negative), Some(_), Some(currency)) = (negative, date, currency) else {
            return Err(field.wrong(self.source, "C or D, date, currency and amount like C240301EUR1234,56"));
        };
        match self.statement.currency {
            Some(first) if first != currency => {
                return Err(field.wrong(self.source, format!("a balance in {first}, as the one before")));
            }
            _ => self.statement.currency = Some(currency),
        }
        let digits = text.get(10..).filter(|digits| digits.contains(','));
        digits
            .and_then(|digits| amount::with_mark(digits, ',', currency.decimals()))
            .map(|amount| amount::signed(negative, amount))
            .ok_or_else(|| {
                let expected = format!("an amount like 1234,56 of {} decimals", currency.decimals());
                field.wrong(self.source, expected)
            })
    }

    fn booking(&mut self, field: &Field<'_>) -> Stage {
        match statement_line(field, amount::decimals(self.statement.currency), self.source) {
            Ok(Ok(booking)) => {
                self.statement.bookings.push(booking);
                Stage::Booked
            }
            Ok(Err(not_booked)) => {
                self.statement.not_booked.push(not_booked);
                Stage::Expected
            }
            Err(error) => {
                self.statement.bad.push(error);
                Stage::BadBooking
            }
        }
    }

    /// Describes the entry above; anywhere else it is about the account, and nothing is kept of it.
    fn information(&mut self, field: &Field<'_>) {
        match (self.stage, self.statement.bookings.last_mut(), self.statement.not_booked.last_mut()) {
            (Stage::Booked, Some(booking), _) => {
                let more = describe(&field.lines);
                if !more.is_empty() {
                    booking.description = more;
                }
            }
            (Stage::Expected, _, Some(entry)) => entry.description = describe(&field.lines),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_two_digits_and_perhaps_a_letter() {
        assert_eq!(tag_of(":61:2403"), Some(("61", "2403")));
        assert_eq!(tag_of("{1:F01X}{4::20:A"), Some(("20", "A")));
        assert_eq!(tag_of(":60F:C"), Some(("60F", "C")));
        for text in ["61:", ":6:", ":612:", ":AB:", ": 61:", "SVWZ+a:61:", "::", ""] {
            assert_eq!(tag_of(text), None, "{text}");
        }
    }
}
