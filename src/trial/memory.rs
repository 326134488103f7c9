//! What a coach remembers of many households.

use fincoach_core::chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use fincoach_core::{Currency, FeatureTable, RowKey};
use fincoach_features::{V2Params, V2State};
use fincoach_recommend::{History, HistoryParams, LogEntry};
use fincoach_simulate::{Household, Households, Week};
use rayon::prelude::*;

use super::states::{self, States};
use crate::Error;

/// Features and log of each household up to now, kept up a booking at a time, as a service does it.
#[derive(Debug, Default)]
pub(super) struct Memory(Vec<Remembered>);

#[derive(Debug)]
struct Remembered {
    features: V2State,
    entries: Vec<LogEntry>,
}

impl Memory {
    /// Nothing is known of these households.
    pub(super) fn begin(households: &Households) -> Result<Self, Error> {
        let blank = |_: &Household| {
            let features = V2State::new(&V2Params::default(), Some(Currency::GBP))?;
            Ok(Remembered { features, entries: Vec::new() })
        };
        households.iter().map(blank).collect::<Result<_, Error>>().map(Self)
    }

    /// Takes in the bookings of the week, and what was said at its beginning where something was decided.
    pub(super) fn take_in(
        &mut self,
        households: &Households,
        weeks: &[Week],
        decided: bool,
    ) -> Result<(), Error> {
        let all = self.0.par_iter_mut().zip(households.as_slice()).zip(weeks);
        all.try_for_each(|((memory, household), week)| {
            if decided {
                memory.entries.push(entry(week));
            }
            household.rows().try_for_each(|row| Ok(memory.features.push(&row)?))
        })
    }

    /// The states at the beginning of the week that comes: columns of schema v2, then the history's.
    pub(super) fn states(
        &mut self,
        households: &Households,
        states: &States,
        history: &HistoryParams,
    ) -> Result<FeatureTable, Error> {
        let at = states::positions()?;
        let keys: Vec<RowKey> = households.iter().map(key).collect();
        let pairs = self.0.par_iter_mut().zip(&keys);
        let rows: Result<Vec<_>, Error> =
            pairs.map(|(memory, key)| states::look(&mut memory.features, key, &at)).collect();
        let table = states.of(&states::table(keys, rows?)?)?;
        let now = |household: &Household| household.date().and_time(NaiveTime::MIN);
        let pairs = self.0.iter().zip(households);
        let histories: Vec<History<'_>> =
            pairs.map(|(memory, household)| History::new(&memory.entries, now(household))).collect();
        Ok(history.append(&table, &histories)?)
    }
}

/// What was said at the beginning of a week, and how it was taken.
pub(super) fn entry(week: &Week) -> LogEntry {
    LogEntry::new(week.start.and_time(NaiveTime::MIN), week.action).with_feedback(week.feedback)
}

fn key(household: &Household) -> RowKey {
    RowKey { user: household.truth().user.clone(), as_of: day_before(household.date()) }
}

/// The last second before a day.
pub(super) fn day_before(date: NaiveDate) -> NaiveDateTime {
    let last = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
    date.pred_opt().unwrap_or(NaiveDate::MIN).and_time(last)
}
