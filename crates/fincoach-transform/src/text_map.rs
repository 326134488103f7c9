//! A table from texts of an export to values of ours.

use std::collections::BTreeMap;

use fincoach_core::DataError;
use serde::{Deserialize, Serialize};

/// How a text of the export is compared with the texts of a map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matching {
    /// Character by character: `Groceries ` with its stray space is not `Groceries`.
    Exact,
    /// Without spaces at the ends, runs of spaces as one, capital and small letters alike.
    #[default]
    Folded,
}

impl Matching {
    pub(crate) fn key(self, text: &str) -> String {
        match self {
            Self::Exact => text.to_owned(),
            Self::Folded => fold(text),
        }
    }
}

/// The text in small letters, without spaces at its ends and with single ones inside.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded
}

/// The table; keys are stored as they are compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    try_from = "Repr<V>",
    into = "Repr<V>",
    bound = "V: Clone + Copy + PartialEq + Serialize + for<'a> Deserialize<'a>"
)]
pub(crate) struct TextMap<V> {
    matching: Matching,
    entries: BTreeMap<String, V>,
}

impl<V: Copy> TextMap<V> {
    pub(crate) const fn new(matching: Matching) -> Self {
        Self { matching, entries: BTreeMap::new() }
    }

    pub(crate) fn of(matching: Matching, table: &[(V, &[&str])]) -> Self {
        let mut map = Self::new(matching);
        for (value, texts) in table {
            for text in *texts {
                map.insert(text, *value);
            }
        }
        map
    }

    pub(crate) fn insert(&mut self, text: &str, value: V) {
        self.entries.insert(self.matching.key(text), value);
    }

    pub(crate) fn get(&self, text: &str) -> Option<V> {
        match self.matching {
            Matching::Exact => self.entries.get(text).copied(),
            Matching::Folded => self.entries.get(&fold(text)).copied(),
        }
    }

    pub(crate) const fn matching(&self) -> Matching {
        self.matching
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, V)> {
        self.entries.iter().map(|(text, value)| (text.as_str(), *value))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr<V> {
    #[serde(default)]
    matching: Matching,
    entries: BTreeMap<String, V>,
}

impl<V> From<TextMap<V>> for Repr<V> {
    fn from(map: TextMap<V>) -> Self {
        Self { matching: map.matching, entries: map.entries }
    }
}

impl<V: Copy + PartialEq> TryFrom<Repr<V>> for TextMap<V> {
    type Error = DataError;

    fn try_from(repr: Repr<V>) -> Result<Self, DataError> {
        let mut map = Self::new(repr.matching);
        for (text, value) in repr.entries {
            if map.get(&text).is_some_and(|known| known != value) {
                return Err(DataError::Duplicate { what: "text of a map", name: text });
            }
            map.insert(&text, value);
        }
        Ok(map)
    }
}
