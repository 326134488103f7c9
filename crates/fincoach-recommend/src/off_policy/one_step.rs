//! The value of single decisions.

use std::fmt;

use fincoach_core::DataError;
use fincoach_core::ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use super::basis::Features;
use super::bounds::interval;
use super::decisions::Decisions;
use super::estimate::Estimate;
use super::fitted::{Fitted, leave_out};
use super::importance::Kish;
use super::moments::Design;
use super::overlap::Overlap;
use super::params::OffPolicyParams;
use super::ratios::Ratios;
use super::switch::threshold;
use crate::Error;

/// How the mean reward of a policy's decisions is estimated. `w = target/propensity`, `q̂` a model of rewards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DecisionEstimator {
    /// Direct method: `mean Σₐ target(a)·q̂(a)`. Needs no propensities; as good as the model.
    Direct,
    /// Inverse propensity: `mean w·r` (Horvitz and Thompson, 1952). Unbiased; noisy.
    Ips,
    /// Self-normalised: `Σ w·r / Σ w` (Swaminathan and Joachims, 2015). Within the rewards seen.
    SelfNormalisedIps,
    /// `mean (Σₐ target(a)·q̂(a) + w·(r − q̂))` (Dudík, Langford and Li, 2011). Right if the propensities or the model are.
    DoublyRobust,
    /// Doubly robust where `w ≤ τ`, the model alone above (Wang, Agarwal and Dudík, 2017).
    Switch,
}

impl DecisionEstimator {
    /// Every one.
    pub const ALL: [Self; 5] =
        [Self::Direct, Self::Ips, Self::SelfNormalisedIps, Self::DoublyRobust, Self::Switch];

    /// The name in `snake_case`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Ips => "ips",
            Self::SelfNormalisedIps => "self_normalised_ips",
            Self::DoublyRobust => "doubly_robust",
            Self::Switch => "switch",
        }
    }
}

impl fmt::Display for DecisionEstimator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl OffPolicyParams {
    /// The mean reward of the judged policy's decisions.
    ///
    /// Models are fitted on `states` unless the log brings its own expectations: the direct method's on all rows, those of
    /// the others for each fold of users on the other users.
    ///
    /// # Errors
    /// [`Error::Param`]; [`Error::NoPropensity`] where weights are needed; [`DataError::Empty`] without states where a
    /// model is; [`Error::TooFewUsers`] for the folds; [`DataError::Undefined`] with one user, and where the log never
    /// does what the policy does.
    pub fn estimate(&self, log: &Decisions, estimator: DecisionEstimator) -> Result<Estimate, Error> {
        self.check()?;
        log.ensure_users()?;
        match estimator {
            DecisionEstimator::Direct => self.direct(log),
            DecisionEstimator::Ips => self.weighted(log, |weight| (weight, 1.0)),
            DecisionEstimator::SelfNormalisedIps => self.weighted(log, |weight| (weight, weight)),
            DecisionEstimator::DoublyRobust => {
                let (weights, parts) = self.residuals(log)?;
                Ok(self.judged(log, &parts.ratios(log, &weights), &weights))
            }
            DecisionEstimator::Switch => self.switch(log),
        }
    }

    fn direct(&self, log: &Decisions) -> Result<Estimate, Error> {
        let overlap = log.overlap();
        if let Some(q_hat) = log.q_hat() {
            let expected = log.expected(q_hat);
            let ratios = Ratios::of_rows(log.users(), log.n_users(), |row| (expected[row], 1.0));
            return Ok(assemble(self, log, (&ratios, log.n_rows() as f64), overlap));
        }
        let (_, design) = design(self, log)?;
        let initial: Vec<usize> = (0..log.n_rows()).collect();
        let fitted = Fitted { params: self, log, design: &design, initial: &initial };
        let (value, standard_error, interval) = fitted.judge()?;
        Ok(Estimate {
            value,
            standard_error,
            interval,
            effective_sample_size: log.n_rows() as f64,
            n_decisions: log.n_rows(),
            n_users: log.n_users(),
            overlap,
        })
    }

