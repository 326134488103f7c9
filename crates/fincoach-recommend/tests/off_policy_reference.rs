//! Every estimator against a second computation: `reference/off_policy.py`, from the papers' formulas by other ways.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops when something is wrong")]

use fincoach_core::ndarray::Array2;
use fincoach_recommend::{
    DecisionEstimator, Decisions, Ended, Estimate, Horizon, OffPolicyParams, SequenceEstimator, Trajectories,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Values agree to this, relative to the value.
const WITHIN: f64 = 1e-10;

fn reference() -> Value {
    serde_json::from_str(include_str!("reference/off_policy.json")).unwrap()
}

fn get<T: DeserializeOwned>(from: &Value, name: &str) -> T {
    T::deserialize(&from[name]).unwrap()
}

fn table(from: &Value, name: &str) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = get(from, name);
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(row, column)| rows[row][column])
}

fn decisions(from: &Value) -> Decisions {
    let users: Vec<usize> = get(from, "users");
    Decisions::new(get(from, "actions"), get(from, "rewards"), table(from, "target"))
        .and_then(|log| log.with_users(&users))
        .and_then(|log| log.with_propensities(get(from, "propensities")))
        .and_then(|log| log.with_states(table(from, "states")))
        .unwrap()
}

fn trajectories(from: &Value) -> Trajectories {
    let ended: Vec<Ended> = get(from, "ended");
    Trajectories::new(decisions(from), &ended)
        .and_then(|log| log.with_elapsed(get(from, "elapsed")))
        .and_then(|log| log.with_next(table(from, "next_states"), table(from, "next_target")))
        .unwrap()
}

fn agrees(name: &str, estimate: &Estimate, answers: &Value) {
    let answer = &answers[name];
    let near = |what: &str, found: f64| {
        let expected = answer[what].as_f64();
        let told = expected.is_some_and(|expected| (found - expected).abs() <= WITHIN * expected.abs());
        assert!(told, "{name}: {what} is {found}, expected {expected:?}");
    };
    near("value", estimate.value);
    near("standard_error", estimate.standard_error);
    if !answer["effective_sample_size"].is_null() {
        near("effective_sample_size", estimate.effective_sample_size);
    }
}

#[test]
fn folds_are_those_of_the_script() {
    assert_eq!(OffPolicyParams::default().folds(12), get::<Vec<usize>>(&reference(), "folds"));
}

#[test]
fn single_decisions_agree() {
    let from = &reference()["decisions"];
    let (answers, log) = (&from["answers"], decisions(from));
    let given = log.clone().with_q_hat(table(from, "q_hat")).unwrap();
    let params = OffPolicyParams::default();
    let (tight, clipped) = (params.clone().with_threshold(Some(1.5)), params.clone().with_clip(Some(1.5)));
    for (name, params, log, estimator) in [
        ("ips", &params, &log, DecisionEstimator::Ips),
        ("self_normalised_ips", &params, &log, DecisionEstimator::SelfNormalisedIps),
        ("ips_clipped_at_1.5", &clipped, &log, DecisionEstimator::Ips),
        ("direct_given", &params, &given, DecisionEstimator::Direct),
        ("direct_fitted", &params, &log, DecisionEstimator::Direct),
        ("doubly_robust_given", &params, &given, DecisionEstimator::DoublyRobust),
        ("doubly_robust_fitted", &params, &log, DecisionEstimator::DoublyRobust),
        ("switch_at_1.5", &tight, &given, DecisionEstimator::Switch),
        ("switch_chosen", &params, &given, DecisionEstimator::Switch),
    ] {
        agrees(name, &params.estimate(log, estimator).unwrap(), answers);
    }
}

#[test]
fn trajectories_agree() {
    let from = &reference()["trajectories"];
    let log = trajectories(from);
    // The script solves for the fixed point; iterations come as near as they are asked to.
    let params = OffPolicyParams::default().with_gamma(get(from, "gamma")).with_tol(1e-14);
    for (name, horizon) in [("endless", Horizon::Endless), ("3", Horizon::Steps(3))] {
        let params = params.clone().with_horizon(horizon);
        for estimator in SequenceEstimator::ALL {
            let estimate = params.estimate_sequence(&log, estimator).unwrap();
            agrees(estimator.name(), &estimate, &from["answers"][name]);
        }
    }
    let given = log.with_q_hat(table(from, "q_hat"), get(from, "next_values")).unwrap();
    let estimate = params.estimate_sequence(&given, SequenceEstimator::DoublyRobust).unwrap();
    agrees("doubly_robust", &estimate, &from["answers"]["given"]);
}
