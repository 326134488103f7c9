//! Writes a simulated bank export of any size, with the truth behind it and the log of what the coach said.
//!
//! `cargo run --release --example simulate -- --users-count 1000 --months 24`

mod cli;

use std::fs::File;
use std::io::BufWriter;
use std::process::ExitCode;

use clap::Parser;
use fincoach::simulate::{write_csv, write_interventions_csv, write_truth_csv};

/// Writes simulated households in the layout of the bank export.
#[derive(Parser)]
#[command(name = "simulate")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
    /// Number of households.
    #[arg(long, default_value_t = 200)]
    users_count: usize,
    /// Months of each household.
    #[arg(long, default_value_t = 12)]
    months: u32,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: Args) -> cli::Result<()> {
    if args.common.input.is_some() {
        return Err("`--input` has no meaning here: households are made up".into());
    }
    let mut bars = cli::Bars::new(args.common.quiet);
    let simulation = args.common.simulate((args.users_count, args.months), &mut bars)?;

    let staged = args.common.stage("simulate")?;
    let create = |name: &str| File::create(staged.path().join(name)).map(BufWriter::new);
    bars.stage("write");
    write_csv(simulation.ledger(), create("transactions.csv")?)?;
    write_truth_csv(&simulation, create("truth.csv")?)?;
    write_interventions_csv(&simulation, create("interventions.csv")?)?;
    staged.commit()?;
    bars.finish();

    if !args.common.quiet {
        let ledger = simulation.ledger();
        cli::say(format_args!("{} transactions of {} households", ledger.len(), ledger.n_users()))?;
        cli::say(format_args!("read them with --input … --users 'column:User ID'"))?;
        cli::say(format_args!("in {}", args.common.out_dir("simulate").display()))?;
    }
    Ok(())
}
