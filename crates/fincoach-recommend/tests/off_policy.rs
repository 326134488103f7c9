//! What off-policy estimators do with logs that are odd, and that nothing but the data and the seed decides.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops when something is wrong")]

use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::{Array2, array};
use fincoach_core::rng::stream;
use fincoach_core::{Action, ActionSet, DataError, FeatureTable, RowKey};
use fincoach_recommend::{
    Basis, DecisionEstimator, Decisions, Ended, Error, Horizon, IntervalMethod, OffPolicyParams,
    OverlapWarning, Replay, Scale, SequenceEstimator, Trajectories, Transition,
};

/// Thirty users with four rows each, two actions, the second never taken where `both` is false.
fn log(both: bool) -> Trajectories {
    let n = 120;
    let mut rng = stream(4, 0);
    let states = Array2::from_shape_fn((n, 2), |_| rng.normal());
    let next = Array2::from_shape_fn((n, 2), |_| rng.normal());
    let actions: Vec<usize> = (0..n).map(|_| if both { rng.below(2) } else { 0 }).collect();
    let rewards =
        (0..n).map(|row| 1.0 + states[(row, 0)] + actions[row] as f64 + 0.1 * rng.normal()).collect();
    let users: Vec<usize> = (0..n).map(|row| row / 4).collect();
    let ended: Vec<Ended> =
        (0..n).map(|row| if row % 4 == 3 { Ended::Truncated } else { Ended::No }).collect();
    let target = || Array2::from_shape_fn((n, 2), |(_, action)| [0.3, 0.7][action]);
    let decisions = Decisions::new(actions, rewards, target())
        .and_then(|log| log.with_users(&users))
        .and_then(|log| log.with_propensities(vec![if both { 0.5 } else { 1.0 }; n]))
        .and_then(|log| log.with_states(states))
        .unwrap();
    Trajectories::new(decisions, &ended).and_then(|log| log.with_next(next, target())).unwrap()
}

fn params() -> OffPolicyParams {
    OffPolicyParams::default().with_gamma(0.9).with_n_resamples(40).with_n_refits(40)
}

fn key(user: &str, day: u32) -> RowKey {
    RowKey { user: user.into(), as_of: NaiveDate::from_ymd_opt(2024, 1, day).unwrap().into() }
}

fn always(action: Action, n_rows: usize) -> Array2<f64> {
    Array2::from_shape_fn((n_rows, 5), |(_, column)| f64::from(u8::from(column == action.index())))
}

/// Ben's rows stand in the wrong order; dates tell.
fn replay(step: impl Fn(f64) -> Transition) -> Replay {
    let keys = vec![key("anna", 1), key("ben", 8), key("anna", 8), key("ben", 1)];
    let states = FeatureTable::new(keys, ["x"], array![[0.0], [1.0], [2.0], [3.0]]).unwrap();
    let steps = vec![
        step(1.0),
        step(2.0).with_ended(Ended::Terminal),
        step(4.0).with_ended(Ended::Terminal),
        step(8.0).with_elapsed(2.0),
    ];
    Replay::new(states, Array2::zeros((4, 1)), steps).unwrap()
}

#[test]
fn trajectories_of_a_replay_follow_its_dates_and_its_time() {
    let replay = replay(|reward| Transition::new(Action::SavingsNudge, reward).with_propensity(1.0));
    let target = || always(Action::SavingsNudge, 4);
    let log = Trajectories::from_replay(&replay, target(), target()).unwrap();
    let value = |scale| {
        let params = params().with_gamma(0.5).with_horizon(Horizon::Steps(2)).with_scale(scale);
        params.estimate_sequence(&log, SequenceEstimator::WeightedPerDecision).unwrap().value
    };
    // Anna 1 + 0.5·4 = 3, Ben 8 + 0.25·2 = 8.5.
    assert_eq!(value(Scale::Total), 5.75);
    assert!((value(Scale::PerStep) - 5.75 / 1.5).abs() < 1e-14);
}

