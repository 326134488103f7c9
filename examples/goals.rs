//! Sets savings goals, learns from what became of them, and says how likely new ones are reached and what it would take.
//!
//! `cargo run --release --example goals` runs on a few simulated households; the full study is
//! `cargo run --release --example goals -- --households 500,300,800 --seeds 5 --seed 1`, and that of one account
//! `cargo run --release --example goals -- --input moneydata.csv --users one`. Goals of your own, in a file as the
//! `goals` page of the documentation has it, are asked of what was learnt from households:
//! `cargo run --release --example goals -- --goals mine.csv --input export.csv --users one`.

mod cli;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use fincoach::core::rng::derived;
use fincoach::core::{Fit, Predict};
use fincoach::goals::{
    Candidate, Comparison, Evaluation, EvaluationParams, ForestParams, GoalExamples, GoalKind,
    GoalModelParams, NotebookLabels, RepeatedStratifiedFolds, notebook_columns, read_goals_csv,
};
use fincoach::transform::Users;
use fincoach::{GoalKinds, GoalStudy, GoalStudyParams, GoalStudyReport, OwnGoal, pictures};

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
    /// Goals of every kind, not only to save an amount.
    #[arg(long)]
    all_kinds: bool,
    /// A file of goals of your own for users of `--input`, or of simulated households: columns `user`, `kind`, `start`, `date`,
    /// `target`, `category`.
    #[arg(long, value_name = "FILE")]
    goals: Option<PathBuf>,
    /// The made-up goals of the notebook instead of real outcomes: a formula of the features.
    #[arg(long)]
    notebook: bool,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: Args) -> cli::Result<()> {
    match &args.goals {
        _ if args.notebook => run_notebook(&args.common),
        Some(file) => run_own(&args, file),
        None => run_study(args),
    }
}

/// The study that the arguments ask for.
fn study_of(args: &Args) -> cli::Result<GoalStudyParams> {
    let &[learnt, later, judged] = &args.households[..] else {
        return Err("`--households` takes three numbers, such as 150,100,150".into());
    };
    let kinds = if args.all_kinds { GoalKinds::All } else { GoalKinds::Save };
    Ok(GoalStudyParams::default().with_n_users([learnt, later, judged]).with_kinds(kinds))
}

/// Learns from households, then answers for goals of the caller's own.
fn run_own(args: &Args, file: &Path) -> cli::Result<()> {
    let common = &args.common;
    let mut bars = cli::Bars::new(common.quiet);
    let ledger = common.load((20, 24), &mut bars)?.ledger;
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let opened = File::open(file).map_err(|error| named(&error))?;
    let goals = read_goals_csv(opened, ledger.decimals()).map_err(|error| named(&error))?;
    let only_saving = goals.iter().all(|goal| matches!(goal.kind(), GoalKind::Save(_)));
    let kinds = if only_saving { GoalKinds::Save } else { GoalKinds::All };
    let study =
        study_of(args)?.with_kinds(kinds).with_n_needed(0).with_seed(common.seed).run_with(&mut bars)?;
    let answers = study.ask(&ledger, &goals)?;
    let staged = common.stage("goals")?;
    cli::write_json(&staged.path().join("own_goals.json"), &answers)?;
    write_own(&answers, ledger.decimals(), &staged.path().join("own_goals.csv"))?;
    staged.commit()?;
    bars.finish();
    if !common.quiet {
        answers.iter().try_for_each(|own| tell_own(own, ledger.decimals()))?;
        cli::say(format_args!("in {}", common.out_dir("goals").display()))?;
    }
    Ok(())
}

fn write_own(answers: &[OwnGoal], decimals: u8, path: &Path) -> cli::Result<()> {
    let mut file = csv::Writer::from_path(path)?;
    file.write_record([
        "user",
        "kind",
        "start",
        "date",
        "probability",
        "monte_carlo",
        "more_a_week",
        "note",
    ])?;
    for OwnGoal { goal, answer, .. } in answers {
        let [start, date] = [goal.start(), goal.date()].map(|day| day.to_string());
        let said = match answer {
            Ok(found) => [
                found.probability.to_string(),
                found.monte_carlo.to_string(),
                found.extra.map_or_else(String::new, |extra| extra.to_text(decimals)),
                String::new(),
            ],
            Err(refusal) => [String::new(), String::new(), String::new(), refusal.to_string()],
        };
        let [probability, monte_carlo, extra, note] = &said;
        let kind = goal.kind().name();
        file.write_record([goal.user(), kind, &start, &date, probability, monte_carlo, extra, note])?;
    }
    Ok(file.flush()?)
}

fn tell_own(OwnGoal { goal, answer, .. }: &OwnGoal, decimals: u8) -> cli::Result<()> {
    let who = format!("{}, {} by {}", goal.user(), goal.kind().name(), goal.date());
    match answer {
        Err(refusal) => cli::say(format_args!("{who}: {refusal}")),
        Ok(found) => {
            let way = if matches!(goal.kind(), GoalKind::Cap(..)) { "less spent" } else { "more put aside" };
            let extra = found.extra.map_or_else(|| "more than the gap".to_owned(), |e| e.to_text(decimals));
            cli::say(format_args!(
                "{who}: {:.0} % (own past weeks alone {:.0} %); for {:.0} %: {extra} {way} a week",
                100.0 * found.probability,
                100.0 * found.monte_carlo,
                100.0 * found.wanted
            ))
        }
    }
}

fn run_study(args: Args) -> cli::Result<()> {
    let study = study_of(&args)?;
    let mut common = args.common;
    let mut bars = cli::Bars::new(common.quiet);
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
        let (amount, months) = match goal.kind() {
            GoalKind::Save(amount) | GoalKind::PayDown(amount) | GoalKind::Cap(_, amount) => {
                (amount.to_string(), None)
            }
            GoalKind::Buffer(months) => (String::new(), Some(format!("{months} months"))),
            _ => continue,
        };
        let target = months.unwrap_or(amount);
        let [start, date] = [goal.start(), goal.date()].map(|day| day.to_string());
        let (probability, reached) = (probability.to_string(), reached.to_string());
        file.write_record([goal.user(), &probability, &start, &date, &target, &reached])?;
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
    for (kind, comparison) in &report.by_kind {
        compared(&format!("goals of kind {kind}"), comparison, report.unit)?;
    }
    for chosen in &report.calibration {
        let up_to = chosen.up_to_weeks.map_or_else(String::new, |weeks| format!(" up to {weeks} weeks"));
        cli::say(format_args!("goals{up_to}: corrected by {:?}", chosen.method))?;
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
