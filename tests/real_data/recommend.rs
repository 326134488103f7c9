//! The recommender on the real features, and the notebook's own network.

use fincoach::core::{Artifact, Fit};
use fincoach::recommend::{
    AgreementParams, CqlParams, NotebookTransitions, QNetwork, Recommender, RehearsalParams, Replay,
    RuleInput, Strategy, evaluate_agreement,
};

use super::data;

pub(crate) const TESTS: super::Tests = &[
    (
        "the notebooks network gives the values that pytorch gives",
        the_notebooks_network_gives_the_values_that_pytorch_gives,
    ),
    (
        "the greedy policy learns the rule and tells users it never saw apart",
        the_greedy_policy_learns_the_rule_and_tells_users_it_never_saw_apart,
    ),
    (
        "on users it never saw the learned strategy earns less than the rule it was taught",
        on_users_it_never_saw_the_learned_strategy_earns_less_than_the_rule_it_was_taught,
    ),
    (
        "with the notebooks numbers the loss falls and four in five agree",
        with_the_notebooks_numbers_the_loss_falls_and_four_in_five_agree,
    ),
    ("asked twice it recommends the same", asked_twice_it_recommends_the_same),
];

fn replay(users: &str) -> Replay {
    let table = data::golden_features(users);
    let segments = vec![0; table.n_rows()];
    NotebookTransitions::default().replay(&table, &segments).unwrap()
}

fn the_notebooks_network_gives_the_values_that_pytorch_gives() {
    let network = QNetwork::load_pth(data::golden("notebook/enhanced_cql_model.pth")).unwrap();
    assert_eq!((network.n_inputs(), network.hidden(), network.n_outputs()), (35, 128, 5));
    let inputs = data::numbers("notebook/orig_cql_in16.csv");
    let expected = data::numbers("notebook/orig_cql_out16.csv");
    let got = network.q_values(inputs.view()).unwrap();
    let worst = got
        .iter()
        .zip(&expected)
        .map(|(got, expected)| (got - expected).abs() / expected.abs().max(1.0))
        .fold(0.0, f64::max);
    assert_eq!(got.dim(), expected.dim());
    assert!(worst <= 1e-5, "{worst}");
}

fn the_greedy_policy_learns_the_rule_and_tells_users_it_never_saw_apart() {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    for file in ["timeline", "timeline-notebook"] {
        let replay = replay(file);
        let found = evaluate_agreement(&CqlParams::default(), &replay, &AgreementParams::default()).unwrap();
        assert!(mean(&found.train) >= 0.8, "{found:?}");
        assert!(mean(&found.held_out) > mean(&found.held_out_majority) + 0.08, "{found:?}");
        assert!(found.first_and_last_loss.iter().all(|[first, last]| last < &(first / 2.0)), "{found:?}");
        assert!(found.log_loss_calibrated < found.log_loss_uncalibrated, "{found:?}");
    }
}

fn on_users_it_never_saw_the_learned_strategy_earns_less_than_the_rule_it_was_taught() {
    let replay = replay("timeline");
    let rules = RuleInput::of_table(replay.states()).unwrap();
    let policy = CqlParams::default().with_seed(0);
    // Every choice is left to chance, so that each strategy is tried on all.
    let plan = RehearsalParams::default().with_policy(policy).with_epsilon(1.0);
    let rehearsal = plan.rehearse(&replay, |row, action| rules[row].reward(action, 0)).unwrap();
    let value = |strategy: Strategy| rehearsal.bandit().values()[strategy.index()];
    assert!(value(Strategy::Learned) < value(Strategy::Rules) - 0.05, "{:?}", rehearsal.bandit());
    assert!(value(Strategy::Learned) > value(Strategy::SaveFirst) + 0.3, "{:?}", rehearsal.bandit());
}

fn with_the_notebooks_numbers_the_loss_falls_and_four_in_five_agree() {
    let plan = AgreementParams::default();
    let replay = replay("timeline");
    let found = evaluate_agreement(&CqlParams::notebook(), &replay, &plan).unwrap();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    assert!(mean(&found.train) >= 0.8, "{found:?}");
    assert!(mean(&found.held_out) > mean(&found.held_out_majority) + 0.08, "{found:?}");
    assert!(found.first_and_last_loss.iter().all(|[first, last]| last < first), "{found:?}");
}

fn asked_twice_it_recommends_the_same() {
    let replay = replay("timeline");
    let policy = CqlParams::default().fit(&replay).unwrap();
    assert_eq!(CqlParams::default().fit(&replay).unwrap().to_bytes().unwrap(), policy.to_bytes().unwrap());
    let recommender = Recommender::new(policy).unwrap();
    let first = recommender.recommend_best(replay.states()).unwrap();
    assert_eq!(recommender.recommend_best(replay.states()).unwrap(), first);
    let alone = replay.states().take(&[7]).unwrap();
    assert_eq!(recommender.recommend_best(&alone).unwrap()[0], first[7]);
}
