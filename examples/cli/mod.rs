//! What the examples share: arguments, data, progress, errors.
//!
//! Not an example itself; each example takes what it needs.

#![allow(dead_code, reason = "each example uses its own part")]

mod args;
mod bars;
mod export;
mod tidy;

use std::error::Error;
use std::fmt::{Display, Write as _};
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use fincoach::core::{FeatureTable, Fit, Predict};
use fincoach::segmentation::SegmentationParams;
use serde::Serialize;

pub(crate) use args::Common;
pub(crate) use bars::Bars;
#[allow(unused_imports, reason = "each example uses its own part")]
pub(crate) use tidy::{tidy_as_known, tidy_as_of_today};

/// Any error: an example only shows it.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Parses the arguments, runs the example and turns an error into one clear line and exit code 2.
pub(crate) fn main<A: clap::Parser>(run: impl FnOnce(A) -> Result<()>) -> ExitCode {
    let args = match A::try_parse() {
        Ok(args) => args,
        Err(error) if !error.use_stderr() => {
            let _ = say(error);
            return ExitCode::SUCCESS;
        }
        Err(error) => return fail(error.to_string().lines().next().unwrap_or_default()),
    };
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&one_line(error.as_ref())),
    }
}

/// Writes a value as JSON for people to read.
pub(crate) fn write_json<T: Serialize + ?Sized>(path: &Path, value: &T) -> Result<()> {
    Ok(fs::write(path, serde_json::to_string_pretty(value)? + "\n")?)
}

/// The segment of each user, of five or as many as there are users.
pub(crate) fn segments(table: &FeatureTable, seed: u64) -> Result<Vec<usize>> {
    let params = SegmentationParams::default().with_seed(seed).with_n_clusters(5.min(table.n_rows()));
    Ok(params.fit(table)?.predict(table)?.iter().map(|found| found.segment).collect())
}

/// Prints a line; a reader that has seen enough and closed the pipe is no error.
pub(crate) fn say(text: impl Display) -> Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        said => Ok(said?),
    }
}

/// A word on standard error; nobody may be listening.
pub(crate) fn warn(text: &str) {
    let _ = writeln!(io::stderr().lock(), "warning: {text}");
}

fn fail(line: &str) -> ExitCode {
    let _ = writeln!(io::stderr().lock(), "error: {}", line.trim_start_matches("error: "));
    ExitCode::from(2)
}

/// The error and its causes, each told once.
fn one_line(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !line.contains(&text) {
            let _ = write!(line, ": {text}");
        }
        cause = error.source();
    }
    line.replace('\n', " ")
}
