//! Everything that was done, user by user.

use std::collections::BTreeMap;

use fincoach_core::chrono::{NaiveDateTime, Timelike as _};
use fincoach_core::{DataError, natural_cmp};

use super::LogEntry;

/// All entries of all users, sorted by user (in natural order) and time, and the moments at which users left.
///
/// It checks itself when built: times are whole seconds, propensities in `(0, 1]`, feedback finite, no two entries
/// of one user at one moment, and nothing logged at or after a user's departure.
///
/// # Examples
/// ```
/// use fincoach_core::{Action, chrono::NaiveDate};
/// use fincoach_recommend::{InterventionLog, LogEntry};
/// let day = |day| NaiveDate::from_ymd_opt(2024, 1, day).unwrap().into();
/// let entry = |day_of_month| LogEntry::new(day(day_of_month), Action::SavingsNudge);
/// let log = InterventionLog::new([("ben", entry(8)), ("anna", entry(1)), ("ben", entry(1))])?
///     .with_departures([("ben", day(11))])?;
/// assert_eq!(log.n_entries(), 3);
/// let ben = log.user("ben").unwrap();
/// assert_eq!(ben.entries()[0].time, day(1));
/// assert_eq!(ben.departure(), Some(day(11)));
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InterventionLog {
    users: Vec<UserLog>,
}

/// What was done for one user, first to last.
#[derive(Clone, Debug, PartialEq)]
pub struct UserLog {
    user: String,
    entries: Vec<LogEntry>,
    departure: Option<NaiveDateTime>,
}

impl UserLog {
    /// The user.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The entries, in the order of time.
    #[must_use]
    pub fn entries(&self) -> &[LogEntry] {
        &self.entries
    }

    /// When the user left for good: the end of the story. Without it, the log ends before its story.
    #[must_use]
    pub const fn departure(&self) -> Option<NaiveDateTime> {
        self.departure
    }
}

impl InterventionLog {
    /// A log of these entries, in any order, without departures.
    ///
    /// # Errors
    /// [`DataError::Empty`] for a user without a name, [`DataError::OutOfRange`] for a propensity or feedback out of
    /// range (rows as given), [`DataError::Inconsistent`] for a time within a second, [`DataError::Duplicate`] for
    /// two entries of one user at one moment.
    pub fn new<S: Into<String>>(entries: impl IntoIterator<Item = (S, LogEntry)>) -> Result<Self, DataError> {
        let mut by_user: BTreeMap<String, Vec<LogEntry>> = BTreeMap::new();
        for (row, (user, entry)) in entries.into_iter().enumerate() {
            let user = user.into();
            check(|| row, &user, &entry)?;
            match by_user.get_mut(&user) {
                Some(entries) => entries.push(entry),
                None => drop(by_user.insert(user, vec![entry])),
            }
        }
        let mut users = Vec::with_capacity(by_user.len());
        for (user, mut entries) in by_user {
            entries.sort_by_key(|entry| entry.time);
            if let Some(pair) = entries.windows(2).find(|pair| pair[0].time == pair[1].time) {
                return Err(twice(&user, pair[0].time));
            }
            users.push(UserLog { user, entries, departure: None });
        }
        users.sort_by(|a, b| natural_cmp(&a.user, &b.user));
        Ok(Self { users })
    }

    /// Adds an entry of a user, who may be new. `O(log n_users)` where nobody is new and time goes on.
    ///
    /// # Errors
    /// As [`InterventionLog::new`], and [`DataError::Inconsistent`] for an entry at the user's departure or later; the log
    /// is left as it was.
    pub fn record(&mut self, user: &str, entry: LogEntry) -> Result<(), DataError> {
        check(|| self.n_entries(), user, &entry)?;
        self.ensure_free(user, entry.time)?;
        match self.position(user) {
            Ok(at) => {
                let entries = &mut self.users[at].entries;
                let at = entries.partition_point(|other| other.time < entry.time);
                entries.insert(at, entry);
            }
            Err(at) => {
                self.users
                    .insert(at, UserLog { user: user.to_owned(), entries: vec![entry], departure: None });
            }
        }
        Ok(())
    }

