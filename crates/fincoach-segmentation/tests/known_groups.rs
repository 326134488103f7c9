//! Data whose answer is known, and properties that hold for any data.

#![allow(clippy::unwrap_used, reason = "tests")]

mod synthetic;

use fincoach_core::metrics::{adjusted_rand, silhouette};
use fincoach_core::ndarray::{Array2, Axis, array};
use fincoach_core::{FeatureTable, Fit, Outcome, Predict, rng};
use fincoach_segmentation::{
    Amounts, Archetype, Clusters, DbscanParams, Error, KMeans, KMeansParams, MiniBatchParams, MixtureParams,
    Movement, PreparationParams, SegmentationParams, Starts, bootstrap_stability, choose_k, recommend_k,
};
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
    let other = FeatureTable::new(table.keys().to_vec(), columns, values).unwrap();
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

/// The users with one whose figures are a thousand times anyone else's.
fn users_and_a_giant() -> FeatureTable {
    let table = users(60, 3);
    let mut values = table.values().to_owned();
    values.row_mut(7).mapv_inplace(|value| value * 1000.0);
    FeatureTable::new(table.keys().to_vec(), table.columns().to_vec(), values).unwrap()
}

#[test]
fn preparation_leaves_no_segment_of_one() {
    let table = users_and_a_giant();
    let sizes = |params: SegmentationParams| -> Vec<usize> {
        let model = params.with_n_clusters(3).fit(&table).unwrap();
        model.profiles().iter().map(|profile| profile.size).collect()
    };
    assert_eq!(sizes(SegmentationParams::default())[2], 1);
    let prepared = SegmentationParams::default().with_preparation(PreparationParams::default());
    assert!(sizes(prepared)[2] >= 19);
}

#[test]
fn a_user_far_from_all_is_unlike_any() {
    let table = users(60, 3);
    let whitened = PreparationParams::default().with_whiten(Some(3)).with_amounts(Amounts::AsTheyAre);
    for preparation in [None, Some(PreparationParams::default().with_winsor(0.0)), Some(whitened)] {
        let params = SegmentationParams::default().with_n_clusters(3).with_preparation(preparation.clone());
        let model = params.fit(&table).unwrap();
        let within = model.predict(&table).unwrap().iter().filter(|found| !found.unlike_any).count();
        assert!(within >= 58, "{within}");
        // Cut tails hide a stranger from a prepared model, which is what they are for; a plain one sees him.
        if preparation.is_none() {
            let found = model.predict(&users_and_a_giant()).unwrap();
            assert!(found[7].unlike_any && found[7].second_best.is_some());
        }
    }
}

#[test]
fn columns_of_schema_v2_give_names_too() {
    let table = users(60, 3);
    let names = [
        ("savings_rate", "saving_rate"),
        ("emergency_fund_ratio", "buffer_days"),
        ("total_spending", "spending"),
        ("impulse_buying_score", "rapid_purchase_share"),
        ("spending_volatility", "purchase_deviation"),
    ];
    let renamed = table.columns().iter().map(|column| {
        names.iter().find(|(old, _)| old == column).map_or(column.as_str(), |(_, new)| new).to_owned()
    });
    let table = FeatureTable::new(table.keys().to_vec(), renamed, table.values().to_owned()).unwrap();
    let params = SegmentationParams::default().with_preparation(PreparationParams::default());
    let model = params.with_n_clusters(3).fit(&table).unwrap();
    let found = model.predict(&table).unwrap();
    let archetype = |row: usize| model.profiles()[found[row].segment].archetype;
    assert_eq!(archetype(0), Some(Archetype::ConservativeSavers));
    assert_eq!(archetype(1), Some(Archetype::ImpulseBuyers));
    assert_eq!(archetype(2), Some(Archetype::HighSpenders));
}

#[test]
fn three_groups_are_recommended_and_found_again() {
    let (points, _) = blobs(3, 30, 9.0, 4);
    let found = recommend_k(points.view(), &KMeansParams::default(), 2..=6).unwrap();
    assert_eq!(found.k, 3);
    assert!(found.rows[1].least_stability() > 0.95, "{:?}", found.rows[1]);
    assert!(found.reason.contains("silhouette") && found.reason.contains("Jaccard"), "{}", found.reason);
    let noise = blobs(1, 60, 0.0, 4).0;
    let params = KMeansParams::default().with_n_clusters(5);
    let stability = bootstrap_stability(noise.view(), &params.fit(&noise).unwrap(), &params, 20).unwrap();
    assert!(stability.iter().copied().fold(1.0, f64::min) < 0.75, "{stability:?}");
}

