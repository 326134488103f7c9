//! What every model of the workspace must pass, and what is special to these.
#![allow(clippy::unwrap_used, reason = "a test stops when something is wrong")]

use fincoach_core::chrono::{NaiveDate, NaiveDateTime};
use fincoach_core::ndarray::Array2;
use fincoach_core::rng::stream;
use fincoach_core::{
    Action, ActionSet, Artifact, ArtifactError, Control, DataError, FeatureTable, Fit, FitReport, Outcome,
    Predict, RowKey, Step,
};
use fincoach_recommend::{
    AgreementParams, BanditContext, Choice, CqlParams, CqlPolicy, Ended, EpsilonGreedy, Error,
    InterventionLog, LinThompson, LinUcb, LogEntry, MaskRules, NextValue, NotebookTransitions, QData,
    QTrainer, Recommender, RehearsalParams, Replay, Request, Strategy, StrategyBandit, StrategyChooser,
    TargetUpdate, TdLoss, ThompsonGaussian, Transition, evaluate_agreement, evaluate_agreement_with,
};
use fincoach_testkit::{
    check_columns, check_damage, check_fit_and_predict, check_params, check_progress, check_refused,
    check_rows_independent_with, check_stored,
};

const COLUMNS: [&str; 5] = ["savings_rate", "current_balance", "spending_volatility", "income", "noise"];

/// Users whose rule-made action follows from the first two columns.
fn table(n_rows: usize, seed: u64) -> FeatureTable {
    let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    let keys = (0..n_rows).map(|user| RowKey { user: user.to_string(), as_of }).collect();
    let mut rng = stream(seed, 0);
    let mut value = |column: usize| match column {
        0 => 0.25 * rng.normal(),
        1 => 400.0 + 300.0 * rng.normal(),
        2 => rng.uniform(),
        3 => 2000.0 + 400.0 * rng.normal(),
        _ => rng.normal(),
    };
    let values = Array2::from_shape_fn((n_rows, 5), |(_, column)| value(column));
    FeatureTable::new(keys, COLUMNS, values).unwrap()
}

fn replay(n_rows: usize) -> Replay {
    NotebookTransitions::default().replay(&table(n_rows, 1), &vec![0; n_rows]).unwrap()
}

fn small() -> CqlParams {
    CqlParams::default().with_hidden(8).with_n_epochs(6).with_batch_size(16)
}

#[test]
fn the_policy_keeps_the_rules_of_a_model() {
    let (log, new) = (replay(60), table(20, 2));
    let policy = check_fit_and_predict(&small(), &log, &new);
    check_columns(&policy, &new);
    check_progress(&small(), &log);
    check_rows_independent_with(&new, |rows| -> Result<Vec<Vec<u64>>, DataError> {
        let q = policy.q_values(rows)?;
        Ok(q.rows().into_iter().map(|row| row.iter().map(|value| value.to_bits()).collect()).collect())
    });
    check_rows_independent_with(&new, |rows| {
        Recommender::new(policy.clone())?.recommend_with(rows, Strategy::Learned)
    });
    check_damage::<CqlPolicy>(&policy.to_bytes().unwrap());
}

/// Every other thing that can be learnt, and every option at once.
fn presets() -> [CqlParams; 6] {
    let all = CqlParams::default()
        .with_n_heads(3)
        .with_td_loss(TdLoss::Huber)
        .with_next_value(NextValue::Double)
        .with_weight_decay(0.01)
        .with_alpha_threshold(Some(1.0))
        .with_target_update(TargetUpdate::CopyEvery(5));
    let presets = [
        CqlParams::dqn(),
        CqlParams::double_dqn(),
        CqlParams::one_step(),
        CqlParams::cloning(),
        CqlParams::notebook(),
        all,
    ];
    presets.map(|params| params.with_hidden(8).with_n_epochs(3).with_batch_size(16))
}

#[test]
fn everything_that_can_be_learnt_keeps_the_rules_of_a_model() {
    let (log, new) = (replay(40), table(12, 2));
    for params in presets() {
        let policy = check_fit_and_predict(&params, &log, &new);
        check_columns(&policy, &new);
        check_params(&params);
        check_progress(&params, &log);
        check_damage::<CqlPolicy>(&policy.to_bytes().unwrap());
    }
}

#[test]
fn a_training_is_saved_whole() {
    for params in presets() {
        fincoach_testkit::check_round_trip(&QTrainer::new(&params, [3, 2]).unwrap());
    }
}

