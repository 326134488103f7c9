//! A trial of policies on households whose truth is known.

mod coached;
mod logs;
mod memory;
mod report;
mod states;

use fincoach_core::ndarray::Array2;
use fincoach_core::{Action, FeatureTable, Fit as _, ParamError, Predict as _, Progress, Silent, Step};
use fincoach_recommend::{
    CqlParams, CqlPolicy, HistoryParams, Horizon, OffPolicyParams, Replay, SequenceEstimator, Trajectories,
};
use fincoach_simulate::{Constant, LoggingPolicy, Planner, Policy, Rollout, RolloutParams};

use self::coached::Coached;
use self::states::States;
use crate::Error;

pub use self::logs::Logs;
pub use self::report::{TrialEstimate, TrialReport, TrialRow};

/// Learns a policy from the log of a coach, and finds out by living what it is truly worth.
///
/// 1. Households live under the rules of [`LoggingPolicy`]; what a bank sees of it, bookings and log, becomes
///    transitions: 36 columns of schema v2 at the end of the day before each decision, and the log's history.
/// 2. A policy is learnt from the transitions, and its value is estimated from them alone.
/// 3. Other households, the same for every policy and with the same luck, are coached by the learnt policy, which sees
///    bookings and log and nothing else; by cloning the log; by the rules; by each action always; and by a reference
///    that plans with the true model.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `rollout` | [`RolloutParams::default`] | as there | how many households live how long, from which seed, for what objective |
/// | `exploration` | 0.2 | `[0, 1]` | share of the log's actions left to chance |
/// | `policy` | [`TrialParams::usual_policy`] | as there | how the policy is learnt |
/// | `history` | [`HistoryParams::default`] | as there | what of the log belongs to a state |
///
/// The log is of the households of `rollout`'s seed, values are found on those of the next seed. Rewards are learnt in
/// hundredths of the usual weekly income, so that they are near 1.
///
/// # Examples
/// ```
/// use fincoach::{TrialParams, recommend::CqlParams, simulate::RolloutParams};
/// let trial = TrialParams::default()
///     .with_rollout(RolloutParams::default().with_n_households(40).with_n_weeks(4))
///     .with_policy(CqlParams::default().with_hidden(16).with_max_steps(20));
/// let report = trial.run()?;
/// assert!(report.row("reference").unwrap().gain.mean > report.row("logging").unwrap().gain.mean);
/// // What the simulator counts and what bookings and log give is the same.
/// assert!(report.reward_difference < 1e-9);
/// # Ok::<(), fincoach::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TrialParams {
    rollout: RolloutParams,
    exploration: f64,
    policy: CqlParams,
    history: HistoryParams,
}

impl Default for TrialParams {
    fn default() -> Self {
        Self {
            rollout: RolloutParams::default(),
            exploration: 0.2,
            policy: Self::usual_policy(),
            history: HistoryParams::default(),
        }
    }
}

/// The stage under which steps are told.
const STAGE: &str = "trial";

impl TrialParams {
    /// Conservative Q-learning for noisy weekly rewards: `gamma` 0.9, batches of 256, a target that follows by 0.02.
    #[must_use]
    pub fn usual_policy() -> CqlParams {
        CqlParams::default().with_gamma(0.9).with_batch_size(256).with_max_steps(3000).with_tau(0.02)
    }

    /// Sets who lives, for how long and for what.
    #[must_use]
    pub fn with_rollout(self, rollout: RolloutParams) -> Self {
        Self { rollout, ..self }
    }

    /// Sets the share of the log's actions left to chance.
    #[must_use]
    pub fn with_exploration(self, exploration: f64) -> Self {
        Self { exploration, ..self }
    }

    /// Sets how the policy is learnt.
    #[must_use]
    pub fn with_policy(self, policy: CqlParams) -> Self {
        Self { policy, ..self }
    }

    /// Sets what of the log belongs to a state.
    #[must_use]
    pub fn with_history(self, history: HistoryParams) -> Self {
        Self { history, ..self }
    }

    /// Who lives, for how long and for what.
    #[must_use]
    pub const fn rollout(&self) -> &RolloutParams {
        &self.rollout
    }

    /// The share of the log's actions left to chance.
    #[must_use]
    pub const fn exploration(&self) -> f64 {
        self.exploration
    }

    /// How the policy is learnt.
    #[must_use]
    pub const fn policy(&self) -> &CqlParams {
        &self.policy
    }

    /// What of the log belongs to a state.
    #[must_use]
    pub const fn history(&self) -> &HistoryParams {
        &self.history
    }

    /// Runs the trial in silence.
    ///
    /// # Errors
    /// [`Error::Param`] for an exploration that leaves an action without a chance, and what simulating, features,
    /// learning and estimating may say.
    pub fn run(&self) -> Result<TrialReport, Error> {
        self.run_with(&mut Silent)
    }

