//! The value of trajectories.

use std::fmt;

use fincoach_core::ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use super::basis::Features;
use super::estimate::Estimate;
use super::fitted::{Fitted, leave_out};
use super::importance::{Below, Weighted};
use super::linear_q::{Coefficients, by_action};
use super::moments::{Design, NextDesign};
use super::one_step::{assemble, ensure_some};
use super::overlap::Overlap;
use super::params::OffPolicyParams;
use super::ratios::Ratios;
use super::trajectories::Trajectories;
use crate::Error;

/// How the discounted sum of rewards of a policy's trajectories is estimated. `wₜ` is the product of `target/propensity` of a
/// trajectory's rows up to step `t`, `Q` and `V` are fitted values, `γₜ` is the discount up to step `t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SequenceEstimator {
    /// Fitted Q evaluation: `mean V(s₀)` (Le, Voloshin and Yue, 2019). Needs no propensities; as good as the basis.
    FittedQ,
    /// Per-decision importance sampling: `Σₜ mean γₜ·wₜ·rₜ` (Precup, Sutton and Singh, 2000). Noise grows with length.
    PerDecision,
    /// The same with `Σₜ Σ γₜ·wₜ·rₜ / Σ wₜ`: biased in small logs, far less noisy.
    WeightedPerDecision,
    /// `mean (V(s₀) + Σₜ γₜ·wₜ·(rₜ + γ·V(sₜ₊₁) − Q(sₜ, aₜ)))` (Jiang and Li, 2016), fitted on other users.
    DoublyRobust,
    /// The same with weights divided by their sum at each step (Thomas and Brunskill, 2016).
    WeightedDoublyRobust,
}

impl SequenceEstimator {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::FittedQ,
        Self::PerDecision,
        Self::WeightedPerDecision,
        Self::DoublyRobust,
        Self::WeightedDoublyRobust,
    ];

    /// The name in `snake_case`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FittedQ => "fitted_q",
            Self::PerDecision => "per_decision",
            Self::WeightedPerDecision => "weighted_per_decision",
            Self::DoublyRobust => "doubly_robust",
            Self::WeightedDoublyRobust => "weighted_doubly_robust",
        }
    }
}

impl fmt::Display for SequenceEstimator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl OffPolicyParams {
    /// The discounted sum of rewards of the judged policy from the initial states of the log, over the horizon.
    ///
    /// # Errors
    /// As [`OffPolicyParams::estimate`]; [`Error::FqeDiverged`]; [`DataError::Empty`](fincoach_core::DataError::Empty)
    /// without next states where values are fitted.
    pub fn estimate_sequence(
        &self,
        log: &Trajectories,
        estimator: SequenceEstimator,
    ) -> Result<Estimate, Error> {
        self.check()?;
        log.decisions().ensure_users()?;
        let estimate = match estimator {
            SequenceEstimator::FittedQ => self.fitted(log)?,
            SequenceEstimator::PerDecision => self.per_decision(log, Below::Count)?,
            SequenceEstimator::WeightedPerDecision => self.per_decision(log, Below::Weights)?,
            SequenceEstimator::DoublyRobust => self.doubly_robust(log, Below::Count)?,
            SequenceEstimator::WeightedDoublyRobust => self.doubly_robust(log, Below::Weights)?,
        };
        Ok(estimate.scaled(self.factor()))
    }

    fn fitted(&self, log: &Trajectories) -> Result<Estimate, Error> {
        let (_, design) = design(self, log)?;
        let initial: Vec<usize> = log.rows().iter().filter_map(|rows| rows.first().copied()).collect();
        let decisions = log.decisions();
        let fitted = Fitted { params: self, log: decisions, design: &design, initial: &initial };
        let (value, standard_error, interval) = fitted.judge()?;
        Ok(Estimate {
            value,
            standard_error,
            interval,
            effective_sample_size: log.n_trajectories() as f64,
            n_decisions: log.n_rows(),
            n_users: decisions.n_users(),
            overlap: decisions.overlap(),
        })
    }

    fn per_decision(&self, log: &Trajectories, below: Below) -> Result<Estimate, Error> {
        let weights = log.decisions().weights(self.clip())?;
        let weighted = Weighted { log, params: self, weights: &weights };
        let first: Vec<f64> =
            log.rows().iter().filter_map(|rows| rows.first()).map(|row| weights[*row]).collect();
        ensure_some(&first)?;
        let ratios = weighted.ratios(log.decisions().rewards(), below);
        let estimate = self.weighed(&weighted, &ratios);
        let overlap = Overlap { cut_short: Some(weighted.cut_short()), ..estimate.overlap };
        Ok(Estimate { overlap, ..estimate })
    }

    fn doubly_robust(&self, log: &Trajectories, below: Below) -> Result<Estimate, Error> {
        let weights = log.decisions().weights(self.clip())?;
        let weighted = Weighted { log, params: self, weights: &weights };
        let Residuals { initial, steps } = residuals(self, log)?;
        let ratios = match below {
            Below::Count => plain(log, &initial, &weighted.totals(&steps)),
            Below::Weights => {
                let start = plain(log, &initial, &vec![0.0; initial.len()]);
                beside(&start, &weighted.ratios(&steps, below))
            }
        };
        Ok(self.weighed(&weighted, &ratios))
    }

