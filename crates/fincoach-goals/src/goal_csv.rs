//! Goals as CSV files.

use std::io::{self, Read, Write};

use csv::{Reader, StringRecord, Writer};
use fincoach_core::chrono::NaiveDate;
use fincoach_core::{Category, DataError, Money};

use crate::{Error, Goal, GoalKind};

const HEADER: [&str; 6] = ["user", "kind", "start", "date", "target", "category"];
const DATE: &str = "%Y-%m-%d";

/// Reads goals: a header, then one goal a line.
///
/// | column | form |
/// | --- | --- |
/// | `user` | a name |
/// | `kind` | `save`, `buffer`, `pay_down` or `cap` |
/// | `start`, `date` | `YYYY-mm-dd` |
/// | `target` | months for `buffer`, otherwise an amount such as `500.00` with at most `decimals` decimals |
/// | `category` | a standard category for `cap`, empty or left out for the others |
///
/// `decimals` is that of the ledger ([`fincoach_core::Ledger::decimals`]). Columns are found by name and further ones are
/// refused, since a misspelt `category` would otherwise pass unnoticed.
///
/// # Errors
/// [`Error::GoalField`] with line, column, value and what would have been right; [`Error::GoalFile`] for a file that
/// cannot be read; [`DataError::UnknownName`] for a column that is missing or not known, [`DataError::Duplicate`] for one
/// that stands twice.
///
/// # Examples
/// ```
/// use fincoach_goals::read_goals_csv;
/// let text = "user,kind,start,date,target,category\nanna,cap,2024-01-01,2024-02-01,120.00,dine_out\n";
/// assert_eq!(read_goals_csv(text.as_bytes(), 2)?[0].days(), 31);
/// let error = read_goals_csv(text.replace("120.00", "lots").as_bytes(), 2).unwrap_err();
/// assert_eq!(error.to_string(), "line 2, column `target`: `lots` must be an amount such as 500.00");
/// # Ok::<(), fincoach_goals::Error>(())
/// ```
pub fn read_goals_csv(file: impl Read, decimals: u8) -> Result<Vec<Goal>, Error> {
    let mut reader = Reader::from_reader(file);
    let header = reader.headers().map_err(unreadable)?.clone();
    let columns = Columns::of(&header)?;
    let mut goals = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        goals.push(Line { record: &record, columns: &columns, decimals }.goal()?);
    }
    Ok(goals)
}

/// Writes goals in the form that [`read_goals_csv`] reads; reading gives equal goals.
///
/// # Errors
/// [`Error::GoalFile`] when the file cannot be written.
pub fn write_goals_csv(goals: &[Goal], decimals: u8, file: impl Write) -> Result<(), Error> {
    let mut writer = Writer::from_writer(file);
    writer.write_record(HEADER).map_err(unreadable)?;
    for goal in goals {
        let (target, category) = match goal.kind() {
            GoalKind::Save(amount) | GoalKind::PayDown(amount) => (amount.to_text(decimals), ""),
            GoalKind::Buffer(months) => (months.to_string(), ""),
            GoalKind::Cap(category, amount) => (amount.to_text(decimals), category.name()),
        };
        let [start, date] = [goal.start(), goal.date()].map(|day| day.format(DATE).to_string());
        let fields = [goal.user(), goal.kind().name(), &start, &date, &target, category];
        writer.write_record(fields).map_err(unreadable)?;
    }
    writer.flush().map_err(Error::GoalFile)
}

/// Where the columns of [`HEADER`] stand; the category may be left out.
struct Columns([Option<usize>; HEADER.len()]);

impl Columns {
    fn of(header: &StringRecord) -> Result<Self, DataError> {
        let mut places = [None; HEADER.len()];
        for (at, name) in header.iter().enumerate() {
            let known = HEADER.iter().position(|column| *column == name);
            let column = known.ok_or_else(|| DataError::unknown("column", name, HEADER))?;
            if places[column].replace(at).is_some() {
                return Err(DataError::Duplicate { what: "column", name: name.to_owned() });
            }
        }
        match places[..HEADER.len() - 1].iter().position(Option::is_none) {
            None => Ok(Self(places)),
            Some(column) => {
                Err(DataError::unknown("column", HEADER[column], header.iter().map(str::to_owned)))
            }
        }
    }
}