    /// Runs the trial and tells of its steps; it cannot be stopped but in a fit.
    ///
    /// # Errors
    /// As [`TrialParams::run`].
    pub fn run_with(&self, progress: &mut dyn Progress) -> Result<TrialReport, Error> {
        let share = self.exploration;
        ParamError::ensure(share > 0.0 && share <= 1.0, "exploration", "in (0, 1]", share)?;
        let logs = Logs::record(&self.rollout, share)?;
        progress.step(&Step::new(STAGE, 1, 4));
        let snapshots = logs.snapshots()?;
        let states = States::fit(&snapshots)?;
        let replay = logs.transitions(&snapshots, &states, (&self.history, self.rollout.objective()))?;
        progress.step(&Step::new(STAGE, 2, 4));
        let policy = self.policy.fit_with(&replay, progress)?;
        let cloned = self.cloning().fit_with(&replay, progress)?;
        progress.step(&Step::new(STAGE, 3, 4));
        let estimates = self.estimates(&replay, (&policy, &states))?;
        let others = self.rollout.clone().with_seed(self.rollout.households().seed().wrapping_add(1));
        let mut rows = self.known_policies(&others)?;
        rows.push(("cql".to_owned(), self.live(&others, &policy, &states)?));
        rows.push(("cloning".to_owned(), self.live(&others, &cloned, &states)?));
        progress.step(&Step::new(STAGE, 4, 4));
        TrialReport::new(&rows, estimates, logs.largest_difference(&replay))
    }

    /// The log's own policy as a network of the same size and training.
    fn cloning(&self) -> CqlParams {
        let like = &self.policy;
        CqlParams::cloning()
            .with_hidden(like.hidden())
            .with_batch_size(like.batch_size())
            .with_max_steps(like.max_steps())
            .with_seed(like.seed())
    }

    fn live(&self, who: &RolloutParams, policy: &CqlPolicy, states: &States) -> Result<Rollout, Error> {
        let mut coached = Coached::new(policy, states, &self.history);
        let rollout = who.run(&mut coached);
        // What went wrong within is told before what came of it.
        coached.finish()?;
        Ok(rollout?)
    }

    fn known_policies(&self, who: &RolloutParams) -> Result<Vec<(String, Rollout)>, Error> {
        let objective = *who.objective();
        let mut policies: Vec<(String, Box<dyn Policy>)> = vec![
            ("logging".to_owned(), Box::new(LoggingPolicy { exploration: self.exploration })),
            ("rule".to_owned(), Box::new(LoggingPolicy { exploration: 0.0 })),
            ("reference".to_owned(), Box::new(Planner { objective, ..Planner::default() })),
        ];
        for action in Action::ALL {
            policies.push((format!("always_{}", action.name()), Box::new(Constant(action))));
        }
        policies.into_iter().map(|(name, mut policy)| Ok((name, who.run(policy.as_mut())?))).collect()
    }

    /// What the log alone says of the policy, beside what is true of it for the log's own households.
    fn estimates(
        &self,
        replay: &Replay,
        (policy, states): (&CqlPolicy, &States),
    ) -> Result<Vec<TrialEstimate>, Error> {
        let keys = replay.states().keys().to_vec();
        let next = FeatureTable::new(keys, replay.columns().to_vec(), replay.next_states().to_owned())?;
        let log =
            Trajectories::from_replay(replay, greedy(policy, replay.states())?, greedy(policy, &next)?)?;
        let truth = self.live(&self.rollout, policy, states)?.value();
        let params = OffPolicyParams::default()
            .with_gamma(self.rollout.gamma())
            .with_horizon(Horizon::Steps(self.rollout.n_weeks()));
        let estimators = [
            SequenceEstimator::FittedQ,
            SequenceEstimator::WeightedPerDecision,
            SequenceEstimator::DoublyRobust,
            SequenceEstimator::WeightedDoublyRobust,
        ];
        let estimate = |estimator: SequenceEstimator| {
            let found = params.estimate_sequence(&log, estimator)?.scaled(1.0 / logs::REWARD_SCALE);
            Ok(TrialEstimate { estimator: estimator.name().to_owned(), estimate: found, truth })
        };
        estimators.into_iter().map(estimate).collect()
    }
}

/// Certainty of the greedy action, `(n_rows, 5)`.
fn greedy(policy: &CqlPolicy, table: &FeatureTable) -> Result<Array2<f64>, Error> {
    let mut chances = Array2::zeros((table.n_rows(), Action::ALL.len()));
    for (row, action) in policy.predict(table)?.into_iter().enumerate() {
        chances[(row, action.index())] = 1.0;
    }
    Ok(chances)
}
