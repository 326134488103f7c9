//! What holds for every input of a metric.

use fincoach_core::metrics::{
    adjusted_rand, brier, log_loss, mae, pinball, rmse, roc_auc, silhouette, smape,
};
use fincoach_core::ndarray::Array2;
use proptest::prelude::*;

fn pairs() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    prop::collection::vec((-1e4..1e4_f64, -1e4..1e4_f64), 1..50).prop_map(|pairs| pairs.into_iter().unzip())
}

/// At least one of each class; scores in tenths, so that ties are common.
fn scored() -> impl Strategy<Value = (Vec<bool>, Vec<f64>)> {
    prop::collection::vec((any::<bool>(), 0_u32..=10), 0..40).prop_map(|mut rows| {
        rows.extend([(true, 4), (false, 6)]);
        rows.into_iter().map(|(happened, tenths)| (happened, f64::from(tenths) / 10.0)).unzip()
    })
}

/// The definition: the share of pairs in the right order, ties counting half.
fn auc_by_pairs(actual: &[bool], score: &[f64]) -> f64 {
    let of = |class| (0..actual.len()).filter(move |row| actual[*row] == class);
    let (mut won, mut pairs) = (0.0, 0.0);
    for yes in of(true) {
        for no in of(false) {
            pairs += 1.0;
            won += f64::from(score[yes] > score[no]) + 0.5 * f64::from(score[yes] == score[no]);
        }
    }
    won / pairs
}

fn matrix(points: &[[i8; 2]], change: impl Fn(f64) -> f64) -> Array2<f64> {
    Array2::from_shape_fn((points.len(), 2), |(row, column)| change(f64::from(points[row][column])))
}

proptest! {
    #[test]
    fn errors_of_numbers_keep_their_bounds((actual, predicted) in pairs()) {
        let error = mae(&actual, &predicted).unwrap();
        prop_assert!(error >= 0.0 && error <= rmse(&actual, &predicted).unwrap() * (1.0 + 1e-12));
        prop_assert!((0.0..=200.0 + 1e-9).contains(&smape(&actual, &predicted).unwrap()));
        prop_assert!((pinball(&actual, &predicted, 0.5).unwrap() - error / 2.0).abs() <= 1e-9 * error);
        prop_assert_eq!(mae(&predicted, &actual).unwrap(), error);
        prop_assert_eq!(mae(&actual, &actual), Ok(0.0));
    }

    #[test]
    fn the_rank_formula_is_the_share_of_pairs((actual, score) in scored()) {
        let area = roc_auc(&actual, &score).unwrap();
        prop_assert!((area - auc_by_pairs(&actual, &score)).abs() < 1e-12);
        let stretched: Vec<f64> = score.iter().map(|s| s.exp() * 1e3 - 7.0).collect();
        prop_assert_eq!(roc_auc(&actual, &stretched).unwrap(), area);
        let turned: Vec<f64> = score.iter().map(|s| -s).collect();
        prop_assert!((roc_auc(&actual, &turned).unwrap() - (1.0 - area)).abs() < 1e-12);
    }

    #[test]
    fn scores_of_probabilities_keep_their_bounds((actual, probability) in scored()) {
        prop_assert!((0.0..=1.0).contains(&brier(&actual, &probability).unwrap()));
        prop_assert!((0.0..=36.05).contains(&log_loss(&actual, &probability).unwrap()));
    }

    #[test]
    fn agreement_does_not_depend_on_names_or_sides(labels in prop::collection::vec((0_usize..5, 0_usize..4), 1..60)) {
        let (a, b): (Vec<usize>, Vec<usize>) = labels.into_iter().unzip();
        let score = adjusted_rand(&a, &b).unwrap();
        prop_assert!((-0.5..=1.0).contains(&score), "{}", score);
        prop_assert_eq!(adjusted_rand(&b, &a).unwrap(), score);
        let renamed: Vec<usize> = a.iter().map(|label| 1000 - 3 * label).collect();
        prop_assert_eq!(adjusted_rand(&renamed, &b).unwrap(), score);
        prop_assert_eq!(adjusted_rand(&a, &renamed), Ok(1.0));
    }

    #[test]
    fn a_silhouette_does_not_depend_on_place_scale_or_order(
        rows in prop::collection::vec((any::<[i8; 2]>(), 0_usize..3), 4..40)
    ) {
        let (points, mut labels): (Vec<[i8; 2]>, Vec<usize>) = rows.into_iter().unzip();
        labels[..3].copy_from_slice(&[0, 1, 0]);
        let score = silhouette(matrix(&points, |x| x).view(), &labels).unwrap();
        prop_assert!((-1.0..=1.0).contains(&score));
        let moved = silhouette(matrix(&points, |x| 4.0 * x + 64.0).view(), &labels).unwrap();
        prop_assert!((moved - score).abs() < 1e-12);
        let (turned, names): (Vec<[i8; 2]>, Vec<usize>) = points.into_iter().zip(labels).rev().unzip();
        let turned = silhouette(matrix(&turned, |x| x).view(), &names).unwrap();
        prop_assert!((turned - score).abs() < 1e-12);
    }
}
