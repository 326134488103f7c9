//! Numbers of numpy and scipy; the script that made them is beside the file.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

use fincoach_core::rng::{Rng, stream};
use fincoach_recommend::{
    ArmSet, Bandit, GaussianPrior, LinThompson, LinUcb, ThompsonBernoulli, ThompsonGaussian, Ucb1,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    ucb1: Vec<UcbReference>,
    thompson_bernoulli: Vec<BernoulliReference>,
    beta: Vec<BetaReference>,
    thompson_gaussian: Vec<GaussianReference>,
    linear: Vec<LinearReference>,
}

#[derive(Deserialize)]
struct UcbReference {
    gamma: f64,
    exploration: f64,
    arms: Vec<usize>,
    rewards: Vec<f64>,
    indices: Vec<f64>,
}

#[derive(Deserialize)]
struct BernoulliReference {
    gamma: f64,
    prior: [f64; 2],
    arms: Vec<usize>,
    rewards: Vec<f64>,
    posteriors: Vec<[f64; 2]>,
    probabilities: Vec<f64>,
}

#[derive(Deserialize)]
struct BetaReference {
    posteriors: Vec<[f64; 2]>,
    probabilities: Vec<f64>,
}

#[derive(Deserialize)]
struct GaussianReference {
    gamma: f64,
    prior: GaussianPrior,
    arms: Vec<usize>,
    rewards: Vec<f64>,
    values: Vec<f64>,
    widths: Vec<f64>,
    freedom: Vec<f64>,
    probabilities: Vec<f64>,
}

#[derive(Deserialize)]
struct LinearReference {
    gamma: f64,
    ridge: f64,
    scale: f64,
    arms: Vec<usize>,
    rewards: Vec<f64>,
    contexts: Vec<Vec<f64>>,
    context: Vec<f64>,
    thetas: Vec<Vec<f64>>,
    means: Vec<f64>,
    widths: Vec<f64>,
    scores: Vec<f64>,
    probabilities: Vec<f64>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("reference/bandit.json")).unwrap()
}

/// Parameters follow by a few additions and divisions: rounding alone is left.
const EXACT: f64 = 1e-10;

/// Both sides integrate: scipy to about 1e-9, ours to 1e-8.
const INTEGRATED: f64 = 1e-7;

#[track_caller]
fn assert_close(ours: &[f64], theirs: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), theirs.len());
    for (a, b) in ours.iter().zip(theirs) {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{ours:?} and {theirs:?}");
    }
}

fn taught<B: Bandit>(mut bandit: B, arms: &[usize], rewards: &[f64], contexts: Option<&[Vec<f64>]>) -> B {
    for (step, (arm, reward)) in arms.iter().zip(rewards).enumerate() {
        bandit.learn(contexts.map_or(&[], |contexts| contexts[step].as_slice()), *arm, *reward).unwrap();
    }
    bandit
}

fn probabilities<B: Bandit>(bandit: &B, context: &[f64]) -> Vec<f64> {
    bandit.probabilities(context, &ArmSet::all(bandit.n_arms())).unwrap()
}

#[test]
fn indices_of_ucb1_agree() {
    for case in reference().ucb1 {
        let bandit = Ucb1::new(4).unwrap().with_exploration(case.exploration).unwrap();
        let bandit = taught(bandit.with_forgetting(case.gamma).unwrap(), &case.arms, &case.rewards, None);
        assert_close(&bandit.indices(), &case.indices, EXACT);
    }
}

#[test]
fn beta_posteriors_and_their_propensities_agree() {
    for case in reference().thompson_bernoulli {
        let bandit = ThompsonBernoulli::new(4).unwrap().with_prior(case.prior).unwrap();
        let bandit = taught(bandit.with_forgetting(case.gamma).unwrap(), &case.arms, &case.rewards, None);
        assert_close(bandit.posteriors().as_flattened(), case.posteriors.as_flattened(), EXACT);
        assert_close(&probabilities(&bandit, &[]), &case.probabilities, INTEGRATED);
    }
}

/// A bandit with these posteriors, however different.
fn with_posteriors(posteriors: &[[f64; 2]]) -> ThompsonBernoulli {
    let prior = [0.05, 0.05];
    let more = |which: usize| posteriors.iter().map(move |p| p[which] - prior[which]).collect::<Vec<_>>();
    let file = serde_json::json!({
        "prior": prior, "forgetting": 1.0, "successes": more(0), "failures": more(1)
    });
    serde_json::from_value(file).unwrap()
}

#[test]
fn propensities_agree_where_posteriors_are_hard_to_integrate() {
    for case in reference().beta {
        let bandit = with_posteriors(&case.posteriors);
        assert_close(&probabilities(&bandit, &[]), &case.probabilities, INTEGRATED);
    }
}

