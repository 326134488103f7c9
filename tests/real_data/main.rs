#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test ends where something fails, and tells why"
)]

//! Tests on the real bank export. They need `FINCOACH_DATA`, the folder that holds `moneydata.csv`; the numbers
//! to compare with are taken from `../golden` beside it. Without the variable they are reported as ignored.

mod bookings;
mod cartpole;
mod categoriser;
mod data;
mod detect;
mod discrete_cql;
mod features;
mod features_v2;
mod forecast;
mod goals;
mod incremental;
mod nn5;
mod recommend;
mod segmentation;
mod transform;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// The tests of one module by name.
type Tests = &'static [(&'static str, fn())];

fn main() -> ExitCode {
    let modules: [(&str, Tests); 13] = [
        ("transform", transform::TESTS),
        ("detect", detect::TESTS),
        ("bookings", bookings::TESTS),
        ("categoriser", categoriser::TESTS),
        ("features", features::TESTS),
        ("features_v2", features_v2::TESTS),
        ("incremental", incremental::TESTS),
        ("segmentation", segmentation::TESTS),
        ("recommend", recommend::TESTS),
        ("discrete_cql", discrete_cql::TESTS),
        ("forecast", forecast::TESTS),
        ("goals", goals::TESTS),
        ("nn5", nn5::TESTS),
    ];
    let ignored = data::folder().is_none();
    let trials = modules
        .into_iter()
        .flat_map(|(module, tests)| tests.iter().map(move |(name, test)| (module, *name, *test)))
        .map(|(module, name, test)| {
            Trial::test(format!("{module}::{name}"), move || {
                test();
                Ok(())
            })
            .with_ignored_flag(ignored)
        })
        .collect();
    if ignored {
        println!("FINCOACH_DATA is not set: the tests on real data are ignored");
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
