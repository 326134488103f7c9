//! Users cut from the timeline of one account.

use fincoach_core::chrono::DateTime;

use crate::users::Timeline;

/// Which user the rows of one account belong to, in the order of time.
#[derive(Debug)]
pub(super) struct UserSpans {
    /// Users with the numbers of their rows, in the order of time.
    spans: Vec<(i64, usize)>,
}

impl UserSpans {
    pub(super) fn of(timeline: Timeline, times: &[i64]) -> Self {
        let mut spans: Vec<(i64, usize)> = Vec::new();
        for day in times.chunk_by(|a, b| a.div_euclid(DAY) == b.div_euclid(DAY)) {
            let date = day.first().and_then(|time| DateTime::from_timestamp(*time, 0)).unwrap_or_default();
            let user = timeline.user(date.date_naive());
            match spans.last_mut() {
                Some((last, rows)) if *last == user => *rows += day.len(),
                _ => spans.push((user, day.len())),
            }
        }
        Self { spans }
    }

    /// The rows to move from the front to before a place, so that users stand in their order: `(rows, place)`.
    ///
    /// Only the notebook's rule gives the first span to the last user.
    pub(super) fn rotation(&self) -> (usize, usize) {
        let n_rows = self.spans.iter().map(|(_, rows)| rows).sum();
        match self.spans.as_slice() {
            [(first, rows), .., (last, behind)] if first >= last => {
                (*rows, if first == last { n_rows - behind } else { n_rows })
            }
            _ => (0, n_rows),
        }
    }

    /// Users in their order, and where the rows of each begin after the rotation, and where the last one's end.
    pub(super) fn users(mut self) -> (Vec<String>, Vec<usize>) {
        self.spans.sort_by_key(|(user, _)| *user);
        let (mut names, mut offsets) = (Vec::new(), vec![0]);
        for user in self.spans.chunk_by(|a, b| a.0 == b.0) {
            names.extend(user.first().map(|(user, _)| user.to_string()));
            offsets.push(offsets[names.len() - 1] + user.iter().map(|(_, rows)| rows).sum::<usize>());
        }
        (names, offsets)
    }
}

/// Seconds of a day.
const DAY: i64 = 86_400;
