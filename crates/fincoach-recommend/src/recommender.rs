//! A policy and a bandit that decides how it is used.

use fincoach_core::chrono::NaiveDateTime;
use fincoach_core::rng::Rng;
use fincoach_core::{Action, DataError, FeatureTable};
use rayon::prelude::*;

use crate::greedy::{argmax, rows_of_five, softmax_among};
use crate::log::left_allowed;
use crate::strategy::Situation;
use crate::{
    AdviceCard, ArmSet, BanditContext, CqlPolicy, EpsilonGreedy, Error, LoggedDecision, Masked,
    Recommendation, Request, RuleInput, Strategy, StrategyBandit, StrategyChance, StrategyChooser,
};

/// A learnt policy, and a bandit that chooses for each user the strategy by which it is used.
///
/// What may not be said, by the rules of its [`StrategyChooser`] and the log of the [`Request`], no strategy says.
/// [`Recommender::recommend`] draws, and remembers each decision until its feedback comes; what it gave belongs into the
/// log ([`Recommendation::log_entry`]), which the caller keeps.
///
/// # Examples
/// ```
/// use fincoach_core::rng::stream;
/// use fincoach_core::{FeatureTable, Fit, RowKey, chrono::NaiveDate, ndarray::Array2};
/// use fincoach_recommend::{
///     BanditContext, CqlParams, InterventionLog, LinThompson, MaskRules, NotebookTransitions, Recommender, Request,
///     Strategy, StrategyChooser,
/// };
///
/// let day = |day| NaiveDate::from_ymd_opt(2024, 1, day).unwrap().into();
/// let keys = (0..20).map(|user| RowKey { user: user.to_string(), as_of: day(28) }).collect();
/// let columns = ["current_balance", "savings_rate", "spending_volatility"];
/// let values = Array2::from_shape_fn((20, 3), |(row, column)| [row as f64 * 20.0, 0.3, 1.0][column]);
/// let table = FeatureTable::new(keys, columns, values)?;
/// let replay = NotebookTransitions::default().replay(&table, &[0; 20])?;
/// let policy = CqlParams::default().with_hidden(16).with_n_epochs(5).fit(&replay)?;
///
/// let context = BanditContext::fit(&table, &["current_balance"], 0)?;
/// let bandit = LinThompson::new(5, context.len())?;
/// let chooser = StrategyChooser::new(bandit, Some(context))?.with_rules(MaskRules::usual());
/// let mut recommender = Recommender::with_chooser(policy, chooser)?;
///
/// let mut log = InterventionLog::default();
/// let given = recommender.recommend(Request::new(&table).with_log(&log).at(day(29)), &mut stream(7, 0))?;
/// for one in &given {
///     log.record(&one.user, one.log_entry())?;
/// }
/// recommender.feedback(given[0].decision.unwrap(), 1.0)?;
///
/// // Whoever was alerted hears of something else the next day.
/// let next = Request::new(&table).with_log(&log).at(day(30));
/// for (before, after) in given.iter().zip(recommender.recommend_with(next, Strategy::SaveFirst)?) {
///     assert!(before.action_name != "spending_alert" || after.action_name != "spending_alert");
/// }
/// println!("{}", recommender.card(next, 0, Strategy::SaveFirst)?);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Recommender {
    policy: CqlPolicy,
    chooser: StrategyChooser,
}

/// One row of a request, as every strategy sees it.
struct Case {
    time: NaiveDateTime,
    masked: Vec<Masked>,
    q_values: [f64; 5],
    situation: Situation,
}

impl Recommender {
    /// A recommender whose bandit knows nothing yet and explores with ε 0.1, without rules on what may be said.
    ///
    /// # Errors
    /// As [`Recommender::with_chooser`].
    pub fn new(policy: CqlPolicy) -> Result<Self, Error> {
        Self::with_bandit(policy, EpsilonGreedy::new(Strategy::ALL.len(), 0.1)?)
    }

    /// A recommender with a bandit that reads no context, without rules on what may be said.
    ///
    /// # Errors
    /// As [`StrategyChooser::new`] and [`Recommender::with_chooser`].
    pub fn with_bandit(policy: CqlPolicy, bandit: impl Into<StrategyBandit>) -> Result<Self, Error> {
        Self::with_chooser(policy, StrategyChooser::new(bandit, None)?)
    }

