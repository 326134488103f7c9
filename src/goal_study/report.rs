//! What a study found.

use fincoach_goals::{Comparison, NeededSaving};
use serde::Serialize;

/// Goals of one group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GoalCounts {
    /// Users.
    pub n_users: usize,
    /// Goals with a known outcome.
    pub n_goals: usize,
    /// Goals that were reached.
    pub n_reached: usize,
    /// Goals whose outcome the bookings do not tell.
    pub n_censored: usize,
    /// Goals of which nothing is said.
    pub n_refused: usize,
    /// The earliest start and the latest date, `YYYY-mm-dd`.
    pub from_until: (String, String),
}

/// What changes would have done, in truth: goals that the model gave less than the wanted probability.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NeededCheck {
    /// The probability that was wanted.
    pub wanted: f64,
    /// Goals below it.
    pub n_goals: usize,
    /// Goals for which a change was found.
    pub n_found: usize,
    /// Of those, the share that were reached as it was.
    pub reached_without: f64,
    /// The share that would have been reached with the change, all else unchanged.
    pub reached_with: f64,
    /// The model's mean probability with the change.
    pub mean_probability: f64,
    /// The Monte-Carlo's.
    pub mean_monte_carlo: f64,
    /// The median of the model's change as a share of the Monte-Carlo's, where both found one above 0.
    pub median_of_monte_carlo: Option<f64>,
}

/// What a study found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GoalStudyReport {
    /// The seed.
    pub seed: u64,
    /// Learnt from, calibrated on, judged on.
    pub groups: [GoalCounts; 3],
    /// What the intervals resample: `user`, or `half year` where there is one user.
    pub unit: &'static str,
    /// All goals; the model comes first.
    pub all: Comparison,
    /// Goals of 3, 6 and 12 months; a length without both outcomes is left out.
    pub by_months: Vec<(u32, Comparison)>,
    /// What would have been needed, checked against what happened.
    pub needed: NeededCheck,
    /// What would be needed, for some users.
    pub examples: Vec<NeededSaving>,
}
