//! What a policy is worth, found out by living.

use fincoach_core::ParamError;
use fincoach_core::chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::policies::{Moment, Policy};
use crate::{Error, Households, Objective, SimulationParams, Week};

/// Households that live through a roll-out at once.
const BATCH: usize = 1024;

/// How policies are tried on households of known truth.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `households` | [`SimulationParams::default`] with 2,000 households | as there | who; its months, interventions and exploration mean nothing here |
/// | `lead_in_weeks` | 13 | 0 to 1,000 | weeks lived without a coach before the first decision |
/// | `n_weeks` | 26 | 1 to 1,000 | weeks decided and counted |
/// | `gamma` | 0.99 | `[0, 1]` | what a reward a week later is worth |
/// | `objective` | [`Objective::default`] | as there | what a week is worth |
///
/// Runs with the same parameters use the same households with the same luck, so that the difference of two
/// policies is found far more exactly than either value ([`Rollout::minus`]).
///
/// # Examples
/// ```
/// use fincoach_core::Action;
/// use fincoach_simulate::{Constant, Planner, RolloutParams};
/// let params = RolloutParams::default().with_n_households(60).with_n_weeks(8);
/// let quiet = params.run(&mut Constant(Action::ContinueCurrentBehavior))?;
/// let planned = params.run(&mut Planner::default())?;
/// let gain = planned.minus(&quiet)?;
/// assert!(gain.mean > 0.0);
/// // Paired: less uncertain than two separate values.
/// assert!(gain.standard_error < quiet.value().standard_error);
/// # Ok::<(), fincoach_simulate::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RolloutParams {
    households: SimulationParams,
    lead_in_weeks: usize,
    n_weeks: usize,
    gamma: f64,
    objective: Objective,
}

impl Default for RolloutParams {
    fn default() -> Self {
        Self {
            households: SimulationParams::default().with_n_households(2000),
            lead_in_weeks: 13,
            n_weeks: 26,
            gamma: 0.99,
            objective: Objective::default(),
        }
    }
}

impl RolloutParams {
    /// Who lives.
    #[must_use]
    pub const fn households(&self) -> &SimulationParams {
        &self.households
    }

    /// Weeks before the first decision.
    #[must_use]
    pub const fn lead_in_weeks(&self) -> usize {
        self.lead_in_weeks
    }

    /// Weeks decided.
    #[must_use]
    pub const fn n_weeks(&self) -> usize {
        self.n_weeks
    }

    /// The discount of a week.
    #[must_use]
    pub const fn gamma(&self) -> f64 {
        self.gamma
    }

    /// What a week is worth.
    #[must_use]
    pub const fn objective(&self) -> &Objective {
        &self.objective
    }

    /// The same with these households.
    #[must_use]
    pub fn with_households(mut self, households: SimulationParams) -> Self {
        self.households = households;
        self
    }

    /// The same with this many households.
    #[must_use]
    pub fn with_n_households(mut self, n_households: usize) -> Self {
        self.households = self.households.with_n_households(n_households);
        self
    }

    /// The same with another seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.households = self.households.with_seed(seed);
        self
    }

    /// The same from this day on.
    #[must_use]
    pub fn with_start_date(mut self, start_date: NaiveDate) -> Self {
        self.households = self.households.with_start_date(start_date);
        self
    }

    /// The same after this many weeks without a coach.
    #[must_use]
    pub const fn with_lead_in_weeks(mut self, lead_in_weeks: usize) -> Self {
        self.lead_in_weeks = lead_in_weeks;
        self
    }

    /// The same over this many weeks.
    #[must_use]
    pub const fn with_n_weeks(mut self, n_weeks: usize) -> Self {
        self.n_weeks = n_weeks;
        self
    }

    /// The same with this discount.
    #[must_use]
    pub const fn with_gamma(mut self, gamma: f64) -> Self {
        self.gamma = gamma;
        self
    }

    /// The same with this objective.
    #[must_use]
    pub const fn with_objective(mut self, objective: Objective) -> Self {
        self.objective = objective;
        self
    }

    /// Lives through all weeks under a policy. No rows are kept but those of the week. `O(households · weeks)`
    /// and what the policy takes.
    ///
    /// # Errors
    /// [`Error::Param`] for a parameter out of range, [`Error::Length`] and [`Error::Chances`] for a policy
    /// that does not give a distribution for each household.
    pub fn run(&self, policy: &mut dyn Policy) -> Result<Rollout, Error> {
        self.check()?;
        let n_households = self.households.n_households();
        let mut rollout = Rollout::empty(self);
        for begin in (0..n_households).step_by(BATCH) {
            let end = (begin + BATCH).min(n_households);
            self.live(Households::range(&self.households, begin..end), policy, &mut rollout)?;
        }
        Ok(rollout)
    }

    fn live(
        &self,
        mut households: Households,
        policy: &mut dyn Policy,
        rollout: &mut Rollout,
    ) -> Result<(), Error> {
        policy.begin(&households);
        for _ in 0..self.lead_in_weeks {
            let weeks = households.live_week();
            rollout.n_rows += weeks.iter().map(|week| week.n_rows as u64).sum::<u64>();
            policy.lived(&households, &weeks);
            households.forget_rows();
        }
        let (mut returns, mut worth) = (vec![0.0; households.len()], 1.0);
        for week in 0..self.n_weeks {
            let moment = Moment::new(week, self.n_weeks - week, self.gamma);
            let actions = households.draw(&policy.chances(&households, &moment))?;
            let weeks = households.step(&actions)?;
            policy.lived(&households, &weeks);
            households.forget_rows();
            for (sum, week) in returns.iter_mut().zip(&weeks) {
                *sum += worth * self.objective.reward(week);
                rollout.count(week);
            }
            worth *= self.gamma;
        }
        rollout.returns.extend(returns);
        Ok(())
    }

    fn check(&self) -> Result<(), Error> {
        self.households.check()?;
        self.objective.check()?;
        let n = self.lead_in_weeks;
        ParamError::ensure(n <= 1000, "lead_in_weeks", "in 0..=1000", n)?;
        let n = self.n_weeks;
        ParamError::ensure((1..=1000).contains(&n), "n_weeks", "in 1..=1000", n)?;
        let gamma = self.gamma;
        Ok(ParamError::ensure((0.0..=1.0).contains(&gamma), "gamma", "in [0, 1]", gamma)?)
    }
}

