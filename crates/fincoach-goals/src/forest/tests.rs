use fincoach_core::{Artifact, Control, DataError, Fit, Outcome, Predict, Step};
use proptest::prelude::*;

use super::*;
use crate::synthetic::{noisy, table};
use crate::{Error, GoalExamples};

fn examples(rows: Vec<Vec<f64>>, labels: &[bool]) -> GoalExamples {
    GoalExamples::new(table(rows), labels.to_vec()).unwrap()
}

/// One tree that sees every row and column.
fn single() -> ForestParams {
    ForestParams::default()
        .with_n_trees(1)
        .with_max_features(MaxFeatures::All)
        .with_sampling(Sampling::AllRows)
}

/// The four corners of exclusive-or.
fn exclusive_or() -> GoalExamples {
    let rows = vec![vec![0.0, 0.0], vec![0.0, 1.0], vec![1.0, 0.0], vec![1.0, 1.0]];
    examples(rows, &[false, true, true, false])
}

#[test]
fn exclusive_or_needs_two_levels() {
    let forest = single().with_max_depth(2).fit(&exclusive_or()).unwrap();
    assert_eq!(forest.predict(exclusive_or().table()).unwrap(), [0.0, 1.0, 1.0, 0.0]);
    assert_eq!((forest.depth(), forest.n_leaves()), (2, 4));
    // The first split lowers nothing, the second level all.
    assert_eq!(forest.importances(), [0.0, 1.0]);
}

#[test]
fn a_discrete_column_keeps_every_valid_split() {
    // Values 0..8, each four times; the outcome changes at every value, so that seven thresholds are needed.
    let rows: Vec<Vec<f64>> = (0..32).map(|row| vec![f64::from(row / 4)]).collect();
    let labels: Vec<bool> = (0..32).map(|row| row / 4 % 2 == 1).collect();
    let data = examples(rows, &labels);
    let forest = single().with_max_depth(None).fit(&data).unwrap();
    let answers = forest.predict(data.table()).unwrap();
    assert!(answers.iter().zip(&labels).all(|(answer, label)| *answer == f64::from(*label)));
    assert_eq!(forest.n_leaves(), 8);
}

#[test]
fn neighbours_a_bit_apart_are_told_apart() {
    let data = examples(vec![vec![1.0], vec![1.0_f64.next_up()]], &[false, true]);
    let forest = single().fit(&data).unwrap();
    assert_eq!(forest.predict(data.table()).unwrap(), [0.0, 1.0]);
}

#[test]
fn a_value_on_the_threshold_goes_left() {
    let forest = single().fit(&examples(vec![vec![1.0], vec![2.0]], &[false, true])).unwrap();
    let answers = forest.predict(&table(vec![vec![1.5], vec![1.5_f64.next_up()]])).unwrap();
    assert_eq!(answers, [0.0, 1.0]);
}

#[test]
fn equal_splits_go_to_the_lowest_column_and_threshold() {
    // Both columns part the goals equally well, and 0|1 is as good as 1|2.
    let rows = vec![vec![0.0, 0.0], vec![1.0, 1.0], vec![2.0, 2.0]];
    let data = examples(rows, &[true, false, true]);
    for seed in 0..20 {
        let forest = single().with_max_depth(1).with_seed(seed).fit(&data).unwrap();
        assert_eq!(forest.importances(), [1.0, 0.0]);
        assert_eq!(forest.predict(data.table()).unwrap(), [1.0, 0.5, 0.5]);
    }
}

#[test]
fn one_outcome_alone_is_certain() {
    for reached in [false, true] {
        let data = examples(vec![vec![1.0], vec![2.0]], &[reached; 2]);
        for params in
            [ForestParams::default(), ForestParams::default().with_class_weight(ClassWeight::Balanced)]
        {
            let forest = params.fit(&data).unwrap();
            assert_eq!(forest.predict(data.table()).unwrap(), [f64::from(reached); 2]);
            assert_eq!(forest.importances(), [0.0]);
        }
    }
}

