//! What makes a segment what it is, in words.

/// One reason: the median of a segment in a column beside the median of everyone.
pub(crate) fn describe(column: &str, segment: f64, everyone: f64) -> String {
    match column {
        "savings_rate" | "saving_rate" => savings_rate(segment),
        "put_aside_rate" => format!("puts {} of its income aside", percent(segment)),
        "impulse_buying_score" => {
            // On dates without a time of day the score counts bookings of one day, so an hour is not claimed.
            format!("makes {} of its bookings right after another", percent(segment))
        }
        "savings_consistency" => format!("{} of its bookings go to savings", percent(segment)),
        "large_transaction_ratio" => format!("{} of its outgoings are large ones", percent(segment)),
        "transaction_count" => against("bookings", segment, everyone),
        "total_spending" | "spending" => match times(segment, everyone) {
            Some(times) => format!("spends {times} the median"),
            None => against("total spending", segment, everyone),
        },
        _ => on_category(column, segment, everyone),
    }
}

fn on_category(column: &str, segment: f64, everyone: f64) -> String {
    let words = column.replace('_', " ");
    match (words.strip_suffix(" spending"), times(segment, everyone)) {
        (Some(category), Some(times)) => format!("spends {times} the median on {category}"),
        _ => against(&words, segment, everyone),
    }
}

fn savings_rate(rate: f64) -> String {
    if rate >= 0.0 {
        format!("saves {} of income", percent(rate))
    } else if rate >= -1.0 {
        format!("spends {} more than its income", percent(-rate))
    } else {
        "spends more than twice its income".to_owned()
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// "0.6 of" or "1.6 times"; nothing where the median of everyone is no yardstick.
fn times(segment: f64, everyone: f64) -> Option<String> {
    let ratio = segment / everyone;
    if everyone <= 0.0 || !(0.0..=100.0).contains(&ratio) {
        return None;
    }
    Some(if ratio < 1.0 { format!("{ratio:.2} of") } else { format!("{ratio:.1} times") })
}

fn against(words: &str, segment: f64, everyone: f64) -> String {
    format!("{words} {} against a median of {}", number(segment), number(everyone))
}

/// Three digits or so: few enough to read, enough to compare.
fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 1e7 => format!("{value:.2e}"),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.01 || size <= 0.0 => format!("{value:.2}"),
        _ => format!("{value:.1e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_read_like_sentences() {
        assert_eq!(describe("savings_rate", 0.24, 0.1), "saves 24 % of income");
        assert_eq!(describe("savings_rate", -0.2, 0.1), "spends 20 % more than its income");
        assert_eq!(describe("savings_rate", -3000.0, 0.1), "spends more than twice its income");
        assert_eq!(describe("total_spending", 600.0, 1000.0), "spends 0.60 of the median");
        assert_eq!(describe("shopping_spending", 300.0, 100.0), "spends 3.0 times the median on shopping");
        assert_eq!(
            describe("shopping_spending", 30.0, 0.0),
            "shopping spending 30.0 against a median of 0.00"
        );
        assert_eq!(
            describe("emergency_fund_ratio", 2.345, 0.5),
            "emergency fund ratio 2.35 against a median of 0.50"
        );
    }
}
