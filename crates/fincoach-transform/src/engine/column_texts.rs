//! The distinct texts of one column.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// Where a row stands: piece of the file and row of the piece. Compares as the file runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowAt {
    pub(super) piece: u32,
    pub(super) row: u32,
}

/// One distinct text of a column.
#[derive(Debug)]
pub(super) struct Entry {
    start: usize,
    len: usize,
    hash: u64,
    /// Rows that have it.
    pub(super) rows: u64,
    /// The first of them.
    pub(super) first: RowAt,
}

/// Numbers the texts of a column from 1 on; 0 is no text.
#[derive(Debug, Default)]
pub(super) struct ColumnTexts {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    table: HashTable<u32>,
    hasher: FixedState,
    last: u32,
    /// Rows without a text.
    pub(super) blanks: u64,
}

impl ColumnTexts {
    /// The number of a text, 0 when there are too many.
    #[inline]
    pub(super) fn number(&mut self, text: &[u8], at: RowAt) -> u32 {
        if text.is_empty() {
            self.blanks += 1;
            return 0;
        }
        // Neighbours are often equal: one country, one user, one day's bus rides.
        if !same(self.text(self.last), text) {
            self.last = self.find(text, at);
        }
        if let Some(entry) = self.entries.get_mut((self.last as usize).wrapping_sub(1)) {
            entry.rows += 1;
        }
        self.last
    }

    #[inline]
    fn find(&mut self, text: &[u8], at: RowAt) -> u32 {
        let hash = self.hash(text);
        match self.table.find(hash, |number| same(self.text(*number), text)) {
            Some(number) => *number,
            None => self.add(text, hash, at),
        }
    }

    #[inline]
    fn hash(&self, text: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(text);
        hasher.finish()
    }

    #[cold]
    fn add(&mut self, text: &[u8], hash: u64, at: RowAt) -> u32 {
        let Ok(number) = u32::try_from(self.entries.len() + 1) else { return 0 };
        let Self { bytes, entries, table, .. } = self;
        entries.push(Entry { start: bytes.len(), len: text.len(), hash, rows: 0, first: at });
        bytes.extend_from_slice(text);
        table.insert_unique(hash, number, |number| entries[*number as usize - 1].hash);
        number
    }

    #[inline]
    fn text(&self, number: u32) -> &[u8] {
        let entry = self.entries.get((number as usize).wrapping_sub(1));
        entry.and_then(|entry| self.bytes.get(entry.start..entry.start + entry.len)).unwrap_or_default()
    }

    /// The texts in the order of their numbers.
    pub(super) fn entries(&self) -> impl ExactSizeIterator<Item = (&str, &Entry)> {
        let text = |entry: &Entry| self.bytes.get(entry.start..entry.start + entry.len).unwrap_or_default();
        // Only whole fields of a text are numbered, so all are UTF-8.
        self.entries.iter().map(move |entry| (std::str::from_utf8(text(entry)).unwrap_or_default(), entry))
    }
}

/// Whether two texts are equal; most are short, and a call of the general comparison costs more than this.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len()
        && match a.len() {
            0 => true,
            1 => a.first() == b.first(),
            2..=3 => ends::<2>(a) == ends::<2>(b),
            4..=7 => ends::<4>(a) == ends::<4>(b),
            8..=16 => ends::<8>(a) == ends::<8>(b),
            17..=32 => ends::<16>(a) == ends::<16>(b),
            _ => a == b,
        }
}

/// The first and the last bytes, which may overlap.
#[inline]
fn ends<const N: usize>(text: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
    text.first_chunk().zip(text.last_chunk())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn short_texts_are_compared_as_texts(
            length in 0_usize..40,
            at in 0_usize..40,
            differs in any::<bool>(),
        ) {
            let a: Vec<u8> = (0..40).collect();
            let mut b = a.clone();
            b[at] ^= u8::from(differs);
            prop_assert_eq!(same(&a[..length], &b[..length]), a[..length] == b[..length]);
        }
    }
}
