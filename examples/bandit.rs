//! Lets bandits choose between strategies of coaching for simulated households, and changes who the households are
//! half-way: which bandits notice?
//!
//! `cargo run --release --example bandit -- --seed 42`

mod cli;

use std::fs;
use std::process::ExitCode;

use clap::Parser;
use fincoach::core::rng::{Rng, derived, stream};
use fincoach::core::{
    Action, FeatureTable, Fit, ParamError, Predict, RowKey, chrono::NaiveTime, ndarray::Array2,
};
use fincoach::recommend::{
    ArmSet, CqlParams, CqlPolicy, EpsilonGreedy, GaussianPrior, LinThompson, Online, Replay, StrategyBandit,
    ThompsonGaussian, Transition,
};
use fincoach::report::{LineChart, NumberFormat};
use fincoach::simulate::{
    Household, Households, LoggingPolicy, Moment, Objective, Policy as _, SimulationParams, Week, rule,
};
use rayon::prelude::*;
use serde::Serialize;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bandits over strategies of coaching, on households that change.
#[derive(Parser)]
#[command(name = "bandit")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
    /// Households at a time, each decided for once a week.
    #[arg(long, default_value_t = 250)]
    users_count: usize,
    /// Weeks before the change, and as many after it.
    #[arg(long, default_value_t = 40)]
    weeks: usize,
    /// Repetitions, each with other households and other luck.
    #[arg(long, default_value_t = 5)]
    seeds: u64,
    /// Weight of a feedback when the next one comes, for bandits that forget.
    #[arg(long, default_value_t = 0.9996)]
    forgetting: f64,
}

/// Weights of the five archetypes: first savers and those with goals, then the budget-conscious and high spenders.
const BEFORE: [f64; 5] = [1.0, 0.0, 1.0, 0.0, 0.0];
const AFTER: [f64; 5] = [0.0, 0.0, 0.0, 1.0, 1.0];
/// Weeks lived before the first decision, from which the usual week of a household is known.
const LEAD_IN: usize = 13;
/// Rewards are hundredths of the usual weekly income.
const SCALE: f64 = 100.0;

/// What the bandit chooses between.
const STRATEGIES: [&str; 4] = ["rule", "learned", "budget", "rest"];

/// The action of each strategy for each household, in the order of [`STRATEGIES`].
fn answers(policy: &CqlPolicy, households: &Households) -> cli::Result<Vec<[Action; 4]>> {
    let learned = policy.predict(&table(households)?)?;
    let rest = Action::ContinueCurrentBehavior;
    let all = households.iter().zip(learned).map(|(household, learned)| {
        let seen = household.observe();
        // The same for all, but for a rest every third week, as the rule has it.
        let budget = if seen.nudges_in_row >= 2 { rest } else { Action::BudgetSuggestion };
        [rule(&seen), learned, budget, rest]
    });
    Ok(all.collect())
}

/// What a bank sees of each household before a decision.
fn table(households: &Households) -> cli::Result<FeatureTable> {
    let rows: Vec<[f64; 6]> = households.iter().map(features).collect();
    Ok(FeatureTable::new(households.iter().map(key).collect(), COLUMNS, Array2::from(rows))?)
}

fn key(household: &Household) -> RowKey {
    RowKey { user: household.truth().user.clone(), as_of: household.date().and_time(NaiveTime::MIN) }
}

/// What [`features`] gives.
const COLUMNS: [&str; 6] = ["balance", "kept", "flexible_share", "income", "days_since_pay", "nudges_in_row"];

fn features(household: &Household) -> [f64; 6] {
    let seen = household.observe();
    let weekly = seen.usual_income.to_major();
    let share = |money: fincoach::core::Money| (money.to_major() / (4.0 * weekly)).clamp(-5.0, 5.0);
    [
        (seen.balance.to_major() / weekly).asinh(),
        share(seen.income - seen.spending),
        share(seen.flexible),
        weekly.ln(),
        f64::from(seen.days_since_pay.unwrap_or(31).min(31)),
        f64::from(seen.nudges_in_row.min(3)),
    ]
}

