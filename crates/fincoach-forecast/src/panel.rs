//! Daily spending of every user.

use fincoach_core::chrono::{DateTime, Days, NaiveDate};
use fincoach_core::ndarray::Array2;
use fincoach_core::{Category, Currency, DataError, Ledger, LedgerView, Money, Role};

use crate::{Error, Frequency, Series};

/// Longest calendar of one user, in days: a mistyped year must not fill the memory with zeros.
pub(crate) const MAX_DAYS: usize = 36_525;
const SECONDS_PER_DAY: i64 = 86_400;

/// Daily spending per category of many users.
///
/// Spending is money out: the sum of `-amount` over the bookings with a negative amount; money in (salary,
/// refunds) does not lower it, and transfers between a user's own accounts are left out. A day without spending is a zero, never a gap.
///
/// # Examples
/// ```
/// use fincoach_core::{Category, Ledger, Money, Transaction, chrono::NaiveDate};
/// use fincoach_forecast::Panel;
/// let mut builder = Ledger::builder();
/// for (day, minor) in [(1, -250), (1, -100), (1, 5000), (4, -300)] {
///     let day = NaiveDate::from_ymd_opt(2024, 1, day).unwrap();
///     let mut row = Transaction::new("anna", day.into(), Money::from_minor(minor));
///     row.category = Category::Groceries;
///     builder.push(&row)?;
/// }
/// let panel = Panel::from_ledger(&builder.finish())?;
/// let anna = &panel.series()[0];
/// assert_eq!(anna.values().column(Category::Groceries.index()).to_vec(), [3.5, 0.0, 0.0, 3.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    categories: Vec<String>,
    series: Vec<Series>,
    currency: Option<Currency>,
}

impl Panel {
    /// A panel of series over the same categories.
    ///
    /// # Errors
    /// [`DataError::Empty`] without categories, [`DataError::Duplicate`] for a category or user that stands
    /// twice, [`DataError::Length`] for a series of another width, [`DataError::Inconsistent`] for days among
    /// weeks.
    pub fn new(categories: Vec<String>, series: Vec<Series>) -> Result<Self, DataError> {
        if categories.is_empty() {
            return Err(DataError::Empty { what: "categories" });
        }
        ensure_distinct("category", categories.iter().map(String::as_str))?;
        ensure_distinct("user", series.iter().map(Series::user))?;
        for one in &series {
            DataError::ensure_len("categories of a series", categories.len(), one.values().ncols())?;
            if one.frequency() != series[0].frequency() {
                let reason = format!("{:?} is not dated like the series before it", one.user());
                return Err(DataError::Inconsistent { what: "panel", reason });
            }
        }
        Ok(Self { categories, series, currency: None })
    }

    /// The panel of a ledger: one series per user over [`Category::ALL`], from the day of the first booking
    /// to that of the last. `O(rows + days)`.
    ///
    /// # Errors
    /// [`Error::TooManyDays`] when the bookings of a user lie more than a century apart.
    pub fn from_ledger(ledger: &Ledger) -> Result<Self, Error> {
        let series = ledger.iter_users().map(|view| daily(&view)).collect::<Result<_, Error>>()?;
        let panel = Self::new(Category::ALL.map(|category| category.name().to_owned()).to_vec(), series)?;
        Ok(Self { currency: ledger.currency(), ..panel })
    }

    /// The currency of all values, where the ledger told it.
    #[must_use]
    pub const fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// Names of the categories, in the order of the columns.
    #[must_use]
    pub fn categories(&self) -> &[String] {
        &self.categories
    }

    /// The users' series, in the order of the ledger.
    #[must_use]
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// Days or weeks; days without series.
    #[must_use]
    pub fn frequency(&self) -> Frequency {
        self.series.first().map_or(Frequency::Daily, Series::frequency)
    }

    /// What is forecast and scored: every category, and after them the total where there are several.
    #[must_use]
    pub fn n_targets(&self) -> usize {
        self.categories.len() + usize::from(self.categories.len() > 1)
    }

