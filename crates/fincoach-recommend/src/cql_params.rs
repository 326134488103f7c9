//! How conservative Q-learning is done.

use fincoach_core::{ParamError, parameters};
use serde::{Deserialize, Serialize};

/// When the target network follows the trained one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TargetUpdate {
    /// By τ after every step, as is usual.
    EveryStep,
    /// By τ after every epoch only, as in the notebook: with τ 0.005 the target then hardly moves.
    EveryEpoch,
    /// Copied whole after the steps 1, n + 1, 2n + 1, …, as d3rlpy counts them; τ has no part in it.
    CopyEvery(u64),
}

/// What the error of the temporal difference costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TdLoss {
    /// Its square.
    #[default]
    Squared,
    /// Half its square up to 1, and its size less ½ beyond: a few large rewards do not rule the network.
    Huber,
    /// Nothing: rewards and next states are not looked at, and only the conservative part is learnt.
    Off,
}

/// What a next state is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NextValue {
    /// The largest value that the target network gives an allowed action.
    #[default]
    Max,
    /// The target's value of the action that the trained network holds for best (double Q-learning, van Hasselt, Guez and
    /// Silver, 2016): the maximum of noisy values is too high, and this is less so.
    Double,
}

/// Parameters of discrete conservative Q-learning (Kumar, Zhou, Tucker and Levine, 2020) and of what is learnt by leaving
/// parts of it out.
///
/// A step lowers, over a batch of transitions `(s, a, r, s', end)`,
///
/// ```text
/// loss = mean(cost(Q(s,a) - y)) + alpha · mean(ln Σₐ' exp Q(s,a') - Q(s,a))
/// y    = r + gamma^elapsed · Q_target(s',a*), or r where the story ends
/// a*   = argmaxₐ' Q_target(s',a'), or argmaxₐ' Q(s',a') with [`NextValue::Double`]
/// ```
///
/// with Adam (β 0.9, 0.999, ε 1e-8); `a'` runs over the actions allowed in the state. The second part, `conservative`, is
/// the log loss of softmax(Q) for the logged actions: it keeps the values of actions down that the log never took.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `hidden` | 128 | `≥ 1` | width of both hidden layers |
/// | `n_heads` | 1 | `≥ 1` | values of each action: heads over one trunk; with several, each learns from the log weighed anew |
/// | `dropout` | 0.2 | `[0, 1)` | share of hidden units left out of a step, in multiples of 2⁻¹⁶; never when answering |
/// | `learning_rate` | 1e-3 | `(0, ∞)` | Adam's step |
/// | `weight_decay` | 0 | `[0, ∞)` | share of `learning_rate` by which a step shrinks every weight (`AdamW`) |
/// | `gamma` | 0.99 | `[0, 1)` | what a reward one step later counts |
/// | `td_loss` | `squared` | – | what the error of the temporal difference costs |
/// | `next_value` | `max` | – | what a next state is worth |
/// | `alpha` | 5 | `[0, ∞)` | weight of the conservative part; where it is tuned, its start, above 0 |
/// | `alpha_threshold` | none | finite | if given, `alpha` is tuned so that the conservative part comes to this |
/// | `alpha_learning_rate` | 1e-3 | `(0, ∞)` | Adam's step for `ln alpha` where it is tuned |
/// | `tau` | 0.005 | `(0, 1]` | share of the way the target moves at an update; 1 copies |
/// | `target_update` | `every_step` | – | when it moves |
/// | `batch_size` | 32 | `≥ 1` | transitions a step; the last batch of an epoch may be smaller |
/// | `n_epochs` | 200 | `≥ 1` | passes over the data, newly shuffled each time |
/// | `max_steps` | 2000 | `≥ 1` | steps after which training ends even within an epoch: bounds the cost on long logs |
/// | `seed` | 42 | any | stream 0 start weights; order, dropout and heads from seeds derived of it |
///
/// What else can be learnt with the same network, data and policy:
///
/// | constructor | differs in | learns |
/// | --- | --- | --- |
/// | [`CqlParams::default`] | – | values of what to do, low for what the log never did |
/// | [`CqlParams::dqn`] | `alpha` 0 | values of what to do, as if the log had tried everything |
/// | [`CqlParams::double_dqn`] | `alpha` 0, `next_value` `double` | the same, less too high |
/// | [`CqlParams::one_step`] | `alpha` 0, `gamma` 0 | what an action pays at once |
/// | [`CqlParams::cloning`] | `td_loss` `off`, `alpha` 1 | what the log does: Q-values are log odds |
///
/// [`CqlParams::notebook`] has the notebook's numbers; three of them differ, and why stands there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CqlParams {
    hidden: usize,
    #[serde(skip_serializing_if = "is_one")]
    n_heads: usize,
    dropout: f64,
    learning_rate: f64,
    #[serde(skip_serializing_if = "is_default")]
    weight_decay: f64,
    gamma: f64,
    #[serde(skip_serializing_if = "is_default")]
    td_loss: TdLoss,
    #[serde(skip_serializing_if = "is_default")]
    next_value: NextValue,
    alpha: f64,
    #[serde(skip_serializing_if = "is_default")]
    alpha_threshold: Option<f64>,
    #[serde(skip_serializing_if = "is_usual_rate")]
    alpha_learning_rate: f64,
    tau: f64,
    target_update: TargetUpdate,
    batch_size: usize,
    n_epochs: usize,
    max_steps: usize,
    seed: u64,
}

// Parameters younger than the first saved policies are written only where they say something: a policy that does not use
// them has the same bytes as ever.

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn is_one(value: &usize) -> bool {
    *value == 1
}

fn is_usual_rate(value: &f64) -> bool {
    value.to_bits() == USUAL_ALPHA_RATE.to_bits()
}