/// Households of a mix after their lead-in, and the mean reward of each in it.
fn settled(mix: [f64; 5], args: &Args, seed: u64) -> cli::Result<(Households, Vec<f64>)> {
    let params = SimulationParams::default()
        .with_n_households(args.users_count)
        .with_archetype_mix(mix)
        .with_seed(seed);
    let mut households = Households::new(&params)?;
    let mut usual = vec![0.0; households.len()];
    for _ in 0..LEAD_IN {
        for (sum, week) in usual.iter_mut().zip(households.live_week()) {
            *sum += SCALE * Objective::default().reward(&week) / LEAD_IN as f64;
        }
        households.forget_rows();
    }
    Ok((households, usual))
}

/// A policy learnt from what a coach of today did for households of the first kind.
fn learn(args: &Args, seed: u64) -> cli::Result<CqlPolicy> {
    let (mut households, usual) = settled(BEFORE, args, derived(seed, "log"))?;
    let (mut keys, mut states, mut steps) = (Vec::new(), Vec::new(), Vec::new());
    let mut logging = LoggingPolicy { exploration: 0.5 };
    for week in 0..args.weeks {
        keys.extend(households.iter().map(key));
        states.extend(households.iter().map(features));
        let actions = households.draw(&logging.chances(&households, &Moment::new(week, 1, 1.0)))?;
        let weeks = households.step(&actions)?;
        households.forget_rows();
        let gained = weeks.iter().zip(&usual).map(|(week, usual)| {
            Transition::new(week.action, SCALE * Objective::default().reward(week) - usual)
        });
        steps.extend(gained);
    }
    let table = FeatureTable::new(keys, COLUMNS, Array2::from(states))?;
    let next = table.values().to_owned();
    let params = CqlParams::one_step().with_hidden(32).with_batch_size(256).with_max_steps(1500);
    Ok(params.with_seed(seed).fit(&Replay::new(table, next, steps)?)?)
}

/// The bandits held against one another.
fn bandits(forgetting: f64) -> cli::Result<Vec<(&'static str, StrategyBandit)>> {
    let n = STRATEGIES.len();
    // The variance of a week's reward, roughly; no reward yet is worth as much as one of 0.
    let prior = GaussianPrior { scale: 150.0, ..GaussianPrior::default() };
    let thompson = ThompsonGaussian::new(n)?.with_prior(prior)?;
    let linear = LinThompson::new(n, 7)?.with_noise(12.0)?;
    Ok(vec![
        ("ε-greedy 0.1", EpsilonGreedy::new(n, 0.1)?.into()),
        ("ε-greedy 0.1, forgets", EpsilonGreedy::new(n, 0.1)?.with_forgetting(forgetting)?.into()),
        ("Thompson", thompson.clone().into()),
        ("Thompson, forgets", thompson.with_forgetting(forgetting)?.into()),
        ("linear Thompson, forgets", linear.with_forgetting(forgetting)?.into()),
    ])
}

/// One week of decisions: how many took each strategy, and what each was truly worth at the states of this week.
#[derive(Clone, Debug, Serialize)]
struct Told {
    chosen: [f64; 4],
    worth: [f64; 4],
    /// Mean of what the chosen strategies were worth.
    earned: f64,
}

/// Households of both halves, and a policy learnt from a log of the first.
struct World {
    policy: CqlPolicy,
    halves: [(Households, Vec<f64>); 2],
    seed: u64,
    /// What each strategy is worth in truth in each half, beside saying nothing, at the states to which an even mix leads.
    worth: [[f64; 4]; 2],
    /// The strategy that is worth most in each.
    best: [usize; 2],
}

impl World {
    fn new(args: &Args, seed: u64) -> cli::Result<Self> {
        let half = |mix, name| settled(mix, args, derived(seed, name));
        let halves = [half(BEFORE, "before")?, half(AFTER, "after")?];
        let mut world = Self { policy: learn(args, seed)?, halves, seed, worth: [[0.0; 4]; 2], best: [0; 2] };
        let even = EpsilonGreedy::new(STRATEGIES.len(), 1.0)?.into();
        let told = world.serve(&even, args.weeks)?;
        for (half, told) in told.chunks(args.weeks).enumerate() {
            let worth = mean_worth(told);
            let ahead = |best: usize, arm: usize| if worth[arm] > worth[best] { arm } else { best };
            (world.best[half], world.worth[half]) = ((0..worth.len()).fold(0, ahead), worth);
        }
        Ok(world)
    }

