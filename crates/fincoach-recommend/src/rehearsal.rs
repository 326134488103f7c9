//! First experience for a bandit, from users whom the policies never saw.

use fincoach_core::rng::{Rng, stream};
use fincoach_core::{Action, ActionSet, Control, DataError, Fit, ParamError, Progress, Silent, Step};
use serde::{Deserialize, Serialize};

use crate::calibration::{Answers, crossed_temperatures};
use crate::folds::{Fits, ensure_folds, split};
use crate::greedy::{rows_of_five, softmax};
use crate::strategy::Situation;
use crate::{ArmSet, Bandit, CqlParams, Decision, EpsilonGreedy, Error, Replay, RuleInput, Strategy};

/// Lets a bandit try its strategies before it serves anyone, each user answered by a policy that never saw them.
///
/// A policy answers the users it was trained on better than any it will meet, so a bandit that learns from them
/// overrates the strategies that use it. Here users are dealt into folds, whole users together; for each fold a
/// policy is fitted on all the others, and calibrated with the temperature that says best what was logged in
/// those others, again by policies that did not see it. In every pass the bandit chooses a strategy for each row, the
/// policy of the row's fold and the rules make it an action, and the caller says what that brought. The rewards of a pass
/// are learnt when it is over, as in a service, where they come later.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `policy` | [`CqlParams::default`] | | how the policy of each fold is learnt; its own seed counts |
/// | `n_folds` | 5 | `≥ 2`, at most the users | parts; each is answered by a policy without it |
/// | `n_passes` | 20 | `≥ 1` | how often each row is answered |
/// | `epsilon` | 0.1 | `[0, 1]` | the bandit's share of choices left to chance |
/// | `seed` | 0 | any | folds are drawn from its stream 3, choices from its stream 4 |
///
/// Costs `n_folds` fits, shared among the threads there are, and `O(n_passes · n_rows)` choices.
///
/// # Examples
/// ```
/// use fincoach_core::{Fit, FeatureTable, RowKey, chrono::NaiveDate, ndarray::Array2};
/// use fincoach_recommend::{CqlParams, NotebookTransitions, Recommender, RehearsalParams, RuleInput};
///
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = (0..40).map(|user| RowKey { user: user.to_string(), as_of }).collect();
/// let columns = ["current_balance", "savings_rate", "spending_volatility"];
/// let values = Array2::from_shape_fn((40, 3), |(row, column)| [row as f64 * 5.0, 0.3, 1.0][column]);
/// let table = FeatureTable::new(keys, columns, values)?;
/// let replay = NotebookTransitions::default().replay(&table, &[3; 40])?;
/// let rules = RuleInput::of_table(&table)?;
///
/// let params = CqlParams::default().with_hidden(16).with_n_epochs(20);
/// let rehearsal = RehearsalParams::default()
///     .with_policy(params.clone())
///     .with_n_passes(10)
///     .rehearse(&replay, |row, action| rules[row].reward(action, 3))?;
/// assert_eq!(rehearsal.log().len(), 10 * 40);
/// assert_eq!(rehearsal.bandit().counts().iter().sum::<u64>(), 10 * 40);
///
/// // What is served has learnt from everyone; only its bandit comes from the rehearsal.
/// let recommender = Recommender::with_bandit(params.fit(&replay)?, rehearsal.bandit().clone())?;
/// assert_eq!(recommender.recommend_best(&table)?.len(), 40);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RehearsalParams {
    policy: CqlParams,
    n_folds: usize,
    n_passes: usize,
    epsilon: f64,
    seed: u64,
}

impl Default for RehearsalParams {
    fn default() -> Self {
        Self { policy: CqlParams::default(), n_folds: 5, n_passes: 20, epsilon: 0.1, seed: 0 }
    }
}

impl RehearsalParams {
    /// Sets how the policy of each fold is learnt.
    #[must_use]
    pub const fn with_policy(self, policy: CqlParams) -> Self {
        Self { policy, ..self }
    }

