//! Values of actions that are linear in functions of the state, and their fit by fitted Q evaluation.

use fincoach_core::DataError;
use fincoach_core::ndarray::{Array1, Array2, ArrayView2, Axis, concatenate};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::basis::Features;
use super::moments::{ActionMoments, Design, Moments};
use super::params::OffPolicyParams;
use super::solve::Cholesky;
use super::trajectories::Trajectories;
use crate::Error;

/// How fitted Q evaluation ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FqeReport {
    /// Iterations done: the steps of the horizon, or as many as it took.
    pub n_iterations: usize,
    /// Whether the last change was within the tolerance; a number of steps is always reached.
    pub converged: bool,
    /// Largest change of a coefficient in the last iteration, relative to the largest coefficient.
    pub last_change: f64,
    /// Actions that were not among the rows: they are valued by one model of all actions together.
    pub pooled_actions: Vec<usize>,
}

/// Expected discounted sums of rewards of every action in a state, if the judged policy acts from then on.
///
/// A linear function for each action, fitted by fitted Q evaluation (Le, Voloshin and Yue, 2019): with `Q₀ = 0`,
///
/// ```text
/// Qⱼ₊₁ = ridge regression of  r + gamma^elapsed · Σₐ target(a | s')·Qⱼ(s', a)  on the state, for the rows of each action
/// ```
///
/// After `j` iterations it is the value of `j` decisions; the endless one is the limit. The normal equations stay the
/// same, so that an iteration is the product of one matrix with the coefficients: `O((k·p)²)` after `O(n·k·p²)` once.
///
/// # Examples
/// ```
/// use fincoach_core::ndarray::{Array2, array};
/// use fincoach_recommend::{Decisions, Ended, OffPolicyParams, Trajectories};
/// // One state without end, one action, reward 1: worth 1/(1 - 0.9).
/// let log = Decisions::new(vec![0; 4], vec![1.0; 4], Array2::ones((4, 1)))?.with_states(Array2::zeros((4, 1)))?;
/// let log = Trajectories::new(log, &[Ended::No; 4])?.with_next(Array2::zeros((4, 1)), Array2::ones((4, 1)))?;
/// let fitted = OffPolicyParams::default().with_gamma(0.9).fitted_q(&log)?;
/// assert!((fitted.q_values(array![[0.0]].view())?[(0, 0)] - 10.0).abs() < 1e-7);
/// assert!(fitted.report().converged);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LinearQ {
    features: Features,
    coefficients: Coefficients,
    report: FqeReport,
}

impl LinearQ {
    pub(crate) fn new(features: Features, coefficients: Coefficients) -> Self {
        let report = coefficients.report.clone();
        Self { features, coefficients, report }
    }

    /// The value of each action in these states over the whole horizon, `(n_rows, n_actions)`.
    ///
    /// # Errors
    /// [`DataError::Length`] for another number of columns, [`DataError::NotFinite`].
    pub fn q_values(&self, states: ArrayView2<'_, f64>) -> Result<Array2<f64>, DataError> {
        let x = self.features.of(states)?;
        Ok(x.dot(&by_action(self.coefficients.last(), x.ncols()).t()))
    }

    /// How the fit ended.
    #[must_use]
    pub const fn report(&self) -> &FqeReport {
        &self.report
    }
}

impl OffPolicyParams {
    /// Fitted Q evaluation on all rows.
    ///
    /// # Errors
    /// [`Error::Param`]; [`DataError::Empty`] without states or next states; [`Error::FqeDiverged`];
    /// [`DataError::Undefined`] where normal equations are singular to working precision.
    pub fn fitted_q(&self, log: &Trajectories) -> Result<LinearQ, Error> {
        self.check()?;
        let (features, design) = super::sequence::design(self, log)?;
        let rows: Vec<(usize, f64)> = (0..log.n_rows()).map(|row| (row, 1.0)).collect();
        let operator = Operator::of(&Moments::of(&design, &rows), self.ridge())?;
        Ok(LinearQ::new(features, operator.iterate(self)?))
    }
}

