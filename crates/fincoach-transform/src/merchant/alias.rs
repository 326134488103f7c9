//! Names that stand for what a description begins with, or is.

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

    /// Whether the tidied text fits.
    fn fits(&self, text: &str) -> bool {
        let pattern = tidy(&self.pattern);
        let rest = text.strip_prefix(pattern.as_str()).filter(|_| !pattern.is_empty());
        rest.is_some_and(|rest| match self.how {
            AliasMatch::Whole => rest.is_empty(),
            AliasMatch::Start => {
                // A pattern that ends in a star or a space has ended its word itself.
                !pattern.ends_with(char::is_alphanumeric) || !rest.starts_with(char::is_alphanumeric)
            }
            AliasMatch::Prefix => true,
        })
    }

    /// Whether the tidied text is the name itself, in any case.
    fn is_name(&self, text: &str) -> bool {
        tidy(&self.name) == text
    }
}

/// The name that a tidied text stands for: names first, so that a name stands for itself; then the first pattern
/// that fits. An empty name stands for nothing.
pub(super) fn name_of<'a>(aliases: &'a [MerchantAlias], text: &str) -> Option<&'a str> {
    let named = || aliases.iter().filter(|alias| !tidy(&alias.name).is_empty());
    let fitting =
        named().find(|alias| alias.is_name(text)).or_else(|| named().find(|alias| alias.fits(text)))?;
    // Of names that differ in case alone the first one stands for all, or naming twice would change a name.
    let name = tidy(&fitting.name);
    named().find(|alias| alias.is_name(&name)).map(|alias| alias.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_words_unless_told_otherwise() {
        let start = MerchantAlias::new("uber", "Uber");
        assert!(start.fits("UBER") && start.fits("UBER *TRIP") && !start.fits("UBERTO"));
        let whole = start.clone().with_how(AliasMatch::Whole);
        assert!(whole.fits("UBER") && !whole.fits("UBER TRIP"));
        assert!(start.with_how(AliasMatch::Prefix).fits("UBERTO"));
        assert!(!MerchantAlias::new(" ", "Nothing").fits("ANY"));
    }

    #[test]
    fn a_name_stands_for_itself_before_any_pattern() {
        let aliases =
            [MerchantAlias::new("A", "B"), MerchantAlias::new("B", "C"), MerchantAlias::new("D", "b")];
        assert_eq!(name_of(&aliases, "A 1"), Some("B"));
        assert_eq!(name_of(&aliases, "B"), Some("B"), "not C");
        assert_eq!(name_of(&aliases, "D"), Some("B"), "not b");
        assert_eq!(name_of(&aliases, "B 2"), Some("C"));
        assert_eq!(name_of(&aliases, "E"), None);
    }
}
