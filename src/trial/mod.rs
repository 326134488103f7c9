//! A trial of policies on households whose truth is known.

mod coached;
mod logs;
mod memory;
mod people;
mod report;
mod states;

use fincoach_core::ndarray::Array2;
use fincoach_core::{Action, ActionSet, FeatureTable, Fit as _, ParamError, Progress, Silent, Step};
use fincoach_recommend::{
    Basis, Choice, CqlParams, CqlPolicy, HistoryParams, Horizon, OffPolicyParams, Replay, SequenceEstimator,
    Trajectories,
};
use fincoach_simulate::{
    Constant, Estimate as TrueValue, LoggingPolicy, Planner, Policy, Rollout, RolloutParams,
};

use self::coached::Coached;
use self::people::People;
use crate::Error;

pub use self::logs::Logs;
pub use self::report::{TrialEstimate, TrialReport, TrialRow};

/// Learns a policy from the log of a coach, and finds out by living what it is truly worth.
///
/// 1. Households live a year without a coach, and then under the rules of [`LoggingPolicy`]; what a bank sees of it,
///    bookings and log, becomes transitions: the segment of the year before, what the rule would do, where the account
///    stands, and the log's history.
/// 2. Rewards are shaped by what the log's own policy could expect ([`Replay::shaped`]); a policy is learnt from the
///    segment, payday, comfort and the nudges of late alone, and its value is estimated from the log.
/// 3. Other households, the same for every policy and with the same luck, are coached by the learnt policy, which sees
///    bookings and log and nothing else; by cloning the log; by the rules; by each action always; and by a reference
///    that plans with the true model.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `rollout` | [`RolloutParams::default`] after 52 weeks without a coach | as there | how many households live how long, from which seed, for what objective |
/// | `exploration` | 0.2 | `[0, 1]` | share of the log's actions left to chance |
/// | `policy` | [`TrialParams::usual_policy`] | as there | how the policy is learnt |
/// | `history` | [`HistoryParams::default`] | as there | what of the log belongs to a state |
/// | `n_segments` | 5 | at least 1 | segments of households |
///
/// The log is of the households of `rollout`'s seed, values are found on those of the next seed. Rewards are learnt in
/// hundredths of the usual weekly income, so that they are near 1.
///
/// # Examples
/// ```
/// use fincoach::{TrialParams, recommend::CqlParams, simulate::RolloutParams};
/// let trial = TrialParams::default()
///     .with_rollout(RolloutParams::default().with_n_households(150).with_lead_in_weeks(20).with_n_weeks(6))
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
    n_segments: usize,
}

impl Default for TrialParams {
    fn default() -> Self {
        Self {
            rollout: RolloutParams::default().with_lead_in_weeks(52),
            exploration: 0.2,
            policy: Self::usual_policy(),
            history: HistoryParams::default(),
            n_segments: 5,
        }
    }
}

/// Enough for logs of a few hundred rows, and next to nothing for large ones.
const RIDGE: f64 = 30.0;

/// The stage under which steps are told.
const STAGE: &str = "trial";

impl TrialParams {
    /// Conservative Q-learning for noisy weekly rewards: `alpha` 0.1, `gamma` 0.7, four heads, dropout 0.2, 1,500 batches of
    /// 256, a target that follows by 0.02.
    #[must_use]
    pub fn usual_policy() -> CqlParams {
        CqlParams::default()
            .with_alpha(0.1)
            .with_gamma(0.7)
            .with_n_heads(4)
            .with_dropout(0.2)
            .with_batch_size(256)
            .with_max_steps(1500)
            .with_tau(0.02)
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

    /// Sets the number of segments.
    #[must_use]
    pub fn with_n_segments(self, n_segments: usize) -> Self {
        Self { n_segments, ..self }
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

    /// The number of segments.
    #[must_use]
    pub const fn n_segments(&self) -> usize {
        self.n_segments
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
        let lives = logs.lives()?;
        let people = People::fit(&lives, self.n_segments, self.rollout.households().seed())?;
        let replay = logs.transitions((&people, &lives), (&self.history, self.rollout.objective()))?;
        progress.step(&Step::new(STAGE, 2, 4));
        let policy = self.policy.fit_with(&self.lessons(&replay, &people)?, progress)?;
        let cloned = self.cloning().fit_with(&replay, progress)?;
        progress.step(&Step::new(STAGE, 3, 4));
        let others = self.rollout.clone().with_seed(self.rollout.households().seed().wrapping_add(1));
        let mut rows = self.known_policies(&others)?;
        let coached = self.live(&others, &policy, &people)?;
        let estimates = self.estimates((&others, &policy, &people), coached.value())?;
        rows.push(("cql".to_owned(), coached));
        rows.push(("cloning".to_owned(), self.live(&others, &cloned, &people)?));
        progress.step(&Step::new(STAGE, 4, 4));
        TrialReport::new(&rows, estimates, logs.largest_difference(&replay))
    }

    /// What the policy learns from: shaped rewards, and the columns it will act on.
    fn lessons(&self, replay: &Replay, people: &People) -> Result<Replay, Error> {
        let expected = OffPolicyParams::default()
            .with_gamma(self.policy.gamma())
            .with_basis(Basis::Squares)
            .with_ridge(RIDGE);
        let columns = states::acted_on(people.n_segments(), &self.history);
        Ok(replay.shaped(&expected)?.select(&columns)?)
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

    fn live(&self, who: &RolloutParams, policy: &CqlPolicy, people: &People) -> Result<Rollout, Error> {
        let mut coached = Coached::new(policy, people, &self.history);
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

    /// What a log alone says of the policy, beside what is true of it.
    ///
    /// The log is of households that the policy was not learnt from: on its own it would look better than it is, as it was
    /// chosen for looking good there.
    fn estimates(
        &self,
        (who, policy, people): (&RolloutParams, &CqlPolicy, &People),
        truth: TrueValue,
    ) -> Result<Vec<TrialEstimate>, Error> {
        let logs = Logs::record(who, self.exploration)?;
        let replay = logs.transitions((people, &logs.lives()?), (&self.history, who.objective()))?;
        let keys = replay.states().keys().to_vec();
        let next = FeatureTable::new(keys, replay.columns().to_vec(), replay.next_states().to_owned())?;
        let (target, next_target) = (greedy(policy, replay.states())?, greedy(policy, &next)?);
        let known = replay.select(&states::judged_by(people.n_segments(), &self.history))?;
        let log = Trajectories::from_replay(&known, target, next_target)?;
        let params =
            OffPolicyParams::default().with_gamma(who.gamma()).with_horizon(Horizon::Steps(who.n_weeks()));
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
    let known = table.select(policy.columns())?;
    let all = vec![ActionSet::ALL; known.n_rows()];
    Ok(policy.choice_probabilities(&known, &all, Choice::Greedy)?)
}
