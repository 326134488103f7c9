//! Panels read from tables.

use std::collections::BTreeMap;
use std::io::Read;

use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::Array2;

use crate::panel::MAX_DAYS;
use crate::{Error, Fill, Frequency, Panel, Series};

/// Names of the columns of a long table, one value a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LongColumns {
    /// Whose value.
    pub user: String,
    /// The day, as `2024-01-31`.
    pub date: String,
    /// Which category.
    pub category: String,
    /// The value; empty is a gap.
    pub value: String,
}

impl Default for LongColumns {
    /// `user`, `date`, `category`, `value`.
    fn default() -> Self {
        let [user, date, category, value] = ["user", "date", "category", "value"].map(str::to_owned);
        Self { user, date, category, value }
    }
}

impl Panel {
    /// A panel from a wide table: a first column of dates in rising order, then one column per series. The
    /// panel has one category, named `value`. Empty fields and missing dates are gaps.
    ///
    /// # Errors
    /// [`Error::Csv`] with line, column and value for a field that is no date or no number of at least 0, a
    /// date that does not rise or is off the calendar's step, or a line of another length; [`Error::Data`]
    /// for columns of the same name or no rows.
    ///
    /// # Examples
    /// ```
    /// use fincoach_forecast::{Fill, Frequency, Panel};
    /// let text = "date,a,b\n2024-01-01,4,1\n2024-01-02,,2\n2024-01-04,6,0\n";
    /// let panel = Panel::read_wide(text.as_bytes(), Frequency::Daily, Fill::Carry)?;
    /// assert_eq!(panel.series()[0].values().column(0).to_vec(), [4.0, 4.0, 4.0, 6.0]);
    /// assert_eq!((panel.series()[0].n_gaps(), panel.series()[1].n_gaps()), (2, 1));
    /// let broken = Panel::read_wide("date,a\n2024-01-01,x\n".as_bytes(), Frequency::Daily, Fill::Zero);
    /// let said = "line 2, column `a`: \"x\" is not a number of at least 0";
    /// assert_eq!(broken.unwrap_err().to_string(), said);
    /// # Ok::<(), fincoach_forecast::Error>(())
    /// ```
    pub fn read_wide(source: impl Read, frequency: Frequency, fill: Fill) -> Result<Self, Error> {
        let mut table = Table::open(source)?;
        let mut rows: Vec<(NaiveDate, Vec<f64>)> = Vec::new();
        while table.next()? {
            let date = table.date(0)?;
            let step = i64::try_from(frequency.days()).unwrap_or(1);
            if let Some((before, _)) = rows.last()
                && (date <= *before || (date - *before).num_days() % step != 0)
            {
                return Err(table.error(0, "a date that rises by the step of the calendar"));
            }
            let values = (1..table.names.len()).map(|place| table.number(place)).collect::<Result<_, _>>()?;
            rows.push((date, values));
        }
        let (first, last) = rows.first().zip(rows.last()).map(|(a, b)| (a.0, b.0)).unzip();
        let start = first.unwrap_or_default();
        let n_days = check_span("the table", first, last, frequency)?;
        let series = table.names.iter().skip(1).enumerate().map(|(place, name)| {
            let mut values = Array2::from_elem((n_days, 1), f64::NAN);
            for (date, row) in &rows {
                values[[frequency.steps_until(start, *date) - 1, 0]] = row[place];
            }
            let series = Series::with_gaps(name, start, values, fill)?.with_frequency(frequency);
            Ok::<_, Error>(series)
        });
        Ok(Self::new(vec!["value".to_owned()], series.collect::<Result<_, _>>()?)?)
    }

