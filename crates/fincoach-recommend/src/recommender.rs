//! A recommendation for each user.

use fincoach_core::rng::Rng;
use fincoach_core::{Action, DataError, FeatureTable, RowKey};
use serde::{Deserialize, Serialize};

use crate::greedy::{rows_of_five, softmax};
use crate::strategy::Situation;
use crate::{CqlPolicy, EpsilonGreedy, Error, RuleInput, Strategy};

/// What to do for one user, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Recommendation {
    /// The user.
    pub user: String,
    /// What to do.
    pub action: Action,
    /// Its name in files.
    pub action_name: String,
    /// The strategy that chose it.
    pub strategy: Strategy,
    /// The learnt value of each action, in the order of [`Action::ALL`].
    pub q_values: [f64; 5],
    /// Probability of the action under [`CqlPolicy::probabilities`]: in `[0, 1]`, and over all five 1.
    pub confidence: f64,
    /// Probability with which the bandit chose the strategy; 1 where it was given.
    pub propensity: f64,
}

/// A learnt policy, and a bandit that chooses for each user the strategy by which it is used.
///
/// # Examples
/// ```
/// use fincoach_core::rng::stream;
/// use fincoach_core::{FeatureTable, Fit, RowKey, chrono::NaiveDate, ndarray::Array2};
/// use fincoach_recommend::{CqlParams, NotebookTransitions, Recommender, Strategy};
///
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = (0..20).map(|user| RowKey { user: user.to_string(), as_of }).collect();
/// let columns = ["current_balance", "savings_rate", "spending_volatility"];
/// let values = Array2::from_shape_fn((20, 3), |(row, column)| [row as f64 * 20.0, 0.3, 1.0][column]);
/// let table = FeatureTable::new(keys, columns, values)?;
/// let replay = NotebookTransitions::default().replay(&table, &[0; 20])?;
/// let policy = CqlParams::default().with_hidden(16).with_n_epochs(5).fit(&replay)?;
///
/// let mut recommender = Recommender::new(policy)?;
/// let given = recommender.recommend(&table, &mut stream(7, 0))?;
/// assert!((0.0..=1.0).contains(&given[0].confidence));
/// recommender.feedback(given[0].strategy, 1.0)?;
/// assert_eq!(recommender.bandit().counts().iter().sum::<u64>(), 1);
/// assert_eq!(recommender.recommend_with(&table, Strategy::SaveFirst)?[0].action_name, "spending_alert");
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Recommender {
    policy: CqlPolicy,
    bandit: EpsilonGreedy,
}

impl Recommender {
    /// A recommender whose bandit knows nothing yet and explores with ε 0.1.
    ///
    /// # Errors
    /// As [`Recommender::with_bandit`].
    pub fn new(policy: CqlPolicy) -> Result<Self, Error> {
        Self::with_bandit(policy, EpsilonGreedy::new(Strategy::ALL.len(), 0.1)?)
    }

    /// A recommender of these parts.
    ///
    /// # Errors
    /// [`Error::Data`] when the bandit has not one arm a strategy, or when the policy's columns lack one of
    /// [`RuleInput::COLUMNS`], which some strategies read.
    pub fn with_bandit(policy: CqlPolicy, bandit: EpsilonGreedy) -> Result<Self, Error> {
        DataError::ensure_len("arms of the bandit", Strategy::ALL.len(), bandit.n_arms())?;
        for name in RuleInput::COLUMNS {
            if !policy.columns().iter().any(|column| column == name) {
                let known = policy.columns().iter().cloned();
                return Err(DataError::unknown("column", name, known).into());
            }
        }
        Ok(Self { policy, bandit })
    }

    /// The learnt policy.
    #[must_use]
    pub const fn policy(&self) -> &CqlPolicy {
        &self.policy
    }

    /// The bandit and all it has learnt: save this after feedback.
    #[must_use]
    pub const fn bandit(&self) -> &EpsilonGreedy {
        &self.bandit
    }

    /// A recommendation a row, the strategy of each chosen by the bandit.
    ///
    /// Draws once a row in the order of the rows, so equal states of `rng` and equal tables give equal
    /// recommendations.
    ///
    /// # Errors
    /// [`Error::Data`] for other columns than the policy's.
    pub fn recommend(&self, table: &FeatureTable, rng: &mut Rng) -> Result<Vec<Recommendation>, Error> {
        self.each(table, || {
            let decision = self.bandit.choose(rng);
            (Strategy::ALL[decision.arm], decision.propensity)
        })
    }

    /// A recommendation a row by the bandit's best strategy so far; draws nothing.
    ///
    /// # Errors
    /// As [`Recommender::recommend`].
    pub fn recommend_best(&self, table: &FeatureTable) -> Result<Vec<Recommendation>, Error> {
        self.recommend_with(table, Strategy::ALL[self.bandit.best()])
    }

    /// A recommendation a row by one strategy; draws nothing.
    ///
    /// # Errors
    /// As [`Recommender::recommend`].
    pub fn recommend_with(
        &self,
        table: &FeatureTable,
        strategy: Strategy,
    ) -> Result<Vec<Recommendation>, Error> {
        self.each(table, || (strategy, 1.0))
    }

    /// Learns what a recommendation by this strategy brought.
    ///
    /// # Errors
    /// [`Error::Data`] when the reward is NaN or infinite.
    pub fn feedback(&mut self, strategy: Strategy, reward: f64) -> Result<(), Error> {
        self.bandit.feedback(strategy.index(), reward)
    }

    fn each(
        &self,
        table: &FeatureTable,
        mut choose: impl FnMut() -> (Strategy, f64),
    ) -> Result<Vec<Recommendation>, Error> {
        let values = rows_of_five(self.policy.q_values(table)?.view())?;
        let rules = RuleInput::of_table(table)?;
        let row = |((key, q_values), rule): ((&RowKey, [f64; 5]), RuleInput)| {
            let probabilities = softmax(q_values, self.policy.temperature());
            let (strategy, propensity) = choose();
            let action = strategy.action(&Situation { rule, probabilities });
            Recommendation {
                user: key.user.clone(),
                action,
                action_name: action.name().to_owned(),
                strategy,
                q_values,
                confidence: probabilities[action.index()],
                propensity,
            }
        };
        Ok(table.keys().iter().zip(values).zip(rules).map(row).collect())
    }
}