    /// A bandit in service through both halves.
    fn serve(&self, bandit: &StrategyBandit, weeks: usize) -> cli::Result<Vec<Told>> {
        let mut online = Online::new(bandit.clone()).with_min_propensity(0.01)?;
        let mut rng = stream(self.seed, 7);
        let mut told = Vec::new();
        for (households, usual) in &self.halves {
            let mut households = households.clone();
            for _ in 0..weeks {
                told.push(self.week(&mut online, (&mut households, usual), &mut rng)?);
            }
        }
        Ok(told)
    }

    /// Decides for each household, lets a week pass and hears what it brought, for all households together.
    fn week(
        &self,
        online: &mut Online<StrategyBandit>,
        (households, usual): (&mut Households, &[f64]),
        rng: &mut Rng,
    ) -> cli::Result<Told> {
        let (every, share) = (ArmSet::all(STRATEGIES.len()), 1.0 / households.len() as f64);
        let mut told = Told { chosen: [0.0; 4], worth: [0.0; 4], earned: 0.0 };
        let (mut ids, mut actions) = (Vec::new(), Vec::new());
        for (household, answers) in households.iter().zip(answers(&self.policy, households)?) {
            let context: Vec<f64> = [1.0].into_iter().chain(scaled(features(household))).collect();
            let choice = online.choose(&context, &every, rng)?;
            let truth = household.expected_rewards(&Objective::default());
            let worth = answers.map(|action| share * SCALE * (truth[action.index()] - truth[0]));
            told.chosen[choice.arm] += share;
            told.earned += worth[choice.arm];
            told.worth.iter_mut().zip(worth).for_each(|(sum, worth)| *sum += worth);
            ids.push(choice.id);
            actions.push(answers[choice.arm]);
        }
        let lived = households.step(&actions)?;
        households.forget_rows();
        let gain = |(week, usual): (&Week, &f64)| SCALE * Objective::default().reward(week) - usual;
        let gains: Vec<f64> = lived.iter().zip(usual).map(gain).collect();
        // What the season does to all is nobody's merit.
        let season = share * gains.iter().sum::<f64>();
        for (id, gain) in ids.into_iter().zip(gains) {
            online.feedback(id, gain - season)?;
        }
        Ok(told)
    }
}

/// What each strategy was worth beside saying nothing, over some weeks.
fn mean_worth(told: &[Told]) -> [f64; 4] {
    let mut mean = [0.0; 4];
    for week in told {
        mean.iter_mut().zip(week.worth).for_each(|(sum, worth)| *sum += worth / told.len() as f64);
    }
    mean
}

/// Features about the size of 1, as a linear bandit wants them.
fn scaled([balance, kept, flexible, income, since_pay, nudges]: [f64; 6]) -> [f64; 6] {
    [balance - 1.0, 2.0 * kept, 4.0 * flexible - 1.0, income - 6.5, since_pay / 15.0 - 1.0, nudges - 1.0]
}

/// What became of one bandit over all repetitions.
#[derive(Serialize)]
struct Outcome {
    bandit: &'static str,
    /// Share of the decisions of each week that took the strategy best in truth in that half; mean over repetitions.
    share_of_best: Vec<f64>,
    /// Decisions after the change until the bandit took the new best for at least half of four weeks; none
    /// where it never did.
    decisions_to_adapt: Vec<Option<usize>>,
    /// What a decision was worth in each half beside saying nothing, in hundredths of a usual weekly income.
    earned: Vec<[f64; 2]>,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: Args) -> cli::Result<()> {
    if args.common.input.is_some() {
        return Err("`--input` has no meaning here: only of simulated households the truth is known".into());
    }
    ParamError::ensure(args.weeks >= 4, "weeks", "at least 4", args.weeks)?;
    let mut bars = cli::Bars::new(args.common.quiet);
    bars.stage("households");
    let seeds: Vec<u64> =
        (0..args.seeds).map(|repetition| args.common.seed.wrapping_add(repetition)).collect();
    let worlds: Vec<World> = seeds.iter().map(|seed| World::new(&args, *seed)).collect::<cli::Result<_>>()?;
    bars.stage("bandits");
    let bandits = bandits(args.forgetting)?;
    let tried: Vec<(usize, usize)> =
        (0..bandits.len()).flat_map(|bandit| (0..worlds.len()).map(move |world| (bandit, world))).collect();
    let told = tried.par_iter().map(|(bandit, world)| {
        worlds[*world].serve(&bandits[*bandit].1, args.weeks).map_err(|error| error.to_string())
    });
    let told: Vec<Vec<Told>> = told.collect::<Result<_, String>>()?;
    let outcomes: Vec<Outcome> = bandits
        .iter()
        .zip(told.chunks(worlds.len()))
        .map(|((name, _), runs)| outcome(name, runs, (&worlds, args.users_count)))
        .collect();

    let staged = args.common.stage("bandit")?;
    fs::write(staged.path().join("share_of_best.svg"), picture(&outcomes, &args)?)?;
    cli::write_json(&staged.path().join("bandit.json"), &outcomes)?;
    staged.commit()?;
    bars.finish();
    if !args.common.quiet {
        summary(&outcomes, &worlds)?;
        cli::say(format_args!("in {}", args.common.out_dir("bandit").display()))?;
    }
    Ok(())
}

