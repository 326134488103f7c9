//! The stage that learns what to recommend.

use fincoach_core::{FeatureTable, Fit, Progress};
use fincoach_recommend::{
    Agreement, AgreementParams, BanditContext, CqlParams, LinThompson, MaskRules, NotebookTransitions,
    Recommendation, Recommender, Rehearsal, RehearsalParams, Rehearsed, Replay, Request, RuleInput, Strategy,
    StrategyChooser, evaluate_agreement_with,
};

use super::BanditSummary;
use crate::Error;

/// What the stage gives.
pub(super) struct Advice {
    pub(super) recommender: Recommender,
    pub(super) recommendations: Vec<Recommendation>,
    pub(super) agreement: Agreement,
    pub(super) bandit: BanditSummary,
}

/// Passes over the users in which the bandit gathers its first experience.
const BANDIT_PASSES: usize = 20;
/// Spread of the rewards of the rules' table around their mean in a context.
const NOISE: f64 = 0.5;
/// About the last thousand feedbacks count.
const FORGETTING: f64 = 0.999;
/// Every strategy is tried now and then, so that it can be judged from the log.
const MIN_PROPENSITY: f64 = 0.02;

pub(super) fn learn(
    (params, rules): (&CqlParams, &MaskRules),
    users: (&FeatureTable, &[usize], usize),
    seeds: (u64, usize),
    progress: &mut dyn Progress,
) -> Result<Advice, Error> {
    let ((table, labels, n_segments), (seed, n_seeds)) = (users, seeds);
    let params = params.clone().with_seed(seed);
    let replay = NotebookTransitions::default().with_seed(seed).replay(table, labels)?;
    let plan = AgreementParams::default().with_n_seeds(n_seeds).with_seed(seed);
    let agreement = evaluate_agreement_with(&params, &replay, &plan, progress)?;
    let policy = params.fit_with(&replay, progress)?.with_temperature(agreement.temperature)?;
    let (chooser, rehearsal) = warm_up(&params, (&replay, labels, n_segments), seed, progress)?;
    let recommender = Recommender::with_chooser(policy, chooser.with_rules(rules.clone()))?;
    let request = Request::new(table).with_segments(labels);
    let recommendations = recommender.recommend_best(request)?;
    let bandit = summary(rehearsal.log());
    Ok(Advice { recommender, recommendations, agreement, bandit })
}

/// A bandit that has tried its strategies on the users, each answered by a policy that never saw them and paid by
/// the reward table of the rules, so that it does not begin its service without any experience.
///
/// It sees the segment of a user and what the rules look at.
fn warm_up(
    params: &CqlParams,
    (replay, labels, n_segments): (&Replay, &[usize], usize),
    seed: u64,
    progress: &mut dyn Progress,
) -> Result<(StrategyChooser, Rehearsal<LinThompson>), Error> {
    let rules = RuleInput::of_table(replay.states())?;
    let plan = RehearsalParams::default().with_policy(params.clone()).with_n_passes(BANDIT_PASSES);
    let reward = |row: usize, action| rules[row].reward(action, labels[row]);
    let context = BanditContext::fit(replay.states(), &RuleInput::COLUMNS, n_segments)?;
    let bandit = LinThompson::new(Strategy::ALL.len(), context.len())?
        .with_noise(NOISE)?
        .with_forgetting(FORGETTING)?;
    let contexts = context.contexts(replay.states(), labels)?;
    let rehearsal = plan.with_seed(seed).rehearse_bandit((replay, &contexts), (bandit, reward), progress)?;
    let chooser = StrategyChooser::new(rehearsal.bandit().clone(), Some(context))?;
    Ok((chooser.with_min_propensity(MIN_PROPENSITY)?, rehearsal))
}

/// How often each strategy was tried and what it brought.
#[expect(clippy::cast_precision_loss, reason = "numbers of decisions")]
fn summary(log: &[Rehearsed]) -> BanditSummary {
    let of = |strategy: Strategy| log.iter().filter(move |tried| tried.strategy == strategy);
    let counts = Strategy::ALL.map(|strategy| of(strategy).count() as u64).to_vec();
    let mean = |strategy: Strategy| {
        let n = of(strategy).count().max(1) as f64;
        of(strategy).map(|tried| tried.reward).sum::<f64>() / n
    };
    let values = Strategy::ALL.map(mean).to_vec();
    let ahead = |best: usize, arm: usize| if values[arm] > values[best] { arm } else { best };
    let best = Strategy::ALL[(0..values.len()).fold(0, ahead)];
    BanditSummary { strategies: Strategy::ALL.to_vec(), counts, values, best }
}
