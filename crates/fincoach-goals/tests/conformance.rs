//! What every model must pass.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::Array2;
use fincoach_core::{Artifact, FeatureTable, Fit, Predict, RowKey, rng};
use fincoach_goals::{
    CalibrationChoice, CalibrationMethod, ClassExamples, ClassForest, ClassWeight, ComparisonParams, Error,
    EvaluationParams, Forest, ForestParams, Goal, GoalExamples, GoalKind, GoalModel, GoalModelParams,
    GoalTableParams, Logistic, LogisticParams, MaxFeatures, Monotone, MonteCarloParams, NeededSavingParams,
    NotebookLabels, OutcomeModel, OutcomeModelParams, PermutationParams, RepeatedStratifiedFolds, Splitter,
};
use fincoach_testkit as testkit;

fn examples(n_rows: usize) -> GoalExamples {
    let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    let keys = (0..n_rows).map(|user| RowKey { user: user.to_string(), as_of }).collect();
    let mut rng = rng::stream(11, 0);
    let values = Array2::from_shape_fn((n_rows, 4), |(_, column)| match column {
        // One column has few values, so that there are ties.
        3 => (rng.normal() * 2.0).round(),
        _ => rng.normal(),
    });
    let labels = values.rows().into_iter().map(|row| row[0] + row[3] + rng.normal() > 0.0).collect();
    GoalExamples::new(FeatureTable::new(keys, ["a", "b", "c", "d"], values).unwrap(), labels).unwrap()
}

fn small_forest() -> ForestParams {
    ForestParams::default().with_n_trees(4).with_max_depth(3).with_seed(5)
}

/// A forest that uses every option there is.
fn forest_with_options() -> ForestParams {
    small_forest()
        .with_splitter(Splitter::Histogram)
        .with_max_bins(16)
        .with_bootstrap_share(0.75)
        .with_class_weight(ClassWeight::Given { missed: 1.0, reached: 1.5 })
        .with_monotone("d", Monotone::Rising)
        .with_monotone("b", Monotone::Falling)
}

fn small_model(choice: CalibrationChoice) -> GoalModelParams {
    GoalModelParams::default().with_forest(small_forest()).with_calibration(choice)
}

#[test]
fn a_forest_keeps_the_rules() {
    let data = examples(60);
    let params = ForestParams::default().with_n_trees(40);
    let forest = testkit::check_fit_and_predict(&params, &data, data.table());
    testkit::check_columns(&forest, data.table());
    testkit::check_progress(&params, &data);
    testkit::check_damage::<Forest>(&small_forest().fit(&data).unwrap().to_bytes().unwrap());
}

#[test]
fn a_forest_with_options_keeps_the_rules() {
    let data = examples(60);
    let params = forest_with_options();
    let forest = testkit::check_fit_and_predict(&params.clone().with_n_trees(20), &data, data.table());
    testkit::check_columns(&forest, data.table());
    testkit::check_damage::<Forest>(&params.fit(&data).unwrap().to_bytes().unwrap());
}

fn classes(n_rows: usize) -> ClassExamples {
    let goals = examples(n_rows);
    let class = |value: f64| usize::from(value > -0.4) + usize::from(value > 0.5);
    let labels = goals.table().column("a").unwrap().iter().map(|value| class(*value)).collect();
    ClassExamples::new(goals.table().clone(), labels).unwrap()
}

#[test]
fn a_forest_of_classes_keeps_the_rules() {
    let data = classes(60);
    let forest = testkit::check_fit_and_predict(&small_forest().with_n_trees(20), &data, data.table());
    testkit::check_columns(&forest, data.table());
    testkit::check_progress(&small_forest(), &data);
    let small = small_forest().with_n_trees(2).with_max_depth(2).fit(&data).unwrap();
    testkit::check_damage::<ClassForest>(&small.to_bytes().unwrap());
    let stored: ClassForest = testkit::check_stored(include_bytes!("artifacts/class_forest-1.json"));
    assert_eq!((stored.n_classes(), stored.n_trees()), (3, 2));
}

