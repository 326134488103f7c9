//! How conservative Q-learning is done.

use fincoach_core::ParamError;
use serde::{Deserialize, Serialize};

/// When the target network follows the trained one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TargetUpdate {
    /// After every step, as is usual.
    EveryStep,
    /// After every epoch only, as in the notebook: with τ 0.005 the target then hardly moves.
    EveryEpoch,
}

/// Parameters of discrete conservative Q-learning (Kumar, Zhou, Tucker and Levine, 2020).
///
/// A step lowers, over a batch of transitions `(s, a, r, s', end)`,
///
/// ```text
/// loss = mean((Q(s,a) - y)²) + alpha · mean(ln Σₐ' exp Q(s,a') - Q(s,a))
/// y    = r + gamma · maxₐ' Q_target(s',a'), or r where the story ends
/// ```
///
/// with Adam (β 0.9, 0.999, ε 1e-8). The second part, `conservative`, is the log loss of softmax(Q) for the
/// logged actions: it keeps the values of actions down that the log never took.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `hidden` | 128 | `≥ 1` | width of both hidden layers |
/// | `dropout` | 0.2 | `[0, 1)` | share of hidden units left out of a step; never when answering |
/// | `learning_rate` | 1e-3 | `(0, ∞)` | Adam's step |
/// | `gamma` | 0.99 | `[0, 1)` | what a reward one transition later counts |
/// | `alpha` | 5 | `[0, ∞)` | weight of the conservative part |
/// | `tau` | 0.005 | `(0, 1]` | share of the way the target moves at an update; 1 copies |
/// | `target_update` | `every_step` | – | when it moves |
/// | `batch_size` | 32 | `≥ 1` | transitions a step; the last batch of an epoch may be smaller |
/// | `n_epochs` | 200 | `≥ 1` | passes over the data, newly shuffled each time |
/// | `max_steps` | 2000 | `≥ 1` | steps after which training ends even within an epoch: bounds the cost on long logs |
/// | `seed` | 42 | any | stream 0 start weights, 1 order, 2 dropout |
///
/// [`CqlParams::notebook`] has the notebook's numbers; three of them differ, and why stands there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CqlParams {
    hidden: usize,
    dropout: f64,
    learning_rate: f64,
    gamma: f64,
    alpha: f64,
    tau: f64,
    target_update: TargetUpdate,
    batch_size: usize,
    n_epochs: usize,
    max_steps: usize,
    seed: u64,
}

impl Default for CqlParams {
    fn default() -> Self {
        Self {
            hidden: 128,
            dropout: 0.2,
            learning_rate: 1e-3,
            gamma: 0.99,
            alpha: 5.0,
            tau: 0.005,
            target_update: TargetUpdate::EveryStep,
            batch_size: 32,
            n_epochs: 200,
            max_steps: 2000,
            seed: 42,
        }
    }
}

/// A setter and a getter for each parameter, named like the field.
macro_rules! parameters {
    ($($field:ident, $setter:ident: $type:ty, $what:literal;)*) => {
        $(
            #[doc = concat!("Sets ", $what, ".")]
            #[must_use]
            pub const fn $setter(self, $field: $type) -> Self {
                Self { $field, ..self }
            }

            #[doc = concat!("Gives ", $what, ".")]
            #[must_use]
            pub const fn $field(&self) -> $type {
                self.$field
            }
        )*
    };
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

    parameters! {
        hidden, with_hidden: usize, "the width of both hidden layers";
        dropout, with_dropout: f64, "the share of hidden units left out of a step";
        learning_rate, with_learning_rate: f64, "Adam's step";
        gamma, with_gamma: f64, "what a reward one transition later counts";
        alpha, with_alpha: f64, "the weight of the conservative part";
        tau, with_tau: f64, "the share of the way the target moves at an update";
        target_update, with_target_update: TargetUpdate, "when the target moves";
        batch_size, with_batch_size: usize, "the transitions of a step";
        n_epochs, with_n_epochs: usize, "the passes over the data";
        max_steps, with_max_steps: usize, "the number of steps after which training ends";
        seed, with_seed: u64, "the seed";
    }

    /// Checks every range.
    pub(crate) fn check(&self) -> Result<(), ParamError> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let at_least_one = |name, count: usize| ParamError::ensure(count >= 1, name, "at least 1", count);
        at_least_one("hidden", self.hidden)?;
        at_least_one("batch_size", self.batch_size)?;
        at_least_one("n_epochs", self.n_epochs)?;
        at_least_one("max_steps", self.max_steps)?;
        let (dropout, gamma, tau) = (self.dropout, self.gamma, self.tau);
        ParamError::ensure((0.0..1.0).contains(&dropout), "dropout", "in [0, 1)", dropout)?;
        ParamError::ensure((0.0..1.0).contains(&gamma), "gamma", "in [0, 1)", gamma)?;
        ParamError::ensure(tau > 0.0 && tau <= 1.0, "tau", "in (0, 1]", tau)?;
        let rate = self.learning_rate;
        ParamError::ensure(positive(rate), "learning_rate", "above 0 and finite", rate)?;
        let alpha = self.alpha;
        ParamError::ensure(alpha >= 0.0 && alpha.is_finite(), "alpha", "at least 0 and finite", alpha)
    }
}