    /// A panel from a long table: one row per user, date and category, in any order. Users and categories
    /// come in the order of their names; a user's calendar runs from the first date to the last, and what has
    /// no row there is a gap.
    ///
    /// # Errors
    /// [`Error::Csv`] with line, column and value for a column that is not there, a field that is no date or
    /// no number of at least 0, a name that is empty, or a second value for one place;
    /// [`Error::TooManyDays`]; [`Error::Data`] without rows.
    ///
    /// # Examples
    /// ```
    /// use fincoach_forecast::{Fill, LongColumns, Panel};
    /// let text = "user,date,category,value\nanna,2024-01-02,food,3\nanna,2024-01-01,rent,500\n";
    /// let panel = Panel::read_long(text.as_bytes(), &LongColumns::default(), Fill::Zero)?;
    /// assert_eq!(panel.categories(), ["food", "rent"]);
    /// assert_eq!(panel.series()[0].values().column(0).to_vec(), [0.0, 3.0]);
    /// # Ok::<(), fincoach_forecast::Error>(())
    /// ```
    pub fn read_long(source: impl Read, columns: &LongColumns, fill: Fill) -> Result<Self, Error> {
        let mut table = Table::open(source)?;
        let mut places = [0; 4];
        let names = [&columns.user, &columns.date, &columns.category, &columns.value];
        for (place, name) in places.iter_mut().zip(names) {
            *place = table.place(name)?;
        }
        let [user, date, category, value] = places;
        let mut users: BTreeMap<String, BTreeMap<(NaiveDate, String), f64>> = BTreeMap::new();
        while table.next()? {
            let key = (table.date(date)?, table.name(category)?);
            let number = table.number(value)?;
            if users.entry(table.name(user)?).or_default().insert(key, number).is_some() {
                return Err(table.error(value, "the only value of its user, date and category"));
            }
        }
        let categories: std::collections::BTreeSet<&String> =
            users.values().flat_map(|cells| cells.keys().map(|(_, category)| category)).collect();
        let categories: Vec<String> = categories.into_iter().cloned().collect();
        let series = users.iter().map(|(user, cells)| long_series(user, cells, &categories, fill));
        let series = series.collect::<Result<_, _>>()?;
        Ok(Self::new(categories, series)?)
    }
}

fn long_series(
    user: &str,
    cells: &BTreeMap<(NaiveDate, String), f64>,
    categories: &[String],
    fill: Fill,
) -> Result<Series, Error> {
    let first = cells.keys().next().map(|(date, _)| *date);
    let last = cells.keys().next_back().map(|(date, _)| *date);
    let n_days = check_span(user, first, last, Frequency::Daily)?;
    let start = first.unwrap_or_default();
    let mut values = Array2::from_elem((n_days, categories.len()), f64::NAN);
    for ((date, category), value) in cells {
        let place = categories.binary_search(category).unwrap_or_default();
        values[[Frequency::Daily.steps_until(start, *date) - 1, place]] = *value;
    }
    Ok(Series::with_gaps(user, start, values, fill)?)
}

/// Steps from the first date to the last.
fn check_span(
    user: &str,
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
    frequency: Frequency,
) -> Result<usize, Error> {
    let Some((first, last)) = first.zip(last) else { return Ok(0) };
    let n_days = frequency.steps_until(first, last);
    if n_days > MAX_DAYS {
        return Err(Error::TooManyDays { user: user.to_owned(), first, last, n_days, most: MAX_DAYS });
    }
    Ok(n_days)
}

/// A table read line by line.
struct Table<R> {
    reader: csv::Reader<R>,
    names: Vec<String>,
    record: csv::StringRecord,
}

impl<R: Read> Table<R> {
    fn open(source: R) -> Result<Self, Error> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(source);
        let header = reader.headers().map_err(|error| broken(&error))?;
        let names = header.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
        Ok(Self { reader, names, record: csv::StringRecord::new() })
    }

    fn next(&mut self) -> Result<bool, Error> {
        let more = self.reader.read_record(&mut self.record).map_err(|error| broken(&error))?;
        if more && self.record.len() != self.names.len() {
            let (value, expected) = (format!("{} fields", self.record.len()), "as many as the header");
            return Err(Error::Csv { line: self.line(), column: String::new(), value, expected });
        }
        Ok(more)
    }

    fn line(&self) -> u64 {
        self.record.position().map_or(1, csv::Position::line)
    }

    fn error(&self, place: usize, expected: &'static str) -> Error {
        let value = self.record.get(place).unwrap_or_default().to_owned();
        Error::Csv { line: self.line(), column: self.names[place].clone(), value, expected }
    }

    fn place(&self, name: &str) -> Result<usize, Error> {
        self.names.iter().position(|one| one == name).ok_or_else(|| {
            let (what, known) = ("column", self.names.clone());
            fincoach_core::DataError::UnknownName { what, name: name.to_owned(), known }.into()
        })
    }

    fn name(&self, place: usize) -> Result<String, Error> {
        let name = self.record.get(place).unwrap_or_default();
        if name.is_empty() { Err(self.error(place, "a name")) } else { Ok(name.to_owned()) }
    }

    fn date(&self, place: usize) -> Result<NaiveDate, Error> {
        let text = self.record.get(place).unwrap_or_default();
        text.parse().map_err(|_| self.error(place, "a date such as 2024-01-31"))
    }

    /// NaN for an empty field.
    fn number(&self, place: usize) -> Result<f64, Error> {
        let text = self.record.get(place).unwrap_or_default();
        if text.is_empty() {
            return Ok(f64::NAN);
        }
        let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
        number.ok_or_else(|| self.error(place, "a number of at least 0"))
    }
}