#[test]
fn a_goal_model_keeps_the_rules() {
    let data = examples(60);
    for choice in [
        CalibrationChoice::Best,
        CalibrationChoice::Identity,
        CalibrationChoice::Platt,
        CalibrationChoice::Isotonic,
    ] {
        let model = testkit::check_fit_and_predict(&small_model(choice), &data, data.table());
        testkit::check_columns(&model, data.table());
        testkit::check_damage::<GoalModel>(&model.to_bytes().unwrap());
    }
    testkit::check_progress(&small_model(CalibrationChoice::Best), &data);
}

#[test]
fn a_logistic_regression_keeps_the_rules() {
    let data = examples(60);
    let model = testkit::check_fit_and_predict(&LogisticParams::default(), &data, data.table());
    testkit::check_columns(&model, data.table());
    testkit::check_progress(&LogisticParams::default(), &data);
    testkit::check_damage::<Logistic>(&model.to_bytes().unwrap());
}

fn small_outcome_model() -> OutcomeModelParams {
    OutcomeModelParams::default().with_forest(small_forest())
}

#[test]
fn an_outcome_model_keeps_the_rules() {
    let data = examples(60);
    let model = testkit::check_fit_and_predict(&small_outcome_model(), &data, data.table());
    for method in [CalibrationMethod::Identity, CalibrationMethod::Platt, CalibrationMethod::Isotonic] {
        let model = model.clone().calibrated_on(&data, method).unwrap();
        testkit::check_columns(&model, data.table());
        testkit::check_damage::<OutcomeModel>(&model.to_bytes().unwrap());
    }
    testkit::check_refused(&[small_outcome_model().with_forest(small_forest().with_n_trees(0))], &data);
    let refused = small_outcome_model().fit(&examples(1)).unwrap_err();
    assert!(matches!(refused, Error::OneClass { rows: 1, .. }), "{refused}");
}

#[test]
fn goals_are_checked_on_their_way_in() {
    let day = |day| NaiveDate::from_ymd_opt(2024, 1, day).unwrap();
    let goal = Goal::new("anna", GoalKind::Buffer(1.5), day(1), day(31)).unwrap();
    let text = serde_json::to_string(&goal).unwrap();
    assert_eq!(serde_json::from_str::<Goal>(&text).unwrap(), goal);
    for (from, to) in [("1.5", "-1.5"), ("2024-01-31", "2024-01-01"), ("anna", ""), ("\"user\"", "\"usr\"")] {
        assert!(serde_json::from_str::<Goal>(&text.replace(from, to)).is_err(), "{from}");
    }
    assert!(Goal::new("anna", GoalKind::Buffer(f64::NAN), day(1), day(31)).is_err());
}

#[test]
fn one_row_is_enough_for_a_forest() {
    let data = examples(1);
    testkit::check_fit_and_predict(&ForestParams::default(), &data, data.table());
    let refused = LogisticParams::default().fit(&data).unwrap_err();
    assert!(matches!(refused, Error::OneClass { rows: 1, .. }), "{refused}");
}

#[test]
fn an_empty_table_has_no_answers() {
    let data = examples(30);
    let empty = data.table().take(&[]).unwrap();
    assert!(small_forest().fit(&data).unwrap().predict(&empty).unwrap().is_empty());
    assert!(LogisticParams::default().fit(&data).unwrap().predict(&empty).unwrap().is_empty());
}

#[test]
fn parameters_are_saved_and_checked() {
    testkit::check_params(&small_forest().with_max_features(MaxFeatures::Share(0.5)).with_max_depth(None));
    testkit::check_params(&forest_with_options());
    testkit::check_params(&PermutationParams::default().with_n_repeats(3));
    testkit::check_params(&small_model(CalibrationChoice::Platt));
    testkit::check_params(&LogisticParams::default().with_l2(0.25));
    testkit::check_params(&RepeatedStratifiedFolds::default().with_n_folds(3));
    testkit::check_params(&EvaluationParams::default().with_n_bins(7));
    testkit::check_params(&NotebookLabels::default().with_noise(0.2));
    testkit::check_params(&small_outcome_model());
    testkit::check_params(&GoalTableParams::default().with_min_weeks(20));
    testkit::check_params(&MonteCarloParams::default().with_block_weeks(6));
    testkit::check_params(&ComparisonParams::default().with_n_bins(7));
    testkit::check_params(&NeededSavingParams::default().with_wanted(0.9));
    let data = examples(30);
    let nan = LogisticParams::default().with_l2(f64::NAN);
    testkit::check_refused(&[nan.clone(), nan.with_l2(1.0).with_tol(f64::NAN)], &data);
    testkit::check_refused(&[ForestParams::default().with_max_features(MaxFeatures::Share(f64::NAN))], &data);
    testkit::check_refused(
        &[small_model(CalibrationChoice::Best).with_forest(small_forest().with_n_trees(0))],
        &data,
    );
}

