//! What the network learns from: plain arrays.

use fincoach_core::DataError;
use fincoach_core::ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, Slice, concatenate};

use crate::Error;

/// Daily values of many series on one calendar, what is known about the days, and what is known about the
/// series.
///
/// | part | shape | meaning |
/// | --- | --- | --- |
/// | values | `(n_series, n_days, n_targets)` | what is forecast, in any unit |
/// | observed | the same | false where a value is not known: gaps, days before a series begins |
/// | known | `(n_known_days, n_known)` | inputs known beforehand (weekday, holidays); covers the days to be forecast too |
/// | levels | `(n_series, n_static)` | categories that do not change: segment, town, the series itself |
///
/// # Examples
/// ```
/// use fincoach_core::ndarray::Array2;
/// use fincoach_forecast::SeriesSet;
/// let values = Array2::from_shape_fn((3, 40), |(series, day)| (series + day % 7) as f64);
/// let set = SeriesSet::of_one_target(values, Array2::from_elem((3, 40), true))?;
/// assert_eq!((set.n_series(), set.n_days(), set.n_targets()), (3, 40, 1));
/// assert_eq!(set.until(30).n_days(), 30);
/// # Ok::<(), fincoach_forecast::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesSet {
    values: Array3<f64>,
    observed: Array3<bool>,
    known: Array2<f64>,
    levels: Array2<usize>,
}

impl SeriesSet {
    /// A set without known inputs and categories. What stands where a value is not observed is not read.
    ///
    /// # Errors
    /// [`DataError::Length`] when the shapes differ, [`DataError::NotFinite`] for an observed value that is
    /// NaN or infinite.
    pub fn new(mut values: Array3<f64>, observed: Array3<bool>) -> Result<Self, Error> {
        for axis in 0..3 {
            DataError::ensure_len("observed", values.shape()[axis], observed.shape()[axis])?;
        }
        values.zip_mut_with(&observed, |value, observed| {
            if !observed {
                *value = 0.0;
            }
        });
        if let Some(((series, day, _), value)) = values.indexed_iter().find(|(_, value)| !value.is_finite()) {
            return Err(
                DataError::NotFinite { row: series, column: format!("day {day}"), value: *value }.into()
            );
        }
        let (n_series, n_days, _) = values.dim();
        let (known, levels) = (Array2::zeros((n_days, 0)), Array2::zeros((n_series, 0)));
        Ok(Self { values, observed, known, levels })
    }

    /// The same of one target: `(n_series, n_days)`.
    ///
    /// # Errors
    /// As [`SeriesSet::new`].
    pub fn of_one_target(values: Array2<f64>, observed: Array2<bool>) -> Result<Self, Error> {
        Self::new(values.insert_axis(Axis(2)), observed.insert_axis(Axis(2)))
    }

    /// The same set with inputs that are known beforehand, `(n_known_days, n_known)`; day 0 is that of the values.
    ///
    /// # Errors
    /// [`DataError::Length`] when they do not cover the days of the values, [`DataError::NotFinite`].
    pub fn with_known(self, known: Array2<f64>) -> Result<Self, Error> {
        if known.nrows() < self.n_days() {
            DataError::ensure_len("known days", self.n_days(), known.nrows())?;
        }
        if let Some(((day, column), value)) = known.indexed_iter().find(|(_, value)| !value.is_finite()) {
            return Err(DataError::NotFinite {
                row: day,
                column: format!("known input {column}"),
                value: *value,
            }
            .into());
        }
        Ok(Self { known, ..self })
    }

    /// The same set with categories of the series, `(n_series, n_static)`, counted from 0.
    ///
    /// # Errors
    /// [`DataError::Length`] when there is not one row a series.
    pub fn with_levels(self, levels: Array2<usize>) -> Result<Self, Error> {
        DataError::ensure_len("rows of levels", self.n_series(), levels.nrows())?;
        Ok(Self { levels, ..self })
    }

