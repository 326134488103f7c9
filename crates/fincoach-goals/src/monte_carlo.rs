//! The user's own past weeks, played again.

use fincoach_core::{ParamError, rng};
use serde::{Deserialize, Serialize};

use crate::account_days::{AccountDays, Flow};
use crate::goal_outcome::Measured;
use crate::{Goal, GoalKind};

/// How past weeks are played again.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `n_paths` | 400 | 1 to 100,000 | futures that are drawn |
/// | `block_weeks` | 4 | ≥ 1 | weeks in a row that are drawn together (Künsch 1989) |
/// | `max_weeks` | 52 | ≥ 1 | past weeks that are drawn from, the latest |
/// | `seed` | 0 | – | the paths of a goal draw from stream 0 of a seed made of this one, the user and the start |
///
/// A week is seven days, the last one ending with the start. A future is a row of blocks from the user's past,
/// begun anywhere in it, until the date; of a week that the date cuts short the flow counts in proportion. The share of
/// futures in which the goal is reached at the end of a week is the answer. Weeks inside a block keep their order, so a
/// monthly standing order stays about monthly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MonteCarloParams {
    n_paths: usize,
    block_weeks: usize,
    max_weeks: usize,
    seed: u64,
}

impl Default for MonteCarloParams {
    fn default() -> Self {
        Self { n_paths: 400, block_weeks: 4, max_weeks: 52, seed: 0 }
    }
}

impl MonteCarloParams {
    /// The number of futures.
    #[must_use]
    pub const fn n_paths(&self) -> usize {
        self.n_paths
    }

    /// The weeks drawn together.
    #[must_use]
    pub const fn block_weeks(&self) -> usize {
        self.block_weeks
    }

    /// The past weeks drawn from.
    #[must_use]
    pub const fn max_weeks(&self) -> usize {
        self.max_weeks
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Sets the number of futures.
    #[must_use]
    pub const fn with_n_paths(self, n_paths: usize) -> Self {
        Self { n_paths, ..self }
    }

    /// Sets the weeks drawn together.
    #[must_use]
    pub const fn with_block_weeks(self, block_weeks: usize) -> Self {
        Self { block_weeks, ..self }
    }

    /// Sets the past weeks drawn from.
    #[must_use]
    pub const fn with_max_weeks(self, max_weeks: usize) -> Self {
        Self { max_weeks, ..self }
    }

    /// Sets the seed.
    #[must_use]
    pub const fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        let paths = self.n_paths;
        ParamError::ensure((1..=100_000).contains(&paths), "n_paths", "in 1 to 100000", paths)?;
        ParamError::ensure(self.block_weeks >= 1, "block_weeks", "at least 1", self.block_weeks)?;
        ParamError::ensure(self.max_weeks >= 1, "max_weeks", "at least 1", self.max_weeks)
    }

    /// The futures of a goal if `extra` minor units a week were put aside (or not spent) on top.
    /// `O(n_paths · weeks + n_paths log n_paths)`.
    pub(crate) fn play(&self, goal: &Goal, past: &Past, (measured, extra): (&Measured, f64)) -> Futures {
        let unit = format!("goal of {} from {}", goal.user(), goal.start());
        let mut chance = rng::stream(rng::derived(self.seed, &unit), 0);
        let mut results: Vec<f64> =
            (0..self.n_paths).map(|_| self.path(past, (measured, extra), &mut chance)).collect();
        results.sort_unstable_by(f64::total_cmp);
        Futures { results, is_cap: measured.is_cap() }
    }

    /// The furthest that one future gets at a week's end.
    fn path(&self, past: &Past, (measured, extra): (&Measured, f64), chance: &mut rng::Rng) -> f64 {
        let days = measured.end - measured.start;
        let (full, rest) = (days / 7, (days % 7) as f64 / 7.0);
        let n_weeks = full as usize + usize::from(rest > 0.0);
        let block = self.block_weeks.min(past.weeks.len());
        let extra = if measured.is_cap() { -extra } else { extra };
        let mut path = Path::new(past, measured);
        let (mut at, mut left) = (0, 0);
        for week in 0..n_weeks {
            if left == 0 {
                at = chance.below(past.weeks.len() - block + 1);
                left = block;
            }
            let share = if week < full as usize { 1.0 } else { rest };
            path.live(past.weeks[at], share, extra);
            (at, left) = (at + 1, left - 1);
        }
        path.furthest
    }
}

/// A week of the past, in minor units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Week {
    /// What counts for the goal.
    pub(crate) flow: f64,
    /// The lowest day end, from the end of the week before; 0 where that does not count.
    low: f64,
}

/// The full weeks of a user up to the start of a goal, the latest last.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    pub(crate) weeks: Vec<Week>,
    /// The balance at the start, for levels.
    balance: f64,
}

impl Past {
    pub(crate) fn new(measured: &Measured, days: &AccountDays, max_weeks: usize) -> Self {
        let n_weeks = full_weeks(days, measured.start).min(max_weeks) as i64;
        let flow = match measured.kind {
            GoalKind::Save(_) => Flow::PutAside,
            GoalKind::Cap(category, _) => Flow::Spent(category),
            GoalKind::Buffer(_) | GoalKind::PayDown(_) => Flow::Net,
        };
        let week = |back: i64| {
            let end = measured.start - 7 * back;
            let low = (end - 6..=end).map(|day| days.flow(flow, end - 7, day)).min().unwrap_or(0);
            Week { flow: days.flow(flow, end - 7, end) as f64, low: low as f64 }
        };
        let weeks = (0..n_weeks).rev().map(week).collect();
        Self { weeks, balance: days.balance(measured.start).unwrap_or(0) as f64 }
    }
}

/// The weeks from a user's first booking to the end of a day that are full.
pub(crate) fn full_weeks(days: &AccountDays, day: i64) -> usize {
    usize::try_from((day - days.first() + 1) / 7).unwrap_or(0)
}

/// A future as it unfolds.
struct Path {
    holds: bool,
    level: f64,
    /// The lows of the last four weeks.
    lows: [f64; 4],
    furthest: f64,
}

impl Path {
    fn new(past: &Past, measured: &Measured) -> Self {
        let holds = matches!(measured.kind, GoalKind::Buffer(_) | GoalKind::PayDown(_));
        let level = if holds { past.balance } else { 0.0 };
        Self { holds, level, lows: [measured.level as f64; 4], furthest: f64::NEG_INFINITY }
    }

    fn live(&mut self, week: Week, share: f64, extra: f64) {
        self.lows = [self.lows[1], self.lows[2], self.lows[3], self.level + week.low];
        self.level += share * (week.flow + extra);
        let held =
            if self.holds { self.lows.iter().copied().fold(f64::INFINITY, f64::min) } else { self.level };
        self.furthest = self.furthest.max(held);
    }
}

/// The furthest that each future gets, ascending, in minor units.
#[derive(Clone, Debug)]
pub(crate) struct Futures {
    results: Vec<f64>,
    is_cap: bool,
}

impl Futures {
    /// The share of futures that reach a target.
    pub(crate) fn share(&self, target: f64) -> f64 {
        let n = self.results.len() as f64;
        if self.is_cap {
            return self.results.partition_point(|result| *result <= target) as f64 / n;
        }
        (self.results.len() - self.results.partition_point(|result| *result < target)) as f64 / n
    }

    /// The number of futures.
    pub(crate) const fn n_paths(&self) -> usize {
        self.results.len()
    }

    /// The middle future, the upper of two.
    pub(crate) fn median(&self) -> f64 {
        self.results.get(self.results.len() / 2).copied().unwrap_or(0.0)
    }
}
