//! What every model must hold.

#![allow(clippy::unwrap_used, reason = "tests")]

mod synthetic;

use fincoach_core::ndarray::Array2;
use fincoach_core::{Artifact, DataError, FeatureTable, Fit, Outcome, Predict};
use fincoach_segmentation::{
    Clusters, Dbscan, DbscanParams, Error, GaussianMixture, Grouping, GroupingParams, KMeans, KMeansParams,
    MiniBatchKMeans, MiniBatchParams, MixtureParams, Pca, Place, PreparationParams, Segmentation,
    SegmentationParams,
};
use fincoach_testkit as testkit;
use serde::Serialize;
use serde::de::DeserializeOwned;
use synthetic::{blobs, users};

fn params() -> SegmentationParams {
    SegmentationParams::default().with_n_clusters(3).with_n_init(10).with_more_columns(["transaction_count"])
}

#[test]
fn a_segmentation_is_an_estimator() {
    let table = users(24, 1);
    let model = testkit::check_estimator(&params(), &table);
    testkit::check_columns(&model, &table);
    testkit::check_progress(&params(), &table);
    testkit::check_params(&params());
    let prepared = params().with_preparation(PreparationParams::default().with_whiten(Some(4)));
    let model = testkit::check_estimator(&prepared, &table);
    testkit::check_columns(&model, &table);
    testkit::check_params(&prepared);
    testkit::check_params(&KMeansParams::default().with_tol(0.5).with_seed(7));
}

#[test]
fn every_method_forms_groups_of_users() {
    let table = users(60, 1);
    let preparation = PreparationParams::default().with_columns(["total_spending", "savings_rate"]);
    fn check<P>(clusters: P, preparation: &PreparationParams, table: &FeatureTable, kind: &str)
    where
        P: Default + Clone + PartialEq + std::fmt::Debug + Sync + Serialize + DeserializeOwned,
        P: Fit<Array2<f64>, Error = Error>,
        P::Model: Clusters + Clone + PartialEq + std::fmt::Debug + Send + Serialize + DeserializeOwned,
    {
        let params = GroupingParams::new(clusters).with_preparation(preparation.clone());
        let model = testkit::check_estimator(&params, table);
        testkit::check_columns(&model, &table.select(model.columns()).unwrap());
        testkit::check_progress(&params, table);
        testkit::check_params(&params);
        assert_eq!(Grouping::<P::Model>::KIND, kind);
        let sizes: usize = model.profiles().iter().map(|profile| profile.size).sum();
        let placed = model.predict(table).unwrap();
        assert_eq!(sizes, placed.iter().filter(|place| place.cluster.is_some()).count());
        assert!(placed.iter().filter(|place| !place.unlike_any).count() >= 50);
    }
    check(KMeansParams::default().with_n_clusters(3), &preparation, &table, "kmeans_grouping");
    check(MixtureParams::default().with_n_components(3), &preparation, &table, "gaussian_mixture_grouping");
    check(DbscanParams::default(), &preparation, &table, "dbscan_grouping");
    check(MiniBatchParams::default().with_n_clusters(3), &preparation, &table, "mini_batch_kmeans_grouping");
}

#[test]
fn parameters_of_methods_out_of_range_are_refused() {
    let (points, _) = blobs(3, 8, 9.0, 1);
    let mixture = MixtureParams::default().with_n_components(3);
    testkit::check_refused(
        &[
            mixture.clone().with_n_components(0),
            mixture.clone().with_n_init(0),
            mixture.clone().with_max_iter(0),
            mixture.clone().with_tol(0.0),
            mixture.clone().with_tol(f64::NAN),
            mixture.clone().with_reg_covariance(-1.0),
            mixture.clone().with_reg_covariance(f64::NAN),
            mixture.with_n_components(25),
        ],
        &points,
    );
    let dbscan = DbscanParams::default();
    testkit::check_refused(
        &[
            dbscan.clone().with_min_points(1),
            dbscan.clone().with_eps(0.0),
            dbscan.clone().with_eps(f64::NAN),
            dbscan.clone().with_eps(f64::INFINITY),
            dbscan.with_eps(1e-9),
        ],
        &points,
    );
    let batches = MiniBatchParams::default().with_n_clusters(3);
    testkit::check_refused(
        &[
            batches.clone().with_n_clusters(0),
            batches.clone().with_batch_size(0),
            batches.clone().with_n_passes(0),
            batches.clone().with_sample_size(2),
            batches.clone().with_n_init(0),
            batches.with_n_clusters(25),
        ],
        &points,
    );
}

