//! How much a bandit loses while it learns.

use std::collections::VecDeque;

use fincoach_core::ParamError;
use fincoach_core::rng::{Rng, stream};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::problem::BanditProblem;
use super::{ArmSet, Bandit, Online};
use crate::Error;

/// Measures the regret of a bandit on a problem over several seeds.
///
/// Regret is pseudo-regret: the expected reward of the best arm of each moment less that of the arm taken, added up.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `n_decisions` | 10,000 | `≥ n_points` | decisions of a run |
/// | `n_points` | 100 | `≥ 1` | points of the curve; decisions are divided evenly among them |
/// | `n_seeds` | 5 | `≥ 1` | runs |
/// | `delay` | 0 | any | how many later decisions are made before the feedback of one comes |
/// | `min_propensity` | 0 | `[0, 1/n_arms]` | as in [`Online`] |
/// | `seed` | 0 | any | run `i` draws from its streams `2i` (problem) and `2i + 1` (bandit) |
///
/// Runs are shared among the threads there are; the result does not depend on their number.
///
/// # Examples
/// ```
/// use fincoach_recommend::{BernoulliProblem, RegretPlan, ThompsonBernoulli};
/// let problem = BernoulliProblem::new(&[0.1, 0.9])?;
/// let plan = RegretPlan::default().with_n_decisions(200).with_n_points(2);
/// let curve = plan.measure(&problem, &ThompsonBernoulli::new(2)?)?;
/// assert_eq!(curve.decisions, [100, 200]);
/// assert!(curve.mean[1] < 10.0 && curve.best_share[1] > 0.9);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RegretPlan {
    n_decisions: u64,
    n_points: usize,
    n_seeds: usize,
    delay: usize,
    min_propensity: f64,
    seed: u64,
}

impl Default for RegretPlan {
    fn default() -> Self {
        Self { n_decisions: 10_000, n_points: 100, n_seeds: 5, delay: 0, min_propensity: 0.0, seed: 0 }
    }
}

/// The regret of a bandit over decisions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RegretCurve {
    /// Decisions made at each point.
    pub decisions: Vec<u64>,
    /// Regret up to each point, mean over seeds.
    pub mean: Vec<f64>,
    /// Its standard deviation over seeds (of the sample, divided by `n - 1`; 0 for one seed).
    pub deviation: Vec<f64>,
    /// Share of decisions between the point before and this one that took a best arm, mean over seeds.
    pub best_share: Vec<f64>,
    /// Regret at the end, one a seed.
    pub last: Vec<f64>,
    /// Share of best arms at the last point, one a seed.
    pub last_best_share: Vec<f64>,
}

impl RegretPlan {
    /// Sets the decisions of a run.
    #[must_use]
    pub const fn with_n_decisions(mut self, n_decisions: u64) -> Self {
        self.n_decisions = n_decisions;
        self
    }

    /// Sets the points of the curve.
    #[must_use]
    pub const fn with_n_points(mut self, n_points: usize) -> Self {
        self.n_points = n_points;
        self
    }

    /// Sets the number of runs.
    #[must_use]
    pub const fn with_n_seeds(mut self, n_seeds: usize) -> Self {
        self.n_seeds = n_seeds;
        self
    }

    /// Sets how many later decisions are made before the feedback of one comes.
    #[must_use]
    pub const fn with_delay(mut self, delay: usize) -> Self {
        self.delay = delay;
        self
    }

    /// Sets the least probability of an arm.
    #[must_use]
    pub const fn with_min_propensity(mut self, min_propensity: f64) -> Self {
        self.min_propensity = min_propensity;
        self
    }

    /// Sets the seed.
    #[must_use]
    pub const fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The decisions of a run.
    #[must_use]
    pub const fn n_decisions(&self) -> u64 {
        self.n_decisions
    }

    /// The points of the curve.
    #[must_use]
    pub const fn n_points(&self) -> usize {
        self.n_points
    }

    /// The number of runs.
    #[must_use]
    pub const fn n_seeds(&self) -> usize {
        self.n_seeds
    }

    /// How many later decisions are made before the feedback of one comes.
    #[must_use]
    pub const fn delay(&self) -> usize {
        self.delay
    }

