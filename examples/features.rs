//! Computes the 35 features of schema v1, one row per user or, with `--every DAYS`, one row per user and step.
//!
//! `cargo run --release --example features -- --input moneydata.csv --users timeline:50`

mod cli;

use std::fs::File;
use std::io::BufWriter;
use std::process::ExitCode;

use clap::Parser;
use fincoach::features::{AsOf, Snapshots, V1Params, write_csv};

/// Computes behavioural features from a bank export.
#[derive(Parser)]
#[command(name = "features")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
    /// One row per user every so many days, each from the past of its day alone.
    #[arg(long, value_name = "DAYS")]
    every: Option<u32>,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(Args { common, every }: Args) -> cli::Result<()> {
    let mut bars = cli::Bars::new(common.quiet);
    bars.stage("read");
    let ledger = common.load((50, 6), &mut bars)?.ledger;
    bars.stage("features");
    let params = V1Params::default();
    let (features, as_of) = match every {
        None => (params.compute(&ledger)?, AsOf::Omit),
        Some(days) => (params.compute_snapshots(&ledger, &Snapshots::every_days(days))?, AsOf::Include),
    };

    let staged = common.stage("features")?;
    let out = BufWriter::new(File::create(staged.path().join("features.csv"))?);
    write_csv(features.table(), as_of, out)?;
    staged.commit()?;
    bars.finish();

    if !common.quiet {
        let table = features.table();
        cli::say(format_args!("{} rows of {} features", table.n_rows(), table.n_columns()))?;
        cli::say(format_args!("{} left out: too few transactions", features.left_out().len()))?;
        cli::say(format_args!("in {}", common.out_dir("features").display()))?;
    }
    Ok(())
}
