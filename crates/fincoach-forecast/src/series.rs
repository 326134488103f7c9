//! The amounts of one user.

use std::collections::BTreeMap;

use fincoach_core::DataError;
use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::panel::ensure_calendar;
use crate::slicing::rows;
use crate::{Fill, Frequency, History};

/// The amounts of one user (or machine, or account) over a calendar, from the first day to the last without
/// a gap: what was missing is filled by a named rule and stays marked.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    user: String,
    start: NaiveDate,
    frequency: Frequency,
    values: Array2<f64>,
    /// `None` where every value was observed.
    observed: Option<Array2<bool>>,
    fill: Fill,
    attributes: BTreeMap<String, String>,
}

impl Series {
    /// A series of `values` `(n_days, n_categories)` in pounds, the first row being the day `start`.
    ///
    /// # Errors
    /// [`DataError::Empty`] without a day or a name, [`DataError::NotFinite`] (its column is the position),
    /// [`DataError::OutOfRange`] for a negative amount or for more days than a century has.
    pub fn new(user: impl Into<String>, start: NaiveDate, values: Array2<f64>) -> Result<Self, DataError> {
        Self::build(user.into(), start, values, None)
    }

    /// A series in which NaN marks a gap, filled by a rule.
    ///
    /// # Errors
    /// As [`Series::new`], an infinite value being the only one that is not finite.
    pub fn with_gaps(
        user: impl Into<String>,
        start: NaiveDate,
        mut values: Array2<f64>,
        fill: Fill,
    ) -> Result<Self, DataError> {
        let observed = values.mapv(|value| !value.is_nan());
        if observed.iter().all(|seen| *seen) {
            return Ok(Self { fill, ..Self::build(user.into(), start, values, None)? });
        }
        values.mapv_inplace(|value| if value.is_nan() { 0.0 } else { value });
        Ok(Self { fill, ..Self::build(user.into(), start, values, Some(observed))? }.filled())
    }

    fn build(
        user: String,
        start: NaiveDate,
        values: Array2<f64>,
        observed: Option<Array2<bool>>,
    ) -> Result<Self, DataError> {
        if user.is_empty() {
            return Err(DataError::Empty { what: "characters in the name of the user" });
        }
        if values.nrows() == 0 {
            return Err(DataError::Empty { what: "days in a series" });
        }
        ensure_calendar(values.nrows())?;
        for ((row, column), &value) in values.indexed_iter() {
            if !value.is_finite() {
                return Err(DataError::NotFinite { row, column: column.to_string(), value });
            }
            if value < 0.0 {
                return Err(DataError::OutOfRange { row, what: "spending", allowed: "at least 0", value });
            }
        }
        let (frequency, fill, attributes) = (Frequency::Daily, Fill::Zero, BTreeMap::new());
        Ok(Self { user, start, frequency, values, observed, fill, attributes })
    }

    /// The same values with the gaps filled again.
    fn filled(mut self) -> Self {
        if let Some(observed) = &self.observed {
            self.fill.apply(&mut self.values, observed, self.frequency.season());
        }
        self
    }

    /// The same values, one row a step of another calendar; the gaps are filled again.
    #[must_use]
    pub fn with_frequency(self, frequency: Frequency) -> Self {
        Self { frequency, ..self }.filled()
    }

    /// The same values, the gaps filled by another rule.
    #[must_use]
    pub fn with_fill(self, fill: Fill) -> Self {
        Self { fill, ..self }.filled()
    }

