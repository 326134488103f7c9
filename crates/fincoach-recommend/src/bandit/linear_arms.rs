//! A linear model of the reward of each arm.

use fincoach_core::{DataError, ParamError};
use serde::{Deserialize, Serialize};

use super::{bad_reward, contradiction, ensure_arms, ensure_context, ensure_known};
use crate::Error;

/// Ridge regressions of rewards on contexts, one an arm (disjoint), discounted where they forget.
///
/// With weights `wₛ = forgetting^(age of feedback s)`, over the feedbacks of an arm:
/// `V = λI + Σ wₛ xₛxₛᵀ`, `b = Σ wₛ rₛ xₛ`, `θ = V⁻¹b`, and `Ṽ = λI + Σ wₛ² xₛxₛᵀ`.
///
/// What is kept and saved are the sums; factors are made from them anew after each feedback, so that rounding
/// does not add up and a bandit read from a file goes on as if it had never stopped.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LinearArms {
    context_len: usize,
    ridge: f64,
    forgetting: f64,
    arms: Vec<Arm>,
}

/// Symmetric matrices are kept as their lower triangles, row by row.
#[derive(Clone, Debug, PartialEq)]
struct Arm {
    count: u64,
    gram: Vec<f64>,
    /// Sums with squared weights; only where the bandit forgets.
    squared: Option<Vec<f64>>,
    moment: Vec<f64>,
    /// `L` of `V = LLᵀ`.
    factor: Vec<f64>,
    theta: Vec<f64>,
}

/// The mean of the reward that an arm promises, and how uncertain it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Promise {
    /// `θ·x`.
    pub(super) mean: f64,
    /// `sqrt(xᵀV⁻¹ṼV⁻¹x)`: in units of the deviation of rewards.
    pub(super) width: f64,
}

impl LinearArms {
    pub(super) fn new(n_arms: usize, context_len: usize) -> Result<Self, Error> {
        ensure_arms(n_arms)?;
        ParamError::ensure(context_len >= 1, "context_len", "at least 1", context_len)?;
        let arms = Self { context_len, ridge: 1.0, forgetting: 1.0, arms: Vec::new() };
        arms.started(n_arms)
    }

    /// The same parameters with arms of which nothing is known.
    fn started(mut self, n_arms: usize) -> Result<Self, Error> {
        let n = self.context_len;
        let gram = vec![0.0; n * (n + 1) / 2];
        let squared = (self.forgetting < 1.0).then(|| gram.clone());
        let arm = Arm::of_sums(Sums { count: 0, gram, squared, moment: vec![0.0; n] }, self.ridge)
            .ok_or_else(|| contradiction("the penalty is too small to be inverted"))?;
        self.arms = vec![arm; n_arms];
        Ok(self)
    }

    pub(super) fn with_ridge(mut self, ridge: f64) -> Result<Self, Error> {
        ParamError::ensure((1e-12..=1e12).contains(&ridge), "ridge", "in [1e-12, 1e12]", ridge)?;
        ParamError::ensure(!self.has_learnt(), "ridge", "set before the first feedback", ridge)?;
        self.ridge = ridge;
        let n_arms = self.n_arms();
        self.started(n_arms)
    }

    pub(super) fn with_forgetting(mut self, forgetting: f64) -> Result<Self, Error> {
        super::ensure_forgetting(forgetting, self.has_learnt())?;
        self.forgetting = forgetting;
        let n_arms = self.n_arms();
        self.started(n_arms)
    }

    pub(super) const fn n_arms(&self) -> usize {
        self.arms.len()
    }

    pub(super) const fn context_len(&self) -> usize {
        self.context_len
    }

    pub(super) const fn ridge(&self) -> f64 {
        self.ridge
    }

    pub(super) const fn forgetting(&self) -> f64 {
        self.forgetting
    }

    pub(super) fn counts(&self) -> Vec<u64> {
        self.arms.iter().map(|arm| arm.count).collect()
    }

    pub(super) fn theta(&self, arm: usize) -> Option<&[f64]> {
        self.arms.get(arm).map(|arm| arm.theta.as_slice())
    }

    fn has_learnt(&self) -> bool {
        self.arms.iter().any(|arm| arm.count > 0)
    }

