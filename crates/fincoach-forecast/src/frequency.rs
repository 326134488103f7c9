//! How far apart the steps of a calendar lie.

use fincoach_core::chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::panel::day_after;

/// The step of a calendar.
///
/// # Examples
/// ```
/// use fincoach_core::chrono::NaiveDate;
/// use fincoach_forecast::Frequency;
/// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// assert_eq!(Frequency::Weekly.after(monday, 2), NaiveDate::from_ymd_opt(2024, 1, 15).unwrap());
/// assert_eq!((Frequency::Daily.season(), Frequency::Weekly.season()), (7, 52));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Frequency {
    /// One row a day; the season is the week.
    #[default]
    Daily,
    /// One row a week, dated by its first day; the season is the year of 52 weeks.
    Weekly,
}

impl Frequency {
    /// Days of one step.
    #[must_use]
    pub const fn days(self) -> usize {
        match self {
            Self::Daily => 1,
            Self::Weekly => 7,
        }
    }

    /// Steps after which the pattern repeats: 7 days or 52 weeks.
    #[must_use]
    pub const fn season(self) -> usize {
        match self {
            Self::Daily => 7,
            Self::Weekly => 52,
        }
    }

    /// The date `n_steps` steps after another.
    #[must_use]
    pub fn after(self, start: NaiveDate, n_steps: usize) -> NaiveDate {
        day_after(start, n_steps.saturating_mul(self.days()))
    }

    /// Steps that begin on or before `until`, counted from a step that begins on `start`.
    pub(crate) fn steps_until(self, start: NaiveDate, until: NaiveDate) -> usize {
        usize::try_from((until - start).num_days()).map_or(0, |days| days / self.days() + 1)
    }
}
