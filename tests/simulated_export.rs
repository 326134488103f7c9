#![allow(clippy::unwrap_used, reason = "a test ends where something fails")]
//! A simulated export, read back, is the ledger it was written from.

use fincoach::simulate::{SimulationParams, write_csv};
use fincoach::transform::{CsvReader, Layout, Users};

#[test]
fn a_simulated_export_reads_back_as_the_same_ledger() {
    let simulation = SimulationParams::default().with_n_households(30).with_n_months(6).simulate().unwrap();
    let mut file = Vec::new();
    write_csv(simulation.ledger(), &mut file).unwrap();
    let reader = CsvReader::new(Layout::lloyds()).with_users(Users::Column("User ID".into()));
    let import = reader.read_from(file.as_slice(), "transactions.csv").unwrap();
    assert_eq!(import.quality.balance_breaks, 0);
    assert_eq!(import.ledger, *simulation.ledger());
}
