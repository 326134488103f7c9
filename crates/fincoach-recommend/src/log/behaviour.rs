//! What the policy behind a log would do.

use fincoach_core::ndarray::{Array2, ArrayView1};
use fincoach_core::{Action, ActionSet, DataError, FeatureTable, FitReport, json_artifact};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::design::{Design, Designed};
use crate::Replay;

/// Rows whose losses are added up by one thread; the order of the sums does not depend on the threads.
const CHUNK: usize = 1024;

/// An estimate of the policy that wrote a log: a probability of each action in each state.
///
/// # Examples
/// ```
/// use fincoach_core::{Action, FeatureTable, Fit, RowKey, chrono::NaiveDate, ndarray::Array2};
/// use fincoach_recommend::{BehaviourParams, Replay, Transition};
/// // Those below 100 pounds were alerted, all others were left alone.
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = (0..200).map(|user| RowKey { user: user.to_string(), as_of }).collect();
/// let states = FeatureTable::new(keys, ["balance"], Array2::from_shape_fn((200, 1), |(row, _)| row as f64))?;
/// let action = |row| if row < 100 { Action::SpendingAlert } else { Action::ContinueCurrentBehavior };
/// let steps = (0..200).map(|row| Transition::new(action(row), 0.0)).collect();
/// let replay = Replay::new(states.clone(), states.values().to_owned(), steps)?;
/// let behaviour = BehaviourParams::default().fit(&replay)?;
/// let p = behaviour.probabilities(&states)?;
/// assert!(p[(20, 1)] > 0.9 && p[(180, 0)] > 0.9);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct Behaviour {
    design: Design,
    exploration: f64,
    report: FitReport,
    /// Five a feature: the constant, the columns, the bins.
    weights: Vec<f64>,
}

impl Behaviour {
    pub(crate) fn new(
        design: Design,
        exploration: f64,
        report: FitReport,
        weights: Vec<f64>,
    ) -> Result<Self, DataError> {
        design.check()?;
        DataError::ensure_len("weights", 5 * design.n_features(), weights.len())?;
        if let Some(row) = weights.iter().position(|weight| !weight.is_finite()) {
            return Err(DataError::NotFinite { row, column: "weights".to_owned(), value: weights[row] });
        }
        if !(0.0..1.0).contains(&exploration) {
            let (what, allowed) = ("exploration", "in [0, 1)");
            return Err(DataError::OutOfRange { row: 0, what, allowed, value: exploration });
        }
        Ok(Self { design, exploration, report, weights })
    }

    /// The columns it looks at.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        self.design.columns()
    }

    /// How the fit went; the loss is the mean over rows, the ridge included.
    #[must_use]
    pub const fn report(&self) -> &FitReport {
        &self.report
    }

    /// The probability of each action in each state, `(n_rows, 5)`, everything allowed; columns found by name.
    ///
    /// # Errors
    /// [`DataError::UnknownName`] for a column that is not there.
    pub fn probabilities(&self, states: &FeatureTable) -> Result<Array2<f64>, DataError> {
        self.probabilities_within(states, &vec![ActionSet::ALL; states.n_rows()])
    }

    /// The probability of each action in each state, 0 where it is not allowed, `(n_rows, 5)`.
    ///
    /// # Errors
    /// As [`Behaviour::probabilities`]; [`DataError::Length`] when there is not one set a row,
    /// [`DataError::Inconsistent`] for an empty one.
    pub fn probabilities_within(
        &self,
        states: &FeatureTable,
        allowed: &[ActionSet],
    ) -> Result<Array2<f64>, DataError> {
        DataError::ensure_len("sets of allowed actions", states.n_rows(), allowed.len())?;
        if let Some(row) = allowed.iter().position(|set| set.is_empty()) {
            let reason = format!("row {row}: no action is allowed");
            return Err(DataError::Inconsistent { what: "sets of allowed actions", reason });
        }
        let rows = self.design.of(states)?;
        let mut p = Array2::zeros((states.n_rows(), 5));
        for (row, set) in allowed.iter().enumerate() {
            let soft = soften(scores(&rows, &self.weights, row), *set);
            let even = self.exploration / set.len() as f64;
            for action in set.iter().map(Action::index) {
                p[(row, action)] = (1.0 - self.exploration) * soft[action] + even;
            }
        }
        Ok(p)
    }
}

