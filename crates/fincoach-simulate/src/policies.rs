//! Who decides what households are told.

use fincoach_core::Action;
use rayon::prelude::*;

use crate::policy::{chances, rule};
use crate::{Households, Objective, Week};

/// Where in a roll-out a decision stands.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Moment {
    /// Weeks decided before this one; the first is 0.
    pub week: usize,
    /// Weeks to decide, with this one.
    pub weeks_left: usize,
    /// What a reward a week later is worth.
    pub gamma: f64,
}

impl Moment {
    /// Week `week` with `weeks_left` to decide, at this discount.
    #[must_use]
    pub const fn new(week: usize, weeks_left: usize, gamma: f64) -> Self {
        Self { week, weeks_left, gamma }
    }
}

/// Decides for many households at once what each is told.
///
/// Every `FnMut(&Households, &Moment) -> Vec<[f64; 5]>` is one. A policy that keeps features of its own
/// reads the rows of each week in [`Policy::lived`], the lead-in's too.
///
/// # Examples
/// ```
/// use fincoach_core::Action;
/// use fincoach_simulate::{Households, Moment, RolloutParams, certain};
/// // An alert whenever the balance is below 500 pounds.
/// let mut careful = |households: &Households, _: &Moment| -> Vec<[f64; 5]> {
///     let short = |balance: f64| if balance < 500.0 { Action::SpendingAlert } else { Action::ALL[0] };
///     households.iter().map(|household| certain(short(household.observe().balance.to_major()))).collect()
/// };
/// let params = RolloutParams::default().with_n_households(20).with_lead_in_weeks(4).with_n_weeks(4);
/// assert!(params.run(&mut careful)?.value().mean.is_finite());
/// # Ok::<(), fincoach_simulate::Error>(())
/// ```
pub trait Policy {
    /// Hears that these households begin on their first day; they are the next to be decided for.
    fn begin(&mut self, households: &Households) {
        let _ = households;
    }

    /// Hears of the week that was lived; [`crate::Household::rows`] holds the rows of this week alone.
    fn lived(&mut self, households: &Households, weeks: &[Week]) {
        let _ = (households, weeks);
    }

    /// The chance of each action, a row for each household.
    fn chances(&mut self, households: &Households, moment: &Moment) -> Vec<[f64; 5]>;
}

impl<F: FnMut(&Households, &Moment) -> Vec<[f64; 5]>> Policy for F {
    fn chances(&mut self, households: &Households, moment: &Moment) -> Vec<[f64; 5]> {
        self(households, moment)
    }
}

/// Certainty of one action, as chances.
#[must_use]
pub const fn certain(action: Action) -> [f64; 5] {
    let mut chances = [0.0; 5];
    chances[action.index()] = 1.0;
    chances
}

/// Tells every household the same every week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constant(
    /// What.
    pub Action,
);

impl Policy for Constant {
    fn chances(&mut self, households: &Households, _: &Moment) -> Vec<[f64; 5]> {
        vec![certain(self.0); households.len()]
    }
}

/// The policy of the log: [`rule`], and with some probability any of the five actions instead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoggingPolicy {
    /// The chance of any action, in `[0, 1]`.
    pub exploration: f64,
}

impl Policy for LoggingPolicy {
    fn chances(&mut self, households: &Households, _: &Moment) -> Vec<[f64; 5]> {
        households.iter().map(|household| chances(rule(&household.observe()), self.exploration)).collect()
    }
}

/// Knows the truth and takes the action with the highest expected reward of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Myopic {
    /// What a week is worth.
    pub objective: Objective,
}

impl Policy for Myopic {
    fn chances(&mut self, households: &Households, _: &Moment) -> Vec<[f64; 5]> {
        let best = |household: &crate::Household| best(&household.expected_rewards(&self.objective));
        households.as_slice().par_iter().map(|household| certain(best(household))).collect()
    }
}

/// The action with the highest value; of equal ones the first.
#[must_use]
pub fn best(values: &[f64; 5]) -> Action {
    let ahead = |best: Action, action: Action| {
        if values[action.index()] > values[best.index()] { action } else { best }
    };
    Action::ALL.into_iter().fold(Action::ALL[0], ahead)
}
