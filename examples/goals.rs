//! Fits a calibrated random forest to a goal, judges it beside plain baselines and predicts.
//!
//! `cargo run --release --example goals -- --input moneydata.csv --users timeline:50`

mod cli;

use std::fs;
use std::process::ExitCode;

use clap::Parser;
use fincoach::core::rng::derived;
use fincoach::core::{FeatureTable, Fit, Predict};
use fincoach::goals::{
    Candidate, Evaluation, EvaluationParams, ForestParams, GoalExamples, GoalModelParams, NotebookLabels,
    RepeatedStratifiedFolds, notebook_columns,
};
use fincoach::pictures;

/// Predicts who reaches a goal.
#[derive(Parser)]
#[command(name = "goals")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(Args { common }: Args) -> cli::Result<()> {
    let mut bars = cli::Bars::new(common.quiet);
    let table = common.features((100, 6), &mut bars)?;
    let examples = examples(&table, common.seed)?;

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
        summary(&evaluation)?;
        cli::say(format_args!("calibration: {:?}", model.calibration_report().reason()))?;
        cli::say(format_args!("in {}", common.out_dir("goals").display()))?;
    }
    Ok(())
}

/// The notebook's goal: its ten columns, one of them the segment, and its formula as the outcome.
fn examples(table: &FeatureTable, seed: u64) -> cli::Result<GoalExamples> {
    let segments = cli::segments(table, derived(seed, "segmentation"))?;
    let reached = NotebookLabels::default().with_seed(derived(seed, "labels")).label(table)?;
    Ok(GoalExamples::new(notebook_columns(table, &segments)?, reached)?)
}

fn summary(evaluation: &Evaluation) -> cli::Result<()> {
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