#[test]
fn files_of_format_1_are_read() {
    let data = examples(60);
    // Answers are compared with the fit of today on the same data; a stored number may differ in the last bits.
    let forest: Forest = testkit::check_stored(include_bytes!("artifacts/goal_forest-1.json"));
    assert_eq!(forest, small_forest().fit(&data).unwrap());
    let forest: Forest = testkit::check_stored(include_bytes!("artifacts/goal_forest-1-options.json"));
    assert_eq!(forest, forest_with_options().fit(&data).unwrap());
    let model: GoalModel = testkit::check_stored(include_bytes!("artifacts/goal_model-1.json"));
    let today = small_model(CalibrationChoice::Isotonic).fit(&data).unwrap();
    for (stored, now) in model.predict(data.table()).unwrap().iter().zip(today.predict(data.table()).unwrap())
    {
        assert!((stored - now).abs() < 1e-9);
    }
    let stored: OutcomeModel = testkit::check_stored(include_bytes!("artifacts/goal_outcome_model-1.json"));
    let today = calibrated_outcome_model().predict(data.table()).unwrap();
    for (stored, now) in stored.predict(data.table()).unwrap().iter().zip(today) {
        assert!((stored - now).abs() < 1e-9);
    }
    let logistic: Logistic = testkit::check_stored(include_bytes!("artifacts/goal_logistic-1.json"));
    let today = LogisticParams::default().fit(&data).unwrap();
    for (stored, now) in logistic.coefficients().iter().zip(today.coefficients()) {
        assert!((stored - now).abs() < 1e-9);
    }
}

#[test]
fn a_file_of_another_kind_is_named() {
    let bytes = LogisticParams::default().fit(&examples(30)).unwrap().to_bytes().unwrap();
    let error = Forest::from_bytes(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "kind is `goal_logistic`, expected `goal_forest`");
}

#[test]
fn errors_travel_between_threads() {
    fn travels<T: Send + Sync + 'static>() {}
    travels::<Error>();
    travels::<GoalModel>();
}

fn calibrated_outcome_model() -> OutcomeModel {
    let data = examples(60);
    small_outcome_model().fit(&data).unwrap().calibrated_on(&data, CalibrationMethod::Platt).unwrap()
}

fn write_outcome_model(folder: &str) {
    calibrated_outcome_model().save(format!("{folder}goal_outcome_model-1.json")).unwrap();
}

/// Writes the stored file of the outcome model alone.
#[test]
#[ignore = "writes tests/artifacts"]
fn write_outcome_artifact() {
    write_outcome_model(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/artifacts/"));
}

fn write_class_forest(folder: &str) {
    let forest = small_forest().with_n_trees(2).with_max_depth(2).fit(&classes(60)).unwrap();
    forest.save(format!("{folder}class_forest-1.json")).unwrap();
}

/// Writes the stored file of the forest of classes alone.
#[test]
#[ignore = "writes tests/artifacts"]
fn write_class_artifact() {
    write_class_forest(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/artifacts/"));
}

/// Writes the stored files anew; run by name when the format changes, under a new number.
#[test]
#[ignore = "writes tests/artifacts"]
fn write_artifacts() {
    let data = examples(60);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/artifacts/");
    small_forest().fit(&data).unwrap().save(format!("{folder}goal_forest-1.json")).unwrap();
    forest_with_options().fit(&data).unwrap().save(format!("{folder}goal_forest-1-options.json")).unwrap();
    let model = small_model(CalibrationChoice::Isotonic).fit(&data).unwrap();
    model.save(format!("{folder}goal_model-1.json")).unwrap();
    LogisticParams::default().fit(&data).unwrap().save(format!("{folder}goal_logistic-1.json")).unwrap();
    write_outcome_model(folder);
    write_class_forest(folder);
}
