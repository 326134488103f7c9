//! What bandits lose on problems whose best arm is known, and how they follow when it changes.
#![allow(clippy::unwrap_used, reason = "a test may stop")]
#![allow(clippy::print_stdout, reason = "the tables of the docs are printed from here")]

use fincoach_recommend::{
    Bandit, BanditProblem, BernoulliProblem, EpsilonGreedy, GaussianPrior, LinThompson, LinUcb,
    LinearProblem, RegretCurve, RegretPlan, ThompsonBernoulli, ThompsonGaussian, Ucb1,
};

/// Chances of the five strategies; the best is 0.1 above the next.
const CHANCES: [f64; 5] = [0.3, 0.5, 0.4, 0.6, 0.2];

fn measured<B: Bandit + Clone + Sync>(
    plan: &RegretPlan,
    problem: &(impl BanditProblem + Sync),
    bandit: &B,
) -> RegretCurve {
    plan.measure(problem, bandit).unwrap()
}

fn regret<B: Bandit + Clone + Sync>(bandit: &B) -> RegretCurve {
    let plan = RegretPlan::default().with_n_decisions(20_000).with_n_points(2);
    measured(&plan, &BernoulliProblem::new(&CHANCES).unwrap(), bandit)
}

/// Regret of the second half over that of the first.
fn growth(curve: &RegretCurve) -> f64 {
    (curve.mean[1] - curve.mean[0]) / curve.mean[0]
}

/// The leading term of the bound of Lai and Robbins: no uniformly good bandit loses less in the long run.
fn lai_robbins(chances: &[f64], n_decisions: f64) -> f64 {
    let best = chances.iter().copied().fold(0.0, f64::max);
    let divergence = |p: f64, q: f64| p * (p / q).ln() + (1.0 - p) * ((1.0 - p) / (1.0 - q)).ln();
    let lost = |p: &f64| (best - p) / divergence(*p, best);
    chances.iter().filter(|p| **p < best).map(lost).sum::<f64>() * n_decisions.ln()
}

#[test]
fn regret_grows_like_a_logarithm_or_like_time() {
    let ucb = regret(&Ucb1::new(5).unwrap());
    let thompson = regret(&ThompsonBernoulli::new(5).unwrap());
    let fixed = regret(&EpsilonGreedy::new(5, 0.1).unwrap());
    let decaying = regret(&EpsilonGreedy::new(5, 1.0).unwrap().with_decay(100.0).unwrap());
    // A logarithm grows by a thirteenth from 10,000 to 20,000.
    for curve in [&ucb, &thompson, &decaying] {
        assert!(growth(curve) < 0.3, "{curve:?}");
    }
    // One in ten is left to chance, which loses 0.2 on average: 200 in 10,000 decisions, for ever.
    let second_half = fixed.mean[1] - fixed.mean[0];
    assert!((180.0..220.0).contains(&second_half), "{fixed:?}");
    assert!(
        thompson.last.iter().zip(&ucb.last).all(|(thompson, ucb)| thompson < ucb),
        "{thompson:?} {ucb:?}"
    );
    let bound = lai_robbins(&CHANCES, 20_000.0);
    assert!(thompson.mean[1] < 1.5 * bound && ucb.mean[1] < 5.0 * bound, "{bound}: {thompson:?} {ucb:?}");
}

#[test]
fn gaussian_arms_are_told_apart() {
    let plan = RegretPlan::default().with_n_decisions(5000).with_n_points(2);
    let regret =
        |bandit: &ThompsonGaussian| measured(&plan, &BernoulliProblem::new(&CHANCES).unwrap(), bandit);
    let prior = GaussianPrior { variance: Some(0.25), ..GaussianPrior::default() };
    let known = regret(&ThompsonGaussian::new(5).unwrap().with_prior(prior).unwrap());
    let learnt = regret(&ThompsonGaussian::new(5).unwrap());
    for curve in [known, learnt] {
        assert!(growth(&curve) < 0.4 && curve.mean[1] < 100.0, "{curve:?}");
    }
}

#[test]
fn bandits_that_read_the_context_beat_those_that_do_not() {
    let problem = LinearProblem::new(5, 5, 3).unwrap();
    let plan = RegretPlan::default().with_n_decisions(3000).with_n_points(2);
    let ucb = measured(&plan, &problem, &LinUcb::new(5, 6).unwrap());
    let thompson = measured(&plan, &problem, &LinThompson::new(5, 6).unwrap().with_noise(0.5).unwrap());
    let blind = measured(&plan, &problem, &ThompsonGaussian::new(5).unwrap());
    for curve in [&ucb, &thompson] {
        assert!(
            curve.last.iter().zip(&blind.last).all(|(reads, blind)| *reads < 0.2 * blind),
            "{curve:?} {blind:?}"
        );
        assert!(growth(curve) < 0.4, "{curve:?}");
    }
    assert!(growth(&blind) > 0.8, "{blind:?}");
}

/// What happens after 10,000 decisions: best and worst arm trade places, or the worst becomes the best by far while the
/// one that was best stays as good as it was, so that nothing is noticed without trying others.
const CHANGES: [[f64; 5]; 2] = [[0.3, 0.5, 0.4, 0.2, 0.6], [0.3, 0.5, 0.4, 0.6, 0.8]];

