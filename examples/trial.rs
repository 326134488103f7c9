//! Learns a policy from the log of simulated households and finds out, by letting others live under it, what it is worth.
//!
//! `cargo run --release --example trial -- --users-count 2000 --weeks 26 --seeds 5`

mod cli;

use std::process::ExitCode;

use clap::Parser;
use fincoach::simulate::Objective;
use fincoach::{TrialParams, TrialReport};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Tries a learnt policy on households whose truth is known.
#[derive(Parser)]
#[command(name = "trial")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
    /// Households in the log, and as many others on which policies are tried.
    #[arg(long, default_value_t = 500)]
    users_count: usize,
    /// Weeks that are decided.
    #[arg(long, default_value_t = 26)]
    weeks: usize,
    /// Repetitions, each with other households and another start of the training.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Cost of an annoyed household in usual weekly incomes.
    #[arg(long, default_value_t = 0.02)]
    annoyance: f64,
    /// Weight of the conservative part.
    #[arg(long, default_value_t = 0.1)]
    alpha: f64,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: Args) -> cli::Result<()> {
    if args.common.input.is_some() {
        return Err("`--input` has no meaning here: only of simulated households the truth is known".into());
    }
    let mut bars = cli::Bars::new(args.common.quiet);
    let rollout = TrialParams::default()
        .rollout()
        .clone()
        .with_n_households(args.users_count)
        .with_n_weeks(args.weeks)
        .with_objective(Objective::default().with_annoyance(args.annoyance));
    let mut reports = Vec::new();
    for repetition in 0..args.seeds {
        // Two seeds each: one for the log's households, the next for those it does not know.
        let seed = args.common.seed.wrapping_add(2 * repetition);
        let policy = TrialParams::usual_policy().with_alpha(args.alpha).with_seed(seed);
        let trial = TrialParams::default().with_rollout(rollout.clone().with_seed(seed)).with_policy(policy);
        reports.push(trial.run_with(&mut bars)?);
    }
    let staged = args.common.stage("trial")?;
    cli::write_json(&staged.path().join("trial.json"), &reports)?;
    staged.commit()?;
    bars.finish();
    if !args.common.quiet {
        reports.iter().try_for_each(summary)?;
        cli::say(format_args!("in {}", args.common.out_dir("trial").display()))?;
    }
    Ok(())
}

fn summary(report: &TrialReport) -> cli::Result<()> {
    cli::say("worth more than the logging policy, in usual weekly incomes over all weeks:")?;
    for row in &report.rows {
        let (gain, share) = (row.gain, 100.0 * row.share_of_gap);
        cli::say(format_args!(
            "  {:32} {:+.3} ({:+.3} to {:+.3}), {share:4.0} % of the gap",
            row.policy, gain.mean, gain.low, gain.high
        ))?;
    }
    cli::say("the learnt policy's value, from the log alone and in truth:")?;
    for row in &report.estimates {
        let (estimate, truth) = (row.estimate.value, row.truth.mean);
        cli::say(format_args!(
            "  {:32} {estimate:.3} ({:.3} to {:.3}), true {truth:.3}",
            row.estimator, row.estimate.interval.low, row.estimate.interval.high
        ))?;
        for warning in row.estimate.warnings() {
            cli::say(format_args!("    {warning}"))?;
        }
    }
    Ok(())
}
