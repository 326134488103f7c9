//! Any bytes as a file of goals: what is read is written and read back the same, line by line; an error says where.
#![no_main]

use fincoach_goals::{Error, read_goals_csv, write_goals_csv};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for decimals in [0, 2, 3] {
        match read_goals_csv(data, decimals) {
            Ok(goals) => {
                assert!(goals.iter().all(|goal| goal.days() >= 1 && !goal.user().is_empty()));
                let mut written = Vec::new();
                write_goals_csv(&goals, decimals, &mut written).expect("goals that were read are written");
                let again = read_goals_csv(&written[..], decimals).expect("goals that were written are read");
                assert_eq!(again, goals);
            }
            Err(Error::GoalField { line, .. }) => assert!(line >= 2, "the header is line 1"),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});
