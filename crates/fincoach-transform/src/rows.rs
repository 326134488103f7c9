//! The rows of a file, parsed and small, before their order is known.

use fincoach_core::chrono::{NaiveDateTime, NaiveTime};
use fincoach_core::{Money, TimePrecision};

use crate::columns::Columns;
use crate::date_format::parse_time;
use crate::error::{Error, Place, excerpt};
use crate::record::Record;
use crate::texts::{TextId, Texts};
use crate::{DateFormat, TextCleaning};

/// One row with its texts as numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) time: NaiveDateTime,
    pub(crate) precision: TimePrecision,
    pub(crate) amount: Money,
    pub(crate) balance: Option<Money>,
    pub(crate) type_code: TextId,
    pub(crate) category: TextId,
    pub(crate) description: TextId,
    pub(crate) city: TextId,
    pub(crate) country: TextId,
    pub(crate) user: TextId,
    /// Line of the file the row begins on.
    pub(crate) line: u64,
}

/// All rows in the order of the file; row `i` is row `i + 1` below the header.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) rows: Vec<Row>,
    pub(crate) texts: Texts,
    /// Blank fields of each column of the file.
    pub(crate) blanks: Vec<u64>,
}

impl Rows {
    pub(crate) fn new(n_columns: usize) -> Self {
        Self { blanks: vec![0; n_columns], ..Self::default() }
    }

    pub(crate) fn push(&mut self, parser: &Parser<'_>, record: &Record) -> Result<(), Error> {
        let row = parser.row(record, &mut self.texts)?;
        for (count, field) in self.blanks.iter_mut().zip(record.fields()) {
            *count += u64::from(parser.cleaning.apply(field).is_empty());
        }
        self.rows.push(row);
        // Row numbers are u32 in a ledger.
        if u32::try_from(self.rows.len()).is_err() {
            return Err(Error::TooManyRows { place: parser.place(record) });
        }
        Ok(())
    }

    /// Gives the spellings of each place that differ only in case and spaces one form.
    pub(crate) fn unify_places(&mut self) {
        let Self { rows, texts, .. } = self;
        let cities = texts.spellings(&texts.count(rows.iter().map(|row| row.city)));
        let countries = texts.spellings(&texts.count(rows.iter().map(|row| row.country)));
        for row in rows {
            row.city = cities[row.city as usize];
            row.country = countries[row.country as usize];
        }
    }
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
    pub(crate) fn place(&self, record: &Record) -> Place {
        Place { file: self.file.into(), line: record.line() }
    }

    fn row(&self, record: &Record, texts: &mut Texts) -> Result<Row, Error> {
        let (expected, got) = (self.columns.names.len(), record.len());
        if expected != got {
            return Err(Error::FieldCount { place: self.place(record), expected, got });
        }
        let (time, precision) = self.time(record)?;
        let mut text = |position: Option<usize>, cleaning: TextCleaning| {
            let text = position.map_or("", |position| cleaning.apply(record.field(position)));
            texts.intern(text).ok_or_else(|| Error::TooManyRows { place: self.place(record) })
        };
        Ok(Row {
            time,
            precision,
            amount: self.amount(record)?,
            balance: self.balance(record)?,
            type_code: text(self.columns.type_code, TextCleaning::Keep)?,
            category: text(self.columns.category, TextCleaning::Keep)?,
            description: text(Some(self.columns.description), self.cleaning)?,
            city: text(self.columns.city, self.cleaning)?,
            country: text(self.columns.country, self.cleaning)?,
            user: {
                self.ensure_user(record)?;
                text(self.columns.user, self.cleaning)?
            },
            line: record.line(),
        })
    }

    fn wrong(&self, record: &Record, position: usize, expected: impl Into<String>) -> Error {
        Error::field(self.place(record), self.columns.name(position), record.field(position), expected)
    }

    fn time(&self, record: &Record) -> Result<(NaiveDateTime, TimePrecision), Error> {
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

    fn amount(&self, record: &Record) -> Result<Money, Error> {
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

    fn unsigned(&self, record: &Record, position: usize) -> Result<Option<Money>, Error> {
        match record.field(position).trim() {
            "" => Ok(None),
            text => match text.parse::<Money>() {
                Ok(amount) if !text.starts_with(['-', '+']) => Ok(Some(amount)),
                _ => Err(self.wrong(record, position, "an amount like 12.34 without a sign")),
            },
        }
    }

    fn balance(&self, record: &Record) -> Result<Option<Money>, Error> {
        let Some(position) = self.columns.balance else { return Ok(None) };
        match record.field(position).trim() {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|_| self.wrong(record, position, "an amount like 12.34 or -12.34")),
        }
    }

    fn ensure_user(&self, record: &Record) -> Result<(), Error> {
        match self.columns.user {
            Some(position) if self.cleaning.apply(record.field(position)).is_empty() => {
                Err(self.wrong(record, position, "the name of a user in every row"))
            }
            _ => Ok(()),
        }
    }
}
