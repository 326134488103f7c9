//! What it would take to reach a goal.

use fincoach_core::ndarray::Array2;
use fincoach_core::{DataError, FeatureTable, Ledger, Money, ParamError, Predict, RowKey};
use serde::{Deserialize, Serialize};

use crate::goal_table::{Prepared, end_of_day};
use crate::{Error, GOAL_COLUMNS, Goal, GoalTableParams};

/// How the smallest change is searched.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `wanted` | 0.8 | (0, 1) | the probability that is wanted |
/// | `n_steps` | 100 | 1 to 10,000 | steps from no change to the furthest one |
///
/// The change is so much more put aside a week (spent less, for a cap), on top of what would happen anyway, until the
/// date. The furthest one brings the whole gap on its own; for a cap it is the mean weekly spending of the past.
///
/// **Monotone by construction.** A model's probability `p(x)` of a change `x` need not rise everywhere. The answer is the
/// smallest step `x` with `min p(x') ≥ wanted` over all steps `x' ≥ x`: a function that never falls, whatever the model.
/// So saving more than the answer never takes the probability under the wanted one again, at any step. The resolution is
/// one step.
///
/// For the model a change of `x` means a target that is lower by `x · weeks` (a cap that is higher). Money that is there
/// only at the date counts as if it were there before, so where a goal could be reached early and lost again the model is
/// a little kind; the Monte-Carlo beside it adds `x` week by week.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NeededSavingParams {
    wanted: f64,
    n_steps: usize,
}

impl Default for NeededSavingParams {
    fn default() -> Self {
        Self { wanted: 0.8, n_steps: 100 }
    }
}

/// What it would take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeededSaving {
    /// The goal.
    pub goal: Goal,
    /// The probability that was wanted.
    pub wanted: f64,
    /// The model's probability without a change.
    pub probability: f64,
    /// The Monte-Carlo's.
    pub monte_carlo: f64,
    /// What to put aside more a week; zero if nothing is needed, `None` where even the furthest change is not enough.
    pub extra: Option<Money>,
    /// The model's probability with it.
    pub probability_with: Option<f64>,
    /// The Monte-Carlo's with it, played week by week.
    pub monte_carlo_with: Option<f64>,
    /// What the Monte-Carlo would ask for on its own.
    pub monte_carlo_extra: Option<Money>,
}

impl NeededSavingParams {
    /// The probability that is wanted.
    #[must_use]
    pub const fn wanted(&self) -> f64 {
        self.wanted
    }

    /// Steps up to the furthest change.
    #[must_use]
    pub const fn n_steps(&self) -> usize {
        self.n_steps
    }

    /// Sets the probability that is wanted.
    #[must_use]
    pub const fn with_wanted(self, wanted: f64) -> Self {
        Self { wanted, ..self }
    }

    /// Sets the steps up to the furthest change.
    #[must_use]
    pub const fn with_n_steps(self, n_steps: usize) -> Self {
        Self { n_steps, ..self }
    }

    fn check(&self) -> Result<(), ParamError> {
        let (wanted, steps) = (self.wanted, self.n_steps);
        ParamError::ensure(wanted > 0.0 && wanted < 1.0, "wanted", "in (0, 1)", wanted)?;
        ParamError::ensure((1..=10_000).contains(&steps), "n_steps", "in 1 to 10000", steps)
    }

    /// Searches for one goal; `known` is what the model was told of it, with the columns of the fit: its row in
    /// [`crate::GoalRows::table`] after snapshots were joined. Columns of [`GOAL_COLUMNS`] are worked out anew.
    ///
    /// # Errors
    /// [`Error::Param`]; [`Error::Refused`] for a goal of which nothing can be said; [`Error::Data`] unless `known` has
    /// exactly one row and the columns of the model; what the model says.
    pub fn search<M>(
        &self,
        (look, ledger, goal): (&GoalTableParams, &Ledger, &Goal),
        model: &M,
        known: &FeatureTable,
    ) -> Result<NeededSaving, Error>
    where
        M: Predict<FeatureTable, Output = Vec<f64>>,
        Error: From<M::Error>,
    {
        self.check()?;
        DataError::ensure_len("rows known of a goal", 1, known.n_rows())?;
        let prepared = look.prepare(ledger, goal)?;
        let furthest = furthest(&prepared);
        // Whole minor units: what is told can be put aside.
        let changes: Vec<f64> =
            (0..=self.n_steps).map(|step| (furthest * step as f64 / self.n_steps as f64).ceil()).collect();
        let said = model.predict(&grid(&prepared, &changes, (known, ledger.minor_per_major()))?)?;
        let played: Vec<f64> = changes.iter().map(|extra| play(look, &prepared, *extra)).collect();
        let found = first_that_stays(&said, self.wanted);
        let of_played = first_that_stays(&played, self.wanted);
        let money = |place: usize| Money::from_minor(changes[place] as i64);
        Ok(NeededSaving {
            goal: goal.clone(),
            wanted: self.wanted,
            probability: said[0],
            monte_carlo: played[0],
            extra: found.map(money),
            probability_with: found.map(|place| said[place]),
            monte_carlo_with: found.map(|place| played[place]),
            monte_carlo_extra: of_played.map(money),
        })
    }
}

/// The place of the smallest step from which on no probability is below the wanted one.
fn first_that_stays(probabilities: &[f64], wanted: f64) -> Option<usize> {
    let below = probabilities.iter().rposition(|p| *p < wanted);
    let first = below.map_or(0, |place| place + 1);
    (first < probabilities.len()).then_some(first)
}

/// The furthest change in minor units a week.
fn furthest(prepared: &Prepared) -> f64 {
    if prepared.measured.is_cap() {
        let spent: f64 = prepared.past.weeks.iter().map(|week| week.flow.max(0.0)).sum();
        return (spent / prepared.past.weeks.len() as f64).max(1.0);
    }
    prepared.gap(0.0) / prepared.goal.weeks()
}

fn play(look: &GoalTableParams, prepared: &Prepared, extra: f64) -> f64 {
    let futures = look.monte_carlo().play(&prepared.goal, &prepared.past, (&prepared.measured, extra));
    futures.share(prepared.measured.target as f64)
}

/// One row per change, everything but the goal's own columns as it is known.
fn grid(
    prepared: &Prepared,
    changes: &[f64],
    (known, minor_per_major): (&FeatureTable, f64),
) -> Result<FeatureTable, DataError> {
    let places: Vec<Option<usize>> =
        GOAL_COLUMNS.iter().map(|name| known.columns().iter().position(|column| column == name)).collect();
    let mut values = Array2::zeros((changes.len(), known.n_columns()));
    for (mut row, extra) in values.rows_mut().into_iter().zip(changes) {
        row.assign(&known.row(0));
        let own = prepared.row(extra * prepared.goal.weeks(), minor_per_major);
        for (place, value) in places.iter().zip(own) {
            if let Some(place) = place {
                row[*place] = value;
            }
        }
    }
    let as_of = |row: i64| end_of_day(&prepared.goal) + fincoach_core::chrono::TimeDelta::seconds(row);
    let key = |row: usize| RowKey { user: prepared.goal.user().to_owned(), as_of: as_of(row as i64) };
    FeatureTable::new((0..changes.len()).map(key).collect(), known.columns().iter().cloned(), values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_never_taken_back_by_saving_more() {
        assert_eq!(first_that_stays(&[0.1, 0.9, 0.7, 0.8, 0.95], 0.8), Some(3));
        assert_eq!(first_that_stays(&[0.9, 0.9], 0.8), Some(0));
        assert_eq!(first_that_stays(&[0.9, 0.1], 0.8), None);
    }
}
