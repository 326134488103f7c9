//! Any bytes as an unknown export: what is proposed can be written down, and reads or is doubted.
#![no_main]

use fincoach_fuzz::{check_csv, check_error};
use fincoach_transform::{CsvReader, DateOrder, Detection, Layout, Question, SignReading, Topic, detect_from};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match detect_from(data, "fuzz") {
        Ok(detection) => check(detection, data),
        Err(error) => check_error(&error),
    }
});

fn check(mut detection: Detection, data: &[u8]) {
    assert!(!detection.to_string().is_empty());
    for _ in 0..3 {
        let Some(question) = detection.questions().first().cloned() else { break };
        assert!(detection.layout().is_err(), "there is no layout while a question is open");
        detection = match question {
            Question::DateOrder { formats, .. } => {
                assert!(formats.len() > 1, "a question has several answers");
                detection.answer(formats.first().map_or(DateOrder::YearMonthDay, |format| format.order()))
            }
            Question::DecimalMark { marks, .. } => detection.answer(marks[0]),
            _ => detection.answer(SignReading::AsWritten),
        }
        .expect("what was detected once is detected again");
    }
    assert!(detection.questions().is_empty(), "every question can be answered: {detection}");
    let Ok(layout) = detection.layout() else { return };
    layout.check().expect("the layout is one");
    let text = layout.to_toml().expect("the layout can be written");
    assert_eq!(&Layout::from_toml(&text).expect("and read"), layout);
    if CsvReader::new(layout.clone()).read_from(data, "fuzz").is_err() {
        let doubted = detection.doubts().iter().any(|doubt| doubt.topic == Topic::Sample);
        assert!(doubted, "a layout that does not read the file is doubted: {detection}");
    }
    check_csv(layout, data);
}
