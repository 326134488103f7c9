//! The stage that learns what to recommend.

use fincoach_core::{FeatureTable, Fit, Progress};
use fincoach_recommend::{
    Agreement, AgreementParams, CqlParams, EpsilonGreedy, NotebookTransitions, Recommendation, Recommender,
    RehearsalParams, Replay, RuleInput, Strategy, evaluate_agreement_with,
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

pub(super) fn learn(
    params: &CqlParams,
    users: (&FeatureTable, &[usize]),
    seeds: (u64, usize),
    progress: &mut dyn Progress,
) -> Result<Advice, Error> {
    let ((table, labels), (seed, n_seeds)) = (users, seeds);
    let params = params.clone().with_seed(seed);
    let replay = NotebookTransitions::default().with_seed(seed).replay(table, labels)?;
    let plan = AgreementParams::default().with_n_seeds(n_seeds).with_seed(seed);
    let agreement = evaluate_agreement_with(&params, &replay, &plan, progress)?;
    let policy = params.fit_with(&replay, progress)?.with_temperature(agreement.temperature)?;
    let recommender = Recommender::with_bandit(policy, warm_up(&params, (&replay, labels), seed, progress)?)?;
    let recommendations = recommender.recommend_best(table)?;
    let bandit = summary(&recommender);
    Ok(Advice { recommender, recommendations, agreement, bandit })
}

/// A bandit that has tried its strategies on the users, each answered by a policy that never saw them and paid by
/// the reward table of the rules, so that it does not begin its service without any experience.
fn warm_up(
    params: &CqlParams,
    (replay, labels): (&Replay, &[usize]),
    seed: u64,
    progress: &mut dyn Progress,
) -> Result<EpsilonGreedy, Error> {
    let rules = RuleInput::of_table(replay.states())?;
    let plan = RehearsalParams::default().with_policy(params.clone()).with_n_passes(BANDIT_PASSES);
    let reward = |row: usize, action| rules[row].reward(action, labels[row]);
    Ok(plan.with_seed(seed).rehearse_with(replay, reward, progress)?.bandit().clone())
}

fn summary(recommender: &Recommender) -> BanditSummary {
    let bandit = recommender.bandit();
    BanditSummary {
        strategies: Strategy::ALL.to_vec(),
        counts: bandit.counts().to_vec(),
        values: bandit.values(),
        best: Strategy::ALL[bandit.best()],
    }
}
