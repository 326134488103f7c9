//! The stage that learns what to recommend.

use fincoach_core::{FeatureTable, Fit, Progress, rng};
use fincoach_recommend::{
    Agreement, AgreementParams, CqlParams, NotebookTransitions, Recommendation, Recommender, RuleInput,
    Strategy, evaluate_agreement,
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
const BANDIT_PASSES: u64 = 20;

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
    let agreement = evaluate_agreement(&params, &replay, &plan)?;
    let policy = params.fit_with(&replay, progress)?.with_temperature(agreement.temperature)?;
    let mut recommender = Recommender::new(policy)?;
    warm_up(&mut recommender, users, seed)?;
    let recommendations = recommender.recommend_best(table)?;
    let bandit = summary(&recommender);
    Ok(Advice { recommender, recommendations, agreement, bandit })
}

/// Lets the bandit try its strategies on the users, paid by the reward table of the rules, so that it does not
/// begin its service without any experience.
fn warm_up(recommender: &mut Recommender, users: (&FeatureTable, &[usize]), seed: u64) -> Result<(), Error> {
    let (table, labels) = users;
    let rules = RuleInput::of_table(table)?;
    for pass in 0..BANDIT_PASSES {
        let given = recommender.recommend(table, &mut rng::stream(seed, pass))?;
        for ((given, rule), segment) in given.iter().zip(&rules).zip(labels) {
            recommender.feedback(given.strategy, rule.reward(given.action, *segment))?;
        }
    }
    Ok(())
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