#[test]
fn cloning_learns_the_shares_of_the_log_and_one_step_what_pays() {
    // One state: four times in five a nudge that pays nothing, once an alert that pays 1.
    let mut states = table(1, 1);
    let one = states.values().row(0).to_vec();
    let keys = (0..50).map(|user| RowKey { user: user.to_string(), ..states.keys()[0].clone() }).collect();
    let values = Array2::from_shape_fn((50, 5), |(_, column)| one[column]);
    states = FeatureTable::new(keys, COLUMNS, values).unwrap();
    let step = |row: usize| match row % 5 {
        0 => Transition::new(Action::SpendingAlert, 1.0),
        _ => Transition::new(Action::SavingsNudge, 0.0),
    };
    let log = Replay::new(states.clone(), states.values().to_owned(), (0..50).map(step).collect()).unwrap();
    let fit = |params: CqlParams| params.with_hidden(16).with_dropout(0.0).fit(&log).unwrap();

    let cloned = fit(CqlParams::cloning().with_batch_size(50).with_n_epochs(1000));
    let shares = cloned.probabilities(&states).unwrap();
    assert!((shares[(0, 1)] - 0.2).abs() < 0.02 && (shares[(0, 3)] - 0.8).abs() < 0.02, "{}", shares.row(0));
    assert_eq!(cloned.predict(&states).unwrap()[0], Action::SavingsNudge);
    assert!(cloned.report().curve("td").unwrap().iter().all(|td| *td == 0.0));

    let paid = fit(CqlParams::one_step());
    let values = paid.q_values(&states).unwrap();
    assert!((values[(0, 1)] - 1.0).abs() < 0.02 && values[(0, 3)].abs() < 0.02, "{}", values.row(0));
}

#[test]
fn heads_disagree_where_the_log_says_little() {
    let log = replay(150);
    let params = CqlParams::dqn().with_hidden(32).with_gamma(0.0).with_n_heads(8);
    let policy = params.fit(&log).unwrap();
    let seen = policy.q_estimates(log.states()).unwrap();
    let far = table(150, 1).values().mapv(|value| value * 10.0);
    let far = FeatureTable::new(log.states().keys().to_vec(), COLUMNS, far).unwrap();
    let unseen = policy.q_estimates(&far).unwrap();
    assert_eq!(seen.mean, policy.q_values(log.states()).unwrap());
    let typical = |deviation: &Array2<f64>| deviation.mean().unwrap();
    assert!(typical(&unseen.deviation) > 3.0 * typical(&seen.deviation));
    let alone = small().fit(&log).unwrap().q_estimates(log.states()).unwrap();
    assert!(alone.deviation.iter().all(|deviation| *deviation == 0.0));
}

#[test]
fn what_is_not_allowed_is_never_chosen() {
    let users = table(30, 3);
    let policy = small().fit(&replay(60)).unwrap();
    let free = vec![ActionSet::ALL; 30];
    let best = policy.predict(&users).unwrap();
    assert_eq!(policy.predict_allowed(&users, &free).unwrap(), best);
    let barred: Vec<ActionSet> = best.iter().map(|action| ActionSet::ALL.without(*action)).collect();
    let second = policy.predict_allowed(&users, &barred).unwrap();
    assert!(second.iter().zip(&best).all(|(second, best)| second != best));
    for choice in [Choice::Greedy, Choice::EpsilonSoft(0.2), Choice::Softmax(0.7)] {
        let probabilities = policy.choice_probabilities(&users, &barred, choice).unwrap();
        for (row, probabilities) in probabilities.rows().into_iter().enumerate() {
            assert_eq!(probabilities[best[row].index()], 0.0);
            assert!((probabilities.sum() - 1.0).abs() < 1e-12);
            let top = probabilities.iter().copied().fold(0.0, f64::max);
            assert_eq!(probabilities[second[row].index()], top);
        }
    }
    let soft = policy.choice_probabilities(&users, &free, Choice::Softmax(1.0)).unwrap();
    assert_eq!(soft, policy.probabilities(&users).unwrap());
    assert!(policy.predict_allowed(&users, &free[1..]).is_err());
    let none = vec![ActionSet::NONE; 30];
    assert!(matches!(policy.predict_allowed(&users, &none), Err(DataError::Inconsistent { .. })));
    assert!(policy.choice_probabilities(&users, &free, Choice::Softmax(0.0)).is_err());
}

