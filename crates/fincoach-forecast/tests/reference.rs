//! Answers of the network against PyTorch's; `tests/reference/make_network.py` made the numbers.

use fincoach_core::ArtifactError;
use fincoach_forecast::LstmNetwork;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference");

#[derive(serde::Deserialize)]
struct Told {
    windows: Vec<Vec<f32>>,
    answers: Vec<Vec<f32>>,
}

#[test]
fn answers_equal_pytorch() {
    let network = LstmNetwork::read_pth(format!("{FOLDER}/network.pth").as_ref()).unwrap();
    assert_eq!((network.n_inputs(), network.hidden(), network.n_layers(), network.n_outputs()), (3, 5, 2, 4));
    let told = std::fs::read_to_string(format!("{FOLDER}/network.json")).unwrap();
    let told: Told = serde_json::from_str(&told).unwrap();
    for (window, expected) in told.windows.iter().zip(&told.answers) {
        for (got, expected) in network.run(window).unwrap().iter().zip(expected) {
            assert!((got - expected).abs() < 1e-6 * expected.abs().max(1.0), "{got} {expected}");
        }
    }
    assert_eq!(told.windows.len(), 6);
}

#[test]
fn a_broken_day_is_refused() {
    let network = LstmNetwork::read_pth(format!("{FOLDER}/network.pth").as_ref()).unwrap();
    assert!(network.run(&[0.0; 20]).is_err());
}

#[test]
fn a_file_that_is_no_network_is_an_error() {
    let read = |name: &str| LstmNetwork::read_pth(format!("{FOLDER}/{name}").as_ref());
    assert!(matches!(read("none.pth"), Err(ArtifactError::Io { .. })));
    assert!(matches!(read("make_network.py"), Err(ArtifactError::Damaged { .. })));
}
