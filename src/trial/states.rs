//! What a policy knows of a household when a week is decided.

use fincoach_core::ndarray::Array2;
use fincoach_core::{Action, DataError, FeatureTable, RowKey};
use fincoach_recommend::HistoryParams;
use fincoach_simulate::{Observation, rule};

use super::people::{HABITS, Life};

/// A household before a decision: how it lived before the first, and what its account shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) life: Life,
    pub(super) account: Observation,
}

/// The states of households as a table: a column for each segment, one for each action the rule of today would take,
/// and where the household stands.
///
/// Habits of the time before are among the columns so that nobody takes what an action moves for the way a household is.
/// The rule's action is among the columns because it decides, together with chance alone, what was done: given it,
/// actions and rewards of the log have nothing in common but what the action does.
pub(super) fn table(keys: Vec<RowKey>, seen: &[Seen], n_segments: usize) -> Result<FeatureTable, DataError> {
    let rules = Action::ALL.map(|action| format!("rule_{}", action.name()));
    let standing_names = STANDING.map(str::to_owned);
    let columns: Vec<String> =
        segment_names(n_segments).chain(rules).chain(standing_names).chain(habit_names()).collect();
    let mut values = Array2::zeros((seen.len(), columns.len()));
    for (mut row, seen) in values.rows_mut().into_iter().zip(seen) {
        row[seen.life.segment] = 1.0;
        row[n_segments + rule(&seen.account).index()] = 1.0;
        let rest = standing(&seen.account).into_iter().chain(seen.life.habits);
        let places = row.iter_mut().skip(n_segments + Action::ALL.len());
        places.zip(rest).for_each(|(place, value)| *place = value);
    }
    FeatureTable::new(keys, columns, values)
}

/// The columns that a policy acts on: those that say how an action may be taken.
///
/// The others say what the week costs anyway and why the log did what it did; they are used up when rewards are shaped.
pub(super) fn acted_on(n_segments: usize, history: &HistoryParams) -> Vec<String> {
    let tired = history.windows().iter().map(|days| format!("n_nudges_{days}d"));
    segment_names(n_segments).chain(["since_payday".to_owned(), "comfort".to_owned()]).chain(tired).collect()
}

/// The columns that an estimate of the policy's value knows of: those it acts on, and the habits.
///
/// Not what the account shows from week to week: an action moves it, and a linear model that saw it differ between
/// households for good would take a good week for a better household, week after week.
pub(super) fn judged_by(n_segments: usize, history: &HistoryParams) -> Vec<String> {
    acted_on(n_segments, history).into_iter().chain(habit_names()).collect()
}

fn segment_names(n_segments: usize) -> impl Iterator<Item = String> {
    (1..=n_segments).map(|segment| format!("segment_{segment}"))
}

fn habit_names() -> [String; HABITS.len()] {
    HABITS.map(|part| format!("usual_{part}"))
}

/// Where a household stands, in the order of [`standing`].
const STANDING: [&str; 4] = ["since_payday", "comfort", "flexible_share", "spending_share"];

/// `exp(-days since wages / 7)`; the balance in half months of income, within 0 and 1; flexible and all spending of four
/// weeks as shares of the usual income, at most 2.
fn standing(account: &Observation) -> [f64; STANDING.len()] {
    let weekly = account.usual_income.to_major();
    let half_month = weekly * 52.0 / 24.0;
    let since = account.days_since_pay.map_or(0.0, |days| (-f64::from(days) / 7.0).exp());
    let share = |spent: f64| (spent / (4.0 * weekly)).clamp(0.0, 2.0);
    [
        since,
        (account.balance.to_major() / half_month).clamp(0.0, 1.0),
        share(account.flexible.to_major()),
        share(account.spending.to_major()),
    ]
}