#[test]
fn constant_columns_do_not_use_up_the_draws() {
    let rows = (0..10).map(|row| vec![0.0, 0.0, 0.0, f64::from(row)]).collect();
    let data = examples(rows, &[[false; 5], [true; 5]].concat());
    let params = single().with_max_features(MaxFeatures::Count(1));
    for seed in 0..10 {
        let answers = params.clone().with_seed(seed).fit(&data).unwrap().predict(data.table()).unwrap();
        assert!(answers.iter().zip(data.labels()).all(|(answer, label)| *answer == f64::from(*label)));
    }
}

#[test]
fn both_sides_keep_the_least_number_of_draws() {
    let data = noisy(200, 4, 1);
    let forest = single().with_min_samples_leaf(25).fit(&data).unwrap();
    assert!(forest.n_leaves() <= 8 && forest.n_leaves() > 2, "{}", forest.n_leaves());
    assert_eq!(single().with_min_samples_split(201).fit(&data).unwrap().n_leaves(), 1);
    assert_eq!(single().with_min_samples_leaf(101).fit(&data).unwrap().n_leaves(), 1);
}

#[test]
fn balanced_outcomes_weigh_the_same() {
    let data = examples(vec![vec![0.0]; 4], &[true, false, false, false]);
    let forest = single().with_class_weight(ClassWeight::Balanced).fit(&data).unwrap();
    assert_eq!(forest.predict(data.table()).unwrap(), [0.5; 4]);
}

