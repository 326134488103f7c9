//! Learns categories from a labelled export, judges itself on its later rows, and fills an export that has none.
//!
//! `cargo run --release --example categorise -- --labelled moneydata.csv --input moneydata_uncategorised.csv --users one`

mod cli;

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use fincoach::core::{Artifact, Fit, Ledger};
use fincoach::transform::{
    Categoriser, CategoriserEvaluation, CategoriserParams, CategoriserReport, CategoryFiller, FillReport,
    LabelledRows, UserRules, Users, write_transactions_csv,
};

/// Gives categories to an export that has none.
#[derive(Parser)]
#[command(name = "categorise")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
    /// Export with categories, to learn from [default: simulated households].
    #[arg(long, value_name = "FILE")]
    labelled: Option<PathBuf>,
    /// Rules of your own in a TOML file; they win over what was learnt.
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(Args { mut common, labelled, rules }: Args) -> cli::Result<()> {
    common.users.get_or_insert(Users::One);
    let rules = rules.map_or_else(|| Ok(UserRules::default()), |file| load_rules(&file))?;
    let mut bars = cli::Bars::new(common.quiet);
    bars.stage("read");
    let ledger = common.load((50, 6), &mut bars)?.ledger;
    let examples = LabelledRows::from_ledger(&match &labelled {
        Some(file) => common.export.read(file, common.users.as_ref())?.import.ledger,
        None => common.simulate((50, 6), &mut bars)?.ledger().clone(),
    });
    bars.stage("judge on later rows");
    let params = CategoriserParams::default().with_seed(common.seed);
    let report = CategoriserEvaluation::default().run(&params, &examples)?;
    let model = params.fit_with(&examples, &mut bars)?;
    let (ledger, filled) = CategoryFiller::new(&rules).with_model(&model).fill(ledger)?;

    let staged = common.stage("categorise")?;
    write_results(staged.path(), &ledger, &model)?;
    cli::write_json(&staged.path().join("evaluation.json"), &report)?;
    cli::write_json(&staged.path().join("filled.json"), &filled)?;
    staged.commit()?;
    bars.finish();

    if !common.quiet {
        say(&report, &filled)?;
        cli::say(format_args!("in {}", common.out_dir("categorise").display()))?;
    }
    Ok(())
}

fn load_rules(file: &Path) -> cli::Result<UserRules> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let text = fs::read_to_string(file).map_err(|error| told(&error))?;
    Ok(toml::from_str(&text).map_err(|error| told(&error))?)
}

fn write_results(folder: &Path, ledger: &Ledger, model: &Categoriser) -> cli::Result<()> {
    let out = BufWriter::new(File::create(folder.join("transactions.csv"))?);
    write_transactions_csv(ledger, out)?;
    Ok(model.save(folder.join("categoriser.json"))?)
}

fn say(report: &CategoriserReport, filled: &FillReport) -> cli::Result<()> {
    cli::say(format_args!(
        "on the last {} rows by time, {} seeds, fitted on the {} before:",
        report.runs.first().map_or(0, |run| run.n_rows),
        report.runs.len(),
        report.n_fitted_on
    ))?;
    if let Some(accuracy) = report.spread(|run| Some(run.accuracy)) {
        let (lookup, majority) = (report.lookup.accuracy, report.majority.accuracy);
        cli::say(format_args!(
            "  accuracy {:.3} ± {:.3}; label of the same description {lookup:.3}, commonest label {majority:.3}",
            accuracy.mean, accuracy.sd
        ))?;
    }
    if let Some(unseen) = report.spread(|run| run.unseen_accuracy) {
        cli::say(format_args!("  on descriptions never seen before {:.3} ± {:.3}", unseen.mean, unseen.sd))?;
    }
    let by_rules: usize = filled.n_by_rule.iter().sum();
    let FillReport { n_kept, n_by_model, n_undecided, .. } = filled;
    cli::say(format_args!(
        "{n_kept} rows had a category; {by_rules} by rules, {n_by_model} by the model, {n_undecided} undecided"
    ))
}
