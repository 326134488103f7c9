//! Any bytes as a statement of the format `qif`.
#![no_main]

use fincoach_fuzz::check_statement;
use fincoach_transform::StatementFormat;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| check_statement(StatementFormat::Qif, data));