struct Line<'a> {
    record: &'a StringRecord,
    columns: &'a Columns,
    decimals: u8,
}

const USER: usize = 0;
const KIND: usize = 1;
const START: usize = 2;
const END: usize = 3;
const TARGET: usize = 4;
const CATEGORY: usize = 5;

impl Line<'_> {
    fn goal(&self) -> Result<Goal, Error> {
        let (start, date) = (self.date(START)?, self.date(END)?);
        if self.field(USER).is_empty() {
            return Err(self.wrong(USER, "a name"));
        }
        if self.field(KIND) != "cap" && !self.field(CATEGORY).is_empty() {
            return Err(self.wrong(CATEGORY, "empty unless the kind is `cap`"));
        }
        let kind = match self.field(KIND) {
            "save" => GoalKind::Save(self.amount()?),
            "pay_down" => GoalKind::PayDown(self.amount()?),
            "buffer" => GoalKind::Buffer(self.months()?),
            "cap" => GoalKind::Cap(self.category()?, self.amount()?),
            _ => return Err(self.wrong(KIND, "`save`, `buffer`, `pay_down` or `cap`")),
        };
        Goal::new(self.field(USER), kind, start, date).map_err(|error| match error {
            Error::Param(param) if param.name == "date" => self.wrong(END, param.allowed),
            Error::Param(param) => self.wrong(TARGET, param.allowed),
            other => other,
        })
    }

    fn field(&self, column: usize) -> &str {
        self.columns.0[column].and_then(|at| self.record.get(at)).unwrap_or("")
    }

    fn date(&self, column: usize) -> Result<NaiveDate, Error> {
        NaiveDate::parse_from_str(self.field(column), DATE)
            .map_err(|_| self.wrong(column, "a date such as 2024-01-31"))
    }

    fn amount(&self) -> Result<Money, Error> {
        minor_units(self.field(TARGET), self.decimals)
            .map(Money::from_minor)
            .ok_or_else(|| self.wrong(TARGET, "an amount such as 500.00"))
    }

    fn months(&self) -> Result<f64, Error> {
        self.field(TARGET).parse().map_err(|_| self.wrong(TARGET, "a number of months"))
    }

    fn category(&self) -> Result<Category, Error> {
        self.field(CATEGORY).parse().map_err(|_| self.wrong(CATEGORY, "a standard category"))
    }

    fn wrong(&self, column: usize, expected: &'static str) -> Error {
        let line = self.record.position().map_or(0, csv::Position::line);
        // A quote that never closes makes a field of the whole file.
        let value = self.field(column).chars().take(60).collect();
        Error::GoalField { line, column: HEADER[column], value, expected }
    }
}

/// An amount in minor units, read without a float; `None` for anything that is not digits with at most one point and
/// `decimals` digits after it.
fn minor_units(text: &str, decimals: u8) -> Option<i64> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let width = usize::from(decimals);
    let all_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > width || !all_digits {
        return None;
    }
    let minor: i64 = format!("{whole}{fraction:0<width$}").parse().ok()?;
    Some(if negative { -minor } else { minor })
}

