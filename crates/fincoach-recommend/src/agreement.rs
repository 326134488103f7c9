//! How well a policy learns what the log does, on users it never saw.

use fincoach_core::rng::stream;
use fincoach_core::{Action, DataError, Fit, ParamError, Predict, metrics};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::greedy::{calibrate, log_loss, rows_of_five};
use crate::logistic::Logistic;
use crate::{CqlParams, Error, Replay};

/// How agreement is measured: folds of users, and seeds.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `n_folds` | 5 | `≥ 2`, at most the users | parts; each is held out once |
/// | `n_seeds` | 5 | `≥ 1` | repetitions, each with its own folds and its own training seed |
/// | `seed` | 0 | any | repetition `i` trains with `seed + i` and draws its folds from that seed's stream 3 |
///
/// Costs `n_seeds · (n_folds + 1)` fits, shared among the threads there are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AgreementParams {
    n_folds: usize,
    n_seeds: usize,
    seed: u64,
}

impl Default for AgreementParams {
    fn default() -> Self {
        Self { n_folds: 5, n_seeds: 5, seed: 0 }
    }
}

impl AgreementParams {
    /// Sets the number of folds.
    #[must_use]
    pub const fn with_n_folds(self, n_folds: usize) -> Self {
        Self { n_folds, ..self }
    }

    /// Sets the number of repetitions.
    #[must_use]
    pub const fn with_n_seeds(self, n_seeds: usize) -> Self {
        Self { n_seeds, ..self }
    }

    /// Sets the seed of the first repetition.
    #[must_use]
    pub const fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The number of folds.
    #[must_use]
    pub const fn n_folds(&self) -> usize {
        self.n_folds
    }

    /// The number of repetitions.
    #[must_use]
    pub const fn n_seeds(&self) -> usize {
        self.n_seeds
    }

    /// The seed of the first repetition.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }
}

/// The share of logged actions that a policy would take too. One value a seed where there are several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Agreement {
    /// Transitions.
    pub n_rows: usize,
    /// Users.
    pub n_users: usize,
    /// The action logged most often; the lowest of equals.
    pub majority_action: Action,
    /// Its share of the log.
    pub majority_share: f64,
    /// Greedy policy on the data it was trained on.
    pub train: Vec<f64>,
    /// Greedy policy on users held out.
    pub held_out: Vec<f64>,
    /// On the same users, always the commonest action of the training part.
    pub held_out_majority: Vec<f64>,
    /// On the same users, logistic regression on the same columns (behaviour cloning).
    pub held_out_cloning: Vec<f64>,
    /// Temperature that gives the least log loss on held-out users; for [`CqlPolicy::with_temperature`](crate::CqlPolicy::with_temperature).
    pub temperature: f64,
    /// Log loss on held-out users at temperature 1, in nats a row.
    pub log_loss_uncalibrated: f64,
    /// The same at that temperature.
    pub log_loss_calibrated: f64,
    /// Loss of the first and of the last epoch of each fit on all data.
    pub first_and_last_loss: Vec<[f64; 2]>,
}

/// Measures agreement with the log by folds of users.
///
/// # Errors
/// [`Error::Param`], [`Error::TooFewUsers`], and whatever a fit may say.
pub fn evaluate_agreement(
    params: &CqlParams,
    replay: &Replay,
    plan: &AgreementParams,
) -> Result<Agreement, Error> {
    let (n_folds, n_seeds) = (plan.n_folds, plan.n_seeds);
    ParamError::ensure(n_folds >= 2, "n_folds", "at least 2", n_folds)?;
    ParamError::ensure(n_seeds >= 1, "n_seeds", "at least 1", n_seeds)?;
    let n_users = replay.users().len();
    if n_users < n_folds {
        return Err(Error::TooFewUsers { n_users, n_folds });
    }
    // Fold `n_folds` stands for the fit on all data.
    let jobs: Vec<(u64, usize)> =
        (0..n_seeds as u64).flat_map(|seed| (0..=n_folds).map(move |fold| (seed, fold))).collect();
    let parts: Vec<Part> = jobs
        .into_par_iter()
        .map(|(seed, fold)| {
            part(&params.clone().with_seed(plan.seed.wrapping_add(seed)), replay, (fold, n_folds))
        })
        .collect::<Result<_, _>>()?;
    summary(replay, &parts, n_folds + 1)
}

