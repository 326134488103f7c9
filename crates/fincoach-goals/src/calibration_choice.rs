//! Which calibration, if any, is worth having.

use fincoach_core::metrics;
use serde::{Deserialize, Serialize};

use crate::goal_model::FoldAnswers;
use crate::{Calibration, CalibrationMethod, Error, GoalExamples, Reliability};

/// How the probabilities of a forest are to be corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CalibrationChoice {
    /// The method with the lowest Brier score on folds it was not fitted on, but none unless it is better than
    /// none by more than one standard error of the difference (over users).
    Best,
    /// Not at all; costs no further forests.
    Identity,
    /// By [`crate::Platt`].
    Platt,
    /// By [`crate::Isotonic`].
    Isotonic,
}

impl CalibrationChoice {
    /// The method that is asked for by name; `None` for the best one.
    #[must_use]
    pub const fn method(self) -> Option<CalibrationMethod> {
        match self {
            Self::Best => None,
            Self::Identity => Some(CalibrationMethod::Identity),
            Self::Platt => Some(CalibrationMethod::Platt),
            Self::Isotonic => Some(CalibrationMethod::Isotonic),
        }
    }
}

/// Why a calibration was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CalibrationReason {
    /// It was asked for by name.
    AskedFor,
    /// It was clearly better than none.
    Better,
    /// No method was clearly better than none.
    NoGain,
    /// Too few users to fit and judge one.
    TooFewUsers,
}

/// What a method is worth on folds it was not fitted on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationScore {
    /// The method.
    pub method: CalibrationMethod,
    /// Brier score.
    pub brier: f64,
    /// Log loss in nats.
    pub log_loss: f64,
    /// Expected calibration error over ten bins.
    pub expected_calibration_error: f64,
    /// How far the Brier score lies below that of no calibration.
    pub gain: f64,
    /// Standard error of the gain, users counted as units.
    pub gain_error: f64,
}

/// How a calibration was chosen.
///
/// Each method is fitted on the out-of-fold answers of all folds but one and judged on that one. The forests
/// behind the other folds have learnt from the rows of that one, so the figures are a little kind; the
/// `Evaluation` of this crate calibrates anew within each training part and is free of that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationReport {
    reason: CalibrationReason,
    n_rows: usize,
    n_users: usize,
    scores: Vec<CalibrationScore>,
}

impl CalibrationReport {
    /// Why the calibration was taken.
    #[must_use]
    pub const fn reason(&self) -> CalibrationReason {
        self.reason
    }

    /// The number of goals it was judged on.
    #[must_use]
    pub const fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The number of users they are of.
    #[must_use]
    pub const fn n_users(&self) -> usize {
        self.n_users
    }

    /// What each method is worth, no calibration first; empty if there were no folds to judge on.
    #[must_use]
    pub fn scores(&self) -> &[CalibrationScore] {
        &self.scores
    }
}

const METHODS: [CalibrationMethod; 3] =
    [CalibrationMethod::Identity, CalibrationMethod::Platt, CalibrationMethod::Isotonic];

/// Number of bins of the calibration error in the report.
const N_BINS: usize = 10;

/// Judges the methods, chooses one and fits it on all out-of-fold answers.
pub(crate) fn choose(
    choice: CalibrationChoice,
    examples: &GoalExamples,
    answers: &[FoldAnswers],
) -> Result<(Calibration, CalibrationReport), Error> {
    let users = examples.users();
    let n_users = users.iter().max().map_or(0, |last| last + 1);
    let trial = Trial { examples, users, n_users, answers };
    let mut scores = Vec::new();
    if !answers.is_empty() {
        let plain = trial.cross_fitted(CalibrationMethod::Identity)?;
        for method in METHODS {
            scores.push(trial.score(method, &trial.cross_fitted(method)?, &plain)?);
        }
    }
    let (method, reason) = decide(choice, &scores);
    let calibration = trial.fit(method, |_| true)?;
    Ok((calibration, CalibrationReport { reason, n_rows: examples.n_rows(), n_users, scores }))
}

