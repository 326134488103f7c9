//! A saved forecaster opened in Python, where torch is installed.
//!
//! `FINCOACH_PYTHON` names the interpreter; with it set, a missing torch is a failure.

mod synthetic;

use std::process::Command;

use fincoach_core::{Artifact, Fit};
use fincoach_forecast::LstmParams;

#[test]
fn a_saved_forecaster_answers_the_same_in_pytorch() {
    let panel = synthetic::weekly(6, 60, 1);
    let params = LstmParams::default().with_horizon(2).with_max_epochs(2);
    let model = params.fit(&panel).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (file, told) = (folder.path().join("lstm.safetensors"), folder.path().join("told.json"));
    model.save(&file).unwrap();
    let windows: Vec<Vec<f32>> =
        panel.series().iter().map(|series| model.window(&series.history(40)).unwrap()).collect();
    let answers: Vec<Vec<f32>> = windows.iter().map(|window| model.network().run(window).unwrap()).collect();
    let network = model.network();
    let content = serde_json::json!({
        "n_inputs": network.n_inputs(), "hidden": network.hidden(), "layers": network.n_layers(),
        "n_outputs": network.n_outputs(), "windows": windows, "answers": answers,
    });
    std::fs::write(&told, content.to_string()).unwrap();

    let named = std::env::var("FINCOACH_PYTHON").ok();
    let python = named.clone().unwrap_or_else(|| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pytorch/check_lstm.py");
    let ran = Command::new(&python).arg(script).args([&file, &told]).output();
    let Ok(output) = ran else {
        assert!(named.is_none(), "{python} does not run");
        eprintln!("SKIPPED: no {python}; name an interpreter with torch in FINCOACH_PYTHON");
        return;
    };
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.code() == Some(77) && named.is_none() {
        eprintln!("SKIPPED: {python} has no torch ({}); name one in FINCOACH_PYTHON", said.trim());
        return;
    }
    assert!(output.status.success(), "{said}");
    eprintln!("checked with {python}: {}", said.trim());
}