    /// Everything known on the evening of a date: rows dated up to it, gaps filled from these alone, and
    /// users who have any.
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{chrono::NaiveDate, ndarray::array};
    /// use fincoach_forecast::{Panel, Series};
    /// let day = |day| NaiveDate::from_ymd_opt(2024, 1, day).unwrap();
    /// let anna = Series::new("anna", day(1), array![[4.0], [2.0], [1.0]])?;
    /// let ben = Series::new("ben", day(3), array![[5.0]])?;
    /// let panel = Panel::new(vec!["groceries".into()], vec![anna, ben])?;
    /// assert_eq!((panel.until(day(2)).n_users(), panel.until(day(2)).n_days()), (1, 2));
    /// # Ok::<(), fincoach_core::DataError>(())
    /// ```
    #[must_use]
    pub fn until(&self, date: NaiveDate) -> Self {
        let cut = |series: &Series| match self.frequency().steps_until(series.start(), date) {
            0 => None,
            n_days => Some(series.until(n_days)),
        };
        let series = self.series.iter().filter_map(cut).collect();
        Self { categories: self.categories.clone(), series, currency: self.currency }
    }

    /// The panel of whole weeks from Monday to Sunday; users without one are left out.
    #[must_use]
    pub fn weekly(&self) -> Self {
        let series = self.series.iter().filter_map(Series::weekly).collect();
        Self { categories: self.categories.clone(), series, currency: self.currency }
    }

    /// The panel with a fact about every user, such as the segment; `None` leaves a user without it.
    #[must_use]
    pub fn with_attribute(mut self, name: &str, value_of: impl Fn(&str) -> Option<String>) -> Self {
        let known = |series: Series| match value_of(series.user()) {
            Some(value) => series.with_attribute(name, value),
            None => series,
        };
        self.series = self.series.into_iter().map(known).collect();
        self
    }

    /// The number of users.
    #[must_use]
    pub fn n_users(&self) -> usize {
        self.series.len()
    }

    /// The number of days over all users.
    #[must_use]
    pub fn n_days(&self) -> usize {
        self.series.iter().map(Series::n_days).sum()
    }

    /// The first and the last day of all users; `None` without users.
    #[must_use]
    pub fn span(&self) -> Option<(NaiveDate, NaiveDate)> {
        let first = self.series.iter().map(Series::start).min();
        first.zip(self.series.iter().map(Series::last).max())
    }
}

fn daily(view: &LedgerView<'_>) -> Result<Series, Error> {
    let days: Vec<i64> = view.times().iter().map(|time| time.div_euclid(SECONDS_PER_DAY)).collect();
    let (first, last) = (days.first().copied().unwrap_or(0), days.last().copied().unwrap_or(0));
    let place = |day: i64| usize::try_from(day - first).unwrap_or(usize::MAX);
    let n_days = place(last).saturating_add(1);
    if n_days > MAX_DAYS {
        let (user, first, last) = (view.user().to_owned(), date(first), date(last));
        return Err(Error::TooManyDays { user, first, last, n_days, most: MAX_DAYS });
    }
    let mut spent = Array2::from_elem((n_days, Category::ALL.len()), Money::ZERO);
    for (row, (day, amount)) in days.iter().zip(view.amounts()).enumerate() {
        // Money that only moves to another account of the same person is not spent.
        if amount.is_negative() && view.roles()[row] != Role::Transfer {
            spent[[place(*day), view.categories()[row].index()]] += -*amount;
        }
    }
    let minor_per_major = view.ledger().minor_per_major();
    Ok(Series::new(view.user(), date(first), spent.mapv(|spent| spent.to_major_of(minor_per_major)))?)
}

/// The date of a day counted from 1970-01-01.
fn date(day: i64) -> NaiveDate {
    DateTime::from_timestamp(day * SECONDS_PER_DAY, 0).map(|time| time.date_naive()).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "shown in a message")]
pub(crate) fn ensure_calendar(n_days: usize) -> Result<(), DataError> {
    if n_days <= MAX_DAYS {
        return Ok(());
    }
    let (what, allowed) = ("number of days of a user", "at most 36525");
    Err(DataError::OutOfRange { row: MAX_DAYS, what, allowed, value: n_days as f64 })
}

