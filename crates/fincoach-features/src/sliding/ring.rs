//! The rows of a window.

use std::collections::VecDeque;

/// Something with a time, in seconds.
pub(crate) trait Dated {
    fn time(&self) -> i64;
}

/// The rows of a window, oldest first, in the order of their times; rows that leave it are handed out.
#[derive(Clone, Debug)]
pub(crate) struct Ring<T>(VecDeque<T>);

impl<T> Default for Ring<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T: Dated> Ring<T> {
    /// Adds a row that is not older than the newest one.
    pub(crate) fn push(&mut self, row: T) {
        self.0.push_back(row);
    }

    /// Takes out the oldest row, if it is older than `start`.
    pub(crate) fn pop_before(&mut self, start: i64) -> Option<T> {
        if self.oldest()?.time() < start { self.0.pop_front() } else { None }
    }

    /// The oldest row.
    pub(crate) fn oldest(&self) -> Option<&T> {
        self.0.front()
    }

    /// The newest row.
    pub(crate) fn newest(&self) -> Option<&T> {
        self.0.back()
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The rows, oldest first.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &T> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Dated for i64 {
        fn time(&self) -> i64 {
            *self
        }
    }

    #[test]
    fn rows_leave_in_their_order_and_the_edge_stays() {
        let mut ring = Ring::default();
        [1, 5, 5, 9].into_iter().for_each(|time| ring.push(time));
        assert_eq!([ring.pop_before(5), ring.pop_before(5), ring.pop_before(6)], [Some(1), None, Some(5)]);
        assert_eq!((ring.oldest(), ring.newest(), ring.len()), (Some(&5), Some(&9), 2));
        assert_eq!(ring.iter().copied().collect::<Vec<_>>(), [5, 9]);
    }
}
