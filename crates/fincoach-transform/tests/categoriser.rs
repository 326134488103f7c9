//! The categoriser keeps the rules of a model, learns what is there to learn, and gives way to the user.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::borrow::Cow;

use fincoach_core::chrono::{Days, NaiveDate};
use fincoach_core::{
    Artifact, Category, Fit, Ledger, Money, Outcome, Predict, Progress, Step, Transaction, rng,
};
use fincoach_testkit as testkit;
use fincoach_transform::{
    Categoriser, CategoriserEvaluation, CategoriserParams, CategoryFiller, CategoryMap, CategoryRule,
    CategorySource, Error, Guess, LabelledRows, TextTest, UserRules,
};
use proptest::prelude::*;

const SHOPS: [(&str, &str, &str); 4] = [
    ("DEB", "FRESH MARKET", "Groceries"),
    ("DEB", "THE TEAPOT CAFE", "Dine Out"),
    ("DD", "CITY ENERGY", "Bills"),
    ("BGC", "ACME PAYROLL", "Paycheck"),
];

/// One booking a day; the label follows from the text, the number in it is noise.
fn ledger(n_rows: usize) -> Ledger {
    let mut rng = rng::stream(3, 0);
    let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    let mut builder = Ledger::builder();
    for row in 0..n_rows {
        let (kind, shop, category) = SHOPS[rng.below(SHOPS.len())];
        let text = format!("{shop} {}", rng.below(1000));
        let size = i64::try_from(100 + rng.below(5000)).unwrap();
        let minor = if kind == "BGC" { size * 50 } else { -size };
        let date = start + Days::new(row as u64);
        let mut booking = Transaction::new("anna", date.into(), Money::from_minor(minor));
        booking.description = &text;
        booking.raw_type = Some(kind);
        booking.raw_category = (row % 7 != 6).then_some(category);
        builder.push(&booking).unwrap();
    }
    builder.finish()
}

fn examples(n_rows: usize) -> LabelledRows {
    LabelledRows::from_ledger(&ledger(n_rows))
}

fn quick() -> CategoriserParams {
    CategoriserParams::default().with_n_epochs(4).with_max_chars(3).with_seed(5)
}

/// Rows that the checks can choose from.
struct Batch(LabelledRows);

impl testkit::Rows for Batch {
    fn n_rows(&self) -> usize {
        self.0.n_rows()
    }

    fn take(&self, rows: &[usize]) -> Self {
        Self(self.0.take(rows).unwrap())
    }
}

impl Predict<Batch> for Stand {
    type Output = Vec<Guess>;
    type Error = Error;

    fn predict(&self, rows: &Batch) -> Result<Vec<Guess>, Error> {
        self.0.predict(&rows.0)
    }
}

struct Stand(Categoriser);

#[test]
fn it_keeps_the_rules_of_a_model() {
    let rows = examples(60);
    let model = testkit::check_refit(&quick(), &rows);
    testkit::check_threads(&quick(), &rows);
    testkit::check_progress(&quick(), &rows);
    let read = testkit::check_round_trip(&model);
    assert_eq!(read.predict(&rows).unwrap(), model.predict(&rows).unwrap());
    testkit::check_rows_independent(&Stand(model), &Batch(rows));
}