    /// Checks that a user can have an entry at a time: a whole second without another, before any departure.
    ///
    /// # Errors
    /// [`DataError::Empty`], [`DataError::Duplicate`] or [`DataError::Inconsistent`], as [`InterventionLog::record`].
    pub fn ensure_free(&self, user: &str, time: NaiveDateTime) -> Result<(), DataError> {
        check_key(user, time)?;
        let Some(story) = self.user(user) else { return Ok(()) };
        if let Some(departure) = story.departure.filter(|departure| *departure <= time) {
            let reason = format!("{user} left at {departure:?} and cannot have an entry of {time:?}");
            return Err(DataError::Inconsistent { what: "departure", reason });
        }
        match story.entries.binary_search_by_key(&time, |entry| entry.time) {
            Ok(_) => Err(twice(user, time)),
            Err(_) => Ok(()),
        }
    }

    /// Writes down what was heard of the entry of a user at a time; what stood there is replaced.
    ///
    /// # Errors
    /// [`DataError::UnknownName`] for a user or a time without an entry, [`DataError::OutOfRange`] for feedback that is NaN
    /// or infinite.
    pub fn answer(&mut self, user: &str, time: NaiveDateTime, feedback: f64) -> Result<(), DataError> {
        let at = self.known(user)?;
        let entries = &mut self.users[at].entries;
        let Ok(row) = entries.binary_search_by_key(&time, |entry| entry.time) else {
            let known = entries.iter().map(|entry| format!("{:?}", entry.time));
            return Err(DataError::unknown("time of an entry", format!("{time:?}"), known));
        };
        let heard = entries[row].with_feedback(feedback);
        check(|| row, user, &heard)?;
        entries[row] = heard;
        Ok(())
    }

    /// The same log with the moments at which users left for good.
    ///
    /// # Errors
    /// [`DataError::UnknownName`] for a user who is not in the log, [`DataError::Duplicate`] for one who left twice,
    /// [`DataError::Inconsistent`] when something was logged at that moment or later, or it lies within a second.
    pub fn with_departures<S: AsRef<str>>(
        mut self,
        departures: impl IntoIterator<Item = (S, NaiveDateTime)>,
    ) -> Result<Self, DataError> {
        for (user, time) in departures {
            let name = user.as_ref();
            let at = self.known(name)?;
            let story = &mut self.users[at];
            ensure_whole_seconds("departure", name, time)?;
            if story.departure.replace(time).is_some() {
                return Err(DataError::Duplicate { what: "departure of user", name: name.to_owned() });
            }
            if let Some(last) = story.entries.last().filter(|last| last.time >= time) {
                let reason = format!("{name} left at {time:?} but has an entry of {:?}", last.time);
                return Err(DataError::Inconsistent { what: "departure", reason });
            }
        }
        Ok(self)
    }

    /// The users in natural order, each with at least one entry.
    #[must_use]
    pub fn users(&self) -> &[UserLog] {
        &self.users
    }

    /// What was done for a user, if anything was. `O(log n_users)`.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<&UserLog> {
        self.position(name).ok().map(|at| &self.users[at])
    }

    /// The number of entries of all users.
    #[must_use]
    pub fn n_entries(&self) -> usize {
        self.users.iter().map(|story| story.entries.len()).sum()
    }

    /// All entries, user by user in the order of time.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &LogEntry)> {
        self.users.iter().flat_map(|story| story.entries.iter().map(|entry| (story.user(), entry)))
    }

    /// Where a user stands, or would stand.
    fn position(&self, name: &str) -> Result<usize, usize> {
        self.users.binary_search_by(|story| natural_cmp(&story.user, name))
    }

    fn known(&self, name: &str) -> Result<usize, DataError> {
        let users = || self.users.iter().map(UserLog::user);
        self.position(name).map_err(|_| DataError::unknown("user", name, users()))
    }
}

fn twice(user: &str, time: NaiveDateTime) -> DataError {
    DataError::Duplicate { what: "entry of user and time", name: format!("{user} {time:?}") }
}

fn check_key(user: &str, time: NaiveDateTime) -> Result<(), DataError> {
    if user.is_empty() {
        return Err(DataError::Empty { what: "name of a user in the log" });
    }
    ensure_whole_seconds("entry", user, time)
}

