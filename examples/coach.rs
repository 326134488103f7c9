//! Loads a bundle, reads a person's export and prints what the coach says.
//!
//! `cargo run --release --example coach -- --bundle target/fincoach/full_pipeline/bundle --input export.csv --users one`

#![allow(clippy::print_stdout, reason = "examples talk to a person")]

mod cli;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use fincoach::Coach;

/// Says what the coach has to say to each user of an export.
#[derive(Parser)]
#[command(name = "coach")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
    /// Bundle that `full_pipeline` has written.
    #[arg(long, default_value = "target/fincoach/full_pipeline/bundle")]
    bundle: PathBuf,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(Args { common, bundle }: Args) -> cli::Result<()> {
    let coach = Coach::load(&bundle)?;
    let trained_with = coach.bundle().manifest().provenance.get("categories");
    if let Some(trained_with) = trained_with.filter(|map| **map != common.categories && !common.quiet) {
        println!("note: the bundle was trained with `--categories {trained_with}`\n");
    }
    let mut bars = cli::Bars::new(common.quiet);
    let ledger = common.load((5, 3), &mut bars)?.ledger;
    bars.finish();
    for advice in coach.advise(&ledger)? {
        println!("{advice}\n");
    }
    Ok(())
}