/// Coefficients of all actions one after another, `k·p`, seen as `(k, p)`.
pub(crate) fn by_action(coefficients: &Array1<f64>, p: usize) -> ArrayView2<'_, f64> {
    let n_actions = coefficients.len() / p;
    let view = coefficients.view().into_shape_with_order((n_actions, p));
    view.unwrap_or_else(|_| ArrayView2::from(&[] as &[[f64; 0]]))
}

/// Coefficients after each number of decisions.
#[derive(Clone, Debug)]
pub(crate) struct Coefficients {
    /// Of a number of steps: after 0, 1, …; without end: the last alone.
    iterates: Vec<Array1<f64>>,
    endless: bool,
    pub(crate) report: FqeReport,
}

impl Coefficients {
    /// Of the whole horizon.
    pub(crate) fn last(&self) -> &Array1<f64> {
        &self.iterates[self.iterates.len() - 1]
    }

    /// Where `step` decisions are over.
    pub(crate) fn after(&self, step: usize) -> &Array1<f64> {
        let last = self.iterates.len() - 1;
        if self.endless { self.last() } else { &self.iterates[last.saturating_sub(step)] }
    }

    /// Pairs of coefficients and those their right side came from, the whole horizon first.
    pub(crate) fn pairs(&self) -> Vec<(&Array1<f64>, &Array1<f64>)> {
        if self.endless {
            return vec![(self.last(), self.last())];
        }
        self.iterates.windows(2).rev().map(|pair| (&pair[1], &pair[0])).collect()
    }
}

/// One iteration of fitted Q evaluation: `coefficients ↦ start + step·coefficients`.
#[derive(Clone, Debug)]
pub(crate) struct Operator {
    start: Array1<f64>,
    /// `(k·p, k·p)`, or without columns where only the reward counts.
    step: Array2<f64>,
    grams: Vec<Cholesky>,
    /// Actions without rows, which the model of all rows stands in for.
    pooled: Vec<bool>,
    p: usize,
}

impl Operator {
    pub(crate) fn of(moments: &Moments, ridge: f64) -> Result<Self, DataError> {
        let singular = DataError::Undefined {
            figure: "the model of values",
            reason: "its normal equations are singular",
        };
        let all = moments.pooled().ok_or_else(|| singular.clone())?;
        let own = |action: &ActionMoments| action.n_rows > 0.0;
        let blocks: Option<Vec<_>> = moments
            .0
            .par_iter()
            .map(|action| block(if own(action) { action } else { &all }, ridge))
            .collect();
        let blocks = blocks.ok_or(singular)?;
        let start: Array1<f64> = blocks.iter().flat_map(|block| block.1.to_vec()).collect();
        let views: Vec<_> = blocks.iter().map(|block| block.2.view()).collect();
        let step = concatenate(Axis(0), &views).unwrap_or_default();
        let (p, grams) = (all.gram.nrows(), blocks.into_iter().map(|block| block.0).collect());
        Ok(Self { start, step, grams, pooled: moments.0.iter().map(|action| !own(action)).collect(), p })
    }

    fn report(&self, n_iterations: usize, converged: bool, last_change: f64) -> FqeReport {
        let pooled_actions = (0..self.pooled.len()).filter(|action| self.pooled[*action]).collect();
        FqeReport { n_iterations, converged, last_change, pooled_actions }
    }

    /// The model of rewards alone.
    pub(crate) fn rewards(&self) -> Coefficients {
        let iterates = vec![Array1::zeros(self.start.len()), self.start.clone()];
        Coefficients { iterates, endless: false, report: self.report(1, true, 1.0) }
    }

