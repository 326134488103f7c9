//! Logs as CSV files.

use std::io::{self, Read, Write};

use csv::{Reader, StringRecord, Writer};
use fincoach_core::chrono::NaiveDateTime;
use fincoach_core::{Action, DataError};

use super::{InterventionLog, LogEntry};
use crate::Error;

const HEADER: [&str; 6] = ["user", "time", "action", "action_name", "propensity", "feedback"];
const TIME: &str = "%Y-%m-%dT%H:%M:%S";

/// A log as it was read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LogFile {
    /// The log.
    pub log: InterventionLog,
    /// Columns that were not looked at, in the order of the file.
    pub ignored_columns: Vec<String>,
}

/// Reads a log: a header, then one entry a line, in any order.
///
/// Columns are found by name. `user` and `time` (`YYYY-mm-ddTHH:MM:SS`) must be there, and `action` (0 to 4) or
/// `action_name`, which must agree where both are; `propensity` and `feedback` may be missing or empty. Further
/// columns are not looked at; [`LogFile::ignored_columns`] names them.
///
/// # Errors
/// [`Error::LogField`] with line, column, value and what would have been right; [`Error::LogFile`] for a file that
/// cannot be read or has lines of different lengths; [`DataError::UnknownName`] for a column that is missing,
/// [`DataError::Duplicate`] for one that stands twice; as [`InterventionLog::new`].
///
/// # Examples
/// ```
/// use fincoach_recommend::read_log_csv;
/// let text = "user,time,action,propensity,feedback\nanna,2024-01-01T00:00:00,3,0.25,\n";
/// let log = read_log_csv(text.as_bytes())?.log;
/// let entry = log.user("anna").unwrap().entries()[0];
/// assert_eq!((entry.propensity, entry.feedback), (Some(0.25), None));
///
/// let error = read_log_csv(text.replace("01-01", "13-01").as_bytes()).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "line 2, column `time`: `2024-13-01T00:00:00` must be a time such as 2024-01-31T00:00:00"
/// );
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
pub fn read_log_csv(file: impl Read) -> Result<LogFile, Error> {
    let mut reader = Reader::from_reader(file);
    let header = header(&mut reader)?;
    let columns = Columns::of(&header)?;
    let mut entries = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        entries.push(columns.entry(&Line::of(&record))?);
    }
    let ignored = header.iter().filter(|name| !HEADER.contains(name)).map(str::to_owned).collect();
    Ok(LogFile { log: InterventionLog::new(entries)?, ignored_columns: ignored })
}

/// Reads when users left for good: columns `user` and `time`, others are not looked at.
///
/// # Errors
/// As [`read_log_csv`].
///
/// # Examples
/// ```
/// use fincoach_recommend::read_departures_csv;
/// let left = read_departures_csv("user,time\nanna,2024-03-01T00:00:00\n".as_bytes())?;
/// assert_eq!(left[0].0, "anna");
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
pub fn read_departures_csv(file: impl Read) -> Result<Vec<(String, NaiveDateTime)>, Error> {
    let mut reader = Reader::from_reader(file);
    let header = header(&mut reader)?;
    let (user, time) = (required(&header, "user")?, required(&header, "time")?);
    let mut departures = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = Line::of(&record);
        departures.push((line.user(user)?, line.time(time)?));
    }
    Ok(departures)
}

/// Writes a log in the form that [`read_log_csv`] reads; reading gives an equal log, without the departures.
///
/// # Errors
/// [`Error::LogFile`] when the file cannot be written.
pub fn write_log_csv(log: &InterventionLog, file: impl Write) -> Result<(), Error> {
    let mut writer = Writer::from_writer(file);
    writer.write_record(HEADER).map_err(unreadable)?;
    let text = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
    for (user, entry) in log.iter() {
        let time = entry.time.format(TIME).to_string();
        let (index, name) = (entry.action.index().to_string(), entry.action.name());
        let (propensity, feedback) = (text(entry.propensity), text(entry.feedback));
        writer.write_record([user, &time, &index, name, &propensity, &feedback]).map_err(unreadable)?;
    }
    writer.flush().map_err(Error::LogFile)
}

/// Where the columns stand.
struct Columns {
    user: usize,
    time: usize,
    action: Option<usize>,
    action_name: Option<usize>,
    propensity: Option<usize>,
    feedback: Option<usize>,
}

