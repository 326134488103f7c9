//! The bandit's rehearsal: whom the policies have seen, what is logged, when it ends.
#![allow(clippy::unwrap_used, reason = "a test stops when something is wrong")]

use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::Array2;
use fincoach_core::rng::stream;
use fincoach_core::{Action, Control, DataError, FeatureTable, Fit, Predict, RowKey, Step, metrics};
use fincoach_recommend::{
    CqlParams, EpsilonGreedy, Error, NotebookTransitions, Recommender, Rehearsal, RehearsalParams, Rehearsed,
    Replay, RuleInput, Strategy, Transition,
};

const N_USERS: usize = 60;

/// Two rows a user, with one answer for each user, random over users: nothing can be known of a user never seen.
fn unknowable() -> Replay {
    let mut rng = stream(4, 0);
    let day = |day| NaiveDate::from_ymd_opt(2024, 1, day).unwrap().into();
    let key = |row: usize| RowKey { user: (row / 2).to_string(), as_of: day(1 + row as u32 % 2) };
    let users = Array2::from_shape_fn((N_USERS, 16), |_| rng.normal());
    let states = Array2::from_shape_fn((2 * N_USERS, 16), |(row, column)| users[(row / 2, column)]);
    let answers: Vec<Action> = (0..N_USERS).map(|_| Action::ALL[rng.below(2)]).collect();
    let steps = (0..2 * N_USERS).map(|row| Transition::new(answers[row / 2], 1.0)).collect();
    let keys = (0..2 * N_USERS).map(key).collect();
    let columns = RuleInput::COLUMNS.map(str::to_owned).into_iter().chain((3..16).map(|x| format!("x{x}")));
    let table = FeatureTable::new(keys, columns, states.clone()).unwrap();
    Replay::new(table, states, steps).unwrap()
}

/// Users whom the notebook's rule tells apart.
fn ruled(n_users: usize) -> (Replay, Vec<RuleInput>) {
    let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    let keys = (0..n_users).map(|user| RowKey { user: user.to_string(), as_of }).collect();
    let mut rng = stream(1, 0);
    let scale = [(400.0, 300.0), (0.0, 0.25), (0.5, 0.2)];
    let values =
        Array2::from_shape_fn((n_users, 3), |(_, column)| scale[column].0 + scale[column].1 * rng.normal());
    let table = FeatureTable::new(keys, RuleInput::COLUMNS, values).unwrap();
    let rules = RuleInput::of_table(&table).unwrap();
    (NotebookTransitions::default().replay(&table, &vec![3; n_users]).unwrap(), rules)
}

fn quick() -> RehearsalParams {
    let policy = CqlParams::default().with_hidden(8).with_n_epochs(6).with_batch_size(16);
    RehearsalParams::default().with_policy(policy).with_n_folds(3).with_n_passes(4)
}

#[test]
fn nobody_is_answered_by_a_policy_that_saw_them() {
    let log = unknowable();
    let logged = log.actions();
    let thorough = CqlParams::default().with_hidden(32).with_learning_rate(0.01).with_dropout(0.0);
    let thorough = thorough.with_n_epochs(60);
    let learnt = thorough.fit(&log).unwrap().predict(log.states()).unwrap();
    let in_sample = metrics::accuracy(&logged, &learnt).unwrap();
    assert!(in_sample > 0.95, "the policy can learn its own users by heart: {in_sample}");

    let rehearsal = quick()
        .with_policy(thorough)
        .with_n_passes(20)
        .with_epsilon(1.0)
        .rehearse(&log, |row, action| f64::from(u8::from(action == logged[row])))
        .unwrap();
    let value = rehearsal.bandit().values()[Strategy::Learned.index()];
    assert!(rehearsal.bandit().counts()[Strategy::Learned.index()] > 400);
    assert!(value < 0.66, "a leak: {value}");
}