    fn weighted(&self, log: &Decisions, pair: impl Fn(f64) -> (f64, f64)) -> Result<Estimate, Error> {
        let weights = log.weights(self.clip())?;
        ensure_some(&weights)?;
        let ratios = Ratios::of_rows(log.users(), log.n_users(), |row| {
            let (above, below) = pair(weights[row]);
            (above * log.rewards()[row], below)
        });
        Ok(self.judged(log, &ratios, &weights))
    }

    fn switch(&self, log: &Decisions) -> Result<Estimate, Error> {
        let (weights, parts) = self.residuals(log)?;
        let up_to = |threshold: f64| -> Vec<f64> {
            weights.iter().map(|weight| if *weight <= threshold { *weight } else { 0.0 }).collect()
        };
        let variance = |threshold| parts.ratios(log, &up_to(threshold)).evaluate().1.powi(2);
        let chosen = self.threshold().unwrap_or_else(|| threshold(&weights, &parts.residuals, variance));
        let kept = up_to(chosen);
        Ok(self.judged(log, &parts.ratios(log, &kept), &kept))
    }

    fn residuals(&self, log: &Decisions) -> Result<(Vec<f64>, Parts), Error> {
        let weights = log.weights(self.clip())?;
        let q_hat = match log.q_hat() {
            Some(given) => given.clone(),
            None => cross_fitted(self, log)?,
        };
        let residual = |row: usize| log.rewards()[row] - q_hat[(row, log.actions()[row])];
        let residuals = (0..log.n_rows()).map(residual).collect();
        Ok((weights, Parts { expected: log.expected(&q_hat), residuals }))
    }

    fn judged(&self, log: &Decisions, ratios: &Ratios, weights: &[f64]) -> Estimate {
        let kish = Kish::of(weights);
        let overlap = Overlap { largest_share: Some(kish.largest_share()), ..log.overlap() };
        assemble(self, log, (ratios, kish.size()), overlap)
    }
}

/// What the model expects of the policy in each row, and what it missed.
struct Parts {
    expected: Vec<f64>,
    residuals: Vec<f64>,
}

impl Parts {
    fn ratios(&self, log: &Decisions, weights: &[f64]) -> Ratios {
        let value = |row: usize| self.expected[row] + weights[row] * self.residuals[row];
        Ratios::of_rows(log.users(), log.n_users(), |row| (value(row), 1.0))
    }
}

pub(crate) fn ensure_some(weights: &[f64]) -> Result<(), DataError> {
    if weights.iter().any(|weight| *weight > 0.0) {
        return Ok(());
    }
    let (figure, reason) = ("the policy's value", "the log never does what the policy does");
    Err(DataError::Undefined { figure, reason })
}

pub(crate) fn assemble(
    params: &OffPolicyParams,
    log: &Decisions,
    (ratios, effective_sample_size): (&Ratios, f64),
    overlap: Overlap,
) -> Estimate {
    let (value, standard_error) = ratios.evaluate();
    let (n_decisions, n_users) = (log.n_rows(), log.n_users());
    let interval = interval(params, ratios, effective_sample_size);
    Estimate { value, standard_error, interval, effective_sample_size, n_decisions, n_users, overlap }
}

fn design(params: &OffPolicyParams, log: &Decisions) -> Result<(Features, Design), Error> {
    let states = log.states()?;
    let features = Features::fit(params.basis(), states.view())?;
    let design = Design {
        x: features.of(states.view())?,
        next: None,
        actions: log.actions().to_vec(),
        rewards: Array1::from(log.rewards().to_vec()),
        n_actions: log.n_actions(),
    };
    Ok((features, design))
}

/// Expected rewards of all actions, each row's by a model that did not see its user.
fn cross_fitted(params: &OffPolicyParams, log: &Decisions) -> Result<Array2<f64>, Error> {
    let (_, design) = design(params, log)?;
    let (folds, models) = leave_out(params, log, &design)?;
    let mut q_hat = Array2::zeros((log.n_rows(), log.n_actions()));
    for (row, mut values) in q_hat.rows_mut().into_iter().enumerate() {
        let coefficients =
            super::linear_q::by_action(models[folds[log.users()[row]]].last(), design.x.ncols());
        values.assign(&coefficients.dot(&design.x.row(row)));
    }
    Ok(q_hat)
}