#[test]
fn parameters_out_of_range_are_refused() {
    let with =
        |change: fn(KMeansParams) -> KMeansParams| params().with_kmeans(change(KMeansParams::default()));
    let refused = [
        with(|kmeans| kmeans.with_n_clusters(0)),
        with(|kmeans| kmeans.with_n_init(0)),
        with(|kmeans| kmeans.with_max_iter(0)),
        with(|kmeans| kmeans.with_tol(f64::NAN)),
        with(|kmeans| kmeans.with_tol(-1e-9)),
        with(|kmeans| kmeans.with_tol(f64::INFINITY)),
        params().with_more_columns(["no such column"]),
        params().with_preparation(PreparationParams::default().with_winsor(f64::NAN)),
        params().with_preparation(PreparationParams::default().with_winsor(0.5)),
        params().with_preparation(PreparationParams::default().with_least_varying(1.0)),
        params().with_preparation(PreparationParams::default().with_most_alike(0.0)),
        params().with_preparation(PreparationParams::default().with_whiten(Some(0))),
        params().with_preparation(PreparationParams::default().with_whiten(Some(99))),
        params().with_preparation(PreparationParams::default().with_columns(["no such column"])),
    ];
    testkit::check_refused(&refused, &users(24, 1));
}

#[test]
fn a_damaged_file_never_panics() {
    let table = users(6, 1).select(&["total_spending", "savings_rate"]).unwrap();
    let model = SegmentationParams::default().with_n_clusters(2).with_n_init(2).fit(&table).unwrap();
    testkit::check_damage::<Segmentation>(&model.to_bytes().unwrap());
    let preparation = PreparationParams::default().with_columns(["total_spending"]);
    let preparation = preparation.with_ratios([("savings_rate", "total_spending")]).with_whiten(Some(1));
    let params = SegmentationParams::default().with_n_clusters(2).with_n_init(2);
    let model = params.with_preparation(preparation).fit(&table).unwrap();
    testkit::check_round_trip(&model);
    testkit::check_damage::<Segmentation>(&model.to_bytes().unwrap());
    let (points, _) = blobs(2, 2, 9.0, 1);
    let kmeans = KMeansParams::default().with_n_clusters(2).fit(&points).unwrap();
    testkit::check_round_trip(&kmeans);
    testkit::check_damage::<KMeans>(&kmeans.to_bytes().unwrap());
    let mixture = MixtureParams::default().with_n_components(2).with_n_init(1).fit(&points).unwrap();
    testkit::check_damage::<GaussianMixture>(&mixture.to_bytes().unwrap());
    let dbscan = DbscanParams::default().with_min_points(2).with_eps(9.0).fit(&points).unwrap();
    testkit::check_damage::<Dbscan>(&dbscan.to_bytes().unwrap());
    let batches = MiniBatchParams::default().with_n_clusters(2).fit(&points).unwrap();
    testkit::check_damage::<MiniBatchKMeans>(&batches.to_bytes().unwrap());
    let grouping = GroupingParams::new(DbscanParams::default().with_min_points(2));
    let grouping = grouping.fit(&users(6, 1).select(&["total_spending"]).unwrap()).unwrap();
    testkit::check_damage::<Grouping<Dbscan>>(&grouping.to_bytes().unwrap());
    let pca = Pca::fit(points.view(), 2).unwrap();
    testkit::check_round_trip(&pca);
    testkit::check_damage::<Pca>(&pca.to_bytes().unwrap());
}

#[test]
fn files_of_format_1_load() {
    let model: Segmentation = testkit::check_stored(include_bytes!("artifacts/segmentation-1.json"));
    assert_eq!(model.names().collect::<Vec<_>>(), ["Budget Conscious", "High Spenders"]);
    let table = users(6, 1).select(model.columns()).unwrap();
    let segments: Vec<usize> = model.predict(&table).unwrap().iter().map(|found| found.segment).collect();
    assert_eq!(segments, [0, 0, 1, 0, 0, 1]);
}

