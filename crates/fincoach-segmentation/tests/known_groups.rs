//! Data whose answer is known, and properties that hold for any data.

#![allow(clippy::unwrap_used, reason = "tests")]

mod synthetic;

use fincoach_core::metrics::{adjusted_rand, silhouette};
use fincoach_core::ndarray::{Array2, Axis, array};
use fincoach_core::{Fit, Outcome, Predict, rng};
use fincoach_segmentation::{Archetype, Error, KMeans, KMeansParams, SegmentationParams, choose_k};
use proptest::prelude::*;
use synthetic::{blobs, users};

fn fit(points: &Array2<f64>, k: usize) -> KMeans {
    KMeansParams::default().with_n_clusters(k).with_n_init(4).fit(points).unwrap()
}

#[test]
fn separate_groups_are_found_exactly() {
    for seed in 0..5 {
        let (points, truth) = blobs(5, 30, 12.0, seed);
        let model = KMeansParams::default().with_seed(seed).fit(&points).unwrap();
        assert_eq!(adjusted_rand(model.labels(), &truth).unwrap(), 1.0);
        assert_eq!(
            choose_k(points.view(), &KMeansParams::default(), 2..=10).unwrap().best_by_silhouette(),
            5
        );
    }
}

#[test]
fn overlapping_groups_are_found_better_than_by_chance() {
    let (points, truth) = blobs(5, 40, 3.0, 9);
    let model = KMeansParams::default().fit(&points).unwrap();
    let mut chance = rng::stream(9, 1);
    let random: Vec<usize> = (0..truth.len()).map(|_| chance.below(5)).collect();
    let (ours, theirs) =
        (adjusted_rand(model.labels(), &truth).unwrap(), adjusted_rand(&random, &truth).unwrap());
    assert!(ours > 0.6 && theirs < 0.05, "{ours} {theirs}");
    assert!(
        silhouette(points.view(), model.labels()).unwrap()
            > silhouette(points.view(), &random).unwrap() + 0.3
    );
}

#[test]
fn three_kinds_of_users_get_the_names_they_deserve() {
    let table = users(60, 3);
    let model = SegmentationParams::default().with_n_clusters(3).fit(&table).unwrap();
    let found = model.predict(&table).unwrap();
    let archetype = |row: usize| model.profiles()[found[row].segment].archetype;
    assert_eq!(archetype(0), Some(Archetype::ConservativeSavers));
    assert_eq!(archetype(1), Some(Archetype::ImpulseBuyers));
    assert_eq!(archetype(2), Some(Archetype::HighSpenders));
    assert_eq!(model.profiles().iter().map(|profile| profile.size).collect::<Vec<_>>(), [20, 20, 20]);
    let thrifty = &model.profiles()[found[0].segment];
    assert!(thrifty.evidence.iter().any(|reason| reason.starts_with("saves 3")), "{:?}", thrifty.evidence);
    assert!(thrifty.feature("savings_rate").is_some_and(|rate| (rate.mean - 0.35).abs() < 0.05));
    assert!(thrifty.feature("category_diversity").is_none());
}

#[test]
fn columns_that_say_nothing_of_archetypes_give_neutral_names() {
    let table = users(30, 3);
    let values = table.values().to_owned();
    let columns = (0..values.ncols()).map(|column| format!("column {column}"));
    let other = fincoach_core::FeatureTable::new(table.keys().to_vec(), columns, values).unwrap();
    let model = SegmentationParams::default().with_n_clusters(3).fit(&other).unwrap();
    assert_eq!(model.names().collect::<Vec<_>>(), ["Segment 1", "Segment 2", "Segment 3"]);
    assert!(
        model.profiles().iter().all(|profile| profile.features.is_empty() && !profile.evidence.is_empty())
    );
}

#[test]
fn a_constant_column_changes_nothing() {
    let table = users(30, 4);
    let without: Vec<String> = table.columns()[..7].to_vec();
    let params = SegmentationParams::default().with_n_clusters(3);
    let (with, without) =
        (params.fit(&table).unwrap(), params.fit(&table.select(&without).unwrap()).unwrap());
    assert!((with.inertia() - without.inertia()).abs() < 1e-9);
    assert!(with.names().eq(without.names()));
}

#[test]
fn fewer_rows_than_the_last_k_end_the_range() {
    let points = array![[0.0], [0.0], [1.0], [1.0], [2.0], [2.0]];
    let ks = |points: &Array2<f64>| choose_k(points.view(), &KMeansParams::default(), 2..=10);
    let found: Vec<usize> = ks(&points).unwrap().rows().iter().map(|row| row.k).collect();
    assert_eq!(found, [2, 3]);
    assert_eq!(ks(&array![[0.0], [1.0]]).unwrap_err(), Error::TooFewRows { rows: 2, n_clusters: 2 });
    let equal = ks(&array![[1.0], [1.0], [1.0]]).unwrap_err();
    assert_eq!(equal, Error::TooFewDistinct { distinct: 1, n_clusters: 2 });
    assert!(matches!(choose_k(points.view(), &KMeansParams::default(), 1..=3), Err(Error::Param(_))));
    assert!(matches!(
        choose_k(points.view(), &KMeansParams::default(), std::ops::RangeInclusive::new(5, 3)),
        Err(Error::Param(_))
    ));
}

