//! Finds segments of users: a recommendation of k, profiles, names with reasons, movement and pictures.
//!
//! `cargo run --release --example segment -- --input moneydata.csv --users timeline:50`

mod cli;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use fincoach::core::metrics::adjusted_rand;
use fincoach::core::ndarray::Array2;
use fincoach::core::rng::derived;
use fincoach::core::{FeatureTable, Fit, Ledger, Predict};
use fincoach::features::{ImputerParams, Snapshots, V1Params, V2Params};
use fincoach::pictures;
use fincoach::segmentation::{
    Assignment, Clusters, DbscanParams, Error, GroupingParams, KMeansParams, MiniBatchParams, MixtureParams,
    Movement, Pca, PreparationParams, Recommendation, Segmentation, SegmentationParams,
};
use fincoach::simulate::Simulation;
use serde_json::json;

/// Groups users who handle money alike.
#[derive(Parser)]
#[command(name = "segment")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
    /// Number of segments.
    #[arg(long, default_value_t = 5)]
    segments: usize,
    /// Simulated households, where there is no `--input`.
    #[arg(long, default_value_t = 100)]
    households: usize,
    /// Standardise every column as it is, without signed logarithms and cut tails.
    #[arg(long)]
    plain: bool,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(Args { common, segments, households, plain }: Args) -> cli::Result<()> {
    let mut bars = cli::Bars::new(common.quiet);
    bars.stage("read");
    let loaded = common.load((households, 12), &mut bars)?;
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
    let preparation = params.preparation().cloned().unwrap_or_default();
    let methods = methods(&table, &preparation, (segments, seed))?;

    let staged = common.stage("segment")?;
    let write = |name: &str, text: String| fs::write(staged.path().join(name), text);
    write("elbow.svg", pictures::elbow(&choice, segments)?)?;
    write("silhouette.svg", pictures::silhouette(&choice, segments)?)?;
    write("segments.svg", pictures::segments(&model, &assignments, points.view(), &explained)?)?;
    cli::write_json(&staged.path().join("profiles.json"), model.profiles())?;
    cli::write_json(&staged.path().join("recommendation.json"), &recommended)?;
    cli::write_json(&staged.path().join("movement.json"), &movement)?;
    cli::write_json(
        &staged.path().join("methods.json"),
        &methods.iter().map(Method::json).collect::<Vec<_>>(),
    )?;
    write_segments(&staged.path().join("segments.csv"), &table, &model, &assignments)?;
    staged.commit()?;
    bars.finish();

    if !common.quiet {
        tell_choice(&recommended)?;
        tell_segments(&model, &assignments, &movement)?;
        tell_methods("on the same prepared columns", &methods)?;
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

/// What a way of forming groups made of the users.
struct Method {
    name: &'static str,
    sizes: Vec<usize>,
    /// The group of each user; noise is a group of its own behind the others.
    labels: Vec<usize>,
    n_noise: usize,
}

impl Method {
    fn json(&self) -> serde_json::Value {
        json!({ "method": self.name, "sizes": self.sizes, "n_noise": self.n_noise })
    }
}

/// The same users in groups by each of the methods behind `Clusters`.
fn methods(
    table: &FeatureTable,
    preparation: &PreparationParams,
    (k, seed): (usize, u64),
) -> cli::Result<Vec<Method>> {
    let kmeans = KMeansParams::default().with_n_clusters(k).with_seed(seed);
    let batches = MiniBatchParams::default().with_n_clusters(k).with_seed(seed);
    let mixture = MixtureParams::default().with_n_components(k).with_seed(seed);
    // A covariance for each group has many numbers to learn; fewer on the principal components.
    let (flat, few) = (mixture.clone(), preparation.clone().with_whiten(Some(4)));
    Ok(vec![
        method("K-means", kmeans, preparation, table)?,
        method("K-means in batches", batches, preparation, table)?,
        method("Gaussian mixture", mixture, preparation, table)?,
        method("Gaussian mixture, four principal axes", flat, &few, table)?,
        method("DBSCAN", DbscanParams::default(), preparation, table)?,
    ])
}

fn method<P>(
    name: &'static str,
    clusters: P,
    preparation: &PreparationParams,
    table: &FeatureTable,
) -> cli::Result<Method>
where
    P: Default + Fit<Array2<f64>, Error = Error>,
    P::Model: Clusters,
{
    let model = GroupingParams::new(clusters).with_preparation(preparation.clone()).fit(table)?;
    let k = model.clusters().n_clusters();
    let mut sizes = vec![0; k];
    let mut labels = Vec::new();
    for place in model.predict(table)? {
        place.cluster.into_iter().for_each(|cluster| sizes[cluster] += 1);
        labels.push(place.cluster.unwrap_or(k));
    }
    let n_noise = table.n_rows() - sizes.iter().sum::<usize>();
    Ok(Method { name, sizes, labels, n_noise })
}

fn tell_methods(what: &str, methods: &[Method]) -> cli::Result<()> {
    cli::say(format_args!("other methods {what}, agreement with K-means as adjusted Rand index:"))?;
    for method in methods {
        let alike = adjusted_rand(&method.labels, &methods[0].labels)?;
        let Method { name, sizes, n_noise, .. } = method;
        cli::say(format_args!("  {name:<38} {alike:>5.2}  groups of {sizes:?}, noise {n_noise}"))?;
    }
    Ok(())
}

/// How far segments agree with the archetypes the households were drawn for.
fn tell_truth(simulation: &Simulation, params: &SegmentationParams) -> cli::Result<()> {
    let plain = params.clone().with_n_clusters(5).with_preparation(None);
    let v1 = V1Params::default().compute(simulation.ledger())?.into_table();
    let year = V2Params::default().with_window_days(365).compute(simulation.ledger())?.into_table();
    let year = ImputerParams::default().fit(&year)?.transform(&year)?;
    let notebook: Vec<usize> = plain.fit(&v1)?.predict(&v1)?.iter().map(|found| found.segment).collect();
    cli::say(format_args!(
        "agreement with the archetypes (adjusted Rand index): {:.3} by last month's features as they are",
        agreement(simulation, &v1, &notebook)?
    ))?;
    for method in methods(&year, &PreparationParams::way_of_life(), (5, params.kmeans().seed()))? {
        cli::say(format_args!(
            "  {:.3} by the way of life over a year, {}",
            agreement(simulation, &year, &method.labels)?,
            method.name
        ))?;
    }
    Ok(())
}

fn agreement(simulation: &Simulation, table: &FeatureTable, labels: &[usize]) -> cli::Result<f64> {
    let (mut found, mut truth) = (Vec::new(), Vec::new());
    for (key, label) in table.keys().iter().zip(labels) {
        let household = simulation.truth().iter().find(|household| household.user == key.user);
        if let Some(household) = household {
            found.push(*label);
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