/// A point each 1,000 of 20,000 decisions.
fn across<B: Bandit + Clone + Sync>(change: [f64; 5], bandit: &B) -> RegretCurve {
    let problem = BernoulliProblem::new(&CHANCES).unwrap().with_change(10_000, &change).unwrap();
    measured(&RegretPlan::default().with_n_decisions(20_000).with_n_points(20), &problem, bandit)
}

fn assert_follows(curve: &RegretCurve) {
    assert!(mean_share(curve) > 0.8, "{curve:?}");
    assert!(curve.last_best_share.iter().all(|share| *share > 0.75), "{curve:?}");
}

/// Share of the last 1,000 decisions that took the best arm, mean over the five seeds.
fn mean_share(curve: &RegretCurve) -> f64 {
    curve.last_best_share.iter().sum::<f64>() / 5.0
}

#[test]
fn bandits_that_forget_follow_the_best_arm() {
    for change in CHANGES {
        let thompson = ThompsonBernoulli::new(5).unwrap().with_forgetting(0.999).unwrap();
        assert_follows(&across(change, &thompson));
        let ucb = Ucb1::new(5).unwrap().with_forgetting(0.999).unwrap();
        assert_follows(&across(change, &ucb.with_exploration(0.3).unwrap()));
        let greedy = EpsilonGreedy::new(5, 0.1).unwrap().with_forgetting(0.999).unwrap();
        assert_follows(&across(change, &greedy));
    }
}

#[test]
fn bandits_that_do_not_forget_lag() {
    // Each for the change that it follows worst.
    let thompson = across(CHANGES[1], &ThompsonBernoulli::new(5).unwrap());
    assert!(mean_share(&thompson) < 0.8, "{thompson:?}");
    let greedy = across(CHANGES[0], &EpsilonGreedy::new(5, 0.1).unwrap());
    assert!(mean_share(&greedy) < 0.8, "{greedy:?}");
    let ucb = across(CHANGES[1], &Ucb1::new(5).unwrap().with_exploration(0.3).unwrap());
    assert!(mean_share(&ucb) < 0.8, "{ucb:?}");
}

#[test]
fn linear_bandits_that_forget_follow_too() {
    let problem = LinearProblem::new(5, 3, 3).unwrap().with_change(3000);
    let plan = RegretPlan::default().with_n_decisions(6000).with_n_points(6);
    let ucb = LinUcb::new(5, 4).unwrap();
    let stays = measured(&plan, &problem, &ucb);
    let thompson = LinThompson::new(5, 4).unwrap().with_noise(0.5).unwrap();
    let forgets = [
        measured(&plan, &problem, &ucb.with_forgetting(0.995).unwrap()),
        measured(&plan, &problem, &thompson.with_forgetting(0.995).unwrap()),
    ];
    for curve in &forgets {
        let pairs = || curve.last.iter().zip(&stays.last);
        assert!(pairs().all(|(forgets, stays)| forgets < stays), "{curve:?} {stays:?}");
        assert!(curve.last_best_share.iter().all(|share| *share > 0.8), "{curve:?}");
    }
}

#[test]
fn late_feedback_costs_a_little() {
    let problem = BernoulliProblem::new(&CHANCES).unwrap();
    let plan = RegretPlan::default().with_n_decisions(5000).with_n_points(1);
    let bandit = ThompsonBernoulli::new(5).unwrap();
    let prompt = measured(&plan, &problem, &bandit).mean[0];
    let late = measured(&plan.clone().with_delay(200), &problem, &bandit).mean[0];
    // At worst each of the 200 decisions without news loses what chance loses: 0.2.
    assert!(late < prompt + 200.0 * 0.4, "{prompt} {late}");
    // A floor of 0.02 leaves one decision in ten to chance.
    let explored = measured(&plan.with_min_propensity(0.02), &problem, &bandit).mean[0];
    assert!((prompt + 50.0..prompt + 150.0).contains(&explored), "{prompt} {explored}");
}

#[test]
fn curves_do_not_depend_on_the_number_of_threads() {
    let problem = LinearProblem::new(3, 2, 1).unwrap();
    let plan = RegretPlan::default().with_n_decisions(200).with_n_points(3);
    let on = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| plan.measure(&problem, &LinThompson::new(3, 3).unwrap()).unwrap())
    };
    assert_eq!(on(1), on(4));
    assert_eq!(on(1).decisions, [66, 133, 200]);
    fincoach_testkit::check_params(&plan);
    let bandit = Ucb1::new(3).unwrap();
    assert!(plan.clone().with_n_points(0).measure(&problem, &bandit).is_err());
    assert!(plan.clone().with_n_seeds(0).measure(&problem, &bandit).is_err());
    assert!(plan.clone().with_n_decisions(2).measure(&problem, &bandit).is_err());
    assert!(plan.clone().with_min_propensity(f64::NAN).measure(&problem, &bandit).is_err());
    // A bandit for other contexts or other arms than those of the problem.
    assert!(plan.measure(&problem, &LinUcb::new(3, 4).unwrap()).is_err());
    assert!(plan.measure(&problem, &EpsilonGreedy::new(9, 1.0).unwrap()).is_err());
}

