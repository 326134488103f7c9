//! Names in files, positions in columns and texts in code agree.
#![allow(clippy::unwrap_used, reason = "a test ends where something fails")]

use fincoach_core::{Action, Category, DataError, Direction, FitReport, Money, Outcome, TimePrecision};

#[test]
fn categories_are_read_as_they_are_written() {
    for (index, category) in Category::ALL.into_iter().enumerate() {
        assert_eq!(category.index(), index);
        assert_eq!(category.to_string().parse::<Category>().unwrap(), category);
        assert_eq!(serde_json::to_value(category).unwrap(), category.name());
    }
    let error = "grocery".parse::<Category>().unwrap_err();
    assert_eq!(error.to_string(), "no category `grocery`; did you mean `groceries`?");
}

#[test]
fn actions_are_read_as_they_are_written() {
    for (index, action) in Action::ALL.into_iter().enumerate() {
        assert_eq!((action.index(), Action::from_index(index)), (index, Some(action)));
        assert_eq!(action.to_string().parse::<Action>().unwrap(), action);
        assert_eq!(serde_json::to_value(action).unwrap(), action.name());
    }
    assert_eq!(Action::from_index(5), None);
    assert!(matches!("nudge".parse::<Action>(), Err(DataError::UnknownName { what: "action", .. })));
}

#[test]
fn directions_and_precisions_have_stable_names() {
    for direction in [Direction::Debit, Direction::Credit, Direction::Other] {
        assert_eq!(serde_json::to_value(direction).unwrap(), direction.name());
    }
    assert_eq!(serde_json::to_value(TimePrecision::Second).unwrap(), "second");
}

#[test]
fn reports_of_fits_survive_files_and_refuse_what_they_do_not_know() {
    let report =
        FitReport::new(Outcome::MaxIter).with_curve("loss", vec![3.0, 0.1]).with_curve("td", vec![1.0]);
    let text = serde_json::to_string(&report).unwrap();
    assert!(text.contains("\"max_iter\""), "{text}");
    assert_eq!(serde_json::from_str::<FitReport>(&text).unwrap(), report);
    assert_eq!((report.n_steps(), report.curve("none")), (2, None));
    assert!(serde_json::from_str::<FitReport>(&text.replace("outcome", "ending")).is_err());
    // NaN would be written as null; null is not read as a number.
    assert!(serde_json::from_str::<FitReport>(&text.replace("3.0", "null")).is_err());
}

#[test]
fn money_beyond_its_range_saturates() {
    let most = Money::from_minor(i64::MAX);
    assert_eq!(most + Money::from_minor(1), most);
    assert_eq!(most.checked_add(Money::from_minor(1)), None);
    assert_eq!(-Money::from_minor(i64::MIN), most);
    assert_eq!(Money::from_minor(i64::MIN).abs(), most);
    assert_eq!(Money::from_minor(i64::MIN).to_string(), "-92233720368547758.08");
}
