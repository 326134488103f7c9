//! Streams a simulated bank export to standard output or, with a second argument, nowhere.
//!
//! `time cargo run --release -p fincoach-simulate --example export -- 100000 > transactions.csv`
#![allow(clippy::print_stderr, reason = "it tells what it wrote")]

use std::error::Error;
use std::io::Write;

use fincoach_simulate::{SimulationParams, stream_csv};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let n_households = args.next().map_or(Ok(1000), |text| text.parse())?;
    let params = SimulationParams::default().with_n_households(n_households);
    let out: Box<dyn Write> =
        if args.next().is_some() { Box::new(std::io::sink()) } else { Box::new(std::io::stdout().lock()) };
    let written = stream_csv(&params, out)?;
    eprintln!("{} rows, {} bytes", written.n_rows, written.n_bytes);
    Ok(())
}
