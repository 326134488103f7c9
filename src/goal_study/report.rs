//! What a study found.

use fincoach_goals::{CalibrationMethod, CalibrationReport, Comparison, NeededSaving, OutcomeModel};
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

/// How probabilities of goals of one range of lengths are corrected.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChosenCalibration {
    /// The most weeks of these goals; `None` for the longest, and for all where lengths are not told apart.
    pub up_to_weeks: Option<f64>,
    /// The method.
    pub method: CalibrationMethod,
    /// What each method was worth on users of the second group that it was not fitted on.
    pub report: Option<CalibrationReport>,
}

/// The corrections of a model.
pub(super) fn calibrations(model: &OutcomeModel) -> Vec<ChosenCalibration> {
    let Some(by_length) = model.by_length() else {
        let method = model.calibration().method();
        return vec![ChosenCalibration { up_to_weeks: None, method, report: None }];
    };
    let chosen = |range: &fincoach_goals::LengthCalibration| ChosenCalibration {
        up_to_weeks: range.up_to_weeks,
        method: range.calibration.method(),
        report: range.report.clone(),
    };
    by_length.ranges().iter().map(chosen).collect()
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
    /// Goals of each kind, where the study has all of them; a kind without both outcomes is left out.
    pub by_kind: Vec<(&'static str, Comparison)>,
    /// How the model was corrected, for each range of lengths.
    pub calibration: Vec<ChosenCalibration>,
    /// What would have been needed, checked against what happened.
    pub needed: NeededCheck,
    /// What would be needed, for some users.
    pub examples: Vec<NeededSaving>,
}
