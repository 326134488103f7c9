//! Entries of a log as transitions.

use std::collections::BTreeMap;

use fincoach_core::chrono::{NaiveDateTime, TimeDelta};
use fincoach_core::ndarray::Array2;
use fincoach_core::{DataError, FeatureTable, LedgerView, RowKey};
use rayon::prelude::*;

use super::history::days_between;
use super::snapshots::{Snapshot, Snapshots, first_serving_from, latest_before};
use super::{
    BrokenMask, History, LogSources, Outcome, Reward, Skipped, SkippedEntry, TransitionParams,
    TransitionReport, UserLog,
};
use crate::{Ended, Error, Replay, Transition};

/// The transitions of a log and what became of its entries.
#[derive(Clone, Debug, PartialEq)]
pub struct Transitions {
    replay: Replay,
    report: TransitionReport,
}

impl Transitions {
    /// The transitions, user by user in the order of time; a row's `as_of` is the time of its entry.
    #[must_use]
    pub const fn replay(&self) -> &Replay {
        &self.replay
    }

    /// What became of the entries.
    #[must_use]
    pub const fn report(&self) -> &TransitionReport {
        &self.report
    }

    /// The transitions.
    #[must_use]
    pub fn into_replay(self) -> Replay {
        self.replay
    }
}

impl TransitionParams {
    /// The transitions of a log.
    ///
    /// The state of an entry is the user's latest snapshot strictly before it, not older than `max_age_days`. The
    /// next state is the state of the user's next entry; where that has none, or there is no next entry, the first
    /// snapshot that could serve at least one step later, at most `max_age_days` later than that and not after the
    /// next entry: the transition is [`Ended::Truncated`]. A transition whose next entry is skipped is truncated
    /// too, so that whoever follows rows never jumps over one. After the last entry of a user who left, it is
    /// [`Ended::Terminal`], and the next state, which counts for nothing, is the latest before the departure.
    ///
    /// Discounting follows the calendar: `elapsed` is the time to the next entry, the departure, or the moment
    /// from which the next state is known, in steps. `allowed` and `next_allowed` are what the rules allow there.
    ///
    /// Nothing in a state depends on anything logged or known later. `O((n_snapshots + n_entries) · log)`.
    ///
    /// # Errors
    /// [`Error::Param`]; [`DataError::UnknownName`] for a column that is not there, [`DataError::Duplicate`] for one
    /// named twice; what the reward says; [`DataError::NotFinite`] for a reward that is no number;
    /// [`Error::BrokenMask`] when so chosen; [`Error::NoTransitions`] with the report when nothing is left.
    pub fn build(&self, sources: &LogSources<'_>, reward: &impl Reward) -> Result<Transitions, Error> {
        self.check()?;
        let builder = Builder::new(self, sources, reward)?;
        let stories: Vec<Result<Story, Error>> =
            sources.log.users().par_iter().map(|story| builder.story(story)).collect();
        let mut whole = Story::default();
        for story in stories {
            whole.append(story?);
        }
        builder.finish(whole)
    }
}

/// From which snapshots an entry's transition leads to which.
struct Link {
    before: Snapshot,
    after: Snapshot,
    end: NaiveDateTime,
    ended: Ended,
}

/// The rows of one user, or of several one after the other.
#[derive(Default)]
struct Story {
    keys: Vec<RowKey>,
    states: Vec<f64>,
    next_states: Vec<f64>,
    transitions: Vec<Transition>,
    skipped: Vec<SkippedEntry>,
    n_masked_actions: usize,
}

impl Story {
    fn append(&mut self, mut next: Self) {
        self.keys.append(&mut next.keys);
        self.states.append(&mut next.states);
        self.next_states.append(&mut next.next_states);
        self.transitions.append(&mut next.transitions);
        self.skipped.append(&mut next.skipped);
        self.n_masked_actions += next.n_masked_actions;
    }
}

struct Builder<'a, R> {
    params: &'a TransitionParams,
    sources: &'a LogSources<'a>,
    reward: &'a R,
    snapshots: Snapshots<'a>,
    ledger_users: BTreeMap<&'a str, usize>,
    /// Positions of the state's columns in the snapshots.
    columns: Vec<usize>,
}

