//! Propensities of a log that does not have them.

use fincoach_core::ndarray::ArrayView2;
use fincoach_core::{Action, ActionSet, DataError, Fit, ParamError};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::BehaviourParams;
use crate::folds::{ensure_folds, split};
use crate::{Error, Replay, Transition};

/// A log with a propensity in every row, and how they were come by.
#[derive(Clone, Debug, PartialEq)]
pub struct FilledPropensities {
    replay: Replay,
    report: PropensityReport,
}

/// How well the actions of a log were foreseen, and how small the propensities are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PropensityReport {
    /// Rows that had a propensity and kept it.
    pub n_known: usize,
    /// Rows that were given an estimated one.
    pub n_filled: usize,
    /// Estimated ones that were below the floor and were set to it.
    pub n_floored: usize,
    /// The smallest estimated one before the floor; `None` where none was filled in.
    pub smallest: Option<f64>,
    /// The floor.
    pub floor: f64,
    /// Mean of `−ln` of the estimated probability of the logged action over all rows, in nats.
    pub log_loss: f64,
    /// The same for the frequencies of the actions, within what was allowed.
    pub log_loss_marginal: f64,
    /// Where propensities were known, the mean of `−ln` of the known and of the estimated ones.
    pub known_and_estimated: Option<[f64; 2]>,
}

/// A warning: estimated propensities so small that what is weighed by their inverse rests on few rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmallPropensity {
    /// The smallest one.
    pub smallest: f64,
    /// The floor it fell below.
    pub floor: f64,
    /// How many rows fell below it.
    pub n_below: usize,
}

impl PropensityReport {
    /// Set when an estimated propensity fell below the floor.
    #[must_use]
    pub fn warning(&self) -> Option<SmallPropensity> {
        let smallest = self.smallest.filter(|smallest| *smallest < self.floor)?;
        Some(SmallPropensity { smallest, floor: self.floor, n_below: self.n_floored })
    }
}

impl FilledPropensities {
    /// A log filled with probabilities that the caller has: `(n_rows, 5)`, each row summing to 1.
    ///
    /// Known propensities are kept; the others become the probability of the logged action, at least `floor`. The
    /// report's frequencies are those of the whole log.
    ///
    /// # Errors
    /// [`ParamError`] for a floor outside `(0, 1)`; [`DataError::Length`] for another shape;
    /// [`DataError::OutOfRange`] for a probability outside `[0, 1]` or a row that does not sum to 1 (± 1e-6).
    pub fn from_probabilities(
        replay: &Replay,
        probabilities: ArrayView2<'_, f64>,
        floor: f64,
    ) -> Result<Self, Error> {
        ParamError::ensure(floor > 0.0 && floor < 1.0, "floor", "in (0, 1)", floor)?;
        DataError::ensure_len("rows of probabilities", replay.n_rows(), probabilities.nrows())?;
        DataError::ensure_len("probabilities of a row", 5, probabilities.ncols())?;
        for (row, p) in probabilities.rows().into_iter().enumerate() {
            let out_of_range = |what, allowed, value| DataError::OutOfRange { row, what, allowed, value };
            if let Some(wrong) = p.iter().find(|p| !(0.0..=1.0).contains(*p)) {
                return Err(out_of_range("probability", "in [0, 1]", *wrong).into());
            }
            if (p.sum() - 1.0).abs() > 1e-6 {
                return Err(out_of_range("sum of the probabilities", "1", p.sum()).into());
            }
        }
        let frequencies = Frequencies::of(replay.transitions().iter());
        let rows = replay.transitions().iter().enumerate();
        let estimates = rows.map(|(row, step)| Estimate {
            p: probabilities[(row, step.action().index())],
            marginal: frequencies.of_action(step),
        });
        filled(replay, &estimates.collect::<Vec<_>>(), floor)
    }

    /// The log with its propensities.
    #[must_use]
    pub const fn replay(&self) -> &Replay {
        &self.replay
    }

    /// How they were come by.
    #[must_use]
    pub const fn report(&self) -> &PropensityReport {
        &self.report
    }

    /// The log with its propensities.
    #[must_use]
    pub fn into_replay(self) -> Replay {
        self.replay
    }
}

