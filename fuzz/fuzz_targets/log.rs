//! Any bytes as a log of interventions: what is read is written and read back the same, or the error says why not.
#![no_main]

use fincoach_recommend::{History, MaskRules, read_departures_csv, read_log_csv, write_log_csv};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match read_log_csv(data) {
        Ok(file) => {
            let mut written = Vec::new();
            write_log_csv(&file.log, &mut written).expect("a log that was read can be written");
            assert_eq!(read_log_csv(written.as_slice()).expect("a written log is read").log, file.log);
            for story in file.log.users() {
                assert!(story.entries().windows(2).all(|pair| pair[0].time < pair[1].time), "in order of time");
                let last = story.entries().last().expect("a user has an entry");
                let masked = MaskRules::usual().masked(&History::new(story.entries(), last.time));
                assert!(masked.len() <= 1);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Err(error) = read_departures_csv(data) {
        assert!(!error.to_string().is_empty());
    }
});
