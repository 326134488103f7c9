//! The categoriser on the real export: fitted on the first 80 % of the labelled rows by time, judged on the rest.

use fincoach::core::{Artifact as _, Category, Fit as _, Predict as _};
use fincoach::transform::{
    Categoriser, CategoriserEvaluation, CategoriserParams, CategoryFiller, CsvReader, LabelledRows, Layout,
    UserRules,
};

use super::data;

pub(crate) const TESTS: super::Tests = &[
    ("the categoriser reaches its marks on later rows", the_categoriser_reaches_its_marks_on_later_rows),
    ("sure guesses are right and the file is small", sure_guesses_are_right_and_the_file_is_small),
    ("an export without categories gets them", an_export_without_categories_gets_them),
];

fn labelled() -> LabelledRows {
    let reader = CsvReader::new(Layout::lloyds());
    LabelledRows::from_ledger(&reader.read(data::file("moneydata.csv")).unwrap().ledger)
}

fn the_categoriser_reaches_its_marks_on_later_rows() {
    let rows = labelled();
    // 24 of 6,567 rows have no category, and five with a stray space join their fellows.
    assert_eq!((rows.n_rows(), rows.labels().len()), (6543, 29));
    let report = CategoriserEvaluation::default().run(&CategoriserParams::default(), &rows).unwrap();
    assert_eq!((report.n_fitted_on, report.runs.len()), (5234, 5));
    for scores in &report.runs {
        assert_eq!((scores.n_rows, scores.n_unseen), (1309, 407));
        assert!(scores.accuracy >= 0.875, "{scores:?}");
        assert!(scores.unseen_accuracy.unwrap() >= 0.60, "{scores:?}");
        assert!(scores.macro_f1 >= 0.70, "{scores:?}");
        assert!(scores.calibration_error < 0.08 && scores.log_loss.unwrap() < 0.5, "{scores:?}");
    }
    // scikit-learn and pandas count the same for both.
    assert!((report.majority.accuracy - 0.0970).abs() < 5e-5, "{:?}", report.majority);
    assert!((report.lookup.accuracy - 0.7059).abs() < 5e-5, "{:?}", report.lookup);
    assert!((report.lookup.macro_f1 - 0.5845).abs() < 5e-5, "{:?}", report.lookup);
}

fn sure_guesses_are_right_and_the_file_is_small() {
    let (early, late) = labelled().split_by_time(0.8).unwrap();
    let model = CategoriserParams::default().fit(&early).unwrap();
    let guesses = model.predict(&late).unwrap();
    let sure: Vec<bool> = (0..late.n_rows())
        .filter(|row| !guesses[*row].is_unsure())
        .map(|row| model.labels()[guesses[row].label()].as_ref() == late.label(row))
        .collect();
    let right = sure.iter().filter(|right| **right).count();
    assert!(sure.len() * 100 >= guesses.len() * 80, "{} of {} are sure", sure.len(), guesses.len());
    assert!(right * 100 >= sure.len() * 93, "{right} of {} sure guesses are right", sure.len());
    let bytes = model.to_bytes().unwrap();
    assert!(bytes.len() < 1_000_000, "{} bytes", bytes.len());
    assert_eq!(Categoriser::from_bytes(&bytes).unwrap(), model);
}

fn an_export_without_categories_gets_them() {
    let reader = CsvReader::new(Layout::lloyds());
    let plain = reader.read(data::file("moneydata_uncategorised.csv")).unwrap().ledger;
    let truth = reader.read(data::file("moneydata.csv")).unwrap().ledger;
    let model = CategoriserParams::default().fit(&LabelledRows::from_ledger(&truth)).unwrap();
    let rules = UserRules::default();
    let (filled, report) = CategoryFiller::new(&rules).with_model(&model).fill(plain).unwrap();
    assert_eq!((report.n_kept, report.n_by_model + report.n_undecided), (0, 6567));
    // The standard map does not list this one label, a single row.
    assert_eq!(report.unplaced_labels, ["Purchase of uk.eg.org"]);
    let same = |(a, b): (&Category, &Category)| a == b;
    let pairs = || filled.all().categories().iter().zip(truth.all().categories());
    let n_same = pairs().filter(|pair| same(*pair)).count();
    assert!(n_same > 6300, "{n_same} of 6567 rows as in the labelled file");
}