fn unreadable(error: csv::Error) -> Error {
    Error::GoalFile(io::Error::from(error))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "user,kind,start,date,target,category\nanna,save,2024-01-01,2024-04-01,500.5,\n";

    fn refused(from: &str, to: &str) -> String {
        read_goals_csv(TEXT.replace(from, to).as_bytes(), 2).unwrap_err().to_string()
    }

    #[test]
    fn a_damaged_field_is_named_with_its_place() {
        assert_eq!(
            read_goals_csv(TEXT.as_bytes(), 2).unwrap()[0].kind(),
            GoalKind::Save(Money::from_minor(50_050))
        );
        let of = |column, value, expected| format!("line 2, column `{column}`: `{value}` must be {expected}");
        assert_eq!(refused("500.5", "500.555"), of("target", "500.555", "an amount such as 500.00"));
        assert_eq!(refused("500.5", "0"), of("target", "0", "a positive amount"));
        assert_eq!(
            refused("500.5", "99999999999999999999"),
            of("target", "99999999999999999999", "an amount such as 500.00")
        );
        assert_eq!(
            refused("2024-04-01", "2024-13-01"),
            of("date", "2024-13-01", "a date such as 2024-01-31")
        );
        assert_eq!(
            refused("2024-04-01", "2024-01-01"),
            of("date", "2024-01-01", "1 to 3660 days after the start")
        );
        assert_eq!(refused("save", "sav"), of("kind", "sav", "`save`, `buffer`, `pay_down` or `cap`"));
        assert_eq!(refused("anna", ""), of("user", "", "a name"));
        assert_eq!(
            refused("500.5,", "500.5,bills"),
            of("category", "bills", "empty unless the kind is `cap`")
        );
        assert_eq!(refused("save", "cap"), of("category", "", "a standard category"));
        assert_eq!(
            refused("save,2024-01-01,2024-04-01,500.5", "buffer,2024-01-01,2024-04-01,NaN"),
            of("target", "NaN", "in (0, 120] months")
        );
    }

    #[test]
    fn a_file_of_every_kind_is_read_and_written() {
        let text = include_str!("../tests/goal_files/every_kind.csv");
        let goals = read_goals_csv(text.as_bytes(), 2).unwrap();
        let kinds: Vec<&str> = goals.iter().map(|goal| goal.kind().name()).collect();
        assert_eq!(kinds, ["save", "buffer", "pay_down", "cap"]);
        assert_eq!(goals[2].user(), "b, ben");
        let mut written = Vec::new();
        write_goals_csv(&goals, 2, &mut written).unwrap();
        assert_eq!(read_goals_csv(&written[..], 2).unwrap(), goals);
    }

    #[test]
    fn columns_are_known_by_name() {
        assert_eq!(refused("target", "taget"), "no column `taget`; did you mean `target`?");
        assert_eq!(refused("kind", "user"), "column `user` stands twice");
        let swapped = "date,start,target,kind,user\n2024-04-01,2024-01-01,500.50,save,anna\n";
        assert_eq!(
            read_goals_csv(swapped.as_bytes(), 2).unwrap(),
            read_goals_csv(TEXT.as_bytes(), 2).unwrap()
        );
        assert!(matches!(read_goals_csv(&b"user,kind\n\xff,save\n"[..], 2), Err(Error::Data(_))));
        let short = format!("{TEXT}ben,save\n");
        assert!(matches!(read_goals_csv(short.as_bytes(), 2), Err(Error::GoalFile(_))));
    }

    proptest! {
        #[test]
        fn goals_survive_a_file(minor in 1_i64..1_000_000_000, days in 1_u64..3000, kind in 0_u8..4, decimals in 0_u8..4) {
            use fincoach_core::chrono::Days;
            let amount = Money::from_minor(minor);
            let kind = match kind {
                0 => GoalKind::Save(amount),
                1 => GoalKind::Buffer(minor as f64 / 1e8),
                2 => GoalKind::PayDown(amount),
                _ => GoalKind::Cap(Category::DineOut, amount),
            };
            let start = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap();
            let goals = [Goal::new("a, \"b\"", kind, start, start + Days::new(days)).unwrap()];
            let mut file = Vec::new();
            write_goals_csv(&goals, decimals, &mut file).unwrap();
            prop_assert_eq!(read_goals_csv(&file[..], decimals).unwrap(), goals);
        }

        #[test]
        fn no_file_makes_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_goals_csv(&bytes[..], 2);
            let with_header = [TEXT.as_bytes(), &bytes].concat();
            let _ = read_goals_csv(&with_header[..], 2);
        }
    }
}