#[test]
fn values_that_are_no_numbers_or_too_large_are_refused() {
    for bad in [f64::NAN, f64::INFINITY, -1e200] {
        assert!(matches!(fit_error(&array![[0.0], [1.0], [bad]]), Error::Data(_)));
    }
    assert!(matches!(fit_error(&Array2::zeros((3, 0))), Error::Data(_)));
}

fn fit_error(points: &Array2<f64>) -> Error {
    KMeansParams::default().with_n_clusters(2).fit(points).unwrap_err()
}

#[test]
fn as_many_clusters_as_distinct_rows_cost_nothing() {
    let points = array![[3.0, 1.0], [0.0, 0.0], [3.0, 1.0], [7.0, -2.0], [-0.0, 0.0]];
    let model = fit(&points, 3);
    assert_eq!(model.inertia(), 0.0);
    assert_eq!(model.labels(), [1, 0, 1, 2, 0]); // two clusters of two, by centre; then the single row
}

#[test]
fn one_step_is_reported_as_not_converged() {
    let (points, _) = blobs(4, 30, 1.0, 2);
    let model = KMeansParams::default().with_max_iter(1).with_n_init(1).fit(&points).unwrap();
    assert_eq!((model.report().outcome(), model.report().n_steps()), (Outcome::MaxIter, 1));
    assert_eq!(model.predict(&points).unwrap(), model.labels());
}

/// Few distinct values, so that ties and duplicates are common.
fn matrices() -> impl Strategy<Value = Array2<f64>> {
    (4_usize..24, 1_usize..4).prop_flat_map(|(rows, columns)| {
        proptest::collection::vec(-6_i32..6, rows * columns).prop_map(move |values| {
            Array2::from_shape_vec((rows, columns), values.into_iter().map(|v| f64::from(v) * 0.7).collect())
                .unwrap()
        })
    })
}

fn squared(points: &Array2<f64>, row: usize, model: &KMeans, cluster: usize) -> f64 {
    points.row(row).iter().zip(model.centres().row(cluster)).map(|(x, y)| (x - y) * (x - y)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_fit_is_a_local_optimum(points in matrices(), k in 1_usize..4) {
        let fitted = KMeansParams::default().with_n_clusters(k).with_n_init(3).fit(&points);
        prop_assume!(!matches!(fitted, Err(Error::TooFewDistinct { .. })));
        let model = fitted.unwrap();
        prop_assert_eq!(model.report().outcome(), Outcome::Converged);
        let curve = model.report().curve("inertia").unwrap();
        prop_assert!(curve.windows(2).all(|pair| pair[1] <= pair[0] * (1.0 + 1e-12) + 1e-12), "{:?}", curve);
        let mut sum = 0.0;
        for (row, label) in model.labels().iter().enumerate() {
            let own = squared(&points, row, &model, *label);
            sum += own;
            prop_assert!((0..k).all(|other| own <= squared(&points, row, &model, other) + 1e-9));
        }
        prop_assert!((sum - model.inertia()).abs() <= 1e-9 * (1.0 + sum));
        prop_assert_eq!(&model.predict(&points).unwrap(), model.labels());
        let sizes: Vec<usize> =
            (0..k).map(|cluster| model.labels().iter().filter(|label| **label == cluster).count()).collect();
        prop_assert!(sizes.windows(2).all(|pair| pair[0] >= pair[1]) && sizes[k - 1] > 0);
    }

    #[test]
    fn the_order_of_rows_changes_nothing(points in matrices(), seed in 0_u64..1000) {
        let fitted = KMeansParams::default().with_n_clusters(2).with_n_init(3).fit(&points);
        prop_assume!(fitted.is_ok());
        let model = fitted.unwrap();
        let order = rng::stream(seed, 0).permutation(points.nrows());
        let other = fit_three(&points.select(Axis(0), &order));
        prop_assert_eq!(model.inertia().to_bits(), other.inertia().to_bits());
        prop_assert_eq!(model.centres(), other.centres());
        let labels: Vec<usize> = order.iter().map(|row| model.labels()[*row]).collect();
        prop_assert_eq!(labels, other.labels());
    }

    #[test]
    fn equal_rows_share_a_cluster(points in matrices()) {
        let twice: Vec<usize> = (0..points.nrows()).chain(0..points.nrows()).collect();
        let doubled = points.select(Axis(0), &twice);
        let fitted = KMeansParams::default().with_n_clusters(3).with_n_init(3).fit(&doubled);
        prop_assume!(fitted.is_ok());
        let labels = fitted.unwrap().labels().to_vec();
        prop_assert_eq!(&labels[..points.nrows()], &labels[points.nrows()..]);
    }
}

fn fit_three(points: &Array2<f64>) -> KMeans {
    KMeansParams::default().with_n_clusters(2).with_n_init(3).fit(points).unwrap()
}