fn decide(choice: CalibrationChoice, scores: &[CalibrationScore]) -> (CalibrationMethod, CalibrationReason) {
    if let Some(method) = choice.method() {
        return (method, CalibrationReason::AskedFor);
    }
    if scores.is_empty() {
        return (CalibrationMethod::Identity, CalibrationReason::TooFewUsers);
    }
    let clear = scores.iter().filter(|score| score.gain > score.gain_error);
    // The first of equals: Platt before isotonic.
    match clear.reduce(|best, score| if score.brier < best.brier { score } else { best }) {
        Some(best) => (best.method, CalibrationReason::Better),
        None => (CalibrationMethod::Identity, CalibrationReason::NoGain),
    }
}

struct Trial<'a> {
    examples: &'a GoalExamples,
    users: Vec<usize>,
    n_users: usize,
    answers: &'a [FoldAnswers],
}

/// Answers of one fold after calibration: row and probability.
type Calibrated = Vec<(usize, f64)>;

impl Trial<'_> {
    /// Fits on the answers of the folds that are wanted.
    fn fit(&self, method: CalibrationMethod, wanted: impl Fn(usize) -> bool) -> Result<Calibration, Error> {
        if method == CalibrationMethod::Identity {
            return Ok(Calibration::Identity);
        }
        let chosen =
            || self.answers.iter().enumerate().filter(|(place, _)| wanted(*place)).map(|(_, fold)| fold);
        let probabilities: Vec<f64> = chosen().flat_map(|answers| answers.probabilities.clone()).collect();
        let rows = chosen().flat_map(|answers| answers.fold.test.iter());
        let labels: Vec<bool> = rows.map(|row| self.examples.labels()[*row]).collect();
        Ok(Calibration::fit(method, &probabilities, &labels)?)
    }

    /// The answers of each fold, calibrated on the other folds of its repeat.
    fn cross_fitted(&self, method: CalibrationMethod) -> Result<Calibrated, Error> {
        let mut calibrated = Vec::new();
        for (place, answers) in self.answers.iter().enumerate() {
            let repeat = answers.fold.repeat;
            let other = |index: usize| index != place && self.answers[index].fold.repeat == repeat;
            let calibration = self.fit(method, other)?;
            let rows = answers.fold.test.iter().zip(&answers.probabilities);
            calibrated.extend(rows.map(|(row, p)| (*row, calibration.apply(*p))));
        }
        Ok(calibrated)
    }

    fn score(
        &self,
        method: CalibrationMethod,
        calibrated: &Calibrated,
        plain: &Calibrated,
    ) -> Result<CalibrationScore, Error> {
        let actual: Vec<bool> = calibrated.iter().map(|(row, _)| self.examples.labels()[*row]).collect();
        let probabilities: Vec<f64> = calibrated.iter().map(|(_, p)| *p).collect();
        let reliability = Reliability::new(&actual, &probabilities, N_BINS)?;
        let (gain, gain_error) = self.gain(calibrated, plain);
        Ok(CalibrationScore {
            method,
            brier: metrics::brier(&actual, &probabilities)?,
            log_loss: metrics::log_loss(&actual, &probabilities)?,
            expected_calibration_error: reliability.expected_calibration_error(),
            gain,
            gain_error,
        })
    }

    /// Mean fall of the Brier score, and its standard error with users as units.
    fn gain(&self, calibrated: &Calibrated, plain: &Calibrated) -> (f64, f64) {
        let n = calibrated.len() as f64;
        let mut gains = vec![0.0; self.n_users];
        let mut weights = vec![0.0; self.n_users];
        for ((row, after), (_, before)) in calibrated.iter().zip(plain) {
            let actual = f64::from(self.examples.labels()[*row]);
            gains[self.users[*row]] += (before - actual).powi(2) - (after - actual).powi(2);
            weights[self.users[*row]] += 1.0;
        }
        let gain = gains.iter().sum::<f64>() / n;
        let deviations = gains.iter().zip(&weights).map(|(sum, weight)| (sum - weight * gain).powi(2));
        let users = self.n_users as f64;
        let correction = users / (users - 1.0).max(1.0);
        (gain, (correction * deviations.sum::<f64>()).sqrt() / n)
    }
}