#[test]
fn a_policy_that_does_what_was_not_allowed_is_refused() {
    let quiet = ActionSet::ALL.without(Action::SpendingAlert);
    let replay = replay(|reward| Transition::new(Action::SavingsNudge, reward).with_allowed(quiet, quiet));
    let wrong = Decisions::from_replay(&replay, always(Action::SpendingAlert, 4)).unwrap_err();
    assert!(wrong.to_string().contains("row 0: the policy takes spending_alert"), "{wrong}");
    let (now, next) = (always(Action::SavingsNudge, 4), always(Action::SpendingAlert, 4));
    assert!(matches!(Trajectories::from_replay(&replay, now, next), Err(DataError::Inconsistent { .. })));
}

#[test]
fn what_is_missing_is_named() {
    let replay = replay(|reward| {
        let step = Transition::new(Action::SavingsNudge, reward);
        if reward == 4.0 { step } else { step.with_propensity(0.5) }
    });
    let log = Decisions::from_replay(&replay, always(Action::SavingsNudge, 4)).unwrap();
    let estimate = |log: &Decisions, estimator| params().with_n_folds(2).estimate(log, estimator);
    assert!(matches!(estimate(&log, DecisionEstimator::Ips), Err(Error::NoPropensity { row: 2 })));
    assert_eq!(estimate(&log, DecisionEstimator::Direct).unwrap().overlap.mean_weight, None);
    let bare = Decisions::new(vec![0; 4], vec![0.0; 4], Array2::ones((4, 1))).unwrap();
    let missing = estimate(&bare, DecisionEstimator::Direct).unwrap_err().to_string();
    assert_eq!(missing, "no states of the decisions");
    let alone = bare.with_users(&[1; 4]).unwrap();
    assert!(estimate(&alone, DecisionEstimator::Direct).unwrap_err().to_string().contains("two users"));
    let few = params().estimate(&log, DecisionEstimator::DoublyRobust).unwrap_err();
    assert!(matches!(few, Error::NoPropensity { .. }));
}

#[test]
fn too_few_users_for_the_folds_are_refused() {
    let replay = replay(|reward| Transition::new(Action::SavingsNudge, reward).with_propensity(0.5));
    let log = Decisions::from_replay(&replay, always(Action::SavingsNudge, 4)).unwrap();
    let few = params().estimate(&log, DecisionEstimator::DoublyRobust).unwrap_err();
    assert!(matches!(few, Error::TooFewUsers { n_users: 2, n_folds: 5 }));
}

#[test]
fn what_was_never_done_is_told_and_valued_as_what_was() {
    let log = log(false);
    for estimator in SequenceEstimator::ALL {
        let estimate = params().estimate_sequence(&log, estimator).unwrap();
        let told = estimate.warnings();
        let share = |warning: &OverlapWarning| match warning {
            OverlapWarning::Unsupported { share } => Some(*share),
            _ => None,
        };
        assert!((told.iter().find_map(share).unwrap() - 0.7).abs() < 1e-12, "{estimator}: {told:?}");
    }
    let fitted = params().fitted_q(&log).unwrap();
    assert_eq!(fitted.report().pooled_actions, [1]);
    let values = fitted.q_values(array![[0.5, -1.0]].view()).unwrap();
    assert!((values[(0, 0)] - values[(0, 1)]).abs() < 1e-9);
}

#[test]
fn weights_that_are_not_1_on_average_are_told() {
    // Propensities twice as large as they were.
    let log = log(true).decisions().clone().with_propensities(vec![1.0; 120]).unwrap();
    let warnings = params().estimate(&log, DecisionEstimator::SelfNormalisedIps).unwrap().warnings();
    assert!(
        warnings.iter().any(|warning| matches!(warning, OverlapWarning::MeanWeight { .. })),
        "{warnings:?}"
    );
}

