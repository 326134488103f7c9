//! What a word of a description is: a date, a card, a store number, a code, a web address.

/// In capitals, with single spaces, and none around a star.
pub(super) fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !(tidied.is_empty() || tidied.ends_with('*') || word.starts_with('*')) {
            tidied.push(' ');
        }
        tidied.extend(word.chars().flat_map(char::to_uppercase));
    }
    tidied
}

/// How many letters there are.
pub(super) fn letters(text: &str) -> usize {
    text.chars().filter(|letter| letter.is_alphabetic()).count()
}

fn digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && digits(text) == text.len()
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// `12/03`, `12.03.2022`, `2022-03-12`, `12MAR`, `02APR22`, `14:32`.
pub(super) fn is_date(word: &str) -> bool {
    let word = word.trim_matches([',', '(', ')']);
    ['/', '.', '-', ':'].into_iter().any(|mark| is_parted(word, mark)) || is_day_and_month(word)
}

fn is_parted(word: &str, mark: char) -> bool {
    let parts: Vec<&str> = word.split(mark).collect();
    let short = |part: &&str| all_digits(part) && part.len() <= 2;
    let fits = parts.iter().all(|part| all_digits(part) && matches!(part.len(), 1 | 2 | 4));
    match mark {
        ':' => (parts.len() == 2 || parts.len() == 3) && parts.iter().all(short),
        '/' => fits && (parts.len() == 3 || parts.len() == 2 && parts.iter().all(short)),
        _ => fits && parts.len() == 3,
    }
}

fn is_day_and_month(word: &str) -> bool {
    let day = word.bytes().take_while(u8::is_ascii_digit).count();
    let Some((day, rest)) = word.split_at_checked(day) else { return false };
    let Some((month, year)) = rest.split_at_checked(3) else { return false };
    matches!(day.len(), 1 | 2)
        && MONTHS.contains(&month)
        && (year.is_empty() || all_digits(year) && year.len() <= 4)
}

/// Whether the word is the name of a month, in its three letters.
pub(super) fn is_month(word: &str) -> bool {
    MONTHS.contains(&word)
}

/// Whether the word is one or two digits.
pub(super) fn is_day(word: &str) -> bool {
    all_digits(word) && word.len() <= 2
}

/// `XX1234`, `****1234`: a card with all but its last digits hidden.
pub(super) fn is_masked_card(word: &str) -> bool {
    let shown = word.trim_start_matches(['X', '*', '.']);
    shown.len() < word.len() && shown.len() >= 3 && all_digits(shown)
}

/// `1234` or `XX1234`, as it stands behind `CARD`.
pub(super) fn is_card_number(word: &str) -> bool {
    is_masked_card(word) || all_digits(word) && word.len() >= 3
}

/// `#12`, `#0677`, `3051`, `300/8`, `-1207`: a number of three digits, or one behind a hash.
pub(super) fn is_store_number(word: &str) -> bool {
    let hashed = word.strip_prefix('#');
    let bare = hashed.unwrap_or(word);
    let numeric =
        !bare.is_empty() && bare.chars().all(|c| c.is_ascii_digit() || matches!(c, '/' | '-' | '.'));
    numeric && (digits(bare) >= 3 || hashed.is_some() && digits(bare) > 0)
}

/// A number that a machine made: letters and digits mixed, four signs or more, not a name with a number behind
/// (`TRADING212`).
pub(super) fn is_code(word: &str) -> bool {
    let n_letters = word.chars().take_while(|letter| letter.is_alphabetic()).count();
    let n_digits = digits(word);
    let named = n_letters >= 4 && n_digits <= 3;
    let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '_'));
    plain && word.len() >= 4 && n_digits > 0 && !named && !is_ordinal(word)
}

fn is_ordinal(word: &str) -> bool {
    ["ST", "ND", "RD", "TH"].iter().any(|end| word.strip_suffix(end).is_some_and(all_digits))
}

