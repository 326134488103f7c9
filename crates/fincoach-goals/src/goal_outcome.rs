//! What became of a goal.

use std::fmt;

use fincoach_core::chrono::NaiveDate;
use fincoach_core::{Ledger, Money};
use serde::{Deserialize, Serialize};

use crate::account_days::{AccountDays, Flow, HOLD_DAYS, date_of, day_number};
use crate::{Error, Goal, GoalKind};

/// What became of a goal by its date.
///
/// A goal is decided as early as it can be: reached on the first day that reaches it, a cap missed on the first day
/// above it. What is still open on the last day of the user's bookings is censored: neither reached nor missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoalOutcome {
    /// Reached, on this day; for a cap the date itself.
    Reached(NaiveDate),
    /// Missed, decided on this day: the date itself, for a cap the day it was broken.
    Missed(NaiveDate),
    /// Not known: the bookings end before the date, on this day.
    Censored(NaiveDate),
}

impl GoalOutcome {
    /// Whether it was reached; `None` where that is not known.
    #[must_use]
    pub const fn reached(self) -> Option<bool> {
        match self {
            Self::Reached(_) => Some(true),
            Self::Missed(_) => Some(false),
            Self::Censored(_) => None,
        }
    }
}

/// Why nothing is said of a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The ledger has no bookings of the user.
    UnknownUser,
    /// The user's bookings reach back so many full weeks from the start, and more are needed.
    TooLittleHistory {
        /// Full weeks up to the start.
        weeks: usize,
        /// Weeks needed.
        needed: usize,
    },
    /// The level that is to be reached was held at the start already.
    AlreadyReached,
    /// A level is asked for and no balance is known over the four weeks up to the start.
    NoBalance,
    /// A buffer is asked for and nothing was spent in the 91 days up to the start.
    NoSpending,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownUser => f.write_str("no bookings of this user"),
            Self::TooLittleHistory { weeks, needed } => {
                write!(f, "{weeks} full weeks of bookings before the start, {needed} are needed")
            }
            Self::AlreadyReached => f.write_str("reached at the start already"),
            Self::NoBalance => f.write_str("no balance is known before the start"),
            Self::NoSpending => f.write_str("nothing was spent in the 91 days before the start"),
        }
    }
}

/// A goal measured in minor units: what must be reached, and where the user stands at the start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) kind: GoalKind,
    pub(crate) start: i64,
    pub(crate) end: i64,
    /// The amount to put aside, the level to hold, or the cap.
    pub(crate) target: i64,
    /// The level at the start; 0 for what is counted from the start on.
    pub(crate) level: i64,
}

impl Measured {
    /// Measures with what was known at the start.
    pub(crate) fn new(goal: &Goal, days: &AccountDays) -> Result<Self, Refusal> {
        let (start, end) = (day_number(goal.start()), day_number(goal.date()));
        let level = |target: i64| match days.lowest(start - HOLD_DAYS, start) {
            None => Err(Refusal::NoBalance),
            Some(level) if level >= target => Err(Refusal::AlreadyReached),
            Some(level) => Ok((target, level)),
        };
        let (target, level) = match goal.kind() {
            GoalKind::Save(amount) | GoalKind::Cap(_, amount) => (amount.minor(), 0),
            GoalKind::PayDown(amount) => level(-amount.minor())?,
            GoalKind::Buffer(months) => {
                level(days.months_of_spending(months, start).ok_or(Refusal::NoSpending)?)?
            }
        };
        Ok(Self { kind: goal.kind(), start, end, target, level })
    }

    /// Whether staying at or under the target is the goal.
    pub(crate) const fn is_cap(&self) -> bool {
        matches!(self.kind, GoalKind::Cap(..))
    }

    /// What is still to be put aside, or may still be spent.
    pub(crate) fn gap(&self) -> i64 {
        self.target.saturating_sub(self.level)
    }