#[test]
fn arrays_that_contradict_themselves_are_refused() {
    use fincoach_recommend::QStep;
    let fine = QStep { action: 1, reward: 0.5, discount: 0.9 };
    let data = |step| QData::new(2, Array2::zeros((1, 2)), Array2::zeros((1, 2)), vec![step]);
    assert!(data(fine).is_ok());
    for wrong in [
        QStep { action: 2, ..fine },
        QStep { reward: f32::NAN, ..fine },
        QStep { discount: 1.5, ..fine },
        QStep { discount: f32::NAN, ..fine },
    ] {
        assert!(data(wrong).is_err(), "{wrong:?}");
    }
    let all = Array2::from_elem((1, 2), true);
    let only_the_other = Array2::from_shape_fn((1, 2), |(_, action)| action == 0);
    let fine = data(fine).unwrap();
    assert!(fine.clone().with_allowed(only_the_other, all.clone()).is_err());
    assert!(fine.clone().with_allowed(all.clone(), Array2::from_elem((1, 2), false)).is_err());
    assert!(fine.clone().with_allowed(all, Array2::from_elem((1, 3), true)).is_err());
    assert!(fine.with_weights(Array2::from_elem((1, 1), f32::NAN)).is_err());
    assert!(QData::new(2, Array2::zeros((0, 2)), Array2::zeros((0, 2)), Vec::new()).is_err());
}

#[test]
fn batches_so_large_that_products_are_shared_among_threads_still_give_the_same_bytes() {
    let params = CqlParams::default().with_batch_size(512).with_n_epochs(2);
    fincoach_testkit::check_threads(&params, &replay(600));
}

#[test]
fn parameters_are_checked() {
    check_params(&CqlParams::notebook());
    check_params(&NotebookTransitions::default().with_noise(0.5));
    check_params(&AgreementParams::default().with_n_folds(3));
    check_params(&RehearsalParams::default().with_policy(CqlParams::notebook()).with_n_folds(3));
    let params = small();
    let refused = [
        params.clone().with_hidden(0),
        params.clone().with_batch_size(0),
        params.clone().with_n_epochs(0),
        params.clone().with_max_steps(0),
        params.clone().with_dropout(1.0),
        params.clone().with_dropout(f64::NAN),
        params.clone().with_gamma(1.0),
        params.clone().with_gamma(f64::NAN),
        params.clone().with_tau(0.0),
        params.clone().with_tau(f64::NAN),
        params.clone().with_learning_rate(0.0),
        params.clone().with_learning_rate(f64::INFINITY),
        params.clone().with_learning_rate(f64::NAN),
        params.clone().with_alpha(-1.0),
        params.clone().with_alpha(f64::NAN),
        params.clone().with_n_heads(0),
        params.clone().with_target_update(TargetUpdate::CopyEvery(0)),
        params.clone().with_weight_decay(-1.0),
        params.clone().with_weight_decay(f64::NAN),
        params.clone().with_weight_decay(1e4),
        params.clone().with_alpha_threshold(Some(f64::NAN)),
        params.clone().with_alpha_threshold(Some(1.0)).with_alpha(0.0),
        params.clone().with_alpha_learning_rate(0.0),
        params.with_alpha_learning_rate(f64::NAN),
    ];
    check_refused(&refused, &replay(10));
}

#[test]
fn the_rule_is_learnt_and_users_held_out_are_told_apart() {
    let found = evaluate_agreement(
        &CqlParams::default().with_hidden(32),
        &replay(150),
        &AgreementParams::default().with_n_seeds(2).with_n_folds(3),
    )
    .unwrap();
    for seed in 0..2 {
        assert!(found.train[seed] > 0.9, "{found:?}");
        assert!(found.held_out[seed] > found.held_out_majority[seed] + 0.2, "{found:?}");
        let [first, last] = found.first_and_last_loss[seed];
        assert!(last < first / 2.0, "{found:?}");
    }
    // This network is not over-confident, so that a temperature has nothing to mend and costs its own error.
    assert!((found.log_loss_calibrated - found.log_loss_uncalibrated).abs() < 0.1, "{found:?}");
}

