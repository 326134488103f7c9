//! Any bytes, read as a delimited export by one of a few layouts.
#![no_main]

use fincoach_fuzz::check_import;
use fincoach_transform::{CsvReader, Layout};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let reader = CsvReader::new(Layout::lloyds());
    match reader.read_from(data, "fuzz") {
        Ok(import) => check_import(&import),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
