//! Numbers of scikit-learn; the script that made them is beside the file.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::Array2;
use fincoach_core::{FeatureTable, Fit, Predict, RowKey, metrics};
use fincoach_goals::{
    Calibration, CalibrationMethod, ClassExamples, ClassScores, ClassWeight, ClassificationReport,
    ComparisonParams, ForestParams, GoalExamples, Isotonic, LogisticParams, MaxFeatures, Monotone,
    PermutationParams, Sampling, Splitter,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    x: Vec<Vec<f64>>,
    y: Vec<bool>,
    x_test: Vec<Vec<f64>>,
    y_test: Vec<bool>,
    trees: Vec<TreeReference>,
    forest: ForestReference,
    logistic: Vec<LogisticReference>,
    isotonic: IsotonicReference,
    reports: Vec<ReportReference>,
}

#[derive(Deserialize)]
struct TreeReference {
    max_depth: usize,
    min_samples_leaf: usize,
    balanced: bool,
    n_leaves: usize,
    depth: usize,
    probabilities: Vec<f64>,
    importances: Vec<f64>,
}

#[derive(Deserialize)]
struct ForestReference {
    accuracy: Vec<f64>,
    auc: Vec<f64>,
    mean_probability: Vec<f64>,
    importances: Vec<f64>,
}

#[derive(Deserialize)]
struct LogisticReference {
    l2: f64,
    coefficients: Vec<f64>,
    intercept: f64,
    probabilities: Vec<f64>,
}

#[derive(Deserialize)]
struct IsotonicReference {
    probabilities: Vec<f64>,
    happened: Vec<bool>,
    grid: Vec<f64>,
    values: Vec<f64>,
}

#[derive(Deserialize)]
struct ReportReference {
    said: Vec<bool>,
    accuracy: f64,
    missed: [f64; 4],
    reached: [f64; 4],
    #[serde(rename = "macro")]
    macro_average: [f64; 4],
    weighted: [f64; 4],
}

#[derive(Deserialize)]
struct ForestOptions {
    monotone: Vec<MonotoneReference>,
    oob_brier: f64,
    oob_accuracy: f64,
    permutation: Vec<f64>,
}

#[derive(Deserialize)]
struct MonotoneReference {
    signs: Vec<i8>,
    max_depth: usize,
    min_samples_leaf: usize,
    n_leaves: usize,
    probabilities: Vec<f64>,
}

fn forest_options() -> ForestOptions {
    serde_json::from_str(include_str!("reference/forest.json")).unwrap()
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("reference/sklearn.json")).unwrap()
}

fn table(rows: &[Vec<f64>]) -> FeatureTable {
    let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    let keys = (0..rows.len()).map(|user| RowKey { user: user.to_string(), as_of }).collect();
    let values = Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap();
    FeatureTable::new(keys, ["a", "b", "c", "d", "e"], values).unwrap()
}

fn examples(reference: &Reference) -> GoalExamples {
    GoalExamples::new(table(&reference.x), reference.y.clone()).unwrap()
}

/// The greatest distance between two lists.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn a_single_tree_is_that_of_scikit_learn() {
    let reference = reference();
    for tree in &reference.trees {
        let weight = if tree.balanced { ClassWeight::Balanced } else { ClassWeight::Equal };
        let params = ForestParams::default()
            .with_n_trees(1)
            .with_sampling(Sampling::AllRows)
            .with_max_features(MaxFeatures::All)
            .with_max_depth(tree.max_depth)
            .with_min_samples_leaf(tree.min_samples_leaf)
            .with_class_weight(weight);
        let forest = params.fit(&examples(&reference)).unwrap();
        assert_eq!((forest.n_leaves(), forest.depth()), (tree.n_leaves, tree.depth));
        let answers = forest.predict(&table(&reference.x_test)).unwrap();
        assert!(distance(&answers, &tree.probabilities) < 1e-12);
        assert!(distance(forest.importances(), &tree.importances) < 1e-12);
    }
}

#[test]
fn a_forest_is_as_good_as_that_of_scikit_learn() {
    let reference = reference();
    let theirs = &reference.forest;
    let (mut accuracy, mut auc) = (Vec::new(), Vec::new());
    let (mut probability, mut importances) = (vec![0.0; 500], vec![0.0; 5]);
    for seed in 0..10 {
        let forest = ForestParams::default().with_seed(seed).fit(&examples(&reference)).unwrap();
        let answers = forest.predict(&table(&reference.x_test)).unwrap();
        let said: Vec<bool> = answers.iter().map(|p| *p > 0.5).collect();
        accuracy.push(metrics::accuracy(&reference.y_test, &said).unwrap());
        auc.push(metrics::roc_auc(&reference.y_test, &answers).unwrap());
        probability.iter_mut().zip(&answers).for_each(|(sum, p)| *sum += p / 10.0);
        // Of equal splits ours takes the lowest column and scikit-learn the first drawn: in small nodes equal
        // splits are frequent, so the first columns gain 0.01. Both orders of the columns together do not.
        let turned: Vec<Vec<f64>> =
            reference.x.iter().map(|row| row.iter().rev().copied().collect()).collect();
        let turned = GoalExamples::new(table(&turned), reference.y.clone()).unwrap();
        let turned = ForestParams::default().with_seed(100 + seed).fit(&turned).unwrap();
        let both = forest.importances().iter().zip(turned.importances().iter().rev());
        importances.iter_mut().zip(both).for_each(|(sum, (a, b))| *sum += (a + b) / 20.0);
    }
    let gaps = [
        (mean(&accuracy) - mean(&theirs.accuracy)).abs(),
        (mean(&auc) - mean(&theirs.auc)).abs(),
        distance(&probability, &theirs.mean_probability),
        distance(&importances, &theirs.importances),
    ];
    // Means over ten seeds: about three standard errors of the difference.
    assert!(gaps[0] < 0.01 && gaps[1] < 0.005 && gaps[2] < 0.07 && gaps[3] < 0.008, "{gaps:?}");
}

