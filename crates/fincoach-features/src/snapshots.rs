//! The dates at which a user is looked at.

use chrono::{DateTime, Days, Months, NaiveDate, NaiveDateTime, NaiveTime};
use fincoach_core::{DataError, ParamError, chrono};
use serde::{Deserialize, Serialize};

use crate::table_plan::moment;

/// The dates (`as_of`) at which each user gets a row.
///
/// Which dates a user gets depends on rows before them only, so a row never appears or changes because of what
/// happens later; what happens later only decides how long the series goes on.
///
/// # Examples
/// ```
/// use fincoach_features::Snapshots;
/// let monthly: Snapshots = serde_json::from_str("\"months\"")?;
/// assert_eq!(monthly, Snapshots::months());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Snapshots(Rule);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Rule {
    EveryDays(u32),
    Months,
    At(Vec<NaiveDateTime>),
}

impl Snapshots {
    /// The end (23:59:59) of the day of a user's first transaction and of every `days`-th day after it, up to and
    /// including the day of the last transaction. `days` must be at least 1; that is checked where it is used.
    #[must_use]
    pub const fn every_days(days: u32) -> Self {
        Self(Rule::EveryDays(days))
    }

    /// The end (23:59:59 of the last day) of each calendar month from that of a user's first transaction on, as long
    /// as it is not after the day of the last one: whole months only.
    #[must_use]
    pub const fn months() -> Self {
        Self(Rule::Months)
    }

    /// These moments for every user. Their order does not matter and doubles count once.
    #[must_use]
    pub fn at(mut moments: Vec<NaiveDateTime>) -> Self {
        moments.sort_unstable();
        moments.dedup();
        Self(Rule::At(moments))
    }

    /// The checked rule.
    pub(crate) fn schedule(&self) -> Result<Schedule, crate::Error> {
        match &self.0 {
            Rule::EveryDays(days) => {
                ParamError::ensure(*days >= 1, "every_days", "at least 1", days)?;
                Ok(Schedule::EveryDays(*days))
            }
            Rule::Months => Ok(Schedule::Months),
            Rule::At(moments) if moments.is_empty() => Err(DataError::Empty { what: "dates to look at" })?,
            // Read from a file they may stand in any order.
            Rule::At(moments) => match Self::at(moments.clone()).0 {
                Rule::At(sorted) => Ok(Schedule::At(sorted)),
                Rule::EveryDays(_) | Rule::Months => Ok(Schedule::At(Vec::new())),
            },
        }
    }
}

/// A rule for dates that has been checked.
#[derive(Clone, Debug)]
pub(crate) enum Schedule {
    /// The time of the last row.
    LastRow,
    EveryDays(u32),
    Months,
    /// Ascending, each once.
    At(Vec<NaiveDateTime>),
}

impl Schedule {
    /// Puts the dates of a user with rows at these times into `dates`, ascending.
    pub(crate) fn dates(&self, times: &[i64], dates: &mut Vec<NaiveDateTime>) {
        dates.clear();
        let day = |time: Option<&i64>| time.map(|time| moment(*time).date());
        let (Some(first), Some(last)) = (day(times.first()), day(times.last())) else { return };
        match self {
            Self::LastRow => {
                dates.extend(
                    times.last().and_then(|time| DateTime::from_timestamp(*time, 0)).map(|t| t.naive_utc()),
                );
            }
            Self::EveryDays(days) => {
                let step = Days::new(u64::from(*days));
                let all = std::iter::successors(Some(first), |date| date.checked_add_days(step));
                dates.extend(all.take_while(|date| *date <= last).map(end_of_day));
            }
            Self::Months => {
                let all = std::iter::successors(end_of_month(first), |end| end_of_month(end.succ_opt()?));
                dates.extend(all.take_while(|date| *date <= last).map(end_of_day));
            }
            Self::At(moments) => dates.extend_from_slice(moments),
        }
    }
}

fn end_of_day(date: NaiveDate) -> NaiveDateTime {
    date.and_time(NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default())
}

fn end_of_month(date: NaiveDate) -> Option<NaiveDate> {
    use chrono::Datelike as _;
    date.with_day(1)?.checked_add_months(Months::new(1))?.pred_opt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_plan::second;

    fn dates(snapshots: &Snapshots, days: [(i32, u32, u32); 2]) -> Vec<String> {
        let times = days.map(|(y, m, d)| second(NaiveDate::from_ymd_opt(y, m, d).unwrap().into()));
        let mut dates = Vec::new();
        snapshots.schedule().unwrap().dates(&times, &mut dates);
        dates.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn months_end_with_their_last_day_and_only_when_it_was_reached() {
        let ends = dates(&Snapshots::months(), [(2023, 12, 31), (2024, 4, 29)]);
        let expected = ["2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31"];
        assert_eq!(ends, expected.map(|day| format!("{day} 23:59:59")));
        assert_eq!(dates(&Snapshots::months(), [(2024, 4, 1), (2024, 4, 30)]), ["2024-04-30 23:59:59"]);
        assert!(dates(&Snapshots::months(), [(2024, 4, 1), (2024, 4, 29)]).is_empty());
    }

    #[test]
    fn steps_begin_with_the_first_day_and_end_by_the_last() {
        let ends = dates(&Snapshots::every_days(7), [(2024, 2, 26), (2024, 3, 11)]);
        assert_eq!(ends, ["2024-02-26", "2024-03-04", "2024-03-11"].map(|day| format!("{day} 23:59:59")));
    }

    #[test]
    fn moments_from_a_file_may_stand_in_any_order() {
        let text = r#"{"at":["2024-03-01T00:00:00","2024-01-01T00:00:00","2024-03-01T00:00:00"]}"#;
        let read: Snapshots = serde_json::from_str(text).unwrap();
        let moments = dates(&read, [(2024, 1, 1), (2024, 1, 2)]);
        assert_eq!(moments, ["2024-01-01 00:00:00", "2024-03-01 00:00:00"]);
    }
}
