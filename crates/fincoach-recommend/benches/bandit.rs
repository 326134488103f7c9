//! Decisions with their feedback a second, of bandits that have learnt from 10,000.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark stops when something is wrong")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::rng::stream;
use fincoach_recommend::{
    ArmSet, Bandit, EpsilonGreedy, LinThompson, LinUcb, Online, ThompsonBernoulli, ThompsonGaussian, Ucb1,
};

/// Decision and feedback of one bandit; the id says how many arms there are and how long a context is.
fn serve<B: Bandit + Clone>(criterion: &mut Criterion, name: &str, bandit: B) {
    let (n_arms, length) = (bandit.n_arms(), bandit.context_len().unwrap_or(0));
    let mut rng = stream(1, 0);
    let mut contexts: Vec<Vec<f64>> = Vec::new();
    for _ in 0..64 {
        contexts.push((0..length).map(|_| rng.normal()).collect());
    }
    let allowed = ArmSet::all(n_arms);
    let mut online = Online::new(bandit).with_min_propensity(0.2 / n_arms as f64).unwrap();
    let mut step = 0;
    let mut serve = || {
        step += 1;
        let choice = online.choose(&contexts[step % 64], &allowed, &mut rng).unwrap();
        let reward = f64::from(u8::from(rng.bernoulli(0.3 + 0.4 * choice.arm as f64 / n_arms as f64)));
        online.feedback(choice.id, reward).unwrap()
    };
    for _ in 0..10_000 {
        serve();
    }
    let mut group = criterion.benchmark_group(format!("bandit/{name}"));
    group.throughput(Throughput::Elements(1)).sample_size(20);
    let id = BenchmarkId::from_parameter(if length > 0 {
        format!("{n_arms}x{length}")
    } else {
        n_arms.to_string()
    });
    group.bench_function(id, |bencher| bencher.iter(&mut serve));
    group.finish();
}

fn bandits(criterion: &mut Criterion) {
    for n_arms in [5, 50] {
        serve(criterion, "epsilon_greedy", EpsilonGreedy::new(n_arms, 0.1).unwrap());
        serve(criterion, "ucb1", Ucb1::new(n_arms).unwrap());
        serve(criterion, "thompson_bernoulli", ThompsonBernoulli::new(n_arms).unwrap());
        serve(criterion, "thompson_gaussian", ThompsonGaussian::new(n_arms).unwrap());
    }
    for length in [8, 32] {
        serve(criterion, "lin_ucb", LinUcb::new(5, length).unwrap());
        serve(
            criterion,
            "lin_ucb_forgetting",
            LinUcb::new(5, length).unwrap().with_forgetting(0.999).unwrap(),
        );
        serve(criterion, "lin_thompson", LinThompson::new(5, length).unwrap());
    }
}

criterion_group!(benches, bandits);
criterion_main!(benches);