    fn weighed(&self, weighted: &Weighted<'_>, ratios: &Ratios) -> Estimate {
        let (log, worst) = (weighted.log.decisions(), weighted.worst());
        let overlap = Overlap { largest_share: Some(worst.largest_share()), ..log.overlap() };
        assemble(self, log, (ratios, worst.size()), overlap)
    }
}

/// One ratio: sums of trajectories over their number.
fn plain(log: &Trajectories, initial: &[f64], totals: &[f64]) -> Ratios {
    let mut ratios = Ratios::zeros(log.decisions().n_users(), 1);
    for ((rows, initial), total) in log.rows().iter().zip(initial).zip(totals) {
        ratios.add((log.user(rows), 0), initial + total, 1.0);
    }
    ratios
}

fn beside(first: &Ratios, second: &Ratios) -> Ratios {
    let n_users = first.n_users();
    let n_ratios = 1 + second.numerators.ncols();
    let join = |a: &Array2<f64>, b: &Array2<f64>| {
        let of = |(user, ratio): (usize, usize)| if ratio == 0 { a[(user, 0)] } else { b[(user, ratio - 1)] };
        Array2::from_shape_fn((n_users, n_ratios), of)
    };
    Ratios {
        numerators: join(&first.numerators, &second.numerators),
        denominators: join(&first.denominators, &second.denominators),
    }
}

/// What fitted values leave of the rewards.
struct Residuals {
    /// `V(s₀)` of each trajectory.
    initial: Vec<f64>,
    /// `r + discount·V(s') − Q(s, a)` of each row.
    steps: Vec<f64>,
}

fn residuals(params: &OffPolicyParams, log: &Trajectories) -> Result<Residuals, Error> {
    match (log.decisions().q_hat(), log.next_values()) {
        (Some(q), Some(next)) => Ok(given(params, log, (q, next))),
        _ => cross_fitted(params, log),
    }
}

/// Residuals of values that someone else fitted; after the last step of the horizon nothing counts.
fn given(params: &OffPolicyParams, log: &Trajectories, (q, next): (&Array2<f64>, &[f64])) -> Residuals {
    let decisions = log.decisions();
    let expected = decisions.expected(q);
    let mut steps = vec![0.0; log.n_rows()];
    for rows in log.rows() {
        for (step, row) in rows.iter().enumerate() {
            let counts = params.n_steps() != Some(step + 1);
            let after = if counts { next[*row] } else { 0.0 };
            let known = q[(*row, decisions.actions()[*row])];
            steps[*row] = decisions.rewards()[*row] + log.discount(*row, params.gamma()) * after - known;
        }
    }
    let initial = log.rows().iter().filter_map(|rows| rows.first()).map(|row| expected[*row]).collect();
    Residuals { initial, steps }
}

fn cross_fitted(params: &OffPolicyParams, log: &Trajectories) -> Result<Residuals, Error> {
    let (_, design) = design(params, log)?;
    let decisions = log.decisions();
    let (folds, models) = leave_out(params, decisions, &design)?;
    let mut steps = vec![0.0; log.n_rows()];
    let mut initial = Vec::with_capacity(log.n_trajectories());
    for rows in log.rows() {
        let model = &models[folds[log.user(rows)]];
        for (step, row) in rows.iter().enumerate().take(params.n_steps().unwrap_or(usize::MAX)) {
            steps[*row] = residual(&design, model, (*row, step));
        }
        let values = rows.first().map(|row| {
            let q = by_action(model.last(), design.x.ncols()).dot(&design.x.row(*row));
            decisions.target().row(*row).dot(&q)
        });
        initial.extend(values);
    }
    Ok(Residuals { initial, steps })
}

fn residual(design: &Design, model: &Coefficients, (row, step): (usize, usize)) -> f64 {
    let p = design.x.ncols();
    let known = by_action(model.after(step), p).row(design.actions[row]).dot(&design.x.row(row));
    let after = design.next.as_ref().map_or(0.0, |next| {
        let values = by_action(model.after(step + 1), p).dot(&next.x.row(row));
        next.weights.row(row).dot(&values)
    });
    design.rewards[row] + after - known
}

/// Rows as fitted Q evaluation sees them; states and next states are described by the same functions.
pub(crate) fn design(params: &OffPolicyParams, log: &Trajectories) -> Result<(Features, Design), Error> {
    let (decisions, next) = (log.decisions(), log.next()?);
    let states = decisions.states()?;
    let features = Features::fit(params.basis(), states.view())?;
    let discounted = |(row, action)| log.discount(row, params.gamma()) * next.target[(row, action)];
    let weights = Array2::from_shape_fn(next.target.raw_dim(), |place: (usize, usize)| discounted(place));
    let design = Design {
        x: features.of(states.view())?,
        next: Some(NextDesign { x: features.of(next.states.view())?, weights }),
        actions: decisions.actions().to_vec(),
        rewards: Array1::from(decisions.rewards().to_vec()),
        n_actions: decisions.n_actions(),
    };
    Ok((features, design))
}
