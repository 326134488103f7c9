//! Whose rows are whose.

use std::fmt;
use std::str::FromStr;

use fincoach_core::ParamError;
use fincoach_core::chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::Error;

/// How rows are divided among users.
///
/// | rule | text | users |
/// | --- | --- | --- |
/// | [`Users::One`] | `one` | one user, `0` |
/// | [`Users::Column`] | `column:NAME` | the values of a column; every row must have one |
/// | [`Users::Timeline`] | `timeline:N` | `0` to `N − 1`: one person's time cut in spans |
/// | [`Users::TimelineNotebook`] | `timeline-notebook:N` | `1` to `N − 1`, the last one also with the rows of `0` |
///
/// A timeline of `n` spans begins at the earliest date and ends at the latest. Each span has
/// `max(⌊days ⁄ n⌋, 1)` days, the last one all that is left: user = `min(⌊days since start ⁄ span⌋, n − 1)`.
/// A span without rows gives no user. The notebook meant the same, but by a slip hands the first span to the
/// last user too.
///
/// # Examples
/// ```
/// use fincoach_transform::Users;
/// assert_eq!("timeline:50".parse::<Users>()?, Users::Timeline(50));
/// assert_eq!(Users::Column("User ID".into()).to_string(), "column:User ID");
/// # Ok::<(), fincoach_transform::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Users {
    /// All rows are one person's.
    #[default]
    One,
    /// The column of this name tells.
    Column(String),
    /// This many synthetic users, by equal spans of time.
    Timeline(usize),
    /// The same with the notebook's slip.
    TimelineNotebook(usize),
}

impl Users {
    /// The number of spans of a timeline must be positive.
    pub(crate) fn check(&self) -> Result<(), ParamError> {
        match self {
            Self::Timeline(n) | Self::TimelineNotebook(n) => {
                ParamError::ensure(*n > 0, "users", "1 or more", n)
            }
            Self::One | Self::Column(_) => Ok(()),
        }
    }
}

impl fmt::Display for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One => f.write_str("one"),
            Self::Column(name) => write!(f, "column:{name}"),
            Self::Timeline(n) => write!(f, "timeline:{n}"),
            Self::TimelineNotebook(n) => write!(f, "timeline-notebook:{n}"),
        }
    }
}

impl FromStr for Users {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let n_users = |n: &str| n.parse().ok().filter(|n| *n > 0);
        let users = match text.split_once(':') {
            None if text == "one" => Some(Self::One),
            Some(("column", name)) if !name.is_empty() => Some(Self::Column(name.to_owned())),
            Some(("timeline", n)) => n_users(n).map(Self::Timeline),
            Some(("timeline-notebook", n)) => n_users(n).map(Self::TimelineNotebook),
            _ => None,
        };
        users.ok_or_else(|| Error::UserRule { text: text.to_owned() })
    }
}

impl TryFrom<String> for Users {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Users> for String {
    fn from(users: Users) -> Self {
        users.to_string()
    }
}

/// One timeline cut in spans.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeline {
    start: NaiveDate,
    span: i64,
    last: i64,
    first_to_last: bool,
}

impl Timeline {
    /// The cut of a rule over these dates; `None` for a rule that is no timeline.
    pub(crate) fn of(users: &Users, (start, end): (NaiveDate, NaiveDate)) -> Option<Self> {
        let (n, first_to_last) = match users {
            Users::Timeline(n) => (*n, false),
            Users::TimelineNotebook(n) => (*n, true),
            Users::One | Users::Column(_) => return None,
        };
        let n = i64::try_from(n).unwrap_or(i64::MAX).max(1);
        let span = ((end - start).num_days() / n).max(1);
        Some(Self { start, span, last: n - 1, first_to_last })
    }

    /// The user of a date.
    pub(crate) fn user(&self, date: NaiveDate) -> i64 {
        let user = ((date - self.start).num_days() / self.span).min(self.last);
        if self.first_to_last && user == 0 { self.last } else { user }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 1, day).unwrap()
    }

    #[test]
    fn rules_are_read_as_they_are_written() {
        for text in ["one", "column:User ID", "column:a:b", "timeline:50", "timeline-notebook:1"] {
            let users: Users = text.parse().unwrap();
            assert_eq!(users.to_string(), text);
            let json = serde_json::to_string(&users).unwrap();
            assert_eq!(serde_json::from_str::<Users>(&json).unwrap(), users);
        }
        for text in [
            "",
            "two",
            "one:1",
            "column:",
            "timeline",
            "timeline:",
            "timeline:0",
            "timeline:-1",
            "timeline:x",
        ] {
            assert!(matches!(text.parse::<Users>(), Err(Error::UserRule { .. })), "{text}");
        }
    }

    #[test]
    fn the_last_span_takes_what_is_left() {
        // 10 days in 3 spans of 3: days 1-3, 4-6 and 7-11.
        let timeline = Timeline::of(&Users::Timeline(3), (day(1), day(11))).unwrap();
        let users: Vec<i64> = (1..=11).map(|d| timeline.user(day(d))).collect();
        assert_eq!(users, [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2]);
        let notebook = Timeline::of(&Users::TimelineNotebook(3), (day(1), day(11))).unwrap();
        let users: Vec<i64> = (1..=11).map(|d| notebook.user(day(d))).collect();
        assert_eq!(users, [2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2]);
    }

    #[test]
    fn more_spans_than_days_are_of_one_day() {
        let timeline = Timeline::of(&Users::Timeline(50), (day(1), day(3))).unwrap();
        assert_eq!([1, 2, 3].map(|d| timeline.user(day(d))), [0, 1, 2]);
        assert_eq!(Timeline::of(&Users::TimelineNotebook(1), (day(1), day(3))).unwrap().user(day(1)), 0);
    }
}
