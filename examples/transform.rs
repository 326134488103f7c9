//! Reads an export, of any bank, and writes it standardised, with a report of what it holds and lacks.
//!
//! `cargo run --release --example transform -- --input moneydata.csv --users one`
//! `cargo run --release --example transform -- --preset auto --input march.csv --also april.csv --users one`

mod cli;

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use fincoach::core::Ledger;
use fincoach::simulate::write_csv;
use fincoach::transform::{Layout, MergeReport, Users, merge, write_transactions_csv};

/// Reads a bank export and writes it standardised.
#[derive(Parser)]
#[command(name = "transform")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
    /// A further export of the same people, perhaps overlapping the others; may be said several times.
    #[arg(long, value_name = "FILE", requires = "input")]
    also: Vec<PathBuf>,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(Args { common, also }: Args) -> cli::Result<()> {
    let mut bars = cli::Bars::new(common.quiet);
    bars.stage("read");
    let loaded = common.load((50, 6), &mut bars)?;
    let detection = loaded.detection.as_ref().map(ToString::to_string);
    let layout = loaded.layout.as_ref().map(Layout::to_toml).transpose()?;
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

    let (ledger, merged) = join(loaded.ledger, &common, &also)?;
    bars.stage("bookings");
    let (ledger, bookings) = cli::tidy_as_of_today(ledger)?;

    let staged = common.stage("transform")?;
    bars.stage("write");
    let out = BufWriter::new(File::create(staged.path().join("transactions.csv"))?);
    write_transactions_csv(&ledger, out)?;
    cli::write_json(&staged.path().join("quality.json"), &quality)?;
    cli::write_json(&staged.path().join("bookings.json"), &bookings)?;
    if let Some(merged) = &merged {
        cli::write_json(&staged.path().join("merge.json"), merged)?;
    }
    if let Some(layout) = layout {
        fs::write(staged.path().join("layout.toml"), layout)?;
    }
    staged.commit()?;
    bars.finish();

    if !common.quiet {
        if let Some(detection) = detection {
            cli::say(detection)?;
        }
        cli::say(format_args!("{quality}"))?;
        if let Some(merged) = merged {
            cli::say(format_args!("{} exports are one ledger of {} rows", also.len() + 1, merged.rows))?;
        }
        let (refunds, transfers) = (bookings.refunds.links.len(), bookings.transfers.pairs.len());
        cli::say(format_args!(
            "{} merchants, {refunds} refunds, {transfers} transfers",
            bookings.n_merchants
        ))?;
        cli::say(format_args!("in {}", common.out_dir("transform").display()))?;
    }
    Ok(())
}

/// One ledger of several exports; rows that two of them hold stand in it once.
fn join(first: Ledger, common: &cli::Common, also: &[PathBuf]) -> cli::Result<(Ledger, Option<MergeReport>)> {
    if also.is_empty() {
        return Ok((first, None));
    }
    if matches!(common.users(), Users::Timeline(_) | Users::TimelineNotebook(_)) {
        return Err(
            "a timeline of two exports cut apart does not fit together: say `--users one` or `column:NAME`"
                .into(),
        );
    }
    let mut ledgers = vec![first];
    for (n, path) in also.iter().enumerate() {
        ledgers.push(common.export.of_further(n).read(path, common.users.as_ref())?.import.ledger);
    }
    let merged = merge(&ledgers.iter().collect::<Vec<_>>())?;
    Ok((merged.ledger, Some(merged.report)))
}
