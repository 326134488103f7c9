//! From the fields of a record to the values of a row.

use std::borrow::Cow;

use fincoach_core::chrono::{NaiveDateTime, NaiveTime};
use fincoach_core::{Money, TimePrecision};

use crate::columns::Columns;
use crate::date_format::parse_time;
use crate::error::{Error, Place, excerpt};
use crate::{DateFormat, TextCleaning};

/// The texts of a row, by their places in [`Parsed::texts`].
pub(crate) const TYPE: usize = 0;
pub(crate) const CATEGORY: usize = 1;
pub(crate) const DESCRIPTION: usize = 2;
pub(crate) const CITY: usize = 3;
pub(crate) const COUNTRY: usize = 4;
pub(crate) const USER: usize = 5;
pub(crate) const N_TEXTS: usize = 6;

/// Which of the texts follow the [`TextCleaning`].
pub(crate) const CLEANED: [bool; N_TEXTS] = [false, false, true, true, true, true];

/// The fields of one record, wherever they stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    text: &'a str,
    bounds: &'a [(usize, usize)],
    line: u64,
}

impl<'a> Fields<'a> {
    pub(crate) const fn new(text: &'a str, bounds: &'a [(usize, usize)], line: u64) -> Self {
        Self { text, bounds, line }
    }

    pub(crate) const fn len(&self) -> usize {
        self.bounds.len()
    }

    /// The field at a position; empty where there is none.
    pub(crate) fn field(&self, position: usize) -> &'a str {
        self.bounds.get(position).and_then(|(start, end)| self.text.get(*start..*end)).unwrap_or("")
    }

    /// The line the record begins on.
    pub(crate) const fn line(&self) -> u64 {
        self.line
    }
}

/// The values of one row.
#[derive(Clone, Debug)]
pub(crate) struct Parsed<'a> {
    pub(crate) time: NaiveDateTime,
    pub(crate) precision: TimePrecision,
    pub(crate) amount: Money,
    pub(crate) balance: Option<Money>,
    /// `None` for columns the file does not have, empty for blanks.
    pub(crate) texts: [Option<Cow<'a, str>>; N_TEXTS],
}

/// Parses records of one file.
#[derive(Debug)]
pub(crate) struct Parser<'a> {
    pub(crate) file: &'a str,
    pub(crate) columns: &'a Columns,
    pub(crate) date_format: DateFormat,
    pub(crate) cleaning: TextCleaning,
}

impl Parser<'_> {
    pub(crate) fn place(&self, record: &Fields<'_>) -> Place {
        Place { file: self.file.into(), line: record.line() }
    }

    pub(crate) fn row<'a>(&self, record: &Fields<'a>) -> Result<Parsed<'a>, Error> {
        let (expected, got) = (self.columns.names.len(), record.len());
        if expected != got {
            return Err(Error::FieldCount { place: self.place(record), expected, got });
        }
        let (time, precision) = self.time(record)?;
        let (amount, balance) = (self.amount(record)?, self.balance(record)?);
        self.ensure_user(record)?;
        let mut texts = self.columns.texts().map(|position| position.map(|at| Cow::Borrowed(record.field(at))));
        for (text, cleaned) in texts.iter_mut().zip(CLEANED) {
            if let (Some(Cow::Borrowed(text)), true) = (text, cleaned) {
                *text = self.cleaning.apply(text);
            }
        }
        Ok(Parsed { time, precision, amount, balance, texts })
    }

    fn wrong(&self, record: &Fields<'_>, position: usize, expected: impl Into<String>) -> Error {
        Error::field(self.place(record), self.columns.name(position), record.field(position), expected)
    }

    fn time(&self, record: &Fields<'_>) -> Result<(NaiveDateTime, TimePrecision), Error> {
        let position = self.columns.date;
        let date = self.date_format.parse(record.field(position).trim()).ok_or_else(|| {
            let format = self.date_format;
            self.wrong(record, position, format!("a date like {format} from 1900 to 2199"))
        })?;
        match self.columns.time.map(|position| (position, record.field(position).trim())) {
            None | Some((_, "")) => Ok((date.and_time(NaiveTime::MIN), TimePrecision::Day)),
            Some((position, text)) => {
                let time = parse_time(text)
                    .ok_or_else(|| self.wrong(record, position, "a time of day like 09:30 or 09:30:15"))?;
                Ok((date.and_time(time), TimePrecision::Second))
            }
        }
    }

    fn amount(&self, record: &Fields<'_>) -> Result<Money, Error> {
        let (debit_at, credit_at) = (self.columns.debit, self.columns.credit);
        match (self.unsigned(record, debit_at)?, self.unsigned(record, credit_at)?) {
            (Some(debit), None | Some(Money::ZERO)) => Ok(-debit),
            (None | Some(Money::ZERO), Some(credit)) => Ok(credit),
            (None, None) => Err(Error::NoAmount {
                place: self.place(record),
                debit_column: self.columns.name(debit_at).to_owned(),
                credit_column: self.columns.name(credit_at).to_owned(),
            }),
            (Some(_), Some(_)) => Err(Error::BothAmounts {
                place: self.place(record),
                debit_column: self.columns.name(debit_at).to_owned(),
                debit: excerpt(record.field(debit_at)),
                credit_column: self.columns.name(credit_at).to_owned(),
                credit: excerpt(record.field(credit_at)),
            }),
        }
    }

    fn unsigned(&self, record: &Fields<'_>, position: usize) -> Result<Option<Money>, Error> {
        match record.field(position).trim() {
            "" => Ok(None),
            text => match text.parse::<Money>() {
                Ok(amount) if !text.starts_with(['-', '+']) => Ok(Some(amount)),
                _ => Err(self.wrong(record, position, "an amount like 12.34 without a sign")),
            },
        }
    }

    fn balance(&self, record: &Fields<'_>) -> Result<Option<Money>, Error> {
        let Some(position) = self.columns.balance else { return Ok(None) };
        match record.field(position).trim() {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|_| self.wrong(record, position, "an amount like 12.34 or -12.34")),
        }
    }

    fn ensure_user(&self, record: &Fields<'_>) -> Result<(), Error> {
        match self.columns.user {
            Some(position) if self.cleaning.apply(record.field(position)).is_empty() => {
                Err(self.wrong(record, position, "the name of a user in every row"))
            }
            _ => Ok(()),
        }
    }
}
