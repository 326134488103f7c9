//! A saved policy opened by PyTorch. Runs where `python3` (or the interpreter that `FINCOACH_PYTHON` names)
//! has `torch` and `safetensors`; elsewhere it says that it was skipped.

use std::process::{Command, Stdio};

use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::Array2;
use fincoach_core::rng::stream;
use fincoach_core::{Artifact, FeatureTable, Fit, RowKey};
use fincoach_recommend::{CqlParams, NotebookTransitions, RuleInput};

#[test]
fn pytorch_gives_the_same_values() {
    let python = std::env::var("FINCOACH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut probe = Command::new(&python);
    probe.args(["-c", "import torch, safetensors.torch"]).stdout(Stdio::null()).stderr(Stdio::null());
    if !probe.status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: {python} has no torch and safetensors; set FINCOACH_PYTHON to one that has");
        return;
    }

    // The notebook's sizes: 35 columns, 128 hidden units, 5 actions.
    let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    let keys = (0..64).map(|user| RowKey { user: user.to_string(), as_of }).collect();
    let mut rng = stream(21, 0);
    let values = Array2::from_shape_fn((64, 35), |_| rng.normal());
    let columns = RuleInput::COLUMNS.map(str::to_owned).into_iter().chain((3..35).map(|i| format!("x{i}")));
    let table = FeatureTable::new(keys, columns, values).unwrap();
    let replay = NotebookTransitions::default().replay(&table, &[0; 64]).unwrap();
    let policy = CqlParams::default().with_n_epochs(20).fit(&replay).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let (model, expected) = (folder.path().join("cql.safetensors"), folder.path().join("expected.json"));
    policy.save(&model).unwrap();
    let rows = |values: &Array2<f64>| values.rows().into_iter().map(|row| row.to_vec()).collect::<Vec<_>>();
    let states = policy.scaler().transform(table.values()).unwrap();
    let q_values = policy.q_values(&table).unwrap();
    let text = serde_json::json!({ "states": rows(&states), "q_values": rows(&q_values) }).to_string();
    std::fs::write(&expected, text).unwrap();

    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pytorch/check_q_network.py");
    let output = Command::new(&python).arg(script).args([&model, &expected]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    eprintln!("{python}: {}", told.trim());
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
}