    /// The same series with a fact about the user that does not change, such as the segment.
    #[must_use]
    pub fn with_attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.insert(name.into(), value.into());
        self
    }

    /// Whose spending.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The first day.
    #[must_use]
    pub const fn start(&self) -> NaiveDate {
        self.start
    }

    /// The last day, or the first day of the last week.
    #[must_use]
    pub fn last(&self) -> NaiveDate {
        self.date(self.n_days().saturating_sub(1))
    }

    /// The date of a row.
    #[must_use]
    pub fn date(&self, row: usize) -> NaiveDate {
        self.frequency.after(self.start, row)
    }

    /// Days or weeks.
    #[must_use]
    pub const fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// The number of days (of rows, in a weekly series).
    #[must_use]
    pub fn n_days(&self) -> usize {
        self.values.nrows()
    }

    /// Pounds spent, `(n_days, n_categories)`, the gaps filled.
    #[must_use]
    pub fn values(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// Pounds spent per row over all categories.
    #[must_use]
    pub fn totals(&self) -> Array1<f64> {
        self.values.sum_axis(Axis(1))
    }

    /// One category's values, or with the number of categories as `place` the totals.
    pub(crate) fn target(&self, place: usize) -> Vec<f64> {
        if place < self.values.ncols() { self.values.column(place).to_vec() } else { self.totals().to_vec() }
    }

    /// The same series with other values of the same shape.
    pub(crate) fn with_values(&self, values: Array2<f64>) -> Self {
        let (user, observed) = (self.user.clone(), self.observed.clone());
        Self { user, values, observed, attributes: self.attributes.clone(), ..*self }
    }

    /// Whether a value was in the data, and is not a filled gap.
    #[must_use]
    pub fn is_observed(&self, row: usize, column: usize) -> bool {
        self.observed.as_ref().is_none_or(|observed| observed.get([row, column]).copied().unwrap_or(false))
    }

    /// Values that are filled gaps.
    #[must_use]
    pub fn n_gaps(&self) -> usize {
        self.observed.as_ref().map_or(0, |observed| observed.iter().filter(|seen| !**seen).count())
    }

    /// The rule that fills the gaps.
    #[must_use]
    pub const fn fill(&self) -> Fill {
        self.fill
    }

    /// Facts about the user, by name.
    #[must_use]
    pub const fn attributes(&self) -> &BTreeMap<String, String> {
        &self.attributes
    }

    /// The first `n_days` days as a series of their own, the gaps filled from these days alone; all days
    /// where there are fewer.
    ///
    /// # Panics
    /// Never for `n_days` of at least 1; of 0 days there is no series, and the first is kept.
    #[must_use]
    pub fn until(&self, n_days: usize) -> Self {
        let n_days = n_days.clamp(1, self.n_days());
        let observed = self.observed.as_ref().map(|observed| rows(observed.view(), 0..n_days).to_owned());
        let values = rows(self.values.view(), 0..n_days).to_owned();
        let (user, attributes) = (self.user.clone(), self.attributes.clone());
        Self { user, values, observed, attributes, ..*self }.filled()
    }

    /// The first `n_days` days: everything a forecast made on that evening may know.
    ///
    /// Gaps stand as the whole series filled them; [`Series::until`] fills them again.
    ///
    /// # Panics
    /// When there are fewer days.
    #[must_use]
    pub fn history(&self, n_days: usize) -> History<'_> {
        History::new(&self.user, self.start, rows(self.values.view(), 0..n_days))
    }

    /// Weeks from Monday to Sunday, the days of each added up; `None` without a whole week, or for a series
    /// of weeks. A week with an unobserved day in a column is unobserved there.
    #[must_use]
    pub fn weekly(&self) -> Option<Self> {
        use fincoach_core::chrono::Datelike;
        if self.frequency != Frequency::Daily {
            return None;
        }
        let skip = (7 - self.start.weekday().num_days_from_monday() as usize) % 7;
        let n_weeks = self.n_days().checked_sub(skip)? / 7;
        if n_weeks == 0 {
            return None;
        }
        let week = |week: usize| skip + 7 * week..skip + 7 * week + 7;
        let shape = (n_weeks, self.values.ncols());
        let values =
            Array2::from_shape_fn(shape, |(at, column)| week(at).map(|day| self.values[[day, column]]).sum());
        let observed = self
            .observed
            .as_ref()
            .map(|seen| Array2::from_shape_fn(shape, |(at, column)| week(at).all(|day| seen[[day, column]])));
        let (user, attributes, start) = (self.user.clone(), self.attributes.clone(), self.date(skip));
        let frequency = Frequency::Weekly;
        Some(Self { user, start, frequency, values, observed, attributes, fill: self.fill }.filled())
    }
}