/// What came of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollout {
    returns: Vec<f64>,
    /// Sum of the discounts of the weeks.
    weight: f64,
    actions: [u64; 5],
    accepted: [u64; 5],
    annoyed: [u64; 5],
    n_rows: u64,
}

impl Rollout {
    fn empty(params: &RolloutParams) -> Self {
        let n_weeks = i32::try_from(params.n_weeks).unwrap_or(i32::MAX);
        let weight = (0..n_weeks).map(|week| params.gamma.powi(week)).sum();
        Self { returns: Vec::new(), weight, actions: [0; 5], accepted: [0; 5], annoyed: [0; 5], n_rows: 0 }
    }

    fn count(&mut self, week: &Week) {
        let action = week.action.index();
        self.actions[action] += 1;
        self.accepted[action] += u64::from(week.feedback > 0.0);
        self.annoyed[action] += u64::from(week.feedback < 0.0);
        self.n_rows += week.n_rows as u64;
    }

    /// The discounted sum of rewards of each household.
    #[must_use]
    pub fn returns(&self) -> &[f64] {
        &self.returns
    }

    /// The mean of the returns.
    #[must_use]
    pub fn value(&self) -> Estimate {
        Estimate::of(self.returns.iter().copied())
    }

    /// The value as the mean reward of a week: divided by the sum of the discounts.
    #[must_use]
    pub fn weekly(&self) -> Estimate {
        Estimate::of(self.returns.iter().map(|sum| sum / self.weight))
    }

    /// How much more this is worth than another run with the same parameters: household by household.
    ///
    /// # Errors
    /// [`Error::Length`] for runs of different households.
    pub fn minus(&self, other: &Self) -> Result<Estimate, Error> {
        Error::same_length("returns", self.returns.len(), other.returns.len())?;
        Ok(Estimate::of(self.returns.iter().zip(&other.returns).map(|(a, b)| a - b)))
    }

    /// How often each action was taken.
    #[must_use]
    pub const fn actions(&self) -> &[u64; 5] {
        &self.actions
    }

    /// How often each action was accepted.
    #[must_use]
    pub const fn accepted(&self) -> &[u64; 5] {
        &self.accepted
    }

    /// How often each action annoyed.
    #[must_use]
    pub const fn annoyed(&self) -> &[u64; 5] {
        &self.annoyed
    }

    /// Bookings in all weeks, the lead-in's too.
    #[must_use]
    pub const fn n_rows(&self) -> u64 {
        self.n_rows
    }
}

/// A mean over households, which are independent of one another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Its standard error: the deviation over households divided by the root of their number.
    pub standard_error: f64,
    /// Lower end of the 95 % interval, 1.96 standard errors below.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Estimate {
    #[expect(clippy::cast_precision_loss, reason = "at most ten million households")]
    fn of(values: impl ExactSizeIterator<Item = f64> + Clone) -> Self {
        let n = values.len() as f64;
        let mean = values.clone().sum::<f64>() / n;
        let squares: f64 = values.map(|value| (value - mean).powi(2)).sum();
        let standard_error = (squares / (n - 1.0).max(1.0) / n).sqrt();
        Self { mean, standard_error, low: mean - 1.96 * standard_error, high: mean + 1.96 * standard_error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_mean_and_standard_error() {
        let estimate = Estimate::of([1.0, 2.0, 3.0, 4.0].into_iter());
        assert_eq!(estimate.mean, 2.5);
        // Deviation with n - 1: sqrt(5 / 3); divided by the root of four.
        assert!((estimate.standard_error - (5.0_f64 / 3.0).sqrt() / 2.0).abs() < 1e-12);
        assert!((estimate.high - estimate.low - 3.92 * estimate.standard_error).abs() < 1e-12);
        assert_eq!(Estimate::of([7.0].into_iter()).standard_error, 0.0);
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        let params = RolloutParams::default().with_n_households(2);
        let name = |params: RolloutParams| match params.check() {
            Err(Error::Param(error)) => error.name,
            other => panic!("{other:?}"),
        };
        assert_eq!(name(params.clone().with_gamma(f64::NAN)), "gamma");
        assert_eq!(name(params.clone().with_n_weeks(0)), "n_weeks");
        assert_eq!(name(params.clone().with_lead_in_weeks(1001)), "lead_in_weeks");
        assert_eq!(name(params.clone().with_n_households(0)), "n_households");
        assert_eq!(name(params.with_objective(Objective::default().with_saving(f64::NAN))), "saving");
    }
}
