use fincoach_core::{Artifact, Fit, Outcome, Predict, rng};

use super::{ClassExamples, ClassForest};
use crate::synthetic::{noisy, table};
use crate::{ClassWeight, ForestParams, Monotone, Sampling, Splitter};

/// Classes 0 to 2 by the sum of two of three columns, with noise.
fn three(n_rows: usize, seed: u64) -> ClassExamples {
    let mut rng = rng::stream(seed, 0);
    let rows: Vec<Vec<f64>> = (0..n_rows).map(|_| (0..3).map(|_| rng.normal()).collect()).collect();
    let class = |row: &Vec<f64>, noise: f64| match row[0] + row[1] + 0.5 * noise {
        sum if sum < -0.6 => 0,
        sum if sum < 0.6 => 1,
        _ => 2,
    };
    let labels = rows.iter().map(|row| class(row, rng.normal())).collect();
    ClassExamples::new(table(rows), labels).unwrap()
}

#[test]
fn two_classes_are_the_forest_of_two_outcomes() {
    let goals = noisy(300, 4, 1);
    let labels = goals.labels().iter().map(|reached| usize::from(*reached)).collect();
    let classes = ClassExamples::new(goals.table().clone(), labels).unwrap();
    for params in [
        ForestParams::default().with_n_trees(20).with_seed(3),
        ForestParams::default()
            .with_n_trees(5)
            .with_class_weight(ClassWeight::Balanced)
            .with_min_samples_leaf(7),
        ForestParams::default().with_n_trees(5).with_splitter(Splitter::Histogram).with_max_bins(16),
    ] {
        let (two, many) = (params.fit(&goals).unwrap(), params.fit(&classes).unwrap());
        let (two_says, many_says) =
            (two.predict(goals.table()).unwrap(), many.predict_proba(goals.table()).unwrap());
        assert_eq!(many_says.column(1).to_vec(), two_says);
        assert_eq!(many.importances(), two.importances());
        let (a, b) = (two.out_of_bag(&goals).unwrap(), many.out_of_bag(&classes).unwrap());
        let of_reached: Vec<_> =
            b.probabilities().iter().map(|said| said.as_ref().map(|said| said[1])).collect();
        assert_eq!(of_reached, a.probabilities());
        assert!((b.brier().unwrap() - 2.0 * a.brier().unwrap()).abs() < 1e-12);
        let few = goals.table().take(&[0, 1, 2]).unwrap();
        let (a, b) = (two.contributions(&few).unwrap(), many.contributions(&few, 1).unwrap());
        assert_eq!((a.values(), a.base()), (b.values(), b.base()));
    }
}

#[test]
fn three_classes_are_learnt_and_explained() {
    let (data, other) = (three(600, 1), three(600, 2));
    let forest = ForestParams::default().with_n_trees(60).fit(&data).unwrap();
    let found = forest.predict(other.table()).unwrap();
    let right = found.iter().zip(other.labels()).filter(|(a, b)| a == b).count() as f64 / 600.0;
    let out_of_bag = forest.out_of_bag(&data).unwrap();
    assert!(right > 0.7, "{right}");
    assert!((out_of_bag.accuracy().unwrap() - right).abs() < 0.05 && out_of_bag.coverage() > 0.999);
    let importances = forest.importances();
    assert!(importances[2] < 0.2 && importances[0] > 0.3, "{importances:?}");
    let few = other.table().take(&[0, 1, 2, 3]).unwrap();
    let said = forest.predict_proba(&few).unwrap();
    let parts: Vec<_> = (0..3).map(|class| forest.contributions(&few, class).unwrap()).collect();
    for row in 0..4 {
        assert!((said.row(row).sum() - 1.0).abs() < 1e-12);
        for (class, part) in parts.iter().enumerate() {
            assert!((part.base() + part.row(row).sum() - said[[row, class]]).abs() < 1e-12);
        }
        // What one class gains the others lose.
        let sum = &parts[0].row(row) + &parts[1].row(row) + parts[2].row(row);
        assert!(sum.iter().all(|gain| gain.abs() < 1e-12));
    }
    assert!(forest.contributions(&few, 3).is_err());
}

#[test]
fn a_file_gives_the_forest_back_and_contradictions_are_refused() {
    let data = three(60, 3);
    let params = ForestParams::default().with_n_trees(2).with_max_depth(2);
    let forest = params.fit(&data).unwrap();
    let bytes = forest.to_bytes().unwrap();
    assert_eq!(ClassForest::from_bytes(&bytes).unwrap(), forest);
    assert_eq!(ClassForest::from_bytes(&bytes).unwrap().to_bytes().unwrap(), bytes);
    let text = String::from_utf8(bytes).unwrap();
    for (from, to) in [
        ("\"shares\":[[", "\"shares\":[[0.5,"),
        ("\"n_trees\":2", "\"n_trees\":1"),
        ("\"x1\"", "\"x0\""),
        ("\"splitter\":\"exact\"", "\"splitter\":\"auto\""),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(ClassForest::from_bytes(text.replacen(from, to, 1).as_bytes()).is_err(), "{from}");
    }
}

#[test]
fn options_of_two_outcomes_are_refused() {
    let data = three(30, 1);
    let given = ClassWeight::Given { missed: 1.0, reached: 2.0 };
    assert!(ForestParams::default().with_class_weight(given).fit(&data).is_err());
    assert!(ForestParams::default().with_monotone("x0", Monotone::Rising).fit(&data).is_err());
    let all = ForestParams::default().with_n_trees(2).with_sampling(Sampling::AllRows).fit(&data).unwrap();
    assert!(all.out_of_bag(&data).is_err());
    let forest = ForestParams::default().with_n_trees(2).fit(&data).unwrap();
    assert!(forest.out_of_bag(&three(30, 2)).is_err());
    assert_eq!(forest.report().outcome(), Outcome::Converged);
    assert!(ClassExamples::new(table(vec![]), vec![]).is_err());
    assert!(ClassExamples::new(table(vec![vec![1.0]; 2]), vec![0, 9]).is_err());
}