/// What became of a bandit in the runs of all worlds.
fn outcome(bandit: &'static str, runs: &[Vec<Told>], (worlds, n_users): (&[World], usize)) -> Outcome {
    let weeks = runs[0].len() / 2;
    let best = |world: &World, week: usize| world.best[week / weeks];
    let pairs = || runs.iter().zip(worlds);
    let share = |week: usize| pairs().map(|(run, world)| run[week].chosen[best(world, week)]).sum::<f64>();
    let adapted = |(run, world): (&Vec<Told>, &World)| {
        let taken = |week: &Told| week.chosen[world.best[1]];
        let window = |weeks: &[Told]| weeks.iter().map(taken).sum::<f64>() >= 0.5 * weeks.len() as f64;
        run[weeks..].windows(4).position(window).map(|week| (week + 4) * n_users)
    };
    let earned = |run: &Vec<Told>| {
        let of = |half: usize| {
            let half_run = &run[half * weeks..(half + 1) * weeks];
            half_run.iter().map(|week| week.earned).sum::<f64>() / weeks as f64
        };
        [of(0), of(1)]
    };
    Outcome {
        bandit,
        share_of_best: (0..2 * weeks).map(|week| share(week) / runs.len() as f64).collect(),
        decisions_to_adapt: pairs().map(adapted).collect(),
        earned: runs.iter().map(earned).collect(),
    }
}

fn picture(outcomes: &[Outcome], args: &Args) -> cli::Result<String> {
    let chart = LineChart::new("Who notices that the households have changed")
        .with_x_label("decisions")
        .with_y_label("share of the strategy best in truth")
        .with_format(NumberFormat::Percent)
        .with_mark((args.weeks * args.users_count) as f64, "other households");
    let xs: Vec<f64> = (1..=2 * args.weeks).map(|week| (week * args.users_count) as f64).collect();
    Ok(outcomes
        .iter()
        .fold(chart, |chart, one| chart.with_series(one.bandit, &xs, &one.share_of_best))
        .to_svg()?)
}

fn summary(outcomes: &[Outcome], worlds: &[World]) -> cli::Result<()> {
    for world in worlds {
        let told = |half: usize| {
            let each = STRATEGIES.iter().zip(world.worth[half]);
            each.map(|(name, worth)| format!("{name} {worth:.2}")).collect::<Vec<_>>().join(", ")
        };
        cli::say(format_args!("seed {}: worth {}; after the change {}", world.seed, told(0), told(1)))?;
    }
    for Outcome { bandit, share_of_best, decisions_to_adapt, earned } in outcomes {
        let last = |half: usize| {
            let end = (half + 1) * share_of_best.len() / 2;
            10.0 * share_of_best[end - 10.min(end)..end].iter().sum::<f64>()
        };
        let mean = |half: usize| earned.iter().map(|earned| earned[half]).sum::<f64>() / earned.len() as f64;
        let adapted: Vec<String> = decisions_to_adapt
            .iter()
            .map(|decisions| decisions.map_or_else(|| "never".to_owned(), |decisions| decisions.to_string()))
            .collect();
        cli::say(format_args!(
            "{bandit:25} best in the last ten weeks {:3.0} % and {:3.0} %, worth {:.2} and {:.2} a decision, adapted after {}",
            last(0),
            last(1),
            mean(0),
            mean(1),
            adapted.join(", ")
        ))?;
    }
    Ok(())
}
