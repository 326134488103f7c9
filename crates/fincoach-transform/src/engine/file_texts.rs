//! The texts of all workers, numbered as one.

use foldhash::fast::FixedState;
use indexmap::{IndexMap, IndexSet};

use super::column_texts::{Entry, RowAt};
use super::piece::Worker;
use super::text_columns::OfTexts;
use crate::Error;
use crate::error::Place;
use crate::text_map::fold;

/// How often a text stands in a column, and where first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) rows: u64,
    pub(super) first: RowAt,
}

impl Use {
    fn of(entry: &Entry) -> Self {
        Self { rows: entry.rows, first: entry.first }
    }

    fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.first = self.first.min(other.first);
    }
}

/// The uses of the texts of a column, by number.
pub(super) type Uses = IndexMap<u32, Use, FixedState>;

/// Distinct texts, numbered from 1 on in no particular order, and what each worker's numbers became.
#[derive(Debug, Default)]
pub(super) struct FileTexts {
    texts: IndexSet<Box<str>, FixedState>,
    /// For each worker and column: number of the worker → number here; 0 stays 0.
    maps: Vec<OfTexts<Vec<u32>>>,
}

impl FileTexts {
    /// The texts of some columns of all workers.
    pub(super) fn of(workers: &[Worker], columns: &[usize], place: &Place) -> Result<Self, Error> {
        let mut texts = Self::default();
        for worker in workers {
            let mut maps = OfTexts::<Vec<u32>>::default();
            for column in columns {
                let numbers = worker.texts[*column].entries().map(|(text, _)| texts.number(text));
                let known: Option<Vec<u32>> = std::iter::once(Some(0)).chain(numbers).collect();
                maps[*column] = known.ok_or_else(|| Error::TooManyRows { place: place.clone() })?;
            }
            texts.maps.push(maps);
        }
        Ok(texts)
    }

    fn number(&mut self, text: &str) -> Option<u32> {
        // Looked up first: most texts are known, and an insert would allocate for each.
        let index = match self.texts.get_index_of(text) {
            Some(index) => index,
            None => self.texts.insert_full(text.into()).0,
        };
        u32::try_from(index + 1).ok()
    }

    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    pub(super) fn text(&self, number: u32) -> Option<&str> {
        self.texts.get_index((number as usize).checked_sub(1)?).map(AsRef::as_ref)
    }

    pub(super) fn into_texts(self) -> Vec<Box<str>> {
        self.texts.into_iter().collect()
    }

    /// What the numbers of a worker in a column became.
    pub(super) fn map(&self, worker: usize, column: usize) -> &[u32] {
        &self.maps[worker][column]
    }

    /// The uses of the texts of a column; blanks are not among them.
    pub(super) fn uses(&self, workers: &[Worker], column: usize) -> Uses {
        let mut uses = Uses::default();
        for (worker, maps) in workers.iter().zip(&self.maps) {
            for (number, (_, entry)) in maps[column].iter().skip(1).zip(worker.texts[column].entries()) {
                let new = Use::of(entry);
                uses.entry(*number).and_modify(|known: &mut Use| known.merge(new)).or_insert(new);
            }
        }
        uses
    }

    /// Of texts of a column that differ only in case and spaces, all become the one with most rows, the first
    /// in the file where two have equally many.
    pub(super) fn unify(&mut self, workers: &[Worker], column: usize) {
        let uses = self.uses(workers, column);
        let mut best: IndexMap<String, (u32, Use), FixedState> = IndexMap::default();
        for (number, new) in &uses {
            let held = best.entry(fold(self.text(*number).unwrap_or_default())).or_insert((*number, *new));
            let more = new.rows.cmp(&held.1.rows).then_with(|| held.1.first.cmp(&new.first));
            if more.is_gt() {
                *held = (*number, *new);
            }
        }
        let mut spelling: IndexMap<u32, u32, FixedState> = IndexMap::default();
        for number in uses.keys() {
            let best = best.get(&fold(self.text(*number).unwrap_or_default()));
            spelling.insert(*number, best.map_or(*number, |(best, _)| *best));
        }
        for maps in &mut self.maps {
            for number in &mut maps[column] {
                *number = spelling.get(number).copied().unwrap_or(*number);
            }
        }
    }

    /// How many texts are in use.
    pub(super) fn n_used(&self) -> usize {
        let mut used = vec![false; self.len() + 1];
        self.maps.iter().flatten().flatten().for_each(|number| used[*number as usize] = true);
        used.iter().skip(1).filter(|used| **used).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text_columns::CITY;

    #[test]
    fn the_most_frequent_spelling_wins_and_ties_go_to_the_first() {
        let mut workers = [Worker::default(), Worker::default()];
        let place = |piece, row| RowAt { piece, row };
        for (worker, text, at) in [
            (1, "LEEDS", place(0, 0)),
            (0, "leeds", place(1, 0)),
            (0, "Leeds", place(1, 1)),
            (1, "Leeds", place(2, 0)),
            (1, "York", place(2, 1)),
            (0, "york", place(3, 0)),
        ] {
            workers[worker].texts[CITY].number(text.as_bytes(), at);
        }
        let mut texts = FileTexts::of(&workers, &[CITY], &Place { file: "f".into(), line: 1 }).unwrap();
        texts.unify(&workers, CITY);
        let unified = |worker| {
            let map = texts.map(worker, CITY).iter().skip(1);
            map.map(|number| texts.text(*number).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(unified(0), ["Leeds", "Leeds", "York"]);
        assert_eq!(unified(1), ["Leeds", "Leeds", "York"]);
        assert_eq!(texts.n_used(), 2);
    }
}