    /// The same set with the sum of all targets as one more; it is observed where all of them are.
    ///
    /// # Errors
    /// [`Error::Computation`] when the machine is exhausted.
    pub fn with_total(self) -> Result<Self, Error> {
        let joined =
            |error: fincoach_core::ndarray::ShapeError| Error::Computation { reason: error.to_string() };
        let total = self.values.sum_axis(Axis(2)).insert_axis(Axis(2));
        let all = self.observed.map_axis(Axis(2), |row| row.iter().all(|one| *one)).insert_axis(Axis(2));
        let values = concatenate(Axis(2), &[self.values.view(), total.view()]).map_err(joined)?;
        let observed = concatenate(Axis(2), &[self.observed.view(), all.view()]).map_err(joined)?;
        Ok(Self { known: self.known, levels: self.levels, ..Self::new(values, observed)? })
    }

    /// The first days alone, as they stood then; known inputs stay.
    #[must_use]
    pub fn until(&self, n_days: usize) -> Self {
        let end = n_days.min(self.n_days());
        Self {
            values: self.values.slice_axis(Axis(1), Slice::from(..end)).to_owned(),
            observed: self.observed.slice_axis(Axis(1), Slice::from(..end)).to_owned(),
            known: self.known.clone(),
            levels: self.levels.clone(),
        }
    }

    /// Series.
    #[must_use]
    pub fn n_series(&self) -> usize {
        self.values.len_of(Axis(0))
    }

    /// Days of the values.
    #[must_use]
    pub fn n_days(&self) -> usize {
        self.values.len_of(Axis(1))
    }

    /// Values a day and series.
    #[must_use]
    pub fn n_targets(&self) -> usize {
        self.values.len_of(Axis(2))
    }

    /// The values, 0 where not observed.
    #[must_use]
    pub fn values(&self) -> ArrayView3<'_, f64> {
        self.values.view()
    }

    /// Where values are known.
    #[must_use]
    pub fn observed(&self) -> ArrayView3<'_, bool> {
        self.observed.view()
    }

    /// Inputs known beforehand.
    #[must_use]
    pub fn known(&self) -> ArrayView2<'_, f64> {
        self.known.view()
    }

    /// Categories of the series.
    #[must_use]
    pub fn levels(&self) -> ArrayView2<'_, usize> {
        self.levels.view()
    }

    /// A value, where there is one; days are counted from before the first.
    pub(super) fn get(&self, series: usize, day: isize, target: usize) -> Option<f64> {
        let at = [series, usize::try_from(day).ok()?, target];
        self.observed.get(at)?.then(|| self.values[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_check_themselves() {
        let values = Array3::from_elem((1, 2, 1), f64::NAN);
        assert!(SeriesSet::new(values.clone(), Array3::from_elem((1, 2, 1), false)).is_ok());
        assert!(SeriesSet::new(values.clone(), Array3::from_elem((1, 2, 1), true)).is_err());
        assert!(SeriesSet::new(values, Array3::from_elem((1, 3, 1), false)).is_err());
        let set = SeriesSet::new(Array3::zeros((1, 2, 1)), Array3::from_elem((1, 2, 1), true)).unwrap();
        assert!(set.clone().with_known(Array2::zeros((1, 1))).is_err());
        assert!(set.clone().with_known(Array2::from_elem((2, 1), f64::NAN)).is_err());
        assert!(set.with_levels(Array2::zeros((2, 1))).is_err());
    }

    #[test]
    fn the_total_is_known_where_all_targets_are() {
        let mut observed = Array3::from_elem((1, 2, 2), true);
        observed[[0, 1, 0]] = false;
        let set = SeriesSet::new(Array3::from_elem((1, 2, 2), 3.0), observed).unwrap().with_total().unwrap();
        assert_eq!((set.get(0, 0, 2), set.get(0, 1, 2), set.get(0, 1, 1)), (Some(6.0), None, Some(3.0)));
        assert_eq!((set.get(0, -1, 0), set.get(0, 2, 0)), (None, None));
    }
}