    /// A recommender of these parts.
    ///
    /// # Errors
    /// [`Error::Data`] when the policy's columns lack one of [`RuleInput::COLUMNS`], which some strategies read, or one
    /// that the bandit's context reads.
    pub fn with_chooser(policy: CqlPolicy, chooser: StrategyChooser) -> Result<Self, Error> {
        let read = chooser.context().into_iter().flat_map(BanditContext::columns);
        for name in RuleInput::COLUMNS.into_iter().chain(read.map(String::as_str)) {
            if !policy.columns().iter().any(|column| column == name) {
                let known = policy.columns().iter().cloned();
                return Err(DataError::unknown("column", name, known).into());
            }
        }
        Ok(Self { policy, chooser })
    }

    /// The learnt policy.
    #[must_use]
    pub const fn policy(&self) -> &CqlPolicy {
        &self.policy
    }

    /// Rules, context and bandit with all that was learnt: save this, and the log, after decisions and feedback.
    #[must_use]
    pub const fn chooser(&self) -> &StrategyChooser {
        &self.chooser
    }

    /// The bandit and all it has learnt.
    #[must_use]
    pub const fn bandit(&self) -> &StrategyBandit {
        self.chooser.bandit()
    }

    /// A recommendation a row, the strategy of each chosen by the bandit, which remembers its decisions.
    ///
    /// Draws once a row in the order of the rows, so equal states of `rng` and equal requests give equal
    /// recommendations.
    ///
    /// # Errors
    /// [`Error::Data`] for other columns than the policy's, segments that are not those of the context, and a moment before
    /// that of the features. Nothing is remembered then.
    pub fn recommend<'a>(
        &mut self,
        request: impl Into<Request<'a>>,
        rng: &mut Rng,
    ) -> Result<Vec<Recommendation>, Error> {
        let request = request.into();
        let (cases, contexts) = (self.cases(&request)?, request.contexts(self.chooser.context())?);
        let every = ArmSet::all(Strategy::ALL.len());
        let mut given = Vec::with_capacity(cases.len());
        for (row, (case, context)) in cases.into_iter().zip(contexts).enumerate() {
            let chances = self.chooser.online().probabilities(&context, &every)?;
            let choice = self.chooser.online_mut().choose_from(&chances, (&context, &every), rng);
            let strategy = Strategy::ALL[choice.arm];
            let action = strategy.action(&case.situation);
            let together = case.situation.chance(action, &chances);
            let mut one = recommendation(&request.table().keys()[row].user, case, strategy);
            (one.propensity, one.action_propensity) = (choice.propensity, together);
            one.decision = Some(choice.id);
            given.push(one);
        }
        Ok(given)
    }

    /// A recommendation a row by the strategy that is expected to bring most in its context; draws and remembers nothing.
    ///
    /// # Errors
    /// As [`Recommender::recommend`].
    pub fn recommend_best<'a>(&self, request: impl Into<Request<'a>>) -> Result<Vec<Recommendation>, Error> {
        let request = request.into();
        let best = self.best_strategies(request)?;
        self.each(&request, |row| best[row])
    }

    /// The strategy that is expected to bring most for each row; of equal ones the first.
    ///
    /// # Errors
    /// As [`Recommender::recommend`].
    pub fn best_strategies<'a>(&self, request: impl Into<Request<'a>>) -> Result<Vec<Strategy>, Error> {
        let contexts = request.into().contexts(self.chooser.context())?;
        let best = |context: &Vec<f64>| Ok(Strategy::ALL[argmax(&self.bandit().expected(context)?)]);
        contexts.iter().map(best).collect()
    }

    /// A recommendation a row by one strategy; draws and remembers nothing.
    ///
    /// # Errors
    /// As [`Recommender::recommend`].
    pub fn recommend_with<'a>(
        &self,
        request: impl Into<Request<'a>>,
        strategy: Strategy,
    ) -> Result<Vec<Recommendation>, Error> {
        self.each(&request.into(), |_| strategy)
    }

    /// Learns what a decision brought, and gives back the whole of it.
    ///
    /// # Errors
    /// [`Error::UnknownDecision`] for one that does not wait for feedback, [`Error::Data`] when the reward is NaN or
    /// infinite; the decision still waits then.
    pub fn feedback(&mut self, decision: u64, reward: f64) -> Result<LoggedDecision, Error> {
        self.chooser.online_mut().feedback(decision, reward)
    }

    /// Learns what several decisions brought, in the order given: all of them, or none where there is an error.
    ///
    /// # Errors
    /// As [`Recommender::feedback`].
    pub fn feedback_batch(&mut self, rewards: &[(u64, f64)]) -> Result<Vec<LoggedDecision>, Error> {
        self.chooser.online_mut().feedback_batch(rewards)
    }

    /// Lays open what a strategy says to the user of a row: the policy's card of that action, and what the other strategies
    /// would say, with the chance that the bandit gives each.
    ///
    /// # Errors
    /// As [`Recommender::recommend`], and [`Error::Data`] for a row the table does not have.
    pub fn card<'a>(
        &self,
        request: impl Into<Request<'a>>,
        row: usize,
        strategy: Strategy,
    ) -> Result<AdviceCard, Error> {
        let whole = request.into();
        let table = whole.table().take(&[row])?;
        let cards = self.cards(whole.of_row(row, &table), &[strategy])?;
        Ok(cards.into_iter().next().ok_or(DataError::Empty { what: "row of the table" })?)
    }

    /// The cards of all rows, by the strategy of each.
    ///
    /// # Errors
    /// As [`Recommender::recommend`], and [`DataError::Length`] for another number of strategies than rows.
    pub fn cards<'a>(
        &self,
        request: impl Into<Request<'a>>,
        strategies: &[Strategy],
    ) -> Result<Vec<AdviceCard>, Error> {
        let request = request.into();
        DataError::ensure_len("strategies", request.table().n_rows(), strategies.len())?;
        let (cases, contexts) = (self.cases(&request)?, request.contexts(self.chooser.context())?);
        let rows = cases.into_par_iter().zip(contexts).zip(strategies).enumerate();
        let card = |(row, ((case, context), strategy)): (usize, ((Case, Vec<f64>), &Strategy))| {
            self.lay_open((case, &context), (request.table(), row), *strategy)
        };
        rows.map(card).collect()
    }

    fn lay_open(
        &self,
        (case, context): (Case, &[f64]),
        (table, row): (&FeatureTable, usize),
        strategy: Strategy,
    ) -> Result<AdviceCard, Error> {
        let chances = self.chooser.online().probabilities(context, &ArmSet::all(Strategy::ALL.len()))?;
        let expected = self.bandit().expected(context)?;
        let action = strategy.action(&case.situation);
        let policy = self.policy.card_of(action, (table, row), &case.masked)?;
        let of = |strategy: Strategy| StrategyChance {
            strategy,
            action: strategy.action(&case.situation),
            chance: chances[strategy.index()],
            expected: expected[strategy.index()],
        };
        Ok(AdviceCard { strategy, strategies: Strategy::ALL.map(of).to_vec(), time: case.time, policy })
    }

    fn each(
        &self,
        request: &Request<'_>,
        strategy: impl Fn(usize) -> Strategy,
    ) -> Result<Vec<Recommendation>, Error> {
        let rows = self.cases(request)?.into_iter().zip(request.table().keys()).enumerate();
        Ok(rows.map(|(row, (case, key))| recommendation(&key.user, case, strategy(row))).collect())
    }

    fn cases(&self, request: &Request<'_>) -> Result<Vec<Case>, Error> {
        let values = rows_of_five(self.policy.q_values(request.table())?.view())?;
        let rules = RuleInput::of_table(request.table())?;
        let case = |(row, (q_values, rule)): (usize, ([f64; 5], RuleInput))| {
            let time = request.moment(row)?;
            let masked = self.chooser.rules().masked(&request.history(row, time));
            let allowed = left_allowed(&masked);
            let probabilities = softmax_among(q_values, allowed.mask(), self.policy.temperature());
            Ok(Case { time, masked, q_values, situation: Situation { rule, probabilities, allowed } })
        };
        values.into_iter().zip(rules).enumerate().map(case).collect()
    }
}

/// What a strategy says in a case.
fn recommendation(user: &str, case: Case, strategy: Strategy) -> Recommendation {
    let action: Action = strategy.action(&case.situation);
    Recommendation {
        user: user.to_owned(),
        time: case.time,
        action,
        action_name: action.name().to_owned(),
        strategy,
        q_values: case.q_values,
        confidence: case.situation.probabilities[action.index()],
        propensity: 1.0,
        action_propensity: 1.0,
        masked: case.masked,
        decision: None,
    }
}