    /// All iterations, from values of 0.
    pub(crate) fn iterate(&self, params: &OffPolicyParams) -> Result<Coefficients, Error> {
        let endless = params.n_steps().is_none();
        let n_max = params.n_steps().unwrap_or(params.max_iter());
        let mut iterates = vec![Array1::zeros(self.start.len())];
        let (mut change, mut converged) = (f64::INFINITY, !endless);
        let mut n_iterations = 0;
        while n_iterations < n_max && !(endless && converged) {
            let old = &iterates[iterates.len() - 1];
            let new = &self.start + &self.step.dot(old);
            let absolute = largest(&(&new - old));
            let bounded = absolute.is_finite() && absolute <= DIVERGED * (1.0 + largest(&self.start));
            if !bounded {
                return Err(Error::FqeDiverged { iteration: n_iterations, change: absolute });
            }
            change = absolute / largest(&new).max(f64::MIN_POSITIVE);
            n_iterations += 1;
            if endless {
                iterates.clear();
                converged = change <= params.tol();
            }
            iterates.push(new);
        }
        Ok(Coefficients { iterates, endless, report: self.report(n_iterations, converged, change) })
    }

    /// How the value `start·coefficients` moves with each row, where `start` weighs the coefficients of the whole horizon.
    ///
    /// A row moves coefficients by `G⁻¹ x (target − prediction)`, directly and through the iterations that follow.
    pub(crate) fn influences(&self, design: &Design, found: &Coefficients, start: &Array1<f64>) -> Vec<f64> {
        let mut sums = vec![0.0; design.actions.len()];
        let mut gradient = if found.endless {
            self.endless_gradient(start, found.report.n_iterations)
        } else {
            start.clone()
        };
        for (own, before) in found.pairs() {
            let weights = self.per_row_weights(&gradient);
            let targets = targets(design, before);
            self.add_residuals(design, (own, &weights, &targets), &mut sums);
            if design.next.is_some() {
                gradient = self.step.t().dot(&gradient);
            }
        }
        sums
    }

    /// `Σⱼ (stepᵀ)ʲ·start`: what a change in one iteration moves in the limit.
    fn endless_gradient(&self, start: &Array1<f64>, n_iterations: usize) -> Array1<f64> {
        let (mut sum, mut term) = (start.clone(), start.clone());
        let transposed = self.step.t().as_standard_layout().into_owned();
        for _ in 0..n_iterations {
            term = transposed.dot(&term);
            sum += &term;
        }
        sum
    }

    /// `G⁻¹·gradient` of each action.
    fn per_row_weights(&self, gradient: &Array1<f64>) -> Vec<Array1<f64>> {
        let parts = gradient.exact_chunks(self.p).into_iter().map(|part| part.to_owned());
        parts.zip(&self.grams).map(|(part, gram)| gram.solve_one(&part)).collect()
    }

    fn add_residuals(
        &self,
        design: &Design,
        (own, weights, targets): (&Array1<f64>, &[Array1<f64>], &Array1<f64>),
        sums: &mut [f64],
    ) {
        let own = by_action(own, self.p);
        for (row, sum) in sums.iter_mut().enumerate() {
            let x = design.x.row(row);
            for (action, weight) in weights.iter().enumerate() {
                if self.pooled[action] || design.actions[row] == action {
                    *sum += weight.dot(&x) * (targets[row] - own.row(action).dot(&x));
                }
            }
        }
    }
}

/// A change of coefficients so many times the first ones is taken as divergence.
const DIVERGED: f64 = 1e9;

fn largest(values: &Array1<f64>) -> f64 {
    if values.iter().all(|value| value.is_finite()) {
        return values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    }
    f64::INFINITY
}

/// The right sides of the regression: rewards and the discounted values of the next states.
fn targets(design: &Design, before: &Array1<f64>) -> Array1<f64> {
    let after = design.next.as_ref().map(|next| {
        let values = next.x.dot(&by_action(before, next.x.ncols()).t());
        (values * &next.weights).sum_axis(Axis(1))
    });
    after.map_or_else(|| design.rewards.clone(), |after| after + &design.rewards)
}

type Block = (Cholesky, Array1<f64>, Array2<f64>);

fn block(action: &ActionMoments, ridge: f64) -> Option<Block> {
    let mut gram = action.gram.clone();
    gram.diag_mut().iter_mut().skip(1).for_each(|square| *square += ridge);
    let gram = Cholesky::of(gram)?;
    let (right, cross) = (gram.solve_one(&action.right), gram.solve(action.cross.clone()));
    Some((gram, right, cross))
}
