//! What to simulate.

use fincoach_core::chrono::{Datelike as _, NaiveDate};
use fincoach_core::{ParamError, Progress, Silent};
use serde::{Deserialize, Serialize};

use crate::{Archetype, Error, Simulation};

/// The size, time and seed of a simulation.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `n_households` | 200 | 1 to 10,000,000 | households, each one user of the ledger |
/// | `n_months` | 12 | 1 to 1,200 | months from `start_date` |
/// | `start_date` | 2023-01-01 | years 1900 to 2200 | first day |
/// | `seed` | 42 | any | seed of all randomness |
/// | `archetype_mix` | 1 each | finite, not negative, not all 0 | weights of the five archetypes, in the order of [`Archetype::ALL`] |
/// | `interventions` | on | on, off | whether each household gets an action each week, and responds |
/// | `exploration` | 0.2 | `[0, 1]` | chance that the action is any of the five instead of the rule's |
///
/// Household `i` draws from streams of its own: a larger simulation begins with the households of a
/// smaller one, and threads change nothing.
///
/// # Examples
/// ```
/// use fincoach_simulate::SimulationParams;
/// let simulation = SimulationParams::default().with_n_households(3).with_n_months(2).simulate()?;
/// let ledger = simulation.ledger();
/// assert_eq!(ledger.users(), ["household-1", "household-2", "household-3"]);
/// let mut balance = simulation.truth()[0].opening_balance;
/// for row in ledger.user(0).iter() {
///     balance += row.amount;
///     assert_eq!(row.balance, Some(balance));
/// }
/// # Ok::<(), fincoach_simulate::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SimulationParams {
    n_households: usize,
    n_months: u32,
    start_date: NaiveDate,
    seed: u64,
    archetype_mix: [f64; 5],
    interventions: bool,
    exploration: f64,
}

impl Default for SimulationParams {
    fn default() -> Self {
        Self {
            n_households: 200,
            n_months: 12,
            start_date: NaiveDate::from_ymd_opt(2023, 1, 1).unwrap_or_default(),
            seed: 42,
            archetype_mix: [1.0; Archetype::ALL.len()],
            interventions: true,
            exploration: 0.2,
        }
    }
}

impl SimulationParams {
    /// The number of households.
    #[must_use]
    pub const fn n_households(&self) -> usize {
        self.n_households
    }

    /// The number of months.
    #[must_use]
    pub const fn n_months(&self) -> u32 {
        self.n_months
    }

    /// The first day.
    #[must_use]
    pub const fn start_date(&self) -> NaiveDate {
        self.start_date
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The weights of the archetypes.
    #[must_use]
    pub const fn archetype_mix(&self) -> &[f64; 5] {
        &self.archetype_mix
    }

    /// Whether households get actions.
    #[must_use]
    pub const fn interventions(&self) -> bool {
        self.interventions
    }

    /// The chance of a random action.
    #[must_use]
    pub const fn exploration(&self) -> f64 {
        self.exploration
    }

    /// The same with this many households.
    #[must_use]
    pub const fn with_n_households(mut self, n_households: usize) -> Self {
        self.n_households = n_households;
        self
    }

    /// The same over this many months.
    #[must_use]
    pub const fn with_n_months(mut self, n_months: u32) -> Self {
        self.n_months = n_months;
        self
    }

    /// The same from this day on.
    #[must_use]
    pub const fn with_start_date(mut self, start_date: NaiveDate) -> Self {
        self.start_date = start_date;
        self
    }

    /// The same with another seed.
    #[must_use]
    pub const fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The same with these weights, in the order of [`Archetype::ALL`].
    #[must_use]
    pub const fn with_archetype_mix(mut self, archetype_mix: [f64; 5]) -> Self {
        self.archetype_mix = archetype_mix;
        self
    }

    /// The same with or without actions.
    #[must_use]
    pub const fn with_interventions(mut self, interventions: bool) -> Self {
        self.interventions = interventions;
        self
    }

    /// The same with this chance of a random action.
    #[must_use]
    pub const fn with_exploration(mut self, exploration: f64) -> Self {
        self.exploration = exploration;
        self
    }

    /// Simulates in silence; households run in parallel. `O(households · months)`.
    ///
    /// # Errors
    /// [`Error::Param`] for a parameter out of range, [`Error::Data`] when there are too many texts for a
    /// ledger.
    pub fn simulate(&self) -> Result<Simulation, Error> {
        self.simulate_with(&mut Silent)
    }

    /// Simulates and tells `progress` how many households are done; told to stop, returns those.
    ///
    /// # Errors
    /// As [`SimulationParams::simulate`].
    pub fn simulate_with(&self, progress: &mut dyn Progress) -> Result<Simulation, Error> {
        self.check()?;
        crate::simulation::run(self, progress)
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        let n = self.n_households;
        ParamError::ensure((1..=10_000_000).contains(&n), "n_households", "in 1..=10000000", n)?;
        let n = self.n_months;
        ParamError::ensure((1..=1200).contains(&n), "n_months", "in 1..=1200", n)?;
        let years = 1900..=2200;
        let start = self.start_date;
        ParamError::ensure(years.contains(&start.year()), "start_date", "in the years 1900 to 2200", start)?;
        let mix = &self.archetype_mix;
        let sane = mix.iter().all(|weight| *weight >= 0.0 && *weight <= 1e9) && mix.iter().sum::<f64>() > 0.0;
        let allowed = "five weights in [0, 1e9], not all 0";
        ParamError::ensure(sane, "archetype_mix", allowed, format_args!("{mix:?}"))?;
        let share = self.exploration;
        ParamError::ensure((0.0..=1.0).contains(&share), "exploration", "in [0, 1]", share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(params: &SimulationParams) -> &'static str {
        match params.simulate() {
            Err(Error::Param(error)) => error.name,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        let params = SimulationParams::default;
        assert_eq!(refused(&params().with_n_households(0)), "n_households");
        assert_eq!(refused(&params().with_n_months(0)), "n_months");
        assert_eq!(refused(&params().with_n_months(1201)), "n_months");
        assert_eq!(refused(&params().with_start_date(NaiveDate::MAX)), "start_date");
        assert_eq!(refused(&params().with_start_date(NaiveDate::MIN)), "start_date");
        for mix in [[0.0; 5], [f64::NAN; 5], [1.0, -1.0, 1.0, 1.0, 1.0], [f64::INFINITY; 5]] {
            assert_eq!(refused(&params().with_archetype_mix(mix)), "archetype_mix");
        }
        for exploration in [f64::NAN, -0.1, 1.1] {
            assert_eq!(refused(&params().with_exploration(exploration)), "exploration");
        }
    }
}
