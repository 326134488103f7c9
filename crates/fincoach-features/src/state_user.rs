//! The look-back of one user, with its rows.

use crate::Error;
use crate::slide::Slide;
use crate::sliding::{Ring, SparseTally};
use crate::table_plan::moment;
use crate::window::{Booking, Window};

/// The rows of one user's look-back and their counts; at least one row was pushed before anything is asked.
#[derive(Clone, Debug)]
pub(crate) struct UserState {
    slide: Slide<SparseTally>,
    rows: Ring<Booking>,
    n_past: usize,
}

impl UserState {
    pub(crate) fn new(minor_per_major: f64) -> Self {
        let slide = Slide::new(minor_per_major, [SparseTally::default(), SparseTally::default()]);
        Self { slide, rows: Ring::default(), n_past: 0 }
    }

    /// Adds a row that is not older than the last; rows more than `lookback` seconds before it leave.
    pub(crate) fn push(&mut self, row: Booking, lookback: i64) {
        while let Some(old) = self.rows.pop_before(row.time - lookback) {
            self.slide.remove(&old, self.rows.oldest().map(|next| next.time));
        }
        self.slide.add(&row, self.rows.newest().map(|last| last.time));
        self.rows.push(row);
        self.n_past = self.n_past.saturating_add(1);
    }

    /// Says how many rows there were before those of the look-back; `None` where they cannot be counted.
    pub(crate) fn set_n_before(&mut self, n_before: usize) -> Option<()> {
        self.n_past = self.rows.len().checked_add(n_before)?;
        Some(())
    }

    /// Changes what a major unit is worth in minor ones; the sums are in minor units.
    pub(crate) const fn set_minor_per_major(&mut self, minor_per_major: f64) {
        self.slide.set_minor_per_major(minor_per_major);
    }

    /// Rows so far, those that have left the look-back included.
    pub(crate) const fn n_past(&self) -> usize {
        self.n_past
    }

    /// Rows that have left the look-back.
    pub(crate) fn n_before(&self) -> usize {
        self.n_past - self.rows.len()
    }

    /// The time of the last row.
    pub(crate) fn last_time(&self) -> i64 {
        self.rows.newest().map_or(i64::MIN, |row| row.time)
    }

    /// The rows of the look-back, oldest first.
    pub(crate) fn rows(&self) -> impl ExactSizeIterator<Item = &Booking> {
        self.rows.iter()
    }

    /// The window for features.
    pub(crate) fn window(&self, user: &str) -> Result<Window, Error> {
        if !self.slide.lacks_a_balance() {
            return Ok(self.slide.window());
        }
        let missing = self.rows().enumerate().find(|(_, row)| row.balance.is_none());
        let (row, time, source_row) =
            missing.map_or((0, 0, 0), |(place, row)| (self.n_before() + place, row.time, row.source_row));
        Err(Error::MissingBalance { user: user.to_owned(), row, source_row, time: moment(time) })
    }
}
