//! How well a policy learns what the log does, on users it never saw.

use fincoach_core::{Action, DataError, Fit, ParamError, Predict, Progress, Silent, metrics};
use serde::{Deserialize, Serialize};

use crate::calibration::{Answers, crossed_log_loss};
use crate::folds::{Fits, ensure_folds, split};
use crate::greedy::rows_of_five;
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
    /// The same on the same rows, each fold at the temperature found on the other folds of its seed: what a
    /// calibrated policy may expect of users who had no say in its temperature. It can be the larger of the two.
    pub log_loss_calibrated: f64,
    /// Loss of the first and of the last epoch of each fit on all data.
    pub first_and_last_loss: Vec<[f64; 2]>,
}

/// Measures agreement with the log by folds of users.
///
/// # Errors
/// [`Error::Param`], [`Error::TooFewUsers`], and whatever a fit may say.
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, RowKey, chrono::NaiveDate, ndarray::Array2};
/// use fincoach_recommend::{AgreementParams, CqlParams, NotebookTransitions, evaluate_agreement};
///
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = (0..40).map(|user| RowKey { user: user.to_string(), as_of }).collect();
/// let columns = ["current_balance", "savings_rate", "spending_volatility"];
/// let values = Array2::from_shape_fn((40, 3), |(row, column)| [row as f64 * 5.0, 0.3, 1.0][column]);
/// let table = FeatureTable::new(keys, columns, values)?;
/// let replay = NotebookTransitions::default().replay(&table, &[0; 40])?;
///
/// let plan = AgreementParams::default().with_n_folds(4).with_n_seeds(1);
/// let found = evaluate_agreement(&CqlParams::default().with_hidden(16), &replay, &plan)?;
/// assert!(found.held_out[0] > found.held_out_majority[0]);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
pub fn evaluate_agreement(
    params: &CqlParams,
    replay: &Replay,
    plan: &AgreementParams,
) -> Result<Agreement, Error> {
    evaluate_agreement_with(params, replay, plan, &mut Silent)
}

/// The same, telling of each finished fit, in the order of seeds and folds.
///
/// Fits are told in batches as large as there are threads. When told to stop, the seed that the step belongs to
/// is finished, so that the figures are those of one seed at least; later seeds are left out.
///
/// # Errors
/// As [`evaluate_agreement`].
pub fn evaluate_agreement_with(
    params: &CqlParams,
    replay: &Replay,
    plan: &AgreementParams,
    progress: &mut dyn Progress,
) -> Result<Agreement, Error> {
    let (n_folds, n_seeds) = (plan.n_folds, plan.n_seeds);
    ParamError::ensure(n_seeds >= 1, "n_seeds", "at least 1", n_seeds)?;
    ensure_folds(replay, n_folds)?;
    // Fold `n_folds` stands for the fit on all data.
    let per_seed = n_folds + 1;
    let fit = |job: usize| {
        let seed = plan.seed.wrapping_add((job / per_seed) as u64);
        part(&params.clone().with_seed(seed), replay, (job % per_seed, n_folds))
    };
    let n_fits = n_seeds.saturating_mul(per_seed);
    let fits = Fits { stage: "agreement", n_fits, n_steps: n_fits };
    let parts = fits.run(fit, |done| done.div_ceil(per_seed) * per_seed, progress)?;
    summary(replay, &parts, per_seed)
}

/// The answers for the rows of one fold by models that did not see them, or for all rows by one that did.
struct Part {
    rows: Vec<usize>,
    greedy: Vec<Action>,
    answers: Answers,
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
    let logged = replay.actions();
    let actions = rows.iter().map(|row| logged[*row]).collect();
    Ok(Part {
        rows,
        greedy: policy.predict(&test)?,
        answers: Answers { q_values: rows_of_five(policy.q_values(&test)?.view())?, actions },
        majority: majority(&train.actions()).0,
        cloned,
        losses: [losses.first(), losses.last()].map(|loss| loss.copied().unwrap_or(0.0)),
    })
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
    let repetitions: Vec<Vec<Answers>> = parts
        .chunks(parts_per_seed)
        .map(|seed| chosen(seed, false).iter().map(|part| part.answers.clone()).collect())
        .collect();
    let held = Answers::together(repetitions.iter().flatten());
    Ok(Agreement {
        n_rows: replay.n_rows(),
        n_users: replay.users().len(),
        majority_action,
        majority_share,
        train: shares(true, |part| part.greedy.clone())?,
        held_out: shares(false, |part| part.greedy.clone())?,
        held_out_majority: shares(false, |part| vec![part.majority; part.rows.len()])?,
        held_out_cloning: shares(false, |part| part.cloned.clone())?,
        temperature: held.temperature(),
        log_loss_uncalibrated: held.log_loss(1.0),
        log_loss_calibrated: crossed_log_loss(&repetitions),
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
