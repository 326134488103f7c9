//! What of a booking tells its category: named clues with a weight each.

use fincoach_core::chrono::Datelike;
use fincoach_core::{Money, Transaction};

/// How strongly each kind of clue enters, chosen on the validation part of the real export.
const WORD: f64 = 1.0;
const CHARS: f64 = 3.0;
const SHAPE: f64 = 0.3;
const TYPE: f64 = 1.5;
const SIGN: f64 = 1.0;
const AMOUNT: f64 = 0.5;
const WEEKDAY: f64 = 0.3;

/// What is known of a booking besides its text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Context {
    pub(super) raw_type: Box<str>,
    pub(super) surroundings: Surroundings,
}

/// Sign, size and day: few enough values to be scored once each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Surroundings {
    pub(super) flow: Flow,
    /// `⌊log₂(100 · |amount| in major units + 1)⌋`, 0 to 63.
    pub(super) magnitude: u8,
    /// 0 for Monday to 6.
    pub(super) weekday: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    In,
    Out,
}

impl Flow {
    pub(super) const fn sign(self) -> char {
        match self {
            Self::In => '+',
            Self::Out => '-',
        }
    }
}

impl Surroundings {
    pub(super) const N_MAGNITUDES: usize = 64;

    pub(super) fn of(row: &Transaction<'_>, minor_per_major: f64) -> Self {
        let flow = if row.amount > Money::ZERO { Flow::In } else { Flow::Out };
        let weekday = row.time.weekday().num_days_from_monday();
        Self {
            flow,
            magnitude: magnitude(row.amount, minor_per_major),
            weekday: u8::try_from(weekday).unwrap_or(0),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a logarithm of at most 70, clamped before the cast; a size class needs no exact number"
)]
fn magnitude(amount: Money, minor_per_major: f64) -> u8 {
    let hundredths = amount.minor().unsigned_abs() as f64 * (100.0 / minor_per_major);
    (hundredths + 1.0).log2().floor().clamp(0.0, 63.0) as u8
}

/// The lengths of runs of characters that are clues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lengths {
    pub(super) min_chars: usize,
    pub(super) max_chars: usize,
}

/// The clues of a description: words, runs of characters within a word, and its shape.
///
/// A clue may come more than once; its values add up.
pub(super) fn text_clues(description: &str, lengths: Lengths, visit: &mut dyn FnMut(&str, f64)) {
    let words = words(description);
    let mut key = String::new();
    let mut tell = |kind: &str, text: &[char], value: f64| {
        key.clear();
        key.push_str(kind);
        key.extend(text);
        visit(&key, value);
    };
    for word in &words {
        tell("w:", inner(word), WORD / (root(words.len())));
    }
    let runs =
        || words.iter().flat_map(|word| (lengths.min_chars..=lengths.max_chars).map(move |n| (word, n)));
    let n_runs: usize = runs().map(|(word, n)| (word.len() + 1).saturating_sub(n)).sum();
    for (word, n) in runs() {
        for run in word.windows(n) {
            tell("c:", run, CHARS / root(n_runs));
        }
    }
    for (kind, value) in shape(description, words.len()) {
        tell(kind, &value.chars().collect::<Vec<char>>(), SHAPE);
    }
}

/// The clue of the type code with the sign.
pub(super) fn kind_clues(raw_type: &str, flow: Flow, visit: &mut dyn FnMut(&str, f64)) {
    visit(&format!("t:{raw_type}{}", flow.sign()), TYPE);
    visit(&format!("s:{}", flow.sign()), SIGN);
}

/// The clue of the size of the amount.
pub(super) fn amount_clues(surroundings: Surroundings, visit: &mut dyn FnMut(&str, f64)) {
    visit(&format!("a:{}{}", surroundings.flow.sign(), surroundings.magnitude), AMOUNT);
}

/// The clue of the day of the week.
pub(super) fn weekday_clues(weekday: u8, visit: &mut dyn FnMut(&str, f64)) {
    visit(&format!("d:{weekday}"), WEEKDAY);
}

/// Runs of letters and runs of digits in small letters, each between `<` and `>`.
fn words(text: &str) -> Vec<Vec<char>> {
    let mut words: Vec<Vec<char>> = Vec::new();
    let mut last = Kind::Mark;
    for character in text.chars() {
        let kind = Kind::of(character);
        if kind != Kind::Mark {
            if kind != last {
                words.push(vec!['<']);
            }
            if let Some(word) = words.last_mut() {
                word.extend(character.to_lowercase());
            }
        }
        last = kind;
    }
    words.iter_mut().for_each(|word| word.push('>'));
    words
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    Digit,
    Mark,
}

impl Kind {
    fn of(character: char) -> Self {
        if character.is_alphabetic() {
            Self::Letter
        } else if character.is_numeric() {
            Self::Digit
        } else {
            Self::Mark
        }
    }
}

/// A word without its brackets.
fn inner(word: &[char]) -> &[char] {
    word.get(1..word.len().saturating_sub(1)).unwrap_or_default()
}

/// Number of words, length, case, the first telling mark, and whether there is a digit.
fn shape(text: &str, n_words: usize) -> [(&'static str, String); 5] {
    let case = match (text.chars().any(char::is_lowercase), text.chars().any(char::is_uppercase)) {
        (false, _) => "U",
        (true, false) => "l",
        (true, true) => "M",
    };
    let mark = ['*', '.', '\''].into_iter().find(|mark| text.contains(*mark));
    let digit = if text.chars().any(|character| character.is_ascii_digit()) { "1" } else { "0" };
    [
        ("n:", n_words.to_string()),
        ("l:", (text.chars().count() / 3).min(6).to_string()),
        ("k:", case.to_owned()),
        ("p:", mark.map_or_else(String::new, String::from)),
        ("9:", digit.to_owned()),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "a count of characters")]
fn root(n: usize) -> f64 {
    (n.max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clues(text: &str) -> Vec<(String, f64)> {
        let mut clues = Vec::new();
        text_clues(text, Lengths { min_chars: 3, max_chars: 4 }, &mut |key, value| {
            clues.push((key.to_owned(), value));
        });
        clues
    }

    #[test]
    fn the_clues_of_two_short_words_by_hand() {
        let clues = clues("KFC *7");
        let names: Vec<&str> = clues.iter().map(|(key, _)| key.as_str()).collect();
        let expected = [
            "w:kfc", "w:7", "c:<kf", "c:kfc", "c:fc>", "c:<kfc", "c:kfc>", "c:<7>", "n:2", "l:2", "k:U",
            "p:*", "9:1",
        ];
        assert_eq!(names, expected);
        assert_eq!(clues[0].1, 1.0 / 2.0_f64.sqrt());
        assert_eq!(clues[2].1, 3.0 / 6.0_f64.sqrt());
        assert_eq!(clues[8].1, 0.3);
    }

    #[test]
    fn an_empty_text_has_a_shape_only() {
        assert!(clues("").iter().all(|(key, _)| !key.starts_with("w:") && !key.starts_with("c:")));
        assert!(clues("--").iter().all(|(key, _)| !key.starts_with("w:") && !key.starts_with("c:")));
    }

    #[test]
    fn the_size_of_an_amount_doubles_from_class_to_class() {
        let of = |minor| magnitude(Money::from_minor(minor), 100.0);
        assert_eq!([0, 1, 2, 3, 7, 1023, -1024].map(of), [0, 1, 1, 2, 3, 10, 10]);
        assert_eq!(magnitude(Money::from_minor(15), 1.0), of(1500));
        assert_eq!(of(i64::MIN), 63);
    }
}