/// A log in the form that weights are given to.
pub(crate) struct Sample {
    rows: Designed,
    actions: Vec<usize>,
    allowed: Vec<ActionSet>,
}

impl Sample {
    pub(crate) fn of(design: &Design, replay: &Replay) -> Result<Self, DataError> {
        let actions = replay.transitions().iter().map(|step| step.action().index()).collect();
        let allowed = replay.transitions().iter().map(crate::Transition::allowed).collect();
        Ok(Self { rows: design.of(replay.states())?, actions, allowed })
    }
}

/// The mean loss with its ridge, and its gradient.
pub(crate) fn objective(sample: &Sample, weights: &[f64], (l2, exploration): (f64, f64)) -> (f64, Vec<f64>) {
    let n_rows = sample.actions.len();
    let starts: Vec<usize> = (0..n_rows).step_by(CHUNK).collect();
    let sums: Vec<(f64, Vec<f64>)> = starts
        .par_iter()
        .map(|start| {
            let (mut loss, mut gradient) = (0.0, vec![0.0; weights.len()]);
            for row in *start..n_rows.min(start + CHUNK) {
                loss += add_row(sample, weights, (row, exploration), &mut gradient);
            }
            (loss, gradient)
        })
        .collect();
    let (mut loss, mut gradient) = (0.0, vec![0.0; weights.len()]);
    for (part, slopes) in sums {
        loss += part;
        gradient.iter_mut().zip(slopes).for_each(|(sum, slope)| *sum += slope);
    }
    // The first five are the constants.
    for (slope, weight) in gradient.iter_mut().zip(weights).skip(5) {
        *slope += l2 * weight;
        loss += 0.5 * l2 * weight * weight;
    }
    let n = n_rows as f64;
    gradient.iter_mut().for_each(|slope| *slope /= n);
    (loss / n, gradient)
}

/// Adds the gradient of one row and gives its loss.
fn add_row(sample: &Sample, weights: &[f64], (row, exploration): (usize, f64), gradient: &mut [f64]) -> f64 {
    let (action, set) = (sample.actions[row], sample.allowed[row]);
    let soft = soften(scores(&sample.rows, weights, row), set);
    let p = (1.0 - exploration) * soft[action] + exploration / set.len() as f64;
    // Where chance explains the action, the row says little of the rule: d ln p / d z = share · (1 − softmax).
    let share = if p > 0.0 { (1.0 - exploration) * soft[action] / p } else { 1.0 };
    let mut slopes = soft.map(|soft| share * soft);
    slopes[action] -= share;
    each_feature(&sample.rows, row, |feature, value| {
        for (sum, slope) in gradient[5 * feature..5 * feature + 5].iter_mut().zip(slopes) {
            *sum += value * slope;
        }
    });
    -p.max(f64::MIN_POSITIVE).ln()
}

fn scores(rows: &Designed, weights: &[f64], row: usize) -> [f64; 5] {
    let mut scores = [0.0; 5];
    each_feature(rows, row, |feature, value| {
        for (score, weight) in scores.iter_mut().zip(&weights[5 * feature..5 * feature + 5]) {
            *score += value * weight;
        }
    });
    scores
}

/// The features of a row that are not 0.
fn each_feature(rows: &Designed, row: usize, mut tell: impl FnMut(usize, f64)) {
    let scaled: ArrayView1<'_, f64> = rows.scaled.row(row);
    let n_columns = scaled.len();
    tell(0, 1.0);
    scaled.iter().enumerate().for_each(|(column, value)| tell(1 + column, *value));
    rows.bins.row(row).iter().for_each(|bin| tell(1 + n_columns + bin, 1.0));
}

