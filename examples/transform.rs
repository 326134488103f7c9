//! Reads an export and writes it standardised, with a report of what it holds and lacks.
//!
//! `cargo run --release --example transform -- --input moneydata.csv --users one`

mod cli;

use std::fs::File;
use std::io::BufWriter;
use std::process::ExitCode;

use clap::Parser;
use fincoach::simulate::write_csv;
use fincoach::transform::{Users, write_transactions_csv};

/// Reads a bank export and writes it standardised.
#[derive(Parser)]
#[command(name = "transform")]
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
    let loaded = common.load((50, 6), &mut bars)?;
    let quality = match loaded.quality {
        Some(quality) => quality,
        None => {
            // Without a file the households are exported and read back, so that the report is a real one.
            let mut file = Vec::new();
            write_csv(&loaded.ledger, &mut file)?;
            let reader = common.reader()?.with_users(Users::Column("User ID".to_owned()));
            reader.read_from(file.as_slice(), "simulated households")?.quality
        }
    };

    let staged = common.stage("transform")?;
    bars.stage("write");
    let out = BufWriter::new(File::create(staged.path().join("transactions.csv"))?);
    write_transactions_csv(&loaded.ledger, out)?;
    cli::write_json(&staged.path().join("quality.json"), &quality)?;
    staged.commit()?;
    bars.finish();

    if !common.quiet {
        cli::say(format_args!("{quality}"))?;
        cli::say(format_args!("in {}", common.out_dir("transform").display()))?;
    }
    Ok(())
}
