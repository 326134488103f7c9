//! What is known of goals at their start.

use std::collections::BTreeMap;

use fincoach_core::chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use fincoach_core::ndarray::Array2;
use fincoach_core::{DataError, FeatureTable, Ledger, ParamError, RowKey};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::account_days::{AccountDays, Flow};
use crate::goal_outcome::{Measured, days_of, refused};
use crate::monte_carlo::{Futures, Past, full_weeks};
use crate::{Error, Goal, GoalExamples, GoalKind, GoalOutcome, MonteCarloParams, Refusal};

/// The columns a goal gets of its own, each from bookings up to the end of its start alone.
///
/// *gap*: what is still to be put aside, from the level at the start to the target; for a cap what may be spent. *needed*:
/// gap a week until the date. *flow*: what counts for the goal in a week (put aside; spent in the category; net flow).
///
/// | column | unit | meaning |
/// | --- | --- | --- |
/// | `goal_weeks` | weeks | from start to date |
/// | `goal_gap` | major units, log(1 + x) | gap |
/// | `goal_needed` | major units a week, log(1 + x) | needed |
/// | `goal_needed_of_income` | 0 to 10 | needed / weekly income of the past weeks, 10 without income |
/// | `goal_share` | −10 to 1 | level at the start / target; 0 for what is counted from the start on |
/// | `goal_rate_month` | −5 to 5 | mean flow of the last 4 weeks / needed |
/// | `goal_rate_quarter` | −5 to 5 | the same of the last 13 weeks |
/// | `goal_rate_year` | −5 to 5 | the same of all weeks that are looked at, 52 unless told otherwise |
/// | `goal_rate_spread` | 0 to 10 | standard deviation of the flow of weeks / needed |
/// | `goal_active_share` | 0 to 1 | weeks with a positive flow |
/// | `goal_back_share` | 0 to 1 | weeks with a negative flow |
/// | `goal_of_income` | −5 to 5 | mean flow / weekly income, 0 without income |
/// | `goal_straight_line` | −5 to 5 | where the mean flow leads by the date, as a share of the gap |
/// | `goal_monte_carlo` | 0 to 1 | what [`MonteCarloParams`] answers |
/// | `goal_monte_carlo_log_odds` | – | the same with half a path on either side, as log-odds |
/// | `goal_median` | −5 to 5 | what the middle path adds, as a share of the gap |
/// | `goal_history` | weeks | past weeks that are looked at |
/// | `goal_kind_buffer`, `goal_kind_pay_down`, `goal_kind_cap` | 0 or 1 | the kind, save being none of these |
pub const GOAL_COLUMNS: [&str; 20] = [
    "goal_weeks",
    "goal_gap",
    "goal_needed",
    "goal_needed_of_income",
    "goal_share",
    "goal_rate_month",
    "goal_rate_quarter",
    "goal_rate_year",
    "goal_rate_spread",
    "goal_active_share",
    "goal_back_share",
    "goal_of_income",
    "goal_straight_line",
    "goal_monte_carlo",
    "goal_monte_carlo_log_odds",
    "goal_median",
    "goal_history",
    "goal_kind_buffer",
    "goal_kind_pay_down",
    "goal_kind_cap",
];

/// How goals are looked at.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `monte_carlo` | [`MonteCarloParams::default`] | as there | how past weeks are played again |
/// | `min_weeks` | 13 | ≥ 1 | full weeks of bookings up to the start without which a goal is refused |
///
/// # Examples
/// ```
/// use fincoach_core::{Category, Ledger, Money, Transaction, chrono::{Days, NaiveDate}};
/// use fincoach_goals::{Goal, GoalKind, GoalTableParams};
/// // Twenty weeks in which 10.00 are put aside each.
/// let first = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let mut builder = Ledger::builder();
/// for week in 0..20 {
///     let mut row = Transaction::new("anna", (first + Days::new(7 * week)).into(), Money::from_minor(-1000));
///     row.category = Category::Savings;
///     builder.push(&row)?;
/// }
/// let (start, date) = (first + Days::new(97), first + Days::new(125));
/// let goal = |minor| Goal::new("anna", GoalKind::Save(Money::from_minor(minor)), start, date);
/// // Four weeks lead to 40.00.
/// let rows = GoalTableParams::default().look(&builder.finish(), &[goal(4000)?, goal(8000)?])?;
/// assert_eq!(rows.table().column("goal_straight_line")?.to_vec(), [1.0, 0.5]);
/// assert_eq!(rows.table().column("goal_monte_carlo")?.to_vec(), [1.0, 0.0]);
/// assert_eq!(rows.examples()?.labels(), [true, false]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GoalTableParams {
    monte_carlo: MonteCarloParams,
    min_weeks: usize,
}

