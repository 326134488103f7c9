//! What a coach remembers of many households.

use fincoach_core::chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use fincoach_core::{Currency, FeatureTable, RowKey};
use fincoach_features::{PartialTable, V2State, schema_v2};
use fincoach_recommend::{History, HistoryParams, LogEntry};
use fincoach_simulate::{Household, Households, Week};
use rayon::prelude::*;

use super::people::{Life, People};
use super::states::{self, Seen};
use crate::Error;

/// Life before the first decision and log of each household, kept up a booking at a time, as a service does it.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Features of the life before the first decision; empty after it.
    lives: Vec<V2State>,
    /// How each lived, from the first decision on.
    lived: Vec<Life>,
    entries: Vec<Vec<LogEntry>>,
}

impl Memory {
    /// Nothing is known of these households.
    pub(super) fn begin(households: &Households) -> Result<Self, Error> {
        let blank = |_: &Household| Ok(V2State::new(&People::features(), Some(Currency::GBP))?);
        let lives = households.iter().map(blank).collect::<Result<_, Error>>()?;
        let entries = households.iter().map(|_| Vec::new()).collect();
        Ok(Self { lives, lived: Vec::new(), entries })
    }

    /// Takes in the bookings of a week before the first decision; what was said at the beginning of a later one.
    pub(super) fn take_in(&mut self, households: &Households, weeks: &[Week]) -> Result<(), Error> {
        if self.lived.is_empty() {
            let pairs = self.lives.par_iter_mut().zip(households.as_slice());
            return pairs
                .try_for_each(|(life, household)| household.rows().try_for_each(|row| Ok(life.push(&row)?)));
        }
        for (entries, week) in self.entries.iter_mut().zip(weeks) {
            entries.push(entry(week));
        }
        Ok(())
    }

    /// The states at the beginning of the week that comes: [`states::table`], then the history's columns.
    pub(super) fn states(
        &mut self,
        households: &Households,
        people: &People,
        history: &HistoryParams,
    ) -> Result<FeatureTable, Error> {
        let keys: Vec<RowKey> = households.iter().map(key).collect();
        if self.lived.is_empty() {
            self.lived = people.lives(&self.looked_at(&keys)?)?;
            self.lives = Vec::new();
        }
        let pairs = self.lived.iter().zip(households);
        let seen: Vec<Seen> =
            pairs.map(|(life, household)| Seen { life: *life, account: household.observe() }).collect();
        let table = states::table(keys, &seen, people.n_segments())?;
        let now = |household: &Household| household.date().and_time(NaiveTime::MIN);
        let pairs = self.entries.iter().zip(households);
        let histories: Vec<History<'_>> =
            pairs.map(|(entries, household)| History::new(entries, now(household))).collect();
        Ok(history.append(&table, &histories)?)
    }

    /// The lives up to now, as the columns of [`People`].
    fn looked_at(&mut self, keys: &[RowKey]) -> Result<PartialTable, Error> {
        let look = |(life, key): (&mut V2State, &RowKey)| Ok(life.row(key.as_of)?);
        let rows: Result<Vec<_>, Error> = self.lives.par_iter_mut().zip(keys).map(look).collect();
        let names = schema_v2().iter().map(|spec| spec.name);
        Ok(PartialTable::new(keys.to_vec(), names, rows?.concat())?.select(&People::columns())?)
    }
}

/// What was said at the beginning of a week, and how it was taken.
pub(super) fn entry(week: &Week) -> LogEntry {
    LogEntry::new(week.start.and_time(NaiveTime::MIN), week.action).with_feedback(week.feedback)
}

/// A household on the day before its next.
pub(super) fn key(household: &Household) -> RowKey {
    RowKey { user: household.truth().user.clone(), as_of: day_before(household.date()) }
}

/// The last second before a day.
fn day_before(date: NaiveDate) -> NaiveDateTime {
    let last = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
    date.pred_opt().unwrap_or(NaiveDate::MIN).and_time(last)
}
