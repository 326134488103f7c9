//! The layout of the real export, found without being told.

use fincoach::transform::{CsvReader, DateOrder, Layout, Question, detect, detect_from};

use super::data;

pub(crate) const TESTS: super::Tests = &[
    (
        "both forms of the real file are found to be of lloyds",
        both_forms_of_the_real_file_are_found_to_be_of_lloyds,
    ),
    ("the real rows of days up to twelve are a question", the_real_rows_of_days_up_to_twelve_are_a_question),
];

fn both_forms_of_the_real_file_are_found_to_be_of_lloyds() {
    for file in ["moneydata.csv", "moneydata_uncategorised.csv"] {
        let detection = detect(data::file(file)).unwrap();
        assert_eq!(detection.preset(), Some("lloyds"), "{detection}");
        assert!(detection.questions().is_empty(), "{detection}");
        let found = CsvReader::new(detection.layout().unwrap().clone()).read(data::file(file)).unwrap();
        let told = CsvReader::new(Layout::lloyds()).read(data::file(file)).unwrap();
        assert_eq!(found, told);
        let chain = |text: &str| text.contains("holds for 100.0 % of 6566 steps, newest first");
        assert!(detection.reasons().iter().any(|reason| chain(&reason.text)), "{detection}");
    }
}

fn the_real_rows_of_days_up_to_twelve_are_a_question() {
    let text = std::fs::read_to_string(data::file("moneydata_uncategorised.csv")).unwrap();
    let early =
        |line: &&str| line.get(..2).and_then(|day| day.parse::<u32>().ok()).is_none_or(|day| day <= 12);
    let text: String = text.lines().filter(early).map(|line| format!("{line}\n")).collect();
    let detection = detect_from(text.as_bytes(), "early days").unwrap();
    assert!(matches!(detection.questions(), [Question::DateOrder { .. }]), "{detection}");
    assert!(detection.layout().is_err());
    let detection = detection.answer(DateOrder::DayMonthYear).unwrap();
    assert_eq!(detection.layout().unwrap(), &Layout::lloyds());
}