/// `INN4401262` without its number; the word itself where it is none such.
pub(super) fn without_stuck_number(word: &str) -> &str {
    let name = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let long = word.len() - name.len() >= 4;
    if long && letters(name) >= 3 && name.chars().all(char::is_alphabetic) { name } else { word }
}

const DOMAINS: [&str; 22] = [
    ".CO.UK", ".ORG.UK", ".AC.UK", ".COM", ".NET", ".ORG", ".DE", ".FR", ".IE", ".EU", ".IO", ".ES", ".IT",
    ".NL", ".AT", ".CH", ".BE", ".PL", ".UK", ".APP", ".SHOP", ".CO",
];

/// Ends of a web address that a bank has cut off.
const CUT_DOMAINS: [&str; 8] = [".CO.U", ".CO.", ".COM.", ".CO", ".C", ".OR", ".NE", "."];

/// `WWW.ETSY.COM/BILL` as `ETSY`; a word that is no web address as it is.
pub(super) fn without_address(word: &str) -> &str {
    let bare = word.strip_prefix("HTTPS://").or_else(|| word.strip_prefix("HTTP://")).unwrap_or(word);
    let site = bare.strip_prefix("WWW.").unwrap_or(bare);
    let host = site.split('/').next().unwrap_or(site);
    let ends: &[&str] = if site.len() < bare.len() { &CUT_DOMAINS } else { &[] };
    let name = DOMAINS.iter().chain(ends).find_map(|end| host.strip_suffix(end));
    let name = name.or_else(|| (site.len() < word.len()).then_some(host)).unwrap_or(word);
    // `S.P.A.` and `A.CO` are no addresses.
    if letters(name) >= 3 { name } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart() {
        for date in ["12/03", "12/03/22", "12.03.2022", "2022-03-12", "02APR22", "12MAR", "14:32", "9:05:11"]
        {
            assert!(is_date(date), "{date}");
        }
        for word in ["31K", "24/7/365X", "1.5", "A1", "12", "MAY", "200", "3-1"] {
            assert!(!is_date(word), "{word}");
        }
        for code in ["HM9YBKEXN", "PNET3444685-1", "W1185123616", "00A1"] {
            assert!(is_code(code), "{code}");
        }
        for word in ["TRADING212UK", "CLOUD9", "13TH", "O2", "T4", "H&M5", "LIDL"] {
            assert!(!is_code(word), "{word}");
        }
        assert!(is_store_number("#12") && is_store_number("3051") && is_store_number("300/8"));
        assert!(!is_store_number("12") && !is_store_number("#") && !is_store_number("#1A"));
        assert!(is_masked_card("XX1234") && is_masked_card("****4921") && !is_masked_card("XXL"));
        assert_eq!(without_stuck_number("INN4401262"), "INN");
        assert_eq!(without_stuck_number("TRADING212"), "TRADING212");
    }

    #[test]
    fn addresses_lose_their_ends() {
        for (word, name) in [
            ("WWW.ETSY.COM", "ETSY"),
            ("SKYPE.COM/GO/BILL", "SKYPE"),
            ("HTTPS://SHOP.DE/X", "SHOP"),
            ("WWW.GOODENERGY.CO.", "GOODENERGY"),
            ("WWW.DOUGHNOTTSOFFI", "DOUGHNOTTSOFFI"),
            ("S.P.A.", "S.P.A."),
            ("S/MKTS", "S/MKTS"),
            ("LIDL", "LIDL"),
        ] {
            assert_eq!(without_address(word), name, "{word}");
        }
    }

    #[test]
    fn tidying_twice_is_tidying_once() {
        for text in ["  Uber   *Trip ", "straße", "a * b", "**x", ""] {
            assert_eq!(tidy(&tidy(text)), tidy(text));
        }
        assert_eq!(tidy("Uber  *  trip help"), "UBER*TRIP HELP");
    }
}
