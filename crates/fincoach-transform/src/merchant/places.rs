//! Cities, countries and legal forms at the end of a description.

use super::builtin::STATES;
use super::words::letters;

/// Words that name no merchant by themselves: `HOTEL PRAGUE` is not the merchant `HOTEL`.
const GENERIC: [&str; 34] = [
    "UNIVERSITY",
    "UNIV",
    "UNI",
    "CITY",
    "COUNCIL",
    "BANK",
    "HOTEL",
    "HOSTEL",
    "AIRPORT",
    "CAFE",
    "RESTAURANT",
    "BAR",
    "PUB",
    "TAXI",
    "TAXIS",
    "PARKING",
    "MARKET",
    "STATION",
    "THE",
    "RAIL",
    "LNK",
    "LOYD",
    "CASH",
    "ATM",
    "COFFEE",
    "SHOP",
    "STORE",
    "MUSEUM",
    "CINEMA",
    "THEATRE",
    "BAKERY",
    "PHARMACY",
    "CC",
    "VISIT",
];

/// Words that belong to the place behind them: `UNIV OF NOTTINGHAM`.
const JOINING: [&str; 16] =
    ["OF", "THE", "IN", "AT", "AND", "&", "DE", "LA", "LE", "DI", "DA", "VON", "ZU", "ST", "SAINT", "NEW"];

/// Whether what is left names a merchant.
pub(super) fn stands_alone(head: &[String]) -> bool {
    let joined = head.last().is_some_and(|word| JOINING.contains(&word.as_str()));
    let named = head.iter().any(|word| !GENERIC.contains(&word.as_str()));
    let size = head.iter().flat_map(|word| word.chars()).filter(|c| c.is_alphanumeric() || *c == '&').count();
    !joined && named && size >= 3 && head.iter().any(|word| letters(word) > 0)
}

/// Takes one of `names` off the end. A name may be of several words.
pub(super) fn drop_last(words: &mut Vec<String>, names: &[String]) {
    let start = (1..words.len()).find(|start| names.contains(&words[*start..].join(" ")));
    if let Some(start) = start.filter(|start| stands_alone(&words[..*start])) {
        words.truncate(start);
    }
}

/// Takes the city of the row off the end, also where the bank has cut its name to three letters or more. Of a city
/// like `London/Birmingham` either name counts.
pub(super) fn drop_city(words: &mut Vec<String>, city: &str) {
    for name in city.split('/').map(|name| name.trim().to_uppercase()) {
        let fits = |start: &usize| {
            let tail = words[*start..].join(" ");
            letters(&tail) >= 3 && name.starts_with(&tail)
        };
        let start = (1..words.len()).find(fits);
        if let Some(start) = start.filter(|start| stands_alone(&words[..*start])) {
            words.truncate(start);
        }
    }
}

/// Takes a state of the USA off the end, where a place stands before it.
pub(super) fn drop_state(words: &mut Vec<String>, places: &[String], city: Option<&str>) {
    let Some((last, head)) = words.split_last() else { return };
    if !STATES.contains(&last.as_str()) {
        return;
    }
    let mut shorter = head.to_vec();
    drop_last(&mut shorter, places);
    if let Some(city) = city {
        drop_city(&mut shorter, city);
    }
    if shorter.len() < head.len() {
        words.pop();
    }
}

/// Takes a legal form off the end; dots within it do not count (`S.P.A.`).
pub(super) fn drop_legal_form(words: &mut Vec<String>, forms: &[String]) {
    let Some((last, head)) = words.split_last() else { return };
    let bare: String = last.chars().filter(|c| !matches!(c, '.' | '(' | ')' | ',')).collect();
    if forms.contains(&bare) && head.iter().any(|word| letters(word) > 0) {
        words.pop();
    }
}
