//! Sets savings goals, learns from what became of them, and says how likely new ones are reached and what it would take.
//!
//! `cargo run --release --example goals` runs on a few simulated households; the full study is
//! `cargo run --release --example goals -- --households 500,300,800 --seeds 5 --seed 1`, and that of one account
//! `cargo run --release --example goals -- --input moneydata.csv --users one`.

mod cli;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use fincoach::core::rng::derived;
use fincoach::core::{Fit, Predict};
use fincoach::goals::{
    Candidate, Comparison, Evaluation, EvaluationParams, ForestParams, GoalExamples, GoalKind,
    GoalModelParams, NotebookLabels, RepeatedStratifiedFolds, notebook_columns,
};
use fincoach::transform::Users;
use fincoach::{GoalStudy, GoalStudyParams, GoalStudyReport, pictures};

/// Predicts who reaches a goal.
#[derive(Parser)]
#[command(name = "goals")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
    /// Simulated households to learn from, to calibrate on and to judge on.
    #[arg(long, value_delimiter = ',', default_value = "150,100,150", value_name = "N,N,N")]
    households: Vec<usize>,
    /// Repetitions on other households, each with the next seed.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// The made-up goals of the notebook instead of real outcomes: a formula of the features.
    #[arg(long)]
    notebook: bool,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: Args) -> cli::Result<()> {
    if args.notebook { run_notebook(&args.common) } else { run_study(args) }
}

fn run_study(args: Args) -> cli::Result<()> {
    let mut common = args.common;
    let &[learnt, later, judged] = &args.households[..] else {
        return Err("`--households` takes three numbers, such as 150,100,150".into());
    };
    let mut bars = cli::Bars::new(common.quiet);
    let study = GoalStudyParams::default().with_n_users([learnt, later, judged]);
    let mut found = Vec::new();
    if common.input.is_some() {
        if !matches!(common.users, None | Some(Users::One | Users::Column(_))) {
            cli::warn(
                "a slice of a timeline is too short for goals of months: the account is taken as one user",
            );
            common.users = None;
        }
        common.users.get_or_insert(Users::One);
        let ledger = common.load((0, 0), &mut bars)?.ledger;
        found.push(study.with_seed(common.seed).run_on(ledger, &mut bars)?);
    } else {
        for repetition in 0..args.seeds {
            let seed = common.seed.wrapping_add(repetition);
            found.push(study.clone().with_seed(seed).run_with(&mut bars)?);
        }
    }
    write(&common, &found)?;
    bars.finish();
    if !common.quiet {
        found.iter().try_for_each(|study| summary(&study.report))?;
        cli::say(format_args!("in {}", common.out_dir("goals").display()))?;
    }
    Ok(())
}

fn write(common: &cli::Common, found: &[GoalStudy]) -> cli::Result<()> {
    let first = found.first().ok_or("`--seeds` must be at least 1")?;
    let reports: Vec<&GoalStudyReport> = found.iter().map(|study| &study.report).collect();
    let staged = common.stage("goals")?;
    cli::write_json(&staged.path().join("goal_evaluation.json"), &reports)?;
    fs::write(staged.path().join("importance.svg"), pictures::importances(first.model.forest())?)?;
    fs::write(staged.path().join("reliability.svg"), first.report.reliability_svg()?)?;
    write_goals(first, &staged.path().join("goals.csv"))?;
    staged.commit()?;
    Ok(())
}

fn write_goals(study: &GoalStudy, path: &Path) -> cli::Result<()> {
    let mut file = csv::Writer::from_path(path)?;
    file.write_record(["user", "probability", "start", "date", "target", "reached"])?;
    for ((goal, probability), reached) in study.goals.iter().zip(&study.probabilities).zip(&study.reached) {
        let GoalKind::Save(amount) = goal.kind() else { continue };
        let [start, date] = [goal.start(), goal.date()].map(|day| day.to_string());
        let (probability, reached) = (probability.to_string(), reached.to_string());
        file.write_record([goal.user(), &probability, &start, &date, &amount.to_string(), &reached])?;
    }
    file.flush()?;
    Ok(())
}

