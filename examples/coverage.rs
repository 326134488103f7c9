//! How often do intervals of off-policy estimates hold the truth? Many logs of simulated households, a policy that none of
//! them followed, and its true value from living under it.
//!
//! `cargo run --release --example coverage -- --logs 200 --users-count 1000 --weeks 3`

mod cli;

use std::process::ExitCode;

use clap::Parser;
use fincoach::core::ndarray::Array2;
use fincoach::core::{Action, Progress as _, Step};
use fincoach::recommend::{
    DecisionEstimator, Decisions, Ended, Estimate, Horizon, OffPolicyParams, SequenceEstimator, Trajectories,
};
use fincoach::simulate::{
    Household, Households, LoggingPolicy, Moment, Observation, Policy as _, RolloutParams, Week,
};
use serde::Serialize;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Counts how often intervals of off-policy estimates hold the true value.
#[derive(Parser)]
#[command(name = "coverage")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
    /// Logs, each of other households.
    #[arg(long, default_value_t = 20)]
    logs: u64,
    /// Households in a log.
    #[arg(long, default_value_t = 300)]
    users_count: usize,
    /// Weeks that are decided; single decisions are judged on the first.
    #[arg(long, default_value_t = 3)]
    weeks: usize,
    /// Households on which the true value is found, for each policy and length.
    #[arg(long, default_value_t = 20_000)]
    truth_count: usize,
}

fn main() -> ExitCode {
    cli::main(run)
}

/// What came of one estimator over all logs. Values are in usual weekly incomes.
#[derive(Serialize)]
struct Found {
    estimator: String,
    decisions: usize,
    coverage: f64,
    mean: f64,
    truth: f64,
    truth_standard_error: f64,
    /// Standard deviation of the estimates over logs, and the mean standard error that they gave.
    deviation: f64,
    mean_standard_error: f64,
    mean_effective_sample_size: f64,
}

fn run(args: Args) -> cli::Result<()> {
    if args.common.input.is_some() {
        return Err("`--input` has no meaning here: only of simulated households the truth is known".into());
    }
    let mut bars = cli::Bars::new(args.common.quiet);
    let who = RolloutParams::default().with_n_households(args.users_count);
    let mut estimates = Vec::new();
    for log in 0..args.logs {
        let seed = args.common.seed.wrapping_add(1 + log);
        estimates.push(judge(&Log::record(&who.clone().with_seed(seed), args.weeks)?)?);
        bars.step(&Step::new("logs", log + 1, args.logs));
    }
    let known = who.with_n_households(args.truth_count).with_seed(args.common.seed);
    let [single, sequence] = [1, args.weeks].map(|weeks| known.clone().with_n_weeks(weeks).run(&mut careful));
    let (single, sequence) = (single?.value(), sequence?.value());
    let found: Vec<Found> = names()
        .into_iter()
        .enumerate()
        .map(|(at, (estimator, is_sequence))| {
            let all: Vec<Estimate> = estimates.iter().map(|row| row[at]).collect();
            let truth = if is_sequence { sequence } else { single };
            let decisions = if is_sequence { args.weeks } else { 1 };
            summed_up((estimator, decisions), &all, (truth.mean, truth.standard_error))
        })
        .collect();
    bars.finish();
    let staged = args.common.stage("coverage")?;
    cli::write_json(&staged.path().join("coverage.json"), &found)?;
    staged.commit()?;
    if !args.common.quiet {
        found.iter().try_for_each(tell)?;
        cli::say(format_args!("in {}", args.common.out_dir("coverage").display()))?;
    }
    Ok(())
}

fn tell(found: &Found) -> cli::Result<()> {
    let Found { estimator, decisions, coverage, mean, truth, .. } = found;
    cli::say(format_args!(
        "{estimator:24} {decisions} decision(s): interval holds the truth in {:5.1} % of logs; mean {mean:.4}, true {truth:.4}, \
         deviation {:.4}, told {:.4}",
        100.0 * coverage,
        found.deviation,
        found.mean_standard_error
    ))
}

fn summed_up((estimator, decisions): (String, usize), all: &[Estimate], truth: (f64, f64)) -> Found {
    let n = all.len() as f64;
    let mean_of = |value: &dyn Fn(&Estimate) -> f64| all.iter().map(value).sum::<f64>() / n;
    let mean = mean_of(&|estimate| estimate.value);
    Found {
        estimator,
        decisions,
        coverage: mean_of(&|estimate| f64::from(u8::from(estimate.interval.contains(truth.0)))),
        mean,
        truth: truth.0,
        truth_standard_error: truth.1,
        deviation: mean_of(&|estimate| (estimate.value - mean).powi(2)).sqrt(),
        mean_standard_error: mean_of(&|estimate| estimate.standard_error),
        mean_effective_sample_size: mean_of(&|estimate| estimate.effective_sample_size),
    }
}

/// The policy that is judged: soft, and other than the log's. It praises where there is money, suggests a budget where
/// there is not, and mostly rests after two nudges.
fn careful(households: &Households, _: &Moment) -> Vec<[f64; 5]> {
    households.iter().map(|household| chances(&household.observe())).collect()
}