#[test]
fn posteriors_of_gaussian_arms_and_their_propensities_agree() {
    for case in reference().thompson_gaussian {
        let bandit = ThompsonGaussian::new(3).unwrap().with_prior(case.prior).unwrap();
        let bandit = taught(bandit.with_forgetting(case.gamma).unwrap(), &case.arms, &case.rewards, None);
        assert_close(&bandit.values(), &case.values, EXACT);
        assert_close(&bandit.widths(), &case.widths, EXACT);
        if case.prior.variance.is_none() {
            assert_close(&bandit.degrees_of_freedom(), &case.freedom, EXACT);
        }
        assert_close(&probabilities(&bandit, &[]), &case.probabilities, INTEGRATED);
    }
}

#[test]
fn linear_scores_and_their_propensities_agree() {
    for case in reference().linear {
        let ucb = LinUcb::new(3, 4).unwrap().with_exploration(case.scale).unwrap();
        let ucb = ucb.with_ridge(case.ridge).unwrap().with_forgetting(case.gamma).unwrap();
        let ucb = taught(ucb, &case.arms, &case.rewards, Some(&case.contexts));
        assert_close(&ucb.scores(&case.context).unwrap(), &case.scores, EXACT);
        for (arm, theta) in case.thetas.iter().enumerate() {
            assert_close(ucb.theta(arm).unwrap(), theta, EXACT);
        }
        let thompson = LinThompson::new(3, 4).unwrap().with_noise(case.scale).unwrap();
        let thompson = thompson.with_ridge(case.ridge).unwrap().with_forgetting(case.gamma).unwrap();
        let thompson = taught(thompson, &case.arms, &case.rewards, Some(&case.contexts));
        let scores = thompson.scores(&case.context).unwrap();
        assert_close(&scores.iter().map(|score| score[0]).collect::<Vec<_>>(), &case.means, EXACT);
        let widths: Vec<f64> = scores.iter().map(|score| score[1] / case.scale).collect();
        assert_close(&widths, &case.widths, EXACT);
        assert_close(&probabilities(&thompson, &case.context), &case.probabilities, INTEGRATED);
    }
}

/// The share of draws in which each arm is the largest.
fn drawn(n_draws: u32, n_arms: usize, mut draw: impl FnMut(usize, &mut Rng) -> f64) -> Vec<f64> {
    let mut rng = stream(11, 0);
    let mut wins = vec![0_u32; n_arms];
    for _ in 0..n_draws {
        let scores: Vec<f64> = (0..n_arms).map(|arm| draw(arm, &mut rng)).collect();
        wins[(0..n_arms).reduce(|best, arm| if scores[arm] > scores[best] { arm } else { best }).unwrap()] +=
            1;
    }
    wins.iter().map(|wins| f64::from(*wins) / f64::from(n_draws)).collect()
}

/// Five standard deviations of a share of one half over 200,000 draws.
const MONTE_CARLO: f64 = 0.0056;

#[test]
fn propensities_are_the_shares_of_thompson_draws() {
    let posteriors = [[3.0, 9.0], [12.0, 20.0], [1.0, 1.0], [40.0, 60.0]];
    let by_draws = drawn(200_000, 4, |arm, rng| {
        let [a, b] = posteriors[arm].map(|shape| rng.gamma(shape, 1.0));
        a / (a + b)
    });
    assert_close(&probabilities(&with_posteriors(&posteriors), &[]), &by_draws, MONTE_CARLO);

    for case in reference().linear {
        let by_draws =
            drawn(200_000, 3, |arm, rng| case.means[arm] + case.scale * case.widths[arm] * rng.normal());
        assert_close(&case.probabilities, &by_draws, MONTE_CARLO);
    }
    for case in reference().thompson_gaussian {
        let by_draws = drawn(200_000, 3, |arm, rng| {
            let freedom = case.freedom[arm];
            let spread = if freedom > 0.0 { rng.gamma(freedom / 2.0, 2.0 / freedom).sqrt() } else { 1.0 };
            case.values[arm] + case.widths[arm] * rng.normal() / spread
        });
        assert_close(&case.probabilities, &by_draws, MONTE_CARLO);
    }
}

#[test]
#[ignore = "prints the largest difference of a propensity"]
fn print_the_accuracy_of_propensities() {
    let difference = |ours: Vec<f64>, theirs: &[f64]| {
        ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    for case in reference().beta {
        println!(
            "{:?}",
            difference(probabilities(&with_posteriors(&case.posteriors), &[]), &case.probabilities)
        );
    }
    for case in reference().thompson_gaussian {
        let bandit = ThompsonGaussian::new(3).unwrap().with_prior(case.prior).unwrap();
        let bandit = taught(bandit.with_forgetting(case.gamma).unwrap(), &case.arms, &case.rewards, None);
        println!("{:?}", difference(probabilities(&bandit, &[]), &case.probabilities));
    }
}
