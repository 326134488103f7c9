//! Texts stored once each.

use foldhash::fast::FixedState;
use indexmap::IndexSet;
use serde::{Deserialize, Serialize};

/// A text of one ledger: equal symbols are equal texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Symbol(u32);

impl Symbol {
    /// No text.
    pub const MISSING: Self = Self(0);

    /// 0 for a missing text, otherwise 1 to the number of distinct texts.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The symbol of this index; a ledger it is put in checks that there is such a text.
    #[must_use]
    pub const fn from_index(index: u32) -> Self {
        Self(index)
    }

    /// Whether there is no text.
    #[must_use]
    pub const fn is_missing(self) -> bool {
        self.0 == 0
    }
}

/// The distinct texts in the order they were first seen.
#[derive(Debug, Default)]
pub(super) struct Symbols(IndexSet<Box<str>, FixedState>);

impl Symbols {
    /// The texts of a ledger, each of which stands in it once.
    pub(super) fn of(texts: Vec<Box<str>>) -> Self {
        Self(texts.into_iter().collect())
    }

    /// The symbol of a text, or `None` once there are more texts than a symbol can number.
    pub(super) fn intern(&mut self, text: Option<&str>) -> Option<Symbol> {
        let Some(text) = text else { return Some(Symbol::MISSING) };
        // Looked up first: most texts are known, and an insert would allocate for each.
        let index = match self.0.get_index_of(text) {
            Some(index) => index,
            None => self.0.insert_full(text.into()).0,
        };
        u32::try_from(index + 1).ok().map(Symbol)
    }

    pub(super) fn into_texts(self) -> Vec<Box<str>> {
        self.0.into_iter().collect()
    }
}