    /// Sets the number of folds.
    #[must_use]
    pub const fn with_n_folds(self, n_folds: usize) -> Self {
        Self { n_folds, ..self }
    }

    /// Sets how often each row is answered.
    #[must_use]
    pub const fn with_n_passes(self, n_passes: usize) -> Self {
        Self { n_passes, ..self }
    }

    /// Sets the bandit's share of choices left to chance.
    #[must_use]
    pub const fn with_epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }

    /// Sets the seed of folds and choices.
    #[must_use]
    pub const fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// How the policy of each fold is learnt.
    #[must_use]
    pub const fn policy(&self) -> &CqlParams {
        &self.policy
    }

    /// The number of folds.
    #[must_use]
    pub const fn n_folds(&self) -> usize {
        self.n_folds
    }

    /// How often each row is answered.
    #[must_use]
    pub const fn n_passes(&self) -> usize {
        self.n_passes
    }

    /// The bandit's share of choices left to chance.
    #[must_use]
    pub const fn epsilon(&self) -> f64 {
        self.epsilon
    }

    /// The seed of folds and choices.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Rehearses on the states of a log; `reward` says what an action brought in the state of a row.
    ///
    /// It is asked once a row in every pass, rows in order, after all choices of the pass.
    ///
    /// # Errors
    /// [`Error::Param`], [`Error::TooFewUsers`], [`Error::Data`] when a column of [`RuleInput::COLUMNS`] is missing
    /// or a reward is NaN or infinite, and whatever a fit may say.
    pub fn rehearse(
        &self,
        replay: &Replay,
        reward: impl FnMut(usize, Action) -> f64,
    ) -> Result<Rehearsal, Error> {
        self.rehearse_with(replay, reward, &mut Silent)
    }

    /// The same, telling of each finished fit and then of each pass.
    ///
    /// Fits are told in batches as large as there are threads. When told to stop, the fits that are left, without
    /// which some users would have no answer, and one pass are still done.
    ///
    /// # Errors
    /// As [`RehearsalParams::rehearse`].
    pub fn rehearse_with(
        &self,
        replay: &Replay,
        reward: impl FnMut(usize, Action) -> f64,
        progress: &mut dyn Progress,
    ) -> Result<Rehearsal, Error> {
        let bandit = EpsilonGreedy::new(Strategy::ALL.len(), self.epsilon)?;
        let contexts = vec![Vec::new(); replay.n_rows()];
        self.rehearse_bandit((replay, &contexts), (bandit, reward), progress)
    }

    /// The same with another bandit, which sees the context of each row; `epsilon` is not used.
    ///
    /// # Errors
    /// As [`RehearsalParams::rehearse`], and [`Error::Data`] when there is not one context a row or one arm a strategy.
    pub fn rehearse_bandit<B: Bandit>(
        &self,
        (replay, contexts): (&Replay, &[Vec<f64>]),
        (bandit, mut reward): (B, impl FnMut(usize, Action) -> f64),
        progress: &mut dyn Progress,
    ) -> Result<Rehearsal<B>, Error> {
        let Self { n_folds, n_passes, .. } = *self;
        ParamError::ensure(n_passes >= 1, "n_passes", "at least 1", n_passes)?;
        DataError::ensure_len("contexts", replay.n_rows(), contexts.len())?;
        DataError::ensure_len("arms of the bandit", Strategy::ALL.len(), bandit.n_arms())?;
        ensure_folds(replay, n_folds)?;
        let rules = RuleInput::of_table(replay.states())?;

        let n_steps = n_folds.saturating_add(n_passes);
        let fits = Fits { stage: STAGE, n_fits: n_folds, n_steps };
        let mut stopped = false;
        let mut all = |_| {
            stopped = true;
            n_folds
        };
        let folds = fits.run(|fold| self.fold(replay, fold), &mut all, progress)?;
        let situations = situations(rules, &folds);

        let mut rehearsal = Rehearsal { bandit, log: Vec::new() };
        let mut rng = stream(self.seed, 4);
        for pass in 1..=n_passes {
            rehearsal.pass((&situations, contexts), &mut rng, &mut reward)?;
            let step = Step::new(STAGE, (n_folds + pass) as u64, n_steps as u64);
            stopped |= progress.step(&step) == Control::Stop;
            if stopped {
                break;
            }
        }
        Ok(rehearsal)
    }

    fn fold(&self, replay: &Replay, fold: usize) -> Result<Fold, Error> {
        let (train, rows) = split(replay, self.seed, (fold, self.n_folds));
        let policy = self.policy.fit(&replay.take(&train)?)?;
        let q_values = rows_of_five(policy.q_values(&replay.states().take(&rows)?)?.view())?;
        let actions = rows.iter().map(|row| replay.transitions()[*row].action()).collect();
        Ok(Fold { rows, answers: Answers { q_values, actions } })
    }
}

