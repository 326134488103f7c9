//! What stands in the gaps of a series.

use fincoach_core::ndarray::{Array2, ArrayViewMut1};
use serde::{Deserialize, Serialize};

/// The rule by which a gap is filled; the place stays marked as not observed.
///
/// A rule that finds nothing to go by (no earlier value, no value on that weekday) takes the next simpler
/// one: weekday median, median, zero; carry, zero. A series cut at an origin is filled again from what
/// remains, so that no value after the origin stands in a gap before it.
///
/// # Examples
/// ```
/// use fincoach_core::{chrono::NaiveDate, ndarray::array};
/// use fincoach_forecast::{Fill, Series};
/// let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let with = |fill| Series::with_gaps("anna", start, array![[4.0], [f64::NAN], [1.0], [9.0]], fill);
/// assert_eq!(with(Fill::Carry)?.values()[[1, 0]], 4.0);
/// assert_eq!(with(Fill::Median)?.values()[[1, 0]], 4.0);
/// assert_eq!(with(Fill::Zero)?.values()[[1, 0]], 0.0);
/// assert!(!with(Fill::Zero)?.is_observed(1, 0));
/// // On the evening of the second day the 9 is not known.
/// assert_eq!(with(Fill::Median)?.until(3).values()[[1, 0]], 2.5);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fill {
    /// Nothing happened.
    #[default]
    Zero,
    /// The value before.
    Carry,
    /// The median of the column.
    Median,
    /// The median of the column at that place of the season: on that weekday in a daily series.
    SeasonMedian,
}

impl Fill {
    /// Fills every place that is not observed, column by column.
    pub(crate) fn apply(self, values: &mut Array2<f64>, observed: &Array2<bool>, season: usize) {
        for (column, mut cells) in values.columns_mut().into_iter().enumerate() {
            let seen: Vec<bool> = observed.column(column).to_vec();
            if seen.iter().any(|seen| !seen) {
                self.column(&mut cells, &seen, season);
            }
        }
    }

    fn column(self, cells: &mut ArrayViewMut1<'_, f64>, seen: &[bool], season: usize) {
        let known = |cells: &ArrayViewMut1<'_, f64>, at: &dyn Fn(usize) -> bool| {
            let places = (0..seen.len()).filter(|place| seen[*place] && at(*place));
            median(places.map(|place| cells[place]).collect())
        };
        let overall = known(cells, &|_| true).unwrap_or(0.0);
        let by_season: Vec<f64> = match self {
            Self::SeasonMedian => (0..season)
                .map(|phase| known(cells, &|place| place % season == phase).unwrap_or(overall))
                .collect(),
            _ => Vec::new(),
        };
        let mut last = 0.0;
        for place in 0..seen.len() {
            if seen[place] {
                last = cells[place];
                continue;
            }
            cells[place] = match self {
                Self::Zero => 0.0,
                Self::Carry => last,
                Self::Median => overall,
                Self::SeasonMedian => by_season[place % season],
            };
        }
    }
}

/// The middle value, of an even number the mean of the two in the middle; `None` without values.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let (low, high) = (values.len().checked_sub(1)? / 2, values.len() / 2);
    Some(f64::midpoint(values[low], values[high]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_without_anything_to_go_by_takes_the_next_simpler_one() {
        let seen = Array2::from_shape_vec((9, 1), [false, true, true].repeat(3)).unwrap();
        let fill = |fill: Fill, season| {
            let mut values = Array2::from_shape_fn((9, 1), |(day, _)| day as f64);
            fill.apply(&mut values, &seen, season);
            values.column(0).to_vec()
        };
        assert_eq!(fill(Fill::SeasonMedian, 3)[3], 4.5);
        assert_eq!(fill(Fill::SeasonMedian, 2)[..4], [4.0, 1.0, 2.0, 5.0]);
        assert_eq!(fill(Fill::Carry, 7)[..4], [0.0, 1.0, 2.0, 2.0]);
    }
}
