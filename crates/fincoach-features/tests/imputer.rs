//! The step from a table with missing values to one that models take.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops at the first surprise")]

use fincoach_core::chrono::{Days, NaiveDate};
use fincoach_core::{Artifact, DataError, Fit, Predict, RowKey};
use fincoach_features::{Error, Filling, Imputer, ImputerParams, Indicators, PartialTable};
use fincoach_testkit as testkit;
use proptest::prelude::*;

fn keys(n: usize) -> Vec<RowKey> {
    let first = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap();
    (0..n).map(|row| RowKey { user: "anna".into(), as_of: (first + Days::new(row as u64)).into() }).collect()
}

/// Columns `x`, never missing; `y`, missing once; `z`, always missing.
fn table() -> PartialTable {
    let rows = [(1.0, Some(10.0)), (2.0, None), (4.0, Some(30.0)), (8.0, Some(-5.0))];
    let values = rows.into_iter().flat_map(|(x, y)| [Some(x), y, None]).collect();
    PartialTable::new(keys(4), ["x", "y", "z"], values).unwrap()
}

#[test]
fn medians_fill_and_indicators_tell() {
    let imputer = ImputerParams::default().with_fallback(-1.0).fit(&table()).unwrap();
    let complete = imputer.transform(&table()).unwrap();
    assert_eq!(complete.columns(), ["x", "y", "z", "y_missing", "z_missing"]);
    assert_eq!(complete.row(0).to_vec(), [1.0, 10.0, -1.0, 0.0, 1.0]);
    assert_eq!(complete.row(1).to_vec(), [2.0, 10.0, -1.0, 1.0, 1.0]); // the median of 10, 30, -5
    let fillings: Vec<_> = imputer.fillings().collect();
    assert_eq!(fillings, [("x", 3.0), ("y", 10.0), ("z", -1.0)]); // 3 between 2 and 4
    assert_eq!(imputer.n_unmarked(&table()).unwrap(), 0);
}

#[test]
fn what_is_missing_later_is_filled_from_the_training_rows_and_counted() {
    let imputer = ImputerParams::default().fit(&table()).unwrap();
    let later = PartialTable::new(keys(1), ["x", "y", "z"], vec![None, None, Some(7.0)]).unwrap();
    assert_eq!(imputer.transform(&later).unwrap().row(0).to_vec(), [3.0, 10.0, 7.0, 1.0, 0.0]);
    assert_eq!(imputer.n_unmarked(&later).unwrap(), 1);
    let all = ImputerParams::default().with_indicators(Indicators::All).fit(&table()).unwrap();
    assert_eq!(all.transform(&later).unwrap().row(0).to_vec(), [3.0, 10.0, 7.0, 1.0, 1.0, 0.0]);
    let off = ImputerParams::default().with_indicators(Indicators::Off).with_filling(Filling::Constant(9.0));
    assert_eq!(off.fit(&table()).unwrap().transform(&later).unwrap().row(0).to_vec(), [9.0, 9.0, 7.0]);
}

#[test]
fn other_columns_are_refused() {
    let imputer = ImputerParams::default().fit(&table()).unwrap();
    for names in [&["x", "z", "y"][..], &["x", "y"]] {
        let other = table().select(names).unwrap();
        assert!(matches!(imputer.predict(&other), Err(Error::Data(DataError::Columns { .. }))));
    }
    let clash = PartialTable::new(keys(1), ["x", "x_missing"], vec![None, None]).unwrap();
    assert!(matches!(ImputerParams::default().fit(&clash), Err(Error::Data(DataError::Duplicate { .. }))));
    let empty = PartialTable::new(vec![], ["x"], vec![]).unwrap();
    assert!(matches!(ImputerParams::default().fit(&empty), Err(Error::Data(DataError::Empty { .. }))));
}

#[test]
fn an_imputer_is_a_model_as_any_other() {
    for params in [
        ImputerParams::default(),
        ImputerParams::default().with_indicators(Indicators::All).with_filling(Filling::Constant(0.1)),
    ] {
        let imputer = testkit::check_refit(&params, &table());
        testkit::check_threads(&params, &table());
        let read = testkit::check_round_trip(&imputer);
        assert_eq!(read.transform(&table()).unwrap(), imputer.transform(&table()).unwrap());
        testkit::check_damage::<Imputer>(&imputer.to_bytes().unwrap());
        testkit::check_params(&params);
        let shuffled = table().take(&[2, 0, 3, 1]).unwrap();
        let answers = imputer.transform(&table()).unwrap().take(&[2, 0, 3, 1]).unwrap();
        assert_eq!(imputer.transform(&shuffled).unwrap(), answers);
    }
    let refused = [
        ImputerParams::default().with_fallback(f64::NAN),
        ImputerParams::default().with_filling(Filling::Constant(f64::INFINITY)),
    ];
    testkit::check_refused(&refused, &table());
}

#[test]
fn files_of_earlier_versions_are_read() {
    let bytes = include_bytes!("artifacts/imputer-1.json");
    let stored: Imputer = testkit::check_stored(bytes);
    assert_eq!(stored, ImputerParams::default().fit(&table()).unwrap());
}

#[test]
fn a_table_checks_itself() {
    let new = |values: Vec<Option<f64>>| PartialTable::new(keys(1), ["x", "y"], values);
    assert!(matches!(new(vec![Some(1.0)]), Err(DataError::Length { .. })));
    assert!(matches!(new(vec![Some(f64::NAN), None]), Err(DataError::NotFinite { .. })));
    assert!(matches!(
        PartialTable::new(keys(1), ["x", "x"], vec![None, None]),
        Err(DataError::Duplicate { .. })
    ));
    let table = new(vec![Some(1.5), None]).unwrap();
    let text = serde_json::to_string(&table).unwrap();
    assert!(text.ends_with(r#""values":[1.5,null]}"#), "{text}");
    assert_eq!(serde_json::from_str::<PartialTable>(&text).unwrap(), table);
    assert!(table.to_complete().is_err());
    let complete = table.select(&["x"]).unwrap().to_complete().unwrap();
    assert_eq!(PartialTable::from(&complete), table.select(&["x"]).unwrap());
    assert!(table.column("z").is_err() && table.take(&[1]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_complete_table_keeps_what_was_there(
        cells in prop::collection::vec(prop::option::of(-1e300_f64..1e300), 3..60)
    ) {
        let n = cells.len() / 3;
        let table = PartialTable::new(keys(n), ["a", "b", "c"], cells[..3 * n].to_vec()).unwrap();
        let imputer = ImputerParams::default().with_indicators(Indicators::All).fit(&table).unwrap();
        let complete = imputer.transform(&table).unwrap();
        for row in 0..n {
            for column in 0..3 {
                let marked = complete.row(row)[3 + column] == 1.0;
                prop_assert_eq!(marked, table.get(row, column).is_none());
                if let Some(value) = table.get(row, column) {
                    prop_assert_eq!(complete.row(row)[column].to_bits(), value.to_bits());
                }
            }
        }
    }
}