/// The name under which steps are told.
const STAGE: &str = "rehearsal";

/// Rows left out of a fit and the answers of that fit for them.
struct Fold {
    rows: Vec<usize>,
    answers: Answers,
}

/// What is known of each row, in the order of rows, when a strategy has to answer it.
fn situations(rules: Vec<RuleInput>, folds: &[Fold]) -> Vec<Situation> {
    let answers: Vec<Answers> = folds.iter().map(|fold| fold.answers.clone()).collect();
    let mut probabilities = vec![[0.0; 5]; rules.len()];
    for (fold, temperature) in folds.iter().zip(crossed_temperatures(&answers)) {
        for (row, q) in fold.rows.iter().zip(&fold.answers.q_values) {
            probabilities[*row] = softmax(*q, temperature);
        }
    }
    rules
        .into_iter()
        .zip(probabilities)
        .map(|(rule, probabilities)| Situation { rule, probabilities, allowed: ActionSet::ALL })
        .collect()
}

/// One decision of a rehearsal and what it brought.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Rehearsed {
    /// The row of the log whose state was answered, counted from 0.
    pub row: usize,
    /// The strategy that the bandit chose.
    pub strategy: Strategy,
    /// Probability with which it was chosen at that moment.
    pub propensity: f64,
    /// What the strategy did, by a policy that never saw the row's user.
    pub action: Action,
    /// What that brought.
    pub reward: f64,
}

/// A bandit with its first experience, and the decisions from which it has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsal<B = EpsilonGreedy> {
    bandit: B,
    log: Vec<Rehearsed>,
}

impl<B: Bandit> Rehearsal<B> {
    /// The bandit; for [`Recommender::with_bandit`](crate::Recommender::with_bandit).
    pub const fn bandit(&self) -> &B {
        &self.bandit
    }

    /// The decisions, pass by pass, within a pass in the order of the rows.
    pub fn log(&self) -> &[Rehearsed] {
        &self.log
    }

    fn pass(
        &mut self,
        (situations, contexts): (&[Situation], &[Vec<f64>]),
        rng: &mut Rng,
        mut reward: impl FnMut(usize, Action) -> f64,
    ) -> Result<(), Error> {
        let every = ArmSet::all(Strategy::ALL.len());
        let choose = |context: &Vec<f64>| self.bandit.decide(context, &every, rng);
        let choices: Vec<Decision> = contexts.iter().map(choose).collect::<Result<_, Error>>()?;
        for (row, (situation, choice)) in situations.iter().zip(choices).enumerate() {
            let strategy = Strategy::ALL[choice.arm];
            let action = strategy.action(situation);
            let (reward, propensity) = (reward(row, action), choice.propensity);
            self.learn(&contexts[row], Rehearsed { row, strategy, propensity, action, reward })?;
        }
        Ok(())
    }

    fn learn(&mut self, context: &[f64], decision: Rehearsed) -> Result<(), Error> {
        let Rehearsed { row, strategy, reward, .. } = decision;
        if !reward.is_finite() {
            return Err(DataError::NotFinite { row, column: "reward".to_owned(), value: reward }.into());
        }
        self.bandit.learn(context, strategy.index(), reward)?;
        self.log.push(decision);
        Ok(())
    }
}