#[test]
fn held_out_users_never_teach() {
    // Two rows a user with one answer each, random over users: nothing can be known of a user held out.
    let mut rng = stream(4, 0);
    let day = |day| NaiveDate::from_ymd_opt(2024, 1, day).unwrap().into();
    let key = |row: usize| RowKey { user: (row / 2).to_string(), as_of: day(1 + row as u32 % 2) };
    let users = Array2::from_shape_fn((60, 16), |_| rng.normal());
    let states = Array2::from_shape_fn((120, 16), |(row, column)| users[(row / 2, column)]);
    let answers: Vec<Action> = (0..60).map(|_| Action::ALL[rng.below(2)]).collect();
    let steps = (0..120).map(|row| Transition::new(answers[row / 2], 1.0)).collect();
    let columns = (0..16).map(|column| format!("x{column}"));
    let table = FeatureTable::new((0..120).map(key).collect(), columns, states.clone()).unwrap();
    let log = Replay::new(table, states, steps).unwrap();
    let plan = AgreementParams::default().with_n_seeds(3).with_n_folds(3);
    let params = CqlParams::default().with_hidden(32).with_learning_rate(0.01).with_n_epochs(60);
    let params = params.with_dropout(0.0);
    let found = evaluate_agreement(&params, &log, &plan).unwrap();
    assert!(found.train.iter().all(|share| *share > 0.95), "learnt by heart: {found:?}");
    let mean = found.held_out.iter().sum::<f64>() / 3.0;
    assert!(mean < 0.66, "a leak: {found:?}");
    // Sure of what it learnt by heart, the network gains by a temperature even where others choose it.
    assert!(found.temperature > 1.5, "{found:?}");
    assert!(found.log_loss_calibrated < found.log_loss_uncalibrated, "{found:?}");
    let many = plan.with_n_folds(61);
    assert!(matches!(evaluate_agreement(&small(), &log, &many), Err(Error::TooFewUsers { .. })));
}

#[test]
fn an_evaluation_told_to_stop_finishes_its_seed() {
    let log = replay(30);
    let plan = AgreementParams::default().with_n_folds(2).with_n_seeds(3);
    // Three fits a seed: the two folds and all data.
    let told_to_stop_at = |last: u64| {
        let mut steps = Vec::new();
        let mut listener = |step: &Step<'_>| {
            steps.push((step.stage.to_owned(), step.done, step.total));
            if step.done == last { Control::Stop } else { Control::Continue }
        };
        let found = evaluate_agreement_with(&small(), &log, &plan, &mut listener).unwrap();
        (found, steps)
    };
    let whole = evaluate_agreement(&small(), &log, &plan).unwrap();
    let (found, steps) = told_to_stop_at(u64::MAX);
    assert_eq!(found, whole);
    assert_eq!(steps, (1..=9).map(|done| ("agreement".to_owned(), done, 9)).collect::<Vec<_>>());
    for (last, n_seeds) in [(1, 1), (3, 1), (4, 2), (9, 3)] {
        let (found, steps) = told_to_stop_at(last);
        assert_eq!(found, evaluate_agreement(&small(), &log, &plan.clone().with_n_seeds(n_seeds)).unwrap());
        assert_eq!(found.held_out, whole.held_out[..n_seeds]);
        assert_eq!(steps.len(), 3 * n_seeds, "told to stop at {last}");
    }
}

#[test]
fn an_evaluation_does_not_depend_on_the_number_of_threads() {
    let log = replay(30);
    let plan = AgreementParams::default().with_n_folds(2).with_n_seeds(3);
    let on = |n_threads: usize| {
        let mut stop = |step: &Step<'_>| if step.done == 4 { Control::Stop } else { Control::Continue };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| evaluate_agreement_with(&small(), &log, &plan, &mut stop).unwrap())
    };
    assert_eq!(on(1), on(4));
}

#[test]
fn one_transition_and_constant_columns_are_enough() {
    let policy = small().fit(&replay(1)).unwrap();
    assert_eq!(policy.predict(&table(3, 9)).unwrap().len(), 3);
}

#[test]
fn a_terminal_transition_is_worth_its_reward_and_a_lasting_one_more() {
    // One state, one action, reward 1 for ever: the value is 1/(1-γ) = 2, or 1 where the story ends.
    let learnt = |ended: Ended| {
        let states = table(1, 1);
        let next = states.values().to_owned();
        let step = Transition::new(Action::SavingsNudge, 1.0).with_ended(ended);
        let params = CqlParams::default()
            .with_gamma(0.5)
            .with_alpha(0.0)
            .with_dropout(0.0)
            .with_tau(0.5)
            .with_n_epochs(800)
            .with_hidden(16);
        let policy = params.fit(&Replay::new(states.clone(), next, vec![step]).unwrap()).unwrap();
        policy.q_values(&states).unwrap()[(0, 3)]
    };
    assert!((learnt(Ended::Terminal) - 1.0).abs() < 0.01);
    let lasting = learnt(Ended::No);
    // Without the conservative part the best next action may be another one: at least 2.
    assert!(lasting > 1.9, "{lasting}");
}