#[test]
fn the_column_that_matters_is_the_most_important() {
    let forest = ForestParams::default().fit(&noisy(400, 6, 3)).unwrap();
    let importances = forest.importances();
    assert!((importances.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert!(importances[0] > 1.5 * importances[1], "{importances:?}");
    assert!(importances[2..].iter().all(|noise| *noise < importances[1]), "{importances:?}");
}

#[test]
fn stopping_keeps_the_trees_told_so_far() {
    let data = noisy(30, 3, 0);
    let mut stop = |step: &Step<'_>| if step.done == 5 { Control::Stop } else { Control::Continue };
    let forest = ForestParams::default().fit_with(&data, &mut stop).unwrap();
    assert_eq!((forest.n_trees(), forest.report().outcome()), (5, Outcome::Stopped));
    assert_eq!(Forest::from_bytes(&forest.to_bytes().unwrap()).unwrap(), forest);
}

#[test]
fn parameters_out_of_range_are_named() {
    let data = noisy(10, 3, 0);
    let base = ForestParams::default;
    for (params, name) in [
        (base().with_n_trees(0), "n_trees"),
        (base().with_max_depth(0), "max_depth"),
        (base().with_min_samples_split(1), "min_samples_split"),
        (base().with_min_samples_leaf(0), "min_samples_leaf"),
        (base().with_max_features(MaxFeatures::Count(0)), "max_features"),
        (base().with_max_features(MaxFeatures::Count(4)), "max_features"),
        (base().with_max_features(MaxFeatures::Share(f64::NAN)), "max_features"),
        (base().with_max_features(MaxFeatures::Share(1.1)), "max_features"),
        (base().with_bootstrap_share(0.0), "bootstrap_share"),
        (base().with_bootstrap_share(f64::NAN), "bootstrap_share"),
        (base().with_max_bins(1), "max_bins"),
        (base().with_max_bins(257), "max_bins"),
        (base().with_class_weight(ClassWeight::Given { missed: 0.0, reached: 1.0 }), "class_weight"),
        (base().with_class_weight(ClassWeight::Given { missed: 1.0, reached: f64::NAN }), "class_weight"),
    ] {
        let Err(Error::Param(error)) = params.fit(&data) else { panic!("{name} got through") };
        assert_eq!(error.name, name);
    }
}

#[test]
fn other_columns_are_refused() {
    let forest = single().fit(&noisy(10, 2, 0)).unwrap();
    assert!(matches!(
        forest.predict(&table(vec![vec![1.0]])),
        Err(Error::Data(DataError::Columns { position: 1, .. }))
    ));
}

#[test]
fn as_many_bins_as_values_give_the_same_trees() {
    // Five columns: continuous ones rounded to at most 256 values, on more rows than that.
    let data = noisy(1500, 5, 8);
    let round = |x: f64| (x * 40.0).round().clamp(-128.0, 127.0) / 40.0;
    let rows = (0..1500).map(|row| data.table().row(row).iter().map(|x| round(*x)).collect()).collect();
    let data = examples(rows, data.labels());
    let params = ForestParams::default().with_n_trees(6).with_max_depth(None);
    let exact = params.clone().with_splitter(Splitter::Exact).fit(&data).unwrap();
    let binned = params.with_splitter(Splitter::Histogram).fit(&data).unwrap();
    assert_eq!((exact.splitter(), binned.splitter()), (Splitter::Exact, Splitter::Histogram));
    assert_eq!(exact.trees(), binned.trees());
    assert_eq!(exact.importances(), binned.importances());
}

#[test]
fn few_bins_still_answer_well() {
    let (data, other) = (noisy(3000, 4, 1), noisy(2000, 4, 2));
    let brier = |params: ForestParams| {
        let answers = params.with_n_trees(30).fit(&data).unwrap().predict(other.table()).unwrap();
        fincoach_core::metrics::brier(other.labels(), &answers).unwrap()
    };
    let exact = brier(ForestParams::default().with_splitter(Splitter::Exact));
    for bins in [16, 64, 256] {
        let binned = ForestParams::default().with_splitter(Splitter::Histogram).with_max_bins(bins);
        assert!((brier(binned) - exact).abs() < 0.004, "{bins}");
    }
}

#[test]
fn many_rows_are_put_into_bins_unless_asked_otherwise() {
    let few = ForestParams::default().with_n_trees(1).with_max_depth(2);
    let splitter = |params: &ForestParams, n_rows| params.fit(&noisy(n_rows, 2, 0)).unwrap().splitter();
    assert_eq!(splitter(&few, 10_000), Splitter::Exact);
    assert_eq!(splitter(&few, 10_001), Splitter::Histogram);
    assert_eq!(splitter(&few.clone().with_splitter(Splitter::Exact), 10_001), Splitter::Exact);
}

#[test]
fn a_smaller_bag_is_drawn() {
    let data = noisy(200, 2, 0);
    let params = single().with_sampling(Sampling::Bootstrap).with_bootstrap_share(0.25);
    let forest = params.fit(&data).unwrap();
    assert_eq!(forest.trees()[0].draws_at(0), 50);
    assert_eq!(params.with_bootstrap_share(1e-9).fit(&data).unwrap().trees()[0].draws_at(0), 1);
}

#[test]
fn one_row_gets_what_it_gets_in_a_table() {
    let data = noisy(300, 3, 6);
    let forest = ForestParams::default().with_n_trees(20).with_max_depth(None).fit(&data).unwrap();
    let answers = forest.predict(data.table()).unwrap();
    let both = forest.predict_proba(data.table()).unwrap();
    for (row, answer) in answers.iter().enumerate() {
        assert_eq!(forest.predict_row(&data.table().row(row).to_vec()).unwrap(), *answer);
        assert_eq!((both[[row, 0]], both[[row, 1]]), (1.0 - answer, *answer));
    }
    let refused = |values: &[f64]| forest.predict_row(values).unwrap_err();
    assert!(matches!(refused(&[1.0]), Error::Data(DataError::Length { .. })));
    for bad in [f64::NAN, f64::NEG_INFINITY, f64::INFINITY] {
        assert!(matches!(refused(&[0.0, bad, 0.0]), Error::Data(DataError::NotFinite { .. })));
    }
}

#[test]
fn a_monotone_column_that_is_not_there_is_named() {
    let error = single().with_monotone("x7", Monotone::Rising).fit(&noisy(10, 2, 0)).unwrap_err();
    assert!(matches!(error, Error::Data(DataError::UnknownName { .. })), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn answers_are_probabilities(seed in 0_u64..1000, n_rows in 1_usize..60, columns in 1_usize..5) {
        let columns = columns.max(2);
        let data = noisy(n_rows, columns, seed);
        let forest = ForestParams::default().with_n_trees(7).with_seed(seed).fit(&data).unwrap();
        let other = noisy(40, columns, seed + 1);
        for answer in forest.predict(other.table()).unwrap() {
            prop_assert!((0.0..=1.0).contains(&answer));
        }
    }

    #[test]
    fn a_change_of_scale_changes_no_answer(seed in 0_u64..1000, power in -20_i32..20, discrete: bool) {
        let data = noisy(80, 3, seed);
        let scale = 2.0_f64.powi(power);
        let scaled = |factor: f64| {
            let round = |value: f64| if discrete { (value * 2.0).round() } else { value };
            let row = |row: usize| data.table().row(row).iter().map(|x| factor * round(*x)).collect();
            examples((0..80).map(row).collect(), data.labels())
        };
        let fit = |data: &GoalExamples| {
            let forest = ForestParams::default().with_n_trees(5).with_seed(seed).fit(data).unwrap();
            forest.predict(data.table()).unwrap()
        };
        prop_assert_eq!(fit(&scaled(1.0)), fit(&scaled(scale)));
    }

    #[test]
    fn distinct_rows_are_learnt_by_heart(seed in 0_u64..1000) {
        let data = noisy(60, 2, seed);
        let forest = single().with_max_depth(None).fit(&data).unwrap();
        let answers = forest.predict(data.table()).unwrap();
        prop_assert!(answers.iter().zip(data.labels()).all(|(answer, label)| *answer == f64::from(*label)));
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter_to_a_single_tree(seed in 0_u64..1000) {
        let data = noisy(50, 3, seed);
        let order = fincoach_core::rng::stream(seed, 1).permutation(50);
        let shuffled = single().fit(&data.take(&order).unwrap()).unwrap();
        let forest = single().fit(&data).unwrap();
        prop_assert_eq!(forest.predict(data.table()).unwrap(), shuffled.predict(data.table()).unwrap());
    }

    #[test]
    fn a_weight_of_two_is_every_row_twice(seed in 0_u64..1000) {
        let data = noisy(60, 3, seed);
        let rows = (0..60).flat_map(|row| vec![row; 1 + usize::from(data.labels()[row])]);
        let rows: Vec<usize> = rows.collect();
        let twice = rows.iter().map(|row| data.table().row(*row).to_vec()).collect();
        let labels: Vec<bool> = rows.iter().map(|row| data.labels()[*row]).collect();
        let twice = single().with_seed(seed).fit(&examples(twice, &labels)).unwrap();
        let weight = ClassWeight::Given { missed: 1.0, reached: 2.0 };
        let weighted = single().with_seed(seed).with_class_weight(weight).fit(&data).unwrap();
        prop_assert_eq!(twice.importances(), weighted.importances());
        prop_assert_eq!(twice.predict(data.table()).unwrap(), weighted.predict(data.table()).unwrap());
    }

    #[test]
    fn a_monotone_column_never_pulls_the_other_way(seed in 0_u64..1000, rising: bool, binned: bool) {
        // The labels pull against the constraint half of the time.
        let (direction, sign) = if rising { (Monotone::Rising, 1.0) } else { (Monotone::Falling, -1.0) };
        let splitter = if binned { Splitter::Histogram } else { Splitter::Exact };
        let params = ForestParams::default().with_n_trees(5).with_seed(seed).with_splitter(splitter);
        let params = params.with_monotone("x0", direction).with_monotone("x1", Monotone::Falling);
        let forest = params.with_max_bins(32).with_max_depth(None).fit(&noisy(120, 3, seed)).unwrap();
        let mut rng = fincoach_core::rng::stream(seed, 9);
        for _ in 0..200 {
            let row = [rng.normal(), rng.normal(), rng.normal()];
            let step = rng.uniform();
            let here = forest.predict_row(&row).unwrap();
            let up = forest.predict_row(&[row[0] + step, row[1], row[2]]).unwrap();
            prop_assert!(sign * (up - here) >= 0.0);
            prop_assert!(forest.predict_row(&[row[0], row[1] + step, row[2]]).unwrap() <= here);
        }
    }
}