fn summary(report: &GoalStudyReport) -> cli::Result<()> {
    let [learnt, later, judged] = &report.groups;
    cli::say(format_args!(
        "seed {}: learnt from {} goals of {} users, calibrated on {} of {}, judged on {} of {}",
        report.seed,
        learnt.n_goals,
        learnt.n_users,
        later.n_goals,
        later.n_users,
        judged.n_goals,
        judged.n_users
    ))?;
    compared("all goals", &report.all, report.unit)?;
    for (months, comparison) in &report.by_months {
        compared(&format!("goals of {months} months"), comparison, report.unit)?;
    }
    let needed = &report.needed;
    cli::say(format_args!(
        "what it would take for {:.0} %: found for {} of {} goals; {:.0} % of them were reached as it was, {:.0} % would have been \
         with it",
        100.0 * needed.wanted,
        needed.n_found,
        needed.n_goals,
        100.0 * needed.reached_without,
        100.0 * needed.reached_with
    ))?;
    for one in report.examples.iter().take(5) {
        let goal = &one.goal;
        let extra = one.extra.map_or_else(|| "more than the whole gap".to_owned(), |extra| extra.to_string());
        let alone = one.monte_carlo_extra.map_or_else(|| "more".to_owned(), |extra| extra.to_string());
        cli::say(format_args!(
            "  {} by {}: now {:.0} %; {extra} more a week (by the Monte-Carlo alone {alone})",
            goal.user(),
            goal.date(),
            100.0 * one.probability
        ))?;
    }
    Ok(())
}

fn compared(title: &str, found: &Comparison, unit: &str) -> cli::Result<()> {
    let Comparison { n_goals, n_units, base_rate, models } = found;
    let rate = 100.0 * base_rate;
    cli::say(format_args!(
        "{title}: {n_goals}, {rate:.0} % reached; 95 % intervals over {n_units} units ({unit})"
    ))?;
    for model in models {
        let (brier, auc) = (&model.brier_gain, &model.auc_gain);
        cli::say(format_args!(
            "{:>22}  Brier {:.4}  AUC {:.4}  log loss {:.4}  ECE {:.4}  model better by {:+.4} ({:+.4} to {:+.4}), {:+.4} ({:+.4} to {:+.4})",
            model.name,
            model.brier.value,
            model.auc.value,
            model.log_loss.value,
            model.expected_calibration_error.value,
            brier.value,
            brier.low,
            brier.high,
            auc.value,
            auc.low,
            auc.high
        ))?;
    }
    Ok(())
}

/// The notebook's goal: its ten columns, one of them the segment, and its formula as the outcome.
fn run_notebook(common: &cli::Common) -> cli::Result<()> {
    let mut bars = cli::Bars::new(common.quiet);
    let table = common.features((100, 6), &mut bars)?;
    let segments = cli::segments(&table, derived(common.seed, "segmentation"))?;
    let reached = NotebookLabels::default().with_seed(derived(common.seed, "labels")).label(&table)?;
    let examples = GoalExamples::new(notebook_columns(&table, &segments)?, reached)?;

    let forest = ForestParams::default().with_seed(derived(common.seed, "forest"));
    let folds = RepeatedStratifiedFolds::default().with_seed(derived(common.seed, "folds"));
    let plan = EvaluationParams::default().with_forest(forest.clone()).with_folds(folds.clone());
    let evaluation = plan.evaluate_with(&examples, &mut bars)?;
    let params = GoalModelParams::default().with_forest(forest).with_folds(folds.with_n_repeats(1));
    let model = params.fit_with(&examples, &mut bars)?;
    let probabilities = model.predict(examples.table())?;

    let staged = common.stage("goals")?;
    cli::write_json(&staged.path().join("goal_evaluation.json"), &evaluation)?;
    fs::write(staged.path().join("importance.svg"), pictures::importances(model.forest())?)?;
    let mut file = csv::Writer::from_path(staged.path().join("goals.csv"))?;
    file.write_record(["user", "probability"])?;
    for (key, probability) in table.keys().iter().zip(&probabilities) {
        file.write_record([key.user.as_str(), &probability.to_string()])?;
    }
    file.flush()?;
    staged.commit()?;
    bars.finish();
    if !common.quiet {
        notebook_summary(&evaluation)?;
        cli::say(format_args!("calibration: {:?}", model.calibration_report().reason()))?;
        cli::say(format_args!("in {}", common.out_dir("goals").display()))?;
    }
    Ok(())
}

fn notebook_summary(evaluation: &Evaluation) -> cli::Result<()> {
    let (n_users, rate) = (evaluation.n_users(), evaluation.base_rate() * 100.0);
    cli::say(format_args!(
        "{n_users} users, {rate:.0} % reach the goal; means and spread over repeated folds"
    ))?;
    for candidate in Candidate::ALL {
        let model = evaluation.model(candidate);
        let (accuracy, auc, brier) = (model.accuracy(), model.auc(), model.brier());
        cli::say(format_args!(
            "{:>18}  accuracy {:.3} ± {:.3}  AUC {:.3} ± {:.3}  Brier {:.3} ± {:.3}",
            format!("{candidate:?}"),
            accuracy.mean,
            accuracy.sd,
            auc.mean,
            auc.sd,
            brier.mean,
            brier.sd
        ))?;
    }
    cli::say(format_args!(
        "forest, each user once a repeat:\n{}",
        evaluation.model(Candidate::Forest).report()
    ))?;
    Ok(())
}
