//! The dates at which a user is looked at.

use chrono::{DateTime, Days, NaiveDateTime, NaiveTime};
use fincoach_core::{DataError, LedgerView, ParamError, chrono};
use serde::{Deserialize, Serialize};

/// The dates (`as_of`) at which each user gets a row.
///
/// Which dates a user gets depends on rows before them only, so a row never appears or changes because of what
/// happens later; what happens later only decides how long the series goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Snapshots(Rule);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Rule {
    EveryDays(u32),
    At(Vec<NaiveDateTime>),
}

impl Snapshots {
    /// The end (23:59:59) of the day of a user's first transaction and of every `days`-th day after it, up to and
    /// including the day of the last transaction. `days` must be at least 1; that is checked where it is used.
    #[must_use]
    pub const fn every_days(days: u32) -> Self {
        Self(Rule::EveryDays(days))
    }

    /// These moments for every user. Their order does not matter and doubles count once.
    #[must_use]
    pub fn at(mut moments: Vec<NaiveDateTime>) -> Self {
        moments.sort_unstable();
        moments.dedup();
        Self(Rule::At(moments))
    }

    pub(crate) fn check(&self) -> Result<(), crate::Error> {
        match &self.0 {
            Rule::EveryDays(days) => ParamError::ensure(*days >= 1, "every_days", "at least 1", days)?,
            Rule::At(moments) if moments.is_empty() => Err(DataError::Empty { what: "dates to look at" })?,
            Rule::At(_) => {}
        }
        Ok(())
    }

    /// The dates of one user, ascending.
    pub(crate) fn dates(&self, user: LedgerView<'_>) -> Vec<NaiveDateTime> {
        match &self.0 {
            Rule::EveryDays(days) => every(user.times(), *days),
            // Read from a file they may stand in any order.
            Rule::At(moments) => match Self::at(moments.clone()).0 {
                Rule::At(sorted) => sorted,
                Rule::EveryDays(_) => Vec::new(),
            },
        }
    }
}

fn every(times: &[i64], days: u32) -> Vec<NaiveDateTime> {
    let day =
        |time: Option<&i64>| time.and_then(|time| DateTime::from_timestamp(*time, 0)).map(|t| t.date_naive());
    let (Some(first), Some(last)) = (day(times.first()), day(times.last())) else { return Vec::new() };
    let end_of_day = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
    std::iter::successors(Some(first), |date| date.checked_add_days(Days::new(u64::from(days))))
        .take_while(|date| *date <= last)
        .map(|date| date.and_time(end_of_day))
        .collect()
}
