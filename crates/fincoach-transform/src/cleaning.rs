//! What happens to texts on the way into a ledger.

use serde::{Deserialize, Serialize};

use crate::Matching;

/// Whether texts of the export are tidied.
///
/// | text | [`TextCleaning::Keep`] | [`TextCleaning::Trim`] |
/// | --- | --- | --- |
/// | description, user | as it is | without spaces at the ends |
/// | city, country | as it is | the same, and spellings that differ only in case and spaces become the one with most rows (the first in the file where they are equal) |
/// | raw type, raw category | as it is | as it is: they tell what the export said; the maps have their own [`Matching`] |
///
/// Under `Trim` a field of spaces counts as blank. Features count distinct cities, so cleaning changes them:
/// the notebook's numbers need `Keep`. A reader that is told neither takes `Keep` with a category map that
/// compares exactly (as the notebook's does) and `Trim` otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextCleaning {
    /// Every text as the export has it.
    Keep,
    /// Stray spaces and differing spellings of places are tidied.
    Trim,
}

impl TextCleaning {
    /// The cleaning that goes with a way to compare categories.
    pub(crate) const fn fitting(matching: Matching) -> Self {
        match matching {
            Matching::Exact => Self::Keep,
            Matching::Folded => Self::Trim,
        }
    }

    pub(crate) fn apply(self, text: &str) -> &str {
        match self {
            Self::Keep => text,
            Self::Trim => text.trim(),
        }
    }
}