impl Default for GoalTableParams {
    fn default() -> Self {
        Self { monte_carlo: MonteCarloParams::default(), min_weeks: 13 }
    }
}

impl GoalTableParams {
    /// How past weeks are played again.
    #[must_use]
    pub const fn monte_carlo(&self) -> &MonteCarloParams {
        &self.monte_carlo
    }

    /// Weeks of bookings a goal needs.
    #[must_use]
    pub const fn min_weeks(&self) -> usize {
        self.min_weeks
    }

    /// Sets how past weeks are played again.
    #[must_use]
    pub const fn with_monte_carlo(self, monte_carlo: MonteCarloParams) -> Self {
        Self { monte_carlo, ..self }
    }

    /// Sets the weeks of bookings a goal needs.
    #[must_use]
    pub const fn with_min_weeks(self, min_weeks: usize) -> Self {
        Self { min_weeks, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        ParamError::ensure(self.min_weeks >= 1, "min_weeks", "at least 1", self.min_weeks)?;
        self.monte_carlo.check()
    }

    /// Looks at every goal with what was known at its start, and at what became of it.
    ///
    /// Goals are worked on in parallel; threads change nothing, and no goal changes another's row. Only the outcome
    /// depends on bookings after the start, with one exception that the ledger brings along: where the role of an
    /// earlier row (transfer, refund) was decided by a later one.
    ///
    /// # Errors
    /// [`Error::Param`]. Goals of which nothing can be said are listed in [`GoalRows::refused`], not errors.
    pub fn look(&self, ledger: &Ledger, goals: &[Goal]) -> Result<GoalRows, Error> {
        self.check()?;
        let mut of_user: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (place, goal) in goals.iter().enumerate() {
            of_user.entry(goal.user()).or_default().push(place);
        }
        let users: Vec<(&str, Vec<usize>)> = of_user.into_iter().collect();
        let numbers: BTreeMap<&str, usize> = ledger.users().iter().map(String::as_str).zip(0..).collect();
        let seen: Vec<Vec<(usize, Result<Seen, Refusal>)>> = users
            .into_par_iter()
            .map(|(user, places)| {
                let days = numbers.get(user).and_then(|number| AccountDays::new(ledger.user(*number)));
                let see = |place: usize| match &days {
                    None => Err(Refusal::UnknownUser),
                    Some(days) => self.see(&goals[place], days).map(|prepared| {
                        let values = prepared.row(0.0, ledger.minor_per_major());
                        Seen { values, outcome: prepared.measured.outcome(days, 0.0) }
                    }),
                };
                places.into_iter().map(|place| (place, see(place))).collect()
            })
            .collect();
        let mut seen: Vec<(usize, Result<Seen, Refusal>)> = seen.into_iter().flatten().collect();
        seen.sort_unstable_by_key(|(place, _)| *place);
        GoalRows::new(goals, seen)
    }

    /// What is known of a goal at its start.
    pub(crate) fn see(&self, goal: &Goal, days: &AccountDays) -> Result<Prepared, Refusal> {
        let start = crate::account_days::day_number(goal.start());
        let (weeks, needed) = (full_weeks(days, start), self.min_weeks);
        if weeks < needed {
            return Err(Refusal::TooLittleHistory { weeks, needed });
        }
        let measured = Measured::new(goal, days)?;
        let past = Past::new(&measured, days, self.monte_carlo.max_weeks());
        let futures = self.monte_carlo.play(goal, &past, (&measured, 0.0));
        let n_weeks = past.weeks.len() as i64;
        let income = days.flow(Flow::Income, start - 7 * n_weeks, start) as f64 / n_weeks as f64;
        Ok(Prepared { goal: goal.clone(), measured, past, futures, income })
    }

    /// The same of one goal, by name.
    pub(crate) fn prepare(&self, ledger: &Ledger, goal: &Goal) -> Result<Prepared, Error> {
        self.check()?;
        let days = days_of(ledger, goal.user()).ok_or_else(|| refused(goal, Refusal::UnknownUser))?;
        self.see(goal, &days).map_err(|refusal| refused(goal, refusal))
    }
}

struct Seen {
    values: Vec<f64>,
    outcome: GoalOutcome,
}

/// A goal with its past and its played futures.
pub(crate) struct Prepared {
    pub(crate) goal: Goal,
    pub(crate) measured: Measured,
    pub(crate) past: Past,
    pub(crate) futures: Futures,
    /// Minor units a week.
    income: f64,
}

fn clipped(value: f64) -> f64 {
    value.clamp(-5.0, 5.0)
}

impl Prepared {
    /// The gap in minor units once `eased` of it is seen to otherwise; a cap becomes wider.
    pub(crate) fn gap(&self, eased: f64) -> f64 {
        let gap = self.measured.gap() as f64;
        if self.measured.is_cap() { (gap + eased).max(1.0) } else { (gap - eased).max(1.0) }
    }

