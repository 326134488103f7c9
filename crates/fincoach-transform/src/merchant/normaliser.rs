//! From a description to the merchant behind it.

use fincoach_core::{Ledger, Symbol};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::alias::{AliasIndex, MerchantAlias};
use super::places::{drop_city, drop_last, drop_legal_form, drop_state, stands_alone};
use super::rules::Rules;
use super::words::{
    is_card_number, is_code, is_date, is_day, is_masked_card, is_month, is_store_number, letters, tidy,
    without_address, without_stuck_number,
};
use crate::Error;

/// Brings the spellings of a merchant to one name; the description stays as it is.
///
/// | setting | default | meaning |
/// | --- | --- | --- |
/// | `aliases` | none | your names; they win over everything else |
/// | `known` | 42 chains and services | names that noise alone does not explain: `AMZNMktplace` is Amazon |
/// | `processors` | `PAYPAL`, `SQ`, `SUMUP`, `ZETTLE`, … | what stands before a star: `SQ *CAFE` is the café |
/// | `leading` | `CARD PAYMENT TO`, `KARTENZAHLUNG`, … | what banks write before the merchant |
/// | `legal_forms` | `LTD`, `PLC`, `GMBH`, … | taken off the end |
/// | `places` | 100 cities of the UK, the EU and the USA | taken off the end, beside the row's own city |
/// | `countries` | `GB`, `UK`, `USA`, … | taken off the end |
///
/// A list that is given replaces the default list. A name that no alias gives is in capitals.
///
/// # Examples
/// ```
/// use fincoach_transform::{MerchantAlias, MerchantNormaliser};
/// let merchants = MerchantNormaliser::default();
/// assert_eq!(merchants.normalise("TESCO STORES 3051 LEEDS CD 4921", None), "Tesco");
/// assert_eq!(merchants.normalise("SUMUP  *HAVANA SAL", Some("Nottingham")), "HAVANA SAL");
/// assert_eq!(merchants.normalise("KFC NOTTINGHA", Some("Nottingham")), "KFC");
/// let mine = merchants.with_alias(MerchantAlias::new("TAMBA TAM", "Dance class"));
/// assert_eq!(mine.normalise("tamba tam 02APR22", None), "Dance class");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Rules", into = "Rules")]
pub struct MerchantNormaliser {
    rules: Rules,
    aliases: AliasIndex,
    known: AliasIndex,
}

impl Default for MerchantNormaliser {
    fn default() -> Self {
        Rules::default().into()
    }
}

impl From<Rules> for MerchantNormaliser {
    fn from(rules: Rules) -> Self {
        let rules = rules.tidied();
        Self { aliases: AliasIndex::of(&rules.aliases), known: AliasIndex::of(&rules.known), rules }
    }
}

impl From<MerchantNormaliser> for Rules {
    fn from(normaliser: MerchantNormaliser) -> Self {
        normaliser.rules
    }
}

impl MerchantNormaliser {
    /// Adds a name of yours; of several that fit, the first one counts.
    #[must_use]
    pub fn with_alias(mut self, alias: MerchantAlias) -> Self {
        self.aliases.push(&alias);
        self.rules.aliases.push(alias);
        self
    }

    /// Adds a city, town or airport that may stand at the end of a description.
    #[must_use]
    pub fn with_place(mut self, place: &str) -> Self {
        self.rules.places.push(tidy(place));
        self
    }

    /// Adds a payment processor that stands before a star.
    #[must_use]
    pub fn with_processor(mut self, processor: &str) -> Self {
        self.rules.processors.push(tidy(processor));
        self
    }

    /// Your names, in the order they are tried.
    #[must_use]
    pub fn aliases(&self) -> &[MerchantAlias] {
        &self.rules.aliases
    }

    /// The merchant of a description, in a row of this city.
    ///
    /// The same text gives the same name; a name gives itself; a text with any sign in it gives a name. Where
    /// nothing but noise is found, the text in capitals is the name. `O(length × rules)`.
    #[must_use]
    pub fn normalise(&self, description: &str, city: Option<&str>) -> String {
        let mut text = tidy(description);
        if text.is_empty() {
            return description.to_owned();
        }
        loop {
            if let Some(name) = self.alias(&text) {
                return name.to_owned();
            }
            // Each pass takes signs or stars away or leaves all as it is, so there is an end.
            let next = self.pass(&text, city);
            if next == text || next.is_empty() || next.len() > text.len() {
                return text;
            }
            text = next;
        }
    }

    /// The ledger with the merchant of every row that has a description. Each description is normalised once for
    /// each city it stands with.
    ///
    /// # Errors
    /// [`Error::Data`] with more than 2³² distinct texts.
    pub fn name_merchants(&self, ledger: Ledger) -> Result<Ledger, Error> {
        let rows = ledger.all();
        let mut spellings: IndexMap<(Symbol, Symbol), u32> = IndexMap::new();
        let (mut names, mut of_rows) = (Vec::new(), Vec::with_capacity(rows.len()));
        for (description, city) in rows.descriptions().iter().zip(rows.cities()) {
            let Some(text) = ledger.text(*description) else {
                of_rows.push(None);
                continue;
            };
            let name = *spellings.entry((*description, *city)).or_insert_with(|| {
                names.push(self.normalise(text, ledger.text(*city)));
                u32::try_from(names.len() - 1).unwrap_or(u32::MAX)
            });
            of_rows.push(Some(name));
        }
        Ok(ledger.with_merchants(&names, &of_rows)?)
    }

    fn alias(&self, text: &str) -> Option<&str> {
        self.aliases.name_of(text).or_else(|| self.known.name_of(text))
    }