#[test]
fn problems_are_checked() {
    assert!(BernoulliProblem::new(&[]).is_err());
    assert!(BernoulliProblem::new(&[f64::NAN]).is_err());
    assert!(BernoulliProblem::new(&[0.5]).unwrap().with_change(1, &[0.5, 0.5]).is_err());
    assert!(BernoulliProblem::new(&[0.5]).unwrap().with_change(1, &[1.5]).is_err());
    assert!(LinearProblem::new(0, 1, 0).is_err());
    assert!(LinearProblem::new(1, 0, 0).is_err());
    assert!(LinearProblem::new(1, 1, 0).unwrap().with_noise(f64::NAN).is_err());
}

fn row<B: Bandit + Clone + Sync>(
    name: &str,
    plan: &RegretPlan,
    problem: &(impl BanditProblem + Sync),
    bandit: &B,
) {
    let curve = plan.measure(problem, bandit).unwrap();
    let at = |share: f64| (curve.mean.len() as f64 * share) as usize - 1;
    let regrets: Vec<String> = [0.05, 0.25, 0.5, 1.0]
        .iter()
        .map(|share| format!("{:.0} ± {:.0}", curve.mean[at(*share)], curve.deviation[at(*share)]))
        .collect();
    let half = at(0.5);
    let after = curve.mean[at(1.0)] - curve.mean[half];
    let shares = [half, half + 1, half + 2, at(1.0)].map(|point| format!("{:.2}", curve.best_share[point]));
    let least = curve.last_best_share.iter().copied().fold(f64::INFINITY, f64::min);
    println!(
        "| {name} | {} | second half {after:.0} | {} ({least:.2})",
        regrets.join(" | "),
        shares.join(" | ")
    );
}

#[test]
#[ignore = "prints the tables of the docs; takes minutes"]
fn print_the_tables_of_the_docs() {
    let plan = RegretPlan::default().with_n_decisions(20_000).with_n_points(20).with_n_seeds(10);
    let still = BernoulliProblem::new(&CHANCES).unwrap();
    println!("Lai and Robbins at 20,000: {:.0}", lai_robbins(&CHANCES, 20_000.0));
    let problems = CHANGES.map(|change| still.clone().with_change(10_000, &change).unwrap());
    for (title, problem) in ["still", "swap", "rise"].iter().zip([&still, &problems[0], &problems[1]]) {
        println!("## {title}");
        for forgetting in [1.0, 0.999] {
            let greedy = EpsilonGreedy::new(5, 0.1).unwrap().with_forgetting(forgetting).unwrap();
            let name = |name: &str| format!("{name}, forgetting {forgetting}");
            row(&name("greedy 0.1"), &plan, problem, &greedy);
            let decaying = EpsilonGreedy::new(5, 1.0).unwrap().with_decay(100.0).unwrap();
            row(&name("decaying 100"), &plan, problem, &decaying.with_forgetting(forgetting).unwrap());
            let ucb = Ucb1::new(5).unwrap().with_forgetting(forgetting).unwrap();
            row(&name("ucb 1"), &plan, problem, &ucb);
            row(&name("ucb 0.3"), &plan, problem, &ucb.with_exploration(0.3).unwrap());
            let thompson = ThompsonBernoulli::new(5).unwrap().with_forgetting(forgetting).unwrap();
            row(&name("thompson"), &plan, problem, &thompson);
            let gaussian = ThompsonGaussian::new(5).unwrap().with_forgetting(forgetting).unwrap();
            row(&name("gaussian"), &plan, problem, &gaussian);
        }
    }
    for delay in [100, 1000] {
        println!("## delay {delay}");
        let plan = plan.clone().with_delay(delay);
        row("greedy 0.1", &plan, &still, &EpsilonGreedy::new(5, 0.1).unwrap());
        row("ucb 1", &plan, &still, &Ucb1::new(5).unwrap());
        row("thompson", &plan, &still, &ThompsonBernoulli::new(5).unwrap());
    }
    print_linear();
}

fn print_linear() {
    let plan = RegretPlan::default().with_n_points(20).with_n_seeds(10);
    let still = LinearProblem::new(5, 5, 3).unwrap();
    for (title, problem) in [("linear", still.clone()), ("linear change", still.with_change(5000))] {
        println!("## {title}");
        for forgetting in [1.0, 0.998] {
            let name = |name: &str| format!("{name}, forgetting {forgetting}");
            let ucb = LinUcb::new(5, 6).unwrap().with_forgetting(forgetting).unwrap();
            row(&name("lin ucb 1"), &plan, &problem, &ucb);
            let thompson = LinThompson::new(5, 6).unwrap().with_noise(0.5).unwrap();
            row(&name("lin thompson"), &plan, &problem, &thompson.with_forgetting(forgetting).unwrap());
            let blind = ThompsonGaussian::new(5).unwrap().with_forgetting(forgetting).unwrap();
            row(&name("gaussian"), &plan, &problem, &blind);
        }
    }
}