    /// The probability that the played futures give.
    pub(crate) fn monte_carlo(&self, eased: f64) -> f64 {
        self.futures.share(self.measured.level as f64 + self.gap(eased))
    }

    /// The columns of [`GOAL_COLUMNS`].
    pub(crate) fn row(&self, eased: f64, minor_per_major: f64) -> Vec<f64> {
        let (weeks, gap, kind) = (self.goal.weeks(), self.gap(eased), self.measured.kind);
        let needed = gap / weeks;
        let flows: Vec<f64> = self.past.weeks.iter().map(|week| week.flow).collect();
        let n = flows.len() as f64;
        let mean_of = |last: usize| {
            let taken = &flows[flows.len().saturating_sub(last)..];
            taken.iter().sum::<f64>() / taken.len() as f64
        };
        let mean = mean_of(flows.len());
        let deviation = (flows.iter().map(|flow| (flow - mean).powi(2)).sum::<f64>() / n).sqrt();
        let share = |wanted: fn(&f64) -> bool| flows.iter().filter(|flow| wanted(flow)).count() as f64 / n;
        let (level, target) = (self.measured.level as f64, self.measured.level as f64 + gap);
        let paths = self.monte_carlo(eased);
        let n_paths = self.futures.n_paths() as f64;
        let inside = (paths * n_paths + 0.5) / (n_paths + 1.0);
        let per_income =
            |value: f64, without: f64| if self.income > 0.0 { value / self.income } else { without };
        vec![
            weeks,
            (gap / minor_per_major).ln_1p(),
            (needed / minor_per_major).ln_1p(),
            per_income(needed, 10.0).min(10.0),
            if target == 0.0 { -10.0 } else { (level / target.abs()).clamp(-10.0, 1.0) },
            clipped(mean_of(4) / needed),
            clipped(mean_of(13) / needed),
            clipped(mean / needed),
            (deviation / needed).min(10.0),
            share(|flow| *flow > 0.0),
            share(|flow| *flow < 0.0),
            clipped(per_income(mean, 0.0)),
            clipped(mean * weeks / gap),
            paths,
            (inside / (1.0 - inside)).ln(),
            clipped((self.futures.median() - level) / gap),
            n,
            f64::from(matches!(kind, GoalKind::Buffer(_))),
            f64::from(matches!(kind, GoalKind::PayDown(_))),
            f64::from(matches!(kind, GoalKind::Cap(..))),
        ]
    }
}

/// A goal of which nothing is said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedGoal {
    /// The goal.
    pub goal: Goal,
    /// Why.
    pub refusal: Refusal,
}

/// Goals as they stood at their start, and what became of them; made by [`GoalTableParams::look`].
#[derive(Clone, Debug, PartialEq)]
pub struct GoalRows {
    goals: Vec<Goal>,
    table: FeatureTable,
    outcomes: Vec<GoalOutcome>,
    refused: Vec<RefusedGoal>,
}

/// The end of a day, where goals begin.
pub(crate) fn end_of_day(goal: &Goal) -> NaiveDateTime {
    goal.start().and_time(NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default())
}

