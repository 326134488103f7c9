//! The fields of a record that stand in a longer text.

use crate::plan::Fields;

/// Fields by their bounds in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CutFields<'a> {
    text: &'a str,
    bounds: &'a [(usize, usize)],
    line: u64,
}

impl<'a> CutFields<'a> {
    pub(crate) const fn new(text: &'a str, bounds: &'a [(usize, usize)], line: u64) -> Self {
        Self { text, bounds, line }
    }
}

impl Fields for CutFields<'_> {
    fn n_fields(&self) -> usize {
        self.bounds.len()
    }

    fn field(&self, position: usize) -> &str {
        self.bounds.get(position).and_then(|(start, end)| self.text.get(*start..*end)).unwrap_or("")
    }

    fn line(&self) -> u64 {
        self.line
    }
}