#[test]
fn groupings_of_format_1_load_and_are_checked() {
    let text = include_str!("artifacts/dbscan_grouping-1.json");
    let model: Grouping<Dbscan> = testkit::check_stored(text.as_bytes());
    let table = users(6, 1).select(model.columns()).unwrap();
    assert_eq!(model.predict(&table).unwrap().len(), 6);
    let error = Grouping::<KMeans>::from_bytes(text.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("dbscan_grouping"), "{error}");
    for (from, to) in [
        ("\"segment\":0", "\"segment\":7"),
        ("\"reach\":[", "\"reach\":[1.0,"),
        ("\"eps\":", "\"eps\":-"),
        ("\"labels\":[0", "\"labels\":[9"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(Grouping::<Dbscan>::from_bytes(text.replacen(from, to, 1).as_bytes()).is_err(), "{from}");
    }
}

#[test]
fn matrix_models_of_format_1_load() {
    let kmeans: KMeans = testkit::check_stored(include_bytes!("artifacts/kmeans-1.json"));
    let (points, truth) = blobs(2, 2, 9.0, 1);
    assert_eq!(kmeans.predict(&points).unwrap(), truth);
    let clusters = |places: Vec<Place>| places.iter().map(|place| place.cluster.unwrap()).collect::<Vec<_>>();
    let mixture: GaussianMixture = testkit::check_stored(include_bytes!("artifacts/gaussian_mixture-1.json"));
    assert_eq!(clusters(mixture.predict(&points).unwrap()), truth);
    let dbscan: Dbscan = testkit::check_stored(include_bytes!("artifacts/dbscan-1.json"));
    assert_eq!(clusters(dbscan.predict(&points).unwrap()), truth);
    let batches: MiniBatchKMeans =
        testkit::check_stored(include_bytes!("artifacts/mini_batch_kmeans-1.json"));
    assert_eq!(clusters(batches.predict(&points).unwrap()), truth);
    let pca: Pca = testkit::check_stored(include_bytes!("artifacts/pca-1.json"));
    assert_eq!(pca.components().dim(), (2, 3));
}

#[test]
fn contradictions_in_a_file_are_named() {
    let text = include_str!("artifacts/segmentation-1.json");
    let changes = [
        ("\"segment\":1", "\"segment\":0"),
        ("\"High Spenders\"", "\"Budget Conscious\""),
        ("\"size\":4", "\"size\":0"),
        ("\"share\":0.", "\"share\":2."),
        ("\"inertia\":", "\"inertia\":-"),
        ("\"columns\":[\"total_spending\"", "\"columns\":[\"savings_rate\""),
        ("\"columns\":[", "\"columns\":[\"x\","),
        ("\"report\":", "\"reports\":"),
    ];
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        assert!(Segmentation::from_bytes(text.replacen(from, to, 1).as_bytes()).is_err(), "{from} -> {to}");
    }
}

#[test]
fn too_few_rows_are_named() {
    let fit = |rows: &[usize]| params().fit(&users(24, 1).take(rows).unwrap()).unwrap_err();
    assert_eq!(fit(&[]), Error::Data(DataError::Empty { what: "rows" }));
    assert_eq!(fit(&[0]), Error::TooFewRows { rows: 1, n_clusters: 3 });
    assert_eq!(fit(&[0, 1]).to_string(), "2 rows cannot form 3 clusters");
    let constant = users(24, 1).select(&["budget_adherence_score"]).unwrap();
    let error = params().with_more_columns([""; 0]).fit(&constant).unwrap_err();
    assert_eq!(error.to_string(), "1 distinct rows cannot form 3 clusters");
}

#[test]
fn one_user_and_one_segment_are_allowed() {
    let one = users(24, 1).take(&[5]).unwrap();
    let model = params().with_n_clusters(1).fit(&one).unwrap();
    let profile = &model.profiles()[0];
    assert_eq!((profile.size, profile.share), (1, 1.0));
    assert!(profile.features.iter().all(|feature| feature.std == 0.0));
    let found = model.predict(&users(24, 1)).unwrap();
    assert!(found.iter().all(|found| found.segment == 0 && found.second_best.is_none()));
}

#[test]
fn stopping_keeps_the_best_so_far() {
    let (points, _) = blobs(5, 20, 2.0, 1);
    let params = KMeansParams::default().with_n_clusters(5);
    let mut n_heard = 0;
    let mut stop = |step: &fincoach_core::Step<'_>| {
        n_heard = step.done;
        if step.done == 3 { fincoach_core::Control::Stop } else { fincoach_core::Control::Continue }
    };
    let stopped = params.fit_with(&points, &mut stop).unwrap();
    assert_eq!((n_heard, stopped.report().outcome()), (3, Outcome::Stopped));
    let three = params.clone().with_n_init(3).fit(&points).unwrap();
    assert_eq!((three.inertia(), three.labels()), (stopped.inertia(), stopped.labels()));
}

#[test]
fn errors_travel_between_threads() {
    fn travels<E: std::error::Error + Send + Sync + 'static>() {}
    travels::<Error>();
}