impl<'a, R: Reward> Builder<'a, R> {
    fn new(
        params: &'a TransitionParams,
        sources: &'a LogSources<'a>,
        reward: &'a R,
    ) -> Result<Self, DataError> {
        let table = sources.snapshots;
        let columns = match params.columns() {
            None => (0..table.n_columns()).collect(),
            Some(names) => names.iter().map(|name| table.column_index(name)).collect::<Result<_, _>>()?,
        };
        let users = sources.ledger.map_or(&[][..], |ledger| ledger.users());
        let ledger_users = users.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect();
        Ok(Self { params, sources, reward, snapshots: Snapshots::of(table), ledger_users, columns })
    }

    fn story(&self, log: &UserLog) -> Result<Story, Error> {
        let mut story = Story::default();
        let bookings = self.bookings(log.user());
        for (index, link) in self.links(log, bookings.is_none()).into_iter().enumerate() {
            match link {
                Ok(link) => self.add(&mut story, (log, index), (&link, bookings))?,
                Err(reason) => {
                    let (user, time) = (log.user().to_owned(), log.entries()[index].time);
                    story.skipped.push(SkippedEntry { user, time, reason });
                }
            }
        }
        Ok(story)
    }

    fn bookings(&self, user: &str) -> Option<LedgerView<'a>> {
        let ledger = self.sources.ledger?;
        self.ledger_users.get(user).map(|index| ledger.user(*index))
    }

    /// For each entry of a user its link, or why there is none.
    fn links(&self, log: &UserLog, no_bookings: bool) -> Vec<Result<Link, Skipped>> {
        if self.sources.ledger.is_some() && no_bookings {
            return log.entries().iter().map(|_| Err(Skipped::NotInLedger)).collect();
        }
        let snapshots = self.snapshots.user(log.user());
        let before: Vec<Result<Snapshot, Skipped>> =
            log.entries().iter().map(|entry| self.state(snapshots, entry.time)).collect();
        let mut links: Vec<Result<Link, Skipped>> = before
            .iter()
            .enumerate()
            .map(|(index, state)| {
                let following = before.get(index + 1).and_then(|next| next.ok());
                let (after, end, ended) = self.next((log, index), snapshots, following);
                let (before, after) = ((*state)?, after.ok_or(Skipped::NoNextState)?);
                Ok(Link { before, after, end, ended })
            })
            .collect();
        for index in 1..links.len() {
            if links[index].is_err()
                && let Ok(link) = &mut links[index - 1]
            {
                link.ended = Ended::Truncated;
            }
        }
        links
    }

    fn state(&self, snapshots: &[Snapshot], moment: NaiveDateTime) -> Result<Snapshot, Skipped> {
        if snapshots.is_empty() {
            return Err(Skipped::UnknownUser);
        }
        let latest = latest_before(snapshots, moment).ok_or(Skipped::NoSnapshotBefore)?;
        let fresh = moment - latest.as_of <= days(self.params.max_age_days());
        if fresh { Ok(latest) } else { Err(Skipped::StaleSnapshot) }
    }

    /// The next snapshot, the end of the period and whether the story goes on.
    fn next(
        &self,
        (log, index): (&UserLog, usize),
        snapshots: &[Snapshot],
        following: Option<Snapshot>,
    ) -> (Option<Snapshot>, NaiveDateTime, Ended) {
        let time = log.entries()[index].time;
        let next = log.entries().get(index + 1).map(|entry| entry.time);
        match (next, following, log.departure()) {
            (Some(next), Some(following), _) => return (Some(following), next, Ended::No),
            (None, _, Some(left)) => return (latest_before(snapshots, left), left, Ended::Terminal),
            _ => {}
        }
        let earliest = time + days(self.params.step_days());
        let latest = earliest + days(self.params.max_age_days());
        let latest = next.map_or(latest, |next| next.min(latest));
        let found = first_serving_from(snapshots, earliest).filter(|found| found.serves_from() <= latest);
        (found, found.map_or(earliest, |found| found.serves_from()), Ended::Truncated)
    }

    fn add(
        &self,
        story: &mut Story,
        (log, index): (&UserLog, usize),
        (link, bookings): (&Link, Option<LedgerView<'_>>),
    ) -> Result<(), Error> {
        let entry = log.entries()[index];
        let (now, then) = (History::new(log.entries(), entry.time), History::new(log.entries(), link.end));
        let outcome = Outcome {
            user: log.user(),
            entry,
            end: link.end,
            ended: link.ended,
            snapshots: self.sources.snapshots,
            rows: [link.before.row, link.after.row],
            bookings,
        };
        let elapsed = days_between(entry.time, link.end) / self.params.step_days();
        let mut transition = Transition::new(entry.action, self.reward.reward(&outcome)?)
            .with_ended(link.ended)
            .with_elapsed(elapsed);
        if let Some(propensity) = entry.propensity {
            transition = transition.with_propensity(propensity);
        }
        let masks = self.params.masks();
        let allowed = masks.allowed(&now);
        if !allowed.contains(entry.action) {
            self.admit(log.user(), &now, &transition)?;
            story.n_masked_actions += 1;
        }
        story.transitions.push(transition.with_allowed(allowed.with(entry.action), masks.allowed(&then)));
        story.keys.push(RowKey { user: log.user().to_owned(), as_of: entry.time });
        self.extend(&mut story.states, link.before, &now);
        self.extend(&mut story.next_states, link.after, &then);
        Ok(())
    }

    /// An error when entries that the rules forbid are refused.
    fn admit(&self, user: &str, now: &History<'_>, transition: &Transition) -> Result<(), Error> {
        let rules = self.params.masks().masked(now);
        match rules.into_iter().find(|masked| masked.action == transition.action()) {
            Some(masked) if self.params.broken_mask() == BrokenMask::Refuse => {
                Err(Error::BrokenMask { user: user.to_owned(), time: now.moment(), masked })
            }
            _ => Ok(()),
        }
    }

    fn extend(&self, values: &mut Vec<f64>, snapshot: Snapshot, history: &History<'_>) {
        let row = self.sources.snapshots.row(snapshot.row);
        values.extend(self.columns.iter().map(|column| row[*column]));
        if let Some(params) = self.params.history() {
            values.extend(params.checked_values(history));
        }
    }

    fn finish(&self, story: Story) -> Result<Transitions, Error> {
        let count = |ended| story.transitions.iter().filter(|step| step.ended() == ended).count();
        let report = TransitionReport {
            n_entries: self.sources.log.n_entries(),
            n_transitions: story.transitions.len(),
            n_terminal: count(Ended::Terminal),
            n_truncated: count(Ended::Truncated),
            n_masked_actions: story.n_masked_actions,
            skipped: story.skipped,
        };
        if report.n_transitions == 0 {
            return Err(Error::NoTransitions(Box::new(report)));
        }
        let of_snapshot = self.columns.iter().map(|column| self.sources.snapshots.columns()[*column].clone());
        let of_history = self.params.history().map_or_else(Vec::new, super::HistoryParams::columns);
        let names: Vec<String> = of_snapshot.chain(of_history).collect();
        let shape = (report.n_transitions, names.len());
        let states = FeatureTable::new(story.keys, names, matrix(shape, story.states)?)?;
        let replay = Replay::new(states, matrix(shape, story.next_states)?, story.transitions)?;
        Ok(Transitions { replay, report })
    }
}

fn matrix(shape: (usize, usize), values: Vec<f64>) -> Result<Array2<f64>, DataError> {
    let got = values.len();
    let wrong = DataError::Length { what: "values", expected: shape.0 * shape.1, got };
    Array2::from_shape_vec(shape, values).map_err(|_| wrong)
}

/// A number of days, at most ten years, to the second.
#[expect(clippy::cast_possible_truncation, reason = "ten years are few seconds")]
fn days(days: f64) -> TimeDelta {
    TimeDelta::seconds((days * 86_400.0).round() as i64)
}

#[cfg(test)]
mod tests;
