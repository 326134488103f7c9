//! Any bytes as a saved model of the recommender: what is read answers, is written and read back the same; the first byte
//! chooses the model.
#![no_main]

use std::fmt::Debug;

use fincoach_core::Artifact;
use fincoach_recommend::{
    ArmSet, Bandit, BanditContext, Behaviour, CqlPolicy, EpsilonGreedy, LinThompson, LinUcb, Online, StrategyBandit,
    StrategyChooser, ThompsonBernoulli, ThompsonGaussian, Ucb1,
};
use libfuzzer_sys::fuzz_target;

/// Panics where a model that was read is not the same after another round.
fn read<A: Artifact + PartialEq + Debug>(bytes: &[u8]) -> Option<A> {
    match A::from_bytes(bytes) {
        Ok(model) => {
            let written = model.to_bytes().expect("a model that was read can be written");
            assert_eq!(A::from_bytes(&written).expect("a written model is read"), model);
            Some(model)
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            None
        }
    }
}

/// Panics where a bandit does not answer with probabilities.
fn answer<B: Bandit>(bandit: Option<B>) {
    let Some(bandit) = bandit else { return };
    let n_arms = bandit.n_arms();
    // Some thousands of arms are an integral of seconds.
    if n_arms > 50 || bandit.context_len().is_some_and(|length| length > 50) {
        return;
    }
    let context = vec![1.0; bandit.context_len().unwrap_or(0)];
    if let Ok(probabilities) = bandit.probabilities(&context, &ArmSet::all(n_arms)) {
        let total: f64 = probabilities.iter().sum();
        assert!((total - 1.0).abs() < 1e-6 && probabilities.iter().all(|p| *p >= 0.0), "{probabilities:?}");
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((model, bytes)) = data.split_first() else { return };
    match model % 12 {
        0 => answer(read::<EpsilonGreedy>(bytes)),
        1 => answer(read::<Ucb1>(bytes)),
        2 => answer(read::<ThompsonBernoulli>(bytes)),
        3 => answer(read::<ThompsonGaussian>(bytes)),
        4 => answer(read::<LinUcb>(bytes)),
        5 => answer(read::<LinThompson>(bytes)),
        6 => answer(read::<StrategyBandit>(bytes)),
        7 => drop(read::<StrategyChooser>(bytes)),
        8 => drop(read::<Online<ThompsonBernoulli>>(bytes)),
        9 => drop(read::<BanditContext>(bytes)),
        10 => drop(read::<Behaviour>(bytes)),
        _ => drop(read::<CqlPolicy>(bytes)),
    }
});