/// The softmax over a set, 0 outside of it.
fn soften(scores: [f64; 5], set: ActionSet) -> [f64; 5] {
    let mut scores = scores;
    for action in Action::ALL.into_iter().filter(|action| !set.contains(*action)) {
        scores[action.index()] = f64::NEG_INFINITY;
    }
    crate::greedy::softmax(scores, 1.0)
}

/// The form on disk; reading it goes through the checks of [`Behaviour`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    design: Design,
    exploration: f64,
    weights: Vec<f64>,
    report: FitReport,
}

impl TryFrom<Repr> for Behaviour {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        Self::new(repr.design, repr.exploration, repr.report, repr.weights)
    }
}

impl From<Behaviour> for Repr {
    fn from(model: Behaviour) -> Self {
        let Behaviour { design, exploration, report, weights } = model;
        Self { design, exploration, weights, report }
    }
}

json_artifact!(Behaviour, "behaviour", 1);

#[cfg(test)]
mod tests {
    use fincoach_core::chrono::NaiveDate;
    use fincoach_core::rng::stream;
    use fincoach_core::{Fit as _, RowKey};

    use super::super::BehaviourParams;
    use super::*;
    use crate::Transition;

    fn table(values: Array2<f64>) -> FeatureTable {
        let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
        let keys = (0..values.nrows()).map(|row| RowKey { user: row.to_string(), as_of }).collect();
        FeatureTable::new(keys, ["x", "y"], values).unwrap()
    }

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        let mut rng = stream(5, 0);
        let values = Array2::from_shape_fn((40, 2), |_| rng.normal());
        let step = |row: usize| {
            let allowed = ActionSet::ALL.without(Action::ALL[(row + 1) % 5]);
            Transition::new(Action::ALL[row % 5], 0.0).with_allowed(allowed, ActionSet::ALL)
        };
        let replay = Replay::new(table(values.clone()), values, (0..40).map(step).collect()).unwrap();
        let design = Design::fit(replay.states(), 3).unwrap();
        let sample = Sample::of(&design, &replay).unwrap();
        let weights: Vec<f64> = (0..5 * design.n_features()).map(|_| rng.normal()).collect();
        for terms in [(0.0, 0.0), (0.7, 0.3)] {
            let (_, gradient) = objective(&sample, &weights, terms);
            for at in 0..weights.len() {
                let shifted = |by: f64| {
                    let mut weights = weights.clone();
                    weights[at] += by;
                    objective(&sample, &weights, terms).0
                };
                let slope = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
                assert!((slope - gradient[at]).abs() < 1e-8, "{at}: {slope} {}", gradient[at]);
            }
        }
    }

    #[test]
    fn straight_lines_are_those_of_scikit_learn() {
        #[derive(Deserialize)]
        struct Reference {
            probabilities: Vec<[f64; 5]>,
        }
        let text = include_str!("../../tests/reference/behaviour.json");
        let expected: Reference = serde_json::from_str(text).unwrap();
        let values = Array2::from_shape_fn((60, 2), |(row, column)| {
            [(row * 37 % 23) as f64, (row * row % 11) as f64][column]
        });
        let action = |row: usize| Action::ALL[row * 37 % 23 / 6 + row % 2];
        let steps = (0..60).map(|row| Transition::new(action(row), 0.0)).collect();
        let replay = Replay::new(table(values.clone()), values, steps).unwrap();
        let params = BehaviourParams::default().with_n_bins(0).with_tol(1e-9).with_max_iter(1000);
        let p = params.fit(&replay).unwrap().probabilities(replay.states()).unwrap();
        for (row, expected) in p.rows().into_iter().zip(&expected.probabilities) {
            for (p, expected) in row.iter().zip(expected) {
                assert!((p - expected).abs() < 1e-6, "{p} {expected}");
            }
        }
    }
}
