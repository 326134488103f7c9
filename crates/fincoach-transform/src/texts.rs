//! The distinct texts of a file, numbered in the order they are met.

use std::collections::BTreeMap;

use indexmap::IndexSet;

use crate::text_map::fold;

/// Number of a text; 0 is no text.
pub(crate) type TextId = u32;

#[derive(Debug, Default)]
pub(crate) struct Texts(IndexSet<Box<str>>);

impl Texts {
    /// The number of a text, `None` when there are too many.
    pub(crate) fn intern(&mut self, text: &str) -> Option<TextId> {
        if text.is_empty() {
            return Some(0);
        }
        // Looked up first: most texts are known, and an insert would allocate for each.
        let index = match self.0.get_index_of(text) {
            Some(index) => index,
            None => self.0.insert_full(text.into()).0,
        };
        u32::try_from(index + 1).ok()
    }

    pub(crate) fn get(&self, id: TextId) -> Option<&str> {
        self.0.get_index((id as usize).checked_sub(1)?).map(AsRef::as_ref)
    }

    /// One more than the largest number in use.
    pub(crate) fn n_ids(&self) -> usize {
        self.0.len() + 1
    }

    /// How often each number occurs.
    pub(crate) fn count(&self, ids: impl Iterator<Item = TextId>) -> Vec<u64> {
        let mut counts = vec![0; self.n_ids()];
        ids.for_each(|id| counts[id as usize] += 1);
        counts
    }

    /// For each number, the one of the spelling to use: of texts that fold to the same, the one that occurs
    /// most often, the first met where two occur equally often.
    pub(crate) fn spellings(&self, counts: &[u64]) -> Vec<TextId> {
        let mut best: BTreeMap<String, TextId> = BTreeMap::new();
        let used = (1_u32..).zip(&self.0).filter(|(id, _)| counts[*id as usize] > 0);
        for (id, text) in used.clone() {
            let held = best.entry(fold(text)).or_insert(id);
            if counts[id as usize] > counts[*held as usize] {
                *held = id;
            }
        }
        let mut spellings = vec![0; self.n_ids()];
        for (id, text) in used {
            spellings[id as usize] = best.get(&fold(text)).copied().unwrap_or(id);
        }
        spellings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_spelling_wins_and_ties_go_to_the_first() {
        let mut texts = Texts::default();
        let words = ["leeds", "Leeds", "LEEDS", "york", "York", "unused"];
        let ids: Vec<TextId> = words.iter().map(|word| texts.intern(word).unwrap()).collect();
        assert_eq!(ids, [1, 2, 3, 4, 5, 6]);
        let counts = texts.count([1, 2, 2, 3, 4, 5].into_iter());
        assert_eq!(texts.spellings(&counts), [0, 2, 2, 2, 4, 4, 0]);
        assert_eq!((texts.get(0), texts.get(2)), (None, Some("Leeds")));
    }
}