#[test]
fn a_monotone_tree_is_that_of_scikit_learn() {
    let reference = reference();
    for theirs in forest_options().monotone {
        let mut params = ForestParams::default()
            .with_n_trees(1)
            .with_sampling(Sampling::AllRows)
            .with_max_features(MaxFeatures::All)
            .with_max_depth(theirs.max_depth)
            .with_min_samples_leaf(theirs.min_samples_leaf);
        for (name, sign) in ["a", "b", "c", "d", "e"].into_iter().zip(&theirs.signs) {
            params = match sign {
                0 => params,
                1 => params.with_monotone(name, Monotone::Rising),
                _ => params.with_monotone(name, Monotone::Falling),
            };
        }
        let forest = params.fit(&examples(&reference)).unwrap();
        let answers = forest.predict(&table(&reference.x_test)).unwrap();
        assert_eq!(forest.n_leaves(), theirs.n_leaves, "{:?}", theirs.signs);
        assert!(distance(&answers, &theirs.probabilities) < 1e-12, "{:?}", theirs.signs);
    }
}

#[test]
fn out_of_bag_and_permuted_figures_are_close_to_those_of_scikit_learn() {
    let (reference, theirs) = (reference(), forest_options());
    let data = examples(&reference);
    let test = GoalExamples::new(table(&reference.x_test), reference.y_test.clone()).unwrap();
    for splitter in [Splitter::Exact, Splitter::Histogram] {
        let (mut brier, mut accuracy, mut permuted) = (Vec::new(), Vec::new(), vec![0.0; 5]);
        for seed in 0..10 {
            let forest = ForestParams::default().with_seed(seed).with_splitter(splitter).fit(&data).unwrap();
            let out_of_bag = forest.out_of_bag(&data).unwrap();
            brier.push(out_of_bag.brier().unwrap());
            accuracy.push(out_of_bag.accuracy().unwrap());
            let importances = PermutationParams::default().with_seed(seed).evaluate(&forest, &test).unwrap();
            permuted.iter_mut().enumerate().for_each(|(column, sum)| *sum += importances.mean(column) / 10.0);
        }
        let gaps = [
            (mean(&brier) - theirs.oob_brier).abs(),
            (mean(&accuracy) - theirs.oob_accuracy).abs(),
            distance(&permuted, &theirs.permutation),
        ];
        // Means over ten seeds.
        assert!(gaps[0] < 0.003 && gaps[1] < 0.012 && gaps[2] < 0.006, "{splitter:?} {gaps:?}");
        // The second and third column only matter as a product: they are equally important.
        let order = |values: &[f64]| {
            let mut order = vec![0, 1, 3, 4];
            order.sort_by(|a: &usize, b| values[*b].total_cmp(&values[*a]));
            order
        };
        assert_eq!(order(&permuted), order(&theirs.permutation));
    }
}

#[test]
fn logistic_regression_is_that_of_scikit_learn() {
    let reference = reference();
    for theirs in &reference.logistic {
        let model = LogisticParams::default().with_l2(theirs.l2).fit(&examples(&reference)).unwrap();
        assert!(distance(model.coefficients(), &theirs.coefficients) < 1e-8);
        assert!((model.intercept() - theirs.intercept).abs() < 1e-8);
        let answers = model.predict(&table(&reference.x_test)).unwrap();
        assert!(distance(&answers, &theirs.probabilities) < 1e-9);
    }
}

#[test]
fn isotonic_regression_is_that_of_scikit_learn() {
    let theirs = reference().isotonic;
    let curve = Isotonic::fit(&theirs.probabilities, &theirs.happened).unwrap();
    let values: Vec<f64> = theirs.grid.iter().map(|p| curve.apply(*p)).collect();
    assert!(distance(&values, &theirs.values) < 1e-12, "{}", distance(&values, &theirs.values));
}