#[test]
fn a_damaged_file_is_refused() {
    let rows = examples(5);
    let params = quick().with_min_chars(3).with_n_epochs(1);
    testkit::check_damage::<Categoriser>(&params.fit(&rows).unwrap().to_bytes().unwrap());
    let text = String::from_utf8(params.fit(&rows).unwrap().to_bytes().unwrap()).unwrap();
    for (from, to) in [
        ("\"temperature\":1.0", "\"temperature\":0.0"),
        ("\"min_chars\":3", "\"min_chars\":4"),
        ("\"bias\":[", "\"bias\":[1,"),
        ("\"weights\":[", "\"weights\":[1,"),
        ("\"weights\":[", "\"weights\":[9000000,"),
        ("\"labels\":[", "\"labels\":[\"~\","),
        ("\"unsure_below\":0.5", "\"unsure_below\":1.5"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(Categoriser::from_bytes(text.replace(from, to).as_bytes()).is_err(), "{to}");
    }
}

#[test]
fn parameters_are_saved_and_checked() {
    testkit::check_params(&quick().with_l2(0.01));
    testkit::check_params(&CategoriserEvaluation::default().with_n_seeds(2));
    let rows = examples(30);
    let fine = CategoriserParams::default;
    testkit::check_refused(
        &[
            fine().with_min_chars(0),
            fine().with_min_chars(5),
            fine().with_max_chars(13),
            fine().with_l2(f64::NAN),
            fine().with_n_epochs(0),
            fine().with_learning_rate(0.0),
            fine().with_learning_rate(f64::NAN),
            fine().with_calibration_share(0.6),
            fine().with_unsure_below(f64::NAN),
        ],
        &rows,
    );
    let none = rows.take(&[]).unwrap();
    assert_eq!(fine().fit(&none).unwrap_err().to_string(), "no labelled rows");
    assert!(rows.take(&[rows.n_rows()]).is_err());
    let evaluation = CategoriserEvaluation::default;
    assert!(evaluation().with_train_share(f64::NAN).run(&quick(), &rows).is_err());
    assert!(evaluation().with_n_seeds(0).run(&quick(), &rows).is_err());
}

#[test]
fn it_learns_what_the_texts_tell_and_beats_its_baselines() {
    let evaluation = CategoriserEvaluation::default().with_n_seeds(2);
    let report = evaluation.run(&CategoriserParams::default(), &examples(300)).unwrap();
    let scores = &report.runs[0];
    assert!(scores.accuracy > 0.98 && scores.macro_f1 > 0.98, "{scores:?}");
    assert!(report.majority.accuracy < 0.5 && report.lookup.accuracy < 0.6, "{report:?}");
    assert!(scores.n_unseen > 20 && scores.unseen_accuracy.unwrap() > 0.98);
    assert!(scores.log_loss.unwrap() < 0.2 && scores.n_unknown_labels == 0);
}

#[test]
fn the_amount_and_the_type_tell_what_the_text_does_not() {
    let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    let mut builder = Ledger::builder();
    for day in 0..80_u64 {
        let (minor, category) = [(-300, "Coffee"), (-90_000, "Rent"), (90_000, "Pay")][(day % 3) as usize];
        let mut row = Transaction::new("anna", (start + Days::new(day)).into(), Money::from_minor(minor));
        (row.description, row.raw_category) = ("TRANSFER", Some(category));
        builder.push(&row).unwrap();
    }
    let rows = LabelledRows::from_ledger(&builder.finish());
    let report = CategoriserEvaluation::default().with_n_seeds(1).run(&CategoriserParams::default(), &rows);
    assert_eq!(report.unwrap().runs[0].accuracy, 1.0);
}

#[test]
fn a_ledger_and_its_rows_are_answered_alike() {
    let ledger = ledger(90);
    let all = LabelledRows::labelled_by(&ledger, |_| Some(Cow::Borrowed("any")));
    let model = quick().fit(&examples(60)).unwrap();
    let of_ledger = model.predict(&ledger).unwrap();
    assert_eq!(of_ledger, model.predict(&all).unwrap());
    assert_eq!(of_ledger[40..50], model.predict(&ledger.all().slice(40..50)).unwrap());
    let sums = model.probabilities(&all);
    assert!(sums.iter().all(|row| (row.iter().sum::<f64>() - 1.0).abs() < 1e-12));
}

#[test]
fn rows_of_all_users_are_split_by_time() {
    let day = |day| NaiveDate::from_ymd_opt(2024, 1, day).unwrap().into();
    let mut builder = Ledger::builder();
    for (user, at, text) in
        [("ben", 2, "second"), ("anna", 3, "third"), ("ben", 4, "fourth"), ("anna", 1, "first")]
    {
        let mut row = Transaction::new(user, day(at), Money::from_minor(-1));
        (row.description, row.raw_category) = (text, Some(" a  b "));
        builder.push(&row).unwrap();
    }
    let rows = LabelledRows::from_ledger(&builder.finish());
    assert_eq!(rows.labels(), ["a b"]);
    let (early, late) = rows.split_by_time(0.75).unwrap();
    let texts =
        |rows: &LabelledRows| (0..rows.n_rows()).map(|row| rows.description(row).to_owned()).collect();
    let (early, late): (Vec<String>, Vec<String>) = (texts(&early), texts(&late));
    assert_eq!((early.join(" "), late.join(" ")), ("first second third".to_owned(), "fourth".to_owned()));
    assert!(rows.split_by_time(0.0).is_err() && rows.split_by_time(f64::NAN).is_err());
}

#[test]
fn a_stopped_fit_says_so_and_still_answers() {
    let rows = examples(60);
    let mut stop = |step: &Step<'_>| {
        if step.stage == "categoriser" && step.done == 2 {
            fincoach_core::Control::Stop
        } else {
            fincoach_core::Control::Continue
        }
    };
    let model = quick().fit_with(&rows, &mut stop as &mut dyn Progress).unwrap();
    assert_eq!((model.report().outcome(), model.report().n_steps()), (Outcome::Stopped, 2));
    assert_eq!(model.predict(&rows).unwrap().len(), rows.n_rows());
    let whole = quick().fit(&rows).unwrap();
    let losses = whole.report().curve("loss").unwrap();
    assert!(losses.len() == 4 && losses[3] < losses[0] / 2.0, "{losses:?}");
}