#[test]
fn movement_is_in_order_of_time() {
    let table = users(4, 3);
    let day = |day| fincoach_core::chrono::NaiveDate::from_ymd_opt(2024, 2, day).unwrap().into();
    let keys = [("a", 9), ("b", 1), ("a", 2), ("b", 8)];
    let keys =
        keys.map(|(user, at)| fincoach_core::RowKey { user: user.to_owned(), as_of: day(at) }).to_vec();
    let table = FeatureTable::new(keys, table.columns().to_vec(), table.values().to_owned()).unwrap();
    let model = SegmentationParams::default().with_n_clusters(2).fit(&table).unwrap();
    let placed = model.predict(&table).unwrap();
    let movement = Movement::of_snapshots(2, &table, &placed).unwrap();
    let mut expected = vec![vec![0; 2]; 2];
    expected[placed[2].segment][placed[0].segment] += 1;
    expected[placed[1].segment][placed[3].segment] += 1;
    assert_eq!(movement.counts(), expected);
    assert!(Movement::of_paths(1, &[vec![1]]).is_err());
    assert!(Movement::of_snapshots(2, &table, &placed[..3]).is_err());
    assert_eq!(Movement::of_paths(2, &[]).unwrap().stay_share(), None);
}

#[test]
fn a_sample_of_starts_reaches_what_all_rows_reach() {
    let (points, truth) = blobs(5, 2000, 3.0, 6);
    let params = KMeansParams::default().with_n_init(4);
    let sampled = params.fit(&points).unwrap();
    let full = params.clone().with_starts(Starts::AllRows).fit(&points).unwrap();
    assert!((sampled.inertia() / full.inertia() - 1.0).abs() < 1e-6);
    assert!(adjusted_rand(sampled.labels(), &truth).unwrap() > 0.6);
    assert_eq!(sampled.predict(&points).unwrap(), sampled.labels());
    let order = rng::stream(1, 0).permutation(points.nrows());
    let shuffled = params.fit(&points.select(Axis(0), &order)).unwrap();
    assert_eq!(shuffled.centres(), sampled.centres());
}

fn clusters_of(model: &impl Clusters, points: &Array2<f64>) -> Vec<usize> {
    let places = model.place(points.view()).unwrap();
    places.iter().map(|place| place.cluster.unwrap_or(usize::MAX)).collect()
}

/// Two long clouds side by side, which no pair of round clusters tells apart.
fn slanted(n_rows: usize, seed: u64) -> (Array2<f64>, Vec<usize>) {
    let mut rng = rng::stream(seed, 0);
    let truth: Vec<usize> = (0..n_rows).map(|row| row % 2).collect();
    let mut points = Array2::zeros((n_rows, 2));
    for (mut row, group) in points.rows_mut().into_iter().zip(&truth) {
        let along = 6.0 * rng.normal();
        let across = rng.normal() + if *group == 0 { -3.0 } else { 3.0 };
        (row[0], row[1]) = (along + across, along - across);
    }
    (points, truth)
}

#[test]
fn a_mixture_tells_long_clouds_apart_where_kmeans_does_not() {
    let (points, truth) = slanted(400, 1);
    let mixture = MixtureParams::default().with_n_components(2).fit(&points).unwrap();
    let round = KMeansParams::default().with_n_clusters(2).fit(&points).unwrap();
    let found = adjusted_rand(&clusters_of(&mixture, &points), &truth).unwrap();
    assert!(found > 0.9 && adjusted_rand(round.labels(), &truth).unwrap() < 0.2, "{found}");
    let three = MixtureParams::default().with_n_components(3).fit(&points).unwrap();
    assert!(mixture.bic() < three.bic(), "{} {}", mixture.bic(), three.bic());
    let shares = mixture.responsibilities(points.view()).unwrap();
    assert!(shares.rows().into_iter().all(|row| (row.sum() - 1.0).abs() < 1e-12));
    let far = mixture.predict(&array![[500.0, -500.0]]).unwrap()[0];
    assert!(far.distance > 100.0 && far.log_density.unwrap() < -1000.0 && far.second_best.is_some());
}