#[test]
fn training_stops_at_the_limit_of_steps() {
    let policy = small().with_max_steps(10).fit(&replay(60)).unwrap();
    // Four steps an epoch: two epochs and a half.
    assert_eq!((policy.report().n_steps(), policy.report().outcome()), (3, Outcome::MaxIter));
    let names: Vec<&str> = policy.report().curves().iter().map(|curve| curve.name.as_str()).collect();
    assert_eq!(names, ["loss", "td", "conservative"]);
    let curve = |report: &FitReport, name: &str| report.curve(name).unwrap()[1];
    let (loss, td) = (curve(policy.report(), "loss"), curve(policy.report(), "td"));
    assert!((loss - td - 5.0 * curve(policy.report(), "conservative")).abs() < 1e-5);
}

#[test]
fn the_target_follows_at_steps_or_at_epochs() {
    let each = |update| small().with_tau(1.0).with_target_update(update).fit(&replay(60)).unwrap();
    let (step, epoch) = (each(TargetUpdate::EveryStep), each(TargetUpdate::EveryEpoch));
    assert_ne!(step.report(), epoch.report());
}

#[test]
fn rewards_too_large_are_an_error() {
    let steps = vec![Transition::new(Action::SavingsNudge, 1e30)];
    let states = table(1, 1);
    let log = Replay::new(states.clone(), states.values().to_owned(), steps).unwrap();
    assert!(matches!(small().fit(&log), Err(Error::Diverged { epoch: 0, .. })));
}

#[test]
fn the_bandit_changes_what_is_recommended() {
    let users = table(60, 3);
    let policy = CqlParams::default().with_hidden(32).with_n_epochs(60).fit(&replay(60)).unwrap();
    let mut recommender = Recommender::new(policy).unwrap();
    let actions = Strategy::ALL.map(|strategy| {
        let given = recommender.recommend_with(&users, strategy).unwrap();
        assert!(given.iter().all(|one| one.strategy == strategy && one.propensity == 1.0));
        given.iter().map(|one| one.action).collect::<Vec<_>>()
    });
    for first in 0..5 {
        for second in 0..first {
            assert_ne!(actions[first], actions[second], "strategies {first} and {second}");
        }
    }
    let first = recommender.clone();
    let drawn = |seed| first.clone().recommend(&users, &mut stream(seed, 0)).unwrap();
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(drawn(1), drawn(2));
    let text = serde_json::to_string(&drawn(1)).unwrap();
    assert_eq!(serde_json::from_str::<Vec<fincoach_recommend::Recommendation>>(&text).unwrap(), drawn(1));
    let numbers = |given: Vec<fincoach_recommend::Recommendation>| {
        given.iter().map(|one| one.decision).collect::<Vec<_>>()
    };
    assert_eq!(
        numbers(recommender.recommend(&users, &mut stream(1, 0)).unwrap()),
        (0..60).map(Some).collect::<Vec<_>>()
    );
    assert_eq!(numbers(recommender.recommend(&users, &mut stream(2, 0)).unwrap())[0], Some(60));
}

#[test]
fn feedback_moves_the_recommender_to_the_strategy_that_pays() {
    let users = table(40, 3);
    let policy = small().fit(&replay(60)).unwrap();
    let mut recommender = Recommender::new(policy).unwrap();
    let mut rng = stream(8, 0);
    // Savings nudges and the alert of the poor pay; only one strategy gives nothing else.
    for _ in 0..60 {
        for given in recommender.recommend(&users, &mut rng).unwrap() {
            let paid = matches!(given.action, Action::SavingsNudge | Action::SpendingAlert);
            recommender.feedback(given.decision.unwrap(), f64::from(u8::from(paid))).unwrap();
        }
    }
    assert_eq!(recommender.best_strategies(&users).unwrap(), [Strategy::SaveFirst; 40]);
    let best = recommender.recommend_best(&users).unwrap();
    assert_eq!(best, recommender.recommend_with(&users, Strategy::SaveFirst).unwrap());
}

#[test]
fn confidence_is_the_probability_of_the_action_given() {
    let users = table(30, 3);
    let policy = small().fit(&replay(60)).unwrap().with_temperature(0.5).unwrap();
    let probabilities = policy.probabilities(&users).unwrap();
    for row in probabilities.rows() {
        assert!((row.sum() - 1.0).abs() < 1e-12);
    }
    let recommender = Recommender::new(policy.clone()).unwrap();
    for (row, given) in recommender.recommend_with(&users, Strategy::Rules).unwrap().iter().enumerate() {
        assert_eq!(given.confidence, probabilities[(row, given.action.index())]);
        assert_eq!(given.q_values[2], policy.q_values(&users).unwrap()[(row, 2)]);
    }
    assert!(policy.clone().with_temperature(f64::NAN).is_err());
    assert!(policy.with_temperature(0.0).is_err());
}