    /// The mean of what each arm promises: `O(n_arms · context_len)`.
    pub(super) fn means(&self, context: &[f64]) -> Result<Vec<f64>, Error> {
        ensure_context(context, self.context_len)?;
        Ok(self.arms.iter().map(|arm| dot(&arm.theta, context)).collect())
    }

    /// What each arm promises in a context: `O(n_arms · context_len²)`.
    pub(super) fn promises(&self, context: &[f64]) -> Result<Vec<Promise>, Error> {
        ensure_context(context, self.context_len)?;
        self.arms
            .iter()
            .enumerate()
            .map(|(index, arm)| {
                let promise = arm.promise(context, self.ridge);
                let finite = promise.mean.is_finite() && promise.width.is_finite();
                let column = || "promise of an arm".to_owned();
                if finite {
                    Ok(promise)
                } else {
                    Err(DataError::NotFinite { row: index, column: column(), value: promise.mean }.into())
                }
            })
            .collect()
    }

    /// `O(context_len³)`, and for every arm where the bandit forgets.
    pub(super) fn learn(&mut self, context: &[f64], arm: usize, reward: f64) -> Result<(), Error> {
        ensure_known(arm, self.n_arms())?;
        ensure_context(context, self.context_len)?;
        let learnt = self.arms[arm].learnt((context, reward), self.ridge, self.forgetting);
        let learnt = learnt.ok_or_else(|| bad_reward(arm, reward))?;
        if self.forgetting < 1.0 {
            self.fade()?;
        }
        self.arms[arm] = learnt;
        Ok(())
    }

    fn fade(&mut self) -> Result<(), Error> {
        let fade = |arm: &Arm| {
            let mut sums = arm.sums();
            sums.fade(self.forgetting);
            Arm::of_sums(sums, self.ridge).ok_or_else(|| contradiction("sums of contexts overflow"))
        };
        self.arms = self.arms.iter().map(fade).collect::<Result<_, _>>()?;
        Ok(())
    }
}

impl Arm {
    fn sums(&self) -> Sums {
        let Self { count, gram, squared, moment, .. } = self;
        Sums { count: *count, gram: gram.clone(), squared: squared.clone(), moment: moment.clone() }
    }

    /// The arm of these sums; none where a matrix is not positive definite or something is not finite.
    fn of_sums(sums: Sums, ridge: f64) -> Option<Self> {
        let n = sums.moment.len();
        let factor = cholesky(&sums.gram, ridge, n)?;
        let theta = solved(&factor, &sums.moment);
        let Sums { count, gram, squared, moment } = sums;
        theta.iter().all(|value| value.is_finite()).then_some(())?;
        Some(Self { count, gram, squared, moment, factor, theta })
    }

    fn learnt(&self, (context, reward): (&[f64], f64), ridge: f64, forgetting: f64) -> Option<Self> {
        let mut sums = self.sums();
        if forgetting < 1.0 {
            sums.fade(forgetting);
        }
        add_square(&mut sums.gram, context);
        if let Some(squared) = &mut sums.squared {
            add_square(squared, context);
        }
        for (moment, value) in sums.moment.iter_mut().zip(context) {
            *moment += reward * value;
        }
        sums.count += 1;
        Self::of_sums(sums, ridge)
    }

    fn promise(&self, context: &[f64], ridge: f64) -> Promise {
        let mean = dot(&self.theta, context);
        let half = forward(&self.factor, context);
        let Some(squared) = &self.squared else { return Promise { mean, width: dot(&half, &half).sqrt() } };
        let y = backward(&self.factor, half);
        Promise { mean, width: (ridge * dot(&y, &y) + quadratic(squared, &y)).max(0.0).sqrt() }
    }
}

/// What an arm is made of.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sums {
    count: u64,
    gram: Vec<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    squared: Option<Vec<f64>>,
    moment: Vec<f64>,
}

impl Sums {
    fn fade(&mut self, forgetting: f64) {
        for value in self.gram.iter_mut().chain(&mut self.moment) {
            *value *= forgetting;
        }
        for value in self.squared.iter_mut().flatten() {
            *value *= forgetting * forgetting;
        }
    }