#[test]
fn a_ring_and_its_core_are_told_apart_by_density() {
    let mut rng = rng::stream(5, 0);
    let mut points = Array2::zeros((301, 2));
    for (index, mut row) in points.rows_mut().into_iter().enumerate() {
        let (angle, radius) = (std::f64::consts::TAU * rng.uniform(), if index % 3 == 0 { 1.0 } else { 8.0 });
        (row[0], row[1]) =
            (radius * angle.cos() + 0.2 * rng.normal(), radius * angle.sin() + 0.2 * rng.normal());
    }
    (points[[300, 0]], points[[300, 1]]) = (20.0, 20.0);
    let model = DbscanParams::default().with_eps(1.5).fit(&points).unwrap();
    assert_eq!((model.sizes(), model.n_noise()), (&[200, 100][..], 1));
    let found = clusters_of(&model, &points);
    assert!((0..300).all(|row| (found[row] == 1) == (row % 3 == 0)));
    let stranger = model.predict(&array![[20.0, 20.0], [8.0, 0.0]]).unwrap();
    assert!(stranger[0].unlike_any && stranger[0].distance > 10.0 && !stranger[1].unlike_any);
    let order = rng.permutation(points.nrows());
    let shuffled = DbscanParams::default().with_eps(1.5).fit(&points.select(Axis(0), &order)).unwrap();
    assert_eq!(shuffled, model);
    let guessed = DbscanParams::default().fit(&points).unwrap();
    assert!(guessed.n_clusters() >= 2 && guessed.eps() < 6.0, "{} {}", guessed.eps(), guessed.n_clusters());
    let apart = DbscanParams::default().with_eps(1e-6).fit(&points).unwrap_err();
    assert!(apart.to_string().starts_with("no row has 5 rows within"), "{apart}");
}

#[test]
fn rows_at_exactly_eps_are_neighbours() {
    let points = Array2::from_shape_fn((9, 1), |(row, _)| row as f64 * 0.1);
    let model = DbscanParams::default().with_min_points(3).with_eps(0.1).fit(&points).unwrap();
    assert_eq!((model.core_labels().len(), model.sizes()), (7, &[9][..]));
}

#[test]
fn the_order_of_rows_changes_no_mixture() {
    let (points, _) = blobs(3, 20, 4.0, 2);
    let params = MixtureParams::default().with_n_components(3);
    let model = params.fit(&points).unwrap();
    let order = rng::stream(1, 0).permutation(points.nrows());
    assert_eq!(params.fit(&points.select(Axis(0), &order)).unwrap(), model);
    let short = params.with_max_iter(1).fit(&points).unwrap_err();
    assert!(matches!(short, Error::NoMixture { n_components: 3, .. }), "{short}");
}

#[test]
fn batches_come_close_to_all_rows_at_once() {
    let mut worst: f64 = 0.0;
    for seed in 0..3 {
        let (points, _) = blobs(5, 4000, 2.0, seed);
        let full = KMeansParams::default().with_n_init(4).fit(&points).unwrap();
        let batches = MiniBatchParams::default().with_sample_size(2000).fit(&points).unwrap();
        assert_eq!(batches.n_rows(), 20_000);
        worst = worst.max(batches.inertia() / full.inertia() - 1.0);
        assert!(batches.inertia() >= full.inertia() * (1.0 - 1e-6));
    }
    assert!(worst < 0.01, "{worst}");
}

#[test]
fn blocks_that_fail_or_change_are_named() {
    let params = MiniBatchParams::default().with_n_clusters(2);
    let block = || array![[0.0], [1.0], [9.0]];
    let fit = |blocks: fn() -> Vec<Result<Array2<f64>, Error>>| {
        params.fit_blocks(|| blocks().into_iter(), &mut fincoach_core::Silent)
    };
    let whole = params.fit(&block()).unwrap();
    assert_eq!((whole.sizes(), whole.inertia()), (&[2, 1][..], 0.5));
    let error = fit(|| vec![Ok(array![[0.0]]), Ok(array![[0.0, 1.0]])]).unwrap_err();
    assert_eq!(error.to_string(), "columns: expected 1, got 2");
    assert!(fit(|| vec![Ok(array![[f64::NAN]])]).is_err() && fit(Vec::new).is_err());
    let mut n_opened = 0;
    let changing = || {
        n_opened += 1;
        (0..n_opened).map(|_| Ok::<_, Error>(block()))
    };
    let error = params.fit_blocks(changing, &mut fincoach_core::Silent).unwrap_err();
    assert_eq!(error.to_string(), "rows of the last pass: expected 3, got 15");
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