fn ensure_distinct<'a>(what: &'static str, names: impl Iterator<Item = &'a str>) -> Result<(), DataError> {
    let mut sorted: Vec<&str> = names.collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(DataError::Duplicate { what, name: pair[0].to_owned() }),
        None => Ok(()),
    }
}

/// The day `n_days` after `start`; the last day there is where the calendar ends.
pub(crate) fn day_after(start: NaiveDate, n_days: usize) -> NaiveDate {
    start.checked_add_days(Days::new(n_days as u64)).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use fincoach_core::Transaction;
    use fincoach_core::ndarray::array;

    use super::*;

    fn day(year: i32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, 1, day).unwrap()
    }

    fn ledger(rows: &[(&str, NaiveDate, i64)]) -> Ledger {
        let mut builder = Ledger::builder();
        for (user, day, minor) in rows {
            builder.push(&Transaction::new(user, (*day).into(), Money::from_minor(*minor))).unwrap();
        }
        builder.finish()
    }

    #[test]
    fn a_calendar_runs_from_the_first_day_to_the_last_whatever_was_booked_there() {
        let panel = Panel::from_ledger(&ledger(&[
            ("a", day(2024, 2), 900),
            ("a", day(2024, 5), -1),
            ("b", day(1969, 3), -2),
        ]))
        .unwrap();
        assert_eq!(panel.series()[0].start(), day(2024, 2));
        assert_eq!(panel.series()[0].values().column(10).to_vec(), [0.0, 0.0, 0.0, 0.01]);
        assert_eq!((panel.series()[1].start(), panel.series()[1].n_days()), (day(1969, 3), 1));
        assert_eq!((panel.n_users(), panel.n_days()), (2, 5));
    }

    #[test]
    fn a_transfer_is_not_spent_and_yen_have_no_hundredths() {
        let mut builder = Ledger::builder().with_currency("JPY".parse().unwrap());
        for role in [Role::Ordinary, Role::Transfer] {
            let mut row = Transaction::new("a", day(2024, 1).into(), Money::from_minor(-700));
            row.role = role;
            builder.push(&row).unwrap();
        }
        let panel = Panel::from_ledger(&builder.finish()).unwrap();
        assert_eq!(panel.series()[0].values().column(10).to_vec(), [700.0]);
    }

    #[test]
    fn a_calendar_of_centuries_is_refused() {
        let far = ledger(&[("a", day(202, 1), -1), ("a", day(2024, 1), -1)]);
        let error = Panel::from_ledger(&far).unwrap_err();
        let said =
            "user \"a\" has bookings from 0202-01-01 to 2024-01-01: 665473 days, at most 36525 are taken";
        assert_eq!(error.to_string(), said);
        assert!(matches!(error, Error::TooManyDays { n_days: 665_473, most: MAX_DAYS, .. }));
        let long = Series::new("a", day(2024, 1), Array2::zeros((MAX_DAYS + 1, 1)));
        assert!(matches!(long, Err(DataError::OutOfRange { row: MAX_DAYS, .. })));
    }

    #[test]
    fn an_empty_ledger_is_an_empty_panel() {
        assert_eq!(Panel::from_ledger(&ledger(&[])).unwrap().n_users(), 0);
    }

    #[test]
    fn series_check_themselves() {
        let new = |values| Series::new("a", day(2024, 1), values);
        assert!(matches!(new(array![[1.0, f64::NAN]]), Err(DataError::NotFinite { row: 0, .. })));
        assert!(matches!(new(array![[1.0], [-1.0]]), Err(DataError::OutOfRange { row: 1, .. })));
        assert!(matches!(new(Array2::zeros((0, 2))), Err(DataError::Empty { .. })));
        let one = new(array![[1.0]]).unwrap();
        let twice = Panel::new(vec!["x".into()], vec![one.clone(), one.clone()]);
        assert!(matches!(twice, Err(DataError::Duplicate { what: "user", .. })));
        let wide = Panel::new(vec!["x".into(), "y".into()], vec![one]);
        assert!(matches!(wide, Err(DataError::Length { .. })));
    }
}
