//! What was done for a user before a moment, as numbers.

use fincoach_core::chrono::NaiveDateTime;
use fincoach_core::ndarray::Array2;
use fincoach_core::{Action, DataError, FeatureTable, ParamError};
use serde::{Deserialize, Serialize};

use super::LogEntry;

const SECONDS_A_DAY: f64 = 86_400.0;

/// The days from one moment to another.
pub(crate) fn days_between(from: NaiveDateTime, to: NaiveDateTime) -> f64 {
    (to - from).num_seconds() as f64 / SECONDS_A_DAY
}

/// What was done for one user strictly before a moment.
///
/// Borrowed from the user's entries, so that a roll-out may ask for every user at every step: `O(log n)` to make.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct History<'a> {
    entries: &'a [LogEntry],
    moment: NaiveDateTime,
}

impl<'a> History<'a> {
    /// The entries before `moment`; `entries` are one user's in the order of time, as [`super::UserLog::entries`].
    #[must_use]
    pub fn new(entries: &'a [LogEntry], moment: NaiveDateTime) -> Self {
        let before = entries.partition_point(|entry| entry.time < moment);
        Self { entries: &entries[..before], moment }
    }

    /// The moment.
    #[must_use]
    pub const fn moment(&self) -> NaiveDateTime {
        self.moment
    }

    /// The entries before the moment, in the order of time.
    #[must_use]
    pub const fn entries(&self) -> &'a [LogEntry] {
        self.entries
    }

    /// The entries before the moment, the last one first, with the days since each.
    pub(crate) fn backwards(&self) -> impl Iterator<Item = (f64, &'a LogEntry)> + use<'a> {
        let moment = self.moment;
        self.entries.iter().rev().map(move |entry| (days_between(entry.time, moment), entry))
    }

    /// The last time an action was taken.
    #[must_use]
    pub fn last(&self, action: Action) -> Option<&'a LogEntry> {
        self.entries.iter().rev().find(|entry| entry.action == action)
    }
}

/// Columns of a history, so that fatigue can be learnt: how long ago each action was taken, how much was said
/// lately, and how it was received.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `cap_days` | 28 | `(0, 3650]` | days since an action count at most this, also when it was never taken |
/// | `windows` | 7, 14, 28 | each 1 to 3650, rising | days before the moment in which nudges are counted |
/// | `n_answers` | 10 | at least 1 | how many of the last answered nudges are looked at |
/// | `answer_days` | 1 | `[0, 3650]` | days after which a feedback is known |
///
/// The columns, in this order: `days_since_<action>` for the five actions; `n_nudges_<days>d`, the nudges (all
/// actions but to continue) at most so many days before the moment; `n_answers`, how many answered nudges were
/// looked at; `share_accepted` and `share_annoyed` of these, 0 where there are none. Everything comes from entries
/// strictly before the moment. The same function serves training and serving.
///
/// # Examples
/// ```
/// use fincoach_core::{Action, chrono::NaiveDate};
/// use fincoach_recommend::{History, HistoryParams, LogEntry};
/// let day = |day| NaiveDate::from_ymd_opt(2024, 1, day).unwrap().into();
/// let past = [
///     LogEntry::new(day(1), Action::SavingsNudge).with_feedback(1.0),
///     LogEntry::new(day(8), Action::SpendingAlert).with_feedback(-1.0),
/// ];
/// let params = HistoryParams::default();
/// let values = params.values(&History::new(&past, day(15)))?;
/// // Continued, alerted, budgeted, nudged, praised; nudges in 7, 14 and 28 days; answers.
/// assert_eq!(values, [28.0, 7.0, 28.0, 14.0, 28.0, 1.0, 2.0, 2.0, 2.0, 0.5, 0.5]);
/// assert_eq!(params.columns()[5], "n_nudges_7d");
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HistoryParams {
    cap_days: f64,
    windows: Vec<u32>,
    n_answers: usize,
    answer_days: f64,
}

impl Default for HistoryParams {
    fn default() -> Self {
        Self { cap_days: 28.0, windows: vec![7, 14, 28], n_answers: 10, answer_days: 1.0 }
    }
}

impl HistoryParams {
    /// Sets how many days since an action count at most.
    #[must_use]
    pub fn with_cap_days(self, cap_days: f64) -> Self {
        Self { cap_days, ..self }
    }

    /// Sets the days in which nudges are counted.
    #[must_use]
    pub fn with_windows(self, windows: impl IntoIterator<Item = u32>) -> Self {
        Self { windows: windows.into_iter().collect(), ..self }
    }

    /// Sets how many of the last answered nudges are looked at.
    #[must_use]
    pub fn with_n_answers(self, n_answers: usize) -> Self {
        Self { n_answers, ..self }
    }