    /// The least probability of an arm.
    #[must_use]
    pub const fn min_propensity(&self) -> f64 {
        self.min_propensity
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The regret of copies of this bandit, each on a run of its own.
    ///
    /// # Errors
    /// [`Error::Param`], and whatever the bandit says to the contexts and rewards of the problem.
    pub fn measure<P, B>(&self, problem: &P, bandit: &B) -> Result<RegretCurve, Error>
    where
        P: BanditProblem + Sync,
        B: Bandit + Clone + Sync,
    {
        let Self { n_decisions, n_points, n_seeds, .. } = *self;
        ParamError::ensure(n_points >= 1, "n_points", "at least 1", n_points)?;
        ParamError::ensure(n_seeds >= 1, "n_seeds", "at least 1", n_seeds)?;
        let enough = n_decisions >= n_points as u64;
        ParamError::ensure(enough, "n_decisions", "at least n_points", n_decisions)?;
        let run = |index: u64| Run::start(self, bandit, index)?.finish(self, problem);
        let runs: Vec<Points> = (0..n_seeds as u64).into_par_iter().map(run).collect::<Result<_, _>>()?;
        Ok(summary(self.ends(), &runs))
    }

    /// After how many decisions each point is taken.
    fn ends(&self) -> Vec<u64> {
        let n_points = self.n_points as u64;
        let end =
            |point: u64| (u128::from(self.n_decisions) * u128::from(point) / u128::from(n_points)) as u64;
        (1..=n_points).map(end).collect()
    }
}

/// Regret and share of best arms at each point of one run.
type Points = Vec<[f64; 2]>;

struct Run<B> {
    online: Online<B>,
    allowed: ArmSet,
    world: Rng,
    chance: Rng,
    waiting: VecDeque<(u64, f64)>,
    regret: f64,
    n_best: u64,
}

impl<B: Bandit + Clone> Run<B> {
    fn start(plan: &RegretPlan, bandit: &B, index: u64) -> Result<Self, Error> {
        Ok(Self {
            online: Online::new(bandit.clone()).with_min_propensity(plan.min_propensity)?,
            allowed: ArmSet::all(bandit.n_arms()),
            world: stream(plan.seed, 2 * index),
            chance: stream(plan.seed, 2 * index + 1),
            waiting: VecDeque::new(),
            regret: 0.0,
            n_best: 0,
        })
    }

    fn finish<P: BanditProblem>(mut self, plan: &RegretPlan, problem: &P) -> Result<Points, Error> {
        let mut points = Points::new();
        let mut begun = 0;
        for end in plan.ends() {
            self.n_best = 0;
            for step in begun..end {
                self.step(problem, step, plan.delay)?;
            }
            points.push([self.regret, self.n_best as f64 / (end - begun) as f64]);
            begun = end;
        }
        Ok(points)
    }

    fn step<P: BanditProblem>(&mut self, problem: &P, step: u64, delay: usize) -> Result<(), Error> {
        let round = problem.round(step, &mut self.world);
        let choice = self.online.choose(&round.context, &self.allowed, &mut self.chance)?;
        let best = round.means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let n_arms = round.means.len();
        let mean = *round.means.get(choice.arm).ok_or(Error::UnknownArm { arm: choice.arm, n_arms })?;
        self.regret += best - mean;
        self.n_best += u64::from(mean >= best);
        self.waiting.push_back((choice.id, problem.reward(mean, &mut self.world)));
        while self.waiting.len() > delay {
            if let Some((id, reward)) = self.waiting.pop_front() {
                self.online.feedback(id, reward)?;
            }
        }
        Ok(())
    }
}

fn summary(decisions: Vec<u64>, runs: &[Points]) -> RegretCurve {
    let at = |point: usize, part: usize| runs.iter().map(|run| run[point][part]).collect::<Vec<f64>>();
    let points = 0..decisions.len();
    let spread = |point: usize| mean_and_deviation(&at(point, 0));
    let (mean, deviation) = points.clone().map(spread).unzip();
    let best_share = points.map(|point| mean_and_deviation(&at(point, 1)).0).collect();
    let end = decisions.len() - 1;
    RegretCurve { decisions, mean, deviation, best_share, last: at(end, 0), last_best_share: at(end, 1) }
}

fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let square: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (mean, (square / (n - 1.0).max(1.0)).sqrt())
}