/// What the reader of tables refused: text that is not UTF-8, or a file that cannot be read.
fn broken(error: &csv::Error) -> Error {
    let line = error.position().map_or(1, csv::Position::line);
    Error::Csv { line, column: String::new(), value: error.to_string(), expected: "a line of UTF-8 text" }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wide(text: &str) -> Result<Panel, Error> {
        Panel::read_wide(text.as_bytes(), Frequency::Daily, Fill::SeasonMedian)
    }

    fn long(text: &str) -> Result<Panel, Error> {
        Panel::read_long(text.as_bytes(), &LongColumns::default(), Fill::Zero)
    }

    #[test]
    fn a_broken_field_is_named_with_line_column_and_value() {
        let place = |error: Error| match error {
            Error::Csv { line, column, value, .. } => (line, column, value),
            other => panic!("{other}"),
        };
        let told = |line, column: &str, value: &str| (line, column.to_owned(), value.to_owned());
        let head = "date,a\n2024-01-02,1\n";
        assert_eq!(place(wide(&format!("{head}2024-01-02,1")).unwrap_err()), told(3, "date", "2024-01-02"));
        assert_eq!(place(wide(&format!("{head}2024-13-02,1")).unwrap_err()), told(3, "date", "2024-13-02"));
        assert_eq!(place(wide(&format!("{head}2024-01-03,-1")).unwrap_err()), told(3, "a", "-1"));
        assert_eq!(place(wide(&format!("{head}2024-01-03,inf")).unwrap_err()), told(3, "a", "inf"));
        assert_eq!(place(wide(&format!("{head}2024-01-03,1,2")).unwrap_err()), told(3, "", "3 fields"));
        let head = "user,date,category,value\nanna,2024-01-02,food,3\n";
        let twice = long(&format!("{head}anna,2024-01-02,food,4"));
        assert_eq!(place(twice.unwrap_err()), told(3, "value", "4"));
        assert_eq!(place(long(&format!("{head},2024-01-02,food,4")).unwrap_err()), told(3, "user", ""));
        let unknown = long("user,day,category,value\n").unwrap_err();
        assert!(unknown.to_string().starts_with("no column `date`"), "{unknown}");
    }

    #[test]
    fn a_mistyped_century_does_not_fill_the_memory() {
        let far = wide("date,a\n0024-01-01,1\n2024-01-01,1\n");
        assert!(matches!(far, Err(Error::TooManyDays { .. })));
        assert!(matches!(wide("date,a\n"), Err(Error::Data(_))));
        assert!(long("user,date,category,value\n").is_err());
    }

    #[test]
    fn weeks_are_dated_by_their_first_day() {
        let text = "date,a\n2024-01-01,1\n2024-01-15,3\n";
        let panel = Panel::read_wide(text.as_bytes(), Frequency::Weekly, Fill::Carry).unwrap();
        assert_eq!(panel.series()[0].values().column(0).to_vec(), [1.0, 1.0, 3.0]);
        assert_eq!(panel.series()[0].last().to_string(), "2024-01-15");
        assert!(
            Panel::read_wide(
                "date,a\n2024-01-01,1\n2024-01-09,3\n".as_bytes(),
                Frequency::Weekly,
                Fill::Zero
            )
            .is_err()
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_panel_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Panel::read_wide(&bytes[..], Frequency::Daily, Fill::Carry);
            let _ = Panel::read_long(&bytes[..], &LongColumns::default(), Fill::Carry);
        }
    }
}