    /// Sets the days after which a feedback is known.
    #[must_use]
    pub fn with_answer_days(self, answer_days: f64) -> Self {
        Self { answer_days, ..self }
    }

    /// How many days since an action count at most.
    #[must_use]
    pub const fn cap_days(&self) -> f64 {
        self.cap_days
    }

    /// The days in which nudges are counted.
    #[must_use]
    pub fn windows(&self) -> &[u32] {
        &self.windows
    }

    /// How many of the last answered nudges are looked at.
    #[must_use]
    pub const fn n_answers(&self) -> usize {
        self.n_answers
    }

    /// The days after which a feedback is known.
    #[must_use]
    pub const fn answer_days(&self) -> f64 {
        self.answer_days
    }

    /// The names of the columns.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let since = Action::ALL.map(|action| format!("days_since_{}", action.name()));
        let nudges = self.windows.iter().map(|days| format!("n_nudges_{days}d"));
        let answers = ["n_answers", "share_accepted", "share_annoyed"].map(str::to_owned);
        since.into_iter().chain(nudges).chain(answers).collect()
    }

    /// The values of the columns for one history. `O(entries in the longest window + answers looked for)`.
    ///
    /// # Errors
    /// [`ParamError`] for a parameter out of range.
    pub fn values(&self, history: &History<'_>) -> Result<Vec<f64>, ParamError> {
        self.check()?;
        Ok(self.checked_values(history))
    }

    /// The table with the columns of one history a row at its end.
    ///
    /// # Errors
    /// [`ParamError`] for a parameter out of range, [`DataError::Length`] when there is not one history a row,
    /// [`DataError::Duplicate`] when the table has such a column.
    pub fn append(
        &self,
        table: &FeatureTable,
        histories: &[History<'_>],
    ) -> Result<FeatureTable, crate::Error> {
        self.check()?;
        DataError::ensure_len("histories", table.n_rows(), histories.len())?;
        let names = table.columns().iter().cloned().chain(self.columns());
        let mut values = Vec::with_capacity(table.n_rows() * (table.n_columns() + self.columns().len()));
        for (row, history) in table.values().rows().into_iter().zip(histories) {
            values.extend(row.iter().copied().chain(self.checked_values(history)));
        }
        let shape = (table.n_rows(), table.n_columns() + self.columns().len());
        let got = values.len();
        let values = Array2::from_shape_vec(shape, values).map_err(|_| DataError::Length {
            what: "values",
            expected: shape.0 * shape.1,
            got,
        })?;
        Ok(FeatureTable::new(table.keys().to_vec(), names, values)?)
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        let cap = self.cap_days;
        ParamError::ensure(cap > 0.0 && cap <= 3650.0, "cap_days", "in (0, 3650]", cap)?;
        let rising = self.windows.windows(2).all(|pair| pair[0] < pair[1]);
        let in_range = self.windows.iter().all(|days| (1..=3650).contains(days));
        let told = || format!("{:?}", self.windows);
        ParamError::ensure(rising && in_range, "windows", "1 to 3650 each, rising", told())?;
        ParamError::ensure(self.n_answers >= 1, "n_answers", "at least 1", self.n_answers)?;
        let days = self.answer_days;
        ParamError::ensure((0.0..=3650.0).contains(&days), "answer_days", "in [0, 3650]", days)
    }

    pub(crate) fn checked_values(&self, history: &History<'_>) -> Vec<f64> {
        let mut values = Vec::with_capacity(8 + self.windows.len());
        values.extend(self.days_since(history));
        let longest = self.windows.last().map_or(0.0, |days| f64::from(*days));
        let mut counts = vec![0.0; self.windows.len()];
        for (days, _) in
            history.backwards().take_while(|(days, _)| *days <= longest).filter(|(_, e)| e.is_nudge())
        {
            for (count, window) in counts.iter_mut().zip(&self.windows) {
                *count += f64::from(u8::from(days <= f64::from(*window)));
            }
        }
        values.extend(counts);
        values.extend(self.answers(history));
        values
    }

    fn days_since(&self, history: &History<'_>) -> [f64; 5] {
        let mut since = [self.cap_days; 5];
        for (days, entry) in history.backwards().take_while(|(days, _)| *days < self.cap_days) {
            let known = &mut since[entry.action.index()];
            *known = known.min(days);
        }
        since
    }

    fn answers(&self, history: &History<'_>) -> [f64; 3] {
        let (mut n, mut accepted, mut annoyed) = (0.0, 0.0, 0.0);
        let known = |(days, entry): &(f64, &LogEntry)| {
            *days >= self.answer_days && entry.is_nudge() && entry.feedback.is_some()
        };
        for (_, entry) in history.backwards().filter(known).take(self.n_answers) {
            n += 1.0;
            accepted += f64::from(u8::from(entry.accepted()));
            annoyed += f64::from(u8::from(entry.annoyed()));
        }
        let share = |count: f64| if n > 0.0 { count / n } else { 0.0 };
        [n, share(accepted), share(annoyed)]
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::RowKey;
    use fincoach_core::chrono::{NaiveDate, TimeDelta};
    use fincoach_core::ndarray::array;

    use super::*;

    fn at(day: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2024, 1, day).unwrap().into()
    }

    fn nudge(day: u32, feedback: f64) -> LogEntry {
        LogEntry::new(at(day), Action::SavingsNudge).with_feedback(feedback)
    }

    fn column(params: &HistoryParams, entries: &[LogEntry], (moment, name): (NaiveDateTime, &str)) -> f64 {
        let at = params.columns().iter().position(|column| column == name).unwrap();
        params.values(&History::new(entries, moment)).unwrap()[at]
    }

    #[test]
    fn nothing_of_the_moment_itself_or_later_is_seen() {
        let entries = [nudge(1, 1.0), nudge(5, 1.0), nudge(9, 1.0)];
        let params = HistoryParams::default();
        let past = History::new(&entries, at(5));
        assert_eq!(past.entries(), &entries[..1]);
        assert_eq!(past.last(Action::SavingsNudge), Some(&entries[0]));
        assert_eq!(params.values(&past), params.values(&History::new(&entries[..1], at(5))));
        assert!(column(&params, &entries, (at(1), "days_since_savings_nudge")) == 28.0);
    }

    #[test]
    fn days_are_capped_and_windows_hold_their_first_moment() {
        let entries = [nudge(1, 1.0), LogEntry::new(at(2), Action::ContinueCurrentBehavior), nudge(8, 0.0)];
        let params = HistoryParams::default().with_cap_days(10.0);
        assert_eq!(column(&params, &entries, (at(15), "days_since_savings_nudge")), 7.0);
        assert_eq!(column(&params, &entries, (at(15), "days_since_continue_current_behavior")), 10.0);
        let second = TimeDelta::seconds(1);
        let counts = [(at(15), 1.0), (at(15) + second, 0.0), (at(8), 1.0), (at(8) + second, 1.0)];
        for (moment, n) in counts {
            assert_eq!(column(&params, &entries, (moment, "n_nudges_7d")), n, "{moment}");
        }
        assert_eq!(column(&params, &entries, (at(15), "n_nudges_14d")), 2.0);
    }

    #[test]
    fn shares_are_those_of_the_last_answers_known() {
        let unanswered = LogEntry::new(at(4), Action::SpendingAlert);
        let quiet = LogEntry::new(at(5), Action::ContinueCurrentBehavior).with_feedback(-1.0);
        let entries = [nudge(1, 1.0), nudge(2, -1.0), nudge(3, 0.0), unanswered, quiet, nudge(6, 1.0)];
        let params = HistoryParams::default().with_n_answers(3);
        let answers = |moment| {
            let values = params.values(&History::new(&entries, moment)).unwrap();
            values[values.len() - 3..].to_vec()
        };
        assert_eq!(answers(at(1)), [0.0, 0.0, 0.0]);
        assert_eq!(answers(at(7)), [3.0, 1.0 / 3.0, 1.0 / 3.0]);
        // What was heard of the sixth is known a day later.
        assert_eq!(answers(at(7) - TimeDelta::seconds(1)), [3.0, 1.0 / 3.0, 1.0 / 3.0]);
        let late = HistoryParams::default().with_answer_days(5.0);
        assert_eq!(column(&late, &entries, (at(7), "n_answers")), 2.0);
        assert_eq!(column(&late, &entries, (at(7), "share_accepted")), 0.5);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let history = History::new(&[], at(1));
        let params = HistoryParams::default();
        for wrong in [
            params.clone().with_cap_days(f64::NAN),
            params.clone().with_cap_days(0.0),
            params.clone().with_windows([14, 7]),
            params.clone().with_windows([0]),
            params.clone().with_n_answers(0),
            params.clone().with_answer_days(f64::NAN),
        ] {
            assert!(wrong.values(&history).is_err(), "{wrong:?}");
        }
        let keys = vec![RowKey { user: "a".into(), as_of: at(1) }];
        let table = FeatureTable::new(keys, ["n_answers"], array![[1.0]]).unwrap();
        assert!(
            params.append(&table, &[history]).unwrap_err().to_string().contains("`n_answers` stands twice")
        );
        assert!(params.append(&table, &[]).is_err());
    }
}
