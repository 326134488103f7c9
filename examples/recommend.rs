//! Learns what to recommend by conservative Q-learning, lets a bandit choose between strategies, and judges both.
//!
//! `cargo run --release --example recommend -- --input moneydata.csv --users timeline:50`

mod cli;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use fincoach::core::{DataError, Fit};
use fincoach::pictures;
use fincoach::recommend::{
    Agreement, AgreementParams, CqlParams, Estimate, LoggedReward, NotebookTransitions, Recommendation,
    Recommender, RehearsalParams, Rehearsed, RuleInput, Strategy, evaluate_agreement_with, snips,
};
use serde::Serialize;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Recommends an action for each user.
#[derive(Parser)]
#[command(name = "recommend")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
    /// Passes over the users in which the bandit learns from the reward table, at least 1.
    #[arg(long, default_value_t = 20)]
    passes: usize,
    /// User whose card is shown [default: the first].
    #[arg(long, value_name = "USER")]
    card: Option<String>,
}

/// What is written to `policy_evaluation.json`.
#[derive(Serialize)]
struct Report {
    /// Agreement of the learned policy with the rules that made the log.
    agreement: Agreement,
    /// Choices of the bandit by strategy; each user was answered by a policy that never saw them.
    counts: Vec<u64>,
    /// Mean reward of each strategy.
    values: Vec<f64>,
    /// Worth of each strategy alone, estimated from the bandit's log by self-normalised importance sampling.
    off_policy: Vec<(Strategy, Option<Estimate>)>,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(Args { common, passes, card }: Args) -> cli::Result<()> {
    let mut bars = cli::Bars::new(common.quiet);
    let table = common.features((60, 6), &mut bars)?;
    let segments = cli::segments(&table, common.seed)?;
    let replay = NotebookTransitions::default().with_seed(common.seed).replay(&table, &segments)?;
    // Several heads, so that a value is told with how much they disagree on it.
    let params = CqlParams::default().with_n_heads(5).with_seed(common.seed);
    let policy = params.fit_with(&replay, &mut bars)?;
    bars.stage("agreement");
    let plan = AgreementParams::default().with_seed(common.seed);
    let agreement = evaluate_agreement_with(&params, &replay, &plan, &mut bars)?;
    let losses = pictures::losses("Training of the policy", policy.report())?;
    bars.stage("rehearsal");
    let rules = RuleInput::of_table(&table)?;
    let rehearsal = RehearsalParams::default()
        .with_policy(params)
        .with_n_passes(passes)
        .with_seed(common.seed)
        .rehearse_with(&replay, |row, action| rules[row].reward(action, segments[row]), &mut bars)?;
    let policy = policy.with_temperature(agreement.temperature)?;
    let recommender = Recommender::with_bandit(policy, rehearsal.bandit().clone())?;
    let report = Report {
        agreement,
        counts: rehearsal.bandit().counts().to_vec(),
        values: rehearsal.bandit().values(),
        off_policy: judge(rehearsal.log()),
    };
    let given = recommender.recommend_best(&table)?;
    let asked = match &card {
        Some(user) => table.keys().iter().position(|key| key.user == *user).ok_or_else(|| {
            DataError::unknown("user", user, table.keys().iter().map(|key| key.user.as_str()))
        })?,
        None => 0,
    };
    let card = recommender.card(&table, asked, given[asked].strategy)?;

    let staged = common.stage("recommend")?;
    fs::write(staged.path().join("cql_loss.svg"), losses)?;
    fs::write(staged.path().join("card.svg"), pictures::card(&card.policy)?)?;
    cli::write_json(&staged.path().join("card.json"), &card)?;
    cli::write_json(&staged.path().join("policy_evaluation.json"), &report)?;
    write_recommendations(&staged.path().join("recommendations.csv"), &given)?;
    staged.commit()?;
    bars.finish();

    if !common.quiet {
        summary(&report)?;
        cli::say(&card)?;
        cli::say(format_args!("in {}", common.out_dir("recommend").display()))?;
    }
    Ok(())
}

/// What each strategy alone would have earned; `None` for one the log never tried.
fn judge(log: &[Rehearsed]) -> Vec<(Strategy, Option<Estimate>)> {
    let estimate = |strategy: Strategy| {
        let seen: Vec<LoggedReward> = log
            .iter()
            .map(|logged| LoggedReward {
                reward: logged.reward,
                propensity: logged.propensity,
                target: f64::from(logged.strategy == strategy),
            })
            .collect();
        (strategy, snips(&seen).ok())
    };
    Strategy::ALL.map(estimate).to_vec()
}

fn write_recommendations(path: &Path, given: &[Recommendation]) -> cli::Result<()> {
    let mut file = csv::Writer::from_path(path)?;
    let values = (0..5).map(|action| format!("q_{action}"));
    let names = ["user", "action", "action_name", "strategy", "confidence"].map(str::to_owned);
    file.write_record(names.into_iter().chain(values))?;
    for one in given {
        let (action, confidence) = (one.action.index().to_string(), one.confidence.to_string());
        let head = [one.user.clone(), action, one.action_name.clone(), one.strategy.to_string(), confidence];
        file.write_record(head.into_iter().chain(one.q_values.map(|value| value.to_string())))?;
    }
    Ok(file.flush()?)
}

fn summary(report: &Report) -> cli::Result<()> {
    let mean = |values: &[f64]| 100.0 * values.iter().sum::<f64>() / values.len().max(1) as f64;
    let found = &report.agreement;
    cli::say(format_args!(
        "agreement with the rules, {} users, {} seeds:",
        found.n_users,
        found.train.len()
    ))?;
    cli::say(format_args!("  on its own users   {:.1} %", mean(&found.train)))?;
    cli::say(format_args!("  on users held out  {:.1} %", mean(&found.held_out)))?;
    cli::say(format_args!("  always {}  {:.1} %", found.majority_action, mean(&found.held_out_majority)))?;
    cli::say(format_args!("  logistic regression  {:.1} %", mean(&found.held_out_cloning)))?;
    for ((strategy, estimate), (count, value)) in
        report.off_policy.iter().zip(report.counts.iter().zip(&report.values))
    {
        let worth = estimate.map_or_else(String::new, |estimate| {
            let size = estimate.effective_sample_size;
            format!(", worth {:.3} (as many as {size:.0} decisions)", estimate.value)
        });
        cli::say(format_args!("  {strategy}: chosen {count} times, mean reward {value:.3}{worth}"))?;
    }
    Ok(())
}
