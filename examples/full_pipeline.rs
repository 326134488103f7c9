//! Everything in one run: read, check, features, segments, policy, forecast, goals, evaluation, export.
//!
//! `cargo run --release --example full_pipeline -- --input moneydata.csv --users timeline:50`

mod cli;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use fincoach::transform::{QualityReport, Users};
use fincoach::{Evaluation, Pipeline, PipelineRun};
use serde::Serialize;

// glibc's allocator gives pages back after every training step; this one keeps them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Turns a bank export into trained, judged and exported models.
#[derive(Parser)]
#[command(name = "full_pipeline")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(Args { common }: Args) -> cli::Result<()> {
    let mut bars = cli::Bars::new(common.quiet);
    bars.stage("read");
    let loaded = common.load((60, 6), &mut bars)?;
    let mut pipeline = Pipeline::default().with_seed(common.seed).with_provenance("data", common.data_name());
    if common.input.is_some() {
        // A statement file is of one person and has no layout.
        let users = if loaded.layout.is_some() { common.users() } else { Users::One };
        pipeline = pipeline
            .with_provenance("categories", common.export.categories.clone())
            .with_provenance("users", users.to_string());
    }
    let run = pipeline.run_with(&loaded.ledger, &mut bars)?;

    let staged = common.stage("full_pipeline")?;
    bars.stage("export");
    let folder = staged.path();
    fs::create_dir(folder.join("bundle"))?;
    run.bundle().write_into(&folder.join("bundle"))?;
    for (name, svg) in run.pictures()? {
        fs::write(folder.join(name), svg)?;
    }
    fs::write(folder.join("report.html"), run.report_html(&common.data_name(), &loaded.notes())?)?;
    let seconds = bars.finish();
    write_evaluation(folder, &run, loaded.quality.as_ref(), &seconds)?;
    staged.commit()?;

    if !common.quiet {
        summary(&run, &seconds)?;
        cli::say(format_args!("in {}", common.out_dir("full_pipeline").display()))?;
    }
    Ok(())
}

/// What is written to `evaluation.json`.
#[derive(Serialize)]
struct Report<'a> {
    /// Seconds of each stage: the one part of the output that differs from run to run.
    seconds: &'a BTreeMap<String, f64>,
    /// What the reader found; missing for simulated households.
    quality: Option<&'a QualityReport>,
    #[serde(flatten)]
    evaluation: &'a Evaluation,
}

fn write_evaluation(
    folder: &Path,
    run: &PipelineRun,
    quality: Option<&QualityReport>,
    seconds: &BTreeMap<String, f64>,
) -> cli::Result<()> {
    let report = Report { seconds, quality, evaluation: run.evaluation() };
    cli::write_json(&folder.join("evaluation.json"), &report)
}

fn summary(run: &PipelineRun, seconds: &BTreeMap<String, f64>) -> cli::Result<()> {
    let data = &run.evaluation().data;
    cli::say(format_args!(
        "{} transactions, {} users, {} features",
        data.n_transactions, data.n_users, data.n_features
    ))?;
    for profile in run.bundle().models().segmentation.profiles() {
        cli::say(format_args!(
            "  {:>4} users  {}: {}",
            profile.size,
            profile.name,
            profile.evidence.join("; ")
        ))?;
    }
    for (name, value) in &run.bundle().manifest().metrics {
        cli::say(format_args!("  {value:>10.4}  {name}"))?;
    }
    let stages: Vec<String> =
        seconds.iter().map(|(stage, seconds)| format!("{stage} {seconds:.2}")).collect();
    cli::say(format_args!("seconds: {} ({:.2} in all)", stages.join(", "), seconds.values().sum::<f64>()))?;
    Ok(())
}