#[test]
fn a_recommender_needs_its_columns_and_arms() {
    let policy = small().fit(&replay(20)).unwrap();
    assert!(Recommender::with_bandit(policy, EpsilonGreedy::new(4, 0.1).unwrap()).is_err());
    let states = table(20, 1).select(&["income", "savings_rate", "spending_volatility"]).unwrap();
    let steps = vec![Transition::new(Action::SavingsNudge, 1.0); 20];
    let policy =
        small().fit(&Replay::new(states.clone(), states.values().to_owned(), steps).unwrap()).unwrap();
    let error = Recommender::new(policy).unwrap_err();
    assert!(error.to_string().contains("current_balance"), "{error}");
}

#[test]
fn the_bandit_is_saved_whole() {
    let mut bandit = EpsilonGreedy::new(5, 0.1).unwrap();
    for (arm, reward) in [(0, 0.1), (0, 0.2), (3, 1.0), (4, -2.5)] {
        bandit.feedback(arm, reward).unwrap();
    }
    fincoach_testkit::check_round_trip(&bandit);
    let bytes = bandit.to_bytes().unwrap();
    check_damage::<EpsilonGreedy>(&bytes);
    let text = String::from_utf8(bytes).unwrap();
    let wrong = text.replace("-2.5],\"values\"", "-2.6],\"values\"");
    assert_ne!(wrong, text);
    assert!(matches!(EpsilonGreedy::from_bytes(wrong.as_bytes()), Err(ArtifactError::Damaged { .. })));
}

#[test]
fn files_of_format_1_still_load() {
    let policy = check_stored::<CqlPolicy>(include_bytes!("artifacts/cql-1.safetensors"));
    assert_eq!(policy.columns(), COLUMNS);
    assert_eq!(policy.report().n_steps(), 6);
    let bandit = check_stored::<EpsilonGreedy>(include_bytes!("artifacts/bandit_state-1.json"));
    assert_eq!(bandit.counts(), [2, 0, 0, 1, 1]);
}

#[test]
#[ignore = "writes the stored files; run once for each new format"]
fn write_files_of_this_format() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/artifacts");
    let policy = small().fit(&replay(60)).unwrap();
    policy.save(format!("{folder}/cql-{}.safetensors", CqlPolicy::FORMAT)).unwrap();
    let mut bandit = EpsilonGreedy::new(5, 0.1).unwrap();
    for (arm, reward) in [(0, 0.1), (0, 0.2), (3, 1.0), (4, -2.5)] {
        bandit.feedback(arm, reward).unwrap();
    }
    bandit.save(format!("{folder}/bandit_state-{}.json", EpsilonGreedy::FORMAT)).unwrap();
}

/// A recommender with a contextual bandit, rules and a floor.
fn contextual(users: &FeatureTable) -> Recommender {
    let context = BanditContext::fit(users, &["savings_rate", "income"], 3).unwrap();
    let bandit = LinThompson::new(5, context.len()).unwrap().with_forgetting(0.99).unwrap();
    let chooser = StrategyChooser::new(bandit, Some(context)).unwrap().with_rules(MaskRules::usual());
    let chooser = chooser.with_min_propensity(0.02).unwrap().with_expiry(Some(1000)).unwrap();
    Recommender::with_chooser(small().fit(&replay(60)).unwrap(), chooser).unwrap()
}

fn day(day: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2024, 2, day).unwrap().into()
}

#[test]
fn the_propensity_of_an_action_is_the_share_of_draws_that_give_it() {
    let users = table(6, 3);
    let segments = [0, 1, 2, 0, 1, 2];
    let mut recommender = contextual(&users);
    let request = Request::new(&users).with_segments(&segments);
    let mut rng = stream(5, 0);
    for _ in 0..30 {
        for given in recommender.recommend(request, &mut rng).unwrap() {
            let pays = f64::from(u8::from(given.action == Action::SpendingAlert));
            recommender.feedback(given.decision.unwrap(), pays).unwrap();
        }
    }
    // Nothing more is learnt: chances stay.
    let mut counts = [[0.0; 5]; 6];
    let mut chances = [[f64::NAN; 5]; 6];
    let n_draws = 4000;
    for _ in 0..n_draws {
        for (row, given) in recommender.recommend(request, &mut rng).unwrap().iter().enumerate() {
            counts[row][given.action.index()] += 1.0 / f64::from(n_draws);
            chances[row][given.action.index()] = given.action_propensity;
            assert!(given.propensity <= given.action_propensity + 1e-12);
        }
    }
    for (counts, chances) in counts.iter().zip(chances) {
        for (count, chance) in counts.iter().zip(chances).filter(|(count, _)| **count > 0.0) {
            let error = (chance * (1.0 - chance) / f64::from(n_draws)).sqrt();
            assert!((count - chance).abs() < 5.0 * error + 1e-9, "{count} {chance}");
        }
        let total: f64 = chances.iter().filter(|chance| chance.is_finite()).sum();
        assert!((total - 1.0).abs() < 1e-9, "{total}");
    }
}

