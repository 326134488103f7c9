//! Finds segments of users: choice of k, profiles, names and pictures.
//!
//! `cargo run --release --example segment -- --input moneydata.csv --users timeline:50`

mod cli;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use fincoach::core::rng::derived;
use fincoach::core::{FeatureTable, Fit, Predict};
use fincoach::pictures;
use fincoach::segmentation::{Assignment, Pca, Segmentation, SegmentationParams};

/// Groups users who handle money alike.
#[derive(Parser)]
#[command(name = "segment")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
    /// Number of segments.
    #[arg(long, default_value_t = 5)]
    segments: usize,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(Args { common, segments }: Args) -> cli::Result<()> {
    let mut bars = cli::Bars::new(common.quiet);
    let table = common.features((100, 6), &mut bars)?;
    bars.stage("choice of k");
    let params = SegmentationParams::default()
        .with_seed(derived(common.seed, "segmentation"))
        .with_n_clusters(segments);
    let choice = params.choose_k(&table, 2..=10)?;
    let model = params.fit_with(&table, &mut bars)?;
    let assignments = model.predict(&table)?;
    let standardised = model.standardised(&table)?;
    let pca = Pca::fit(standardised.view(), 2)?;
    let points = pca.transform(standardised.view())?;
    let explained = pca.explained_variance_ratio();

    let staged = common.stage("segment")?;
    let write = |name: &str, text: String| fs::write(staged.path().join(name), text);
    write("elbow.svg", pictures::elbow(&choice, segments)?)?;
    write("silhouette.svg", pictures::silhouette(&choice, segments)?)?;
    write("segments.svg", pictures::segments(&model, &assignments, points.view(), &explained)?)?;
    cli::write_json(&staged.path().join("profiles.json"), model.profiles())?;
    write_segments(&staged.path().join("segments.csv"), &table, &model, &assignments)?;
    staged.commit()?;
    bars.finish();

    if !common.quiet {
        for row in choice.rows() {
            cli::say(format_args!(
                "k = {:>2}  inertia {:>10.1}  silhouette {:.3}",
                row.k, row.inertia, row.silhouette
            ))?;
        }
        for profile in model.profiles() {
            cli::say(format_args!(
                "{:>4} users  {}: {}",
                profile.size,
                profile.name,
                profile.evidence.join("; ")
            ))?;
        }
        cli::say(format_args!("in {}", common.out_dir("segment").display()))?;
    }
    Ok(())
}

fn write_segments(
    path: &Path,
    table: &FeatureTable,
    model: &Segmentation,
    assignments: &[Assignment],
) -> cli::Result<()> {
    let mut file = csv::Writer::from_path(path)?;
    file.write_record(["user", "segment", "name"])?;
    for (key, found) in table.keys().iter().zip(assignments) {
        let name = &model.profiles()[found.segment].name;
        file.write_record([key.user.as_str(), &found.segment.to_string(), name])?;
    }
    Ok(file.flush()?)
}
