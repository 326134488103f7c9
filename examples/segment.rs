//! Finds segments of users: a recommendation of k, profiles, names with reasons, movement and pictures.
//!
//! `cargo run --release --example segment -- --input moneydata.csv --users timeline:50`

mod cli;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use fincoach::core::metrics::adjusted_rand;
use fincoach::core::rng::derived;
use fincoach::core::{FeatureTable, Fit, Ledger, Predict};
use fincoach::features::{ImputerParams, Snapshots, V1Params, V2Params};
use fincoach::pictures;
use fincoach::segmentation::{
    Assignment, Movement, Pca, PreparationParams, Recommendation, Segmentation, SegmentationParams,
};
use fincoach::simulate::Simulation;

/// Groups users who handle money alike.
#[derive(Parser)]
#[command(name = "segment")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
    /// Number of segments.
    #[arg(long, default_value_t = 5)]
    segments: usize,
    /// Standardise every column as it is, without signed logarithms and cut tails.
    #[arg(long)]
    plain: bool,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(Args { common, segments, plain }: Args) -> cli::Result<()> {
    let mut bars = cli::Bars::new(common.quiet);
    bars.stage("read");
    let loaded = common.load((100, 12), &mut bars)?;
    bars.stage("features");
    let table = V1Params::default().compute(&loaded.ledger)?.into_table();
    let seed = derived(common.seed, "segmentation");
    let params = SegmentationParams::default()
        .with_seed(seed)
        .with_n_clusters(segments)
        .with_preparation((!plain).then(PreparationParams::default));
    bars.stage("choice of k");
    let choice = params.choose_k(&table, 2..=10)?;
    let recommended = params.clone().with_n_init(8).recommend_k(&table, 2..=8)?;
    let model = params.fit_with(&table, &mut bars)?;
    let assignments = model.predict(&table)?;
    let standardised = model.standardised(&table)?;
    let pca = Pca::fit(standardised.view(), 2)?;
    let points = pca.transform(standardised.view())?;
    let explained = pca.explained_variance_ratio();
    let movement = movement(&model, &loaded.ledger)?;

    let staged = common.stage("segment")?;
    let write = |name: &str, text: String| fs::write(staged.path().join(name), text);
    write("elbow.svg", pictures::elbow(&choice, segments)?)?;
    write("silhouette.svg", pictures::silhouette(&choice, segments)?)?;
    write("segments.svg", pictures::segments(&model, &assignments, points.view(), &explained)?)?;
    cli::write_json(&staged.path().join("profiles.json"), model.profiles())?;
    cli::write_json(&staged.path().join("recommendation.json"), &recommended)?;
    cli::write_json(&staged.path().join("movement.json"), &movement)?;
    write_segments(&staged.path().join("segments.csv"), &table, &model, &assignments)?;
    staged.commit()?;
    bars.finish();

    if !common.quiet {
        tell_choice(&recommended)?;
        tell_segments(&model, &assignments, &movement)?;
        if let Some(simulation) = &loaded.simulation {
            tell_truth(simulation, &params)?;
        }
        cli::say(format_args!("in {}", common.out_dir("segment").display()))?;
    }
    Ok(())
}

/// Moves between segments from the end of one month to the next.
fn movement(model: &Segmentation, ledger: &Ledger) -> cli::Result<Movement> {
    let monthly = V1Params::default().compute_snapshots(ledger, &Snapshots::months())?.into_table();
    Ok(Movement::of_snapshots(model.n_segments(), &monthly, &model.predict(&monthly)?)?)
}

fn tell_choice(recommended: &Recommendation) -> cli::Result<()> {
    for row in &recommended.rows {
        cli::say(format_args!(
            "k = {:>2}  inertia {:>10.1}  silhouette {:.3}  least stability {:.2}  {}",
            row.k,
            row.inertia,
            row.silhouette,
            row.least_stability(),
            row.chosen_by.join(", ")
        ))?;
    }
    cli::say(format_args!("recommended: {}", recommended.reason))
}

fn tell_segments(model: &Segmentation, assignments: &[Assignment], movement: &Movement) -> cli::Result<()> {
    for note in model.preparation().map_or(&[][..], |preparation| preparation.notes()) {
        cli::say(note)?;
    }
    for profile in model.profiles() {
        cli::say(format_args!(
            "{:>4} users  {}: {}",
            profile.size,
            profile.name,
            profile.evidence.join("; ")
        ))?;
    }
    let unlike = assignments.iter().filter(|found| found.unlike_any).count();
    cli::say(format_args!("{unlike} users are unlike any segment"))?;
    for (name, shares) in model.names().zip(movement.shares()) {
        let shares: Vec<String> = shares.iter().map(|share| format!("{:>3.0} %", share * 100.0)).collect();
        cli::say(format_args!("month to month from {name:<20} {}", shares.join(" ")))?;
    }
    Ok(())
}

/// How far segments agree with the archetypes the households were drawn for.
fn tell_truth(simulation: &Simulation, params: &SegmentationParams) -> cli::Result<()> {
    let plain = params.clone().with_n_clusters(5).with_preparation(None);
    let v1 = V1Params::default().compute(simulation.ledger())?.into_table();
    let year = V2Params::default().with_window_days(365).compute(simulation.ledger())?.into_table();
    let year = ImputerParams::default().fit(&year)?.transform(&year)?;
    let life = plain.clone().with_preparation(PreparationParams::way_of_life());
    cli::say(format_args!(
        "adjusted Rand index against the archetypes: {:.2} by last month's features as they are, {:.2} by the way of life over a year",
        agreement(simulation, &v1, &plain)?,
        agreement(simulation, &year, &life)?
    ))
}

fn agreement(simulation: &Simulation, table: &FeatureTable, params: &SegmentationParams) -> cli::Result<f64> {
    let placed = params.fit(table)?.predict(table)?;
    let (mut found, mut truth) = (Vec::new(), Vec::new());
    for (key, placed) in table.keys().iter().zip(placed) {
        let household = simulation.truth().iter().find(|household| household.user == key.user);
        if let Some(household) = household {
            found.push(placed.segment);
            truth.push(household.archetype.index());
        }
    }
    Ok(adjusted_rand(&found, &truth)?)
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