fn chances(seen: &Observation) -> [f64; 5] {
    let favoured = if seen.nudges_in_row >= 2 {
        Action::ContinueCurrentBehavior
    } else if seen.balance > seen.usual_income {
        Action::PositiveReinforcement
    } else {
        Action::BudgetSuggestion
    };
    let mut chances = [0.1; 5];
    chances[favoured.index()] = 0.6;
    chances
}

/// The weeks of one log, household by household.
struct Log {
    n_weeks: usize,
    /// States before each decision and after the last, `n_weeks + 1` for each household.
    states: Vec<Vec<[f64; N_COLUMNS]>>,
    targets: Vec<Vec<[f64; 5]>>,
    decided: Vec<Vec<(Week, f64, f64)>>,
}

impl Log {
    fn record(params: &RolloutParams, n_weeks: usize) -> cli::Result<Self> {
        let mut households = Households::new(params.households())?;
        (0..params.lead_in_weeks()).for_each(|_| drop(households.live_week()));
        let n = households.len();
        let mut log = Self {
            n_weeks,
            states: vec![Vec::new(); n],
            targets: vec![Vec::new(); n],
            decided: vec![Vec::new(); n],
        };
        log.look(&households);
        for week in 0..n_weeks {
            let moment = Moment::new(week, n_weeks - week, params.gamma());
            let logging = LoggingPolicy { exploration: 0.2 }.chances(&households, &moment);
            let lived = households.step(&households.draw(&logging)?)?;
            for (at, week) in lived.into_iter().enumerate() {
                let propensity = logging[at][week.action.index()];
                log.decided[at].push((week, propensity, params.objective().reward(&week)));
            }
            log.look(&households);
        }
        Ok(log)
    }

    fn look(&mut self, households: &Households) {
        for (at, household) in households.iter().enumerate() {
            self.states[at].push(state(household));
            self.targets[at].push(chances(&household.observe()));
        }
    }

    /// The first `n_weeks` decisions of every household.
    fn decisions(&self, n_weeks: usize) -> cli::Result<Decisions> {
        let rows = || self.decided.iter().flat_map(|all| &all[..n_weeks]);
        let users: Vec<usize> = (0..self.decided.len()).flat_map(|at| vec![at; n_weeks]).collect();
        Ok(Decisions::new(
            rows().map(|(week, _, _)| week.action.index()).collect(),
            rows().map(|(_, _, reward)| *reward).collect(),
            table(self.targets.iter().flat_map(|all| &all[..n_weeks])),
        )?
        .with_users(&users)?
        .with_states(table(self.states.iter().flat_map(|all| &all[..n_weeks])))?
        .with_propensities(rows().map(|(_, propensity, _)| *propensity).collect())?)
    }

    fn trajectories(&self) -> cli::Result<Trajectories> {
        let mut ended = vec![Ended::No; self.n_weeks];
        ended[self.n_weeks - 1] = Ended::Truncated;
        let log = Trajectories::new(self.decisions(self.n_weeks)?, &ended.repeat(self.decided.len()))?;
        Ok(log.with_next(
            table(self.states.iter().flat_map(|all| &all[1..])),
            table(self.targets.iter().flat_map(|all| &all[1..])),
        )?)
    }
}

fn table<'a, const N: usize>(rows: impl Iterator<Item = &'a [f64; N]>) -> Array2<f64> {
    let flat: Vec<[f64; N]> = rows.copied().collect();
    Array2::from_shape_fn((flat.len(), N), |(row, column)| flat[row][column])
}

const N_COLUMNS: usize = 7;

/// What a bank can see in a household before a decision.
fn state(household: &Household) -> [f64; N_COLUMNS] {
    let seen = household.observe();
    let month = 4.0 * seen.usual_income.to_major();
    let days = seen.days_since_pay.map_or(28.0, f64::from).min(28.0);
    [
        (seen.balance.to_major() / month).clamp(-1.0, 4.0),
        (seen.spending.to_major() / month).min(4.0),
        (seen.flexible.to_major() / month).min(2.0),
        (-days / 7.0).exp(),
        f64::from(seen.nudges_in_row.min(4)),
        f64::from(u8::from(seen.balance > seen.usual_income)),
        seen.usual_income.to_major().ln(),
    ]
}

/// Every estimator, and whether it judges sequences.
fn names() -> Vec<(String, bool)> {
    let single = DecisionEstimator::ALL.map(|estimator| (estimator.name().to_owned(), false));
    let sequence = SequenceEstimator::ALL.map(|estimator| (estimator.name().to_owned(), true));
    single.into_iter().chain(sequence).collect()
}

fn judge(log: &Log) -> cli::Result<Vec<Estimate>> {
    let gamma = RolloutParams::default().gamma();
    let params = OffPolicyParams::default().with_gamma(gamma).with_horizon(Horizon::Steps(log.n_weeks));
    let (single, sequence) = (log.decisions(1)?, log.trajectories()?);
    let mut all = Vec::new();
    for estimator in DecisionEstimator::ALL {
        all.push(params.estimate(&single, estimator)?);
    }
    for estimator in SequenceEstimator::ALL {
        all.push(params.estimate_sequence(&sequence, estimator)?);
    }
    Ok(all)
}