#[test]
fn one_label_and_one_row_are_enough() {
    let one = examples(30).take(&[0]).unwrap();
    let model = CategoriserParams::default().fit(&one).unwrap();
    assert_eq!(model.temperature(), 1.0);
    let guess = model.predict(&one).unwrap()[0];
    assert_eq!((guess.label(), guess.probability(), guess.choices().len()), (0, 1.0, 1));
}

#[test]
fn rules_win_over_the_model_and_exported_categories_over_both() {
    let ledger = ledger(70);
    let model = CategoriserParams::default().fit(&LabelledRows::from_ledger(&ledger)).unwrap();
    let rule = |text: &str, category| CategoryRule::new(TextTest::Contains(text.to_owned()), category);
    let rules =
        UserRules::new(vec![rule("energy", Category::Health), rule("nowhere", Category::Fitness)]).unwrap();
    let (filled, report) = CategoryFiller::new(&rules).with_model(&model).fill(ledger.clone()).unwrap();
    assert_eq!((report.n_kept, report.sources.len()), (60, 70));
    assert_eq!(report.n_by_rule.iter().sum::<usize>() + report.n_by_model + report.n_undecided, 10);
    assert!(report.n_by_rule[0] > 0 && report.n_by_rule[1] == 0 && report.n_by_model > 0, "{report:?}");
    for (row, source) in filled.all().iter().zip(&report.sources) {
        match source {
            CategorySource::Kept => assert!(row.raw_category.is_some()),
            CategorySource::Rule(0) => assert_eq!(row.category, Category::Health),
            CategorySource::Model if row.description.starts_with("FRESH") => {
                assert_eq!(row.category, Category::Groceries);
            }
            CategorySource::Model if row.description.starts_with("ACME") => {
                assert_eq!(row.category, Category::Income);
            }
            _ => {}
        }
    }
    let never = model.with_unsure_below(1.0).unwrap();
    let none = UserRules::default();
    let (filled, report) = CategoryFiller::new(&none).with_model(&never).fill(ledger).unwrap();
    assert_eq!((report.n_undecided, report.n_by_model), (10, 0));
    assert!(
        filled
            .all()
            .iter()
            .zip(&report.sources)
            .all(|(row, source)| { *source == CategorySource::Kept || row.category == Category::Other })
    );
}

#[test]
fn labels_that_the_map_does_not_list_are_told() {
    let ledger = ledger(40);
    let model = quick().fit(&LabelledRows::from_ledger(&ledger)).unwrap();
    let rules = UserRules::default();
    let map = CategoryMap::new(fincoach_transform::Matching::Folded).with_category("bills", Category::Bills);
    let filler = CategoryFiller::new(&rules).with_model(&model).with_map(map);
    assert_eq!(filler.fill(ledger).unwrap().1.unplaced_labels, ["Dine Out", "Groceries", "Paycheck"]);
}

#[test]
fn the_stored_file_of_format_1_is_read() {
    let stored = include_bytes!("artifacts/categoriser-1.json");
    let model: Categoriser = testkit::check_stored(stored);
    let today = quick().fit(&examples(20)).unwrap();
    assert_eq!(model.labels(), today.labels());
    let (before, now) = (model.probabilities(&examples(20)), today.probabilities(&examples(20)));
    for (a, b) in before.iter().flatten().zip(now.iter().flatten()) {
        assert!((a - b).abs() < 0.02, "{a} {b}");
    }
}

/// Writes the stored file anew; run by name when the format changes, under a new number.
#[test]
#[ignore = "writes tests/artifacts"]
fn write_artifact() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/artifacts/categoriser-1.json");
    quick().fit(&examples(20)).unwrap().save(path).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_text_amount_and_type_is_answered(text in "\\PC{0,30}", kind in "\\PC{0,4}", minor in any::<i64>()) {
        let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        let mut builder = Ledger::builder();
        for label in ["a", "b"] {
            let mut row = Transaction::new("anna", start.into(), Money::from_minor(minor));
            (row.description, row.raw_type, row.raw_category) = (text.as_str(), Some(kind.as_str()), Some(label));
            builder.push(&row).unwrap();
        }
        let rows = LabelledRows::from_ledger(&builder.finish());
        let model = quick().fit(&rows).unwrap();
        let read = Categoriser::from_bytes(&model.to_bytes().unwrap()).unwrap();
        for row in read.probabilities(&rows) {
            prop_assert!(row.iter().all(|p| (0.0..=1.0).contains(p)));
        }
    }
}