/// The answers for the rows of one fold by models that did not see them, or for all rows by one that did.
struct Part {
    rows: Vec<usize>,
    greedy: Vec<Action>,
    q_values: Vec<[f64; 5]>,
    majority: Action,
    cloned: Vec<Action>,
    losses: [f64; 2],
}

fn part(params: &CqlParams, replay: &Replay, (fold, n_folds): (usize, usize)) -> Result<Part, Error> {
    let (train, rows) = split(replay, params.seed(), (fold, n_folds));
    let (train, test) = (replay.take(&train)?, replay.states().take(&rows)?);
    let policy = params.fit(&train)?;
    let cloned = Logistic::fit(train.states().values(), &train.actions())?.predict(test.values())?;
    let losses = policy.report().curve("loss").unwrap_or_default();
    Ok(Part {
        rows,
        greedy: policy.predict(&test)?,
        q_values: rows_of_five(policy.q_values(&test)?.view())?,
        majority: majority(&train.actions()).0,
        cloned,
        losses: [losses.first(), losses.last()].map(|loss| loss.copied().unwrap_or(0.0)),
    })
}

/// Rows to train on and rows to judge on: whole users on one side or the other.
fn split(replay: &Replay, seed: u64, (fold, n_folds): (usize, usize)) -> (Vec<usize>, Vec<usize>) {
    if fold == n_folds {
        let all: Vec<usize> = (0..replay.n_rows()).collect();
        return (all.clone(), all);
    }
    let users = replay.users();
    let order = stream(seed, 3).permutation(users.len());
    let held: std::collections::BTreeSet<&str> =
        order.iter().skip(fold).step_by(n_folds).map(|user| users[*user]).collect();
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for (row, user) in replay.row_users().enumerate() {
        if held.contains(user) { test.push(row) } else { train.push(row) }
    }
    (train, test)
}

/// The commonest action, the lowest of equals, and its share.
fn majority(actions: &[Action]) -> (Action, f64) {
    let count = |action: Action| actions.iter().filter(|other| **other == action).count() as f64;
    let counts = Action::ALL.map(count);
    let most = crate::greedy::argmax(&counts);
    (Action::ALL[most], counts[most] / actions.len() as f64)
}

fn summary(replay: &Replay, parts: &[Part], parts_per_seed: usize) -> Result<Agreement, Error> {
    let actions = replay.actions();
    let (majority_action, majority_share) = majority(&actions);
    let shares = |trained: bool, answer: fn(&Part) -> Vec<Action>| -> Result<Vec<f64>, DataError> {
        parts.chunks(parts_per_seed).map(|seed| share(chosen(seed, trained), &actions, answer)).collect()
    };
    let held: Vec<&Part> = parts.chunks(parts_per_seed).flat_map(|seed| chosen(seed, false)).collect();
    let q: Vec<[f64; 5]> = held.iter().flat_map(|part| &part.q_values).copied().collect();
    let taken: Vec<Action> = held.iter().flat_map(|part| &part.rows).map(|row| actions[*row]).collect();
    let temperature = calibrate(&q, &taken);
    Ok(Agreement {
        n_rows: replay.n_rows(),
        n_users: replay.users().len(),
        majority_action,
        majority_share,
        train: shares(true, |part| part.greedy.clone())?,
        held_out: shares(false, |part| part.greedy.clone())?,
        held_out_majority: shares(false, |part| vec![part.majority; part.rows.len()])?,
        held_out_cloning: shares(false, |part| part.cloned.clone())?,
        temperature,
        log_loss_uncalibrated: log_loss(&q, &taken, 1.0),
        log_loss_calibrated: log_loss(&q, &taken, temperature),
        first_and_last_loss: parts
            .chunks(parts_per_seed)
            .flat_map(|seed| chosen(seed, true))
            .map(|part| part.losses)
            .collect(),
    })
}

/// The parts of one seed: that of the fit on all data, or those of the folds.
fn chosen(seed: &[Part], trained: bool) -> &[Part] {
    let n_folds = seed.len().saturating_sub(1);
    if trained { &seed[n_folds..] } else { &seed[..n_folds] }
}

fn share(parts: &[Part], actions: &[Action], answer: fn(&Part) -> Vec<Action>) -> Result<f64, DataError> {
    let logged: Vec<Action> = parts.iter().flat_map(|part| &part.rows).map(|row| actions[*row]).collect();
    let answers: Vec<Action> = parts.iter().flat_map(answer).collect();
    metrics::accuracy(&logged, &answers)
}