impl Columns {
    fn of(header: &StringRecord) -> Result<Self, DataError> {
        let (user, time) = (required(header, "user")?, required(header, "time")?);
        let (action, action_name) = (position(header, "action"), position(header, "action_name"));
        if action.is_none() && action_name.is_none() {
            required(header, "action")?;
        }
        let (propensity, feedback) = (position(header, "propensity"), position(header, "feedback"));
        Ok(Self { user, time, action, action_name, propensity, feedback })
    }

    fn entry(&self, line: &Line<'_>) -> Result<(String, LogEntry), Error> {
        let mut entry = LogEntry::new(line.time(self.time)?, self.action(line)?);
        let in_range = |p: f64| p > 0.0 && p <= 1.0;
        entry.propensity = line.number(self.propensity, "propensity", ("a number in (0, 1]", in_range))?;
        entry.feedback = line.number(self.feedback, "feedback", ("a finite number", f64::is_finite))?;
        Ok((line.user(self.user)?, entry))
    }

    fn action(&self, line: &Line<'_>) -> Result<Action, Error> {
        let by_number = self.action.map(|at| {
            let number = line.field(at).parse().ok().and_then(Action::from_index);
            number.ok_or_else(|| line.wrong(at, "action", "a number from 0 to 4"))
        });
        let by_name = self.action_name.map(|at| {
            let known = "continue_current_behavior, spending_alert, budget_suggestion, savings_nudge or \
                         positive_reinforcement";
            line.field(at).parse::<Action>().map_err(|_| line.wrong(at, "action_name", known))
        });
        match (by_number.transpose()?, by_name.transpose()?, self.action_name) {
            (Some(number), Some(name), Some(at)) if number != name => {
                Err(line.wrong(at, "action_name", number.name()))
            }
            (Some(action), ..) | (None, Some(action), _) => Ok(action),
            (None, None, _) => Err(DataError::Empty { what: "action" }.into()),
        }
    }
}

/// A line of the file and its number.
struct Line<'a> {
    record: &'a StringRecord,
    number: u64,
}

impl<'a> Line<'a> {
    fn of(record: &'a StringRecord) -> Self {
        Self { record, number: record.position().map_or(0, csv::Position::line) }
    }

    fn field(&self, at: usize) -> &'a str {
        self.record.get(at).unwrap_or("")
    }

    fn user(&self, at: usize) -> Result<String, Error> {
        match self.field(at) {
            "" => Err(self.wrong(at, "user", "a name")),
            user => Ok(user.to_owned()),
        }
    }

    fn time(&self, at: usize) -> Result<NaiveDateTime, Error> {
        NaiveDateTime::parse_from_str(self.field(at), TIME)
            .map_err(|_| self.wrong(at, "time", "a time such as 2024-01-31T00:00:00"))
    }

    fn number(
        &self,
        at: Option<usize>,
        column: &'static str,
        (expected, fine): (&'static str, impl Fn(f64) -> bool),
    ) -> Result<Option<f64>, Error> {
        let Some((at, text)) = at.map(|at| (at, self.field(at))).filter(|(_, text)| !text.is_empty()) else {
            return Ok(None);
        };
        let number = text.parse().ok().filter(|number| fine(*number));
        number.map(Some).ok_or_else(|| self.wrong(at, column, expected))
    }

    fn wrong(&self, at: usize, column: &'static str, expected: &'static str) -> Error {
        // A quote that never closes makes a field of the whole file.
        let value = self.field(at).chars().take(60).collect();
        Error::LogField { line: self.number, column, value, expected }
    }
}

fn header<R: Read>(reader: &mut Reader<R>) -> Result<StringRecord, Error> {
    let header = reader.headers().map_err(unreadable)?.clone();
    for (at, name) in header.iter().enumerate() {
        if header.iter().take(at).any(|before| before == name) {
            return Err(DataError::Duplicate { what: "column", name: name.to_owned() }.into());
        }
    }
    Ok(header)
}

fn position(header: &StringRecord, name: &str) -> Option<usize> {
    header.iter().position(|column| column == name)
}

fn required(header: &StringRecord, name: &str) -> Result<usize, DataError> {
    position(header, name).ok_or_else(|| DataError::unknown("column", name, header.iter().map(str::to_owned)))
}

fn unreadable(error: csv::Error) -> Error {
    Error::LogFile(io::Error::from(error))
}
