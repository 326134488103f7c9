//! What to say to whom: conservative Q-learning from logs, and a bandit over strategies of coaching.
//!
//! ```
//! use fincoach_core::{FeatureTable, Fit, Predict, RowKey, chrono::NaiveDate, ndarray::Array2};
//! use fincoach_recommend::{CqlParams, NotebookTransitions};
//!
//! // 40 users: the first have little money, the others save a third of what they earn.
//! let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
//! let keys = (0..40).map(|user| RowKey { user: user.to_string(), as_of }).collect();
//! let columns = ["current_balance", "savings_rate", "spending_volatility"];
//! let values = Array2::from_shape_fn((40, 3), |(row, column)| [row as f64 * 5.0, 0.33, 12.0][column]);
//! let table = FeatureTable::new(keys, columns, values)?;
//!
//! let replay = NotebookTransitions::default().replay(&table, &[0; 40])?;
//! let policy = CqlParams::default().with_hidden(32).fit(&replay)?;
//! let learnt = policy.predict(&table)?;
//! assert_eq!(learnt[0].name(), "spending_alert");
//! assert_eq!(learnt[39].name(), "positive_reinforcement");
//! # Ok::<(), fincoach_recommend::Error>(())
//! ```
//!
//! # Map
//! - Logs: [`Replay`] of [`Transition`]s, also [`Replay::shaped`] by what could be expected; the notebook's [`RuleInput`] and [`NotebookTransitions`].
//! - From a log: [`InterventionLog`] ([`read_log_csv`]) and snapshots become [`Transitions`] by [`TransitionParams`], a
//!   [`Reward`], a [`History`] and [`MaskRules`]; a [`Behaviour`] estimates missing propensities.
//! - Learning: [`CqlParams`] → [`CqlPolicy`], whose [`QNetwork`] also loads PyTorch's files; the same without the
//!   conservative part, of one step, or cloned: [`CqlParams::double_dqn`], [`CqlParams::one_step`], [`CqlParams::cloning`]. Step
//!   by step, for any states and actions: [`QTrainer`] on [`QData`].
//! - Acting: asked with a [`Request`], a [`Recommender`] gives [`Recommendation`]s by a [`Strategy`] that the
//!   [`StrategyBandit`] of its [`StrategyChooser`] chooses, within [`MaskRules`].
//! - Explaining: [`Recommender::card`] gives a user's [`AdviceCard`], [`CqlPolicy::card`] the [`PolicyCard`] in it: values, what
//!   moved the choice, what was masked.
//! - Bandits: [`EpsilonGreedy`], [`Ucb1`], [`ThompsonBernoulli`], [`ThompsonGaussian`], [`LinUcb`] and [`LinThompson`] are
//!   [`Bandit`]s; [`Online`] puts one into service, [`BanditContext`] makes its contexts, [`RegretPlan`] measures its regret.
//! - Rehearsing: [`RehearsalParams`] gives the bandit first experience with users whom its policies never saw.
//! - Judging: [`evaluate_agreement`] by users held out; [`ips`] and [`snips`] from logs with propensities;
//!   [`OffPolicyParams`] with [`Decisions`] or [`Trajectories`] → [`Estimate`] with [`Interval`] and [`OverlapWarning`]s.
//!
//! # Limits
//! A policy is as good as its log: from rule-made transitions it learns the rule. Q-values are discounted sums
//! of the log's rewards, not promises to a person. Training holds the whole log in memory.

mod agreement;
mod alpha;
mod bandit;
mod calibration;
mod card;
mod choice;
mod cql;
mod cql_params;
mod cql_policy;
mod error;
mod folds;
mod greedy;
mod log;
mod logistic;
mod mlp;
mod notebook;
mod off_policy;
mod q_checkpoint;
mod q_data;
mod q_loss;
mod q_network;
mod q_part;
mod q_trainer;
mod recommendation;
mod recommender;
mod rehearsal;
mod replay;
mod request;
mod shaping;
mod strategy;
mod strategy_chooser;

pub use agreement::{Agreement, AgreementParams, evaluate_agreement, evaluate_agreement_with};
pub use bandit::{
    ArmChoice, ArmSet, Bandit, BanditContext, BanditProblem, BernoulliProblem, Decision, EpsilonGreedy,
    GaussianPrior, LinThompson, LinUcb, LinearProblem, LoggedDecision, Online, RegretCurve, RegretPlan,
    Round, StrategyBandit, ThompsonBernoulli, ThompsonGaussian, Ucb1, logged_rewards,
};
pub use card::{ActionValue, AdviceCard, Moved, PolicyCard, StrategyChance};
pub use choice::Choice;
pub use cql_params::{CqlParams, NextValue, TargetUpdate, TdLoss};
pub use cql_policy::CqlPolicy;
pub use error::Error;
pub use log::{
    Behaviour, BehaviourParams, BrokenMask, CoachingReward, FilledPropensities, History, HistoryParams,
    InterventionLog, LogEntry, LogFile, LogSources, MaskReason, MaskRule, MaskRules, Masked, NotebookReward,
    Outcome, PropensityReport, Reward, Skipped, SkippedEntry, SmallPropensity, SpendingDrop,
    TransitionParams, TransitionReport, Transitions, UserLog, WeeklySaving, read_departures_csv,
    read_log_csv, write_log_csv,
};
pub use notebook::{NotebookTransitions, RuleInput};
pub use off_policy::{
    Basis, DecisionEstimator, Decisions, Estimate, FqeReport, Horizon, Interval, IntervalMethod, LinearQ,
    LoggedReward, OffPolicyParams, Overlap, OverlapLimits, OverlapWarning, Scale, SequenceEstimator,
    Trajectories, ips, snips,
};
pub use q_data::{QData, QStep};
pub use q_network::{QEstimates, QLayer, QNetwork};
pub use q_trainer::{QLosses, QTrainer};
pub use recommendation::Recommendation;
pub use recommender::Recommender;
pub use rehearsal::{Rehearsal, RehearsalParams, Rehearsed};
pub use replay::{Ended, Replay, Transition};
pub use request::Request;
pub use strategy::Strategy;
pub use strategy_chooser::StrategyChooser;
