//! Tries policies on simulated households and prints the tables of `docs/models/simulate.md`.
//!
//! `cargo run --release -p fincoach-simulate --example policies -- [households] [seed]`
#![allow(clippy::print_stdout, reason = "it prints tables")]

use std::error::Error;

use fincoach_core::Action;
use fincoach_simulate::{
    Archetype, Constant, Household, Households, LoggingPolicy, Myopic, Objective, Planner, Policy, Rollout,
    RolloutParams, best,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let n_households = args.next().map_or(Ok(2000), |text| text.parse())?;
    let seed = args.next().map_or(Ok(42), |text| text.parse())?;
    let params = RolloutParams::default().with_n_households(n_households).with_seed(seed);
    values(&params)?;
    signal(&params)
}

fn values(params: &RolloutParams) -> Result<(), Box<dyn Error>> {
    let mut policies: Vec<(String, Box<dyn Policy>)> = Action::ALL
        .map(|action| (action.to_string(), Box::new(Constant(action)) as Box<dyn Policy>))
        .into_iter()
        .collect();
    policies.push(("rule".into(), Box::new(LoggingPolicy { exploration: 0.0 })));
    policies.push(("rule, exploration 0.2".into(), Box::new(LoggingPolicy { exploration: 0.2 })));
    policies.push(("any action".into(), Box::new(LoggingPolicy { exploration: 1.0 })));
    policies.push(("myopic".into(), Box::new(Myopic::default())));
    policies.push(("reference".into(), Box::new(Planner::default())));
    let mut runs: Vec<(String, Rollout)> = Vec::new();
    for (name, mut policy) in policies {
        let run = params.run(policy.as_mut())?;
        runs.push((name, run));
    }
    println!(
        "\n| policy | value | beside nothing | per cent of weeks: nothing, alert, budget, nudge, praise | accepted | annoyed |"
    );
    for (name, run) in &runs {
        let (value, gain) = (run.value(), run.minus(&runs[0].1)?);
        let n = run.actions().iter().sum::<u64>() as f64;
        let share = run.actions().map(|count| (100.0 * count as f64 / n).round());
        let part = |counts: &[u64; 5]| counts.iter().sum::<u64>() as f64 / n;
        println!(
            "| {name} | {:.4} [{:.4}, {:.4}] | {:+.4} [{:+.4}, {:+.4}] | {share:?} | {:.3} | {:.3} |",
            value.mean,
            value.low,
            value.high,
            gain.mean,
            gain.low,
            gain.high,
            part(run.accepted()),
            part(run.annoyed()),
        );
    }
    Ok(())
}

/// Signal against noise, and which action is best for whom, after the lead-in.
fn signal(params: &RolloutParams) -> Result<(), Box<dyn Error>> {
    let objective = Objective::default();
    let mut households = Households::new(params.households())?;
    for _ in 0..params.lead_in_weeks() {
        households.live_week();
    }
    let n = households.len();
    let mut sums = vec![[0.0; 5]; n];
    let (mut spread, mut rewards, mut weekly_best) = (vec![0.0; n], vec![Vec::new(); n], [[0_u64; 5]; 5]);
    for _ in 0..params.n_weeks() {
        for (index, household) in households.iter().enumerate() {
            let expected = household.expected_rewards(&objective);
            (0..5).for_each(|action| sums[index][action] += expected[action]);
            let (low, high) = expected.iter().fold((f64::MAX, f64::MIN), |(a, b), r| (a.min(*r), b.max(*r)));
            spread[index] += high - low;
            weekly_best[household.truth().archetype.index()][best(&expected).index()] += 1;
        }
        for (index, week) in households.live_week().iter().enumerate() {
            rewards[index].push(objective.reward(week));
        }
    }
    println!(
        "\narchetype: mean reward, deviation, best less worst, ratio; best on average; best of the week (%)"
    );
    for archetype in Archetype::ALL {
        let of = |household: &Household| household.truth().archetype == archetype;
        let members: Vec<usize> = (0..n).filter(|index| of(&households[*index])).collect();
        let mean = |figure: &dyn Fn(usize) -> f64| {
            members.iter().map(|index| figure(*index)).sum::<f64>() / members.len() as f64
        };
        let deviation = |index: usize| deviation(&rewards[index]);
        let gap = |index: usize| spread[index] / params.n_weeks() as f64;
        let mut on_average = [0_u32; 5];
        members.iter().for_each(|index| on_average[best(&sums[*index]).index()] += 1);
        let shares = on_average.map(|count| (100.0 * f64::from(count) / members.len() as f64).round());
        let total = weekly_best[archetype.index()].iter().sum::<u64>() as f64;
        let weekly = weekly_best[archetype.index()].map(|count| (100.0 * count as f64 / total).round());
        println!(
            "{archetype}: {:.4} {:.4} {:.4} {:.3}; {shares:?}; {weekly:?}",
            mean(&|index| rewards[index].iter().sum::<f64>() / rewards[index].len() as f64),
            mean(&deviation),
            mean(&gap),
            mean(&|index| gap(index) / deviation(index)),
        );
    }
    let mut all = [0_u32; 5];
    sums.iter().for_each(|sums| all[best(sums).index()] += 1);
    println!("all households, best on average: {:?}", all.map(|count| f64::from(count) / n as f64));
    Ok(())
}

fn deviation(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt()
}