/// The row is asked for where there is an error only.
fn check(row: impl FnOnce() -> usize, user: &str, entry: &LogEntry) -> Result<(), DataError> {
    check_key(user, entry.time)?;
    let out_of_range = |what, allowed, value| DataError::OutOfRange { row: row(), what, allowed, value };
    match (entry.propensity, entry.feedback) {
        (Some(propensity), _) if !(propensity > 0.0 && propensity <= 1.0) => {
            Err(out_of_range("propensity", "in (0, 1]", propensity))
        }
        (_, Some(feedback)) if !feedback.is_finite() => Err(out_of_range("feedback", "finite", feedback)),
        _ => Ok(()),
    }
}

fn ensure_whole_seconds(what: &'static str, user: &str, time: NaiveDateTime) -> Result<(), DataError> {
    if time.nanosecond() == 0 {
        return Ok(());
    }
    let reason = format!("{user}, {time:?}: times are whole seconds");
    Err(DataError::Inconsistent { what, reason })
}

#[cfg(test)]
mod tests {
    use fincoach_core::chrono::{NaiveDate, TimeDelta};

    use super::*;
    use fincoach_core::Action;

    fn at(day: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2024, 1, day).unwrap().into()
    }

    fn entry(day: u32) -> LogEntry {
        LogEntry::new(at(day), Action::SavingsNudge)
    }

    #[test]
    fn users_stand_in_natural_order_and_entries_in_that_of_time() {
        let log = InterventionLog::new([("u10", entry(1)), ("u9", entry(9)), ("u9", entry(2))]).unwrap();
        let order: Vec<_> = log.iter().map(|(user, entry)| (user, entry.time)).collect();
        assert_eq!(order, [("u9", at(2)), ("u9", at(9)), ("u10", at(1))]);
        assert!(log.user("u10").is_some() && log.user("u1").is_none());
    }

    #[test]
    fn a_log_written_entry_by_entry_is_that_of_all_entries() {
        let entries = [("u10", entry(1)), ("u9", entry(9)), ("u9", entry(2)), ("u2", entry(5))];
        let mut log = InterventionLog::default();
        for (user, entry) in entries {
            log.record(user, entry).unwrap();
        }
        assert_eq!(log, InterventionLog::new(entries).unwrap());
        assert!(matches!(log.record("u9", entry(2)), Err(DataError::Duplicate { .. })));
        assert!(log.record("", entry(2)).is_err());
        assert!(log.record("u9", entry(3).with_propensity(0.0)).is_err());
        let mut left = log.clone().with_departures([("u2", at(7))]).unwrap();
        assert!(left.record("u2", entry(6)).is_ok() && left.record("u2", entry(7)).is_err());

        log.answer("u9", at(2), -1.0).unwrap();
        assert!(log.user("u9").unwrap().entries()[0].annoyed());
        assert!(log.answer("u9", at(3), 1.0).is_err() && log.answer("u8", at(2), 1.0).is_err());
        assert!(log.answer("u9", at(2), f64::NAN).is_err());
        assert!(log.user("u9").unwrap().entries()[0].annoyed());
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let told = |entry: LogEntry| InterventionLog::new([("a", entry)]).unwrap_err().to_string();
        for wrong in [0.0, 1.01, f64::NAN] {
            assert!(told(entry(1).with_propensity(wrong)).starts_with("row 0: propensity is"));
        }
        assert!(told(entry(1).with_feedback(f64::NAN)).starts_with("row 0: feedback is NaN"));
        let within = LogEntry { time: at(1) + TimeDelta::milliseconds(1), ..entry(1) };
        assert!(told(within).contains("whole seconds"));
        assert!(InterventionLog::new([("", entry(1))]).is_err());
        let twice = InterventionLog::new([("a", entry(1)), ("b", entry(1)), ("a", entry(1))]);
        assert_eq!(
            twice.unwrap_err().to_string(),
            "entry of user and time `a 2024-01-01T00:00:00` stands twice"
        );
    }

    #[test]
    fn a_departure_is_the_end_of_a_story_once() {
        let log = InterventionLog::new([("anna", entry(1)), ("ben", entry(3))]).unwrap();
        let leaving = |user: &str, day| log.clone().with_departures([(user, at(day))]);
        assert_eq!(leaving("anna", 2).unwrap().user("anna").unwrap().departure(), Some(at(2)));
        assert_eq!(leaving("ana", 2).unwrap_err().to_string(), "no user `ana`; did you mean `anna`?");
        assert!(leaving("ben", 3).unwrap_err().to_string().contains("has an entry of 2024-01-03"));
        assert!(leaving("ben", 4).unwrap().with_departures([("ben", at(5))]).is_err());
    }
}
