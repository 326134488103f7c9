//! How a policy is judged from a log.

use fincoach_core::rng::{derived, stream};
use fincoach_core::{ParamError, parameters};
use serde::{Deserialize, Serialize};

use super::basis::Basis;
use super::bounds::IntervalMethod;

/// How far a trajectory is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Horizon {
    /// So many decisions from the first state of a trajectory; at least 1.
    Steps(usize),
    /// Without end, later rewards counting less by `gamma`.
    Endless,
}

/// The unit of a trajectory's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scale {
    /// The discounted sum of rewards.
    Total,
    /// That sum divided by `Σₜ gammaᵗ` up to the horizon: the weighted mean reward of a step.
    PerStep,
}

/// Parameters of off-policy estimators.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `level` | 0.95 | `(0, 1)` | nominal coverage of intervals |
/// | `interval` | normal | – | how intervals are made |
/// | `n_resamples` | 1000 | `≥ 40` | bootstrap samples of users where nothing is fitted again |
/// | `n_refits` | 100 | `≥ 40` | bootstrap samples where a model is fitted to each |
/// | `clip` | none | `(0, ∞)` | largest weight of a decision; less noise for some bias |
/// | `threshold` | none | `(0, ∞)` | weight above which SWITCH trusts the model; none: chosen from the log |
/// | `n_folds` | 5 | `≥ 2` | folds of users for the models inside doubly robust estimators |
/// | `basis` | linear | – | functions of the state that models are linear in |
/// | `ridge` | 1 | `(0, ∞)` | penalty on squared coefficients of standardised functions, beside a sum of squares; never on the intercept |
/// | `gamma` | 0.99 | `[0, 1]` | what a reward one step later counts; 1 with a number of steps only |
/// | `horizon` | endless | – | how far trajectories are judged |
/// | `scale` | total | – | unit of a trajectory's value |
/// | `tol` | 1e-10 | `[0, ∞)` | change of coefficients, relative to the largest, at which fitted Q evaluation stops |
/// | `max_iter` | 10,000 | `≥ 1` | iterations after which it stops anyway |
/// | `seed` | 42 | any | folds and bootstrap samples |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OffPolicyParams {
    level: f64,
    interval: IntervalMethod,
    n_resamples: usize,
    n_refits: usize,
    clip: Option<f64>,
    threshold: Option<f64>,
    n_folds: usize,
    basis: Basis,
    ridge: f64,
    gamma: f64,
    horizon: Horizon,
    scale: Scale,
    tol: f64,
    max_iter: usize,
    seed: u64,
}

impl Default for OffPolicyParams {
    fn default() -> Self {
        Self {
            level: 0.95,
            interval: IntervalMethod::Normal,
            n_resamples: 1000,
            n_refits: 100,
            clip: None,
            threshold: None,
            n_folds: 5,
            basis: Basis::Linear,
            ridge: 1.0,
            gamma: 0.99,
            horizon: Horizon::Endless,
            scale: Scale::Total,
            tol: 1e-10,
            max_iter: 10_000,
            seed: 42,
        }
    }
}

parameters! { OffPolicyParams:
    /// The nominal coverage of intervals.
    level, with_level: f64;
    /// How intervals are made.
    interval, with_interval: IntervalMethod;
    /// The bootstrap samples where nothing is fitted again.
    n_resamples, with_n_resamples: usize;
    /// The bootstrap samples where a model is fitted to each.
    n_refits, with_n_refits: usize;
    /// The largest weight of a decision.
    clip, with_clip: Option<f64>;
    /// The weight above which SWITCH trusts the model.
    threshold, with_threshold: Option<f64>;
    /// The folds of users for models inside doubly robust estimators.
    n_folds, with_n_folds: usize;
    /// The functions of the state that models are linear in.
    basis, with_basis: Basis;
    /// The penalty on squared coefficients.
    ridge, with_ridge: f64;
    /// What a reward one step later counts.
    gamma, with_gamma: f64;
    /// How far trajectories are judged.
    horizon, with_horizon: Horizon;
    /// The unit of a trajectory's value.
    scale, with_scale: Scale;
    /// The relative change of coefficients at which fitted Q evaluation stops.
    tol, with_tol: f64;
    /// The iterations after which fitted Q evaluation stops anyway.
    max_iter, with_max_iter: usize;
    /// The seed.
    seed, with_seed: u64;
}