impl GoalRows {
    fn new(goals: &[Goal], seen: Vec<(usize, Result<Seen, Refusal>)>) -> Result<Self, Error> {
        let (mut kept, mut keys, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let (mut outcomes, mut refused) = (Vec::new(), Vec::new());
        let mut of_day: BTreeMap<(&str, NaiveDateTime), i64> = BTreeMap::new();
        for (place, row) in seen {
            let goal = &goals[place];
            match row {
                Err(refusal) => refused.push(RefusedGoal { goal: goal.clone(), refusal }),
                Ok(seen) => {
                    let number = of_day.entry((goal.user(), end_of_day(goal))).or_insert(0);
                    let as_of = end_of_day(goal) + TimeDelta::seconds(*number);
                    *number += 1;
                    keys.push(RowKey { user: goal.user().to_owned(), as_of });
                    kept.push(goal.clone());
                    outcomes.push(seen.outcome);
                    values.extend(seen.values);
                }
            }
        }
        let values = Array2::from_shape_vec((keys.len(), GOAL_COLUMNS.len()), values)
            .map_err(|_| DataError::Empty { what: "columns of goals" })?;
        Ok(Self { goals: kept, table: FeatureTable::new(keys, GOAL_COLUMNS, values)?, outcomes, refused })
    }

    /// The goals of which something is said, in the order they were given.
    #[must_use]
    pub fn goals(&self) -> &[Goal] {
        &self.goals
    }

    /// One row per goal. The as-of time is the end of the start day, 23:59:59; the second goal of a user and day has
    /// one second more, and so on, since keys are unique.
    #[must_use]
    pub const fn table(&self) -> &FeatureTable {
        &self.table
    }

    /// What became of each goal.
    #[must_use]
    pub fn outcomes(&self) -> &[GoalOutcome] {
        &self.outcomes
    }

    /// The goals of which nothing is said.
    #[must_use]
    pub fn refused(&self) -> &[RefusedGoal] {
        &self.refused
    }

    /// The number of goals whose outcome the bookings do not tell.
    #[must_use]
    pub fn n_censored(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.reached().is_none()).count()
    }

    /// The same goals with further columns, those of the snapshot of their user at the end of their start.
    ///
    /// # Errors
    /// [`DataError::Inconsistent`] for a goal without a snapshot, [`DataError::Duplicate`] for a column that is there
    /// already.
    pub fn with_snapshots(&self, snapshots: &FeatureTable) -> Result<Self, Error> {
        let places: BTreeMap<&RowKey, usize> = snapshots.keys().iter().zip(0..).collect();
        let row_of = |goal: &Goal| {
            let key = RowKey { user: goal.user().to_owned(), as_of: end_of_day(goal) };
            places.get(&key).copied().ok_or_else(|| DataError::Inconsistent {
                what: "table of snapshots",
                reason: format!("no row of user `{}` at {}", key.user, key.as_of),
            })
        };
        let rows: Vec<usize> = self.goals.iter().map(row_of).collect::<Result<_, _>>()?;
        let n_own = self.table.n_columns();
        let values =
            Array2::from_shape_fn((rows.len(), n_own + snapshots.n_columns()), |(row, column)| match column
                .checked_sub(n_own)
            {
                None => self.table.values()[(row, column)],
                Some(column) => snapshots.values()[(rows[row], column)],
            });
        let columns = self.table.columns().iter().chain(snapshots.columns()).cloned();
        let table = FeatureTable::new(self.table.keys().to_vec(), columns, values)?;
        Ok(Self { table, ..self.clone() })
    }

    /// The decided goals as examples; censored ones are left out ([`GoalRows::n_censored`]).
    ///
    /// Where goals run beyond the end of the bookings, only those that are decided early stay, and those are the
    /// quickly reached ones: for learning set goals that end within the bookings.
    ///
    /// # Errors
    /// [`DataError::Empty`] when none is decided.
    pub fn examples(&self) -> Result<GoalExamples, DataError> {
        let decided = self.outcomes.iter().enumerate().filter_map(|(row, o)| Some((row, o.reached()?)));
        let (rows, labels): (Vec<usize>, Vec<bool>) = decided.unzip();
        GoalExamples::new(self.table.take(&rows)?, labels)
    }
}

#[cfg(test)]
mod tests;