    /// One pass over all kinds of noise.
    fn pass(&self, text: &str, city: Option<&str>) -> String {
        let text = self.without_processor(self.without_leading(text));
        let text = text.trim_start_matches(['*', '-', '.', ',', '/', ':', '+', ' ']);
        let mut words: Vec<String> = text
            .replace('*', " ")
            .split_whitespace()
            .map(|word| without_stuck_number(without_address(word)).to_owned())
            .collect();
        drop_card(&mut words);
        drop_dates(&mut words);
        drop_reference(&mut words);
        drop_numbers(&mut words);
        trim_punctuation(&mut words);
        drop_legal_form(&mut words, &self.rules.legal_forms);
        drop_last(&mut words, &self.rules.countries);
        drop_state(&mut words, &self.rules.places, city);
        if let Some(city) = city {
            drop_city(&mut words, city);
        }
        drop_last(&mut words, &self.rules.places);
        words.join(" ")
    }

    fn without_leading<'t>(&self, text: &'t str) -> &'t str {
        let rest = self
            .rules
            .leading
            .iter()
            .find_map(|phrase| text.strip_prefix(phrase.as_str())?.strip_prefix(' '));
        rest.filter(|rest| letters(rest) >= 2).unwrap_or(text)
    }

    /// `SQ*CAFE` as `CAFE`; what follows the star must be a name.
    fn without_processor<'t>(&self, text: &'t str) -> &'t str {
        let behind = |name: &String| {
            let rest = text.strip_prefix(name.as_str())?;
            let bare = rest.trim_start_matches(['*', '_', ' ']);
            let marked = rest[..rest.len() - bare.len()].contains(['*', '_']);
            (marked && letters(bare) >= 2).then_some(bare)
        };
        self.rules.processors.iter().find_map(behind).unwrap_or(text)
    }
}

/// `CD 4921`, `CARD ENDING 4921`, `CD4921`, `XX4921`.
fn drop_card(words: &mut Vec<String>) {
    let is_card = |word: &str| matches!(word, "CD" | "CARD" | "KARTE" | "CARTE" | "TARJETA");
    if let Some(at) = (1..words.len()).find(|at| is_card(&words[*at])) {
        let link = |word: &&String| {
            matches!(word.as_str(), "ENDING" | "ENDING:" | "IN" | "NO" | "NO." | "NR" | "NUMBER")
        };
        let n_links = words[at + 1..].iter().take_while(link).count();
        if words.get(at + 1 + n_links).is_some_and(|word| is_card_number(word)) {
            words.drain(at..at + 2 + n_links);
        }
    }
    let joined = |word: &str| {
        word.strip_prefix("CD").is_some_and(|number| number.len() == 4 && is_card_number(number))
    };
    retain_after_first(words, |word| !is_masked_card(word) && !joined(word));
}

/// Dates and times anywhere, with the `ON` before them.
fn drop_dates(words: &mut Vec<String>) {
    let mut kept: Vec<String> = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let two = at + 1 < words.len() && !kept.is_empty() && is_day(&words[at]) && is_month(&words[at + 1]);
        let n_words = if two { 2 } else { usize::from(is_date(&words[at])) };
        if n_words == 0 {
            kept.push(words[at].clone());
        } else if kept.last().is_some_and(|word| word == "ON" || word == "AT") {
            kept.pop();
        }
        at += n_words.max(1);
    }
    if kept.iter().any(|word| letters(word) > 0) {
        *words = kept;
    }
}

/// `REF 123` and all behind it.
fn drop_reference(words: &mut Vec<String>) {
    let is_mark = |word: &str| {
        matches!(
            word.trim_end_matches([':', '.']),
            "REF" | "REFERENCE" | "MANDATE" | "INVOICE" | "INV" | "TXN" | "AUTH"
        )
    };
    let numbered =
        |at: usize| words[at + 1..].iter().take(2).any(|word| word.contains(|c: char| c.is_ascii_digit()));
    if let Some(at) = (1..words.len()).find(|at| is_mark(&words[*at]) && numbered(*at)) {
        words.truncate(at);
    }
}

/// A store number and all behind it (the place), codes, and a last number of any size.
fn drop_numbers(words: &mut Vec<String>) {
    if let Some(at) = (1..words.len()).find(|at| is_store_number(&words[*at]) && stands_alone(&words[..*at]))
    {
        words.truncate(at);
        let is_label = |word: &String| {
            matches!(
                word.as_str(),
                "STORE" | "STORES" | "STR" | "BRANCH" | "NO" | "NO." | "NR" | "UNIT" | "-" | "#"
            )
        };
        while words.len() > 1 && words.last().is_some_and(is_label) {
            words.pop();
        }
    }
    retain_after_first(words, |word| !is_code(word));
    if words.len() > 1
        && words.last().is_some_and(|word| is_day(word))
        && stands_alone(&words[..words.len() - 1])
    {
        words.pop();
    }
}

fn retain_after_first(words: &mut Vec<String>, keep: impl Fn(&str) -> bool) {
    let mut first = true;
    words.retain(|word| std::mem::take(&mut first) || keep(word));
}

fn trim_punctuation(words: &mut Vec<String>) {
    const MARKS: [char; 9] = ['*', '-', ',', '/', ':', '+', '&', '_', '.'];
    while words.len() > 1 && words.last().is_some_and(|word| word.chars().all(|c| MARKS.contains(&c))) {
        words.pop();
    }
    if let Some(last) = words.last_mut() {
        let end = last.trim_end_matches(['*', '-', ',', '/', ':', '+', '_', '.']).len();
        if end > 0 {
            last.truncate(end);
        }
    }
}