impl OffPolicyParams {
    /// The fold of each user, in the order of their first rows; every model that judges a user is fitted without them.
    #[must_use]
    pub fn folds(&self, n_users: usize) -> Vec<usize> {
        let mut folds = vec![0; n_users];
        let order = stream(derived(self.seed, "off-policy folds"), 0).permutation(n_users);
        for (place, user) in order.into_iter().enumerate() {
            folds[user] = place % self.n_folds.max(1);
        }
        folds
    }

    /// What a trajectory's discounted sum is multiplied by.
    pub(crate) fn factor(&self) -> f64 {
        let steps = match self.horizon {
            Horizon::Steps(steps) if self.gamma == 1.0 => steps as f64,
            Horizon::Steps(steps) => (1.0 - self.gamma.powf(steps as f64)) / (1.0 - self.gamma),
            Horizon::Endless => 1.0 / (1.0 - self.gamma),
        };
        if self.scale == Scale::PerStep { 1.0 / steps } else { 1.0 }
    }

    /// The number of decisions that count, if there is one.
    pub(crate) const fn n_steps(&self) -> Option<usize> {
        match self.horizon {
            Horizon::Steps(steps) => Some(steps),
            Horizon::Endless => None,
        }
    }

    /// Checks every range.
    pub(crate) fn check(&self) -> Result<(), ParamError> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let at_least =
            |name, least, allowed, count: usize| ParamError::ensure(count >= least, name, allowed, count);
        let level = self.level;
        ParamError::ensure(level > 0.0 && level < 1.0, "level", "in (0, 1)", level)?;
        at_least("n_resamples", 40, "at least 40", self.n_resamples)?;
        at_least("n_refits", 40, "at least 40", self.n_refits)?;
        at_least("n_folds", 2, "at least 2", self.n_folds)?;
        let bins = if let Basis::Bins(bins) = self.basis { bins } else { 2 };
        at_least("basis", 2, "at least 2 bins", bins)?;
        at_least("max_iter", 1, "at least 1", self.max_iter)?;
        let (clip, threshold) = (self.clip.unwrap_or(1.0), self.threshold.unwrap_or(1.0));
        ParamError::ensure(positive(clip), "clip", "above 0 and finite", clip)?;
        ParamError::ensure(positive(threshold), "threshold", "above 0 and finite", threshold)?;
        ParamError::ensure(positive(self.ridge), "ridge", "above 0 and finite", self.ridge)?;
        let tol = self.tol;
        ParamError::ensure(tol >= 0.0 && tol.is_finite(), "tol", "at least 0 and finite", tol)?;
        self.check_horizon()
    }

    fn check_horizon(&self) -> Result<(), ParamError> {
        let gamma = self.gamma;
        match self.horizon {
            Horizon::Steps(steps) => {
                ParamError::ensure(steps >= 1, "horizon", "at least 1 step", steps)?;
                ParamError::ensure((0.0..=1.0).contains(&gamma), "gamma", "in [0, 1]", gamma)
            }
            Horizon::Endless => ParamError::ensure(
                (0.0..1.0).contains(&gamma),
                "gamma",
                "in [0, 1) for an endless horizon",
                gamma,
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_checked_and_nan_fails() {
        let fine = OffPolicyParams::default;
        assert!(fine().check().is_ok());
        assert!(fine().with_gamma(1.0).with_horizon(Horizon::Steps(3)).check().is_ok());
        for wrong in [
            fine().with_level(f64::NAN),
            fine().with_gamma(1.0),
            fine().with_gamma(f64::NAN),
            fine().with_ridge(0.0),
            fine().with_clip(Some(f64::NAN)),
            fine().with_threshold(Some(0.0)),
            fine().with_horizon(Horizon::Steps(0)),
            fine().with_n_folds(1),
            fine().with_n_resamples(0),
            fine().with_tol(f64::NAN),
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn every_fold_has_its_share_of_users() {
        let folds = OffPolicyParams::default().with_n_folds(3).folds(8);
        let sizes = [0, 1, 2].map(|fold| folds.iter().filter(|own| **own == fold).count());
        assert_eq!(sizes, [3, 3, 2]);
    }

    #[test]
    fn the_mean_of_a_step_divides_by_the_discounted_steps() {
        let params = OffPolicyParams::default().with_scale(Scale::PerStep);
        assert!((params.clone().with_gamma(0.9).factor() - 0.1).abs() < 1e-15);
        let three = params.with_horizon(Horizon::Steps(3));
        assert_eq!(three.clone().with_gamma(1.0).factor(), 1.0 / 3.0);
        assert!((three.with_gamma(0.5).factor() - 1.0 / 1.75).abs() < 1e-15);
    }
}