#[test]
fn a_report_is_that_of_scikit_learn() {
    let reference = reference();
    for theirs in &reference.reports {
        let report = ClassificationReport::new(&reference.y_test, &theirs.said).unwrap();
        let figures =
            |scores: ClassScores| [scores.precision, scores.recall, scores.f1, scores.support as f64];
        for (ours, theirs) in [
            (report.missed(), theirs.missed),
            (report.reached(), theirs.reached),
            (report.macro_average(), theirs.macro_average),
            (report.weighted_average(), theirs.weighted),
        ] {
            assert!(distance(&figures(ours), &theirs) < 1e-12, "{ours:?} {theirs:?}");
        }
        assert!((report.accuracy() - theirs.accuracy).abs() < 1e-15);
    }
}

#[derive(Deserialize)]
struct CalibrationReference {
    said: Vec<f64>,
    happened: Vec<bool>,
    auc: f64,
    brier: f64,
    log_loss: f64,
    expected_calibration_error: f64,
    platt: PlattReference,
}

#[derive(Deserialize)]
struct PlattReference {
    slope: f64,
    intercept: f64,
}

#[test]
fn figures_and_corrections_of_probabilities_are_those_of_scikit_learn() {
    let theirs: CalibrationReference =
        serde_json::from_str(include_str!("reference/calibration.json")).unwrap();
    let units: Vec<usize> = (0..theirs.said.len()).collect();
    let params = ComparisonParams::default().with_n_resamples(10);
    let found = params.compare(&theirs.happened, &units, &[("a", theirs.said.clone())]).unwrap();
    let ours = &found.models[0];
    for (ours, theirs) in [
        (ours.auc, theirs.auc),
        (ours.brier, theirs.brier),
        (ours.log_loss, theirs.log_loss),
        (ours.expected_calibration_error, theirs.expected_calibration_error),
    ] {
        assert!((ours.value - theirs).abs() < 1e-12, "{ours:?} {theirs}");
    }
    let platt = Calibration::fit(CalibrationMethod::Platt, &theirs.said, &theirs.happened).unwrap();
    let Calibration::Platt(line) = platt else { panic!("a line was asked for") };
    // Theirs stops at a gradient of 1e-6.
    assert!((line.slope() - theirs.platt.slope).abs() < 1e-3, "{line:?}");
    assert!((line.intercept() - theirs.platt.intercept).abs() < 1e-3, "{line:?}");
}

#[derive(Deserialize)]
struct ClassesReference {
    y: Vec<usize>,
    y_test: Vec<usize>,
    trees: Vec<ClassTreeReference>,
    accuracy: f64,
    oob_accuracy: f64,
    importances: Vec<f64>,
}

#[derive(Deserialize)]
struct ClassTreeReference {
    balanced: bool,
    max_depth: usize,
    min_samples_leaf: usize,
    probabilities: Vec<Vec<f64>>,
    importances: Vec<f64>,
}

#[test]
fn trees_and_forests_of_three_classes_agree() {
    let data: Reference = serde_json::from_str(include_str!("reference/sklearn.json")).unwrap();
    let known: ClassesReference = serde_json::from_str(include_str!("reference/classes.json")).unwrap();
    let (train, test) = (table(&data.x), table(&data.x_test));
    let examples = ClassExamples::new(train, known.y.clone()).unwrap();
    for tree in &known.trees {
        let weight = if tree.balanced { ClassWeight::Balanced } else { ClassWeight::Equal };
        let params = ForestParams::default()
            .with_n_trees(1)
            .with_sampling(Sampling::AllRows)
            .with_max_features(MaxFeatures::All)
            .with_splitter(Splitter::Exact)
            .with_class_weight(weight)
            .with_max_depth(tree.max_depth)
            .with_min_samples_leaf(tree.min_samples_leaf);
        let ours = params.fit(&examples).unwrap();
        let said = ours.predict_proba(&test).unwrap();
        for (row, theirs) in said.rows().into_iter().zip(&tree.probabilities) {
            assert!(row.iter().zip(theirs).all(|(a, b)| (a - b).abs() < 1e-12), "{row} {theirs:?}");
        }
        assert!(ours.importances().iter().zip(&tree.importances).all(|(a, b)| (a - b).abs() < 1e-12));
    }
    let (mut right, mut out_of_bag, mut importances) = (0.0, 0.0, [0.0; 5]);
    for seed in 0..10 {
        let forest = ForestParams::default().with_seed(seed).fit(&examples).unwrap();
        let found = forest.predict(&test).unwrap();
        right += found.iter().zip(&known.y_test).filter(|(a, b)| a == b).count() as f64 / found.len() as f64;
        out_of_bag += forest.out_of_bag(&examples).unwrap().accuracy().unwrap();
        importances.iter_mut().zip(forest.importances()).for_each(|(sum, share)| *sum += share / 10.0);
    }
    // Ten seeds each of two generators: a standard error of about 0.003.
    assert!((right / 10.0 - known.accuracy).abs() < 0.015, "{right} {}", known.accuracy);
    assert!((out_of_bag / 10.0 - known.oob_accuracy).abs() < 0.02, "{out_of_bag} {}", known.oob_accuracy);
    assert!(importances.iter().zip(&known.importances).all(|(a, b)| (a - b).abs() < 0.02), "{importances:?}");
}
