//! Tables with missing values, and the documented step from them to tables that models take.

mod imputer;
mod partial_csv;
mod partial_table;

pub use imputer::{Filling, Imputer, ImputerParams, Indicators};
pub use partial_csv::{read_partial_csv, write_partial_csv};
pub use partial_table::PartialTable;
