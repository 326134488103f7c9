//! Names that stand for what a description begins with, or is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::words::tidy;

/// How much of a description the pattern of an alias must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AliasMatch {
    /// All of it, with or without the noise.
    Whole,
    /// Its beginning, up to the end of a word.
    #[default]
    Start,
    /// Its beginning, words being cut anywhere: `DELIVEROO` for `DELIVEROOCOUK`.
    Prefix,
}

/// One name for the descriptions that fit a pattern.
///
/// As data: `{ pattern = "AMZN MKTP", name = "Amazon", how = "start" }`; `how` may be left out. Case and runs of
/// spaces do not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MerchantAlias {
    /// What the description is or begins with.
    pub pattern: String,
    /// The merchant.
    pub name: String,
    /// How much of the description the pattern must be.
    #[serde(default)]
    pub how: AliasMatch,
}

impl MerchantAlias {
    /// An alias for descriptions that begin with the words of `pattern`.
    #[must_use]
    pub fn new(pattern: impl Into<String>, name: impl Into<String>) -> Self {
        Self { pattern: pattern.into(), name: name.into(), how: AliasMatch::Start }
    }

    /// The same alias, compared in this way.
    #[must_use]
    pub const fn with_how(mut self, how: AliasMatch) -> Self {
        self.how = how;
        self
    }
}

/// Aliases made ready for looking up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct AliasIndex {
    patterns: Vec<Pattern>,
    /// Tidied name → the first spelling of it.
    names: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    /// Tidied.
    text: String,
    how: AliasMatch,
    /// Tidied name.
    name: String,
}

impl AliasIndex {
    pub(super) fn of(aliases: &[MerchantAlias]) -> Self {
        let mut index = Self::default();
        aliases.iter().for_each(|alias| index.push(alias));
        index
    }

    /// Adds an alias behind the others. An empty name or pattern stands for nothing.
    pub(super) fn push(&mut self, alias: &MerchantAlias) {
        let (text, name) = (tidy(&alias.pattern), tidy(&alias.name));
        if name.is_empty() {
            return;
        }
        // Of names that differ in case alone the first one stands for all, or naming twice would change a name.
        self.names.entry(name.clone()).or_insert_with(|| alias.name.clone());
        if !text.is_empty() {
            self.patterns.push(Pattern { text, how: alias.how, name });
        }
    }

    /// The name that a tidied text stands for: names first, so that a name stands for itself; then the first pattern
    /// that fits.
    pub(super) fn name_of(&self, text: &str) -> Option<&str> {
        let fitting =
            || self.patterns.iter().find(|pattern| pattern.fits(text)).map(|pattern| pattern.name.as_str());
        let name = self.names.get(text).or_else(|| self.names.get(fitting()?))?;
        Some(name)
    }
}

impl Pattern {
    fn fits(&self, text: &str) -> bool {
        let Some(rest) = text.strip_prefix(self.text.as_str()) else { return false };
        match self.how {
            AliasMatch::Whole => rest.is_empty(),
            AliasMatch::Start => {
                // A pattern that ends in a star or a space has ended its word itself.
                !self.text.ends_with(char::is_alphanumeric) || !rest.starts_with(char::is_alphanumeric)
            }
            AliasMatch::Prefix => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(alias: &MerchantAlias, text: &str) -> bool {
        AliasIndex::of(std::slice::from_ref(alias)).patterns.iter().any(|pattern| pattern.fits(text))
    }

    #[test]
    fn patterns_fit_whole_words_unless_told_otherwise() {
        let start = MerchantAlias::new("uber", "Uber");
        assert!(fits(&start, "UBER") && fits(&start, "UBER*TRIP") && !fits(&start, "UBERTO"));
        let whole = start.clone().with_how(AliasMatch::Whole);
        assert!(fits(&whole, "UBER") && !fits(&whole, "UBER TRIP"));
        assert!(fits(&start.with_how(AliasMatch::Prefix), "UBERTO"));
        assert!(fits(&MerchantAlias::new("AMZ*", "Amazon"), "AMZ*DEALS"));
        assert!(!fits(&MerchantAlias::new(" ", "Nothing"), "ANY"));
    }

    #[test]
    fn a_name_stands_for_itself_before_any_pattern() {
        let aliases =
            [MerchantAlias::new("A", "B"), MerchantAlias::new("B", "C"), MerchantAlias::new("D", "b")];
        let index = AliasIndex::of(&aliases);
        assert_eq!(index.name_of("A 1"), Some("B"));
        assert_eq!(index.name_of("B"), Some("B"), "not C");
        assert_eq!(index.name_of("D"), Some("B"), "not b");
        assert_eq!(index.name_of("B 2"), Some("C"));
        assert_eq!(index.name_of("E"), None);
    }
}