#[test]
fn no_strategy_says_what_was_said_too_short_a_time_ago() {
    let users = table(20, 3);
    let segments = [1; 20];
    let recommender = contextual(&users);
    let alert = LogEntry::new(day(10), Action::SpendingAlert);
    let log = InterventionLog::new((0..10).map(|user| (user.to_string(), alert))).unwrap();
    let request = Request::new(&users).with_segments(&segments).with_log(&log);
    for strategy in Strategy::ALL {
        for given in recommender.recommend_with(request.at(day(12)), strategy).unwrap() {
            let early = given.user.parse::<u32>().unwrap() < 10;
            assert_eq!(given.masked.len(), usize::from(early));
            assert!(!early || given.action != Action::SpendingAlert);
            assert_eq!(given.time, day(12));
        }
        let later = recommender.recommend_with(request.at(day(13)), strategy).unwrap();
        assert!(later.iter().all(|given| given.masked.is_empty()));
    }
    assert!(
        recommender.recommend_with(request.at(day(13)), Strategy::Rules).unwrap()[..10]
            .iter()
            .any(|given| given.action == Action::SpendingAlert)
    );
    // The features are of the last day of January.
    let early = NaiveDate::from_ymd_opt(2024, 1, 30).unwrap().into();
    let error = recommender.recommend_best(request.at(early)).unwrap_err();
    assert!(error.to_string().contains("is known up to"), "{error}");
}

#[test]
fn the_card_shows_what_was_given_and_its_chances() {
    let users = table(20, 3);
    let segments = [2; 20];
    let mut recommender = contextual(&users);
    let alert = LogEntry::new(day(10), Action::SpendingAlert);
    let log = InterventionLog::new((0..10).map(|user| (user.to_string(), alert))).unwrap();
    let request = Request::new(&users).with_segments(&segments).with_log(&log).at(day(11));
    for (row, given) in recommender.recommend(request, &mut stream(3, 0)).unwrap().iter().enumerate() {
        let card = recommender.card(request, row, given.strategy).unwrap();
        assert_eq!((card.policy.action, card.time, &card.policy.user), (given.action, day(11), &given.user));
        assert!((card.action_chance() - given.action_propensity).abs() < 1e-12);
        assert_eq!(card.strategies[given.strategy.index()].chance, given.propensity);
        let total: f64 = card.strategies.iter().map(|strategy| strategy.chance).sum();
        assert!((total - 1.0).abs() < 1e-9);
        let told = card.to_string();
        assert_eq!(
            told.contains("masked: last taken 2024-02-10T00:00:00, at most once in 3 days"),
            row < 10,
            "{told}"
        );
        assert!(told.contains(given.strategy.name()) && told.contains("expected reward"), "{told}");
    }
    assert!(recommender.card(request, 20, Strategy::Learned).is_err());
    assert!(recommender.card(&users, 0, Strategy::Learned).is_err(), "no segments");
}

#[test]
fn a_chooser_is_saved_whole_and_goes_on_as_if_it_had_not_stopped() {
    let users = table(8, 3);
    let segments = [0, 1, 2, 0, 1, 2, 0, 1];
    let request = Request::new(&users).with_segments(&segments);
    let mut recommender = contextual(&users);
    let given = recommender.recommend(request, &mut stream(1, 0)).unwrap();
    recommender.feedback_batch(&[(given[5].decision.unwrap(), 0.5), (0, -0.25)]).unwrap();
    let bytes = recommender.chooser().to_bytes().unwrap();
    fincoach_testkit::check_round_trip(recommender.chooser());
    fincoach_testkit::check_round_trip(recommender.bandit());
    check_damage::<StrategyChooser>(&bytes);

    let chooser = StrategyChooser::from_bytes(&bytes).unwrap();
    let mut again = Recommender::with_chooser(recommender.policy().clone(), chooser).unwrap();
    assert_eq!(again, recommender);
    for recommender in [&mut recommender, &mut again] {
        recommender.feedback(given[2].decision.unwrap(), 1.0).unwrap();
        assert!(recommender.feedback(given[2].decision.unwrap(), 1.0).is_err());
    }
    let next = |recommender: &mut Recommender| recommender.recommend(request, &mut stream(1, 1)).unwrap();
    assert_eq!(next(&mut recommender), next(&mut again));
}

