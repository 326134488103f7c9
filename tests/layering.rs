//! The allowed edges between our crates: models look only downwards and never at one another.

#![allow(clippy::expect_used, reason = "a test ends where something fails")]

use std::collections::BTreeMap;
use std::process::Command;

/// Each crate and the ones of ours it may depend on (development dependencies aside).
const ALLOWED: [(&str, &[&str]); 11] = [
    ("fincoach-core", &[]),
    ("fincoach-transform", &["fincoach-core"]),
    ("fincoach-features", &["fincoach-core"]),
    ("fincoach-segmentation", &["fincoach-core"]),
    ("fincoach-recommend", &["fincoach-core"]),
    ("fincoach-forecast", &["fincoach-core"]),
    ("fincoach-goals", &["fincoach-core"]),
    ("fincoach-simulate", &["fincoach-core"]),
    ("fincoach-report", &["fincoach-core"]),
    ("fincoach-testkit", &["fincoach-core"]),
    (
        "fincoach",
        &[
            "fincoach-core",
            "fincoach-features",
            "fincoach-forecast",
            "fincoach-goals",
            "fincoach-recommend",
            "fincoach-report",
            "fincoach-segmentation",
            "fincoach-simulate",
            "fincoach-transform",
        ],
    ),
];

fn metadata() -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .expect("cargo runs");
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

#[test]
fn crates_depend_only_on_those_below_them() {
    let allowed: BTreeMap<_, _> = ALLOWED.into_iter().collect();
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages");
    assert_eq!(packages.len(), ALLOWED.len());
    for package in packages {
        let name = package["name"].as_str().expect("name");
        let below = allowed.get(name).unwrap_or_else(|| panic!("{name} is not in the list of crates"));
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let target = dependency["name"].as_str().expect("name");
            let is_dev = dependency["kind"].as_str() == Some("dev");
            if target.starts_with("fincoach") && !is_dev {
                assert!(below.contains(&target), "{name} must not depend on {target}");
            }
        }
    }
}

#[test]
fn there_is_one_ndarray_in_the_tree() {
    let lock =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).expect("Cargo.lock");
    assert_eq!(lock.matches("name = \"ndarray\"\n").count(), 1);
}
