//! What cannot be computed is refused with its place, and nothing panics.

use fincoach_core::ndarray::Array2;
use fincoach_core::{DataError, metrics};

type NumberMetric = fn(&[f64], &[f64]) -> Result<f64, DataError>;
type ProbabilityMetric = fn(&[bool], &[f64]) -> Result<f64, DataError>;

const OF_NUMBERS: [NumberMetric; 5] = [
    metrics::mae,
    metrics::rmse,
    metrics::smape,
    |a, p| metrics::mase(a, p, 1.0),
    |a, p| metrics::pinball(a, p, 0.5),
];

const OF_PROBABILITIES: [ProbabilityMetric; 3] = [metrics::log_loss, metrics::brier, metrics::roc_auc];

#[test]
fn different_lengths_are_refused() {
    let length = |error: DataError| matches!(error, DataError::Length { expected: 2, got: 1, .. });
    for metric in OF_NUMBERS {
        assert!(length(metric(&[1.0, 2.0], &[1.0]).unwrap_err()));
    }
    for metric in OF_PROBABILITIES {
        assert!(length(metric(&[true, false], &[1.0]).unwrap_err()));
    }
    assert!(length(metrics::accuracy(&[1, 2], &[1]).unwrap_err()));
    assert!(length(metrics::adjusted_rand(&[1, 2], &[1]).unwrap_err()));
    assert!(length(metrics::silhouette(Array2::zeros((2, 1)).view(), &[1]).unwrap_err()));
}

#[test]
fn nothing_to_compare_is_refused() {
    let empty = |error: DataError| matches!(error, DataError::Empty { .. });
    for metric in OF_NUMBERS {
        assert!(empty(metric(&[], &[]).unwrap_err()));
    }
    for metric in OF_PROBABILITIES {
        assert!(empty(metric(&[], &[]).unwrap_err()));
    }
    assert!(empty(metrics::accuracy::<u8>(&[], &[]).unwrap_err()));
    assert!(empty(metrics::adjusted_rand(&[], &[]).unwrap_err()));
}

#[test]
fn values_that_are_not_finite_are_refused_with_their_row() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for metric in OF_NUMBERS {
            let first = metric(&[1.0, bad], &[1.0, 2.0]).unwrap_err();
            assert!(matches!(first, DataError::NotFinite { row: 1, ref column, .. } if column == "actual"));
            let second = metric(&[1.0, 2.0], &[bad, 2.0]).unwrap_err();
            assert!(
                matches!(second, DataError::NotFinite { row: 0, ref column, .. } if column == "predicted")
            );
        }
        for metric in OF_PROBABILITIES {
            let error = metric(&[true, false], &[0.5, bad]).unwrap_err();
            assert!(
                matches!(error, DataError::NotFinite { row: 1, .. } | DataError::OutOfRange { row: 1, .. }),
                "{error}"
            );
        }
    }
}

#[test]
fn messages_say_what_is_undefined_and_why() {
    let error = metrics::roc_auc(&[true], &[0.5]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "area under the ROC curve is undefined: it needs both what happened and what did not"
    );
    let error = metrics::mase(&[1.0], &[1.0], 0.0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "mean absolute scaled error is undefined: the naive error must be positive and finite"
    );
}