    fn ensure(&self, context_len: usize, repr: &LinearRepr) -> Result<(), Error> {
        let n = context_len * (context_len + 1) / 2;
        DataError::ensure_len("numbers of a matrix", n, self.gram.len())?;
        DataError::ensure_len("numbers of a vector", context_len, self.moment.len())?;
        if self.squared.is_some() == (repr.forgetting >= 1.0) {
            return Err(contradiction("squared weights stand there if and only if the bandit forgets"));
        }
        if let Some(squared) = &self.squared {
            DataError::ensure_len("numbers of a matrix", n, squared.len())?;
            if cholesky(squared, repr.ridge, context_len).is_none() {
                return Err(contradiction("a matrix is not positive definite"));
            }
        }
        let nothing = |values: &[f64]| values.iter().all(|value| *value == 0.0);
        if self.count == 0 && !(nothing(&self.gram) && nothing(&self.moment)) {
            return Err(contradiction("sums of an arm that was never tried"));
        }
        Ok(())
    }
}

/// The form on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LinearRepr {
    context_len: usize,
    ridge: f64,
    forgetting: f64,
    arms: Vec<Sums>,
}

impl From<LinearArms> for LinearRepr {
    fn from(model: LinearArms) -> Self {
        let LinearArms { context_len, ridge, forgetting, ref arms } = model;
        Self { context_len, ridge, forgetting, arms: arms.iter().map(Arm::sums).collect() }
    }
}

impl TryFrom<LinearRepr> for LinearArms {
    type Error = Error;

    fn try_from(repr: LinearRepr) -> Result<Self, Error> {
        // Checked first: lengths follow from it, and a damaged file may ask for any.
        for sums in &repr.arms {
            DataError::ensure_len("numbers of a vector", repr.context_len, sums.moment.len())?;
        }
        let mut model = Self::new(repr.arms.len(), repr.context_len)?
            .with_ridge(repr.ridge)?
            .with_forgetting(repr.forgetting)?;
        repr.arms.iter().try_for_each(|sums| sums.ensure(repr.context_len, &repr))?;
        let arm = |sums: Sums| {
            Arm::of_sums(sums, repr.ridge).ok_or_else(|| contradiction("a matrix is not positive definite"))
        };
        model.arms = repr.arms.into_iter().map(arm).collect::<Result<_, _>>()?;
        Ok(model)
    }
}

/// What bandits with a linear model of each arm have in common: parameters of the model, what is known of it, and the form
/// on disk. `$own` is the one number that a bandit has beside its `arms`.
macro_rules! linear_bandit {
    ($bandit:ident, $own:ident, $with_own:ident) => {
        impl $bandit {
            /// Sets the penalty on the squared length of the weights.
            ///
            /// # Errors
            /// [`ParamError`] outside `[10⁻¹², 10¹²]` or after the first feedback.
            pub fn with_ridge(mut self, ridge: f64) -> Result<Self, Error> {
                self.arms = self.arms.with_ridge(ridge)?;
                Ok(self)
            }

            /// Sets how much a feedback weighs when the next one comes.
            ///
            /// # Errors
            /// [`ParamError`] outside `(0, 1]` or after the first feedback.
            pub fn with_forgetting(mut self, forgetting: f64) -> Result<Self, Error> {
                self.arms = self.arms.with_forgetting(forgetting)?;
                Ok(self)
            }

            /// The penalty on the squared length of the weights.
            #[must_use]
            pub const fn ridge(&self) -> f64 {
                self.arms.ridge()
            }

            /// How much a feedback weighs when the next one comes.
            #[must_use]
            pub const fn forgetting(&self) -> f64 {
                self.arms.forgetting()
            }

            /// How often each arm got feedback.
            #[must_use]
            pub fn counts(&self) -> Vec<u64> {
                self.arms.counts()
            }

            /// The weights `θ` of an arm, if there is such an arm.
            #[must_use]
            pub fn theta(&self, arm: usize) -> Option<&[f64]> {
                self.arms.theta(arm)
            }

            /// The reward that each arm is expected to bring in a context: `θᵢ·x`.
            ///
            /// # Errors
            /// As [`Bandit::probabilities`].
            pub fn expected(&self, context: &[f64]) -> Result<Vec<f64>, Error> {
                self.arms.means(context)
            }
        }

        #[derive(Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Repr {
            $own: f64,
            model: LinearRepr,
        }

        impl From<$bandit> for Repr {
            fn from(bandit: $bandit) -> Self {
                Self { $own: bandit.$own, model: bandit.arms.into() }
            }
        }

        impl TryFrom<Repr> for $bandit {
            type Error = Error;

            fn try_from(repr: Repr) -> Result<Self, Error> {
                let arms = LinearArms::try_from(repr.model)?;
                Self { $own: 1.0, arms }.$with_own(repr.$own)
            }
        }
    };
}

