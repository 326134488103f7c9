//! Field 61 of MT940: one entry.

use fincoach_core::Direction;

use super::amount;
use super::booking::Booking;
use super::booking::Unbooked;
use super::day;
use super::mt940::Field;
use super::source::Source;
use crate::Error;

/// The form of a field 61.
const FORM: &str = "a line like 2403010301D12,50NDDTREF//BANKREF";

/// A mark: what it does to the balance, which way the booking went at first, and whether it is booked.
const MARKS: [(&str, bool, Direction, bool); 6] = [
    // The longer ones first: `RC` is not an `R` before a `C`.
    ("RC", true, Direction::Credit, true),
    ("RD", false, Direction::Debit, true),
    ("EC", false, Direction::Credit, false),
    ("ED", true, Direction::Debit, false),
    ("C", false, Direction::Credit, true),
    ("D", true, Direction::Debit, true),
];

/// `YYMMDD[MMDD]` value and entry date, mark, a letter of the currency, amount, type, reference, `//`, the
/// bank's reference; details on the next line. An entry date has no year: it is the one nearest to the value date.
pub(super) fn statement_line(
    field: &Field<'_>,
    decimals: u8,
    source: Source<'_>,
) -> Result<Result<Booking, Unbooked>, Error> {
    let text = field.first().trim_end();
    let wrong = |expected: &str| field.wrong(source, expected);
    let rest = text.get(6..).unwrap_or_default();
    let dated = rest.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    // Interest runs to a 30 February with banks that count months of 30 days: it counts where an entry date follows.
    let february = dated.and(text.get(..4)).filter(|_| text.get(2..6) == Some("0230"));
    let value_date = day::swift(text)
        .or_else(|| february.and_then(|month| day::swift(&format!("{month}28"))))
        .ok_or_else(|| wrong("a value date YYMMDD first"))?;
    let (date, rest) = match dated {
        None => (value_date, rest),
        Some(digits) => {
            let entry = day::nearest(digits, value_date).ok_or_else(|| wrong("an entry date MMDD second"))?;
            (entry, rest.get(4..).unwrap_or_default())
        }
    };
    let mark = MARKS.into_iter().find_map(|mark| Some((mark, rest.strip_prefix(mark.0)?)));
    let ((name, negative, direction, booked), rest) =
        mark.ok_or_else(|| wrong("a mark C, D, RC, RD, EC or ED after the dates"))?;
    let rest = rest.strip_prefix(|letter: char| letter.is_ascii_uppercase()).unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(rest.len());
    let (digits, rest) = rest.split_at(end);
    let amount = Some(digits)
        .filter(|digits| digits.contains(','))
        .and_then(|digits| amount::with_mark(digits, ',', decimals))
        .ok_or_else(|| wrong(&format!("an amount like 12,50 of {decimals} decimals after the mark")))?;
    let (code, references) = rest.split_at_checked(4).ok_or_else(|| wrong(FORM))?;
    if !code.starts_with(['N', 'F', 'S']) || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(wrong("a type of four letters like NTRF after the amount"));
    }
    let mut booking = Booking::new(field.line, day::whole_day(date), amount::signed(negative, amount));
    booking.direction = direction;
    code.clone_into(&mut booking.type_code);
    booking.reference = reference(references);
    booking.description = field.lines.iter().skip(1).map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    if booked {
        return Ok(Ok(booking));
    }
    Ok(Err(Unbooked {
        line: field.line,
        status: name.to_owned(),
        date: Some(date),
        amount: Some(booking.amount),
        description: booking.description,
    }))
}

/// The bank's own reference. What stands before it is the customer's, and no number of the booking.
fn reference(references: &str) -> String {
    match references.split_once("//") {
        Some((_, bank)) if bank.trim() != "NONREF" => bank.trim().to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Result<Result<Booking, Unbooked>, Error> {
        let field = Field { tag: "61", line: 7, lines: vec![text] };
        statement_line(&field, 2, Source { file: "x", text: "" })
    }

    #[test]
    fn marks_tell_the_sign_and_the_first_direction() {
        for (mark, minor, direction) in [
            ("C", 1250, Direction::Credit),
            ("D", -1250, Direction::Debit),
            ("RC", -1250, Direction::Credit),
            ("RD", 1250, Direction::Debit),
            ("CR", 1250, Direction::Credit),
            ("DR", -1250, Direction::Debit),
            ("RDR", 1250, Direction::Debit),
        ] {
            let booking = line(&format!("2403010301{mark}12,5NTRFREF//77")).unwrap().unwrap();
            assert_eq!((booking.amount.minor(), booking.direction), (minor, direction), "{mark}");
            assert_eq!((booking.type_code.as_str(), booking.reference.as_str()), ("NTRF", "77"));
        }
        let expected = line("240301ED12,NTRFNONREF").unwrap().unwrap_err();
        assert_eq!((expected.status.as_str(), expected.amount.unwrap().minor()), ("ED", -1200));
    }

    #[test]
    fn the_entry_date_counts_and_crosses_the_year() {
        let day_of = |text| line(text).unwrap().unwrap().time.date().to_string();
        assert_eq!(day_of("2312310102D1,00NMSCNONREF"), "2024-01-02");
        assert_eq!(day_of("2401011230D1,00NMSCNONREF"), "2023-12-30");
        assert_eq!(day_of("240101D1,00NMSCNONREF"), "2024-01-01");
        assert_eq!(day_of("1602300301DR6,00N024NONREF"), "2016-03-01");
        assert!(line("160230DR6,00N024NONREF").is_err());
    }

    #[test]
    fn what_is_no_entry_names_field_and_form() {
        let error = |text: &str| line(text).unwrap_err().to_string();
        assert_eq!(
            error("240231D1,00NMSC"),
            "x: line 7, field :61:: `240231D1,00NMSC`, expected a value date YYMMDD first"
        );
        assert!(error("2402290230D1,00NMSC").contains("entry date"));
        assert!(error("240229X1,00NMSC").contains("a mark"));
        assert!(error("240229D100NMSC").contains("an amount"));
        assert!(error("240229D1,234NMSC").contains("an amount"));
        assert!(error("240229D1,00XMSC").contains("a type"));
        assert!(error("240229D1,00NM").contains("a line like"));
        assert!(error("240229D1,00Né").contains("a line like"));
    }
}
