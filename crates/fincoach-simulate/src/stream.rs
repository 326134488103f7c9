//! Bank exports larger than memory.

use std::io::Write;

use fincoach_core::{Control, Progress, Silent, Step};
use rayon::prelude::*;

use crate::csv_row::push_row;
use crate::export::HEADER;
use crate::simulation::{BATCH, Lived, live};
use crate::{Error, HouseholdTruth, Intervention, SimulationParams};

/// What a stream wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Streamed {
    /// Households.
    pub n_households: usize,
    /// Rows below the header.
    pub n_rows: u64,
    /// Bytes of the file.
    pub n_bytes: u64,
}

/// Simulates straight into a file: the bytes of [`crate::write_csv`] for the ledger of
/// [`SimulationParams::simulate`], without holding that ledger.
///
/// Some hundred households at a time are simulated and formatted in parallel and written in order;
/// memory does not grow with their number. `O(households · months)`.
///
/// # Errors
/// [`Error::Param`] for a parameter out of range, [`Error::Write`].
///
/// # Examples
/// ```
/// use fincoach_simulate::{SimulationParams, stream_csv, write_csv};
/// let params = SimulationParams::default().with_n_households(3).with_n_months(2);
/// let (mut streamed, mut written) = (Vec::new(), Vec::new());
/// let report = stream_csv(&params, &mut streamed)?;
/// write_csv(params.simulate()?.ledger(), &mut written)?;
/// assert!(streamed == written);
/// assert_eq!(report.n_bytes, written.len() as u64);
/// # Ok::<(), fincoach_simulate::Error>(())
/// ```
pub fn stream_csv(params: &SimulationParams, out: impl Write) -> Result<Streamed, Error> {
    stream_csv_with(params, out, &mut Silent, |_, _| Ok(()))
}

/// As [`stream_csv`], and tells `progress` how many households are done; `each` hears of every household in
/// order: its truth and what it was told. Told to stop, ends after whole households.
///
/// # Errors
/// As [`stream_csv`], and what `each` returns.
pub fn stream_csv_with(
    params: &SimulationParams,
    mut out: impl Write,
    progress: &mut dyn Progress,
    mut each: impl FnMut(&HouseholdTruth, &[Intervention]) -> Result<(), Error>,
) -> Result<Streamed, Error> {
    params.check()?;
    let n_households = params.n_households();
    out.write_all(HEADER.as_bytes())?;
    let mut report = Streamed { n_bytes: HEADER.len() as u64, ..Streamed::default() };
    for begin in (0..n_households).step_by(BATCH) {
        let end = (begin + BATCH).min(n_households);
        let batch: Vec<Lived> = (begin..end).into_par_iter().map(|index| live(params, index)).collect();
        for (done, bytes) in batch.iter().zip(format(&batch, report.n_rows)) {
            out.write_all(&bytes)?;
            each(done.household.truth(), &done.interventions)?;
            report.n_rows += done.household.rows().len() as u64;
            report.n_bytes += bytes.len() as u64;
        }
        report.n_households = end;
        if progress.step(&Step::new("simulate", end as u64, n_households as u64)) == Control::Stop {
            break;
        }
    }
    out.flush()?;
    Ok(report)
}

/// The rows of each household, newest first; rows are numbered through from the one after `n_before`.
fn format(batch: &[Lived], n_before: u64) -> Vec<Vec<u8>> {
    let mut next = n_before;
    let firsts: Vec<u64> = batch
        .iter()
        .map(|done| {
            let first = next;
            next += done.household.rows().len() as u64;
            first
        })
        .collect();
    let pairs = batch.par_iter().zip(firsts);
    pairs
        .map(|(done, first)| {
            let mut bytes = Vec::with_capacity(done.household.rows().len() * 110);
            for (row, number) in done.household.rows().rev().zip(first + 1..) {
                push_row(&mut bytes, number, &row);
            }
            bytes
        })
        .collect()
}