pub(super) use linear_bandit;

/// Where row `row` of a lower triangle begins.
const fn start(row: usize) -> usize {
    row * (row + 1) / 2
}

/// Row `row` of a lower triangle, up to the diagonal.
fn row_of(triangle: &[f64], row: usize) -> &[f64] {
    &triangle[start(row)..=start(row) + row]
}

/// `L` with `LLᵀ = ridge·I + gram`; none unless that is positive definite and finite.
fn cholesky(gram: &[f64], ridge: f64, n: usize) -> Option<Vec<f64>> {
    let mut factor = gram.to_vec();
    for row in 0..n {
        for column in 0..row {
            let (above, here) = factor.split_at(start(row));
            let rest = here[column] - dot(&row_of(above, column)[..column], &here[..column]);
            let value = rest / above[start(column) + column];
            factor[start(row) + column] = value;
        }
        let left = row_of(&factor, row);
        let pivot = left[row] + ridge - dot(&left[..row], &left[..row]);
        if !(pivot > 0.0 && pivot.is_finite()) {
            return None;
        }
        factor[start(row) + row] = pivot.sqrt();
    }
    Some(factor)
}

/// `L⁻¹x`.
fn forward(factor: &[f64], x: &[f64]) -> Vec<f64> {
    let mut y: Vec<f64> = Vec::with_capacity(x.len());
    for (row, value) in x.iter().enumerate() {
        let left = row_of(factor, row);
        y.push((value - dot(&left[..row], &y)) / left[row]);
    }
    y
}

/// `L⁻ᵀy`.
fn backward(factor: &[f64], mut y: Vec<f64>) -> Vec<f64> {
    for row in (0..y.len()).rev() {
        let left = row_of(factor, row);
        y[row] /= left[row];
        let value = y[row];
        for (y, l) in y.iter_mut().zip(&left[..row]) {
            *y -= l * value;
        }
    }
    y
}

/// `(LLᵀ)⁻¹b`.
fn solved(factor: &[f64], b: &[f64]) -> Vec<f64> {
    backward(factor, forward(factor, b))
}

fn add_square(triangle: &mut [f64], x: &[f64]) {
    for (row, value) in x.iter().enumerate() {
        for (sum, other) in triangle[start(row)..].iter_mut().zip(&x[..=row]) {
            *sum += value * other;
        }
    }
}

/// `yᵀSy` for a symmetric matrix.
fn quadratic(triangle: &[f64], y: &[f64]) -> f64 {
    let row = |(row, value): (usize, &f64)| {
        let left = row_of(triangle, row);
        value * (2.0 * dot(&left[..row], &y[..row]) + left[row] * value)
    };
    y.iter().enumerate().map(row).sum()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use fincoach_core::rng::stream;

    use super::*;

    #[test]
    fn a_factor_solves_its_equations() {
        let n = 7;
        let mut rng = stream(1, 0);
        let mut gram = vec![0.0; start(n)];
        for _ in 0..20 {
            let x: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
            add_square(&mut gram, &x);
        }
        let b: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
        let theta = solved(&cholesky(&gram, 0.5, n).unwrap(), &b);
        for row in 0..n {
            let at = |column: usize| gram[start(row.max(column)) + row.min(column)];
            let product: f64 = (0..n).map(|column| at(column) * theta[column]).sum();
            assert!((product + 0.5 * theta[row] - b[row]).abs() < 1e-12);
        }
        let value: f64 = (0..n).map(|row| theta[row] * (b[row] - 0.5 * theta[row])).sum();
        assert!((quadratic(&gram, &theta) - value).abs() < 1e-12);
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_has_no_factor() {
        assert!(cholesky(&[1.0, 2.0, 1.0], 0.1, 2).is_none());
        assert!(cholesky(&[f64::NAN], 0.1, 1).is_none());
    }
}
