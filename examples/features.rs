//! Computes features: schema v1 with 35 columns or schema v2 with about a hundred, one row per user or, with `--every`,
//! one row per user and step.
//!
//! `cargo run --release --example features -- --input moneydata.csv --users timeline:50`
//! `cargo run --release --example features -- --input moneydata.csv --users one --schema v2 --every month`

mod cli;

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use fincoach::core::Ledger;
use fincoach::features::{
    AsOf, RecurringParams, RecurringPayment, Snapshots, V1Params, V2Params, detect_recurring, write_csv,
    write_partial_csv,
};

/// Computes behavioural features from a bank export.
#[derive(Parser)]
#[command(name = "features")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
    /// One row per user every so many days, or at the end of each `month`, each from the past of its day alone.
    #[arg(long, value_name = "DAYS|month", value_parser = every)]
    every: Option<Snapshots>,
    /// Which features.
    #[arg(long, value_enum, default_value_t = Schema::V1)]
    schema: Schema,
}

#[derive(Clone, Copy, ValueEnum)]
enum Schema {
    /// The 35 columns of schema v1, none of them missing.
    V1,
    /// Schema v2; a value that is not known is an empty cell. Also writes `recurring.csv`.
    V2,
}

/// What is told at the end.
struct Summary {
    n_rows: usize,
    n_columns: usize,
    n_left_out: usize,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(Args { common, every, schema }: Args) -> cli::Result<()> {
    let mut bars = cli::Bars::new(common.quiet);
    bars.stage("read");
    let ledger = common.load((50, 6), &mut bars)?.ledger;
    bars.stage("features");
    let staged = common.stage("features")?;
    let summary = match schema {
        Schema::V1 => write_v1(&ledger, every.as_ref(), staged.path())?,
        Schema::V2 => write_v2(ledger, every.as_ref(), staged.path())?,
    };
    staged.commit()?;
    bars.finish();

    if !common.quiet {
        cli::say(format_args!("{} rows of {} features", summary.n_rows, summary.n_columns))?;
        cli::say(format_args!("{} left out: too few transactions", summary.n_left_out))?;
        cli::say(format_args!("in {}", common.out_dir("features").display()))?;
    }
    Ok(())
}

fn write_v1(ledger: &Ledger, every: Option<&Snapshots>, folder: &Path) -> cli::Result<Summary> {
    let params = V1Params::default();
    let (features, as_of) = match every {
        None => (params.compute(ledger)?, AsOf::Omit),
        Some(every) => (params.compute_snapshots(ledger, every)?, AsOf::Include),
    };
    let table = features.table();
    write_csv(table, as_of, BufWriter::new(File::create(folder.join("features.csv"))?))?;
    let (n_rows, n_columns) = (table.n_rows(), table.n_columns());
    Ok(Summary { n_rows, n_columns, n_left_out: features.left_out().len() })
}

fn write_v2(ledger: Ledger, every: Option<&Snapshots>, folder: &Path) -> cli::Result<Summary> {
    let params = V2Params::default();
    let (ledger, features) = match every {
        None => {
            let (ledger, _) = cli::tidy_as_of_today(ledger)?;
            let features = params.compute(&ledger)?;
            (ledger, features)
        }
        Some(every) => {
            // Transfers are decided by their later side, which a row of the past must not know.
            let (ledger, known_from) = cli::tidy_as_known(ledger)?;
            let features = params.compute_snapshots_known(&ledger, every, &known_from)?;
            (ledger, features)
        }
    };
    let table = features.table();
    write_partial_csv(table, BufWriter::new(File::create(folder.join("features.csv"))?))?;
    write_recurring(&ledger, &folder.join("recurring.csv"))?;
    let (n_rows, n_columns) = (table.n_rows(), table.n_columns());
    Ok(Summary { n_rows, n_columns, n_left_out: features.left_out().len() })
}

/// What each user pays or receives again and again, as far as known at the last booking.
fn write_recurring(ledger: &Ledger, path: &Path) -> cli::Result<()> {
    let mut file = csv::Writer::from_path(path)?;
    file.write_record([
        "user",
        "merchant",
        "flow",
        "category",
        "period",
        "amount",
        "n",
        "first",
        "last",
        "next",
        "confidence",
    ])?;
    for user in ledger.iter_users() {
        let last = user.row(user.len() - 1).time;
        for found in detect_recurring(user, last, &RecurringParams::default())? {
            file.write_record(recurring_record(user.user(), &found, ledger.decimals()))?;
        }
    }
    Ok(file.flush()?)
}

fn recurring_record(user: &str, found: &RecurringPayment, decimals: u8) -> [String; 11] {
    let flow = format!("{:?}", found.flow).to_lowercase();
    [
        user.to_owned(),
        found.merchant.clone(),
        flow,
        found.category.name().to_owned(),
        found.period.name().to_owned(),
        found.amount.to_text(decimals),
        found.n.to_string(),
        found.first.to_string(),
        found.last.to_string(),
        found.next.to_string(),
        format!("{:.2}", found.confidence),
    ]
}

fn every(text: &str) -> Result<Snapshots, String> {
    match (text, text.parse()) {
        ("month", _) => Ok(Snapshots::months()),
        (_, Ok(days)) => Ok(Snapshots::every_days(days)),
        _ => Err("expected a number of days or `month`".to_owned()),
    }
}
