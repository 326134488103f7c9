//! Metrics and the scaler against scikit-learn; `reference/metrics.py` made the numbers.
#![allow(clippy::unwrap_used, reason = "a test ends where something fails")]

use std::collections::BTreeMap;

use fincoach_core::StandardScaler;
use fincoach_core::metrics;
use fincoach_core::ndarray::Array2;
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    regression: Vec<Regression>,
    classification: Vec<Classification>,
    clustering: Vec<Clustering>,
    adjusted_rand: Vec<AdjustedRand>,
    scalers: Vec<Scaler>,
}

#[derive(Deserialize)]
struct Regression {
    actual: Vec<f64>,
    predicted: Vec<f64>,
    naive_mae: f64,
    mae: f64,
    rmse: f64,
    smape: f64,
    mase: f64,
    pinball: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
struct Classification {
    actual: Vec<bool>,
    probability: Vec<f64>,
    accuracy: f64,
    log_loss: f64,
    brier: f64,
    roc_auc: f64,
}

#[derive(Deserialize)]
struct Clustering {
    points: Vec<Vec<f64>>,
    labels: Vec<usize>,
    samples: Vec<f64>,
    silhouette: f64,
}

#[derive(Deserialize)]
struct AdjustedRand {
    a: Vec<usize>,
    b: Vec<usize>,
    score: f64,
}

#[derive(Deserialize)]
struct Scaler {
    values: Vec<Vec<f64>>,
    means: Vec<f64>,
    scales: Vec<f64>,
    transformed: Vec<Vec<f64>>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("reference/metrics.json")).unwrap()
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

/// Close relative to the expected value, absolutely below 1.
#[track_caller]
fn assert_close(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance * expected.abs().max(1.0), "{got} is not {expected}");
}

#[test]
fn errors_of_numbers_agree() {
    for case in reference().regression {
        let (a, p) = (&case.actual, &case.predicted);
        assert_close(metrics::mae(a, p).unwrap(), case.mae, 1e-13);
        assert_close(metrics::rmse(a, p).unwrap(), case.rmse, 1e-13);
        assert_close(metrics::smape(a, p).unwrap(), case.smape, 1e-13);
        assert_close(metrics::mase(a, p, case.naive_mae).unwrap(), case.mase, 1e-13);
        assert_eq!(case.pinball.len(), 4);
        for (quantile, loss) in &case.pinball {
            assert_close(metrics::pinball(a, p, quantile.parse().unwrap()).unwrap(), *loss, 1e-13);
        }
    }
}

#[test]
fn figures_of_probabilities_agree() {
    for case in reference().classification {
        let (actual, probability) = (&case.actual, &case.probability);
        let said: Vec<bool> = probability.iter().map(|p| *p >= 0.5).collect();
        assert_eq!(metrics::accuracy(actual, &said).unwrap(), case.accuracy);
        assert_close(metrics::log_loss(actual, probability).unwrap(), case.log_loss, 1e-13);
        assert_close(metrics::brier(actual, probability).unwrap(), case.brier, 1e-13);
        assert_close(metrics::roc_auc(actual, probability).unwrap(), case.roc_auc, 1e-13);
    }
}

#[test]
fn silhouettes_agree() {
    for case in reference().clustering {
        let points = matrix(&case.points);
        let samples = metrics::silhouette_samples(points.view(), &case.labels).unwrap();
        for (got, expected) in samples.iter().zip(&case.samples) {
            // scikit-learn computes |x|² − 2xy + |y|² and loses digits that this keeps.
            assert_close(*got, *expected, 1e-10);
        }
        assert_close(metrics::silhouette(points.view(), &case.labels).unwrap(), case.silhouette, 1e-12);
    }
}

#[test]
fn the_adjusted_rand_index_agrees() {
    for case in reference().adjusted_rand {
        assert_close(metrics::adjusted_rand(&case.a, &case.b).unwrap(), case.score, 1e-15);
    }
}

#[test]
fn scalers_agree() {
    for case in reference().scalers {
        let values = matrix(&case.values);
        let scaler = StandardScaler::fit(values.view()).unwrap();
        for (got, expected) in scaler.means().iter().zip(&case.means) {
            assert_close(*got, *expected, 1e-14);
        }
        for (got, expected) in scaler.scales().iter().zip(&case.scales) {
            assert!((got / expected - 1.0).abs() < 1e-12, "{got} is not {expected}");
        }
        // A deviation of 1e-3 on a mean of 1e8 leaves eleven digits less than there were.
        let tolerance = if case.means[0] > 1e7 { 1e-4 } else { 1e-12 };
        let transformed = scaler.transform(values.view()).unwrap();
        for (got, expected) in transformed.iter().zip(matrix(&case.transformed).iter()) {
            assert_close(*got, *expected, tolerance);
        }
    }
}