#[test]
fn values_that_grow_without_bound_are_an_error_and_a_number_of_steps_is_not() {
    // One row per action leads from a small state to one five times as large: every iteration multiplies by 5·0.99.
    let states = array![[1.0], [-1.0], [1.0], [-1.0]];
    let log = Decisions::new(vec![0; 4], vec![1.0, -1.0, 1.0, -1.0], Array2::ones((4, 1)))
        .and_then(|log| log.with_states(states.clone()))
        .unwrap();
    let log = Trajectories::new(log, &[Ended::No; 4])
        .and_then(|log| log.with_next(states * 5.0, Array2::ones((4, 1))))
        .unwrap();
    let params = OffPolicyParams::default().with_ridge(1e-6);
    assert!(matches!(params.fitted_q(&log), Err(Error::FqeDiverged { .. })));
    let steps = params.with_horizon(Horizon::Steps(3)).fitted_q(&log).unwrap();
    assert_eq!(steps.report().n_iterations, 3);
}

#[test]
fn an_early_end_is_reported_and_not_an_error() {
    let fitted = params().with_max_iter(3).fitted_q(&log(true)).unwrap();
    assert!(!fitted.report().converged && fitted.report().n_iterations == 3);
    assert!(fitted.report().last_change > 0.01);
}

#[test]
fn refits_and_influences_agree_on_the_error_of_fitted_values() {
    let of = |method| {
        let params = params().with_interval(method).with_n_refits(300);
        params.estimate_sequence(&log(true), SequenceEstimator::FittedQ).unwrap().interval
    };
    let (sandwich, refits) = (of(IntervalMethod::Normal), of(IntervalMethod::Percentile));
    let ratio = (refits.high - refits.low) / (sandwich.high - sandwich.low);
    assert!((0.7..1.3).contains(&ratio), "{sandwich:?} {refits:?}");
}

#[test]
fn a_richer_basis_finds_a_value_that_is_no_line() {
    let mut rng = stream(9, 0);
    let states = Array2::from_shape_fn((600, 1), |_| rng.normal());
    let actions: Vec<usize> =
        (0..600).map(|row| usize::from(states[(row, 0)] + rng.normal() > 0.0)).collect();
    // The second action is worth x², and was taken mostly where x is large.
    let rewards =
        (0..600).map(|row| if actions[row] == 1 { states[(row, 0)].powi(2) } else { 0.0 }).collect();
    let target = Array2::from_shape_fn((600, 2), |(_, action)| action as f64);
    let log =
        Decisions::new(actions, rewards, target).and_then(|log| log.with_states(states.clone())).unwrap();
    let truth = states.mapv(|x| x * x).mean().unwrap();
    let error = |basis| {
        let estimate = params().with_basis(basis).estimate(&log, DecisionEstimator::Direct).unwrap();
        (estimate.value - truth).abs()
    };
    assert!(error(Basis::Squares) < 0.02 && error(Basis::Products) < 0.02);
    assert!(error(Basis::Linear) > 0.1 && error(Basis::Bins(10)) < 0.5 * error(Basis::Linear));
}

#[test]
fn seed_and_data_decide_alone_on_any_number_of_threads() {
    let log = log(true);
    let all = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let methods = [IntervalMethod::Normal, IntervalMethod::Percentile, IntervalMethod::Studentised];
        let of = |method| {
            let params = params().with_interval(method);
            let steps = SequenceEstimator::ALL.map(|one| params.estimate_sequence(&log, one).unwrap());
            let single = DecisionEstimator::ALL.map(|one| params.estimate(log.decisions(), one).unwrap());
            (steps, single)
        };
        pool.install(|| methods.map(of))
    };
    assert_eq!(all(1), all(3));
}

#[test]
fn parameters_survive_json_and_wrong_ones_are_refused() {
    let params = params().with_basis(Basis::Bins(4)).with_horizon(Horizon::Steps(3)).with_clip(Some(5.0));
    let text = serde_json::to_string(&params).unwrap();
    assert_eq!(serde_json::from_str::<OffPolicyParams>(&text).unwrap(), params);
    assert!(serde_json::from_str::<OffPolicyParams>(r#"{"gama":0.9}"#).is_err());
    assert!(params.clone().with_basis(Basis::Bins(1)).fitted_q(&log(true)).is_err());
    let wrong = params.with_gamma(f64::NAN);
    assert!(matches!(wrong.estimate_sequence(&log(true), SequenceEstimator::FittedQ), Err(Error::Param(_))));
}