impl BehaviourParams {
    /// The log with a propensity in every row: known ones are kept, missing ones estimated.
    ///
    /// Users are dealt into folds, and each user's rows are answered by the policy that was estimated without
    /// them: estimates that have seen the row they judge are too sure of it, and weights by their inverse are
    /// then too even. Log losses are over all rows, each by the fit that did not see its user.
    ///
    /// # Errors
    /// [`Error::Param`], [`Error::TooFewUsers`], [`DataError::UnknownName`] for a column that is not there.
    pub fn fill_propensities(&self, replay: &Replay) -> Result<FilledPropensities, Error> {
        self.check()?;
        ensure_folds(replay, self.n_folds())?;
        let folds: Vec<Result<_, Error>> =
            (0..self.n_folds()).into_par_iter().map(|fold| self.held_out(replay, fold)).collect();
        let mut estimates = vec![Estimate { p: 0.0, marginal: 0.0 }; replay.n_rows()];
        for fold in folds {
            for (row, estimate) in fold? {
                estimates[row] = estimate;
            }
        }
        filled(replay, &estimates, self.floor())
    }

    /// The estimates of a fold's rows by the others.
    fn held_out(&self, replay: &Replay, fold: usize) -> Result<Vec<(usize, Estimate)>, Error> {
        let (train, test) = split(replay, self.seed(), (fold, self.n_folds()));
        let (train, held) = (replay.take(&train)?, replay.take(&test)?);
        let allowed: Vec<ActionSet> = held.transitions().iter().map(Transition::allowed).collect();
        let p = self.fit(&train)?.probabilities_within(held.states(), &allowed)?;
        let frequencies = Frequencies::of(train.transitions().iter());
        let estimate = |(row, step): (usize, &Transition)| Estimate {
            p: p[(row, step.action().index())],
            marginal: frequencies.of_action(step),
        };
        let estimates = held.transitions().iter().enumerate().map(estimate);
        Ok(test.into_iter().zip(estimates).collect())
    }
}

/// Two estimates of the probability of a logged action.
#[derive(Clone, Copy)]
struct Estimate {
    p: f64,
    marginal: f64,
}

/// How often each action was taken, and once more, so that none is impossible.
struct Frequencies([f64; 5]);

impl Frequencies {
    fn of<'a>(steps: impl Iterator<Item = &'a Transition>) -> Self {
        let mut counts = [1.0; 5];
        steps.for_each(|step| counts[step.action().index()] += 1.0);
        Self(counts)
    }

    /// The share of a transition's action among what was allowed.
    fn of_action(&self, step: &Transition) -> f64 {
        let allowed: f64 = step.allowed().iter().map(|action: Action| self.0[action.index()]).sum();
        self.0[step.action().index()] / allowed
    }
}

fn filled(replay: &Replay, estimates: &[Estimate], floor: f64) -> Result<FilledPropensities, Error> {
    let loss = |p: f64| -p.max(f64::MIN_POSITIVE).ln();
    let mean = |values: &mut dyn Iterator<Item = f64>| {
        let (sum, n) = values.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
        sum / n
    };
    let rows = || replay.transitions().iter().zip(estimates);
    let known = || rows().filter_map(|(step, estimate)| Some((step.propensity()?, estimate.p)));
    let missing = || rows().filter(|(step, _)| step.propensity().is_none()).map(|(_, estimate)| estimate.p);
    let n_known = known().count();
    let report = PropensityReport {
        n_known,
        n_filled: replay.n_rows() - n_known,
        n_floored: missing().filter(|p| *p < floor).count(),
        smallest: missing().reduce(f64::min),
        floor,
        log_loss: mean(&mut estimates.iter().map(|estimate| loss(estimate.p))),
        log_loss_marginal: mean(&mut estimates.iter().map(|estimate| loss(estimate.marginal))),
        known_and_estimated: (n_known > 0).then(|| {
            [mean(&mut known().map(|(known, _)| loss(known))), mean(&mut known().map(|(_, p)| loss(p)))]
        }),
    };
    let steps = rows().map(|(step, estimate)| match step.propensity() {
        Some(_) => *step,
        // Rounding may lead a sum of shares above 1.
        None => step.with_propensity(estimate.p.clamp(floor, 1.0)),
    });
    let steps = steps.collect();
    let replay = Replay::new(replay.states().clone(), replay.next_states().to_owned(), steps)?;
    Ok(FilledPropensities { replay, report })
}
