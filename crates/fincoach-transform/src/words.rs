//! Words of an export that decide what a row means.

/// Whether a field is one of these words; case and spaces around them do not count.
pub(crate) fn is_one_of(field: &str, words: &[String]) -> bool {
    let field = field.trim();
    words.iter().any(|word| is_same(field, word.trim()))
}

fn is_same(a: &str, b: &str) -> bool {
    let lower = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    a.eq_ignore_ascii_case(b) || (!a.is_ascii() && !b.is_ascii() && lower(a) == lower(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_spaces_do_not_count() {
        let words = ["Debit".to_owned(), "Über ".to_owned()];
        assert!(is_one_of(" dEBIT", &words) && is_one_of("über", &words));
        assert!(!is_one_of("", &words) && !is_one_of("debits", &words));
    }
}