    /// What became of it if `extra` minor units a day had been put aside (or not spent) on top.
    pub(crate) fn outcome(&self, days: &AccountDays, extra: f64) -> GoalOutcome {
        let last = days.last().min(self.end);
        let passed = |day: i64| {
            let more = (extra * (day - self.start) as f64) as i64;
            match self.kind {
                GoalKind::Save(_) => days.flow(Flow::PutAside, self.start, day) + more >= self.target,
                GoalKind::Cap(category, _) => {
                    days.flow(Flow::Spent(category), self.start, day) - more > self.target
                }
                GoalKind::Buffer(_) | GoalKind::PayDown(_) => days
                    .lowest(day - HOLD_DAYS, day)
                    .is_some_and(|low| low.saturating_add(more) >= self.target),
            }
        };
        match (self.start + 1..=last).find(|day| passed(*day)) {
            Some(day) if self.is_cap() => GoalOutcome::Missed(date_of(day)),
            Some(day) => GoalOutcome::Reached(date_of(day)),
            None if days.last() < self.end => GoalOutcome::Censored(date_of(days.last())),
            None if self.is_cap() => GoalOutcome::Reached(date_of(self.end)),
            None => GoalOutcome::Missed(date_of(self.end)),
        }
    }
}

/// What became of a goal in the bookings of its user.
///
/// # Errors
/// [`Error::Refused`] where the goal cannot be measured at its start; a short history is no reason here.
///
/// # Examples
/// ```
/// use fincoach_core::{Category, Ledger, Money, Transaction, chrono::NaiveDate};
/// use fincoach_goals::{Goal, GoalKind, GoalOutcome, goal_outcome};
/// let day = |month, day| NaiveDate::from_ymd_opt(2024, month, day).unwrap();
/// let mut builder = Ledger::builder();
/// for (month, minor) in [(1, -10_000), (2, -30_000), (3, -20_000), (4, 5_000)] {
///     let mut row = Transaction::new("anna", day(month, 15).into(), Money::from_minor(minor));
///     row.category = Category::Savings;
///     builder.push(&row)?;
/// }
/// let ledger = builder.finish();
/// // What is booked on the start itself does not count, so 500.00 are there on 15 March.
/// let save = |minor| Goal::new("anna", GoalKind::Save(Money::from_minor(minor)), day(1, 15), day(4, 1));
/// assert_eq!(goal_outcome(&ledger, &save(50_000)?)?, GoalOutcome::Reached(day(3, 15)));
/// assert_eq!(goal_outcome(&ledger, &save(50_001)?)?, GoalOutcome::Missed(day(4, 1)));
/// let longer = Goal::new("anna", save(50_001)?.kind(), day(1, 15), day(5, 1))?;
/// assert_eq!(goal_outcome(&ledger, &longer)?, GoalOutcome::Censored(day(4, 15)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn goal_outcome(ledger: &Ledger, goal: &Goal) -> Result<GoalOutcome, Error> {
    goal_outcome_with(ledger, goal, Money::ZERO)
}

/// What would have become of a goal if `extra` a week had been put aside (for a cap not spent; for a level kept in the
/// account) on top of what happened, evenly over the days, and nothing else had changed.
///
/// # Errors
/// As [`goal_outcome`].
pub fn goal_outcome_with(ledger: &Ledger, goal: &Goal, extra: Money) -> Result<GoalOutcome, Error> {
    let days = days_of(ledger, goal.user()).ok_or_else(|| refused(goal, Refusal::UnknownUser))?;
    let measured = Measured::new(goal, &days).map_err(|refusal| refused(goal, refusal))?;
    Ok(measured.outcome(&days, extra.minor() as f64 / 7.0))
}

pub(crate) fn days_of(ledger: &Ledger, user: &str) -> Option<AccountDays> {
    AccountDays::new(ledger.user_named(user).ok()?)
}

pub(crate) fn refused(goal: &Goal, refusal: Refusal) -> Error {
    Error::Refused { user: goal.user().to_owned(), start: goal.start(), refusal }
}

#[cfg(test)]
mod tests;