#[test]
fn the_bandit_is_what_its_log_makes_of_it() {
    let (log, rules) = ruled(30);
    let rehearsal = quick().rehearse(&log, |row, action| rules[row].reward(action, 3)).unwrap();
    assert_eq!(rehearsal.log().len(), 4 * 30);
    let mut again = EpsilonGreedy::new(5, 0.1).unwrap();
    for pass in rehearsal.log().chunks(30) {
        // All choices of a pass are made by the bandit as the pass before left it.
        for (row, decision) in pass.iter().enumerate() {
            assert_eq!(decision.row, row);
            assert_eq!(decision.propensity, again.propensity(decision.strategy.index()));
            assert_eq!(decision.reward, rules[row].reward(decision.action, 3));
            if decision.strategy == Strategy::Rules {
                assert_eq!(decision.action, rules[row].action());
            }
        }
        for decision in pass {
            again.feedback(decision.strategy.index(), decision.reward).unwrap();
        }
    }
    assert_eq!(&again, rehearsal.bandit());
    let text = serde_json::to_string(rehearsal.log()).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Rehearsed>>(&text).unwrap(), rehearsal.log());
    let served = quick().policy().fit(&log).unwrap();
    assert!(Recommender::with_bandit(served, rehearsal.bandit().clone()).is_ok());
}

#[test]
fn one_seed_gives_one_rehearsal_on_any_number_of_threads() {
    let (log, rules) = ruled(30);
    let reward = |row: usize, action| rules[row].reward(action, 3);
    let on = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| quick().rehearse(&log, reward).unwrap())
    };
    assert_eq!(on(1), on(4));
    assert_ne!(quick().with_seed(1).rehearse(&log, reward).unwrap(), on(1));
}

#[test]
fn it_tells_of_fits_and_passes_and_stops_after_the_first_pass() {
    let (log, rules) = ruled(30);
    let told_to_stop_at = |last: u64| -> (Rehearsal, Vec<u64>) {
        let mut steps = Vec::new();
        let mut listener = |step: &Step<'_>| {
            assert_eq!((step.stage, step.total), ("rehearsal", 7));
            steps.push(step.done);
            if step.done == last { Control::Stop } else { Control::Continue }
        };
        let reward = |row: usize, action| rules[row].reward(action, 3);
        (quick().rehearse_with(&log, reward, &mut listener).unwrap(), steps)
    };
    let (whole, steps) = told_to_stop_at(u64::MAX);
    assert_eq!(steps, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(whole, quick().rehearse(&log, |row, action| rules[row].reward(action, 3)).unwrap());
    for (last, n_passes) in [(1, 1), (3, 1), (4, 1), (5, 2)] {
        let (stopped, steps) = told_to_stop_at(last);
        assert_eq!(stopped.log(), &whole.log()[..30 * n_passes]);
        assert_eq!(steps.len(), 3 + n_passes);
    }
}

#[test]
fn what_is_wrong_is_named() {
    let (log, _) = ruled(4);
    let told = |params: RehearsalParams| params.rehearse(&log, |_, _| 1.0).unwrap_err();
    assert!(matches!(told(quick().with_n_folds(5)), Error::TooFewUsers { n_users: 4, n_folds: 5 }));
    for refused in [
        quick().with_n_folds(1),
        quick().with_n_passes(0),
        quick().with_epsilon(1.5),
        quick().with_epsilon(f64::NAN),
        quick().with_policy(CqlParams::default().with_gamma(f64::NAN)),
    ] {
        assert!(matches!(told(refused), Error::Param(_)));
    }
    let error = quick().rehearse(&log, |row, _| if row == 2 { f64::NAN } else { 1.0 }).unwrap_err();
    assert!(matches!(error, Error::Data(DataError::NotFinite { row: 2, .. })), "{error}");

    let narrow = log.states().select(&["savings_rate", "current_balance"]).unwrap();
    let steps = vec![Transition::new(Action::SavingsNudge, 1.0); 4];
    let narrow = Replay::new(narrow.clone(), narrow.values().to_owned(), steps).unwrap();
    let error = quick().rehearse(&narrow, |_, _| 1.0).unwrap_err();
    assert!(error.to_string().contains("spending_volatility"), "{error}");
}
