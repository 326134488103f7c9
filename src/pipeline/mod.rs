//! From a ledger to trained, judged and exported models in one call.

mod advice;
mod evaluation;
mod goal;
mod page;
mod run;
mod segments;
mod spending;
mod stage;

use std::collections::BTreeMap;

use fincoach_core::{Ledger, ParamError, Progress, Silent};
use fincoach_features::V1Params;
use fincoach_forecast::LstmParams;
use fincoach_goals::ForestParams;
use fincoach_recommend::{CqlParams, MaskRules};
use fincoach_segmentation::SegmentationParams;
use serde::{Deserialize, Serialize};

pub use evaluation::{BanditSummary, DataSummary, Evaluation, SegmentationEvaluation};
pub use run::PipelineRun;

use crate::Error;

/// Everything from features to an exported bundle, with one seed.
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `seed` | 42 | every stage has a seed derived from it ([`derived`](fincoach_core::rng::derived)); those of the parameters below are overruled |
/// | `n_seeds` | 5 | seeds over which the spread of networks and segments is told, 2 to 1000 |
/// | `features` | [`V1Params::default`] | schema v1 |
/// | `segmentation` | [`SegmentationParams::default`] after the default preparation of money | segments; fewer where there are few users |
/// | `policy` | [`CqlParams::default`] with 5 heads | learned policy; how much its heads disagree is told with each value |
/// | `rules` | [`MaskRules::usual`] | what may not be said |
/// | `forecast` | [`LstmParams::default`] with a horizon of 7 days | spending of the coming week |
/// | `goals` | [`ForestParams::default`] | forest of the goal |
/// | `provenance` | none | what the bundle says of its data |
///
/// Transitions, rewards and goal labels are the notebook's presets: rules and a formula of the features. They
/// show the machinery at work on any export; a product replaces them by its own log and its own outcomes.
///
/// # Examples
/// ```
/// use fincoach::core::{Artifact, Fit};
/// use fincoach::{Coach, Pipeline};
/// use fincoach::forecast::LstmParams;
/// use fincoach::recommend::CqlParams;
/// use fincoach::simulate::SimulationParams;
///
/// let households = SimulationParams::default().with_n_households(20).with_n_months(2).simulate()?;
/// let run = Pipeline::default()
///     .with_n_seeds(2)
///     .with_policy(CqlParams::default().with_n_epochs(20))
///     .with_forecast(LstmParams::default().with_max_epochs(2))
///     .run(households.ledger())?;
/// assert_eq!(run.evaluation().data.n_users, 20);
/// let advice = Coach::new(run.bundle().clone()).advise(households.ledger())?.advice;
/// assert!((0.0..=1.0).contains(&advice[0].goal_probability));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pipeline {
    seed: u64,
    n_seeds: usize,
    features: V1Params,
    segmentation: SegmentationParams,
    policy: CqlParams,
    rules: MaskRules,
    forecast: LstmParams,
    goals: ForestParams,
    provenance: BTreeMap<String, String>,
}

impl Default for Pipeline {
    fn default() -> Self {
        Self {
            seed: 42,
            n_seeds: 5,
            features: V1Params::default(),
            segmentation: segments::prepared(),
            policy: CqlParams::default().with_n_heads(5),
            rules: MaskRules::usual(),
            forecast: LstmParams::default().with_horizon(7),
            goals: ForestParams::default(),
            provenance: BTreeMap::new(),
        }
    }
}

impl Pipeline {
    /// Users below which models cannot be judged: two a fold of five.
    pub const MIN_USERS: usize = 10;

    /// Sets the seed of every stage.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Sets the number of seeds over which a spread is told.
    #[must_use]
    pub fn with_n_seeds(self, n_seeds: usize) -> Self {
        Self { n_seeds, ..self }
    }

    /// Sets how features are computed.
    #[must_use]
    pub fn with_features(self, features: V1Params) -> Self {
        Self { features, ..self }
    }

    /// Sets how segments are found.
    #[must_use]
    pub fn with_segmentation(self, segmentation: SegmentationParams) -> Self {
        Self { segmentation, ..self }
    }

    /// Sets how the policy is learned.
    #[must_use]
    pub fn with_policy(self, policy: CqlParams) -> Self {
        Self { policy, ..self }
    }

    /// Sets what may not be said.
    #[must_use]
    pub fn with_rules(self, rules: MaskRules) -> Self {
        Self { rules, ..self }
    }

    /// Sets the network of the forecast.
    #[must_use]
    pub fn with_forecast(self, forecast: LstmParams) -> Self {
        Self { forecast, ..self }
    }

    /// Sets the forest of the goal.
    #[must_use]
    pub fn with_goals(self, goals: ForestParams) -> Self {
        Self { goals, ..self }
    }

    /// Adds a word on the data to the manifest, for example `categories` = `notebook`.
    #[must_use]
    pub fn with_provenance(mut self, what: impl Into<String>, value: impl Into<String>) -> Self {
        self.provenance.insert(what.into(), value.into());
        self
    }

    /// The seed of every stage.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The number of seeds over which a spread is told.
    #[must_use]
    pub const fn n_seeds(&self) -> usize {
        self.n_seeds
    }

    /// Runs in silence.
    ///
    /// # Errors
    /// As [`Pipeline::run_with`].
    pub fn run(&self, ledger: &Ledger) -> Result<PipelineRun, Error> {
        self.run_with(ledger, &mut Silent)
    }

    /// Trains, judges and gathers everything; tells `progress` the stages `features`, `segmentation`,
    /// `recommend`, `forecast` and `goals`. Told to stop, a fit ends early and the run goes on with what it has.
    ///
    /// # Errors
    /// [`Error::TooFewUsers`] under [`Pipeline::MIN_USERS`] users with enough transactions, and whatever a
    /// stage may say.
    pub fn run_with(&self, ledger: &Ledger, progress: &mut dyn Progress) -> Result<PipelineRun, Error> {
        let n_seeds = self.n_seeds;
        ParamError::ensure((2..=1000).contains(&n_seeds), "n_seeds", "in 2 to 1000", n_seeds)?;
        run::run(self, ledger, progress)
    }
}
