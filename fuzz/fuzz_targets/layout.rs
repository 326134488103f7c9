//! Any text as a layout: what is read is written and read back the same, and reads a small export or says why not.
#![no_main]

use fincoach_fuzz::{check_csv, check_error};
use fincoach_transform::Layout;
use libfuzzer_sys::fuzz_target;

const EXPORT: &str = "Date,Text,Amount,Balance\n25/01/2024,a,-1.50,8.50\n26/01/2024,b,\"1,000.00\",1008.50\n";

fuzz_target!(|text: &str| {
    match Layout::from_toml(text) {
        Ok(layout) => {
            layout.check().expect("a layout that was read is one");
            match layout.to_toml() {
                Ok(again) => assert_eq!(Layout::from_toml(&again).expect("a written layout is read"), layout),
                Err(error) => check_error(&error),
            }
            check_csv(&layout, EXPORT.as_bytes());
        }
        Err(error) => check_error(&error),
    }
});
