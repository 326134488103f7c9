//! Loads a bundle, reads a person's export and prints what the coach says.
//!
//! `cargo run --release --example coach -- --bundle target/fincoach/full_pipeline/bundle --input export.csv --users one`

mod cli;

use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use fincoach::core::DataError;
use fincoach::recommend::read_log_csv;
use fincoach::transform::Users;
use fincoach::{Advice, Coach};

/// Says what the coach has to say to each user of an export.
#[derive(Parser)]
#[command(name = "coach")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
    /// Bundle that `full_pipeline` has written.
    #[arg(long, default_value = "target/fincoach/full_pipeline/bundle")]
    bundle: PathBuf,
    /// User for whom the reasons are told [default: the first].
    #[arg(long, value_name = "USER")]
    card: Option<String>,
    /// Log of what was said before (`user,time,action,…`): what may not be said again so soon comes from it.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(Args { mut common, bundle, card, log }: Args) -> cli::Result<()> {
    // An export is one person unless the arguments say otherwise.
    common.users.get_or_insert(Users::One);
    let coach = Coach::load(&bundle)?;
    let coach = match log {
        Some(file) => coach.with_log(read_log_csv(File::open(file)?)?.log),
        None => coach,
    };
    let trained_with = coach.bundle().manifest().provenance.get("categories");
    if let Some(trained_with) = trained_with.filter(|map| **map != common.export.categories && !common.quiet)
    {
        cli::say(format_args!("note: the bundle was trained with `--categories {trained_with}`\n"))?;
    }
    let mut bars = cli::Bars::new(common.quiet);
    let ledger = common.load((5, 3), &mut bars)?.ledger;
    bars.finish();
    let advised = coach.advise(&ledger)?;
    for advice in &advised.advice {
        cli::say(format_args!("{advice}\n"))?;
    }
    let asked = |advice: &&Advice| card.as_ref().is_none_or(|user| *user == advice.user);
    let shown = advised.advice.iter().find(asked).ok_or_else(|| {
        let known = advised.advice.iter().map(|advice| advice.user.as_str());
        DataError::unknown("user", card.unwrap_or_default(), known)
    })?;
    cli::say(format_args!("why:\n{}\n", shown.card))?;
    for user in advised.left_out {
        cli::say(format_args!("{}: {} transactions are too few for advice", user.user, user.n_transactions))?;
    }
    Ok(())
}