#[test]
fn a_chooser_whose_parts_do_not_fit_is_refused() {
    let users = table(8, 3);
    let context = BanditContext::fit(&users, &["income"], 2).unwrap();
    assert!(StrategyChooser::new(LinThompson::new(5, 3).unwrap(), Some(context.clone())).is_err());
    assert!(StrategyChooser::new(LinThompson::new(4, 4).unwrap(), Some(context.clone())).is_err());
    assert!(StrategyChooser::new(LinUcb::new(5, 2).unwrap(), None).is_err());
    assert!(StrategyChooser::new(ThompsonGaussian::new(5).unwrap(), Some(context.clone())).is_ok());
    let other = BanditContext::fit(&users, &["noise"], 0).unwrap();
    let chooser = StrategyChooser::new(LinUcb::new(5, 2).unwrap(), Some(other)).unwrap();
    let states = users.select(&["savings_rate", "current_balance", "spending_volatility"]).unwrap();
    let log = NotebookTransitions::default().replay(&states, &[0; 8]).unwrap();
    let error = Recommender::with_chooser(small().fit(&log).unwrap(), chooser).unwrap_err();
    assert!(error.to_string().contains("noise"), "{error}");
    let text = String::from_utf8(
        StrategyChooser::new(EpsilonGreedy::new(5, 0.1).unwrap(), None).unwrap().to_bytes().unwrap(),
    );
    let wrong = text.unwrap().replace("\"bandit_format\":1", "\"bandit_format\":9");
    let error = StrategyChooser::from_bytes(wrong.as_bytes()).unwrap_err();
    assert!(matches!(error, ArtifactError::Format { got: 9, .. }), "{error}");
}

#[test]
fn a_contextual_bandit_learns_whom_each_strategy_suits() {
    // Nudges pay in segment 0, alerts in segment 1.
    let users = table(40, 3);
    let segments: Vec<usize> = (0..40).map(|user| user % 2).collect();
    let context = BanditContext::fit(&users, &["income"], 2).unwrap();
    let bandit = LinThompson::new(5, context.len()).unwrap().with_noise(0.3).unwrap();
    let chooser = StrategyChooser::new(bandit, Some(context)).unwrap();
    let mut recommender = Recommender::with_chooser(small().fit(&replay(60)).unwrap(), chooser).unwrap();
    let request = Request::new(&users).with_segments(&segments);
    let pays = [Strategy::SaveFirst, Strategy::PraiseFirst];
    let mut rng = stream(2, 0);
    for _ in 0..25 {
        let given = recommender.recommend(request, &mut rng).unwrap();
        for (given, segment) in given.iter().zip(&segments) {
            let reward = f64::from(u8::from(given.strategy == pays[*segment]));
            recommender.feedback(given.decision.unwrap(), reward).unwrap();
        }
    }
    let best = recommender.best_strategies(request).unwrap();
    assert!(best.iter().zip(&segments).all(|(best, segment)| *best == pays[*segment]), "{best:?}");
}

/// Run by name for each new format; the files of older formats stay.
#[test]
#[ignore = "writes the stored files"]
fn write_the_chooser_of_this_format() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/artifacts");
    let users = table(8, 3);
    let mut recommender = contextual(&users);
    let request = Request::new(&users).with_segments(&[0, 1, 2, 0, 1, 2, 0, 1]);
    let given = recommender.recommend(request, &mut stream(1, 0)).unwrap();
    recommender.feedback(given[5].decision.unwrap(), 0.5).unwrap();
    recommender
        .chooser()
        .save(format!("{folder}/strategy_chooser-{}.json", StrategyChooser::FORMAT))
        .unwrap();
    recommender.bandit().save(format!("{folder}/strategy_bandit-{}.json", StrategyBandit::FORMAT)).unwrap();
}

#[test]
fn a_chooser_of_format_1_still_loads() {
    let chooser = check_stored::<StrategyChooser>(include_bytes!("artifacts/strategy_chooser-1.json"));
    assert_eq!((chooser.online().n_decisions(), chooser.online().n_pending()), (8, 7));
    assert_eq!(chooser.rules(), &MaskRules::usual());
    let bandit = check_stored::<StrategyBandit>(include_bytes!("artifacts/strategy_bandit-1.json"));
    assert_eq!(&bandit, chooser.bandit());
}