const USUAL_ALPHA_RATE: f64 = 1e-3;

impl Default for CqlParams {
    fn default() -> Self {
        Self {
            hidden: 128,
            n_heads: 1,
            dropout: 0.2,
            learning_rate: 1e-3,
            weight_decay: 0.0,
            gamma: 0.99,
            td_loss: TdLoss::Squared,
            next_value: NextValue::Max,
            alpha: 5.0,
            alpha_threshold: None,
            alpha_learning_rate: USUAL_ALPHA_RATE,
            tau: 0.005,
            target_update: TargetUpdate::EveryStep,
            batch_size: 32,
            n_epochs: 200,
            max_steps: 2000,
            seed: 42,
        }
    }
}

parameters! { CqlParams:
    /// The width of both hidden layers.
    hidden, with_hidden: usize;
    /// The number of heads.
    n_heads, with_n_heads: usize;
    /// The share of hidden units left out of a step.
    dropout, with_dropout: f64;
    /// Adam's step.
    learning_rate, with_learning_rate: f64;
    /// The share of the learning rate by which a step shrinks every weight.
    weight_decay, with_weight_decay: f64;
    /// What a reward one step later counts.
    gamma, with_gamma: f64;
    /// What the error of the temporal difference costs.
    td_loss, with_td_loss: TdLoss;
    /// What a next state is worth.
    next_value, with_next_value: NextValue;
    /// The weight of the conservative part.
    alpha, with_alpha: f64;
    /// The conservative part to which `alpha` is tuned.
    alpha_threshold, with_alpha_threshold: Option<f64>;
    /// Adam's step for the logarithm of `alpha`.
    alpha_learning_rate, with_alpha_learning_rate: f64;
    /// The share of the way the target moves at an update.
    tau, with_tau: f64;
    /// When the target moves.
    target_update, with_target_update: TargetUpdate;
    /// The transitions of a step.
    batch_size, with_batch_size: usize;
    /// The passes over the data.
    n_epochs, with_n_epochs: usize;
    /// The number of steps after which training ends.
    max_steps, with_max_steps: usize;
    /// The seed.
    seed, with_seed: u64;
}

impl CqlParams {
    /// The notebook's numbers: learning rate 1e-4, target moved once an epoch, no limit on steps.
    ///
    /// On 50 users these are 400 steps, after which the loss is still falling and some 80 % of actions
    /// are learnt; the default's learning rate of 1e-3 learns them all at the same cost. The default also moves
    /// the target after every step, as is usual, and ends after 2,000 steps, which bounds the cost on long logs.
    #[must_use]
    pub fn notebook() -> Self {
        Self::default()
            .with_learning_rate(1e-4)
            .with_target_update(TargetUpdate::EveryEpoch)
            .with_max_steps(usize::MAX)
    }

    /// Q-learning without the conservative part (Mnih et al., 2015): what conservative Q-learning is measured against.
    #[must_use]
    pub fn dqn() -> Self {
        Self::default().with_alpha(0.0)
    }

    /// The same as double Q-learning.
    #[must_use]
    pub fn double_dqn() -> Self {
        Self::dqn().with_next_value(NextValue::Double)
    }

    /// A regression of the reward alone: the best action is the one that pays most at once.
    #[must_use]
    pub fn one_step() -> Self {
        Self::dqn().with_gamma(0.0)
    }

    /// Behaviour cloning: softmax(Q) is what the log would do, rewards are not looked at.
    #[must_use]
    pub fn cloning() -> Self {
        Self::default().with_td_loss(TdLoss::Off).with_alpha(1.0)
    }

    /// Checks every range.
    pub(crate) fn check(&self) -> Result<(), ParamError> {
        let at_least_one = |name, count: usize| ParamError::ensure(count >= 1, name, "at least 1", count);
        at_least_one("hidden", self.hidden)?;
        at_least_one("n_heads", self.n_heads)?;
        at_least_one("batch_size", self.batch_size)?;
        at_least_one("n_epochs", self.n_epochs)?;
        at_least_one("max_steps", self.max_steps)?;
        let (dropout, gamma, tau) = (self.dropout, self.gamma, self.tau);
        ParamError::ensure((0.0..1.0).contains(&dropout), "dropout", "in [0, 1)", dropout)?;
        ParamError::ensure((0.0..1.0).contains(&gamma), "gamma", "in [0, 1)", gamma)?;
        ParamError::ensure(tau > 0.0 && tau <= 1.0, "tau", "in (0, 1]", tau)?;
        let moves = self.target_update != TargetUpdate::CopyEvery(0);
        ParamError::ensure(moves, "target_update", "a number of steps of at least 1", 0)?;
        self.check_rates()
    }

    fn check_rates(&self) -> Result<(), ParamError> {
        for (name, rate) in
            [("learning_rate", self.learning_rate), ("alpha_learning_rate", self.alpha_learning_rate)]
        {
            ParamError::ensure(rate > 0.0 && rate.is_finite(), name, "above 0 and finite", rate)?;
        }
        let decay = self.weight_decay;
        let shrinks = decay >= 0.0 && self.learning_rate * decay < 1.0;
        ParamError::ensure(shrinks, "weight_decay", "at least 0 and below 1 / learning_rate", decay)?;
        let alpha = self.alpha;
        let Some(threshold) = self.alpha_threshold else {
            return ParamError::ensure(
                alpha >= 0.0 && alpha.is_finite(),
                "alpha",
                "at least 0 and finite",
                alpha,
            );
        };
        ParamError::ensure(threshold.is_finite(), "alpha_threshold", "finite", threshold)?;
        let tunable = alpha > 0.0 && alpha.is_finite();
        ParamError::ensure(tunable, "alpha", "above 0 and finite where it is tuned", alpha)
    }
}
